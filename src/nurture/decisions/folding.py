"""Taking one fact in: into what predicates see, into the values of the moment, into the scores. Pure."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Mapping, Set
from typing import TYPE_CHECKING

from nurture.decisions.hops import hops_of
from nurture.decisions.profiling import WORDS, hear
from nurture.decisions.scoring import score_constants, score_fact
from nurture.model import Fact, Origin, Pending, Touchpoint, Value, is_account

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.decisions.work import Work

BEFORE = "before."
AFTER = "after."
ROLLED = "rolled_over"
"""The property of what is told that names the values which were not told before, since no program asked for them."""
RECEIPTS = frozenset({"sent", "done", "failed", "withheld", "unknown"})
"""The endings of receipt kinds, such as `email.sent`: what became of an effect."""
_NOBODY: frozenset[str] = frozenset()


def fold(work: Work, fact: Touchpoint) -> None:
    """Take a fact in; everything that it can affect is asked again in this moment."""
    kind = fact.kind
    plan = work.plan
    if work.reach.need(kind) is not None:
        known = work.sight.touches.setdefault(kind, [])
        if known and (known[-1].at, known[-1].id) > (fact.at, fact.id):
            insort(known, fact, key=_order)
        else:
            known.append(fact)
    work.dirty |= plan.watchers_of_kind(kind)
    if fact.cause is not None and fact.origin is Origin.ENGINE and kind.rpartition(".")[2] in RECEIPTS:
        work.receipts[fact.cause] = fact
    if fact.origin is Origin.ENGINE:
        work.hear(hops_of(fact))
    if kind in WORDS:
        hear(work, fact)
    if plan.models:
        score_fact(work, fact)
    taken = _TAKEN.get(kind)
    if taken is not None:
        taken(work, fact)


def _order(fact: Touchpoint) -> tuple[datetime, str]:
    return (fact.at, fact.id)


def revision_of(fact: Touchpoint) -> int:
    """The revision of the subject that a change brought about."""
    revision = fact.properties.get("revision")
    return revision if isinstance(revision, int) else 0


def undo_unseen(work: Work, inbox: Iterable[Pending]) -> None:
    """Bring the values back to before the changes that no moment has seen yet, newest revision first."""
    kind = Fact.ACCOUNT_CHANGED if is_account(work.subject_id) else Fact.LEAD_CHANGED
    changes = [pending.fact for pending in inbox if pending.fact.kind == kind]
    if not changes:
        return
    values = work.own_values()
    for fact in sorted(changes, key=revision_of, reverse=True):
        for name, value in _under(BEFORE, fact.properties):
            _put(values, name, value)
        for name, _ in _under(AFTER, fact.properties):
            if f"{BEFORE}{name}" not in fact.properties:
                values.pop(name, None)
    for name, value in work.covered.items():
        _put(values, name, value)


def value_before(inbox: Iterable[Pending], name: str, now: Value) -> Value:
    """A value as it was before the changes that no moment has seen yet; `now` is what the record holds."""
    changes = [
        fact
        for fact in (pending.fact for pending in inbox)
        if fact.kind in (Fact.LEAD_CHANGED, Fact.ACCOUNT_CHANGED)
        and (f"{BEFORE}{name}" in fact.properties or f"{AFTER}{name}" in fact.properties)
    ]
    return min(changes, key=revision_of).properties.get(f"{BEFORE}{name}") if changes else now


def changed_properties(revision: int, before: Mapping[str, Value], after: Mapping[str, Value]) -> dict[str, Value]:
    """The properties of a change: each field before and after, missing where it was or became missing."""
    found: dict[str, Value] = {"revision": revision, "fields": tuple(sorted({*before, *after}))}
    found |= {f"{BEFORE}{name}": value for name, value in before.items() if value is not None}
    found |= {f"{AFTER}{name}": value for name, value in after.items() if value is not None}
    return found


def _under(prefix: str, properties: Mapping[str, Value]) -> list[tuple[str, Value]]:
    size = len(prefix)
    return [(name[size:], value) for name, value in properties.items() if name.startswith(prefix)]


def _put(values: dict[str, Value], name: str, value: Value) -> None:
    if value is None:
        values.pop(name, None)
    else:
        values[name] = value


def _take_change(work: Work, fact: Touchpoint) -> None:
    if fact.origin is Origin.ENGINE or (fact.kind == Fact.ACCOUNT_CHANGED) != is_account(work.subject_id):
        return  # our own change was made when the step ordered it
    after = dict(_under(AFTER, fact.properties))
    fields = fact.properties.get("fields")
    for name in fields if isinstance(fields, tuple) else ():
        if isinstance(name, str):
            work.set_value(name, after.get(name))
            work.changed_fields.pop(name, None)  # the projection holds the later word already
            work.covered.pop(name, None)
    score_constants(work)


def _take_told(work: Work, fact: Touchpoint) -> None:
    """The account says all that it has to say; what it leaves out is missing."""
    if not work.is_lead:
        return
    before, after = dict(work.account), dict(_under(AFTER, fact.properties))
    work.account.clear()
    work.account.update(after)
    moved = {name for name in (*before, *after) if before.get(name) != after.get(name)}
    _heard(work, fact, moved, work.plan.by_account_field)
    score_constants(work)


def _take_word(work: Work, fact: Touchpoint) -> None:
    if not work.is_lead:
        moved = take_word(work.people, fact, work.plan.asked.of_people.keys())
        _heard(work, fact, moved, work.plan.by_people)


def take_word(people: dict[str, frozenset[str]], fact: Touchpoint, asked: Set[str]) -> set[str]:
    """Count a lead by what it says, and the names under which that changed something.

    It says to which questions it answers yes and to which no; what it was not asked then stays as it is. One that
    leaves says no to all. What is asked no more is let go.
    """
    lead, yes, no = (fact.properties.get(name) for name in ("lead", "yes", "no"))
    moved: set[str] = set()
    if not isinstance(lead, str) or not isinstance(yes, tuple):
        return moved
    for name in {*people, *asked & set(yes)}:
        known = people.get(name, _NOBODY)
        if (lead in known) == (name in yes) or (isinstance(no, tuple) and name not in yes and name not in no):
            continue
        moved.add(name)
        kept = known - {lead} if lead in known else known | {lead}
        if kept:
            people[name] = kept
        else:
            del people[name]
    return moved


def _heard(work: Work, fact: Touchpoint, moved: set[str], by_name: Mapping[str, frozenset[str]]) -> None:
    """Ask again whoever looks at what moved. What was only never asked before is no event that enrolls anybody."""
    for name in moved:
        work.dirty |= by_name.get(name, _NOBODY)
    rolled = fact.properties.get(ROLLED)
    if isinstance(rolled, tuple) and moved.issubset(rolled):
        work.anew += 1


def _take_request(work: Work, fact: Touchpoint) -> None:
    work.requests.append(fact)


_TAKEN: Mapping[str, Callable[[Work, Touchpoint], None]] = {
    Fact.LEAD_CHANGED: _take_change,
    Fact.ACCOUNT_CHANGED: _take_change,
    Fact.ACCOUNT_TOLD: _take_told,
    Fact.LEAD_TOLD: _take_word,
    Fact.STAGE_REQUESTED: _take_request,
    Fact.ENROLLMENT_REQUESTED: _take_request,
    Fact.WITHDRAWAL_REQUESTED: _take_request,
    Fact.MESSAGE_REQUESTED: _take_request,
    Fact.MIGRATION_REQUESTED: _take_request,
}
