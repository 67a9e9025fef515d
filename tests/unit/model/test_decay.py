"""Scores that fade, at the ends of what floats and the calendar hold."""

from datetime import UTC, datetime, timedelta

import pytest

from nurture.model import ScoreState
from nurture.model.decay import Scale, add, value_at

HOUR = timedelta(hours=1)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
SCALE = Scale(HOUR)


def test_before_an_award_the_score_was_more_by_the_same_rule() -> None:
    state = add(ScoreState(), 40, NOW, SCALE)
    assert value_at(state, SCALE, NOW - HOUR) == 80
    assert value_at(state, SCALE, NOW - 100 * HOUR) == 40 * 2.0**100


@pytest.mark.parametrize("points", [40, -40])
@pytest.mark.parametrize("now", [FIRST, NOW - 1_100 * HOUR, NOW - 5_000 * HOUR])
def test_long_before_an_award_the_score_is_more_than_anything_it_is_compared_with(points: int, now: datetime) -> None:
    value = value_at(add(ScoreState(), points, NOW, SCALE), SCALE, now)
    assert 1e300 < value * (1 if points > 0 else -1) <= 1e308


def test_floor_ceiling_and_the_constant_part_hold_there_too() -> None:
    state = add(ScoreState(constant=1e300), 40, NOW, SCALE)
    assert value_at(state, SCALE, FIRST) < float("inf")
    assert value_at(state, Scale(HOUR, ceiling=100.0), FIRST) == 100
    assert value_at(add(ScoreState(), -40, NOW, SCALE), Scale(HOUR, floor=-5.0), FIRST) == -5


def test_long_after_an_award_nothing_is_left() -> None:
    assert value_at(add(ScoreState(constant=3.0), 40, NOW, SCALE), SCALE, LAST) == 3
