"""When a fading score crosses a limit by itself. May import the tree and `nurture.model`.

Between facts a score moves one way only: its fading part halves with every half-life, toward the
constant part. So it is below, in, or above the band of values that count as equal to the limit, and
these follow each other in order. The instant is solved for and then probed, microsecond by
microsecond, with the comparison that `match` makes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import isfinite, log2
from typing import TYPE_CHECKING

from nurture.model.decay import EPOCH, decayed, value_at
from nurture.predicates.comparisons import least, quantum

if TYPE_CHECKING:
    from nurture.model import ScoreState, Sight
    from nurture.model.decay import Scale
    from nurture.predicates.standing import Score

_TICK = timedelta(microseconds=1)
_END = (datetime.max.replace(tzinfo=UTC) - EPOCH) // _TICK
# Powers of two are right to half a unit in the last place but need not fall from one microsecond to the
# next when the half-life is so long that they hardly move; then the flip is given this much early.
_UNSURE = 10**15

ANSWERS = {
    "eq": (False, True, False),
    "ne": (True, False, True),
    "lt": (True, False, False),
    "le": (True, True, False),
    "gt": (False, False, True),
    "ge": (False, True, True),
}
"""What each comparison answers of a value below, in and above the band."""


def score_flip(node: Score, scale: Scale) -> Callable[[Sight, datetime], datetime | None] | None:
    """When the answer of a clause about a score changes by itself; None when the score never fades."""
    return None if scale.half_life is None else _Crossing(node, scale, scale.half_life).flips


class _Crossing:
    def __init__(self, node: Score, scale: Scale, half_life: timedelta) -> None:
        self._model = node.model
        self._scale = scale
        self._half_life = half_life // _TICK
        self._low = quantum(node.value)
        self._borders = (least(self._low), least(self._low + 1))
        self._answers = ANSWERS[node.op]
        self._margin = self._half_life // _UNSURE

    def flips(self, sight: Sight, now: datetime) -> datetime | None:
        state = sight.scores.get(self._model)
        if state is None or decayed(state, self._scale, now) == 0.0:
            return None
        instant = (now - EPOCH) // _TICK
        first = place = self._place(state, instant)
        last = self._band(self._at_last(state))
        while place != last:
            goal = self._next_goal(place, last, self._answers[first])
            if goal is None:
                return None
            found = self._reaches(state, instant, goal, falling=last < place)
            if found is None:
                return None
            place = self._place(state, found)
            if self._answers[place] is not self._answers[first]:
                return max(_instant(found - self._margin), now + _TICK)
            instant = found  # it leapt over the band within a microsecond
        return None

    def _next_goal(self, place: int, last: int, answer: bool) -> int | None:
        """The next place on the way to the last one at which the answer is another."""
        way = range(place - 1, last - 1, -1) if last < place else range(place + 1, last + 1)
        return next((goal for goal in way if self._answers[goal] is not answer), None)

    def _at_last(self, state: ScoreState) -> float:
        """What the score reads when everything has faded."""
        value, scale = state.constant, self._scale
        if scale.floor is not None and value < scale.floor:
            return scale.floor
        return scale.ceiling if scale.ceiling is not None and value > scale.ceiling else value

    def _band(self, value: float) -> int:
        """0, 1, 2 for below, in, above the band; compared as `match` compares."""
        low, high = self._borders
        return (value >= low) + (value >= high)

    def _place(self, state: ScoreState, instant: int) -> int:
        return self._band(value_at(state, self._scale, _instant(instant)))

    def _reaches(self, state: ScoreState, start: int, goal: int, *, falling: bool) -> int | None:
        """The first instant after `start` at which the score has come to the goal, or passed it."""

        def before(instant: int) -> bool:
            place = self._place(state, instant)
            return place > goal if falling else place < goal

        edge = self._borders[goal if falling else goal - 1]
        guess = min(max(start + self._solved(state, start, edge), start + 1), _END)
        step = 1
        if before(guess):  # too early: go on, in growing steps
            inside, outside = guess, min(guess + step, _END)
            while before(outside):
                if outside == _END:
                    return None
                step *= 2
                inside, outside = outside, min(outside + step, _END)
        else:  # at it or too late: go back likewise
            inside, outside = max(guess - step, start), guess
            while inside > start and not before(inside):
                step *= 2
                inside, outside = max(inside - step, start), inside
        while outside - inside > 1:
            middle = (inside + outside) // 2
            if before(middle):
                inside = middle
            else:
                outside = middle
        return outside

    def _solved(self, state: ScoreState, start: int, edge: float) -> int:
        """After how many microseconds the fading part alone reaches the edge: a guess, which is probed."""
        left = edge - state.constant
        fading = decayed(state, self._scale, _instant(start))
        if left == 0.0 or not 0.0 < left / fading < 1.0:
            return 1
        span = self._half_life * log2(fading / left)
        return int(span) if isfinite(span) else 1


def _instant(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)
