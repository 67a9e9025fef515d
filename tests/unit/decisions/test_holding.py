"""Holds: what makes a message wait, and when it is looked at again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nurture import Account, ContactPolicy, Dossier, Lead, Program, Purpose, Scenario, days, hours, q
from nurture.decisions import hold_on, is_holding, plan_of
from nurture.decisions.holding import RECHECK
from nurture.model import AccountId, FactId, LeadId, SubjectId, SubjectKind, Touchpoint
from nurture.program import Hold, Topic
from nurture.steps import tag

NOW = datetime(2026, 4, 1, tzinfo=UTC)
LEAD = Lead(id=LeadId(SubjectId("lead_1")), email="a@example.com", created_at=NOW - days(9), title="x")
ASKED = q.touches("inquiry.opened").within(days=2)


def a_program(*holds: Hold) -> Program:
    return Program(policy=ContactPolicy(holds=holds))


def inquired(ago: timedelta) -> Dossier:
    at = NOW - ago
    fact = Touchpoint(id=FactId("fact_1"), subject=LEAD.id, kind="inquiry.opened", at=at, received_at=at)
    return Dossier(subject=LEAD, facts=(fact,))


@pytest.mark.parametrize(
    ("ago", "until"),
    [
        (hours(1), NOW + RECHECK),  # time alone ends it in 47 hours, but an answer may come before
        (hours(47) + timedelta(minutes=50), NOW + timedelta(minutes=10)),
    ],
)
def test_a_hold_is_looked_at_when_time_ends_it_but_within_the_hour(ago: timedelta, until: datetime) -> None:
    program = a_program(Hold("inquiry", ASKED))
    assert hold_on(program, inquired(ago), Purpose.MARKETING, NOW) == ("inquiry", until)


def test_a_hold_that_does_not_hold_makes_nobody_wait() -> None:
    program = a_program(Hold("inquiry", ASKED))
    assert hold_on(program, inquired(days(2)), Purpose.MARKETING, NOW) is None


def test_the_first_hold_of_the_purpose_is_named() -> None:
    program = a_program(
        Hold("bills", q.everyone, ["transactional"]), Hold("first", q.lead.title == "x"), Hold("second", q.everyone)
    )
    found = hold_on(program, Dossier(subject=LEAD), Purpose.MARKETING, NOW)
    assert found is not None
    assert found[0] == "first"


def test_holds_are_about_leads() -> None:
    firm = Account(id=AccountId(SubjectId("acct_1")), name="Acme", created_at=NOW)
    assert hold_on(a_program(Hold("all", q.everyone)), Dossier(subject=firm), Purpose.MARKETING, NOW) is None


def test_whether_any_hold_concerns_a_purpose() -> None:
    program = a_program(Hold("all", q.everyone))
    assert is_holding(program, Purpose.MARKETING)
    assert not is_holding(program, Purpose.TRANSACTIONAL)


SCOPES = {
    "all": Hold("all", q.everyone),
    "drip": Hold("drip", q.everyone, scenarios="welcome"),
    "news": Hold("news", q.everyone, topics=["news"]),
    "either": Hold("either", q.everyone, ["marketing", "transactional"], ["welcome", "sale"], "news"),
}
M, T = Purpose.MARKETING, Purpose.TRANSACTIONAL


def a_scoped_program(*holds: Hold) -> Program:
    return Program(
        topics=[Topic("news")],
        scenarios=[Scenario(name, q.touches("form.submitted"), [tag("met")]) for name in ("welcome", "sale")],
        policy=ContactPolicy(holds=holds),
    )


@pytest.mark.parametrize(
    ("purpose", "scenario", "topic", "stopped_by"),
    [
        (M, "", "", {"all"}),
        (M, "other", "seminars", {"all"}),
        (M, "welcome", "", {"all", "drip", "either"}),
        (M, "sale", "", {"all", "either"}),
        (M, "other", "news", {"all", "news", "either"}),
        (M, "welcome", "news", {"all", "drip", "news", "either"}),
        (T, "welcome", "news", {"either"}),
        (T, "other", "seminars", set()),
    ],
)
def test_a_hold_stops_only_what_it_names(purpose: Purpose, scenario: str, topic: str, stopped_by: set[str]) -> None:
    dossier = Dossier(subject=LEAD)
    for name, hold in SCOPES.items():
        program = a_scoped_program(hold)
        found = hold_on(program, dossier, purpose, NOW, scenario=scenario, topic=topic)
        assert (None if found is None else found[0]) == (name if name in stopped_by else None)
        assert is_holding(program, purpose, scenario, topic) is (name in stopped_by)


def test_the_first_hold_that_concerns_the_message_is_named() -> None:
    program = a_scoped_program(SCOPES["drip"], SCOPES["news"], SCOPES["all"])
    found = hold_on(program, Dossier(subject=LEAD), M, NOW, topic="news")
    assert found is not None
    assert found[0] == "news"


def test_what_a_hold_looks_at_is_loaded_at_the_claim_and_told_by_the_account() -> None:
    program = a_program(Hold("inquiry", ASKED), Hold("dispute", q.account.region == "x"))
    assert plan_of(program, SubjectKind.LEAD).claim_reach.need("inquiry.opened") is not None
    assert plan_of(program, SubjectKind.ACCOUNT).asked.fields == {"region"}
