"""Reading from an SQL store. May import what the other modules of this room import."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from nurture.model import (
    AccountId,
    DecisionRecord,
    Effect,
    LeadId,
    Pending,
    SubjectId,
    Touchpoint,
)
from nurture.ports import Known, R
from nurture.storage.clock import from_micros, to_micros
from nurture.storage.codec import decode
from nurture.storage.sql.dialect import FOREVER
from nurture.storage.sql.rows import read, read_fact

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from nurture.predicates import Need, Reach
    from nurture.storage.sql.dialect import Dialect
    from nurture.storage.sql.rows import Row
    from nurture.storage.sql.session import Session
    from nurture.storage.sql.statements import Prepared, Statements

T = TypeVar("T")


class SqlView:
    """Reading from one snapshot; see `nurture.ports.View`.

    Args:
        session: Within the transaction that holds the snapshot.
        dialect: Of its database.
        statements: Compiled for its engine.
    """

    __slots__ = ("_dialect", "_session", "_statements")

    def __init__(self, session: Session, dialect: Dialect, statements: Statements) -> None:
        self._session = session
        self._dialect = dialect
        self._statements = statements

    def get(self, kind: type[R], ids: Collection[str], /) -> Mapping[str, R]:
        """The records of this kind with these ids, by id."""
        if not ids:
            return {}
        rows = self._session.rows(self._statements.get[kind], {"ids": self._dialect.pack(ids)})
        return {cast("str", row[0]): read(kind, row[1:]) for row in rows}

    def existing(self, subjects: Collection[SubjectId], /) -> frozenset[SubjectId]:
        """Those of the subjects that exist."""
        rows = self._session.rows(self._statements.existing, {"subjects": self._dialect.pack(subjects)})
        return frozenset([cast("SubjectId", row[0]) for row in rows])

    def due(self, now: datetime, limit: int, /) -> tuple[SubjectId, ...]:
        """The subjects about which something may be decided before `now`."""
        if limit < 1:
            return ()
        values = {"now": to_micros(now), "limit": limit}
        standings = self._session.rows(self._statements.due_standings, values)
        first = dict(cast("Iterable[tuple[SubjectId, int]]", standings))
        for subject, due_at in self._due_rows(values):
            first[subject] = min(due_at, first.get(subject, due_at))
        return tuple(sorted(first, key=lambda subject: (first[subject], subject))[:limit])

    def _due_rows(self, values: Mapping[str, int]) -> list[tuple[SubjectId, int]]:
        """Enough due rows to name `limit` subjects; a subject may have many."""
        wanted = limit = values["limit"]
        while True:
            rows = self._session.rows(self._statements.due_rows, {**values, "limit": limit})
            if len(rows) < limit or len({row[0] for row in rows}) >= wanted:
                return cast("list[tuple[SubjectId, int]]", rows)
            limit *= 4

    def claimable(self, now: datetime, limit: int, /) -> tuple[Effect, ...]:
        """The effects that delivery must look at before `now`."""
        rows = self._session.rows(self._statements.due_effects, {"now": to_micros(now), "limit": max(0, limit)})
        return tuple([decode(Effect, cast("str", row[0])) for row in rows])

    def next_due_at(self) -> datetime | None:
        """The earliest instant at which something becomes due or claimable."""
        found = self._statements
        values = {"now": FOREVER, "limit": 1}
        firsts = [self._session.rows(one, values) for one in (found.due_standings, found.due_rows, found.due_effects)]
        earliest = min((cast("int", rows[0][1]) for rows in firsts if rows), default=None)
        return None if earliest is None else from_micros(earliest)

    def about(self, since: Mapping[SubjectId, datetime | None], reach: Reach, /) -> Mapping[SubjectId, Known]:
        """What is known of these subjects."""
        if not since:
            return {}
        packed = {"subjects": self._dialect.pack(since)}
        inbox: dict[str, list[Pending]] = {}
        waiting: set[str] = set()
        for row in self._session.rows(self._statements.waiting, packed):
            fact = read_fact(row[1:])
            inbox.setdefault(fact.subject, []).append(Pending(from_micros(cast("int", row[0])), fact))
            waiting.add(fact.id)
        effects: dict[str, list[Effect]] = {}
        for subject, body in self._session.rows(self._statements.open_effects, packed):
            effects.setdefault(cast("str", subject), []).append(decode(Effect, cast("str", body)))
        facts: dict[str, list[Touchpoint]] = {}
        for row in self._facts(since, reach):
            if row[0] not in waiting:
                facts.setdefault(cast("str", row[1]), []).append(read_fact(row))
        for some in facts.values():
            some.sort(key=_order)
        return {
            one: Known(
                facts=tuple(facts.get(one, ())), inbox=tuple(inbox.get(one, ())), effects=tuple(effects.get(one, ()))
            )
            for one in since
        }

    def _facts(self, since: Mapping[SubjectId, datetime | None], reach: Reach) -> Iterable[Row]:
        """The stored facts that the reach asks for, decided or not."""
        pack, tenant, rows_of = self._dialect.pack, self._session.tenant, self._session.rows_of
        subjects = pack([one, -FOREVER if at is None else to_micros(at)] for one, at in since.items())
        for newest, kinds in _by_newest(reach).items():
            text = self._dialect.facts if newest is None else self._dialect.newest_facts
            more = () if newest is None else (newest,)
            yield from rows_of(text, (subjects, pack(kinds), tenant, *more))
        if reach.any_kind is not None and reach.any_kind.newest != 0:
            window = _window(reach.any_kind.window)
            yield from rows_of(self._dialect.other_facts, (subjects, tenant, window, pack(reach.kinds)))

    def history(
        self, subject: SubjectId, /, *, before: datetime | None = None, before_id: str = "", limit: int = 1000
    ) -> tuple[Touchpoint, ...]:
        """The subject's facts, newest first."""
        end = FOREVER if before is None else to_micros(before)
        return self._of(
            Touchpoint, self._statements.history, subject, before=end, before_id=before_id, limit=max(0, limit)
        )

    def effects_of(self, subject: SubjectId, /) -> tuple[Effect, ...]:
        """Every effect of the subject, newest planned first."""
        return self._of(Effect, self._statements.effects_of, subject)

    def decisions_of(self, subject: SubjectId, /, *, limit: int = 100) -> tuple[DecisionRecord, ...]:
        """What was decided about the subject, newest first."""
        return self._of(DecisionRecord, self._statements.decisions_of, subject, limit=max(0, limit))

    def _of(self, kind: type[T], statement: Prepared, subject: SubjectId, **values: int | str) -> tuple[T, ...]:
        return tuple([read(kind, row) for row in self._session.rows(statement, {"subject": subject, **values})])

    def members_of(self, accounts: Collection[AccountId], /) -> Mapping[AccountId, frozenset[LeadId]]:
        """The leads that belong to these accounts."""
        found: dict[str, set[LeadId]] = {account: set() for account in accounts}
        rows = self._session.rows(self._statements.members_of, {"accounts": self._dialect.pack(accounts)})
        for account, lead in cast("Iterable[tuple[str, LeadId]]", rows):
            found[account].add(lead)
        return {account: frozenset(found[account]) for account in accounts}

    def page(self, kind: type[R], after: str, limit: int, /) -> tuple[R, ...]:
        """The next records of a kind by id."""
        rows = self._session.rows(self._statements.page[kind], {"after": after, "limit": max(0, limit)})
        return tuple([read(kind, row) for row in rows])


def _order(fact: Touchpoint) -> tuple[datetime, str]:
    return (fact.at, fact.id)


def _window(window: timedelta | None) -> int:
    """In microseconds; with none, so much that subtracting it leaves nothing out."""
    return 2 * FOREVER if window is None else round(window.total_seconds() * 1_000_000)


def _by_newest(reach: Reach) -> Mapping[int | None, list[list[str | int]]]:
    """The named kinds with their windows, in groups that need the same number of facts."""
    groups: dict[int | None, list[list[str | int]]] = {}
    for kind in reach.kinds:
        need: Need | None = reach.need(kind)
        if need is not None:
            groups.setdefault(need.newest, []).append([kind, _window(need.window)])
    return groups
