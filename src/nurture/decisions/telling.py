"""An account tells its leads what they ask about it, and a lead tells its account what it asks of its people. Pure.

A lead never reads its account's record or standing, nor an account those of its people: each is told, by a
fact, and only when something that some predicate reads has changed. Telling many leads goes by cursor, in units of
its own; the standing says what is still to be told, so that a crash loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import attrs

from nurture.decisions.asking import is_answer
from nurture.decisions.folding import AFTER, ROLLED
from nurture.decisions.hops import HOPS
from nurture.decisions.plan import plan_of
from nurture.model import (
    EMPTY,
    Account,
    AccountId,
    Fact,
    FrozenMapping,
    LeadId,
    Origin,
    Said,
    Standing,
    SubjectId,
    SubjectKind,
    Telling,
    Touchpoint,
    Value,
    account_values,
    digest,
    fact_id,
)
from nurture.model.ids import FactId

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.decisions.work import Work
    from nurture.program import Program

LEADS_AT_ONCE = 500


def answers_of(program: Program, account: Account, standing: Standing | None = None) -> dict[str, Value]:
    """What an account has to say to a lead: values that some predicate about leads reads, and answers that are yes.

    Args:
        program: Whose predicates ask.
        account: Its values are the present ones.
        standing: Its answers are those of when it was decided last; none of an account that never was. What it told
            then under this program it goes on telling: older versions of scenarios may ask for more than the program.
    """
    asked = plan_of(program, SubjectKind.LEAD).asked
    told = standing.account if standing is not None else EMPTY
    if standing is None or standing.program != program.fingerprint:
        told = {name: told[name] for name in asked.of_accounts if name in told}
    values = account_values(account)
    fields = {*asked.fields, *(name for name in told if not is_answer(name))}
    found = {name: values[name] for name in sorted(fields) if name in values}
    return found | {name: True for name in sorted(told) if is_answer(name)}


def speak(work: Work) -> None:
    """Begin to tell what others were told and is no longer so."""
    if isinstance(work.subject, Account):
        _tell_leads(work)
    elif work.plan.answers or work.said is not None:
        _tell_account(work)


def _tell_leads(work: Work) -> None:
    """Begin to tell the leads of an account, if what they were told may no longer be so.

    What moved there and back counts as moved: a lead that joined in between was told the middle.
    """
    answers = {name: work.values[name] for name in sorted(work.plan.told_fields) if name in work.values}
    answers |= {name: True for name in sorted(work.yes)}
    moved = {name for name in {*answers, *work.account} if answers.get(name) != work.account.get(name)}
    if not moved and not work.turned and not work.rolled:
        return
    rolled, hops = work.rolled | (moved if work.rolling else set[str]()), work.hops
    if work.telling is not None:  # some leads have not heard that yet
        rolled |= set(work.telling.rolled)
        hops = max(hops, work.telling.hops)
    work.account = answers
    identity = digest("fact", work.tenant, work.subject_id, "told", work.moment.isoformat())
    work.telling = Telling(
        fact=FactId(identity), values=FrozenMapping(answers), rolled=tuple(sorted(rolled - work.turned)), hops=hops
    )


def _tell_account(work: Work) -> None:
    """Begin to tell a lead's account, and the one that it left, if what they were told is no longer so."""
    account = work.values.get("account")
    yes = tuple(sorted(work.yes)) if isinstance(account, str) else ()
    if word_of(account, yes) == work.said:
        work.telling = None
        return
    values: dict[str, Value] = {}
    if isinstance(account, str):
        values = {"account": account, **{name: name in work.yes for name, _ in work.plan.answers.values()}}
    rolled, hops = set(work.rolled), work.hops
    if work.telling is not None:
        if dict(work.telling.values) == values:
            return  # it waits to be told already
        rolled |= set(work.telling.rolled)
        hops = max(hops, work.telling.hops)
    identity = digest("fact", work.tenant, work.subject_id, "said", work.moment.isoformat())
    work.telling = Telling(
        fact=FactId(identity), values=FrozenMapping(values), rolled=tuple(sorted(rolled - work.turned)), hops=hops
    )


