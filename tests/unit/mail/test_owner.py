"""An owner can stand in a header, or there is none."""

import pytest

from nurture.errors import DefinitionError
from nurture.mail.owner import Owner


def test_a_name_is_not_needed() -> None:
    assert Owner("", "hanako@example.jp").name == ""


@pytest.mark.parametrize(
    ("name", "address", "field"),
    [
        ("a\r\nBcc: x", "hanako@example.jp", "owner.name"),
        ("=?utf-8?b?DQo=?=", "hanako@example.jp", "owner.name"),
        ("花子", "no address", "owner.address"),
        ("花子", "a@b.c, d@e.f", "owner.address"),
    ],
)
def test_what_cannot_stand_in_a_header_is_refused(name: str, address: str, field: str) -> None:
    with pytest.raises(DefinitionError, match=field):
        Owner(name, address)


def test_all_problems_come_at_once() -> None:
    with pytest.raises(DefinitionError) as caught:
        Owner("a\n", "b")
    assert len(caught.value.problems) == 2
