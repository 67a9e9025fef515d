"""Waiting until an appointment: when it is reached, past, missing or called off, and what is wrong with it."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from nurture import Attribute, Program, Scenario, civil, days, hours, q
from nurture.errors import DefinitionError
from nurture.program.diff import diff
from nurture.steps import Go, Stay, exit_, send, wait_until
from tests.unit.steps.scenes import NOW, GivenScene, after, fact

CANCELLED = q.touches("seminar.cancelled")
AT = NOW + days(3)
STEP = wait_until(q.lead.starts_at, hours(-1), ended_by=CANCELLED, same="seminar")


def test_it_waits_until_the_instant_with_its_offset() -> None:
    assert STEP.arrive(GivenScene(values={"starts_at": AT})) == Stay(until=AT - hours(1))
    early = after(days(3) - hours(1) - timedelta(microseconds=1), values={"starts_at": AT})
    assert STEP.resume(early) == Stay(until=AT - hours(1))
    due = AT - hours(1)
    assert STEP.resume(GivenScene(now=due, values={"starts_at": AT})) == Go("reached", saw={"at": due}, due=due)


def test_a_date_that_is_moved_moves_the_wait() -> None:
    moved = GivenScene(now=AT, values={"starts_at": AT + days(7)})
    assert STEP.resume(moved) == Stay(until=AT + days(7) - hours(1))


def test_who_comes_too_late_goes_by_past_and_who_comes_at_the_instant_does_not() -> None:
    at = NOW - hours(2)
    assert STEP.arrive(GivenScene(values={"starts_at": at})) == Go("past", saw={"at": at - hours(1)})
    just = STEP.arrive(GivenScene(values={"starts_at": NOW + hours(1)}))
    assert just == Go("reached", saw={"at": NOW}, due=NOW)


def test_a_run_that_was_held_up_is_measured_by_when_it_would_have_come() -> None:
    at = NOW - hours(2)
    held_up = GivenScene(late=hours(3), values={"starts_at": at + hours(1)})
    assert STEP.arrive(held_up) == Go("reached", saw={"at": at}, due=at)
    too_late_anyway = GivenScene(late=hours(1), values={"starts_at": at + hours(1)})
    assert STEP.arrive(too_late_anyway) == Go("past", saw={"at": at})


def test_a_date_that_is_moved_to_the_past_while_it_waits_is_reached_late() -> None:
    moved = GivenScene(now=NOW + days(2), values={"starts_at": NOW + days(1)})
    due = NOW + days(1) - hours(1)
    assert STEP.resume(moved) == Go("reached", saw={"at": due}, due=due)


def test_without_a_value_there_is_nothing_to_wait_for() -> None:
    assert STEP.arrive(GivenScene()) == Go("missing")
    assert STEP.resume(after(days(1))) == Go("missing")


def test_a_fact_calls_it_off_even_when_the_instant_has_come() -> None:
    off = {CANCELLED: fact("seminar.cancelled")}
    assert STEP.arrive(GivenScene(facts=off)) == Go("ended", saw={"fact": "fact_1"})
    due = GivenScene(now=AT, facts=off, values={"starts_at": AT})
    assert STEP.resume(due) == Go("ended", saw={"fact": "fact_1"})


def test_the_facts_that_call_it_off_are_looked_for_in_the_whole_run_and_for_the_same_key() -> None:
    asked: list[tuple[bool, tuple[str, ...]]] = []

    class Listening(GivenScene):
        def first_fact(self, clause: object, *, whole_run: bool = False, same: object = ()) -> None:
            assert isinstance(same, tuple)
            asked.append((whole_run, same))

    STEP.arrive(Listening(values={"starts_at": AT}))
    assert asked == [(True, ("seminar",))]


def test_it_says_until_when_it_would_wait() -> None:
    assert STEP.appointment(GivenScene(values={"starts_at": AT})) == AT - hours(1)
    assert STEP.appointment(GivenScene()) is None


def test_the_way_by_which_it_is_called_off_is_there_only_where_it_can_be() -> None:
    assert set(STEP.edges()) == {"reached", "past", "missing", "ended"}
    assert set(wait_until(q.lead.starts_at, then=[send("a")]).edges()) == {"reached", "past", "missing"}
    assert [name for name, _ in STEP.predicates()] == ["at", "ended_on"]


@pytest.mark.parametrize(
    "wrong",
    [
        wait_until(q.prop("at")),
        wait_until(q.lead.starts_at, ended_by=CANCELLED.count() >= 2),
        wait_until(q.lead.starts_at, ended=[exit_()]),
        wait_until(q.lead.starts_at, same="seminar"),
        wait_until(q.lead.starts_at, ended_by=CANCELLED, same=["a", "a"]),
        wait_until(q.lead.starts_at, timedelta.max),
    ],
)
def test_what_cannot_be_meant_is_a_problem(wrong: object) -> None:
    assert len(list(wrong.problems())) == 1  # type: ignore[attr-defined]


def test_what_is_of_another_type_is_refused() -> None:
    for wrong in (
        lambda: wait_until("starts_at"),  # type: ignore[arg-type]
        lambda: wait_until(q.lead.starts_at, 3),  # type: ignore[arg-type]
        lambda: wait_until(q.lead.starts_at, ended_by="cancelled"),  # type: ignore[arg-type]
        lambda: wait_until(q.lead.starts_at, ended_by=CANCELLED, same=[3]),  # type: ignore[list-item]
    ):
        with pytest.raises(DefinitionError, match="wait_until"):
            wrong()


def test_its_sentence_names_the_date_and_the_offset() -> None:
    step = wait_until(q.entry.campaign.starts_at, civil(business_days=-3, at="10:00"))
    assert step.sentence().endswith("3 business days earlier at 10:00")
    assert "3営業日前の10:00まで待つ" in step.sentence("ja")


YEARLY = wait_until(q.lead.born, yearly=True)


def test_a_yearly_wait_is_for_the_first_anniversary_after_the_run_came() -> None:
    born = NOW.replace(year=1990)
    assert YEARLY.arrive(GivenScene(values={"born": born + days(3)})) == Stay(until=NOW + days(3))
    assert YEARLY.arrive(GivenScene(values={"born": born})) == Stay(until=NOW.replace(year=2027))
    assert YEARLY.arrive(GivenScene()) == Go("missing")
    due = NOW + days(3)
    assert YEARLY.resume(GivenScene(now=due, values={"born": born + days(3)})) == Go(
        "reached", saw={"at": due}, due=due
    )


def test_a_yearly_wait_of_a_run_that_was_held_up_counts_from_when_it_was_to_come() -> None:
    due = NOW - hours(1)
    late = GivenScene(late=hours(2), values={"born": due.replace(year=1990)})
    assert YEARLY.arrive(late) == Go("reached", saw={"at": due}, due=due)


def test_a_yearly_wait_is_never_past() -> None:
    assert list(YEARLY.edges()) == ["reached", "missing"]
    assert list(YEARLY.problems()) == []
    (problem,) = wait_until(q.lead.born, yearly=True, past=[exit_()]).problems()
    assert "'past' never is the way" in problem


def test_a_yearly_wait_says_so() -> None:
    step = wait_until(q.lead.born, civil(days=-7, at="10:00"), yearly=True)
    assert step.sentence() == "wait until the next anniversary of born, 7 days earlier at 10:00"
    assert step.sentence("ja") == "「born」の次の記念日の7日前の10:00まで待つ"


def test_a_yearly_wait_goes_to_json_and_back() -> None:
    scenario = Scenario("s", q.touches("form.submitted"), [wait_until(q.lead.born, days(-1), yearly=True)])
    program = Program(attributes=[Attribute("born", "date")], scenarios=[scenario])
    assert Program.from_json(program.to_json()) == program
    plain = attrs.evolve(scenario, steps=[wait_until(q.lead.born, days(-1))])
    assert "yearly" not in str(attrs.evolve(program, scenarios=[plain]).to_json())
    assert str(diff(plain, scenario)) == "steps.0.yearly changed from False to True"
