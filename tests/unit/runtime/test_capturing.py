"""Taking people in: what is refused is named by its field, never shown."""

from __future__ import annotations

import pytest

from nurture import Nurture, Program
from nurture.errors import InvalidFactError
from nurture.storage import MemoryStorage


@pytest.mark.parametrize(("zone", "near"), [("Asia/Tokio", "'Asia/Tokyo'"), ("Taro 03-0000-0000", "'Asia/Tokyo'")])
def test_an_unknown_zone_is_not_shown_but_its_near_misses_are(zone: str, near: str) -> None:
    crm = Nurture(Program(), MemoryStorage())
    known = crm.capture(email="a@example.jp")
    for attempt in (lambda: crm.capture(email="b@example.jp", zone=zone), lambda: crm.update(known.id, zone=zone)):
        with pytest.raises(
            InvalidFactError, match=rf"^lead\.zone: expected an IANA time zone, such as {near}"
        ) as raised:
            attempt()
        assert zone not in str(raised.value)


def test_ids_of_other_systems_are_checked_like_every_text() -> None:
    crm = Nurture(Program(), MemoryStorage())
    with pytest.raises(InvalidFactError, match=r"lead\.external_ids\.crm: expected text without U\+0000"):
        crm.capture(email="a@example.jp", external_ids={"crm": "7\x00"})
