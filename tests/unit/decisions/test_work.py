"""What predicates see while a subject is decided: runs of scenarios, kinds by their prefix, grades."""

from __future__ import annotations

import pytest

from nurture import Message, Program, Scenario, ScoreModel, ScoreRule, Segment, days, hours, q
from nurture.model import Origin, SubjectKind
from nurture.predicates import Predicate
from nurture.steps import Step, tag, wait, wait_for
from tests.property.ledger import Ledger, fact_of
from tests.strategies import MICROSECOND, START

ON = q.touches("form.submitted")


def a_ledger(segment: Predicate, *steps: Step, **given: object) -> Ledger:
    scenario = Scenario("c", ON, steps or (wait(hours(2)),), reentry="always", exit=q.touches("email.clicked"))
    return Ledger(Program(segments=[Segment("s", segment)], scenarios=[scenario], **given))  # type: ignore[arg-type]


def hears(ledger: Ledger, *facts: tuple[str, float]) -> None:
    for kind, after in facts:
        at = START + hours(after)
        ledger.receive(fact_of(f"{kind}{at}", kind, at, at, {}, Origin.LEAD))


def belongs(ledger: Ledger, after: float) -> bool:
    ledger.tick(START + hours(after) + MICROSECOND)
    assert ledger.standing is not None
    return "s" in ledger.standing.memberships


def test_a_run_that_began_in_this_moment_is_seen() -> None:
    ledger = a_ledger(q.scenario("c").is_active())
    hears(ledger, ("form.submitted", 1))
    assert belongs(ledger, 1)
    assert ledger.standing is not None
    assert ledger.standing.memberships == {"s": START + hours(1)}


def test_a_run_that_ended_in_this_moment_is_not_active_any_more() -> None:
    ledger = a_ledger(q.scenario("c").is_active())
    hears(ledger, ("form.submitted", 1), ("email.clicked", 2))
    assert not belongs(ledger, 2)


def test_a_run_that_begins_and_ends_at_once_is_seen_as_ended() -> None:
    ledger = a_ledger(q.scenario("c").is_in(["completed"]), tag("x"))
    hears(ledger, ("form.submitted", 1))
    assert belongs(ledger, 1)


@pytest.mark.parametrize("ticks", [(), (4,), (1, 2, 3, 4, 5)])
def test_of_the_ended_runs_only_the_newest_is_seen_however_often_it_is_decided(ticks: tuple[int, ...]) -> None:
    ledger = a_ledger(q.scenario("c").is_in(["completed"]))
    hears(ledger, ("form.submitted", 1), ("form.submitted", 4), ("email.clicked", 5))  # one completed, one left
    for after in ticks:
        assert belongs(ledger, after) == (3 <= after < 5)
    assert not belongs(ledger, 6)


def test_a_membership_has_lasted_since_it_began() -> None:
    program = Program(
        segments=[
            Segment("viewer", q.touches("page.viewed").within(days=3)),
            Segment("s", q.time_in_segment("viewer") >= days(2)),
        ]
    )
    ledger = Ledger(program)
    hears(ledger, ("page.viewed", 1))
    assert not belongs(ledger, 48)
    assert belongs(ledger, 49)
    assert not belongs(ledger, 80)


@pytest.mark.parametrize("kind", ["email.clicked", "email.opened"])
def test_a_prefix_enrolls_ends_and_is_waited_for(kind: str) -> None:
    any_mail = q.touches("email.*")
    scenarios = [
        Scenario("begun", any_mail, [tag("begun")]),
        Scenario("ended", ON, [wait(days(9))], goal=any_mail),
        Scenario("waited", ON, [wait_for(any_mail, days(9), then=[tag("came")])]),
    ]
    ledger = Ledger(Program(messages=[Message("m", "transactional", "M", "M")], scenarios=scenarios))
    hears(ledger, ("form.submitted", 1), ("page.viewed", 2))
    ledger.tick(START + hours(3))
    assert ledger.lead.tags == ()
    hears(ledger, (kind, 4))
    ledger.tick(START + hours(5))
    assert ledger.lead.tags == ("begun", "came")
    assert ledger.standing is not None
    assert {one.scenario: one.reason for one in ledger.standing.enrollments}["ended"] == "goal"


def test_a_prefix_earns_points_and_gives_a_grade() -> None:
    model = ScoreModel("mails", [ScoreRule(q.touches("email.*"), 5)], grades={"A": 10, "B": 5, "C": 0})
    ledger = a_ledger(q.grade(model) >= "A", scores=[model])
    hears(ledger, ("email.opened", 1), ("page.viewed", 2), ("email.clicked", 3))
    assert not belongs(ledger, 2)
    assert belongs(ledger, 3)


def test_names_lead_from_leads_to_accounts_and_back() -> None:
    names = Program(segments=[Segment("firm", q.everyone, "account")], zone="Asia/Tokyo").names()
    other = names.about(SubjectKind.ACCOUNT)
    assert other is not None
    assert (names.zone, other.zone, list(other.segments)) == ("Asia/Tokyo", "Asia/Tokyo", ["firm"])
    assert other.about(SubjectKind.LEAD) is names
    assert hash(names) == hash(Program(segments=[Segment("firm", q.everyone, "account")], zone="Asia/Tokyo").names())
