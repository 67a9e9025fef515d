"""Points that facts earn, summed by subject: the batch form of a score. May import the facts and the reader.

A fact of points `w` at `t` is worth `w * 2 ** ((t - now) / half_life)` now, which is what forward decay reads. Rules
without a cap or a key are one expression over the frame: each fact is weighed once, however many rules there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import log
from typing import TYPE_CHECKING

import attrs
import narwhals.stable.v2 as nw

from nurture.errors import NotCompilableError
from nurture.predicates.frame.cells import length_in_micros
from nurture.predicates.frame.edges import stacked
from nurture.predicates.frame.facts import AT, ID, NEWEST, VALUE, Facts, Span, extreme
from nurture.predicates.frame.reader import KEY, planned
from nurture.predicates.frame.tables import OURS, subject_column
from nurture.predicates.frame.truth import Truth, at_leaf
from nurture.predicates.operators import FieldType
from nurture.predicates.touches import Touched

if TYPE_CHECKING:
    from datetime import timedelta

    from nurture.predicates.frame.reader import Reader
    from nurture.predicates.frame.tables import Frame, Table

POINTS = f"{OURS}points"
"""The sum."""
_MANY = 100_000
_LABEL = f"{OURS}label"
_NOBODY = "\x00"  # no text has it: what facts without the property share


@attrs.frozen(slots=True)
class Earning:
    """A rule: which facts earn points, and how many of them count.

    Attributes:
        when: Which facts.
        points: How many points each earns.
        cap: At most so many facts of a subject count, the newest ones.
        once_per: Of the facts of a subject that share this property only the newest counts.
        times: Each fact earns the points as many times as the number that this property holds.
    """

    when: Touched
    points: float
    cap: int | None = None
    once_per: str | None = None
    times: str | None = None


def by_subject(worth: Frame) -> Frame:
    """The sum for each subject that has anything, of a frame with `KEY` and `POINTS`."""
    return worth.filter(~nw.col(KEY).is_null(), nw.col(POINTS) != 0.0).group_by(KEY).agg(nw.col(POINTS).sum())


def earned(
    rules: Iterable[Earning],
    reader: Reader,
    half_life: timedelta | None,
    *,
    sums: Callable[[Frame], Frame] = by_subject,
) -> Frame:
    """What each subject has earned, as it reads now: `KEY` and `POINTS`.

    Args:
        rules: Which facts earn points.
        reader: Who is asked.
        half_life: After this time a point counts half; None for never.
        sums: What sums by subject, of frames in memory.

    Raises:
        NotCompilableError: A rule counts the newest facts only, and the engine cannot number rows.
    """
    given = list(rules)
    simple = [rule for rule in given if rule.cap is None and rule.once_per is None and rule.times is None]
    kept = [rule for rule in given if rule.cap is not None or rule.once_per is not None]
    parts = [_weighed(simple, reader, half_life)] if simple else []
    parts += [_kept(rule, reader, half_life) for rule in kept]
    parts += [_multiplied(rule, reader, half_life) for rule in given if rule.times is not None]
    every = stacked(parts)
    return sums(every) if reader.tables.of("touchpoints", "a score").in_memory else by_subject(every)


def _weighed(rules: list[Earning], reader: Reader, half_life: timedelta | None) -> Frame:
    """Each fact with what it is worth, which may be nothing."""
    facts = reader.tables.of("touchpoints", "a score")
    subject = subject_column(facts, reader.subject, "a score")
    at = facts.cell(facts.need("at", asked="touchpoint.at"), FieldType.INSTANT)
    key, source = reader.key_of(facts, subject)
    needed = {source, *at.columns}
    weights: list[tuple[Truth, float, str | None]] = []
    for rule in rules:
        one = Facts(reader, rule.when)
        weights.append((one.condition(), rule.points, rule.when.exact_kind))
        needed |= one.needed
    worth = _weight(weights) * _fading(at.expr, reader, half_life)
    seen = nw.when(at_leaf(at.expr <= reader.micros)).then(worth).otherwise(nw.lit(0.0))
    columns = (key.alias(KEY), seen.alias(POINTS))
    return stacked([part.select(*columns) for part in _parts(facts, sorted(needed))])


def _parts(facts: Table, needed: list[str]) -> list[Frame]:
    """The facts in two halves where the engine works on several frames at once, but on each with one thread."""
    if not isinstance(facts.frame, nw.DataFrame):
        return [facts.frame]
    frame = facts.frame.select(*needed)
    if not frame.implementation.is_polars() or len(frame) < _MANY:
        return [planned(frame)]
    half = len(frame) // 2
    return [planned(frame[:half]), planned(frame[half:])]


def _weight(weights: list[tuple[Truth, float, str | None]]) -> nw.Expr:
    """The points of a fact: rules about one kind each exclude one another, so the first that fits decides."""
    by_kind: dict[str | None, list[nw.Expr]] = {}
    for truth, points, kind in weights:
        if truth is True:
            by_kind.setdefault(None, []).append(nw.lit(points))
        elif not isinstance(truth, bool):
            by_kind.setdefault(kind, []).append(nw.when(truth).then(nw.lit(points)).otherwise(nw.lit(0.0)))
    alone = [(truth, points) for truth, points, kind in weights if kind is not None and len(by_kind.get(kind, ())) == 1]
    chain = nw.lit(0.0)
    for truth, points in reversed(alone):
        if isinstance(truth, bool):
            continue
        chain = nw.when(truth).then(nw.lit(points)).otherwise(chain)
    others = [expr for kind, some in by_kind.items() if kind is None or len(some) > 1 for expr in some]
    for expr in others:
        chain = chain + expr
    return chain


def _fading(at: nw.Expr, reader: Reader, half_life: timedelta | None) -> nw.Expr:
    if half_life is None:
        return nw.lit(1.0)
    return ((at - reader.micros) * (log(2.0) / length_in_micros(half_life))).exp()


def _kept(rule: Earning, reader: Reader, half_life: timedelta | None) -> Frame:
    """The facts that count of a rule with a cap or a key."""
    facts = Facts(reader, rule.when)
    if rule.once_per is not None:
        cell = reader.prop(rule.once_per)
        if cell.type is FieldType.TEXTS:
            raise NotCompilableError("frame", f"once_per {rule.once_per}", "the property holds lists")
        facts.keep(_LABEL, cell.expr.cast(nw.String).fill_null(_NOBODY), *cell.columns)
    chosen = facts.selected(span=Span(None, reader.micros), ats=True, ids=True)
    if rule.once_per is not None:
        chosen = extreme(chosen, [KEY, _LABEL], NEWEST)
    if rule.cap is not None:
        chosen = _newest(chosen, rule.cap)
    return chosen.select(KEY, (nw.lit(rule.points) * _fading(nw.col(AT), reader, half_life)).alias(POINTS))


def _multiplied(rule: Earning, reader: Reader, half_life: timedelta | None) -> Frame:
    """The facts of a rule whose points are in the facts themselves."""
    chosen = Facts(reader, rule.when).selected(span=Span(None, reader.micros), ats=True, of=rule.times)
    worth = nw.col(VALUE).cast(nw.Float64).fill_null(0.0) * rule.points
    return chosen.select(KEY, (worth * _fading(nw.col(AT), reader, half_life)).alias(POINTS))


def _newest(facts: Frame, limit: int) -> Frame:
    """At most so many facts of each subject, the newest by `(AT, ID)`."""
    if limit == 1:
        return extreme(facts, [KEY], NEWEST)
    if facts.implementation.is_pyarrow():
        raise NotCompilableError("frame", f"cap {limit}", "PyArrow cannot number rows; use Polars, pandas or DuckDB")
    number, every = f"{OURS}number", f"{OURS}every"
    if isinstance(facts, nw.DataFrame):
        facts = facts.sort([KEY, AT, ID])  # pandas numbers rows as they stand, whatever order is asked for
        counted = nw.col(AT).cum_count().over(KEY)
    else:
        counted = nw.col(AT).cum_count().over(KEY, order_by=[AT, ID])
    numbered = facts.with_columns(counted.alias(number), nw.len().over(KEY).alias(every))
    return numbered.filter(nw.col(every) - nw.col(number) < limit)
