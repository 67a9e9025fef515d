"""What identifies a lead: different spellings of one address are one person."""

from __future__ import annotations

import pytest

from nurture.model import identifiers_of


def key(email: str) -> str:
    (found,) = identifiers_of({"email": email}, {})
    return found.key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("da..me.@docomo.ne.jp", '"da..me."@docomo.ne.jp'),
        ("Hana@Example.com", "hana@example.COM"),
        ("plain@example.jp", '"plain"@example.jp'),
        ("ｈａｎａ@example.jp", "hana@example.jp"),
    ],
)
def test_spellings_of_one_address_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)


def test_different_addresses_have_different_keys() -> None:
    addresses = [
        "a@example.jp",
        "a.b@example.jp",
        "ab@example.jp",
        "a+b@example.jp",
        "a@example.com",
        "da.me@docomo.ne.jp",
    ]
    assert len({key(one) for one in [*addresses, "da..me@docomo.ne.jp"]}) == len(addresses) + 1
