"""Who comes into a scenario, when, and how often: every case is a row of what happens and of the runs that follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

import attrs
import pytest

from nurture import (
    Attribute,
    Lead,
    Program,
    Scenario,
    ScoreModel,
    ScoreRule,
    Segment,
    civil,
    days,
    hours,
    q,
)
from nurture.calendar import Recurrence
from nurture.decisions import roll_over
from nurture.model import Dossier, EnrollmentState, Fact, LeadId, Origin, SubjectId, Value
from nurture.program import Entry, on_date, on_schedule
from nurture.steps import Duration, Step, tag, wait
from tests.property.ledger import Ledger, fact_of
from tests.strategies import MICROSECOND, START, Happening

ATTRIBUTES = [Attribute("renews_on", "date"), Attribute("born_on", "date"), Attribute("open", "boolean")]
SUBSCRIBERS = Segment("subscribers", q.lead.title == "subscriber")
ENGAGEMENT = ScoreModel("engagement", half_life=days(21), rules=[ScoreRule(q.touches("page.viewed"), 30)])
LONG = [wait(days(10)), tag("end")]

NINE = 9 / 24
"""The start is at nine in the morning, in UTC."""
Event: TypeAlias = tuple[float, str, dict[str, Value]]
"""How many days after the start, what, and its properties; `set …` changes a field of the lead."""
Runs: TypeAlias = list[tuple[str, float, str]]
"""Of each run its key, the day on which it began, and its state."""


def played(scenarios: Sequence[Scenario], events: Sequence[Event], until: float) -> Ledger:
    """What was decided by that day about a lead to whom this happened."""
    program = Program(scenarios=scenarios, segments=[SUBSCRIBERS], scores=[ENGAGEMENT], attributes=ATTRIBUTES)
    lead = Lead(id=LeadId(SubjectId("lead_1")), email="a@example.com", created_at=START)
    ledger = Ledger(program, lead)
    for number, (day, kind, properties) in enumerate(events):
        at = START + timedelta(days=day)
        if kind == "set":
            ledger.tick(at)
            for name, value in properties.items():
                ledger.happen(Happening(at, f"host changes {name}", at, {name: value}), number)
        elif kind.startswith(("enrollment.", "withdrawal.")):
            ledger.receive(fact_of(str(number), kind, at, at, properties, Origin.HOST, lead.id))
        else:
            ledger.receive(fact_of(str(number), kind, at, at, properties, Origin.LEAD, lead.id))
    ledger.tick(START + timedelta(days=until))
    return ledger


def runs_of(ledger: Ledger, scenario: str = "s") -> Runs:
    """Every run there was, in the order of their beginnings; ended ones as the facts tell."""
    started = sorted(
        (one for one in ledger.facts.values() if one.kind == Fact.ENROLLMENT_STARTED),
        key=lambda one: (one.at, str(one.properties.get("key", ""))),
    )
    ended = {
        one.properties["enrollment"]: str(one.properties["state"])
        for one in ledger.facts.values()
        if one.kind == Fact.ENROLLMENT_ENDED
    }
    return [
        (
            str(one.properties.get("key", "")),
            (one.at - START) / timedelta(days=1),
            ended.get(one.properties["enrollment"], "active"),
        )
        for one in started
        if one.properties["scenario"] == scenario
    ]


def on_form(**given: object) -> Scenario:
    return Scenario("s", q.touches("form.submitted"), LONG, **given)  # type: ignore[arg-type]


def when(on: Entry | None, steps: Sequence[Step] = (tag("x"),), **given: object) -> Scenario:
    return Scenario("s", on, steps, **given)  # type: ignore[arg-type]


def at_nine(rule: str) -> Scenario:
    return when(on_schedule(Recurrence(rule, start=datetime(2026, 3, 1, 9), zone="UTC"), q.segment("subscribers")))  # noqa: DTZ001


def done(day: float, key: str = "") -> tuple[str, float, str]:
    return (key, day, "completed")


def viewed(day: float) -> Event:
    return (day, "page.viewed", {})


def titled(day: float, title: str) -> Event:
    return (day, "set", {"title": title})


def renews(day: float, on: date | None) -> Event:
    return (day, "set", {"renews_on": on})


FORM: Callable[[float], Event] = lambda day: (day, "form.submitted", {})
SEMINAR: Callable[[float, str], Event] = lambda day, key: (day, "form.submitted", {"seminar": key})


@attrs.frozen
class Case:
    """One row."""

    name: str
    scenario: Scenario
    events: Sequence[Event]
    runs: Runs
    until: float = 60


CASES = [
    # --- by fact, and again
    Case("each such fact, once: never again", on_form(), [FORM(1), FORM(20)], [done(1)]),
    Case("a second one while it runs", on_form(reentry="always"), [FORM(1), FORM(2)], [done(1)]),
    Case("always, after it ended", on_form(reentry="always"), [FORM(1), FORM(12)], [done(1), done(12)]),
    Case(
        "after thirty days: too soon",
        on_form(reentry="always", reentry_after=days(30)),
        [FORM(1), FORM(40.9)],
        [done(1)],
    ),
    Case(
        "after thirty days: at the instant",
        on_form(reentry="always", reentry_after=days(30)),
        [FORM(1), FORM(41)],
        [done(1), done(41)],
    ),
    Case(
        "restart ends the one that runs",
        on_form(reentry="restart"),
        [FORM(1), FORM(5)],
        [("", 1, "restarted"), done(5)],
    ),
    Case(
        "at most two in all", on_form(reentry="always", max_runs=2), [FORM(1), FORM(12), FORM(30)], [done(1), done(12)]
    ),
    Case(
        "at most two in all, over all keys",
        on_form(key="seminar", max_runs=2),
        [SEMINAR(1, "a"), SEMINAR(2, "b"), SEMINAR(3, "c")],
        [done(1, "a"), done(2, "b")],
    ),
    Case(
        "a restart counts",
        on_form(reentry="restart", max_runs=2),
        [FORM(1), FORM(2), FORM(3)],
        [("", 1, "restarted"), done(2)],
    ),
    Case(
        "one run per seminar, side by side",
        on_form(key="seminar"),
        [SEMINAR(1, "a"), SEMINAR(2, "b"), SEMINAR(3, "a")],
        [done(1, "a"), done(2, "b")],
    ),
    Case(
        "only if it holds at entry",
        on_form(only_if=q.lead.title == "subscriber"),
        [FORM(1), titled(2, "subscriber"), FORM(3)],
        [done(3)],
    ),
    Case(
        "only if the fact says so",
        on_form(only_if=q.entry.rank == "A", reentry="always"),
        [(1, "form.submitted", {"rank": "B"}), (2, "form.submitted", {"rank": "A"})],
        [done(2)],
    ),
    Case(
        "by hand whatever only_if says",
        on_form(only_if=q.lead.title == "x"),
        [(1, Fact.ENROLLMENT_REQUESTED, {"scenario": "s"})],
        [done(1)],
    ),
    Case(
        "by hand only",
        when(None, LONG),
        [FORM(1), (2, Fact.ENROLLMENT_REQUESTED, {"scenario": "s", "key": "k"})],
        [done(2, "k")],
    ),
    # --- by segment, and by a predicate that begins to hold
    Case("entering a segment", when(q.segment("subscribers"), LONG), [titled(1, "subscriber")], [done(1)]),
    Case("in it from the first day: entering, too", when(~q.segment("subscribers"), LONG), [], [done(0)]),
    Case("a score reaches its threshold", when(q.score("engagement") >= 50, LONG), [viewed(1), viewed(2)], [done(2)]),
    Case(
        "it decays and is reached again: never again",
        when(q.score("engagement") >= 50),
        [viewed(1), viewed(2), viewed(50), viewed(51)],
        [done(2)],
    ),
    Case(
        "it decays and is reached again: always",
        when(q.score("engagement") >= 50, reentry="always"),
        [viewed(1), viewed(2), viewed(50), viewed(51)],
        [done(2), done(51)],
    ),
    Case(
        "still holding is no entry",
        when(q.lead.title == "subscriber", reentry="always"),
        [titled(1, "subscriber"), (5, "set", {"open": True})],
        [done(1)],
    ),
    Case(
        "silence for thirty days begins by time alone",
        when(~q.touches("page.viewed").within(days=30), reentry="always"),
        [viewed(1)],
        [done(0), done(31)],
    ),
    Case(
        "while it holds",
        when(q.lead.title == "subscriber", LONG, while_entered=True),
        [titled(1, "subscriber"), titled(4, "other")],
        [("", 1, "exited")],
    ),
    Case(
        "leaving the segment, if asked",
        when(q.segment("subscribers"), LONG, while_entered=True, reentry="always"),
        [titled(1, "subscriber"), titled(4, "other"), titled(5, "subscriber")],
        [("", 1, "exited"), done(5)],
    ),
    Case(
        "leaving the segment, not asked",
        when(q.segment("subscribers"), LONG),
        [titled(1, "subscriber"), titled(4, "other")],
        [done(1)],
    ),
    # --- by a date
    Case(
        "at a date, at its midnight",
        when(on_date(q.lead.renews_on), LONG),
        [renews(1, date(2026, 3, 11))],
        [done(10 - NINE, "2026-03-11")],
    ),
    Case(
        "ten days before",
        when(on_date(q.lead.renews_on, days(-10)), LONG),
        [renews(1, date(2026, 3, 21))],
        [done(10 - NINE, "2026-03-21")],
    ),
    Case(
        "three business days before, at ten",
        when(on_date(q.lead.renews_on, civil(business_days=-3, at="10:00")), LONG),
        [renews(1, date(2026, 3, 16))],
        [done(10 + 1 / 24, "2026-03-16")],
    ),
    Case(
        "the date was moved before it came",
        when(on_date(q.lead.renews_on), LONG),
        [renews(1, date(2026, 3, 11)), renews(5, date(2026, 3, 21))],
        [done(20 - NINE, "2026-03-21")],
    ),
    Case(
        "the date was taken away",
        when(on_date(q.lead.renews_on), LONG),
        [renews(1, date(2026, 3, 11)), renews(5, None)],
        [],
    ),
    Case(
        "another date is another run",
        when(on_date(q.lead.renews_on)),
        [renews(1, date(2026, 3, 5)), renews(6, date(2026, 3, 15))],
        [done(4 - NINE, "2026-03-05"), done(14 - NINE, "2026-03-15")],
    ),
    Case(
        "the same date again is no other run",
        when(on_date(q.lead.renews_on), reentry="always"),
        [renews(1, date(2026, 3, 5)), renews(4.5, None), renews(4.6, date(2026, 3, 5))],
        [done(4 - NINE, "2026-03-05")],
    ),
    Case(
        "known a little late",
        when(on_date(q.lead.renews_on)),
        [renews(4.5, date(2026, 3, 5))],
        [done(4.5, "2026-03-05")],
    ),
    Case("known too late", when(on_date(q.lead.renews_on)), [renews(5.1, date(2026, 3, 5))], []),
    Case(
        "known late, with a longer grace",
        when(on_date(q.lead.renews_on, days(-120), grace=days(120))),
        [renews(1, date(2026, 5, 30))],
        [done(1, "2026-05-30")],
    ),
    Case(
        "a birthday each year, 29 February kept on the 28th",
        when(on_date(q.lead.born_on, yearly=True)),
        [(1, "set", {"born_on": date(2000, 2, 29)})],
        [done(364 - NINE, "2027-02-28"), done(730 - NINE, "2028-02-29")],
        until=900,
    ),
    # --- by a schedule
    Case(
        "each Monday at nine, those who belong",
        at_nine("FREQ=WEEKLY;BYDAY=MO"),
        [titled(2, "subscriber"), titled(18, "other")],
        [done(8, "2026-03-09"), done(15, "2026-03-16")],
    ),
    Case("nobody belongs", at_nine("FREQ=DAILY"), [], []),
    Case(
        "whoever joins at the instant, before the bell",
        at_nine("FREQ=DAILY;COUNT=5"),
        [(2, "set", {"title": "subscriber"})],
        [done(3, "2026-03-04"), done(4, "2026-03-05")],
    ),
    # --- how runs end
    Case("a goal", on_form(goal=q.touches("deal.won")), [FORM(1), (3, "deal.won", {})], [("", 1, "reached_goal")]),
    Case(
        "the goal of one run begins the next",
        when(q.touches("a.renewed"), LONG, goal=q.touches("a.renewed"), reentry="always"),
        [(1, "a.renewed", {}), (5, "a.renewed", {})],
        [("", 1, "reached_goal"), done(5)],
    ),
    Case(
        "a goal that happened before does not count",
        on_form(goal=q.touches("deal.won")),
        [(0.5, "deal.won", {}), FORM(1)],
        [done(1)],
    ),
    Case(
        "an exit that holds",
        on_form(exit=q.lead.title == "customer"),
        [FORM(1), titled(3, "customer")],
        [("", 1, "exited")],
    ),
    Case(
        "withdrawn by hand",
        on_form(),
        [FORM(1), (3, Fact.WITHDRAWAL_REQUESTED, {"scenario": "s"})],
        [("", 1, "withdrawn")],
    ),
    Case(
        "withdrawn by hand, the other key stays",
        on_form(key="seminar"),
        [SEMINAR(1, "a"), SEMINAR(1, "b"), (3, Fact.WITHDRAWAL_REQUESTED, {"scenario": "s", "key": "a"})],
        [("a", 1, "withdrawn"), done(1, "b")],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    ledger = played([case.scenario], case.events, case.until)
    assert ledger.standing is not None
    assert ledger.standing.dead is None
    found = [(key, round(day, 4), state) for key, day, state in runs_of(ledger)]
    assert found == [(key, round(day, 4), state) for key, day, state in case.runs]


def rivals(first: int, second: int) -> list[Scenario]:
    return [
        Scenario("low", q.touches("form.submitted"), LONG, group="g", priority=first),
        Scenario("high", q.touches("fair.visited"), LONG, group="g", priority=second),
        Scenario("else", q.touches("form.submitted"), LONG),
    ]


@pytest.mark.parametrize(
    ("priorities", "events", "low", "high"),
    [
        ((0, 5), [FORM(1), (3, "fair.visited", {})], [("", 1, "withdrawn")], [done(3)]),
        ((0, 5), [(1, "fair.visited", {}), FORM(3)], [], [done(1)]),
        ((0, 0), [FORM(1), (3, "fair.visited", {})], [done(1)], []),
        ((0, 5), [(1, "fair.visited", {}), FORM(12)], [done(12)], [done(1)]),
    ],
    ids=["the higher takes the place", "the lower is refused", "first come", "the place is free again"],
)
def test_scenarios_of_a_group_exclude_one_another(
    priorities: tuple[int, int], events: list[Event], low: Runs, high: Runs
) -> None:
    ledger = played(rivals(*priorities), events, 60)
    assert (runs_of(ledger, "low"), runs_of(ledger, "high")) == (low, high)
    assert len(runs_of(ledger, "else")) == sum(kind == "form.submitted" for _, kind, _ in events)


def test_of_two_that_one_fact_begins_the_higher_comes_in() -> None:
    same = [
        Scenario(name, q.touches("form.submitted"), LONG, group="g", priority=n) for name, n in (("a", 0), ("b", 1))
    ]
    ledger = played(same, [FORM(1)], 60)
    assert runs_of(ledger, "a") == []
    assert runs_of(ledger, "b") == [done(1)]


@pytest.mark.parametrize(("day", "counts"), [(20, 1), (101, 1), (102, 0)])
def test_a_goal_after_the_end_counts_within_its_window(day: float, counts: int) -> None:
    scenario = on_form(goal=q.touches("deal.won"), goal_within=days(90))
    ledger = played([scenario], [FORM(1), (day, "deal.won", {}), (day + 1, "deal.won", {})], 200)
    reached = [one for one in ledger.facts.values() if one.kind == Fact.GOAL_REACHED]
    assert len(reached) == counts
    assert runs_of(ledger) == [done(1)]


def test_a_run_remembers_what_began_it_and_later_facts_renew_that() -> None:
    scenario = Scenario(
        "s",
        q.touches("seminar.applied"),
        LONG,
        key="seminar",
        moved_by=q.touches("seminar.rescheduled"),
        exit=q.entry.hall == "none",
    )
    events: list[Event] = [
        (1, "seminar.applied", {"seminar": "a", "hall": "1", "unasked": "x"}),
        (1, "seminar.applied", {"seminar": "b", "hall": "1"}),
        (3, "seminar.rescheduled", {"seminar": "a", "hall": "none"}),
    ]
    ledger = played([scenario], events, 5)
    assert runs_of(ledger) == [("a", 1, "exited"), ("b", 1, "active")]
    assert ledger.standing is not None
    assert [dict(run.entry) for run in ledger.standing.enrollments] == [{"hall": "none"}, {"hall": "1"}]


@pytest.mark.parametrize("existing", [False, True])
def test_those_who_are_there_already_come_in_only_if_the_scenario_wants_them(existing: bool) -> None:
    old = Program(segments=[SUBSCRIBERS])
    lead = attrs.evolve(Ledger(old).lead, title="subscriber")
    ledger = Ledger(old, lead)
    ledger.tick(START + days(1))
    scenarios = [
        Scenario("by_segment", q.segment("subscribers"), LONG, existing=existing),
        Scenario("by_predicate", q.lead.title == "subscriber", LONG, existing=existing),
        Scenario("not_them", q.lead.title == "other", LONG, existing=existing),
        Scenario("by_fact", q.touches("form.submitted"), LONG),
    ]
    new = Program(segments=[SUBSCRIBERS], scenarios=scenarios)
    dossier = Dossier(subject=ledger.lead, standing=ledger.standing, facts=tuple(ledger.facts.values()))
    rolled = roll_over(old, new, dossier, START + days(2)).standing
    assert rolled is not None
    names = {run.scenario for run in rolled.enrollments if run.state is EnrollmentState.ACTIVE}
    assert names == ({"by_segment", "by_predicate"} if existing else set())
    again = roll_over(
        new, attrs.evolve(new, zone="Asia/Tokyo"), attrs.evolve(dossier, standing=rolled), START + days(3)
    )
    assert again.standing is not None
    assert again.standing.enrollments == rolled.enrollments


def test_ticking_often_or_seldom_lets_in_the_same() -> None:
    every_hour = [START + hours(n) + MICROSECOND for n in range(24 * 40)]
    for case in CASES:
        once = played([case.scenario], case.events, 40)
        often = played([case.scenario], case.events, 0)
        for now in every_hour:
            often.tick(now)
        often.tick(START + days(40))
        assert runs_of(often) == runs_of(once), case.name


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"on": q.touches("a.b"), "existing": True}, "s.existing: expected an 'on' that holds or does not hold"),
        ({"on": None, "while_entered": True}, "s.while_entered: expected an 'on' that holds"),
        ({"on": q.touches("a.b"), "max_runs": 0}, "s.max_runs: expected at least 1"),
        ({"on": on_date(q.lead.renews_on), "key": "x"}, "s.key: the day is the key of such a run"),
        ({"on": on_date(q.lead.renews_in)}, "did you mean 'renews_on'"),
        ({"on": on_date(q.entry.x)}, "on_date takes a field of the lead or the account"),
        ({"on": q.touches("a.b"), "goal_within": days(1)}, "s.goal_within: expected a positive time, together with"),
        ({"on": q.touches("a.b"), "moved_by": q.segment("subscribers")}, "s.moved_by: expected a plain clause"),
        ({"on": q.entry.x == 1}, "s.on: q.entry.x: q.entry is known only inside a run"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_when_the_program_is_built(given: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem.replace("(", "\\(")):
        Program(scenarios=[when(steps=LONG, **given)], segments=[SUBSCRIBERS], attributes=ATTRIBUTES)  # type: ignore[arg-type]


def test_every_way_in_survives_the_codec_and_leaves_the_older_hashes_alone() -> None:
    for case in CASES:
        program = Program(scenarios=[case.scenario], segments=[SUBSCRIBERS], scores=[ENGAGEMENT], attributes=ATTRIBUTES)
        assert Program.from_json(program.to_json()) == program, case.name


def test_a_count_that_is_reached_lets_in_and_a_window_that_closes_does_not() -> None:
    scenario = when(q.touches("page.viewed").within(days=7).count() >= 2, reentry="always")
    ledger = played([scenario], [viewed(1), viewed(2), viewed(20), viewed(21)], 60)
    assert runs_of(ledger) == [done(2), done(21)]


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(1, 1, 1)])
@pytest.mark.parametrize("offset", [None, days(1), days(-1), civil(days=1), civil(months=-1, at="10:00")])
def test_a_date_at_the_end_of_the_calendar_harms_nobody(day: date, offset: Duration | None) -> None:
    for yearly in (False, True):
        ledger = played([when(on_date(q.lead.renews_on, offset, yearly=yearly))], [renews(1, day)], 60)
        assert ledger.standing is not None
        assert ledger.standing.dead is None


@pytest.mark.parametrize("offset", [days(-800), days(1200), civil(months=-30)])
def test_an_anniversary_may_be_years_away_from_what_it_brings(offset: Duration) -> None:
    scenario = when(on_date(q.lead.born_on, offset, yearly=True))
    ledger = played([scenario], [(1, "set", {"born_on": date(2000, 5, 5)})], 6 * 365)
    assert len(runs_of(ledger)) == 6


def test_a_goal_after_the_end_may_ask_what_the_run_began_with() -> None:
    goal = q.touches("deal.won").where(q.prop("seminar") == q.entry.seminar)
    scenario = on_form(key="seminar", goal=goal, goal_within=days(90))
    events = [SEMINAR(1, "a"), SEMINAR(1, "b"), (20, "deal.won", {"seminar": "b"})]
    ledger = played([scenario], events, 100)
    (reached,) = [one for one in ledger.facts.values() if one.kind == Fact.GOAL_REACHED]
    started = [one for one in ledger.facts.values() if one.kind == Fact.ENROLLMENT_STARTED]
    keys = {one.properties["enrollment"]: one.properties["key"] for one in started}
    assert keys[reached.properties["enrollment"]] == "b"


def test_a_run_without_a_key_is_renewed_by_facts_without_one() -> None:
    scenario = Scenario(
        "s", q.touches("a.applied"), LONG, key="seminar", moved_by=q.touches("a.moved"), exit=q.entry.hall == "none"
    )
    events: list[Event] = [(1, "a.applied", {"hall": "1"}), (3, "a.moved", {"hall": "none"})]
    assert runs_of(played([scenario], events, 20)) == [("", 1, "exited")]


@pytest.mark.parametrize(
    "given",
    [
        {"priority": "high"},
        {"priority": None},
        {"priority": 10**30},
        {"max_runs": "3"},
        {"reentry_after": 5},
        {"reentry_after": timedelta.max},
        {"goal_within": civil(days=3)},
        {"key": ["a"]},
        {"group": "a\0b"},
        {"title": "\ud800"},
    ],
)
def test_a_value_of_another_type_is_refused_where_it_stands(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=rf"scenarios.s.{next(iter(given))}: expected"):
        Scenario("s", q.touches("a.b"), LONG, **given)


def test_a_schedule_leaves_one_ended_run_behind_however_long_it_goes_on() -> None:
    ledger = played([at_nine("FREQ=DAILY")], [titled(1, "subscriber")], 400)
    assert ledger.standing is not None
    assert [(run.run_key, run.number) for run in ledger.standing.enrollments] == [("2027-04-04", 398)]
    few = attrs.evolve(at_nine("FREQ=DAILY"), max_runs=3)
    assert len(runs_of(played([few], [titled(1, "subscriber")], 60))) == 3
