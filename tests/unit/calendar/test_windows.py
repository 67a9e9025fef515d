"""Windows of the local day: their ends, midnight, weekdays, gaps and folds."""

from collections.abc import Callable
from datetime import UTC, datetime, time

import pytest

from nurture.calendar import Window, zone
from nurture.errors import DefinitionError, InvalidFactError

TOKYO = zone("Asia/Tokyo")
NEW_YORK = zone("America/New_York")
QUIET = Window(time(22), time(6))
FRIDAY_NIGHT = Window(time(22), time(6), frozenset({4}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("window", "local", "inside"),
    [
        (QUIET, "2026-11-21T21:59:59+09:00", False),
        (QUIET, "2026-11-21T22:00+09:00", True),
        (QUIET, "2026-11-21T23:59:59+09:00", True),
        (QUIET, "2026-11-22T00:00+09:00", True),
        (QUIET, "2026-11-22T05:59:59+09:00", True),
        (QUIET, "2026-11-22T06:00+09:00", False),
        (QUIET, "2026-11-22T12:00+09:00", False),  # 22-06 is not 06-22
        (Window(time(9), time(18)), "2026-11-21T09:00+09:00", True),
        (Window(time(9), time(18)), "2026-11-21T18:00+09:00", False),
        (Window(time(12), time(0)), "2026-11-21T23:59:59+09:00", True),
        (Window(time(12), time(0)), "2026-11-22T00:00+09:00", False),
        (FRIDAY_NIGHT, "2026-11-20T23:00+09:00", True),
        (FRIDAY_NIGHT, "2026-11-21T05:00+09:00", True),  # Saturday, in Friday's window
        (FRIDAY_NIGHT, "2026-11-20T05:00+09:00", False),  # Friday, in what would be Thursday's
        (FRIDAY_NIGHT, "2026-11-21T23:00+09:00", False),
    ],
)
def test_what_lies_inside(window: Window, local: str, inside: bool) -> None:
    assert window.contains(at(local), TOKYO) is inside


@pytest.mark.parametrize(
    ("window", "start", "outside", "inside"),
    [
        (QUIET, "2026-11-21T12:00", "2026-11-21T12:00", "2026-11-21T22:00"),
        (QUIET, "2026-11-21T23:00", "2026-11-22T06:00", "2026-11-21T23:00"),
        (QUIET, "2026-11-22T05:59", "2026-11-22T06:00", "2026-11-22T05:59"),
        (QUIET, "2026-11-22T06:00", "2026-11-22T06:00", "2026-11-22T22:00"),
        (FRIDAY_NIGHT, "2026-11-21T05:00", "2026-11-21T06:00", "2026-11-21T05:00"),
        (FRIDAY_NIGHT, "2026-11-21T06:00", "2026-11-21T06:00", "2026-11-27T22:00"),
    ],
)
def test_the_next_moment_outside_and_inside(window: Window, start: str, outside: str, inside: str) -> None:
    instant = at(f"{start}+09:00")
    assert window.next_outside(instant, TOKYO) == at(f"{outside}+09:00")
    assert window.next_inside(instant, TOKYO) == at(f"{inside}+09:00")
    assert window.next_outside(instant, TOKYO).tzinfo is window.next_inside(instant, TOKYO).tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "end", "instant", "outside"),
    [
        # 02:00-03:00 is skipped on March 8: the wall clock leaves the window at the change itself.
        ("01:00", "02:30", "2026-03-08T01:30-05:00", "2026-03-08T03:00-04:00"),
        ("01:00", "02:17:23.500000", "2026-03-08T01:30-05:00", "2026-03-08T03:00-04:00"),
        ("22:00", "06:00", "2026-03-08T01:30-05:00", "2026-03-08T06:00-04:00"),
        # 01:00-02:00 comes twice on November 1.
        ("22:00", "06:00", "2026-10-31T23:00-04:00", "2026-11-01T06:00-05:00"),
        ("00:00", "01:30", "2026-11-01T00:10-04:00", "2026-11-01T01:30-04:00"),
        ("00:00", "01:30", "2026-11-01T01:10-05:00", "2026-11-01T01:30-05:00"),
    ],
)
def test_the_end_of_a_window_when_the_clocks_change(start: str, end: str, instant: str, outside: str) -> None:
    window = Window(time.fromisoformat(start), time.fromisoformat(end))
    assert window.next_outside(at(instant), NEW_YORK) == at(outside)


def test_a_fold_opens_a_window_again_at_the_change_itself() -> None:
    window = Window(time(0), time(1, 30))
    assert window.next_inside(at("2026-11-01T01:40-04:00"), NEW_YORK) == at("2026-11-01T01:00-05:00")


def test_a_fold_may_lead_back_to_the_day_before() -> None:
    late = Window(time(23, 15), time(23, 45))  # in 2010 St. John's turned its clocks from 00:01 back to 23:01
    assert late.next_inside(at("2010-11-07T00:00:30-02:30"), zone("America/St_Johns")) == at("2010-11-06T23:15-03:30")


def test_a_window_inside_a_gap_does_not_happen_that_day() -> None:
    sundays = Window(time(2, 15), time(2, 45), frozenset({6}))
    assert sundays.next_inside(at("2026-03-08T00:00-05:00"), NEW_YORK) == at("2026-03-15T02:15-04:00")


def test_all_but_a_gap_lasts_two_days() -> None:
    window = Window(time(3), time(2))
    assert window.next_outside(at("2026-03-07T12:00-05:00"), NEW_YORK) == at("2026-03-09T02:00-04:00")


def test_two_windows_that_meet_hold_a_whole_day() -> None:
    sunday = frozenset({6})
    halves = Window(time(0), time(12), sunday), Window(time(12), time(0), sunday)
    for text, free in [("2026-11-22T00:00", True), ("2026-11-22T23:59:59", True), ("2026-11-23T00:00", False)]:
        assert any(half.contains(at(f"{text}+09:00"), TOKYO) for half in halves) is free


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Window(time(6), time(6)), "window.end"),
        (lambda: Window(time(6, tzinfo=UTC), time(7)), "window.start"),
        (lambda: Window(time(6), time(7, fold=1)), "window.end"),
        (lambda: Window(time(6), time(7), frozenset()), "window.days"),
        (lambda: Window(time(6), time(7), frozenset({7})), "window.days"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(make: Callable[[], Window], field: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        make()
    assert str(caught.value).startswith(field)
    assert len(caught.value.problems) == 1


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(InvalidFactError, match=r"^instant:"):
        QUIET.contains(at("2026-11-21T12:00"), TOKYO)


@pytest.mark.parametrize("instant", ["0001-01-01T00:00Z", "9999-12-31T23:00Z"])
def test_the_ends_of_the_calendar_are_typed_errors(instant: str) -> None:
    with pytest.raises(InvalidFactError, match=r"^instant:"):
        QUIET.next_outside(at(instant), zone("UTC"))
