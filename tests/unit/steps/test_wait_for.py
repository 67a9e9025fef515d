"""Waiting for a fact of the same key, up to a deadline or a date, and what comes late in a run that was held up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
import pytest

from nurture import Attribute, Program, Scenario, civil, days, hours, q
from nurture.errors import DefinitionError
from nurture.model import Touchpoint
from nurture.predicates import Touched
from nurture.steps import Answer, Go, Stay, Step, exit_, wait_for, wait_for_any
from tests.unit.steps.scenes import NOW, GivenScene, after, fact

CAME = q.touches("seminar.attended")


def test_the_properties_that_must_be_the_same_are_asked_for() -> None:
    asked: list[Sequence[str]] = []

    class Listening(GivenScene):
        def first_fact(
            self, clause: Touched, *, whole_run: bool = False, same: Sequence[str] = ()
        ) -> Touchpoint | None:
            asked.append(same)
            return None

    wait_for(CAME, days(1), same="seminar").arrive(Listening())
    assert asked == [("seminar",)]


def test_a_fact_after_the_deadline_comes_too_late_for_a_run_that_was_held_up() -> None:
    step = wait_for(CAME, days(1))
    late = after(days(3), facts={CAME: fact("seminar.attended", NOW + days(2))})
    assert step.resume(late) == Go("timeout", due=NOW + days(1))
    in_time = after(days(3), facts={CAME: fact("seminar.attended", NOW + hours(24))})
    assert step.resume(in_time) == Go("seen", saw={"fact": "fact_1"}, due=NOW + days(1))


MEETING = wait_for(CAME, until=q.lead.starts_at, offset=hours(-1))
AT = NOW + days(3)


def test_the_deadline_may_be_a_date_with_an_offset() -> None:
    due = AT - hours(1)
    assert MEETING.arrive(GivenScene(values={"starts_at": AT})) == Stay(until=due)
    assert MEETING.resume(GivenScene(now=due, values={"starts_at": AT})) == Go("timeout")
    came = {CAME: fact("seminar.attended", due)}
    assert MEETING.resume(GivenScene(now=due, values={"starts_at": AT}, facts=came)) == Go(
        "seen", saw={"fact": "fact_1"}
    )


def test_a_date_that_is_moved_moves_the_deadline() -> None:
    assert MEETING.resume(GivenScene(now=AT, values={"starts_at": AT + days(7)})) == Stay(until=AT + days(7) - hours(1))
    gone = NOW + days(1)
    moved = GivenScene(now=NOW + days(2), values={"starts_at": gone + hours(1)})
    assert MEETING.resume(moved) == Go("timeout", due=gone)


def test_a_date_before_the_run_came_is_past_and_none_is_missing() -> None:
    at = NOW - hours(2)
    assert MEETING.arrive(GivenScene(values={"starts_at": at + hours(1)})) == Go("past", saw={"at": at})
    held_up = GivenScene(late=hours(3), values={"starts_at": at + hours(1)})
    assert MEETING.arrive(held_up) == Go("timeout")
    assert MEETING.arrive(GivenScene()) == Go("missing")


def test_what_came_in_time_goes_before_past_and_missing() -> None:
    clicked = {CAME: fact("seminar.attended", NOW - hours(3))}
    assert MEETING.arrive(GivenScene(values={"starts_at": NOW}, facts=clicked)).edge == "seen"  # type: ignore[union-attr]
    assert MEETING.arrive(GivenScene(facts=clicked)).edge == "seen"  # type: ignore[union-attr]


def test_the_edges_of_a_date_are_there_only_where_there_is_one() -> None:
    assert list(wait_for(CAME, days(1)).edges()) == ["seen", "timeout"]
    assert list(MEETING.edges()) == ["seen", "timeout", "past", "missing"]
    assert list(MEETING.mentions()) == [("lead date", "starts_at")]
    assert [name for name, _ in MEETING.predicates()] == ["on", "until"]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (wait_for(CAME), "wait_for: expected either a deadline or 'until', a date"),
        (wait_for(CAME, days(1), until=q.lead.starts_at), "wait_for: expected either a deadline or 'until', a date"),
        (wait_for(CAME, days(1), offset=days(1)), "'offset', 'past' and 'missing' belong to 'until'"),
        (wait_for(CAME, days(1), missing=[exit_()]), "'offset', 'past' and 'missing' belong to 'until'"),
        (wait_for(CAME, until=q.prop("at")), "wait_for.until takes a field of the lead, the account or the entry"),
        (wait_for(CAME, until=q.lead.starts_at, offset=days(40_000)), "offset: expected at most 100 years either way"),
        (wait_for_any(yes=(CAME, [])), "wait_for_any: expected either a deadline or 'until', a date"),
        (wait_for_any(days(1), past=[exit_()], yes=(CAME, [])), "'offset', 'past' and 'missing' belong to 'until'"),
    ],
)
def test_what_cannot_be_meant_is_a_problem(step: Step, said: str) -> None:
    assert any(said in problem for problem in step.problems())


@pytest.mark.parametrize(
    "make",
    [
        lambda: wait_for(CAME, until=days(1)),  # type: ignore[arg-type]
        lambda: wait_for(CAME, until=q.lead.starts_at, offset="1 day"),  # type: ignore[arg-type]
        lambda: wait_for_any(until="starts_at", yes=(CAME, [])),  # type: ignore[arg-type]
    ],
)
def test_what_is_of_another_type_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(DefinitionError, match=r"wait_for(_any)?\.(until|offset)"):
        make()


def test_its_sentence_says_until_when() -> None:
    assert wait_for(CAME, days(1)).sentence() == "wait for: at least 1 seminar.attended (at most 1 day)"
    assert MEETING.sentence() == "wait for: at least 1 seminar.attended (until starts_at, 1 hour earlier at most)"
    assert MEETING.sentence("ja") == "seminar.attendedが1回以上を待つ（期限: 「starts_at」の1時間前）"
    any_of = wait_for_any(until=q.entry.starts_at, came=(CAME, []))
    assert any_of.sentence() == (
        "wait for the first of: came (at least 1 seminar.attended) (until the entry's starts_at at most)"
    )
    assert any_of.sentence("ja").endswith("（期限: 開始時の「starts_at」）")


def test_the_edges_of_a_date_are_taken_names() -> None:
    step = wait_for_any(days(1), past=(CAME, []), yes=(CAME, []))  # type: ignore[arg-type]
    with pytest.raises(DefinitionError, match="past"):
        Scenario("s", q.touches("seminar.applied"), [step])
    step = attrs.evolve(wait_for_any(until=q.lead.starts_at, way=(CAME, [])), ways=(Answer("missing", CAME),))
    assert "'missing' is the name of another edge of wait_for_any; expected another name" in list(step.problems())


@pytest.mark.parametrize(
    "step",
    [
        MEETING,
        wait_for(CAME, days(1)),
        wait_for_any(until=q.entry.starts_at, offset=civil(business_days=-1), missing=[exit_()], yes=(CAME, [])),
    ],
)
def test_it_goes_to_json_and_back(step: Step) -> None:
    scenario = Scenario("s", q.touches("seminar.applied"), [step])
    program = Program(attributes=[Attribute("starts_at", "instant")], scenarios=[scenario])
    assert Program.from_json(program.to_json()) == program


def test_a_field_that_holds_no_date_is_refused_with_those_that_do() -> None:
    scenario = Scenario("s", q.touches("seminar.applied"), [wait_for(CAME, until=q.lead.title)])
    with pytest.raises(DefinitionError, match=r"steps\.0: 'title' holds text; expected a field that holds a date"):
        Program(scenarios=[scenario])
    unknown = attrs.evolve(scenario, steps=[wait_for(CAME, until=q.lead.titel)])
    with pytest.raises(DefinitionError, match="did you mean 'title'"):
        Program(scenarios=[unknown])


def test_a_property_has_a_name_and_stands_once() -> None:
    assert list(wait_for(CAME, days(1), same=("seminar", "seminar")).problems())
    assert list(wait_for(CAME, days(1), same="").problems())
