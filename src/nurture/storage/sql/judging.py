"""Which groups of a batch may be written, and what is then to be written. May import `rows` and `nurture.model`.

What is stored is given, as far as the batch could conflict with it. The groups are judged one after
the other against it, as if each were written before the next. Nothing here touches a database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias, cast

import attrs

from nurture.model import Changes, InboxRow, Record, Standing, SubjectId, Touchpoint, Versioned
from nurture.storage.clock import to_micros
from nurture.storage.sql.rows import ROWS, Row

if TYPE_CHECKING:
    from datetime import datetime

Rows: TypeAlias = dict[type[Record], dict[str, Row]]
"""Rows to write, by kind and id."""


@attrs.define(slots=True)
class Batch:
    """What is stored, and what is to be written.

    Attributes:
        tenant: Whose.
        versions: Stored versions, by kind and id; kinds that are not here are not compared.
        facts: Those of the arriving facts that are stored already.
        rows: Those of the folded inbox rows that are there.
        watched: The subjects that must be quiet.
        waiting: Their inbox rows, with when each is due.
        decided: Until when subjects were decided, in microseconds; those about which a late fact may arrive.
        gone: Inbox rows to delete.
        arrivals: Inbox rows to insert, by fact.
        inserts: New rows.
        updates: Rows to write over.
        earliest: The earliest instant, in microseconds, at which something that is to be written is due.
    """

    tenant: str
    versions: dict[type[Record], dict[str, int]] = attrs.field(factory=dict[type[Record], dict[str, int]])
    facts: set[str] = attrs.field(factory=set[str])
    rows: set[str] = attrs.field(factory=set[str])
    watched: Collection[str] = ()
    waiting: dict[str, dict[str, int]] = attrs.field(factory=dict[str, dict[str, int]])
    decided: dict[str, int] = attrs.field(factory=dict[str, int])
    gone: list[str] = attrs.field(factory=list[str])
    arrivals: dict[str, Row] = attrs.field(factory=dict[str, Row])
    inserts: Rows = attrs.field(factory=dict[type[Record], dict[str, Row]])
    updates: Rows = attrs.field(factory=dict[type[Record], dict[str, Row]])

    def accept(self, subject: SubjectId, changes: Changes) -> bool:
        """Plan to write the group, or find that it conflicts and plan nothing of it."""
        records, folded = changes.records, changes.folded
        if folded and not self.rows.issuperset(folded):
            return False
        if changes.quiet_until is not None and not self._is_quiet(subject, changes.quiet_until, folded):
            return False
        arriving = [one for one in records if isinstance(one, InboxRow)]
        if arriving and self._is_late(arriving):
            return False
        if self.versions:
            raised = self._raised(records)
            if raised is None:
                return False
            for (kind, name), version in raised.items():
                self.versions[kind][name] = version
        for fact in folded:
            self._fold(subject, fact)
        if arriving:
            self._arrive(arriving)
        self._plan(records)
        return True

    def _is_quiet(self, subject: SubjectId, quiet_until: datetime, folded: Collection[str]) -> bool:
        waiting = self.waiting.get(subject)
        if not waiting:
            return True
        until = to_micros(quiet_until)
        return not any(due_at <= until and fact not in folded for fact, due_at in waiting.items())

    def _is_late(self, arriving: Iterable[InboxRow]) -> bool:
        """Whether a new row comes too late: its subject was decided beyond the row's instant."""
        decided = self.decided
        if not decided:
            return False
        return any(
            one.subject in decided and to_micros(one.due_at) <= decided[one.subject] and one.fact not in self.facts
            for one in arriving
        )

    def _raised(self, records: Iterable[Record]) -> Mapping[tuple[type[Record], str], int] | None:
        """The versions after the group; None if one of them does not follow from what is stored."""
        raised: dict[tuple[type[Record], str], int] = {}
        for record in records:
            kind = record.__class__
            versions = self.versions.get(kind)
            if versions is None:
                continue
            place = (kind, record.id)
            if cast("Versioned", record).version != raised.get(place, versions.get(record.id, 0)) + 1:
                return None
            raised[place] = cast("Versioned", record).version
        return raised

    def _fold(self, subject: SubjectId, fact: str) -> None:
        self.rows.discard(fact)
        self.waiting.get(subject, {}).pop(fact, None)
        if self.arrivals.pop(fact, None) is None:
            self.gone.append(fact)

    def _arrive(self, arriving: Iterable[InboxRow]) -> None:
        """Plan the rows of facts that were not there before this group."""
        for one in arriving:
            if one.fact in self.facts or one.fact in self.arrivals:
                continue
            self.arrivals[one.fact] = ROWS[InboxRow](self.tenant, one)
            self.rows.add(one.fact)
            if one.subject in self.watched:
                self.waiting.setdefault(one.subject, {})[one.fact] = to_micros(one.due_at)

    def _plan(self, records: Iterable[Record]) -> None:
        for record in records:
            kind = record.__class__
            if kind is InboxRow:
                continue
            row = ROWS[kind](self.tenant, record)
            if kind not in self.versions:
                self.inserts.setdefault(kind, {}).setdefault(record.id, row)
                if kind is Touchpoint:
                    self.facts.add(record.id)
                continue
            self._plan_versioned(kind, record.id, row, is_new=cast("Versioned", record).version == 1)
            if kind is Standing:
                self._decide(cast("Standing", record))

    def _plan_versioned(self, kind: type[Record], name: str, row: Row, *, is_new: bool) -> None:
        """The newest version is written, and once."""
        inserts = self.inserts.get(kind)
        if is_new or (inserts is not None and name in inserts):
            self.inserts.setdefault(kind, {})[name] = row
        else:
            self.updates.setdefault(kind, {})[name] = row

    def _decide(self, standing: Standing) -> None:
        if standing.advanced_to is not None:
            self.decided[standing.subject] = to_micros(standing.advanced_to)
        else:
            self.decided.pop(standing.subject, None)
