"""Strategies for whole programs, small enough to collide often. May import the public names.

Few _kinds, few names and round _lengths of time: windows end together, guards open at the instant at which facts
arrive, scenarios set each other off. Every kind of step occurs.

What is drawn from stands at the top or is remembered: Hypothesis looks at each new strategy object anew, and that takes
as long as drawing from it.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from functools import cache
from typing import Final

import attrs
from hypothesis import reject
from hypothesis import strategies as st

from nurture.calendar import Window, civil, days, hours, minutes
from nurture.errors import DefinitionError
from nurture.model import SubjectKind
from nurture.predicates import FieldType, Predicate, q
from nurture.program import (
    CAN_SPAM,
    CASL,
    GDPR,
    JAPAN,
    Attribute,
    Cap,
    ContactPolicy,
    Hold,
    Holdout,
    Lifecycle,
    Message,
    Program,
    Rate,
    Scenario,
    ScoreModel,
    ScoreRule,
    Segment,
    Sharing,
    Spacing,
    Stage,
    Threshold,
    Transition,
    WarmUp,
)
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
from nurture.testing.strategies.acting import acting_steps
from nurture.testing.strategies.clauses import clauses_for
from nurture.testing.strategies.predicates import predicates_for
from nurture.testing.strategies.relaying import TELLING, buying, summoning
from nurture.testing.strategies.waiting import CHANGING, in_circles, waiting_steps

KINDS: Final = ("form.submitted", "page.viewed", "email.clicked", "purchase.made")
"""The kinds of facts that `programs()` ask about."""
STAGES: Final = ("new", "mql", "customer")
"""The stages of the lifecycles in `programs()`."""

_lengths = st.sampled_from([minutes(30), hours(1), hours(6), days(1), days(3), days(10)])
_kinds = st.sampled_from(KINDS)


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


_clauses = st.builds(_clause, _kinds, st.integers(0, 7), _lengths, st.integers(1, 3))
_plain_clauses = st.builds(_clause, _kinds, st.sampled_from([0, 7]), _lengths, st.just(1))
_marks = st.sampled_from([5, 8, 12, 20])
_leaves: st.SearchStrategy[Predicate] = st.one_of(
    _clauses,
    _clauses,
    _marks.map(lambda mark: q.score("engagement") >= mark),
    _marks.map(lambda mark: q.score("engagement") < mark),
    st.sampled_from(STAGES).map(lambda name: q.stage == name),
    _lengths.map(lambda length: q.time_in_stage >= length),
    st.sampled_from(["a", "b"]).map(lambda text: q.lead.title == text),
    st.sampled_from(["a", "b"]).map(lambda text: q.lead.grp == text),
    st.just(q.lead.tags.contains("x")),
    st.just(q.account.industry == "SaaS"),
)


def _joined(left: Predicate, right: Predicate, how: int) -> Predicate:
    return (left, left & right, left | right, left & ~right, ~left)[how]


_asked = st.builds(_joined, _leaves, _leaves, st.sampled_from([0, 0, 0, 1, 2, 3, 4]))
_asked_with_segments = st.one_of(_asked, _asked, st.sampled_from(["s0", "s1"]).map(lambda name: q.segment(name)))


def _rule(when: Predicate, points: float, limit: int) -> ScoreRule:
    match limit:
        case 1:
            return ScoreRule(when, points, cap=2)
        case 2:
            return ScoreRule(when, points, once_per="path")
        case 3:
            return ScoreRule(when, points, cap=2, once_per="path")
        case _:
            return ScoreRule(when, points)


_rules = st.lists(
    st.builds(_rule, _plain_clauses, st.sampled_from([2, 5, 8, -4]), st.integers(0, 3)), min_size=1, max_size=3
)
_constant_rules: st.SearchStrategy[tuple[ScoreRule, ...]] = st.sampled_from(
    [(), (ScoreRule(q.lead.title == "a", 6),), (ScoreRule(q.account.industry == "SaaS", 6),)]
)
_thresholds: st.SearchStrategy[tuple[Threshold, ...]] = st.sampled_from(
    [(), (Threshold("warm", 8, 5),), (Threshold("warm", 12), Threshold("hot", 20, 8))]
)
_half_lives = st.sampled_from([None, hours(6), days(1), days(21)])


@st.composite
def score_models(draw: st.DrawFn) -> ScoreModel:
    """The model `engagement`: rules about facts with caps and keys, about the lead and its account, thresholds."""
    about, constant, thresholds = draw(_rules), draw(_constant_rules), draw(_thresholds)
    return ScoreModel("engagement", [*about, *constant], half_life=draw(_half_lives), thresholds=thresholds)


_STALE: Final = st.sampled_from([None, days(1), days(5)])
_WAYS: Final = st.lists(
    st.sampled_from([("new", "mql"), ("mql", "customer"), ("mql", "new"), ("new", "customer"), ("customer", "mql")]),
    min_size=1,
    max_size=4,
    unique=True,
)
_if_asked = st.none() | _asked
_seldom_a_leaf = st.none() | st.none() | _leaves
_seldom_asked = st.none() | st.none() | _asked_with_segments
_seldom_a_goal = st.none() | st.none() | _plain_clauses | _asked


@st.composite
def lifecycles(draw: st.DrawFn) -> Lifecycle:
    """Ways between `STAGES`, there and back, by themselves and guarded; a stage may go stale."""
    stale = draw(_STALE)
    transitions = [
        Transition(source, target, when=draw(_if_asked), guard=draw(_seldom_a_leaf)) for source, target in draw(_WAYS)
    ]
    return Lifecycle([Stage("new"), Stage("mql", stale_after=stale), Stage("customer")], transitions)


def _wait(kind: int, length: timedelta) -> Step:
    return wait(civil(days=1, at="10:00")) if kind == 0 else wait(length)


_simple_steps: st.SearchStrategy[Step] = st.one_of(
    st.sampled_from(["hello", "tips"]).map(lambda name: send(name)),
    st.builds(_wait, st.integers(0, 3), _lengths),
    st.builds(_wait, st.integers(0, 3), _lengths),
    st.sampled_from(["a", "b"]).map(lambda text: set_attribute("grp", text)),
    st.sampled_from([tag("x"), tag("y", remove=["x"])]),
    st.sampled_from(STAGES).map(lambda name: change_stage(name)),
    CHANGING,
    st.just(act("task")),
    st.just(notify("owner")),
    st.sampled_from(TELLING),
)


@st.composite
def step_lists(draw: st.DrawFn, depth: int = 2) -> list[Step]:
    """Steps of every kind, nested so deep at most, for a program with the names of `programs()`."""
    steps: list[Step] = []
    for _ in range(draw(st.integers(1, 4))):
        shape = draw(st.integers(0, 11)) if depth else 11
        inner = _inner(depth)
        if shape == 0:
            steps.append(branch(draw(_asked_with_segments), draw(inner), draw(inner)))
        elif shape in (1, 2):
            steps.append(wait_for(draw(_plain_clauses), draw(_lengths), draw(inner), draw(inner)))
        elif shape == 3:
            steps.append(split("ab", a=(1, draw(inner)), b=(2, draw(inner))))
        elif shape in (4, 5):
            steps.append(draw(_acting(depth)))
        elif shape in (6, 7):
            steps.append(draw(_waiting(depth)))
        else:
            steps.append(draw(_simple_steps))
    if depth == 2 and draw(st.integers(0, 3)) == 0:
        return in_circles(steps, draw(st.integers(1, 3)))
    return [*steps, exit_()] if depth < 2 and draw(st.integers(0, 5)) == 0 else steps


@cache
def _inner(depth: int) -> st.SearchStrategy[list[Step]]:
    """The steps inside one of a list that is nested so deep."""
    return step_lists(depth - 1) | st.just([])


@cache
def _acting(depth: int) -> st.SearchStrategy[Step]:
    return acting_steps(_inner(depth), _asked_with_segments)


@cache
def _waiting(depth: int) -> st.SearchStrategy[Step]:
    return waiting_steps(_inner(depth), _plain_clauses, _asked_with_segments)


_ENTRIES: Final = st.one_of(
    _plain_clauses,
    _plain_clauses,
    _kinds.map(lambda kind: q.touches(kind)),
    st.sampled_from([q.segment("s0"), q.segment("s1"), q.stage == "mql", None]),
)
_REENTRIES: Final = st.sampled_from(["never", "always", "restart"])
_KEYS: Final = st.sampled_from([None, None, "path"])
_STEPS: Final = step_lists()


@st.composite
def scenarios(draw: st.DrawFn, name: str) -> Scenario:
    """Scenarios of this name with every sort of entry, re-entry, goal and exit, likewise."""
    on, reentry = draw(_ENTRIES), draw(_REENTRIES)
    return Scenario(
        name,
        on,
        draw(_STEPS),
        only_if=draw(_seldom_asked),
        key=draw(_KEYS),
        reentry=reentry,
        reentry_after=days(2) if reentry == "always" else None,
        goal=draw(_seldom_a_goal),
        exit=draw(_seldom_asked),
    )


_MESSAGES: Final = (
    Message("hello", "marketing", "Hello", "Hello {{ lead.name or 'there' }}"),
    Message("tips", "transactional", "Tips", "Tips"),
    Message("owner", "internal", "Look", "Look"),
)


_LAWS: Final = (JAPAN, attrs.evolve(GDPR, confirmed=True), CAN_SPAM, CASL)


def policies(entities: tuple[str, ...] = ("",)) -> st.SearchStrategy[ContactPolicy]:
    """Contact policies with laws, sharing between these entities, holds, caps, spacing, rates and hours; some of each.

    Args:
        entities: Who sends, by the messages of the program for which the policy is.
    """
    return _policies(entities)


_CAPS = (
    Cap(2, days(7)),
    Cap(1, "day"),
    Cap(1, days(14), channel="email", purposes=["marketing", "transactional"]),
    Cap(3, days(1), scope="account"),
    Cap(40, "week", scope="domain"),
    Cap(1_000, days(1), scope="all"),
)
_RATES = (Rate(100, hours(1)), Rate(2, minutes(30), domain="*"), Rate(5, hours(1), domain="example.com"))
_SPACING = Spacing(civil(business_days=1), [(q.lead.title == "a", days(9))])


@st.composite
def _policies(draw: st.DrawFn, entities: tuple[str, ...]) -> ContactPolicy:
    laws = draw(st.lists(st.sampled_from(_LAWS), unique_by=lambda law: law.name, max_size=4))
    pairs = [(giver, taker) for giver in ("", "group", *entities) for taker in entities if giver != taker]
    shared = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=2)) if pairs else []
    by_lead = draw(st.booleans())
    holds = [Hold("title", q.lead.title == "a"), Hold("asked", q.touches("inquiry.opened").within(days=2))]
    return ContactPolicy(
        consent=draw(st.sampled_from(["required", "required", "not_refused"])),
        caps=draw(st.lists(st.sampled_from(_CAPS), unique=True, max_size=3)),
        spacing=draw(st.sampled_from([None, None, days(1), _SPACING])),
        rates=draw(st.lists(st.sampled_from(_RATES), unique=True, max_size=2)),
        warm_ups=draw(st.sampled_from([[], [WarmUp(date(2026, 4, 1), [1, 2, 40])]])),
        holdout=draw(st.sampled_from([None, None, Holdout(0.5)])),
        only=draw(st.sampled_from([[], [Window(time(9), time(12)), Window(time(13), time(18))]])),
        open_days_only=draw(st.booleans()),
        quiet=draw(st.sampled_from([None, Window(time(20), time(8))])),
        jurisdiction=draw(st.sampled_from(["", *(law.name for law in laws)])),
        jurisdiction_from="locale" if laws and by_lead else None,
        jurisdictions=laws,
        sharing=[Sharing(giver, taker, "joint_use", "a notice") for giver, taker in dict.fromkeys(shared)],
        holds=draw(st.lists(st.sampled_from(holds), unique_by=lambda hold: hold.name, max_size=2)),
    )


def programs(*, wide: bool = False) -> st.SearchStrategy[Program]:
    """Valid programs: one score, a lifecycle, segments that other parts name, two or three scenarios, a policy.

    Args:
        wide: Also declare attributes of every type, parts about accounts and a policy that knows laws, and enroll by
            any predicate at all; such programs collide less often.
    """
    return _programs().flatmap(_widened) if wide else _programs()


_PROGRAM_NAMES: Final = st.sampled_from(["program", "春"])
_SCORE_MODELS: Final = score_models()
_LIFECYCLES: Final = lifecycles()
_SCENARIOS: Final = tuple(scenarios(f"c{place}") for place in range(3))
_SUMMONING: Final = st.lists(summoning(KINDS), max_size=1)
_BUYING: Final = st.lists(buying(), max_size=1)
_CAPPED_OR_NOT: Final = st.sampled_from(
    [ContactPolicy(), ContactPolicy(caps=Cap(2, days(7)), quiet=Window(time(20), time(8)))]
)
_ZONES: Final = st.sampled_from(["UTC", "Asia/Tokyo"])


@st.composite
def _programs(draw: st.DrawFn) -> Program:
    return Program(
        name=draw(_PROGRAM_NAMES),
        scores=[draw(_SCORE_MODELS)],
        lifecycle=draw(_LIFECYCLES),
        segments=[Segment("s0", draw(_asked)), Segment("s1", draw(_asked))],
        messages=_MESSAGES,
        scenarios=[
            *[draw(_SCENARIOS[place]) for place in range(draw(st.integers(2, 3)))],
            *draw(_SUMMONING),
            *draw(_BUYING),
        ],
        attributes=[Attribute("grp"), Attribute("calls", "integer"), Attribute("meets", "instant")],
        actions=["task"],
        policy=draw(_CAPPED_OR_NOT),
        zone=draw(_ZONES),
    )


@st.composite
def _widened(draw: st.DrawFn, program: Program) -> Program:
    typed = [Attribute(f"{owner.value}_{of.value}", of, owner) for owner in SubjectKind for of in FieldType]
    firms = SubjectKind.ACCOUNT
    more = attrs.evolve(
        program,
        attributes=[*program.attributes, *typed],
        policy=draw(st.just(program.policy) | policies()),
        scores=[*program.scores, ScoreModel("firm", [ScoreRule(q.touches("purchase.made"), 5)], subject=firms)],
    )
    segments = [Segment("any", draw(predicates_for(more))), Segment("firms", draw(predicates_for(more, firms)), firms)]
    scenario = Scenario("any", q.segment("any"), draw(step_lists()), goal=draw(clauses_for(KINDS, plain=True)))
    try:
        return attrs.evolve(more, segments=[*more.segments, *segments], scenarios=[*more.scenarios, scenario])
    except DefinitionError as error:
        if "go in a circle" not in str(error):
            raise
        reject()  # what was drawn about the company and its people asked itself
