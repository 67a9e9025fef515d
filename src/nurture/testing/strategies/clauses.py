"""Strategies for clauses about facts: every quantifier, window and period, and sequences. May import predicates."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from hypothesis import strategies as st

from nurture.model import Origin
from nurture.predicates import Field, Followed, Quantifier, Touched
from nurture.predicates.touches import AMOUNTS, OF_PROPERTY, SINCE, SINGLE
from nurture.testing.strategies.comparisons import (
    LENGTH_ORDERS,
    LENGTHS,
    ORDERS,
    on_fact,
    periods,
    seldom,
)

_KINDS = ("form.submitted", "page.viewed", "email.clicked", "purchase.made")
_PROPERTIES = st.sampled_from(["path", "f", "値"])
_CONDITIONS = on_fact()
_HAVING = seldom(_CONDITIONS)
_ORIGINS = seldom(st.sampled_from(Origin))
_CHANNELS = seldom(st.sampled_from(["web", "email"]))
_CAMPAIGNS = seldom(st.just("spring"))
_WINDOWS = st.none() | LENGTHS
_OLDER = seldom(LENGTHS)
_PERIODS = seldom(periods())
_FISCAL = periods(with_start_month=True)
_PER = seldom(_PROPERTIES)
# Half of them count or ask about the last one, as most clauses do that people write.
_ASKED = st.sampled_from([Quantifier.COUNT, Quantifier.LAST]) | st.sampled_from(Quantifier)


def clauses_for(
    kinds: Iterable[str] = _KINDS, *, plain: bool = False, months: Iterable[Field] = ()
) -> st.SearchStrategy[Touched]:
    """Clauses about facts: any quantifier, window, period, count and condition.

    Args:
        kinds: The kinds that they ask about; some clauses ask about every kind, or about all that begin alike.
        plain: Only clauses about each single fact, as triggers and score rules need them.
        months: Fields that may hold the month in which a fiscal year begins.
    """
    known = tuple(kinds)
    return _plain_clauses(known) if plain else _clauses(known, tuple(months))


@st.composite
def _plain_clauses(draw: st.DrawFn, kinds: tuple[str, ...]) -> Touched:
    return Touched(
        draw(st.sampled_from(kinds)),
        having=draw(_HAVING),
        origin=draw(_ORIGINS),
        channel=draw(_CHANNELS),
        campaign=draw(_CAMPAIGNS),
        suspect=draw(st.booleans()),
    )


@st.composite
def _clauses(draw: st.DrawFn, kinds: tuple[str, ...], months: tuple[Field, ...]) -> Touched:
    asked = draw(_ASKED)
    trend = asked is Quantifier.TREND
    window = draw(LENGTHS if trend else _WINDOWS)
    older = None if trend else draw(_OLDER)
    starts = draw(seldom(st.sampled_from(months))) if months else None
    period = None if trend else draw(_FISCAL if starts else _PERIODS)
    if period is not None:
        window = older = None
    elif window is not None and older is not None and older >= window:
        older = None
    return Touched(
        draw(_kinds_and_prefixes(kinds)),
        having=draw(_HAVING),
        window=window,
        older=older,
        period=period,
        starts=starts if period is not None else None,
        origin=draw(_ORIGINS),
        channel=draw(_CHANNELS),
        campaign=draw(_CAMPAIGNS),
        suspect=draw(st.booleans()),
        per=draw(_PER),
        quantifier=asked,
        of=draw(_PROPERTIES) if asked in OF_PROPERTY else None,
        op="ge" if asked in SINGLE else draw(LENGTH_ORDERS if asked in SINCE else ORDERS),
        n=draw(_numbers(asked)),
        length=draw(LENGTHS) if asked in SINCE else None,
        single_where=draw(_CONDITIONS) if asked in SINGLE else None,
    )


@cache
def _numbers(asked: Quantifier) -> st.SearchStrategy[float]:
    if asked in AMOUNTS:
        return st.sampled_from([0, 1, 50, 0.3, 2.5, -1, 1e15]) | st.integers(-100, 100)
    if asked is Quantifier.TREND:
        return st.sampled_from([0, 0.5, 1, 1.5, 2])
    return st.just(1) if asked in SINGLE or asked in SINCE else st.integers(0, 4)


@cache
def _kinds_and_prefixes(kinds: tuple[str, ...]) -> st.SearchStrategy[str | None]:
    """What a clause asks about: one kind, every kind, or all that begin alike."""
    prefixes = sorted({f"{kind.split('.', 1)[0]}.*" for kind in kinds})
    return st.sampled_from([*kinds, *kinds, None, *prefixes])


def sequences_for(kinds: Iterable[str] = _KINDS) -> st.SearchStrategy[Followed]:
    """One clause and then another within a time, or none.

    Args:
        kinds: The kinds that they ask about.
    """
    return _sequences(tuple(kinds))


@st.composite
def _sequences(draw: st.DrawFn, known: tuple[str, ...]) -> Followed:
    def side() -> Touched:
        return Touched(
            draw(_kinds_and_prefixes(known)),
            having=draw(_HAVING),
            channel=draw(_CHANNELS),
            suspect=draw(st.booleans()),
        )

    first, window = side(), draw(_WINDOWS)
    older = draw(_OLDER)
    if window is not None:
        first = first.within(window)
    if older is not None and (window is None or older < window):
        first = first.older_than(older)
    return Followed(first, side(), draw(LENGTHS), draw(st.booleans()))
