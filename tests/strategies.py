"""Hypothesis strategies for whole programs, leads and histories, small enough to collide often.

Few kinds, few names and round lengths of time: windows end together, guards open at the instant at
which facts arrive, scenarios set each other off.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from random import Random

import attrs
from hypothesis import strategies as st

from nurture import (
    Attribute,
    Cap,
    ContactPolicy,
    Lead,
    Lifecycle,
    Message,
    Program,
    Scenario,
    ScoreModel,
    ScoreRule,
    Segment,
    Stage,
    Threshold,
    Transition,
    Window,
    civil,
    days,
    hours,
    minutes,
    q,
)
from nurture.model import Fact, LeadId, SubjectId, Value
from nurture.predicates import Predicate
from nurture.steps import (
    Step,
    act,
    branch,
    change_stage,
    exit_,
    notify,
    send,
    set_attribute,
    split,
    tag,
    wait,
    wait_for,
)

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
KINDS = ("form.submitted", "page.viewed", "email.clicked", "purchase.made")
STAGES = ("new", "mql", "customer")
HORIZON = START + days(45)

lengths = st.sampled_from([minutes(30), hours(1), hours(6), days(1), days(3), days(10)])
kinds = st.sampled_from(KINDS)


def _clause(kind: str, shape: int, window: timedelta, n: int) -> Predicate:
    touches = q.touches(kind)
    match shape:
        case 0:
            return touches
        case 1:
            return touches.within(window)
        case 2:
            return touches.within(window).count() >= n
        case 3:
            return touches.within(window).never()
        case 4:
            return touches.count() < n
        case 5:
            return touches.last(q.prop("path") == "/a")
        case 6:
            return q.touches().within(window).never()
        case _:
            return touches.where(q.prop("path") == "/a")


clauses = st.builds(_clause, kinds, st.integers(0, 7), lengths, st.integers(1, 3))
plain_clauses = st.builds(_clause, kinds, st.sampled_from([0, 7]), lengths, st.just(1))
marks = st.sampled_from([5, 8, 12, 20])
leaves: st.SearchStrategy[Predicate] = st.one_of(
    clauses,
    clauses,
    marks.map(lambda mark: q.score("engagement") >= mark),
    marks.map(lambda mark: q.score("engagement") < mark),
    st.sampled_from(STAGES).map(lambda name: q.stage == name),
    lengths.map(lambda length: q.time_in_stage >= length),
    st.sampled_from(["a", "b"]).map(lambda text: q.lead.title == text),
    st.sampled_from(["a", "b"]).map(lambda text: q.lead.grp == text),
    st.just(q.lead.tags.contains("x")),
    st.just(q.account.industry == "SaaS"),
)


def _joined(left: Predicate, right: Predicate, how: int) -> Predicate:
    return (left, left & right, left | right, left & ~right, ~left)[how]


asked = st.builds(_joined, leaves, leaves, st.sampled_from([0, 0, 0, 1, 2, 3, 4]))
asked_with_segments = st.one_of(asked, asked, st.sampled_from(["s0", "s1"]).map(lambda name: q.segment(name)))


@st.composite
def score_models(draw: st.DrawFn) -> ScoreModel:
    def rule(when: Predicate, points: float, limit: int) -> ScoreRule:
        match limit:
            case 1:
                return ScoreRule(when, points, cap=2)
            case 2:
                return ScoreRule(when, points, once_per="path")
            case 3:
                return ScoreRule(when, points, cap=2, once_per="path")
        return ScoreRule(when, points)

    about = draw(
        st.lists(
            st.builds(rule, plain_clauses, st.sampled_from([2, 5, 8, -4]), st.integers(0, 3)), min_size=1, max_size=3
        )
    )
    constant = draw(
        st.sampled_from([(), (ScoreRule(q.lead.title == "a", 6),), (ScoreRule(q.account.industry == "SaaS", 6),)])
    )
    thresholds = draw(
        st.sampled_from([(), (Threshold("warm", 8, 5),), (Threshold("warm", 12), Threshold("hot", 20, 8))])
    )
    half_life = draw(st.sampled_from([None, hours(6), days(1), days(21)]))
    return ScoreModel("engagement", [*about, *constant], half_life=half_life, thresholds=thresholds)


@st.composite
def lifecycles(draw: st.DrawFn) -> Lifecycle:
    stale = draw(st.sampled_from([None, days(1), days(5)]))
    ways = [("new", "mql"), ("mql", "customer"), ("mql", "new"), ("new", "customer"), ("customer", "mql")]
    chosen = draw(st.lists(st.sampled_from(ways), min_size=1, max_size=4, unique=True))
    transitions = [
        Transition(source, target, when=draw(st.none() | asked), guard=draw(st.none() | st.none() | leaves))
        for source, target in chosen
    ]
    return Lifecycle([Stage("new"), Stage("mql", stale_after=stale), Stage("customer")], transitions)


def _wait(kind: int, length: timedelta) -> Step:
    return wait(civil(days=1, at="10:00")) if kind == 0 else wait(length)


simple_steps: st.SearchStrategy[Step] = st.one_of(
    st.sampled_from(["hello", "tips"]).map(lambda name: send(name)),
    st.builds(_wait, st.integers(0, 3), lengths),
    st.builds(_wait, st.integers(0, 3), lengths),
    st.sampled_from(["a", "b"]).map(lambda text: set_attribute("grp", text)),
    st.sampled_from([tag("x"), tag("y", remove=["x"])]),
    st.sampled_from(STAGES).map(lambda name: change_stage(name)),
    st.just(act("task")),
    st.just(notify("owner")),
)


@st.composite
def step_lists(draw: st.DrawFn, depth: int = 2) -> list[Step]:
    steps: list[Step] = []
    for _ in range(draw(st.integers(1, 4))):
        shape = draw(st.integers(0, 7)) if depth else 7
        inner = step_lists(depth - 1) | st.just([])
        if shape == 0:
            steps.append(branch(draw(asked_with_segments), draw(inner), draw(inner)))
        elif shape in (1, 2):
            steps.append(wait_for(draw(plain_clauses), draw(lengths), draw(inner), draw(inner)))
        elif shape == 3:
            steps.append(split("ab", a=(1, draw(inner)), b=(2, draw(inner))))
        else:
            steps.append(draw(simple_steps))
    return [*steps, exit_()] if depth < 2 and draw(st.integers(0, 5)) == 0 else steps


@st.composite
def scenarios(draw: st.DrawFn, name: str) -> Scenario:
    on = draw(
        st.one_of(
            plain_clauses,
            plain_clauses,
            kinds.map(lambda kind: q.touches(kind)),
            st.sampled_from([q.segment("s0"), q.segment("s1"), q.stage == "mql", None]),
        )
    )
    reentry = draw(st.sampled_from(["never", "always", "restart"]))
    return Scenario(
        name,
        on,
        draw(step_lists()),
        only_if=draw(st.none() | st.none() | asked_with_segments),
        key=draw(st.sampled_from([None, None, "path"])),
        reentry=reentry,
        reentry_after=days(2) if reentry == "always" else None,
        goal=draw(st.none() | st.none() | plain_clauses | asked),
        exit=draw(st.none() | st.none() | asked_with_segments),
    )


MESSAGES = (
    Message("hello", "marketing", "Hello", "Hello {{ lead.name or 'there' }}"),
    Message("tips", "transactional", "Tips", "Tips"),
    Message("owner", "internal", "Look", "Look"),
)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    return Program(
        name=draw(st.sampled_from(["program", "春"])),
        scores=[draw(score_models())],
        lifecycle=draw(lifecycles()),
        segments=[Segment("s0", draw(asked)), Segment("s1", draw(asked))],
        messages=MESSAGES,
        scenarios=[draw(scenarios(f"c{place}")) for place in range(draw(st.integers(2, 3)))],
        attributes=[Attribute("grp")],
        actions=["task"],
        policy=draw(
            st.sampled_from(
                [ContactPolicy(), ContactPolicy(cap=Cap(2, days(7)), quiet=Window(time(20), time(8)))],
            )
        ),
        zone=draw(st.sampled_from(["UTC", "Asia/Tokyo"])),
    )


@attrs.frozen
class Happening:
    """Something that a history's author makes happen: a fact that is received at an instant."""

    received_at: datetime
    kind: str
    at: datetime
    properties: dict[str, Value]


