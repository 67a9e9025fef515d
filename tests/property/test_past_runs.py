"""A standing that keeps one ended run whole decides as one that keeps them all; and ticking often changes nothing."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nurture import Attribute, Basis, Message, Program, Scenario, Segment, days, hours, q
from nurture.decisions import past
from nurture.model import EnrollmentState, PastRun
from nurture.program import Reentry, on_date
from nurture.steps import Step, exit_, send, tag, wait, wait_for
from nurture.storage.codec import encode
from tests.property.ledger import Ledger, live, replay
from tests.stores import STORES, House, store_maker
from tests.strategies import HORIZON, START, Happening, seeds

if TYPE_CHECKING:
    from collections.abc import Iterator

relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck))
ORDER = q.touches("order.placed")
KINDS = ("order.placed", "order.placed", "order.placed", "order.shipped", "order.cancelled", "page.viewed")


@contextmanager
def kept_whole(count: int) -> Iterator[None]:
    """Keep so many ended runs of a scenario whole meanwhile."""
    before = past.KEPT_WHOLE
    past.KEPT_WHOLE = count
    try:
        yield
    finally:
        past.KEPT_WHOLE = before


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Orders with keys, under every rule that asks what was before."""
    shipped = wait_for(
        q.touches("order.shipped"), draw(st.sampled_from([hours(6), days(4)])), otherwise=[exit_("late")]
    )
    ways: list[list[Step]] = [[tag("x")], [wait(hours(7)), tag("y")], [shipped, tag("z")]]
    steps = draw(st.sampled_from(ways))
    reentry = draw(st.sampled_from(list(Reentry)))
    goal_within = draw(st.sampled_from([None, days(2), days(30)]))
    orders = Scenario(
        "orders",
        ORDER,
        steps,
        key="order",
        reentry=reentry,
        reentry_after=draw(st.sampled_from([None, days(1), days(9)])) if reentry is Reentry.ALWAYS else None,
        max_runs=draw(st.sampled_from([None, 3, 8])),
        goal=q.touches("order.cancelled"),
        goal_within=goal_within,
    )
    ended = [Segment(one, q.scenario("orders").is_in([one.value])) for one in EnrollmentState]
    told = Scenario("told", q.segment("completed"), [tag("told")], reentry="always")
    born = Scenario("born", on_date(q.lead.meets, grace=days(20)), [tag("met")], reentry="always")
    return Program(scenarios=[orders, told, born], segments=ended, attributes=[Attribute("meets", "instant")])


def history(dice: Random) -> list[Happening]:
    """Orders of a few numbers, most of them placed again and again, and a date that moves."""
    found: list[Happening] = []
    for _ in range(dice.randint(10, 60)):
        at = START + timedelta(hours=dice.randint(0, 24 * 40), seconds=dice.choice([0, 0, 1]))
        if dice.random() < 0.3:
            found.append(Happening(at, "host changes meets", at, {"meets": START + days(dice.randint(0, 40))}))
        else:
            found.append(Happening(at, dice.choice(KINDS), at, {"order": str(dice.randint(1, 9))}))
    return sorted(found, key=lambda one: one.received_at)


def decided(ledger: Ledger) -> dict[str, object]:
    """Everything but the standing; of that, what a predicate sees of the runs, and the keys that have one."""
    outcome = ledger.outcome()
    standing = ledger.standing
    assert standing is not None
    keys = {(run.scenario, run.run_key) for run in standing.enrollments if not run.is_active}
    keys |= {(name, key) for name in standing.past for key, _ in past.past_runs(standing.past, name)}
    outcome["standing"] = attrs.evolve(standing, version=1, enrollments=(), past={})
    return outcome | {"states": set(standing.run_states), "keys": keys}


@settings(parent=relaxed, max_examples=200)
@given(programs(), seeds, st.integers(1, 4))
def test_what_is_kept_whole_changes_no_decision(program: Program, seed: int, whole: int) -> None:
    happened = history(Random(seed))
    with kept_whole(10_000):
        every, receipts = live(program, happened)
    with kept_whole(whole):
        few = replay(program, happened, receipts, [])
    assert few.standing is not None
    assert decided(few) == decided(every)
    ended = Counter(run.scenario for run in few.standing.enrollments if not run.is_active)
    late = program.scenarios[0].goal_within is not None
    assert ended["born"] <= whole
    assert late or ended["orders"] <= whole


