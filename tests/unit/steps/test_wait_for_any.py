"""Waiting for the first of several: which one wins, and when it is asked again."""

from __future__ import annotations

import attrs
import pytest

from nurture import days, hours, q
from nurture.errors import DefinitionError
from nurture.model import FactId
from nurture.steps import Go, Stay, send, wait_for_any
from tests.unit.steps.scenes import NOW, GivenScene, after, fact

CLICK = q.touches("email.clicked")
VISIT = q.touches("page.viewed")
HOT = q.score("engagement") >= 50
STEP = wait_for_any(days(2), hot=(HOT, []), clicked=(CLICK, [send("a")]), visited=(VISIT, []), otherwise=[send("b")])
CLICKED = fact("email.clicked", NOW + hours(3))
VISITED = attrs.evolve(fact("page.viewed", NOW + hours(2)), id=FactId("fact_2"))
COLD = {HOT: False}


def test_it_waits_up_to_the_deadline() -> None:
    assert STEP.arrive(GivenScene(answers=COLD)) == Stay(until=NOW + days(2))
    assert STEP.resume(after(days(2), answers=COLD)) == Go("timeout")


def test_it_asks_a_predicate_again_when_time_may_turn_it() -> None:
    turning = {HOT: NOW + hours(5)}
    assert STEP.arrive(GivenScene(answers=COLD, turning=turning)) == Stay(until=NOW + hours(5))
    too_late = {HOT: NOW + days(9)}
    assert STEP.arrive(GivenScene(answers=COLD, turning=too_late)) == Stay(until=NOW + days(2))


def test_the_fact_that_was_known_first_wins() -> None:
    both = after(hours(3), answers=COLD, facts={CLICK: CLICKED, VISIT: VISITED})
    assert STEP.resume(both) == Go("visited", saw={"fact": "fact_2"}, due=VISITED.at)


def test_at_one_moment_the_way_that_was_written_first_wins() -> None:
    same = attrs.evolve(VISITED, at=CLICKED.at, received_at=CLICKED.at)
    both = after(hours(3), answers=COLD, facts={CLICK: CLICKED, VISIT: same})
    assert STEP.resume(both) == Go("clicked", saw={"fact": "fact_1"})
    with_predicate = after(hours(3), answers={HOT: True}, facts={CLICK: CLICKED})
    assert STEP.resume(with_predicate) == Go("hot", saw={"held_at": NOW + hours(3)})


def test_a_fact_from_before_wins_over_a_predicate_that_holds_now() -> None:
    known = after(hours(4), answers={HOT: True}, facts={CLICK: CLICKED})
    assert STEP.resume(known) == Go("clicked", saw={"fact": "fact_1"}, due=CLICKED.at)


def test_what_comes_with_the_deadline_comes_in_time_and_what_comes_after_it_does_not() -> None:
    at = fact("email.clicked", NOW + days(2))
    assert STEP.resume(after(days(2), answers=COLD, facts={CLICK: at})) == Go("clicked", saw={"fact": "fact_1"})
    assert STEP.resume(after(days(2), answers={HOT: True})) == Go("hot", saw={"held_at": NOW + days(2)})
    late = fact("email.clicked", NOW + days(3))
    assert STEP.resume(after(days(4), answers={HOT: True}, facts={CLICK: late})) == Go("timeout", due=NOW + days(2))


def test_each_way_has_an_edge_and_says_whether_its_facts_are_looked_up() -> None:
    assert set(STEP.edges()) == {"hot", "clicked", "visited", "timeout"}
    assert [name for name, _ in STEP.predicates()] == ["ways.hot.where", "ways.clicked.on", "ways.visited.on"]
    counted = wait_for_any(days(1), often=(CLICK.count() >= 3, []))
    assert [name for name, _ in counted.predicates()] == ["ways.often.where"]


def test_the_ways_have_names_of_their_own() -> None:
    assert list(wait_for_any(days(1)).problems())
    assert list(wait_for_any(days(1), timeout=(CLICK, [])).problems())
    assert list(wait_for_any(days(-1), a=(CLICK, [])).problems())
    twice = attrs.evolve(STEP, ways=(STEP.ways[0], STEP.ways[0]))
    assert list(twice.problems())
    assert list(attrs.evolve(STEP, ways=(attrs.evolve(STEP.ways[0], name="a.b"),)).problems())


@pytest.mark.parametrize("wrong", [CLICK, (CLICK,), ("click", []), (CLICK, send("a"))])
def test_a_way_is_a_predicate_with_steps(wrong: object) -> None:
    with pytest.raises(DefinitionError, match=r"wait_for_any\.clicked"):
        wait_for_any(days(1), clicked=wrong)  # type: ignore[arg-type]