def _said_yes(answers: Mapping[str, Value]) -> tuple[str, ...]:
    return tuple(sorted(name for name, value in answers.items() if is_answer(name) and value is True))


def word_of(account: Value, yes: tuple[str, ...]) -> Said | None:
    """What a lead says by this; it is nothing when it says no to everything, as is taken for granted."""
    return Said(account=AccountId(SubjectId(account)), yes=yes) if isinstance(account, str) and yes else None


def told(
    tenant: str,
    lead: LeadId,
    values: Mapping[str, Value],
    now: datetime,
    cause: str,
    rolled: tuple[str, ...] = (),
    hops: int = 0,
) -> Touchpoint:
    """The fact by which a lead learns its account's values and answers."""
    properties = {f"{AFTER}{name}": value for name, value in values.items()}
    return _engine_fact(tenant, lead, Fact.ACCOUNT_TOLD, cause, properties, now, rolled, hops)


def _word(
    tenant: str,
    account: AccountId,
    standing: Standing,
    answers: Mapping[str, Value],
    now: datetime,
    telling: Telling,
) -> Touchpoint:
    """The fact by which an account learns to which of its questions a lead answers yes; no answers, if it left."""
    properties: dict[str, Value] = {"lead": standing.subject, "revision": standing.version, "yes": _said_yes(answers)}
    if answers:
        properties["no"] = tuple(sorted(name for name, value in answers.items() if value is False))
    cause = f"{standing.subject}:{standing.version}"
    return _engine_fact(tenant, account, Fact.LEAD_TOLD, cause, properties, now, telling.rolled, telling.hops)


def _engine_fact(
    tenant: str,
    subject: SubjectId,
    kind: Fact,
    cause: str,
    properties: Mapping[str, Value],
    now: datetime,
    rolled: tuple[str, ...],
    hops: int,
) -> Touchpoint:
    said = {**properties, **({ROLLED: rolled} if rolled else {}), **({HOPS: hops + 1} if hops else {})}
    return Touchpoint(
        id=fact_id(tenant, subject, f"{kind}:{cause}"),
        subject=subject,
        kind=kind,
        at=now,
        received_at=now,
        origin=Origin.ENGINE,
        properties=FrozenMapping(said),
    )


def tell_some(
    tenant: str, standing: Standing, members: Iterable[LeadId], now: datetime, limit: int = LEADS_AT_ONCE
) -> tuple[Standing, tuple[Touchpoint, ...]]:
    """Tell the next leads of an account; the standing remembers how far it came, until all were told."""
    telling = standing.telling
    if telling is None:
        return standing, ()
    waiting = sorted(lead for lead in members if lead > telling.after)
    chosen = waiting[:limit]
    facts = tuple(
        told(tenant, lead, telling.values, now, telling.fact, telling.rolled, telling.hops) for lead in chosen
    )
    if len(waiting) > limit:
        return attrs.evolve(standing, telling=attrs.evolve(telling, after=chosen[-1])), facts
    return attrs.evolve(standing, telling=None, due_at=_next_due(standing)), facts


def say(tenant: str, standing: Standing, now: datetime) -> tuple[Standing, tuple[Touchpoint, ...]]:
    """Say what a lead is still to say: its next standing, and the facts for its account and for the one it left.

    A lead says all that it has to say each time, so that the newest word is enough. Both belong into one
    group: the standing says what was said only where the facts stand.
    """
    telling = standing.telling
    if telling is None:
        return standing, ()
    said = word_of(telling.values.get("account"), _said_yes(telling.values))
    after = attrs.evolve(standing, version=standing.version + 1, said=said, telling=None, due_at=_next_due(standing))
    facts: list[Touchpoint] = []
    before = standing.said
    if before is not None and (said is None or said.account != before.account):
        facts.append(_word(tenant, before.account, after, {}, now, telling))
    if said is not None:
        facts.append(_word(tenant, said.account, after, telling.values, now, telling))
    return after, tuple(facts)


def _next_due(standing: Standing) -> datetime | None:
    """When time alone makes the subject due, once nothing is left to be told."""
    return min(standing.agenda.values()) if standing.agenda else None