@settings(parent=relaxed, max_examples=100)
@given(programs(), seeds, st.integers(1, 3))
def test_i26_what_is_kept_whole_does_not_depend_on_ticking(program: Program, seed: int, whole: int) -> None:
    dice = Random(seed)
    happened = history(dice)
    ticks = sorted(START + (HORIZON - START) * dice.random() for _ in range(20))
    with kept_whole(whole):
        reference, receipts = live(program, happened)
        assert replay(program, happened, receipts, ticks).outcome() == reference.outcome()


# -- on stores ---------------------------------------------------------------------------------------

ORDERS = 60
SHOP = Program(
    scenarios=[Scenario("orders", ORDER, [wait(hours(1)), send("thanks")], key="order")],
    segments=[
        Segment("thanked", q.scenario("orders").is_in(["completed"])),
        Segment("left", q.scenario("orders").is_in(["exited", "withdrawn"])),
        Segment("never_left", ~q.scenario("orders").is_in(["exited", "withdrawn"])),
    ],
    messages=[Message("thanks", "transactional", "Thanks", "Thanks")],
)


@pytest.mark.parametrize("kind", STORES)
def test_a_customer_of_many_orders_keeps_a_short_standing_and_never_runs_twice(kind: str, tmp_path: Path) -> None:
    house = House(SHOP, store_maker(kind, tmp_path))
    lead = house.crm.capture(email="a@example.com", consent=Basis.CONSENT).id
    for number in range(ORDERS):
        house.crm.record(lead, "order.placed", {"order": f"order-{number}"}, key=str(number))
        if number == 0:
            house.crm.tick()
            house.crm.withdraw(lead, "orders")
        house.tick_at(house.clock.now + hours(2))
    standing = house.crm.standing(lead)
    assert standing is not None
    assert len(standing.enrollments) == past.KEPT_WHOLE
    assert {state: len(runs) for state, runs in standing.past["orders"].items()} == {"withdrawn": 1, "completed": 39}
    assert standing.past["orders"]["withdrawn"]["order-0"].number == 1
    assert len(encode(standing)) < 60 * 200 + past.KEPT_WHOLE * 800

    effects = len(house.crm.effects(lead))
    house.crm.record(lead, "order.placed", {"order": "order-0"}, key="again")
    house.tick_at(house.clock.now + hours(2))
    assert len(house.crm.effects(lead)) == effects == ORDERS - 1

    for segment, expected in zip(SHOP.segments, ([lead], [lead], []), strict=True):
        assert [one.subject for one in house.crm.members(segment.name)] == expected
        assert [one.subject for one in house.crm.members(segment.where)] == expected
    assert "scenario orders: 40 more that ended before" in str(house.crm.explain(lead))
    assert "これより前に終了した実行が40件" in str(house.crm.explain(lead, lang="ja"))
    house.crm.close()


def test_a_standing_that_kept_every_run_becomes_short_when_the_next_one_ends() -> None:
    ledger = Ledger(Program(scenarios=[Scenario("orders", ORDER, [wait(hours(1)), tag("x")], key="order")]))
    for number in range(30):
        at = START + number * hours(2)
        ledger.happen(Happening(at, "order.placed", at, {"order": str(number)}), number)
    with kept_whole(10_000):
        ledger.tick(START + hours(100))
    assert ledger.standing is not None
    assert len(ledger.standing.enrollments) == 30
    at = START + hours(101)
    ledger.happen(Happening(at, "order.placed", at, {"order": "0"}), 100)  # it ran before: nothing ends
    ledger.tick(START + hours(102))
    assert len(ledger.standing.enrollments) == 30
    ledger.happen(Happening(START + hours(103), "order.placed", START + hours(103), {"order": "new"}), 101)
    ledger.tick(START + hours(110))
    assert len(ledger.standing.enrollments) == past.KEPT_WHOLE
    assert ledger.standing.past["orders"]["completed"]["0"] == PastRun(START + hours(1))
