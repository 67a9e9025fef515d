"""Who is scored, and from when on facts count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nurture.model import UNHEARD, Profiling

T = datetime(2026, 4, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def said(known: Profiling, given: bool, at: datetime, *, seen_at: datetime | None = None) -> Profiling:
    return known.after(given=given, explicit=True, at=at, seen_at=seen_at or at)


def test_of_somebody_who_said_nothing_everything_counts() -> None:
    assert UNHEARD.counts(T)
    assert not UNHEARD.is_objected


def test_while_an_objection_holds_nothing_counts() -> None:
    objected = said(UNHEARD, False, T)
    assert objected.is_objected
    assert not any(objected.counts(at) for at in (T - HOUR, T, T + HOUR))


def test_after_it_was_lifted_only_what_comes_later_counts() -> None:
    lifted = said(said(UNHEARD, False, T), True, T + HOUR, seen_at=T + 2 * HOUR)
    assert not lifted.is_objected
    assert not lifted.counts(T + 2 * HOUR)
    assert lifted.counts(T + 2 * HOUR + timedelta(microseconds=1))


def test_saying_yes_again_moves_nothing() -> None:
    lifted = said(said(UNHEARD, False, T), True, T + HOUR)
    assert said(lifted, True, T + 5 * HOUR).counts_after == lifted.counts_after


def test_a_yes_without_an_objection_changes_nothing_that_counts() -> None:
    assert said(UNHEARD, True, T).counts(T - HOUR)


def test_a_yes_that_came_along_with_a_form_lifts_nothing() -> None:
    objected = said(UNHEARD, False, T)
    assert objected.after(given=True, explicit=False, at=T + HOUR, seen_at=T + HOUR) == objected


@pytest.mark.parametrize("at", [T, T - HOUR])
def test_only_a_newer_yes_lifts_it(at: datetime) -> None:
    assert said(said(UNHEARD, False, T), True, at, seen_at=T + HOUR).is_objected


def test_an_objection_that_is_written_down_late_ends_what_was_gathered_and_leaves_the_newer_yes() -> None:
    late = said(said(UNHEARD, True, T), False, T - HOUR, seen_at=T + HOUR)
    assert not late.is_objected
    assert not late.counts(T + HOUR)
    assert late.counts(T + 2 * HOUR)
