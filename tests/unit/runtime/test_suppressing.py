"""Suppression: kept under a digest of the address, beyond every lead; nothing lifts it but the person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from nurture import Basis, Message, Program, Purpose, Scenario, q
from nurture.errors import InvalidFactError
from nurture.model import Allowance, LeadId, SubjectId
from nurture.runtime.settling import address_allowance_id
from nurture.steps import send
from tests.stores import STORES, House, store_maker

SECOND = timedelta(seconds=1)
ADDRESS = "ada@example.com"
PROGRAM = Program(
    messages=[Message("news", "marketing", "News", "News"), Message("invoice", "transactional", "Invoice", "Invoice")],
    scenarios=[
        Scenario(name, q.touches(f"{name}.wanted"), [send(name)], reentry="always") for name in ("news", "invoice")
    ],
)


@pytest.fixture(params=STORES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    made = House(PROGRAM, store_maker(request.param, tmp_path), render=False)
    yield made
    made.crm.close()


def wanted(house: House, lead: LeadId, name: str = "news") -> str:
    house.crm.record(lead, f"{name}.wanted", origin="host")
    house.tick_at(house.clock.now + SECOND)
    newest = house.crm.effects(lead)[0]
    return newest.reason or newest.state.value


def test_an_address_is_suppressed_before_any_lead_has_it(house: House) -> None:
    assert house.crm.suppression(ADDRESS) == ()
    found = house.crm.suppress("ADA@Example.com")
    assert [(one.purpose, one.entity, one.reason) for one in found] == [(None, None, "imported")]
    assert house.crm.suppression(ADDRESS) == found
    lead = house.crm.capture(email=ADDRESS, consent=Basis.CONSENT).id
    assert wanted(house, lead) == wanted(house, lead, "invoice") == "imported"


def test_what_is_suppressed_for_one_purpose_stops_that_purpose(house: House) -> None:
    house.crm.suppress(ADDRESS, purpose="marketing", reason="complained")
    lead = house.crm.capture(email=ADDRESS, consent=Basis.CONSENT).id
    assert (wanted(house, lead), wanted(house, lead, "invoice")) == ("complained", "accepted")


def test_doing_it_again_is_harmless_and_other_reasons_add_up(house: House) -> None:
    house.crm.suppress(ADDRESS)
    house.clock.move_to(house.clock.now + SECOND)
    again = house.crm.suppress(ADDRESS)
    assert len(again) == 1
    assert len(house.crm.suppress(ADDRESS, purpose=Purpose.MARKETING, entity="brand")) == 2


def test_it_outlives_the_lead_and_an_import_never_lifts_it(house: House) -> None:
    lead = house.crm.capture(email=ADDRESS, consent=Basis.CONSENT).id
    house.crm.unsubscribe(lead)
    kept = house.crm.suppression(ADDRESS)
    with house.storage.begin() as unit:
        unit.erase(lead)
    assert house.crm.suppression(ADDRESS) == kept != ()
    house.clock.move_to(house.clock.now + SECOND)
    again = house.crm.capture(email=ADDRESS, consent=Basis.CONSENT).id
    assert wanted(house, again) == "unsubscribed"
    house.clock.move_to(house.clock.now + SECOND)
    house.crm.consent(again)
    assert wanted(house, again) == "accepted"


@pytest.mark.parametrize(
    ("word", "left"),
    [
        ({}, ["imported", "imported"]),
        ({"purpose": "marketing"}, ["imported", "planned"]),
        ({"entity": "another"}, ["planned", "planned"]),
    ],
)
def test_what_waits_is_withheld_at_once(house: House, word: dict[str, str], left: list[str]) -> None:
    lead = house.crm.capture(email=ADDRESS, consent=Basis.CONSENT).id
    other = house.crm.capture(email="bob@example.com", consent=Basis.CONSENT).id
    for one in (lead, other):
        for name in ("news", "invoice"):
            house.crm.record(one, f"{name}.wanted", origin="host")
    house.clock.move_to(house.clock.now + SECOND)
    house.crm.decide()
    house.crm.suppress(ADDRESS, **word)
    found = {one.name: one.reason or one.state.value for one in house.crm.effects(lead)}
    assert [found["news"], found["invoice"]] == left
    assert {one.state.value for one in house.crm.effects(other)} == {"planned"}
    told = [fact.kind for fact in house.crm.timeline(lead) if fact.kind == "email.withheld"]
    assert len(told) == left.count("imported")
    for _ in range(2):  # of one subject one message is claimed at a time
        house.tick_at(house.clock.now + SECOND)
    assert {one.state.value for one in house.crm.effects(other)} == {"accepted"}


@pytest.mark.parametrize(
    ("channel", "known", "written"),
    [
        ("line", {"line": "U1"}, "U1"),
        ("sms", {"phone": "03-0000-1234"}, "０３ 0000 1234"),
        ("chat", {"external_ids": {"chat": "c-1"}}, "c-1"),
    ],
)
def test_what_waits_on_another_channel_is_withheld_too(
    tmp_path: Path, channel: str, known: dict[str, object], written: str
) -> None:
    program = Program(
        messages=[Message("note", "transactional", "s", "t", channel=channel)],
        scenarios=[Scenario("note", q.touches("note.wanted"), [send("note")])],
    )
    there = House(program, store_maker("sqlite", tmp_path), render=False)
    lead = there.crm.capture(**known).id  # type: ignore[arg-type]
    there.crm.record(lead, "note.wanted", origin="host")
    there.clock.move_to(there.clock.now + SECOND)
    there.crm.decide()
    there.crm.suppress(written, channel=channel)
    assert [(one.state.value, one.reason) for one in there.crm.effects(lead)] == [("withheld", "imported")]
    there.crm.close()


def test_no_consent_lifts_what_names_no_purpose(house: House) -> None:
    house.crm.suppress(ADDRESS)
    lead = house.crm.capture(email=ADDRESS).id
    house.clock.move_to(house.clock.now + SECOND)
    house.crm.consent(lead)
    assert wanted(house, lead) == "imported"


def test_the_store_holds_no_address_of_it(house: House) -> None:
    house.crm.suppress(ADDRESS)
    identity = address_allowance_id(house.storage.tenant, "email", ADDRESS)
    with house.storage.view() as view:
        kept = view.get(Allowance, [identity])[identity]
    assert "ada" not in repr(kept).casefold()


def test_a_suppression_after_the_claim_was_judged_makes_it_conflict(house: House) -> None:
    """What a claim compares is bumped, so that one that read before the suppression cannot write after it."""
    house.crm.suppress(ADDRESS)
    identity = address_allowance_id(house.storage.tenant, "email", ADDRESS)
    with house.storage.view() as view:
        before = view.get(Allowance, [identity])[identity].version
    house.crm.suppress(ADDRESS, reason="complained")
    with house.storage.view() as view:
        assert view.get(Allowance, [identity])[identity].version == before + 1


@pytest.mark.parametrize("reason", ["", "Not a word", "ada@example.com", "x" * 81])
def test_a_reason_is_a_word_and_nothing_personal(house: House, reason: str) -> None:
    with pytest.raises(InvalidFactError, match=r"suppression\.reason") as raised:
        house.crm.suppress(ADDRESS, reason=reason)
    assert "ada" not in str(raised.value)


@pytest.mark.parametrize("address", ["", " ", None, 7])
def test_an_address_is_text(house: House, address: object) -> None:
    with pytest.raises(InvalidFactError, match="address"):
        house.crm.suppress(address)  # type: ignore[arg-type]
    with pytest.raises(InvalidFactError, match="address"):
        house.crm.suppression(address)  # type: ignore[arg-type]


def test_one_number_is_one_address_for_calls_and_short_messages(house: House) -> None:
    house.crm.suppress("03-0000-1234", channel="call")
    assert house.crm.suppression("0300001234", channel="sms") != ()
    assert house.crm.suppression("0300001234", channel="line") == ()


def test_suppressing_makes_no_lead(house: House) -> None:
    house.crm.suppress(ADDRESS)
    with house.storage.view() as view:
        assert view.existing([SubjectId(address_allowance_id(house.storage.tenant, "email", ADDRESS))]) == frozenset()
