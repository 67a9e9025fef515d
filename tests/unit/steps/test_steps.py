"""Each step kind: what it asks for on arrival, how it goes on, what is wrong with it, what it says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nurture import civil, days, hours, q
from nurture.errors import DefinitionError, InvalidFactError
from nurture.model import EffectKind, EnrollmentState, Repeat
from nurture.steps import (
    STEPS,
    EffectOrder,
    Go,
    Leave,
    Split,
    StageOrder,
    Stay,
    Step,
    TagOrder,
    ValueOrder,
    Wait,
    act,
    adjust_score,
    approve,
    assign,
    branch,
    cases,
    change_stage,
    enroll,
    exit_,
    goal,
    increment,
    jump,
    lay_out,
    mark,
    notify,
    send,
    send_first,
    send_to_people,
    set_attribute,
    split,
    tag,
    task,
    tell,
    wait,
    wait_for,
    wait_for_any,
    wait_until,
    webhook,
    withdraw,
)
from tests.unit.steps.scenes import NOW, GivenScene, after, fact

CLICK = q.touches("email.clicked")
EVERY: tuple[Step, ...] = (
    act("task"),
    adjust_score("engagement", 5),
    approve("boss", deadline=days(1), message="hello"),
    assign("tanaka"),
    branch(CLICK),
    cases(hot=(CLICK, [])),
    change_stage("mql"),
    enroll("drip", key="spring"),
    exit_("done"),
    goal("met"),
    increment("calls"),
    jump("again", at_most=2),
    mark("again"),
    notify("owner"),
    send("hello"),
    send_first("hello", "tips"),
    send_to_people("security", q.lead.role == "IT"),
    set_attribute("grp", "a"),
    split("x", a=(1, []), b=(1, [])),
    tag("x", remove=["y"]),
    task("Call", due=days(2)),
    tell("referral.thanked", to=q.entry.referrer),
    wait(days(1)),
    wait_for(CLICK, days(1)),
    wait_for_any(days(1), clicked=(CLICK, [])),
    wait_until(q.lead.created_at),
    webhook("task"),
    withdraw("drip"),
)


def test_every_kind_is_listed_once_and_sorted_by_name() -> None:
    assert [kind.__name__ for kind in STEPS] == sorted(kind.__name__ for kind in STEPS)
    assert {kind.kind for kind in STEPS} == {step.kind for step in EVERY}
    assert len({kind.kind for kind in STEPS}) == len(STEPS)


@pytest.mark.parametrize("step", EVERY, ids=lambda step: step.kind)
def test_every_step_says_what_it_does_in_both_languages_and_has_no_problem(step: Step) -> None:
    assert step.sentence()
    assert step.sentence("ja") != step.sentence("en")
    assert list(step.problems()) == []


@pytest.mark.parametrize(
    ("step", "kind", "repeat"),
    [
        (send("hello"), EffectKind.MESSAGE, Repeat.AT_MOST_ONCE),
        (notify("hello"), EffectKind.NOTICE, Repeat.AT_LEAST_ONCE),
        (act("hello"), EffectKind.ACTION, Repeat.AT_LEAST_ONCE),
    ],
)
def test_a_step_that_does_something_waits_until_it_settled(step: Step, kind: EffectKind, repeat: Repeat) -> None:
    assert step.arrive(GivenScene()) == Stay(effect=EffectOrder(kind, "hello", repeat=repeat))
    assert step.resume(after(days(9))) == Stay()
    assert step.resume(GivenScene(outcome="failed", turns=1)) == Go(saw={"outcome": "failed"})


def test_a_wait_ends_at_its_instant_and_not_before() -> None:
    step = wait(hours=2)
    assert step.arrive(GivenScene()) == Stay(until=NOW + hours(2))
    assert step.resume(after(hours(2) - timedelta(microseconds=1))) == Stay(until=NOW + hours(2))
    assert step.resume(after(hours(2))) == Go()


def test_a_wait_takes_one_length() -> None:
    assert wait(civil(days=1, at="10:00")).duration == civil(days=1, at="10:00")
    for wrong in (lambda: wait(), lambda: wait(days(1), days=1), lambda: wait(3)):  # type: ignore[arg-type]
        with pytest.raises(DefinitionError):
            wrong()
    assert list(Wait(timedelta(-1)).problems())
    assert list(Wait(timedelta.max).problems())


def test_waiting_for_a_fact_ends_with_the_fact_or_with_the_deadline() -> None:
    step = wait_for(CLICK, days(1))
    assert step.arrive(GivenScene()) == Stay(until=NOW + days(1))
    assert step.resume(GivenScene(facts={CLICK: fact("email.clicked")})) == Go("seen", saw={"fact": "fact_1"})
    assert step.resume(after(days(1))) == Go("timeout")


def test_a_fact_and_a_deadline_at_one_instant_end_as_seen() -> None:
    clicked = fact("email.clicked", NOW + days(1))
    assert wait_for(CLICK, days(1)).resume(after(days(1), facts={CLICK: clicked})) == Go("seen", saw={"fact": "fact_1"})


@pytest.mark.parametrize("clause", [CLICK.count() >= 2, CLICK.within(days=1), CLICK.never(), q.stage == "mql"])
def test_waiting_takes_a_plain_clause(clause: object) -> None:
    assert list(wait_for(clause, days(1)).problems())  # type: ignore[arg-type]


def test_a_branch_goes_one_way() -> None:
    step = branch(CLICK, then=[tag("yes")], otherwise=[tag("no")])
    assert step.arrive(GivenScene(answers={CLICK: True})) == Go("then")
    assert step.arrive(GivenScene(answers={CLICK: False})) == Go("otherwise")
    assert set(step.edges()) == {"then", "otherwise"}


@pytest.mark.parametrize(("drawn", "way"), [(0.0, "a"), (0.249, "a"), (0.25, "b"), (0.999_999, "b")])
def test_a_split_divides_by_weight(drawn: float, way: str) -> None:
    move = split("x", a=(1, []), b=(3, [])).arrive(GivenScene(drawn=drawn))
    assert isinstance(move, Go)
    assert move.edge == way


def test_a_split_needs_two_ways_with_positive_weights_and_names() -> None:
    assert list(split("x", a=(1, [])).problems())
    assert list(split("x", a=(0, []), b=(1, [])).problems())
    assert list(split("x", a=(float("inf"), []), b=(1, [])).problems())
    way = split("x", a=(1, []), b=(1, [])).ways[0]
    assert list(Split("x", (way, way)).problems())


def test_steps_that_change_the_subject_give_an_order_and_go_on() -> None:
    assert change_stage("mql", reason="r").arrive(GivenScene()) == Go(orders=(StageOrder("mql", "r"),))
    assert set_attribute("grp", 3).arrive(GivenScene()) == Go(orders=(ValueOrder("grp", 3),))
    assert tag("x", remove=["y"]).arrive(GivenScene()) == Go(orders=(TagOrder(("x",), ("y",)),))
    assert list(tag().problems())
    with pytest.raises(InvalidFactError):
        set_attribute("grp", object())


def test_an_exit_ends_the_run_with_its_reason() -> None:
    assert exit_("won").arrive(GivenScene()) == Leave(EnrollmentState.EXITED, "won")
    assert exit_().arrive(GivenScene()) == Leave(EnrollmentState.EXITED, "exit")


def test_every_step_has_an_address_and_every_edge_a_goal() -> None:
    flow = lay_out([branch(CLICK, then=[tag("a"), tag("b")]), tag("c")])
    assert flow.start == "0"
    assert {address: dict(node.ways) for address, node in flow.nodes.items()} == {
        "0": {"then": "0.then.0", "otherwise": "1"},
        "0.then.0": {"next": "0.then.1"},
        "0.then.1": {"next": "1"},
        "1": {"next": None},
    }


@pytest.mark.parametrize(
    ("visits", "is_one"),
    [
        ([], True),
        ([("0", None)], True),
        ([("0", "otherwise"), ("1", None)], True),
        ([("0", "then"), ("0.then.0", "next"), ("1", "next")], True),
        ([("1", None)], False),
        ([("0", "seen")], False),
        ([("0", None), ("1", None)], False),
        ([("0", "then"), ("1", None)], False),
        ([("0", "otherwise"), ("1", "next"), ("0", None)], False),
    ],
)
def test_a_path_follows_the_edges_from_the_start(visits: list[tuple[str, str | None]], is_one: bool) -> None:
    assert lay_out([branch(CLICK, then=[tag("a")]), tag("c")]).is_path(visits) is is_one


def test_an_empty_scenario_has_no_start() -> None:
    assert lay_out([]).start is None
