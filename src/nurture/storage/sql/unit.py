"""Writing to an SQL store, many groups at a time. May import what the other modules of this room import.

Nobody else writes while a unit is open. So what could conflict is read once for the whole batch; the
groups are then judged one after the other against it, as if each were written before the next; and
what stood the test is written with one statement for each table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

import attrs

from nurture.model import Changes, InboxRow, Record, SubjectId, Touchpoint, Versioned
from nurture.storage.clock import Ticker, from_micros, to_micros
from nurture.storage.sql.rows import ROWS, SHAPES, Row
from nurture.storage.sql.view import SqlView

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.storage.sql.dialect import Dialect
    from nurture.storage.sql.session import Session
    from nurture.storage.sql.statements import Prepared, Statements


class SqlUnit(SqlView):
    """Reading and writing in one transaction; see `nurture.ports.Unit`.

    Args:
        session: Within the transaction that holds the write lock.
        dialect: Of its database.
        statements: Compiled for its engine.
        ticker: Gives the unit its instant.
    """

    __slots__ = ("_last", "_now", "_ticker", "_wrote")

    def __init__(self, session: Session, dialect: Dialect, statements: Statements, ticker: Ticker) -> None:
        super().__init__(session, dialect, statements)
        self._ticker = ticker
        self._now: datetime | None = None
        self._last: datetime | None = None
        self._wrote = False

    def now(self) -> datetime:
        """The instant of this unit."""
        if self._now is None:
            self._last = last_instant(self._session, self._statements)
            self._now = self._ticker.tick(after=self._last)
        return self._now

    def finish(self) -> None:
        """Keep the unit's instant, if it wrote something; the last thing before the commit."""
        if not self._wrote:
            return
        last = to_micros(self.now())
        if self._last is None:
            self._session.run(self._statements.start_clock, {"last": last})
        else:
            self._session.run(self._statements.set_clock, {"the_tenant": self._session.tenant, "the_last": last})

    def put(self, groups: Mapping[SubjectId, Changes], /) -> frozenset[SubjectId]:
        """Write the groups; the answer names those that conflicted and were left out."""
        stored = self._stored(groups)
        left_out = frozenset([subject for subject, changes in groups.items() if not stored.accept(subject, changes)])
        self._write(stored)
        return left_out

    def erase(self, subject: SubjectId, /) -> None:
        """Remove every record of the subject but allowances."""
        self._wrote = True
        for statement in self._statements.erase:
            self._session.run(statement, {"subject": subject})

    # --- what could conflict -----------------------------------------------------------------------------------

    def _stored(self, groups: Mapping[SubjectId, Changes]) -> _Stored:
        """Read what the groups are compared with."""
        ids: dict[type[Record], list[str]] = {}
        arriving: list[str] = []
        for changes in groups.values():
            for record in changes.records:
                kind = record.__class__
                if SHAPES[kind].versioned:
                    ids.setdefault(kind, []).append(record.id)
                elif kind is InboxRow:
                    arriving.append(record.id)
        stored = _Stored(self._session.tenant)
        for kind, some in ids.items():
            stored.versions[kind] = dict(self._pairs(self._statements.versions[kind], some))
        if arriving:
            stored.facts.update(self._ids(self._statements.known_facts, arriving))
        folded = [fact for changes in groups.values() for fact in changes.folded]
        if folded:
            stored.rows.update(self._ids(self._statements.known_rows, folded))
        self._read_waiting(groups, stored)
        return stored

    def _read_waiting(self, groups: Mapping[SubjectId, Changes], stored: _Stored) -> None:
        quiet = {subject: one.quiet_until for subject, one in groups.items() if one.quiet_until is not None}
        if quiet:
            stored.watched = quiet
            values = {"subjects": self._dialect.pack(quiet), "until": to_micros(max(quiet.values()))}
            for fact, subject, due_at in self._session.rows(self._statements.rows_by_subject, values):
                stored.waiting.setdefault(cast("str", subject), {})[cast("str", fact)] = cast("int", due_at)

    def _pairs(self, statement: Prepared, ids: Sequence[str]) -> Iterable[tuple[str, int]]:
        return cast("Iterable[tuple[str, int]]", self._session.rows(statement, {"ids": self._dialect.pack(ids)}))

    def _ids(self, statement: Prepared, ids: Sequence[str]) -> list[str]:
        return [cast("str", row[0]) for row in self._session.rows(statement, {"ids": self._dialect.pack(ids)})]

    # --- writing -------------------------------------------------------------------------------------------------

    def _write(self, stored: _Stored) -> None:
        if stored.gone:
            self._session.run(self._statements.fold, {"ids": self._dialect.pack(stored.gone)})
            self._wrote = True
        for kind, rows in stored.inserts.items():
            self._session.many(self._statements.insert[kind].text, rows)
            self._wrote = True
        if stored.arrivals:
            self._session.many(self._statements.insert[InboxRow].text, list(stored.arrivals.values()))
            self._wrote = True
        for kind, rows in stored.updates.items():
            self._session.many(self._statements.update[kind].text, list(map(self._statements.picked[kind], rows)))
            self._wrote = True


def _lists() -> dict[type[Record], list[Row]]:
    return defaultdict(list)


@attrs.define(slots=True)
class _Stored:
    """What is stored, as far as the batch could conflict with it; and what is to be written.

    Attributes:
        tenant: Whose.
        versions: Of versioned records, by kind and id.
        facts: Those of the arriving facts that are stored already.
        rows: Those of the folded inbox rows that are there.
        watched: The subjects that must be quiet.
        waiting: Their inbox rows, with when each is due.
        gone: Inbox rows to delete.
        arrivals: Inbox rows to insert, by fact.
        inserts: Rows to insert, by kind.
        updates: Rows to write over, by kind.
    """

    tenant: str
    versions: dict[type[Record], dict[str, int]] = attrs.field(factory=dict[type[Record], dict[str, int]])
    facts: set[str] = attrs.field(factory=set[str])
    rows: set[str] = attrs.field(factory=set[str])
    watched: Collection[str] = ()
    waiting: dict[str, dict[str, int]] = attrs.field(factory=dict[str, dict[str, int]])
    gone: list[str] = attrs.field(factory=list[str])
    arrivals: dict[str, Row] = attrs.field(factory=dict[str, Row])
    inserts: dict[type[Record], list[Row]] = attrs.field(factory=_lists)
    updates: dict[type[Record], list[Row]] = attrs.field(factory=_lists)

    def accept(self, subject: SubjectId, changes: Changes) -> bool:
        """Plan to write the group, or find that it conflicts and plan nothing of it."""
        records, folded = changes.records, changes.folded
        if folded and not self.rows.issuperset(folded):
            return False
        if changes.quiet_until is not None and not self._is_quiet(subject, changes.quiet_until, folded):
            return False
        if self.versions:
            raised = self._raised(records)
            if raised is None:
                return False
            for (kind, name), version in raised.items():
                self.versions[kind][name] = version
        for fact in folded:
            self._fold(subject, fact)
        arriving = [one for one in records if isinstance(one, InboxRow)]
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
            if kind is Touchpoint:
                self.facts.add(record.id)
            if kind in self.versions and cast("Versioned", record).version > 1:
                self.updates[kind].append(row)
            else:
                self.inserts[kind].append(row)


def last_instant(session: Session, statements: Statements) -> datetime | None:
    """The instant of the last unit that was committed; None when there was none."""
    rows = session.rows(statements.clock, {})
    return from_micros(cast("int", rows[0][0])) if rows else None
