"""One tenant's records in memory, with what finds them quickly. May import `nurture.model` and `nurture.predicates`.

Not thread-safe and without transactions by itself: `memory` gives both. Every change goes through
`write`, which keeps all the ways of finding a record in step, so that undoing is writing what was there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar, cast

from nurture.model import (
    Account,
    Activation,
    Alias,
    Allowance,
    DecisionRecord,
    Definition,
    Effect,
    EffectState,
    InboxRow,
    Lead,
    LeadId,
    Pending,
    Record,
    Standing,
    SubjectId,
    Touchpoint,
)
from nurture.ports import Known
from nurture.storage.agenda import Agenda

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.predicates import Need

T = TypeVar("T")
R = TypeVar("R", bound=Record)

KINDS: tuple[type[Record], ...] = (
    Account, Activation, Alias, Allowance, DecisionRecord, Definition, Effect, InboxRow, Lead, Standing, Touchpoint,
)  # fmt: skip

_at = attrgetter("at")
_order = attrgetter("at", "id")
_PLANNED = attrgetter("planned_at", "id")
_ID = attrgetter("id")
_NO_ROWS: dict[str, InboxRow] = {}
_NO_EFFECTS: dict[str, Effect] = {}
_NO_FACTS: dict[str, list[Touchpoint]] = {}


class Shelves:
    """Every record of one tenant."""

    __slots__ = (
        "_aliases", "_decisions", "_effects", "_facts", "_keep", "_members", "_open", "_sorted", "_waiting", "agenda",
        "claims", "tables",
    )  # fmt: skip

    def __init__(self) -> None:
        self.tables: dict[object, dict[str, Record]] = {kind: {} for kind in KINDS}
        self._sorted: dict[object, list[str]] = {}
        self._facts: dict[str, dict[str, list[Touchpoint]]] = {}
        self._waiting: dict[str, dict[str, InboxRow]] = {}
        self._effects: dict[str, dict[str, Effect]] = {}
        self._open: dict[str, dict[str, Effect]] = {}
        self._decisions: dict[str, list[DecisionRecord]] = {}
        self._members: dict[str, set[str]] = {}
        self._aliases: dict[str, set[str]] = {}
        self.agenda = Agenda()
        self.claims = Agenda()
        keep: dict[type[Record], Callable[..., None]] = {
            Touchpoint: self._keep_fact,
            InboxRow: self._keep_row,
            Standing: self._keep_standing,
            Effect: self._keep_effect,
            DecisionRecord: self._keep_decision,
            Lead: self._keep_lead,
            Alias: self._keep_alias,
        }
        self._keep = keep

    # --- reading ------------------------------------------------------------------------------------------

    def table(self, kind: type[R]) -> dict[str, R]:
        """Every record of a kind by id; not to be changed by the caller."""
        return cast("dict[str, R]", self.tables[kind])

    def rows_of(self, subject: str) -> Mapping[str, InboxRow]:
        """The subject's inbox rows, by fact."""
        return self._waiting.get(subject, _NO_ROWS)

    def page(self, kind: type[R], after: str, limit: int) -> tuple[R, ...]:
        """The next records of a kind by id."""
        table = self.table(kind)
        ids = self._sorted.get(kind)
        if ids is None:
            ids = self._sorted[kind] = sorted(table)
        start = bisect_right(ids, after)
        return tuple([table[one] for one in ids[start : start + max(0, limit)]])

    def members(self, account: str) -> frozenset[LeadId]:
        """The leads of an account."""
        return cast("frozenset[LeadId]", frozenset(self._members.get(account, ())))

    def effects(self, subject: str) -> tuple[Effect, ...]:
        """The subject's effects, newest planned first."""
        found = self._effects.get(subject, {}).values()
        return tuple(sorted(found, key=_PLANNED, reverse=True))

    def decisions(self, subject: str, limit: int) -> tuple[DecisionRecord, ...]:
        """The subject's decision records, newest first."""
        found = self._decisions.get(subject)
        return tuple(found[: -limit - 1 : -1]) if found and limit > 0 else ()

    def history(self, subject: str, before: datetime | None, before_id: str, limit: int) -> tuple[Touchpoint, ...]:
        """The subject's facts, newest first."""
        found: list[Touchpoint] = []
        for facts in self._facts.get(subject, {}).values():
            end = len(facts) if before is None else bisect_left(facts, (before, before_id), key=_order)
            found += facts[max(0, end - limit) : end]
        found.sort(key=_order, reverse=True)
        return tuple(found[:limit])

    def effects_in(self, state: EffectState) -> list[Effect]:
        """Every effect in a state, by id; the open and the unknown ones are few, others cost a walk over all."""
        found = [one for one in self.table(Effect).values() if one.state is state]
        return sorted(found, key=_ID)

    def troubled(self) -> list[Standing]:
        """The standings that are dead or failing, by subject."""
        found = [one for one in self.table(Standing).values() if one.failures or one.dead is not None]
        return sorted(found, key=_ID)

    def known(
        self, subject: str, since: datetime | None, needs: Mapping[str, Need | None], any_kind: Need | None
    ) -> Known:
        """What is known of the subject, as far as the needs ask: those of kinds by name, that of all others."""
        waiting = self._waiting.get(subject)
        facts: list[Touchpoint] = []
        parts = 0
        for kind, ordered in self._facts.get(subject, _NO_FACTS).items():
            need = needs.get(kind, any_kind)
            if need is not None and (some := _suffice(ordered, need, since, waiting)):
                facts = facts + some if parts else some
                parts += 1
        if parts > 1:
            facts.sort(key=_order)
        effects = tuple(self._open.get(subject, _NO_EFFECTS).values())
        return Known(
            facts=tuple(facts),
            inbox=self._pending(waiting) if waiting else (),
            effects=tuple(sorted(effects, key=_PLANNED)) if len(effects) > 1 else effects,
        )

    def _pending(self, waiting: Mapping[str, InboxRow]) -> tuple[Pending, ...]:
        facts = self.table(Touchpoint)
        rows = waiting.values() if len(waiting) == 1 else sorted(waiting.values(), key=attrgetter("due_at", "fact"))
        return tuple([Pending(row.due_at, facts[row.fact]) for row in rows if row.fact in facts])

    # --- writing ------------------------------------------------------------------------------------------

    def write(self, kind: type[Record], name: str, record: Record | None) -> None:
        """Put a record in the place of what was there, or nothing."""
        table = self.tables[kind]
        self.place(kind, table, name, table.get(name), record)

    def place(
        self, kind: type[Record], table: dict[str, Record], name: str, old: Record | None, new: Record | None
    ) -> None:
        """The same for a caller that has the table and the old record in hand."""
        if new is None:
            table.pop(name, None)
        else:
            table[name] = new
        if self._sorted and (old is None or new is None):
            self._sorted.pop(kind, None)
        keep = self._keep.get(kind)
        if keep is not None and old is not new:
            keep(old, new)

    def belongings(self, subject: SubjectId) -> Iterable[tuple[type[Record], str]]:
        """Kind and id of every record that the subject may have, but its allowances."""
        yield from ((kind, subject) for kind in (Lead, Account, Standing))
        yield from [(InboxRow, row) for row in self.rows_of(subject)]
        yield from [(Touchpoint, fact.id) for facts in self._facts.get(subject, {}).values() for fact in facts]
        yield from [(Effect, one) for one in self._effects.get(subject, ())]
        yield from [(DecisionRecord, one.id) for one in self._decisions.get(subject, ())]
        yield from [(Alias, one) for one in self._aliases.get(subject, ())]

    def _keep_fact(self, old: Touchpoint | None, new: Touchpoint | None) -> None:
        if old is not None:
            _drop(self._facts[old.subject][old.kind], old)
        if new is not None:
            kinds = self._facts.get(new.subject)
            if kinds is None:
                kinds = self._facts[new.subject] = {}
            facts = kinds.get(new.kind)
            if facts is None:
                kinds[new.kind] = [new]
            else:
                _add(facts, new)

    def _keep_decision(self, old: DecisionRecord | None, new: DecisionRecord | None) -> None:
        if old is not None:
            _drop(self._decisions[old.subject], old)
        if new is not None:
            _add(self._decisions.setdefault(new.subject, []), new)

    def _keep_row(self, old: InboxRow | None, new: InboxRow | None) -> None:
        if old is not None:
            _discard(self._waiting, old.subject, old.fact)
            self._remind(old.subject)
        if new is not None:
            self._waiting.setdefault(new.subject, {})[new.fact] = new
            self._remind(new.subject)

    def _keep_standing(self, old: Standing | None, new: Standing | None) -> None:
        self._remind(cast("Standing", new or old).subject)

    def _keep_effect(self, old: Effect | None, new: Effect | None) -> None:
        if old is not None:
            _discard(self._open, old.subject, old.id)
        if new is None:
            gone = cast("Effect", old)
            _discard(self._effects, gone.subject, gone.id)
            self.claims.set(gone.id, None)
            return
        self._effects.setdefault(new.subject, {})[new.id] = new
        if new.is_open:
            self._open.setdefault(new.subject, {})[new.id] = new
        self.claims.set(new.id, new.due_at if new.is_open else None)

    def _keep_lead(self, old: Lead | None, new: Lead | None) -> None:
        before = None if old is None else old.account
        after = None if new is None else new.account
        if before == after:
            return
        one = cast("Lead", new or old).id
        if before is not None:
            self._members[before].discard(one)
        if after is not None:
            self._members.setdefault(after, set()).add(one)

    def _keep_alias(self, old: Alias | None, new: Alias | None) -> None:
        if old is not None:
            self._aliases[old.subject].discard(old.id)
        if new is not None:
            self._aliases.setdefault(new.subject, set()).add(new.id)

    def _remind(self, subject: SubjectId) -> None:
        """Work out anew when the subject is due: by its standing or by an inbox row; a dead one never is."""
        standing = cast("Standing | None", self.tables[Standing].get(subject))
        due_at: datetime | None = None
        if standing is not None:
            due_at = standing.due_at
            if standing.failures or standing.dead is not None:
                self.agenda.set(subject, due_at if standing.dead is None else None)
                return
        waiting = self._waiting.get(subject)
        if waiting:
            for row in waiting.values():
                if due_at is None or row.due_at < due_at:
                    due_at = row.due_at
        self.agenda.set(subject, due_at)


def _suffice(
    facts: list[Touchpoint], need: Need, since: datetime | None, waiting: Mapping[str, object] | None
) -> list[Touchpoint]:
    """The decided facts of one kind that the need asks for, oldest first; may be the list itself."""
    if need.newest == 0:
        return []
    if need.window is not None and since is not None:
        after = since - need.window
        if facts and facts[0].at <= after:
            facts = facts[bisect_right(facts, after, key=_at) :]
    if waiting:
        facts = [fact for fact in facts if fact.id not in waiting]
    return facts if need.newest is None or len(facts) <= need.newest else facts[-need.newest :]


def _add(ordered: list[T], one: T) -> None:
    if not ordered or _order(ordered[-1]) < _order(one):
        ordered.append(one)
    else:
        insort(ordered, one, key=_order)


def _drop(ordered: list[T], one: T) -> None:
    del ordered[bisect_left(ordered, _order(one), key=_order)]


def _discard(nested: dict[str, dict[str, T]], outer: str, inner: str) -> None:
    held = nested.get(outer)
    if held is not None:
        held.pop(inner, None)
        if not held:
            del nested[outer]
