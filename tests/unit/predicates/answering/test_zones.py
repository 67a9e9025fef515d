"""Whose zone a clause about the calendar is read in."""

import pytest

from nurture.errors import UnknownNameError
from nurture.model import Sight
from nurture.predicates import Names
from nurture.predicates.answering.zones import zone_reader

TOKYO, PARIS = {"zone": "Asia/Tokyo"}, {"zone": "Europe/Paris"}


@pytest.mark.parametrize(
    ("name", "lead", "account", "zone"),
    [
        (None, TOKYO, PARIS, "Asia/Tokyo"),
        (None, {}, PARIS, "Europe/Paris"),
        (None, {"zone": "Mars/Olympus"}, PARIS, "Europe/Paris"),
        (None, {"zone": ("Asia/Tokyo",)}, {}, "Asia/Seoul"),
        (None, {"zone": ""}, {"zone": None}, "Asia/Seoul"),
        ("lead", TOKYO, PARIS, "Asia/Tokyo"),
        ("lead", {}, PARIS, "Asia/Seoul"),
        ("account", TOKYO, PARIS, "Europe/Paris"),
        ("account", TOKYO, {}, "Asia/Seoul"),
        ("America/Lima", TOKYO, PARIS, "America/Lima"),
    ],
)
def test_the_chain_of_zones(name: str | None, lead: dict, account: dict, zone: str) -> None:
    assert zone_reader(name, Names(zone="Asia/Seoul"))(Sight(lead=lead, account=account)).key == zone


def test_a_zone_that_does_not_exist_is_refused_when_compiled() -> None:
    with pytest.raises(UnknownNameError, match="Asia/Tokio"):
        zone_reader("Asia/Tokio", Names())
