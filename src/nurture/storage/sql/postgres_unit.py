"""Writing to PostgreSQL, many units side by side. May import what the other modules of this room import.

A unit is as if alone because of what it locks, and of versions that it compares afterwards:

1. It locks the *subjects* of its groups, by the rows of their leads and accounts, in the order of their ids. Who only
   records waits for them. Who decides or claims (`quiet_until`) does not: a subject that somebody else has
   is a conflict. So a host's open transaction that has recorded a fact holds no worker up, and no worker
   commits a decision past that fact.
2. A statement that begins after that, and so sees all that was committed under those locks, reads versions, facts
   and inbox rows. Records that belong to no subject (aliases, allowances) are locked here, in one order.
3. New records that belong to no subject are inserted; if somebody was quicker, they are taken back and the batch is
   judged again.
4. Everything else is written by one statement.

A recorder's instant may be earlier than its commit by any length. That is why a fact that is due by the instant up to
which its subject was decided is refused (U11): a decider that did not wait for it has then committed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar, cast

from nurture.errors import ConflictError
from nurture.model import (
    Account,
    Activation,
    Alias,
    Allowance,
    Changes,
    Definition,
    Effect,
    InboxRow,
    Lead,
    Record,
    Standing,
    SubjectId,
    is_account,
)
from nurture.storage.clock import to_micros
from nurture.storage.sql.arrays import numbers, texts
from nurture.storage.sql.judging import Batch
from nurture.storage.sql.postgres_texts import (
    COLUMNS,
    KINDS,
    NAMES,
    TAKE,
    TAKE_NEW,
    advisory_text,
    create_text,
    lock_text,
    read_text,
    remove_text,
    write_text,
)
from nurture.storage.sql.unit import SqlUnit, sorted_out
from nurture.storage.sql.waking import bed_of, channel_of

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.ports import R
    from nurture.storage.sql.dialect import Dialect
    from nurture.storage.sql.instants import Instants
    from nurture.storage.sql.rows import Row
    from nurture.storage.sql.session import Session
    from nurture.storage.sql.statements import Statements

T = TypeVar("T")

_ATTEMPTS: Final = 5
_PLACE: Final = "hashtextextended(%(tenant)s::text || chr(31) || 'program', 0)"
ACTIVATION_SHARED: Final = f"SELECT pg_advisory_xact_lock_shared({_PLACE}) IS NOT NULL"
ACTIVATION_ALONE: Final = f"SELECT pg_advisory_xact_lock({_PLACE}) IS NOT NULL"
_OF_NOBODY: Final[frozenset[type[Record]]] = frozenset({Alias, Allowance, Activation, Definition})
_CREATED: Final[tuple[type[Record], ...]] = (Lead, Account, Alias, Allowance, Activation)
"""Kinds of which two units may insert the same new record; in the order in which they are inserted."""
_MAY_BE_DUE: Final[tuple[type[Record], ...]] = (Standing, Effect)


class PostgresUnit(SqlUnit):
    """Reading and writing in one transaction among others; see `nurture.ports.TakingUnit`.

    Args:
        session: Within the transaction.
        dialect: Of its database.
        statements: Compiled for its engine.
        instants: Give the unit its instant.
    """

    __slots__ = ("_held", "_relied", "_woke")

    def __init__(self, session: Session, dialect: Dialect, statements: Statements, instants: Instants) -> None:
        super().__init__(session, dialect, statements, instants)
        self._relied: set[str] = set()
        self._held: set[str] = set()
        self._woke = False

    def existing(self, subjects: Collection[SubjectId], /) -> frozenset[SubjectId]:
        """Those of the subjects that exist; a group about one of them conflicts if it is erased meanwhile."""
        found = super().existing(subjects)
        self._relied.update(found)
        return found

    def get(self, kind: type[R], ids: Collection[str], /) -> Mapping[str, R]:
        """The records; the activation that was read stays the active one until the unit ends."""
        if kind is Activation:
            self._rows(ACTIVATION_SHARED, {})
        return super().get(kind, ids)

    def put(self, groups: Mapping[SubjectId, Changes], /) -> frozenset[SubjectId]:
        """Write the groups; the answer names those that conflicted and were left out."""
        if any(one.__class__ is Activation for changes in groups.values() for one in changes.records):
            self._rows(ACTIVATION_ALONE, {})
        taken = self._lock(groups)
        free = {subject: changes for subject, changes in groups.items() if subject not in taken} if taken else groups
        for _ in range(_ATTEMPTS):
            batch = self._stored(free)
            stored = {kind: dict(versions) for kind, versions in batch.versions.items()}
            left_out = [subject for subject, changes in free.items() if not batch.accept(subject, changes)]
            if self._create(batch):
                self._write_over(batch, stored)
                return taken.union(left_out)
        raise ConflictError("others kept writing the same new records; doing it again is safe")

    def erase(self, subject: SubjectId, /) -> None:
        """Remove every record of the subject but allowances; waits for whoever has the subject."""
        self._lock({subject: Changes(records=(Standing(subject=subject, program=""),))})
        super().erase(subject)
        self._relied.discard(subject)

    # --- taking ------------------------------------------------------------------------------------------------

    def take_due(self, now: datetime, limit: int, /) -> tuple[SubjectId, ...]:
        """Due subjects that nobody else has taken; taken by this unit until it ends."""

        def look(window: int) -> list[SubjectId]:
            return [subject for _, subject in self._due(now, window)]

        return tuple(self._take(look, _itself, limit))

    def take_claimable(self, now: datetime, limit: int, /) -> tuple[Effect, ...]:
        """Claimable effects of subjects that nobody else has taken; taken by this unit until it ends."""

        def look(window: int) -> list[Effect]:
            return list(self.claimable(now, window))

        return tuple(self._take(look, _subject_of, limit))

    def _take(self, look: Callable[[int], list[T]], subject_of: Callable[[T], SubjectId], limit: int) -> list[T]:
        """The first ones whose subjects can be taken; others may have taken the very first."""
        taken: dict[SubjectId, bool] = {}
        chosen: list[T] = []
        window = limit
        while limit > 0:
            found = look(window)
            chosen, start = [], 0
            while start < len(found) and len(chosen) < limit:
                some = found[start : start + limit - len(chosen)]  # never lock more than is answered
                self._try([subject_of(one) for one in some], taken)
                chosen += [one for one in some if taken[subject_of(one)]]
                start += len(some)
            if len(chosen) == limit or len(found) < window:
                break
            window *= 4
        return chosen

    def _try(self, subjects: list[SubjectId], taken: dict[SubjectId, bool]) -> None:
        new = [one for one in dict.fromkeys(subjects) if one not in taken]
        if new:
            rows = self._rows(TAKE, {"subjects": texts(new)})
            got = {row[0] for row in rows if row[1]}
            known = {row[0] for row in rows}
            never = [one for one in new if one not in known]
            if never:
                got.update([row[0] for row in self._rows(TAKE_NEW, {"subjects": texts(never)})])
            taken.update({one: one in got for one in new})

    # --- 1: the subjects ----------------------------------------------------------------------------------------

    def _lock(self, groups: Mapping[SubjectId, Changes]) -> frozenset[SubjectId]:
        """Lock what the groups are about; the groups whose subjects somebody else has, or erased."""
        waiting, skipping = _Wanted(), _Wanted()
        for subject, changes in groups.items():
            (waiting if changes.quiet_until is None else skipping).add(subject, changes)
        refused: set[str] = set()
        for wanted, skip in ((waiting, False), (skipping, True)):
            if wanted.subjects:
                refused |= self._lock_some(wanted, skip=skip)
        if not refused:
            return frozenset()
        return frozenset(
            [
                subject
                for wanted in (waiting, skipping)
                for subject, needs in wanted.needs.items()
                if not refused.isdisjoint(needs)
            ]
        )

    def _lock_some(self, wanted: _Wanted, *, skip: bool) -> set[str]:
        """Lock subjects; those that are not to be had."""
        names = {
            "lead": [one for one in wanted.subjects if not is_account(one)],
            "account": [one for one in wanted.subjects if is_account(one)],
            "standing": sorted(wanted.standings),
        }
        names = {name: ids for name, ids in names.items() if ids}
        rows = self._rows(lock_text(tuple(names), skip=skip), {name: texts(ids) for name, ids in names.items()})
        got = {row[1] for row in rows if row[0] != "standing"}
        self._held.update(cast("set[str]", got))
        refused = set[str]()
        if skip and wanted.raised:
            refused = wanted.raised - {row[1] for row in rows if row[0] == "standing"}
        missing = [one for one in wanted.subjects if one not in got]
        return refused | self._lock_missing(missing, wanted.created, skip=skip) if missing else refused

    def _lock_missing(self, missing: list[str], created: Collection[str], *, skip: bool) -> set[str]:
        """Subjects without a record that was locked: somebody has it, or there is none."""
        there = super().existing(cast("list[SubjectId]", missing)) if skip else frozenset[SubjectId]()
        refused = {one for one in missing if one in there or (one in self._relied and one not in created)}
        bare = sorted([one for one in missing if one not in refused and one not in created and one not in self._held])
        if bare:
            rows = self._rows(advisory_text(skip=skip), {"subjects": texts(bare)})
            free = {cast("str", row[0]) for row in rows if row[1]}
            self._held |= free
            refused.update([one for one in bare if one not in free])
        return refused

    # --- 2: what could conflict -----------------------------------------------------------------------------------

    def _stored(self, groups: Mapping[SubjectId, Changes]) -> Batch:
        """Read, in one statement, what the groups are compared with."""
        ids, arriving = sorted_out(groups)
        batch = Batch(self._session.tenant, versions={kind: {} for kind in ids})
        values: dict[str, object] = {NAMES[kind]: texts(sorted(some)) for kind, some in ids.items()}
        alone = [NAMES[kind] for kind in ids if kind not in _CREATED[2:] and self._holds(kind, groups)]
        shared = sorted([NAMES[kind] for kind in ids if NAMES[kind] not in alone], key=list(NAMES.values()).index)
        if arriving:
            values["facts"] = texts([one.fact for one in arriving])
            values["decided"] = texts({one.subject: None for one in arriving})
        folded = [fact for changes in groups.values() for fact in changes.folded]
        if folded:
            values["rows"] = texts(folded)
        quiet = {subject: one.quiet_until for subject, one in groups.items() if one.quiet_until is not None}
        if quiet:
            batch.watched = quiet
            values["waiting"] = texts(quiet)
        names = (*alone, *[name for name in values if name not in alone and name not in shared])
        if quiet:
            values["until"] = to_micros(max(quiet.values()))
        if values:
            for row in self._rows(read_text(names, tuple(shared)), values):
                _sort_in(batch, row)
        return batch

    def _holds(self, kind: type[Record], groups: Mapping[SubjectId, Changes]) -> bool:
        """Whether all records of this kind belong to subjects that this unit has locked."""
        held = self._held
        return all(
            getattr(one, "subject", one.id) in held
            for changes in groups.values()
            for one in changes.records
            if one.__class__ is kind
        )

    # --- 3: new records that two units may insert -------------------------------------------------------------------

    def _create(self, batch: Batch) -> bool:
        """Insert them, or find that somebody was quicker and insert none."""
        new = [kind for kind in _CREATED if batch.inserts.get(kind)]
        if not new:
            return True
        values: dict[str, object] = {}
        for kind in new:
            rows = batch.inserts[kind]
            values.update(_bound("n", kind, [rows[name] for name in sorted(rows)]))
        made: dict[str, list[str]] = {}
        for name, one in self._rows(create_text(tuple([NAMES[kind] for kind in new])), values):
            made.setdefault(cast("str", name), []).append(cast("str", one))
        self._wrote = True
        if all(len(made.get(NAMES[kind], ())) == len(batch.inserts[kind]) for kind in new):
            return True
        for name, some in made.items():
            self._rows(remove_text(name), {"ids": texts(some)})
        return False

    # --- 4: everything else -----------------------------------------------------------------------------------------

    def _write_over(self, batch: Batch, stored: Mapping[type[Record], Mapping[str, int]]) -> None:
        inserts = {kind: batch.inserts[kind] for kind in SHAPED if kind not in _CREATED and batch.inserts.get(kind)}
        if batch.arrivals:
            inserts[InboxRow] = batch.arrivals
        updates = {kind: batch.updates[kind] for kind in SHAPED if batch.updates.get(kind)}
        if not inserts and not updates and not batch.gone:
            return
        values: dict[str, object] = {}
        for kind, rows in inserts.items():
            values.update(_bound("n", kind, [rows[name] for name in sorted(rows)]))
        for kind, rows in updates.items():
            names = sorted(rows)
            values.update(_bound("u", kind, [rows[name] for name in names]))
            values[f"u_{NAMES[kind]}_base"] = numbers([stored[kind][name] for name in names])
        if batch.gone:
            values["gone"] = texts(batch.gone)
        wakes = not self._woke and any(kind in inserts or kind in updates for kind in (InboxRow, *_MAY_BE_DUE))
        if wakes:
            self._woke = True
            values.update(bed=bed_of(self._session.tenant), channel=channel_of(self._session.tenant))
        text = write_text(
            tuple([NAMES[kind] for kind in inserts]),
            tuple([NAMES[kind] for kind in updates]),
            folds=bool(batch.gone),
            wakes=wakes,
        )
        self._wrote = True
        written = self._rows(text, values)[0][0]
        if written != sum(map(len, updates.values())):
            raise ConflictError("somebody wrote the same records outside of this library's locks; do it again")

    def _rows(self, text: str, values: Mapping[str, object]) -> list[Row]:
        return list(self._session.rows_of(text, {"tenant": self._session.tenant, **values}))


SHAPED: Final[tuple[type[Record], ...]] = tuple(KINDS.values())


class _Wanted:
    """What is to be locked for some groups.

    Attributes:
        needs: The subjects that a group needs, by group.
        subjects: All of them, in order.
        standings: The subjects whose standings are written.
        raised: Those of them that have one already.
        created: The subjects whose own records are new.
    """

    def __init__(self) -> None:
        self.needs: dict[SubjectId, set[str]] = {}
        self.standings: dict[str, None] = {}
        self.raised: set[str] = set()
        self.created: set[str] = set()

    @property
    def subjects(self) -> list[str]:
        return sorted({one for needs in self.needs.values() for one in needs})

    def add(self, subject: SubjectId, changes: Changes) -> None:
        """Add a group."""
        needs: set[str] = set()
        for record in changes.records:
            kind = record.__class__
            if kind in _OF_NOBODY:
                continue
            needs.add(subject)
            if kind is InboxRow:
                needs.add(cast("InboxRow", record).subject)
            elif kind is Standing:
                self._add_standing(cast("Standing", record))
            elif kind in (Lead, Account) and cast("Lead | Account", record).version == 1:
                self.created.add(record.id)
        if changes.folded or changes.quiet_until is not None:
            needs.add(subject)
        if needs:
            self.needs[subject] = needs

    def _add_standing(self, standing: Standing) -> None:
        self.standings[standing.subject] = None
        if standing.version > 1:
            self.raised.add(standing.subject)


def _sort_in(batch: Batch, row: Row) -> None:
    what, name, subject, number = cast("tuple[str, str, str, int]", row)
    if what == "facts":
        batch.facts.add(name)
    elif what == "rows":
        batch.rows.add(name)
    elif what == "waiting":
        batch.waiting.setdefault(subject, {})[name] = number
    elif what == "decided":
        batch.decided[name] = number
    else:
        batch.versions[KINDS[what]][name] = number


def _bound(prefix: str, kind: type[Record], rows: Iterable[Row]) -> dict[str, object]:
    """Rows as one array for each column."""
    columns = list(zip(*rows, strict=True))[1:]  # the tenant is bound once
    return {
        f"{prefix}_{NAMES[kind]}_{name}": list(values) if kind_of == "text" else numbers(cast("list[int]", values))
        for (name, kind_of), values in zip(COLUMNS[kind], columns, strict=True)
    }


def _itself(subject: SubjectId) -> SubjectId:
    return subject


def _subject_of(effect: Effect) -> SubjectId:
    return effect.subject
