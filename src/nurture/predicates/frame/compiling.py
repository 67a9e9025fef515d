"""A predicate, read over frames: which rows of the leads, or of the accounts, satisfy it. May import all readings.

Of parts that must all hold, comparisons of columns come first, then the sets of subjects that facts give, as
semi-joins; what stands inside `|` or `~` of more than one clause is joined as a column of yes and no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs
import narwhals.stable.v2 as nw

from nurture.errors import DefinitionError, NotCompilableError
from nurture.model import clean_instant
from nurture.predicates.dates import Age, Anniversary, Elapsed, Held, InPeriod
from nurture.predicates.frame import dates, people, standing
from nurture.predicates.frame.facts import passing
from nurture.predicates.frame.reader import ROW, Members, Reader, semi
from nurture.predicates.frame.tables import OURS, Frame
from nurture.predicates.frame.touches import touched
from nurture.predicates.frame.truth import Truth, all_of, any_of, negated
from nurture.predicates.frame.values import compare
from nurture.predicates.inline import inlined, require_unfoldable
from nurture.predicates.lower import lowered
from nurture.predicates.operators import FieldType
from nurture.predicates.people import OfAccount, People
from nurture.predicates.sequences import Followed
from nurture.predicates.standing import (
    Consented,
    InBucket,
    InScenario,
    InStage,
    Score,
    TimeInSegment,
    TimeInStage,
)
from nurture.predicates.touches import Touched
from nurture.predicates.tree import All, AnyOf, Compare, Everyone, Not, Predicate, Scaled

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.predicates.frame.tables import Tables
    from nurture.predicates.names import Names


def _compared(node: Compare, reader: Reader) -> Truth:
    if reader.type_of(node.field) is FieldType.TEXTS:
        return reader.beforehand(node.field, lambda cell: compare(node, cell, None), missing=node.op == "missing")
    other = reader.field(node.value.field) if isinstance(node.value, Scaled) else None
    return compare(node, reader.field(node.field), other)


LEAVES: Mapping[type[Predicate], Callable[[Any, Reader], Truth | Members]] = {
    Age: dates.age,
    Anniversary: dates.anniversary,
    Compare: _compared,
    Consented: standing.consented,
    Elapsed: dates.elapsed,
    Everyone: lambda _, __: True,
    InBucket: standing.in_bucket,
    InPeriod: dates.in_period,
    InScenario: standing.in_scenario,
    InStage: standing.in_stage,
    OfAccount: people.of_account,
    People: people.people,
    Score: standing.score,
    TimeInSegment: standing.time_in_segment,
    TimeInStage: standing.time_in_stage,
    Touched: touched,
}
"""How each leaf reads: as an expression over the subjects' rows, or as a set of subjects."""

DECLINED: Mapping[type[Predicate], str] = {
    Held: "it asks what values were before, which frames of today do not hold; ask the store",
    Followed: "it compares facts with each other; ask one subject at a time with match",
}
"""The leaves that cannot be read over frames, and why."""


@attrs.frozen(slots=True, eq=False)
class Chosen:
    """The rows that satisfy a predicate, not yet fetched when the frame is lazy.

    Attributes:
        rows: Frames in memory: the numbers of the rows, in their order. Lazy frames: the rows, with the columns that
            the frame had.
    """

    rows: Frame

    def numbers(self) -> list[int]:
        """The numbers of the rows, of a frame in memory."""
        rows = self.rows.collect() if isinstance(self.rows, nw.LazyFrame) else self.rows
        return rows[ROW].to_list()


def compile_frame(predicate: Predicate, tables: Tables, names: Names, now: datetime) -> Chosen:
    """Which rows satisfy a predicate.

    Args:
        predicate: The question.
        tables: The frames.
        names: What the names in the predicate mean, and whether it is about leads or about accounts.
        now: The moment asked about.

    Raises:
        NotCompilableError: It holds a node that frames cannot answer, which is named; or with its segments in
            place it is too large (`inline.MAX_UNFOLDED`).
        DefinitionError: A frame or a column is missing, or holds something else than is asked for.
    """
    require_unfoldable("frame", predicate, names)
    reader = Reader(tables, names, clean_instant(now, "now"))
    rows = chosen_rows(predicate, reader)
    if reader.table.in_memory:
        return Chosen(rows.select(ROW).sort(ROW))
    return Chosen(rows.select(*reader.table.original.collect_schema().names()))


def chosen_rows(predicate: Predicate, reader: Reader) -> Frame:
    """The rows of a reader's subjects that satisfy a predicate, with their keys."""
    plain: list[Truth] = []
    sets: list[Members] = []
    joined: list[Truth] = []
    for part in _conjuncts(lowered(inlined(predicate, reader.names), reader.names, told=False)):
        before = reader.asked
        found = _conjunct(part, reader)
        if isinstance(found, Members):
            sets.append(found)
        else:
            (plain if reader.asked == before else joined).append(found)
    if any(one.of == "account" for one in sets):
        reader.needs_account = True
    rows = passing(reader.rows(), all_of(plain))
    for members in sets:
        rows = semi(rows, members)
    if joined:
        rows = passing(reader.joined(rows), all_of(joined))
    return rows


def truth_of(predicate: Predicate, reader: Reader) -> Truth:
    """A predicate as an expression over `reader.joined(reader.rows())`."""
    return _truth(lowered(inlined(predicate, reader.names), reader.names, told=False), reader)


def _conjuncts(predicate: Predicate) -> Iterator[Predicate]:
    """The parts that must all hold."""
    if isinstance(predicate, All):
        for part in predicate.parts:
            yield from _conjuncts(part)
    elif isinstance(predicate, Not) and isinstance(predicate.part, AnyOf):
        for part in predicate.part.parts:
            yield from _conjuncts(part.part if isinstance(part, Not) else Not(part))
    else:
        yield predicate


def _conjunct(predicate: Predicate, reader: Reader) -> Truth | Members:
    if isinstance(predicate, Not):
        found = _conjunct(predicate.part, reader)
        return attrs.evolve(found, but=not found.but) if isinstance(found, Members) else negated(found)
    if isinstance(predicate, (All, AnyOf)):
        return _truth(predicate, reader)
    return _leaf(predicate, reader)


def _truth(predicate: Predicate, reader: Reader) -> Truth:
    if isinstance(predicate, Not):
        return negated(_truth(predicate.part, reader))
    if isinstance(predicate, All):
        return all_of(_truth(part, reader) for part in predicate.parts)
    if isinstance(predicate, AnyOf):
        return any_of(_truth(part, reader) for part in predicate.parts)
    found = _leaf(predicate, reader)
    return reader.flag(found) if isinstance(found, Members) else found


def _leaf(predicate: Predicate, reader: Reader) -> Truth | Members:
    read = LEAVES.get(type(predicate))
    if read is None:
        from nurture.predicates.describe import describe

        reason = DECLINED.get(type(predicate))
        if reason is None:
            raise DefinitionError(f"expected a node of a predicate, found {type(predicate).__name__}")
        raise NotCompilableError("frame", f"{type(predicate).__name__} ({describe(predicate)})", reason)
    return read(predicate, reader)


__all__ = ["DECLINED", "LEAVES", "OURS", "Chosen", "chosen_rows", "compile_frame", "truth_of"]
