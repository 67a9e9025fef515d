"""A named group of people. Imports predicates only; `Segment.filter` hands over to the room `frames` when called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, TypeVar

import attrs

from nurture.model import SubjectKind
from nurture.predicates import Predicate, describe
from nurture.predicates.display import bundle, predicate_html
from nurture.program.choices import to_subject
from nurture.steps.declaration import Declaration

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.predicates import Names
    from nurture.program.program import Program

F = TypeVar("F")


@attrs.frozen(slots=True)
class Segment(Declaration):
    """A named predicate; membership is kept up to date, with facts on entering and leaving.

    Attributes:
        name: Names it in predicates, scenarios and reports.
        where: Who belongs to it.
        subject: Whether it groups leads or accounts.
        title: For people to read.
    """

    stands_in: ClassVar[str] = "segments"

    name: str
    where: Predicate
    subject: SubjectKind = attrs.field(default=SubjectKind.LEAD, converter=to_subject)
    title: str = ""

    def filter(
        self,
        frame: F,
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
    ) -> F:
        """The rows of a frame of one's own that belong to it; `nurture.frames.filter` says what each argument is.

        Args:
            frame: One row a lead, or for a segment of accounts one row an account.
            touchpoints: One row a fact.
            accounts: One row an account.
            now: The moment asked about.
            leads: One row a lead, when a segment of accounts asks about people.
            memberships: One row for each kept membership.
            enrollments: One row for each run of a scenario, such as `Standing.run_states` gives them.
            columns: Columns that are called otherwise than what they hold, by that.
            zone: Where wall clocks hang whose times have no zone.
            program: What the names in the predicate mean.
            names: The same as plain data.

        Returns:
            The same kind of frame with the same columns.
        """
        from nurture.frames import filter as filter_frame

        return filter_frame(
            self,
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

    def _repr_html_(self) -> str:
        return predicate_html("segment", self.name, self.where, note=self.title)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return bundle(f"segment {self.name}: {describe(self.where)}", self._repr_html_())
