"""The arithmetic of scores that fade: forward decay, kept exactly. Pure; imports standing only.

A fact at `t` that earns `w` points adds `w * 2 ** ((t - L) / H)` for a landmark `L` and a half-life
`H`; reading at `now` scales once by `2 ** -((now - L) / H)` (Cormode et al., "Forward Decay", ICDE
2009). So facts may come late or in any order, no nightly job is needed, and a fact costs O(1).

Instants are split on a grid of whole half-lives since the epoch, `t = (k + f) * H`. The term is then
`w * 2**f` (which depends on the fact alone) shifted by a whole power of two, which is exact; and sums
are kept as the shortest list of floats whose exact sum they are. Awards before the landmark are summed
by the landmark of their own, so that ancient ones can be dropped whole before a float would round them.
Equal facts therefore give equal states, bit for bit, in whatever order they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from math import copysign, fsum, ldexp
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from nurture.model.standing import Award, ScoreState

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_GRID = 256  # the landmark moves in steps of this many half-lives; floats reach to 1,023
_MOST = 1e308  # more than any number that a score is compared with; a constant part can be added to it
_KEPT_BACK = 2  # so many earlier landmarks count; what is older is worth less than 2 ** -512 of itself


@attrs.frozen(slots=True)
class Scale:
    """How a score is read: plain data, so that predicates need not know score models.

    Attributes:
        half_life: After this time an award counts half; None means that awards do not fade.
        floor: The score never reads lower than this.
        ceiling: The score never reads higher than this.
    """

    half_life: timedelta | None = None
    floor: float | None = None
    ceiling: float | None = None


def grid(instant: datetime, half_life: timedelta) -> tuple[int, float]:
    """The instant as whole half-lives since the epoch, and the fraction in [0, 1) that is left."""
    step = half_life // _MICROSECOND
    whole, rest = divmod((instant - EPOCH) // _MICROSECOND, step)
    return whole, rest / step


def exact_sum(terms: Iterable[float]) -> tuple[float, ...]:
    """The exact sum of the terms as the shortest list of floats, largest first; `()` for zero.

    The list depends on the sum alone, not on the order of the terms, since `math.fsum` rounds correctly.
    """
    rest = list(terms)
    parts: list[float] = []
    while (top := fsum(rest)) != 0.0:
        parts.append(top)
        rest.append(-top)
    return tuple(parts)


def term(points: float, at: datetime, scale: Scale, landmark: int) -> float:
    """What an award adds to a sum in units of the landmark."""
    if scale.half_life is None:
        return points
    whole, fraction = grid(at, scale.half_life)
    return ldexp(points * 2.0**fraction, whole - landmark)


def landmark_for(at: datetime, scale: Scale) -> int:
    """The landmark that an award at this instant needs: a multiple of 256 half-lives at or before it."""
    if scale.half_life is None:
        return 0
    return grid(at, scale.half_life)[0] // _GRID * _GRID


def rebased(state: ScoreState, landmark: int) -> ScoreState:
    """The same state relative to this landmark if it is later; what lies more than two landmarks back is dropped."""
    if landmark <= state.landmark:
        return state
    gone = (landmark - state.landmark) // _GRID
    sums = (_own(state), *state.older)
    older = _trimmed(((),) * (gone - 1) + sums)
    return attrs.evolve(state, landmark=landmark, partials=exact_sum(_shifted(older)), older=older)


def add(state: ScoreState, points: float, at: datetime, scale: Scale) -> ScoreState:
    """The state after one more award of a rule that has neither cap nor key."""
    landmark = landmark_for(at, scale)
    if landmark > state.landmark:
        state = rebased(state, landmark)
    own = term(points, at, scale, landmark)
    back = (state.landmark - landmark) // _GRID
    if back == 0:
        return attrs.evolve(state, partials=exact_sum((*state.partials, own)))
    if back > _KEPT_BACK:
        return state
    sums = [*state.older, *((),) * (back - len(state.older))]
    sums[back - 1] = exact_sum((*sums[back - 1], own))
    partials = exact_sum((*state.partials, ldexp(own, -back * _GRID)))
    return attrs.evolve(state, partials=partials, older=_trimmed(sums))


def _own(state: ScoreState) -> tuple[float, ...]:
    """The sum of the awards since the landmark, without those before it."""
    if not state.older:
        return state.partials
    return exact_sum((*state.partials, *(-part for part in _shifted(state.older))))


def _shifted(older: Sequence[tuple[float, ...]]) -> list[float]:
    """The sums of earlier landmarks in units of the present one."""
    return [ldexp(part, -back * _GRID) for back, sums in enumerate(older, 1) for part in sums]


def _trimmed(sums: Sequence[tuple[float, ...]]) -> tuple[tuple[float, ...], ...]:
    """The sums that are still kept, without empty ones at the end: one way to write each state."""
    kept = tuple(sums[:_KEPT_BACK])
    while kept and not kept[-1]:
        kept = kept[:-1]
    return kept


def decayed(state: ScoreState, scale: Scale, now: datetime) -> float:
    """The fading part of the score, read at `now`.

    Long before the awards were earned it would be more than a float holds; then it is as much as `_MOST`.
    """
    total = _total(state, scale)
    if total == 0.0 or scale.half_life is None:
        return total
    whole, fraction = grid(now, scale.half_life)
    try:
        return ldexp(total * 2.0**-fraction, state.landmark - whole)
    except OverflowError:
        return copysign(_MOST, total)


def _total(state: ScoreState, scale: Scale) -> float:
    """The fading part in units of the landmark."""
    if state.kept:
        return state.total if state.total is not None else fsum((*state.partials, *_kept_terms(state, scale)))
    return state.partials[0] if state.partials else 0.0


def summed(state: ScoreState, scale: Scale) -> ScoreState:
    """The same state with its total, if it has kept awards; to be called after each change of the awards."""
    if not state.kept:
        return state
    return attrs.evolve(state, total=fsum((*state.partials, *_kept_terms(state, scale))))


def value_at(state: ScoreState | None, scale: Scale, now: datetime) -> float:
    """The score as it reads at `now`: the fading part plus the constant part, within floor and ceiling."""
    if state is None:
        value = 0.0
    else:
        value = decayed(state, scale, now) + state.constant
    if scale.floor is not None and value < scale.floor:
        return scale.floor
    if scale.ceiling is not None and value > scale.ceiling:
        return scale.ceiling
    return value


def _kept_terms(state: ScoreState, scale: Scale) -> Iterable[float]:
    for awards in state.kept.values():
        for award in awards:
            yield term(award.points, award.at, scale, state.landmark)


def kept_newest(awards: Iterable[Award], limit: int) -> tuple[Award, ...]:
    """The newest awards by `(at, fact)`, oldest first, at most `limit`."""
    return tuple(sorted(awards, key=lambda award: (award.at, award.fact))[-limit:])
