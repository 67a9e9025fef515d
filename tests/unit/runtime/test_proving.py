"""The proof of consent: every word, what was sent, and until when it must be kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nurture import Basis, ContactPolicy, Message, Program, Scenario, days, q
from nurture.program import GDPR, JAPAN
from nurture.steps import send
from tests.stores import GROUP_SITE, STORES, T0, House, store_maker

SECOND = timedelta(seconds=1)
PROGRAM = Program(
    messages=[
        Message("news", "marketing", "News", "News"),
        Message("brand", "marketing", "Brand", "Brand", entity="brand"),
        Message("invoice", "transactional", "Invoice", "Invoice"),
    ],
    scenarios=[
        Scenario(name, q.touches(f"{name}.wanted"), [send(name)], reentry="always")
        for name in ("news", "brand", "invoice")
    ],
    policy=ContactPolicy(jurisdiction="JP", jurisdiction_from="locale", jurisdictions=[JAPAN, GDPR]),
)


@pytest.fixture(params=STORES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    made = House(PROGRAM, store_maker(request.param, tmp_path), render=False, site=GROUP_SITE)
    yield made
    made.crm.close()


def test_every_word_stands_in_it_with_what_proves_it(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com", consent=Basis.PAPER_CARD, source="fair").id
    house.clock.move_to(T0 + days(1))
    house.crm.ask_consent(lead, topic="news", text_version="2")
    house.crm.consent(lead, entity="brand", jurisdiction="CA", proof="form-9", at=T0 - days(3))
    house.crm.unsubscribe(lead, source="one_click")
    proof = house.crm.consent_proof(lead)
    assert [(one.kind, one.entity, one.basis, one.source, one.explicit) for one in proof.words] == [
        ("given", "brand", "consent", "", True),
        ("given", "", "paper_card", "fair", False),
        ("asked", "", "", "", False),
        ("withdrawn", "", "", "one_click", True),
    ]
    first = proof.words[0]
    assert (first.at, first.jurisdiction, first.proof) == (T0 - days(3), "CA", "form-9")
    assert first.recorded_at > T0
    assert proof.sent == ()
    assert proof.keep_until is None


def test_what_was_sent_is_counted_by_sender_and_purpose_and_kept_from_the_last_send(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com", consent=Basis.CONSENT, zone="Asia/Tokyo").id
    for at, name in ((T0 + days(1), "news"), (datetime(2026, 5, 30, 20, tzinfo=UTC), "news"), (None, "invoice")):
        house.clock.move_to(at or house.clock.now)
        house.crm.record(lead, f"{name}.wanted", origin="host")
        house.tick_at(house.clock.now + SECOND)
    house.crm.record(lead, "brand.wanted", origin="host")  # nobody agreed: it is withheld, and proves nothing
    house.tick_at(house.clock.now + SECOND)
    proof = house.crm.consent_proof(lead)
    assert [(one.entity, one.purpose, one.channel, one.count, one.law) for one in proof.sent] == [
        ("", "marketing", "email", 2, "JP"),
        ("", "transactional", "email", 1, ""),
    ]
    marketing = proof.sent[0]
    assert marketing.first_at.date() == (T0 + days(1)).date()
    assert marketing.last_at.isoformat().startswith("2026-05-30T20:00:01")
    # in Tokyo it is the 31st of May already, and a month later the 30th of June
    assert marketing.keep_until is not None
    assert marketing.keep_until.isoformat().startswith("2026-06-29T20:00:01")
    assert proof.keep_until == marketing.keep_until


def test_the_time_is_that_of_the_readers_law(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com", consent=Basis.CONSENT, locale="DE").id
    house.crm.record(lead, "news.wanted", origin="host")
    house.tick_at(T0 + SECOND)
    proof = house.crm.consent_proof(lead)
    assert proof.sent[0].law == "EU"
    assert proof.keep_until is not None
    assert proof.keep_until.isoformat().startswith("2029-04-01")


def test_it_goes_to_json_and_to_a_table_that_holds_no_html_of_the_hosts(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com", consent=Basis.CONSENT, source="<b>form</b>").id
    house.crm.record(lead, "news.wanted", origin="host")
    house.tick_at(T0 + SECOND)
    proof = house.crm.consent_proof(lead)
    data = json.loads(json.dumps(proof.to_json()))
    assert data["lead"] == lead
    assert data["words"][0]["source"] == "<b>form</b>"
    assert data["sent"][0]["count"] == 1
    assert data["keep_until"].startswith("2026-05-01")
    shown = proof._repr_html_()
    assert "&lt;b&gt;form&lt;/b&gt;" in shown
    assert "<b>form" not in shown
    assert "ada@example.com" not in shown + json.dumps(data)


def test_a_long_history_is_walked_to_its_end(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com", consent=Basis.CONSENT).id
    house.clock.move_to(T0 + days(1))
    for number in range(520):
        house.crm.record(lead, "page.viewed", key=str(number))
    assert [one.kind for one in house.crm.consent_proof(lead).words] == ["given"]
