"""Writing facts down: touchpoints, changes, consents, requests. Recording never waits for a decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import attrs

from nurture.errors import ConflictError, InvalidFactError, NotFoundError, UnknownNameError
from nurture.model import (
    Account,
    Alias,
    Changes,
    Effect,
    Fact,
    FactId,
    FrozenMapping,
    InboxRow,
    Lead,
    Origin,
    Record,
    Standing,
    SubjectId,
    SubjectKind,
    Touchpoint,
    Value,
    clean_instant,
    fact_id,
    is_account,
    is_kind,
)
from nurture.model.account import ACCOUNT_TEXT_FIELDS
from nurture.model.ids import shown
from nurture.model.lead import TEXT_FIELDS
from nurture.model.values import clean_values, plain_text
from nurture.ports import Unit
from nurture.predicates import Reach
from nurture.runtime.arguments import is_plain, refuse_misfits
from nurture.runtime.capturing import (
    ATTEMPTS,
    alias_id,
    checked_attributes,
    joined,
    refuse_far_future,
    refuse_unknown_zone,
    require_account,
)
from nurture.runtime.changing import changed
from nurture.runtime.host import Host, with_inbox
from nurture.runtime.results import NewFact
from nurture.runtime.settling import origin_of

LEAD_FIELDS = frozenset(TEXT_FIELDS) | {"external_ids", "tags"}
ACCOUNT_FIELDS = frozenset(ACCOUNT_TEXT_FIELDS) | {"employees"}


class _InUseError(Exception):
    """A subject was decided beyond the unit's instant; nothing of the unit stays, and another one is tried."""


def record_facts(host: Host, given: Sequence[NewFact]) -> tuple[tuple[FactId, ...], int]:
    """Write touchpoints with their inbox rows, all in one unit; none of them if one cannot be accepted.

    Returns:
        The ids, in order; and how many facts were new, as far as somebody asks for that.
    """
    keys = [one.key if one.key is not None else host.new_key() for one in given]
    for _ in range(ATTEMPTS):
        try:
            with host.storage.begin() as unit:
                now = unit.now()
                named = enumerate(zip(given, keys, strict=True))
                facts = [_fact(host, one, key, now, index) for index, (one, key) in named]
                facts = _with_causes(unit, facts)
                known = _recorded(host, unit, facts, now)
        except _InUseError:
            continue
        fresh = [fact for fact in facts if fact.id not in known]
        host.tell(fresh)
        return tuple([fact.id for fact in facts]), len({fact.id for fact in fresh})
    raise ConflictError("the subjects are being written by others all the time; recording the facts again is safe")


def _recorded(host: Host, unit: Unit, facts: Sequence[Touchpoint], now: datetime) -> Mapping[str, Touchpoint]:
    """Write the facts; the answer is those that were there before.

    Raises:
        _InUseError: Some of the groups conflicted.
    """
    subjects = {fact.subject for fact in facts}
    missing = subjects - unit.existing(subjects)
    if missing:
        index = next(index for index, fact in enumerate(facts) if fact.subject in missing)
        raise NotFoundError(f"facts[{index}].subject: no such lead or account: {shown(facts[index].subject)}")
    is_asked = host.observers or host.probe is not None
    known: Mapping[str, Touchpoint] = unit.get(Touchpoint, [fact.id for fact in facts]) if is_asked else {}
    grouped: dict[SubjectId, list[Record]] = {}
    for fact in facts:
        row = InboxRow(fact=fact.id, subject=fact.subject, due_at=max(fact.at, now))
        grouped.setdefault(fact.subject, []).extend((fact, row))
    if unit.put({subject: Changes(records=tuple(records)) for subject, records in grouped.items()}):
        raise _InUseError
    return known


def _with_causes(unit: Unit, facts: list[Touchpoint]) -> list[Touchpoint]:
    """The facts; those that an effect brought about say which message and step it was, as its receipt does.

    So that a predicate can ask for the clicks of one message, in every reading, without looking at effects.
    """
    causes = {fact.cause for fact in facts if fact.cause is not None}
    effects: Mapping[str, Effect] = unit.get(Effect, causes) if causes else {}
    if not effects:
        return facts
    return [
        attrs.evolve(fact, properties=FrozenMapping({**origin_of(effect), **fact.properties}))
        if fact.cause is not None and (effect := effects.get(fact.cause)) and effect.subject == fact.subject
        else fact
        for fact in facts
    ]


RESERVED = frozenset(Fact) - {kind for kind in Fact if kind.startswith("email.")}
"""The kinds that only this library writes; each has a method of `Nurture` that leads to it."""


def _fact(host: Host, one: NewFact, key: str, now: datetime, index: int) -> Touchpoint:
    where = f"facts[{index}]"
    if not is_kind(one.kind):
        raise InvalidFactError(f"{where}.kind", "a kind such as 'page.viewed': lower case, object.past_participle")
    if one.kind in RESERVED:
        raise InvalidFactError(f"{where}.kind", "a kind of the host's own; this one is written by the library alone")
    if one.origin is Origin.ENGINE:
        raise InvalidFactError(f"{where}.origin", "'lead' or 'host'; 'engine' is this library itself")
    at = now if one.at is None else clean_instant(one.at, f"{where}.at")
    if at > now:
        refuse_far_future(host, at, now, f"{where}.at")
    return Touchpoint(
        id=fact_id(host.tenant, one.subject, f"{plain_text(one.kind)}:{plain_text(key)}"),
        subject=one.subject,
        kind=one.kind,
        at=at,
        received_at=now,
        origin=one.origin,
        channel=one.channel,
        campaign=one.campaign,
        properties=clean_values(one.properties, f"{where}.properties"),
        cause=one.cause,
        suspect=one.suspect,
    )


