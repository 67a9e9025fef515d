"""Reading from an SQL store. May import what the other modules of this room import."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Final, TypeVar, cast

from nurture.model import (
    AccountId,
    DecisionRecord,
    Effect,
    EffectState,
    LeadId,
    Pending,
    Standing,
    SubjectId,
    Touchpoint,
)
from nurture.ports import Backlog, Found, Known, R
from nurture.storage.clock import from_micros, to_micros
from nurture.storage.recall import decode
from nurture.storage.sql.dialect import FOREVER
from nurture.storage.sql.rows import read, read_fact

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from nurture.ports import FindingView, Place, Search
    from nurture.predicates import Need, Order, Reach
    from nurture.storage.sql.dialect import Dialect
    from nurture.storage.sql.rows import Row
    from nurture.storage.sql.session import Session
    from nurture.storage.sql.statements import Prepared, Statements

T = TypeVar("T")
_BY_TIME: Final = attrgetter("at", "id")
_PLANNED: Final = attrgetter("planned_at", "id")
_WAITING: Final = attrgetter("due_at", "fact.id")
_IN_DOUBT: Final = frozenset({EffectState.CLAIMED, EffectState.UNKNOWN})  # those that `schema.IN_DOUBT` names


MANY_KINDS: Final = 16
"""If more kinds are asked for, those are found first of which there is a fact: each costs a look for each subject."""


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
        return tuple([subject for _, subject in self._due(now, limit)])

    def _due(self, now: datetime, limit: int) -> list[tuple[int, SubjectId]]:
        """The due subjects with since when each is due, earliest first."""
        values = {"now": to_micros(now), "limit": limit}
        standings = self._session.rows(self._statements.due_standings, values)
        first = dict(cast("Iterable[tuple[SubjectId, int]]", standings))
        for subject, due_at in self._due_rows(values):
            first[subject] = min(due_at, first.get(subject, due_at))
        return sorted([(due_at, subject) for subject, due_at in first.items()])[:limit]

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

    def backlog(self, now: datetime, upto: int, /) -> Backlog:
        """How much waits as of `now`."""
        due = self._due(now, upto) if upto > 0 else []
        limit = max(0, upto)
        outbox, outbox_since = cast(
            "tuple[int, int | None]",
            self._session.rows(self._statements.outbox, {"now": to_micros(now), "limit": limit})[0],
        )
        return Backlog(
            due=len(due),
            due_since=from_micros(due[0][0]) if due else None,
            outbox=outbox,
            outbox_since=None if outbox_since is None else from_micros(outbox_since),
            claimed=self._count(self._statements.in_doubt, state=EffectState.CLAIMED.value, limit=limit),
            unknown=self._count(self._statements.in_doubt, state=EffectState.UNKNOWN.value, limit=limit),
            failing=self._count(self._statements.count_troubled, dead=0, limit=limit),
            dead=self._count(self._statements.count_troubled, dead=1, limit=limit),
        )

    def _count(self, statement: Prepared, **values: int | str) -> int:
        return cast("int", self._session.rows(statement, values)[0][0])

    def effects_in(self, state: EffectState, after: str, limit: int, /) -> tuple[Effect, ...]:
        """The next effects in this state by id."""
        found = self._statements
        statement = found.effects_in_doubt if state in _IN_DOUBT else found.effects_in
        values = {"state": state.value, "after": after, "limit": max(0, limit)}
        return tuple([read(Effect, row) for row in self._session.rows(statement, values)])

    def troubled(self, after: str, limit: int, /) -> tuple[Standing, ...]:
        """The next dead or failing standings by subject."""
        rows = self._session.rows(self._statements.troubled, {"after": after, "limit": max(0, limit)})
        return tuple([read(Standing, row) for row in rows])

    def count(self, kind: type[R], after: str, /) -> int:
        """How many records of a kind have ids that come after `after`."""
        return cast("int", self._session.rows(self._statements.count[kind], {"after": after})[0][0])

    def find(self, search: Search, after: str, limit: int, /) -> Found:
        """The next subjects that are looked for."""
        plan = self._statements.searches.plan(self._session.tenant, search)
        return Found(subjects=self._found(plan.find, after=after, limit=max(0, limit)), rest=plan.rest)

    def tally(self, search: Search, /) -> int | None:
        """How many are looked for."""
        plan = self._statements.searches.plan(self._session.tenant, search)
        return None if plan.rest is not None else cast("int", self._session.rows(plan.tally, {})[0][0])

    def best(self, search: Search, order: Order, after: Place | None, limit: int, /) -> tuple[SubjectId, ...] | None:
        """The first of those that are looked for, in this order."""
        found = self._statements.searches.best(self._session.tenant, search, order, after)
        return None if found is None else self._found(found, limit=max(0, limit))

    def _found(self, statement: Prepared, **values: int | str) -> tuple[SubjectId, ...]:
        return tuple([cast("SubjectId", row[0]) for row in self._session.rows(statement, values)])

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
        for rows in inbox.values():
            rows.sort(key=_WAITING)
        for planned in effects.values():
            planned.sort(key=_PLANNED)
        facts: dict[str, list[Touchpoint]] = {}
        for row in self._facts(since, reach):
            if row[0] not in waiting:
                facts.setdefault(cast("str", row[1]), []).append(read_fact(row))
        for some in facts.values():
            some.sort(key=_BY_TIME)
        return {
            one: Known(
                facts=tuple(facts.get(one, ())), inbox=tuple(inbox.get(one, ())), effects=tuple(effects.get(one, ()))
            )
            for one in since
        }

    def _facts(self, since: Mapping[SubjectId, datetime | None], reach: Reach) -> Iterable[Row]:
        """The stored facts that the reach asks for, decided or not."""
        pack, tenant, rows_of = self._dialect.pack, self._session.tenant, self._session.rows_of
        pack_rows = self._dialect.pack_rows
        subjects = pack_rows([(one, -FOREVER if at is None else to_micros(at)) for one, at in since.items()])
        groups = _by_newest(reach)
        if sum(map(len, groups.values())) > MANY_KINDS:
            seen = {row[0] for row in rows_of(self._dialect.seen_kinds, (*subjects, tenant))}
            found = {newest: [one for one in kinds if one[0] in seen] for newest, kinds in groups.items()}
            groups = {newest: kinds for newest, kinds in found.items() if kinds}
        for newest, kinds in groups.items():
            text = self._dialect.facts if newest is None else self._dialect.newest_facts
            more = () if newest is None else (newest,)
            yield from rows_of(text, (*subjects, *pack_rows(kinds), tenant, *more))
        if reach.any_kind is not None and reach.any_kind.newest != 0:
            window = _window(reach.any_kind.window)
            yield from rows_of(self._dialect.other_facts, (*subjects, tenant, window, pack(reach.kinds)))

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


def _window(window: timedelta | None) -> int:
    """In microseconds; with none, so much that subtracting it leaves nothing out."""
    return 2 * FOREVER if window is None else round(window.total_seconds() * 1_000_000)


def _by_newest(reach: Reach) -> Mapping[int | None, list[tuple[str, int]]]:
    """The named kinds with their windows, in groups that need the same number of facts."""
    groups: dict[int | None, list[tuple[str, int]]] = {}
    for kind in reach.kinds:
        need: Need | None = reach.need(kind)
        if need is not None:
            groups.setdefault(need.newest, []).append((kind, _window(need.window)))
    return groups


if TYPE_CHECKING:
    _finds: type[FindingView] = SqlView
