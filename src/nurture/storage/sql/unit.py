"""Writing to an SQL store, many groups at a time. May import what the other modules of this room import.

Nobody else writes while a unit is open; where units run side by side, a dialect brings a unit of its own.
What could conflict is read once for the whole batch, the groups are judged against it, and what
stood the test is written with one statement for each table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from nurture.model import Changes, InboxRow, Record, Standing, SubjectId
from nurture.storage.clock import to_micros
from nurture.storage.sql.judging import Batch
from nurture.storage.sql.rows import SHAPES
from nurture.storage.sql.view import SqlView

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.storage.sql.dialect import Dialect
    from nurture.storage.sql.instants import Instant, Instants
    from nurture.storage.sql.session import Session
    from nurture.storage.sql.statements import Prepared, Statements


class SqlUnit(SqlView):
    """Reading and writing in one transaction; see `nurture.ports.Unit`.

    Args:
        session: Within the transaction that holds the write lock.
        dialect: Of its database.
        statements: Compiled for its engine.
        instants: Give the unit its instant.
    """

    __slots__ = ("_decided_to", "_instant", "_instants", "_wrote")

    def __init__(self, session: Session, dialect: Dialect, statements: Statements, instants: Instants) -> None:
        super().__init__(session, dialect, statements)
        self._instants = instants
        self._instant: Instant | None = None
        self._decided_to = 0
        self._wrote = False

    def now(self) -> datetime:
        """The instant of this unit."""
        return self._given().now

    def _given(self) -> Instant:
        if self._instant is None:
            self._instant = self._instants.next(self._session, self._statements)
        return self._instant

    def finish(self) -> None:
        """Keep the unit's instant, if it wrote something; the last thing before the commit."""
        if self._wrote and self._instants.must_keep:
            self._instants.keep(self._session, self._statements, self._given())

    def put(self, groups: Mapping[SubjectId, Changes], /) -> frozenset[SubjectId]:
        """Write the groups; the answer names those that conflicted and were left out."""
        batch = self._stored(groups)
        left_out = frozenset([subject for subject, changes in groups.items() if not batch.accept(subject, changes)])
        self._write(batch)
        return left_out

    def erase(self, subject: SubjectId, /) -> None:
        """Remove every record of the subject but allowances."""
        self._wrote = True
        for statement in self._statements.erase:
            self._session.run(statement, {"subject": subject})

    # --- what could conflict -----------------------------------------------------------------------------------

    def _stored(self, groups: Mapping[SubjectId, Changes]) -> Batch:
        """Read what the groups are compared with."""
        ids, arriving = sorted_out(groups)
        batch = Batch(self._session.tenant)
        for kind, some in ids.items():
            batch.versions[kind] = dict(self._pairs(self._statements.versions[kind], "ids", some))
        if arriving:
            batch.facts.update(self._ids(self._statements.known_facts, [one.fact for one in arriving]))
            if self._may_be_late(arriving):
                subjects = list({one.subject: None for one in arriving})
                batch.decided.update(self._pairs(self._statements.decided, "subjects", subjects))
        folded = [fact for changes in groups.values() for fact in changes.folded]
        if folded:
            batch.rows.update(self._ids(self._statements.known_rows, folded))
        self._read_waiting(groups, batch)
        return batch

    def _may_be_late(self, arriving: Iterable[InboxRow]) -> bool:
        """Whether it is worth a look: nothing was decided beyond the last instant, and mostly facts are newer."""
        last = self._given().last
        decided_to = max(self._decided_to, 0 if last is None else to_micros(last))
        return any(to_micros(one.due_at) <= decided_to for one in arriving)

    def _read_waiting(self, groups: Mapping[SubjectId, Changes], batch: Batch) -> None:
        quiet = {subject: one.quiet_until for subject, one in groups.items() if one.quiet_until is not None}
        if quiet:
            batch.watched = quiet
            values = {"subjects": self._dialect.pack(quiet), "until": to_micros(max(quiet.values()))}
            for fact, subject, due_at in self._session.rows(self._statements.rows_by_subject, values):
                batch.waiting.setdefault(cast("str", subject), {})[cast("str", fact)] = cast("int", due_at)

    def _pairs(self, statement: Prepared, name: str, ids: Sequence[str]) -> Iterable[tuple[str, int]]:
        return cast("Iterable[tuple[str, int]]", self._session.rows(statement, {name: self._dialect.pack(ids)}))

    def _ids(self, statement: Prepared, ids: Sequence[str]) -> list[str]:
        return [cast("str", row[0]) for row in self._session.rows(statement, {"ids": self._dialect.pack(ids)})]

    # --- writing -------------------------------------------------------------------------------------------------

    def _write(self, batch: Batch) -> None:
        if batch.gone:
            self._session.run(self._statements.fold, {"ids": self._dialect.pack(batch.gone)})
            self._wrote = True
        for kind, rows in batch.inserts.items():
            self._session.many(self._statements.insert[kind].text, list(rows.values()))
            self._wrote = True
        if batch.arrivals:
            self._session.many(self._statements.insert[InboxRow].text, list(batch.arrivals.values()))
            self._wrote = True
        for kind, rows in batch.updates.items():
            picked = self._statements.picked[kind]
            self._session.many(self._statements.update[kind].text, list(map(picked, rows.values())))
            self._wrote = True
        if Standing in batch.versions and batch.decided:
            self._decided_to = max(self._decided_to, *batch.decided.values())


def sorted_out(groups: Mapping[SubjectId, Changes]) -> tuple[dict[type[Record], list[str]], list[InboxRow]]:
    """The ids of the versioned records by kind, and the arriving inbox rows."""
    ids: dict[type[Record], list[str]] = {}
    arriving: list[InboxRow] = []
    for changes in groups.values():
        for record in changes.records:
            kind = record.__class__
            if kind is InboxRow:
                arriving.append(cast("InboxRow", record))
            elif SHAPES[kind].versioned:
                ids.setdefault(kind, []).append(record.id)
    return ids, arriving