def update_subject(
    host: Host, subject: SubjectId, fields: Mapping[str, object], attributes: Mapping[str, object]
) -> Lead | Account:
    """Change fields and custom attributes; the change is a fact with before and after."""
    kind = SubjectKind.ACCOUNT if is_account(subject) else SubjectKind.LEAD
    known_fields = ACCOUNT_FIELDS if kind is SubjectKind.ACCOUNT else LEAD_FIELDS
    for name in fields:
        if name not in known_fields:
            raise UnknownNameError(
                f"field of {'an' if kind is SubjectKind.ACCOUNT else 'a'} {kind.value}", name, known_fields
            )
    refuse_unknown_zone(fields.get("zone"))
    values = checked_attributes(host, attributes, kind)

    def change(unit: Unit, now: datetime) -> tuple[Lead | Account, Lead | Account, list[Touchpoint], list[Record]]:
        known = subject_of(unit, subject)
        late = _is_due(unit, subject, now)
        if isinstance(known, Account):
            account, facts = changed(host, known, fields, values, now, anyway=late)
            return known, account, facts, []
        if "account" in fields:
            require_account(unit, fields["account"])
        lead, facts = changed(host, known, fields, values, now, anyway=late)
        return known, lead, [*facts, *joined(host, unit, known, lead, now)], _moved_aliases(host, unit, known, lead)

    return written(host, subject, change)


def _is_due(unit: Unit, subject: SubjectId, now: datetime) -> bool:
    """Whether something is still to be decided, which may change a value before this update does."""
    standing = unit.get(Standing, [subject]).get(subject)
    if standing is None or (standing.due_at is not None and standing.due_at < now):
        return True
    return bool(unit.about({subject: None}, Reach.nothing())[subject].inbox)


def _moved_aliases(host: Host, unit: Unit, before: Lead, after: Lead) -> list[Record]:
    """Aliases for identifiers that the lead has now; the old ones still lead to it.

    Raises:
        InvalidFactError: Another lead has one of them; two people are not made one by an update.
    """
    fresh = [one for one in after.identifiers if one not in before.identifiers]
    wanted = {alias_id(host.tenant, one): one for one in fresh}
    known: Mapping[str, Alias] = unit.get(Alias, list(wanted)) if wanted else {}
    for identity, alias in known.items():
        if alias.subject != after.id:
            raise InvalidFactError(
                f"lead.{wanted[identity].kind}", f"one that no other lead has; {alias.subject} has it"
            )
    return [Alias(id=one, subject=after.id) for one in wanted if one not in known]


Change = Callable[[Unit, datetime], tuple[Lead | Account, Lead | Account, list[Touchpoint], list[Record]]]


def written(host: Host, subject: SubjectId, change: Change) -> Lead | Account:
    """Write what `change` makes of the subject; again when somebody else wrote first."""
    for _ in range(ATTEMPTS):
        with host.storage.begin() as unit:
            known, changed, facts, records = change(unit, unit.now())
            written: tuple[Record, ...] = (*records, *with_inbox(facts), *((changed,) if changed != known else ()))
            conflicts = unit.put({subject: Changes(records=written)}) if written else frozenset[SubjectId]()
        if not conflicts:
            host.tell(facts)
            return changed
    raise ConflictError(f"{subject} is being written by others all the time; try again")


def request(host: Host, subject: SubjectId, kind: Fact, properties: Mapping[str, Value]) -> FactId:
    """Write a request of the host's down as a fact; deciding answers it."""
    key = host.new_key()
    for _ in range(ATTEMPTS):
        with host.storage.begin() as unit:
            if subject not in unit.existing([subject]):
                raise NotFoundError(f"no such lead or account: {shown(subject)}")
            fact = host.fact(subject, kind, FrozenMapping(properties), unit.now(), key=key, origin=Origin.HOST)
            conflicts = unit.put({subject: Changes(records=with_inbox([fact]))})
        if not conflicts:
            host.tell([fact])
            return fact.id
    raise ConflictError(f"{subject} is being written by others all the time; try again")


def subject_of(unit: Unit, subject: SubjectId) -> Lead | Account:
    """The lead or account of this id.

    Raises:
        NotFoundError: There is none.
    """
    found: Lead | Account | None
    found = unit.get(Account, [subject]).get(subject) if is_account(subject) else unit.get(Lead, [subject]).get(subject)
    if found is None:
        raise NotFoundError(f"no such {'account' if is_account(subject) else 'lead'}: {shown(subject)}")
    return found


def lead_of(unit: Unit, subject: SubjectId) -> Lead:
    """The lead of this id.

    Raises:
        NotFoundError: There is none.
    """
    return as_lead(subject_of(unit, subject))


def as_lead(found: Lead | Account) -> Lead:
    """The record, if it is a lead.

    Raises:
        InvalidFactError: It is an account.
    """
    if isinstance(found, Account):
        raise InvalidFactError("lead", "the id of a lead", found="an account")
    return found


def facts_of(given: Iterable[object]) -> tuple[NewFact, ...]:
    """The facts as a tuple, each checked to be one."""
    facts: list[NewFact] = []
    for index, one in enumerate(given):
        if not isinstance(one, NewFact):
            raise InvalidFactError(f"facts[{index}]", "a NewFact", found=type(one).__name__)
        if not is_plain(one):
            refuse_misfits(one, f"facts[{index}]")
        facts.append(one)
    return tuple(facts)
