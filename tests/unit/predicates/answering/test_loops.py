"""Clauses that are written out as loops, and the tests of single facts that other readings share."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from nurture.model import Origin, Sight, SubjectId, Touchpoint, by_kind
from nurture.predicates import Names, Touched, compile_match, q
from nurture.predicates.answering.facts import is_written
from nurture.predicates.answering.loops import compile_condition, compile_selects, visible

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
views = q.touches("page.viewed")


def fact(at: datetime = NOW, **more) -> Touchpoint:
    return Touchpoint(id=f"f{at}", subject=SubjectId("lead_1"), kind="page.viewed", at=at, received_at=NOW, **more)


def test_visible_is_what_has_happened() -> None:
    facts = [fact(NOW - TICK), fact(NOW), fact(NOW + TICK)]
    assert visible(facts, NOW) == facts[:2]
    assert visible([], NOW) == []


@pytest.mark.parametrize(
    "clause", [views, views.within(days=7), q.touches(), views.last(q.prop("p") == 1), views.never()]
)
def test_the_commonest_clauses_are_written_out(clause: Touched) -> None:
    assert is_written(clause)


@pytest.mark.parametrize(
    "clause",
    [q.touches("page.*"), views.older_than(days=1), views.newest_per("p"), views.first(q.prop("p") == 1)],
)
def test_richer_ones_are_not(clause: Touched) -> None:
    assert not is_written(clause)


def test_what_a_clause_selects_leaves_the_window_aside() -> None:
    selects = compile_selects(views.within(days=1).by(Origin.HOST).on("web").where(q.prop("p") == 1))
    chosen = {"origin": Origin.HOST, "channel": "web", "properties": {"p": 1}}
    assert selects(fact(NOW - timedelta(days=300), **chosen))
    for name, other in (("origin", Origin.LEAD), ("channel", None), ("properties", {}), ("suspect", True)):
        assert not selects(fact(**{**chosen, name: other}))


def test_a_condition_is_asked_of_the_properties_alone() -> None:
    assert compile_condition(q.prop("p") == 1)(fact(properties={"p": 1}, suspect=True))
    assert compile_condition(None)(fact())
    assert compile_condition(q.prop("a") > q.prop("b") * 2)(fact(properties={"a": 5, "b": 2}))


def test_a_condition_knows_what_the_run_began_with_when_it_is_told() -> None:
    same = q.prop("p") >= 2 * q.entry.p
    seen = fact(properties={"p": 6})
    for test in (compile_condition(same), compile_selects(views.where(same))):
        assert test(seen, {"p": 3})
        assert not test(seen, {"p": 4})
        assert not test(seen)


def test_a_window_counts_elapsed_time_whatever_the_zone_of_now() -> None:
    asks = compile_match(views.within(days=7), Names())
    for zone in (UTC, timezone(timedelta(hours=9))):
        now = NOW.astimezone(zone)
        assert asks(Sight(touches=by_kind([fact(NOW - timedelta(days=7) + TICK)])), now)
        assert not asks(Sight(touches=by_kind([fact(NOW - timedelta(days=7))])), now)


def test_a_window_may_begin_before_the_calendar_does() -> None:
    first = datetime(1, 1, 3, tzinfo=UTC)
    assert compile_match(views.within(days=30), Names())(Sight(touches=by_kind([fact(first)])), first)
    assert not compile_match(q.touches().within(days=30), Names())(Sight(), first)
