"""Cases in batches: all that ask the same question at the same moment are answered together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

import attrs

from nurture.model import SubjectKind
from nurture.predicates import Names, Predicate, dumps
from tests.parity.cases.records import NAMES, Known, Records, records_of
from tests.parity.cases.said import Case


@attrs.frozen(eq=False)
class Batch:
    """Cases with one question, one moment and one kind of subject."""

    asked: Predicate
    subject: SubjectKind
    now: datetime
    cases: tuple[Case, ...]

    @property
    def names(self) -> Names:
        return NAMES[self.subject]

    @property
    def records(self) -> tuple[Records, ...]:
        return tuple(records_of(case) for case in self.cases)

    @property
    def everybody(self) -> tuple[Known, ...]:
        return tuple(one for records in self.records for one in records.everybody)


class Reading(Protocol):
    """One way to answer a batch."""

    def answers(self, batch: Batch) -> Mapping[str, bool]:
        """The answers by case.

        Cases that this reading cannot be asked about are left out.

        Raises:
            NotCompilableError: It cannot be asked this question.
        """
        ...


def batches_of(cases: Iterable[Case]) -> tuple[Batch, ...]:
    """The cases in batches, in their order."""
    found: dict[tuple[str, SubjectKind, datetime], list[Case]] = {}
    for case in cases:
        found.setdefault((dumps(case.asked), case.subject, case.now), []).append(case)
    return tuple(Batch(some[0].asked, some[0].subject, some[0].now, tuple(some)) for some in found.values())