def _happening(dice: Random) -> Happening:
    received_at = START + _offset(dice)
    text = dice.choice("abc")
    requests: list[tuple[str, dict[str, Value]]] = [
        ("host changes title", {"title": text}),
        ("host changes grp", {"grp": text}),
        (Fact.ACCOUNT_TOLD, {"after.industry": "SaaS"} if text == "a" else {}),
        (Fact.STAGE_REQUESTED, {"stage": dice.choice(STAGES), "reason": text}),
        (Fact.ENROLLMENT_REQUESTED, {"scenario": "c0", "key": ""}),
        (Fact.WITHDRAWAL_REQUESTED, {"scenario": "c0", "key": "", "reason": ""}),
    ]
    if dice.random() < 0.25:
        kind, properties = dice.choice(requests)
        return Happening(received_at, kind, received_at, properties)
    path = dice.choice([None, "/a", "/b"])
    shift = dice.choice([*[timedelta(0)] * 6, hours(-1), days(-1), days(-12), days(-50), minutes(30), hours(1)])
    return Happening(received_at, dice.choice(KINDS), received_at + shift, {} if path is None else {"path": path})


def _offset(dice: Random) -> timedelta:
    """Half of the instants lie on whole hours, and often on the same ones."""
    if dice.random() < 0.5:
        return hours(dice.choice([dice.randint(0, 24 * 40), 24 * dice.randint(0, 20)]))
    return dice.randint(0, 40 * 24 * 3600 * 10**6) * MICROSECOND


def random_history(dice: Random) -> list[Happening]:
    """What happens to one lead in forty days, in the order in which it is heard of."""
    some = [_happening(dice) for _ in range(dice.randint(4, 30))]
    return sorted(some, key=lambda one: one.received_at)


def random_ticks(dice: Random) -> list[datetime]:
    """The instants at which a worker is awake: seldom, often, or in bursts."""
    return sorted(START + _offset(dice) for _ in range(dice.choice([1, 3, 10, 40])))


seeds = st.integers(0, 2**32)

LEAD = LeadId(SubjectId("lead_1"))


def a_lead(**fields: object) -> Lead:
    """A lead who arrived at the start."""
    return Lead(**{"id": LEAD, "email": "a@example.com", "created_at": START, **fields})  # type: ignore[arg-type]
