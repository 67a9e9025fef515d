"""What all steps share that do something in the world: parameters, lateness, and the ways on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nurture import Attribute, Message, Program, Scenario, days, hours, q
from nurture.errors import DefinitionError, InvalidFactError
from nurture.model import EMPTY
from nurture.steps import (
    Acting,
    EffectOrder,
    Go,
    Misfire,
    ShiftOrder,
    Stay,
    act,
    lay_out,
    notify,
    send,
    send_first,
    tag,
    webhook,
)
from nurture.steps.acting import sorted_out
from nurture.steps.step import LONGEST
from tests.unit.steps.scenes import NOW, GivenScene, after

PARAMS = {"n": 1, "starts": q.entry.starts_at, "of": {"firm": q.account.name}}
EACH = (act("x"), notify("x"), send("x"), send_first("x", unread=False), webhook("x"))


def asked(step: Acting, scene: GivenScene) -> EffectOrder:
    move = step.arrive(scene)
    assert isinstance(move, Stay)
    assert move.effect is not None
    return move.effect


@pytest.mark.parametrize("make", [act, notify, send, send_first, webhook], ids=lambda make: make.__name__)
def test_a_parameter_is_given_or_read_from_a_field_on_arrival(make: object) -> None:
    given = {"payload": PARAMS} if make is webhook else {"params": PARAMS}
    given |= {"unread": False} if make is send_first else {}
    step = make("x", **given)  # type: ignore[operator]
    order = asked(step, GivenScene(values={"starts_at": NOW, "name": "Acme"}))
    assert order.params == {"n": 1, "starts": NOW, "of.firm": "Acme"}
    assert asked(step, GivenScene(values={"name": "Acme"})).params == {"n": 1, "of.firm": "Acme"}
    assert {(place, predicate.fields) for place, predicate in step.predicates()} == {
        ("params.starts", (q.entry.starts_at.field_,)),
        ("params.of.firm", (q.account.name.field_,)),
    }


def test_parameters_are_sorted_into_values_and_fields() -> None:
    assert sorted_out(None, "params") == (EMPTY, {})
    assert sorted_out(PARAMS, "params") == (
        {"n": 1},
        {"starts": q.entry.starts_at.field_, "of.firm": q.account.name.field_},
    )
    with pytest.raises(InvalidFactError, match=r"params\.x"):
        sorted_out({"x": object()}, "params")


def test_a_parameter_is_not_given_twice() -> None:
    step = send("x", params={"n": q.lead.title})
    doubled = type(step)("x", params={"n": 1}, fill=step.fill)
    assert list(doubled.problems()) == ["params.n: is given, and filled from a field; expected one of them"]


@pytest.mark.parametrize("step", EACH, ids=lambda step: step.kind)
def test_without_steps_for_a_failure_it_goes_on(step: Acting) -> None:
    assert step.edges() == {}
    for outcome in ("sent", "failed", "withheld", "unknown"):
        assert step.resume(GivenScene(outcome=outcome, turns=1)) == Go(saw={"outcome": outcome})


@pytest.mark.parametrize(
    ("outcome", "edge"),
    [("sent", "next"), ("done", "next"), ("failed", "failed"), ("unknown", "failed"), ("withheld", "withheld")],
)
def test_a_failure_leads_on_by_its_own_way(outcome: str, edge: str) -> None:
    step = send("x", if_failed=[tag("f")], if_withheld=[tag("w")])
    move = step.resume(GivenScene(outcome=outcome, reason="why", turns=1))
    assert move == Go(edge, saw={"outcome": outcome, "reason": "why"})
    assert set(step.edges()) == {"next", "failed", "withheld"}


def test_only_the_ways_with_steps_are_there() -> None:
    step = act("x", if_failed=[tag("f")])
    assert step.resume(GivenScene(outcome="withheld", turns=1)) == Go(saw={"outcome": "withheld"})
    flow = lay_out([step, tag("after")])
    assert dict(flow.nodes["0"].ways) == {"next": "1", "failed": "0.failed.0"}
    assert dict(flow.nodes["0.failed.0"].ways) == {"next": "1"}


@pytest.mark.parametrize("step", EACH, ids=lambda step: step.kind)
def test_by_default_the_policy_says_how_late_is_too_late(step: Acting) -> None:
    order = asked(step, GivenScene(following=NOW + days(1)))
    assert (order.max_lateness, order.not_after) == (None, None)


@pytest.mark.parametrize(
    ("misfire", "lateness", "longest", "until"),
    [
        ("skip", hours(2), hours(2), None),
        ("now", None, LONGEST, None),
        ("last_only", None, LONGEST, NOW + days(1)),
        ("last_only", hours(2), hours(2), NOW + days(1)),
        ("shift", None, LONGEST, None),
        ("shift", hours(2), hours(2), None),
    ],
)
def test_a_policy_says_how_late_it_may_be(
    misfire: str, lateness: timedelta | None, longest: timedelta, until: object
) -> None:
    step = send("x", misfire=misfire, max_lateness=lateness)
    order = asked(step, GivenScene(following=NOW + days(1)))
    assert (order.max_lateness, order.not_after) == (longest, until)


def test_the_last_one_has_no_next_appointment_to_be_overtaken_by() -> None:
    assert asked(send("x", misfire="last_only"), GivenScene()).not_after is None


@pytest.mark.parametrize(
    ("late", "took", "outcome", "moved"),
    [
        (days(3) + hours(5), hours(1), "sent", 3),
        (hours(20), hours(5), "sent", 1),  # arrived late, and was claimed later still
        (days(2), hours(0), "unknown", 2),
        (days(2), hours(0), "withheld", 0),
        (days(2), hours(0), "failed", 0),
        (hours(23), hours(0), "sent", 0),
    ],
)
def test_what_was_late_shifts_what_comes_later_by_whole_days(
    late: timedelta, took: timedelta, outcome: str, moved: int
) -> None:
    move = send("x", misfire=Misfire.SHIFT).resume(after(took, late=late, since=NOW + took, outcome=outcome, turns=1))
    assert isinstance(move, Go)
    assert move.orders == ((ShiftOrder(days(moved)),) if moved else ())


def test_nothing_else_shifts() -> None:
    for misfire in ("skip", "now", "last_only"):
        move = send("x", misfire=misfire).resume(GivenScene(late=days(3), outcome="sent", turns=1))
        assert move == Go(saw={"outcome": "sent"})


def test_a_policy_has_a_name_and_lateness_lies_ahead() -> None:
    with pytest.raises(DefinitionError, match="last_only"):
        act("x", misfire="last_onl")
    assert list(act("x", max_lateness=days(-1)).problems())
    assert list(act("x", misfire="now", max_lateness=days(1)).problems())


def test_a_program_says_where_a_parameter_cannot_be_filled() -> None:
    with pytest.raises(DefinitionError) as caught:
        Program(
            messages=[Message("m", "marketing", "s", "t")],
            attributes=[Attribute("seats", "integer")],
            scenarios=[
                Scenario("s", None, [send("m", params={"a": q.lead.seat, "b": q.lead.seats, "c": q.prop("x")})])
            ],
        )
    first, second = caught.value.problems
    assert "scenarios.s.steps.0.params.a" in first
    assert "'seats'" in first
    assert "scenarios.s.steps.0.params.c" in second


def test_a_program_with_all_of_it_survives_json() -> None:
    steps = [
        send(
            "m",
            params={"a": q.entry.starts_at, "b": 1},
            fallback=["n"],
            misfire="shift",
            max_lateness=days(2),
            if_failed=[tag("f")],
            if_withheld=[send_first(("m", q.lead.title == "CTO"), "n", otherwise=[webhook("x", {"t": q.lead.title})])],
        )
    ]
    messages = [Message("m", "marketing", "s", "t"), Message("n", "marketing", "s", "t")]
    program = Program(messages=messages, actions=["x"], scenarios=[Scenario("s", None, steps)])
    again = Program.from_json(program.to_json())
    assert again == program
    assert again.fingerprint == program.fingerprint


def test_what_does_not_use_it_is_written_as_ever() -> None:
    program = Program(
        messages=[Message("m", "marketing", "s", "t"), Message("i", "internal", "s", "t")],
        actions=["x"],
        scenarios=[
            Scenario("s", None, [send("m"), act("x", params={"n": 1}), notify("i"), send("m", max_lateness=days(1))])
        ],
    )
    written = program.to_json()["program"]["scenarios"][0]["steps"]  # type: ignore[index]
    assert written[:3] == [
        {"step": "send", "message": "m"},
        {"step": "act", "action": "x", "params": {"n": 1}},
        {"step": "notify", "message": "i"},
    ]
    assert set(written[3]) == {"step", "message", "max_lateness"}
