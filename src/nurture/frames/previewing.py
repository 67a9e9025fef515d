"""How many rows satisfy a segment, and each clause of it: for a look before it is used. May import the filter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

import attrs
import narwhals.stable.v2 as nw

from nurture.errors import NotCompilableError
from nurture.frames.filtering import filter as filter_frame
from nurture.predicates import All, AnyOf, Not, Predicate, describe
from nurture.predicates.display import bundle, counted, heading, languages_of, sentences, tree
from nurture.program import Segment

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.predicates import Names
    from nurture.predicates.frame import Frame
    from nurture.program import Program


@attrs.frozen(slots=True, kw_only=True, repr=False)
class Preview:
    """How many rows satisfy a segment and its clauses; a notebook shows the sentence, the tree, and the counts.

    Attributes:
        name: The segment's name.
        predicate: What was asked.
        count: How many rows satisfy it.
        total: How many rows there are.
        clauses: How many rows satisfy each clause by itself; None of one that frames cannot answer.
        locale: The language in which it is shown; None for English and Japanese.
    """

    name: str
    predicate: Predicate
    count: int
    total: int
    clauses: Mapping[Predicate, int | None]
    locale: str | None = None

    def __repr__(self) -> str:
        return f"Preview({self.name}: {counted(self.count, self.total, 'en')}, {len(self.clauses)} clauses)"

    def __str__(self) -> str:
        lang = languages_of(self.locale)[0]
        return f"{self.name}: {counted(self.count, self.total, lang)}: {describe(self.predicate, lang)}"

    def _repr_html_(self) -> str:
        lang = languages_of(self.locale)[0]
        top = heading("segment", self.name, counted(self.count, self.total, lang))

        def note(node: Predicate) -> str:
            count = self.clauses.get(node)
            return "" if count is None else f"{count:,}"

        return f"<div>{top}{sentences(self.predicate, self.locale)}{tree(self.predicate, lang, note)}</div>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return bundle(str(self), self._repr_html_())


def preview(
    segment: Segment,
    frame: object,
    touchpoints: object = None,
    accounts: object = None,
    *,
    now: datetime,
    leads: object = None,
    memberships: object = None,
    enrollments: object = None,
    columns: Mapping[str, str] | None = None,
    zone: str | None = None,
    program: Program | None = None,
    names: Names | None = None,
    locale: str | None = None,
) -> Preview:
    """Count the rows that satisfy a segment, and each of its clauses. The arguments are those of `filter`.

    Args:
        segment: The segment.
        frame: One row a lead, or an account.
        touchpoints: One row a fact.
        accounts: One row an account.
        now: The moment asked about.
        leads: One row a lead, when a segment of accounts asks about people.
        memberships: One row for each kept membership.
        enrollments: One row for each run, such as `Standing.run_states` gives them.
        columns: Columns that are called otherwise than what they hold, by that.
        zone: Where wall clocks hang whose times have no zone.
        program: What the names in the predicate mean.
        names: The same as plain data.
        locale: The language in which to show it; else the program's, else English and Japanese.
    """

    def found(predicate: Predicate) -> int:
        return _height(
            filter_frame(
                Segment(segment.name, predicate, segment.subject),
                frame,
                touchpoints,
                accounts,
                now=now,
                leads=leads,
                memberships=memberships,
                enrollments=enrollments,
                columns=columns,
                zone=zone,
                program=program,
                names=names,
            )
        )

    return Preview(
        name=segment.name,
        predicate=segment.where,
        count=found(segment.where),
        total=_height(frame),
        clauses={one: _if_it_can(found, one) for one in _clauses(segment.where)},
        locale=locale if locale is not None or program is None else program.locale,
    )


def _if_it_can(found: Callable[[Predicate], int], predicate: Predicate) -> int | None:
    try:
        return found(predicate)
    except NotCompilableError:
        return None


def _clauses(predicate: Predicate) -> Iterator[Predicate]:
    yield predicate
    if isinstance(predicate, (All, AnyOf, Not)):
        for part in predicate.children():
            yield from _clauses(part)


def _height(native: object) -> int:
    frame = cast("Frame", nw.from_native(cast("Any", native)))
    rows = frame.select(nw.len())
    counts = rows.collect() if isinstance(rows, nw.LazyFrame) else rows
    return cast("int", counts.item(0, 0))
