"""Who looks after a lead: its own owner, the account's, an address, or nobody."""

from typing import Any, cast

import pytest

from nurture import Owner
from nurture.errors import DefinitionError
from nurture.model import Account, AccountId, Lead, LeadId, SubjectId
from nurture.runtime.host import Host
from nurture.runtime.owners import owner_address, owner_book, owner_of
from tests.stores import T0

HANAKO = Owner("Hanako", "hanako@example.jp")


class Parts:
    """What is looked at of a host."""

    owners = owner_book({"h": HANAKO, "j": "jiro@example.jp"})


HOST = cast("Host", Parts())


def lead(owner: str | None) -> Lead:
    return Lead(id=LeadId(SubjectId("lead_a")), created_at=T0, email="a@b.c", owner=owner)


def account(owner: str | None) -> Account:
    return Account(id=AccountId(SubjectId("acct_a")), created_at=T0, name="A", owner=owner)


@pytest.mark.parametrize(
    ("of_lead", "of_account", "address"),
    [
        (lead("h"), account("j"), "hanako@example.jp"),
        (lead(None), account("j"), "jiro@example.jp"),
        (None, account("j"), "jiro@example.jp"),
        (lead("j"), None, "jiro@example.jp"),
        (lead("k@example.jp"), None, "k@example.jp"),
        (lead("unknown"), None, None),
        (lead(None), None, None),
        (None, None, None),
    ],
)
def test_who_it_is(of_lead: Lead | None, of_account: Account | None, address: str | None) -> None:
    found = owner_of(HOST, of_lead, of_account)
    assert (found.address if found else None) == address
    assert owner_address(HOST, of_lead, of_account) == address


def test_an_id_that_only_looks_like_an_address_is_nobody() -> None:
    assert owner_of(HOST, lead("a@b@c"), None) is None
    assert owner_address(HOST, lead("a@b@c"), None) == "a@b@c"  # the notice is refused with its reason when composed


def test_all_that_cannot_be_written_to_are_told_at_once() -> None:
    given: dict[str, Any] = {"a": "x", "b": HANAKO, "c": "y"}
    with pytest.raises(DefinitionError) as caught:
        owner_book(given)
    assert [one.partition(":")[0] for one in caught.value.problems] == ["owners['a']", "owners['c']"]
    assert owner_book(None) == {}
