"""Taking people and companies in: a known one is filled up, never overwritten, never re-subscribed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, cast

import attrs

from nurture.calendar import zone_names
from nurture.decisions import plan_of, told
from nurture.errors import ConflictError, InvalidFactError, NotFoundError, UnknownNameError, near_misses
from nurture.model import (
    Account,
    Alias,
    Changes,
    Consent,
    Fact,
    FrozenMapping,
    Identifier,
    Lead,
    LeadId,
    Record,
    Standing,
    SubjectId,
    SubjectKind,
    Touchpoint,
    Value,
    account_id,
    clean_instant,
    clean_value,
    digest,
    identifiers_of,
    lead_id,
    with_consent,
)
from nurture.model.ids import shown
from nurture.model.values import flattened
from nurture.runtime.answering import present_answers
from nurture.runtime.changing import changed
from nurture.runtime.host import Host, with_inbox
from nurture.runtime.refusing import refused
from nurture.runtime.word_names import refuse_unknown_names

if TYPE_CHECKING:
    from nurture.ports import Unit

ATTEMPTS = 5


def capture_lead(
    host: Host,
    fields: Mapping[str, str | None],
    *,
    external_ids: Mapping[str, str],
    attributes: Mapping[str, object],
    tags: Sequence[str],
    consent: Consent | None,
    at: datetime | None,
) -> Lead:
    """Find the lead by its identifiers, or make it."""
    _require_texts(fields, external_ids, tags)
    identifiers = identifiers_of(fields, external_ids)
    if not identifiers:
        raise InvalidFactError("lead", "at least one identifier: email, phone, line, visitor or external_ids")
    refuse_unknown_zone(fields.get("zone"))
    values = checked_attributes(host, attributes, SubjectKind.LEAD)
    for _ in range(ATTEMPTS):
        with host.storage.begin() as unit:
            now = unit.now()
            when = clean_instant(at, "at") if at is not None else now
            refuse_far_future(host, when, now, "at")
            consent = _came_along(host, consent, now) if consent is not None else None
            aliases = unit.get(Alias, [alias_id(host.tenant, one) for one in identifiers])
            known = _known_lead(host, unit, identifiers, aliases)
            if consent is not None:
                refuse_unknown_names(host, unit, known, consent)
            require_account(unit, fields.get("account"))
            if known is None:
                lead = Lead(
                    id=_free_id(host, unit, identifiers[0]),
                    created_at=when,
                    external_ids=external_ids,
                    attributes=values,
                    tags=tuple(tags),
                    consents=(consent,) if consent else (),
                    **{name: value for name, value in fields.items() if value},  # type: ignore[arg-type]
                )
                facts = [_created(host, lead, now)]
            else:
                own = _not_of_others(host, known.id, fields, aliases)
                lead, facts = _filled(host, known, own, external_ids, values, tags, consent, now)
            if consent is not None:
                facts.append(_consented(host, lead.id, consent, now))
            if lead.account and (known is None or known.account != lead.account):
                facts += _told(host, unit, lead, now)
            records: list[Record] = [*_new_aliases(host, lead.id, identifiers, aliases), *with_inbox(facts)]
            if known is None or lead != known:
                records.append(lead)
            if consent is not None and not consent.given:
                withheld: list[Touchpoint] = []
                records += refused(host, unit, lead, [consent], withheld, now, is_new=known is None)
                records += with_inbox(withheld)
                facts += withheld
            conflicts = unit.put({lead.id: Changes(records=tuple(records))}) if records else frozenset[SubjectId]()
        if not conflicts:
            host.tell(facts)
            return lead
    raise ConflictError("this lead is being written by others all the time; try again")


def _came_along(host: Host, consent: Consent, now: datetime) -> Consent:
    """A word that came along with a form or an import: a yes is never explicit, as it lifts no refusal."""
    if consent.given and consent.explicit:
        consent = attrs.evolve(consent, explicit=False)
    return not_in_the_future(host, consent, now)


def _require_texts(fields: Mapping[str, str | None], external_ids: Mapping[str, str], tags: Sequence[str]) -> None:
    for name, given in {**fields, **{f"external_ids.{system}": key for system, key in external_ids.items()}}.items():
        if given is not None and not isinstance(cast("object", given), str):
            raise InvalidFactError(f"lead.{name}", "text", found=type(given).__name__)
    if isinstance(tags, str):
        raise InvalidFactError("lead.tags", "a list of texts", found="one text")


def capture_account(
    host: Host, fields: Mapping[str, object], *, key: str | None, attributes: Mapping[str, object], at: datetime | None
) -> Account:
    """Find the account by its key, corporate number or domain, or make it."""
    identifiers = _account_identifiers(fields, key)
    values = checked_attributes(host, attributes, SubjectKind.ACCOUNT)
    for _ in range(ATTEMPTS):
        with host.storage.begin() as unit:
            now = unit.now()
            if at is not None:
                refuse_far_future(host, clean_instant(at, "at"), now, "at")
            aliases = unit.get(Alias, [alias_id(host.tenant, one) for one in identifiers])
            found = [alias.subject for alias in aliases.values()]
            known = unit.get(Account, found[:1]).get(found[0]) if found else None
            given = {name: value for name, value in fields.items() if value is not None}
            if known is None:
                identity = account_id(host.tenant, ":".join(identifiers[0]))
                account = Account(id=identity, created_at=at or now, attributes=values, **given)  # type: ignore[arg-type]
                facts = [host.fact(identity, Fact.ACCOUNT_CREATED, {}, now, key="created")]
            else:
                blanks = {name: value for name, value in given.items() if getattr(known, name) is None}
                missing = {name: value for name, value in values.items() if known.attributes.get(name) is None}
                account, facts = changed(host, known, blanks, missing, now)
            records: list[Record] = [*_new_aliases(host, account.id, identifiers, aliases), *with_inbox(facts)]
            if account is not known:
                records.append(account)
            conflicts = unit.put({account.id: Changes(records=tuple(records))}) if records else frozenset[SubjectId]()
        if not conflicts:
            host.tell(facts)
            return account
    raise ConflictError("this account is being written by others all the time; try again")


def checked_attributes(host: Host, attributes: Mapping[str, object], subject: SubjectKind) -> FrozenMapping[Value]:
    """The custom attributes, each declared by the program and of its type.

    Raises:
        UnknownNameError: The program declares no such attribute; the near misses are listed.
        InvalidFactError: A value is of another type; the attribute is named.
    """
    values: dict[str, Value] = {}
    for name, given in flattened(attributes, subject.value).items():
        declared = host.program.attribute(name, subject)
        if declared is None:
            known = [one.name for one in host.program.attributes if one.subject is subject]
            raise UnknownNameError(f"{subject.value} attribute", name, known)
        values[name] = declared.fit(clean_value(given, f"{subject.value}.{name}"))
    return FrozenMapping(values)


def refuse_unknown_zone(name: object) -> None:
    """Refuse a zone that the time-zone database does not hold.

    Raises:
        InvalidFactError: It does not; the nearest names are listed, but not the one that was given.
    """
    if name is not None and name not in zone_names():
        near = near_misses(str(name), zone_names()) or ("Asia/Tokyo",)
        raise InvalidFactError("lead.zone", f"an IANA time zone, such as {' or '.join(map(repr, near))}")


def refuse_far_future(host: Host, when: datetime, now: datetime, field: str) -> None:
    """Refuse an instant that lies further ahead than clocks differ.

    Raises:
        InvalidFactError: It does; the field is named.
    """
    if when > now + host.future_tolerance:
        raise InvalidFactError(field, f"an instant at most {host.future_tolerance} in the future", found="a later one")


def not_in_the_future(host: Host, consent: Consent, now: datetime) -> Consent:
    """The consent, dated no later than now; else a refusal that comes meanwhile could not be the newest word.

    Raises:
        InvalidFactError: It lies further ahead than clocks differ.
    """
    if consent.at <= now:
        return consent
    refuse_far_future(host, consent.at, now, "consent.at")
    return attrs.evolve(consent, at=now)


def alias_id(tenant: str, identifier: Identifier) -> str:
    """Under which id an identifier is looked up."""
    return digest("alias", tenant, identifier.kind, identifier.key)


def _account_identifiers(fields: Mapping[str, object], key: str | None) -> tuple[Identifier, ...]:
    found = [Identifier(name, str(fields[name])) for name in ("corporate_number", "domain") if fields.get(name)]
    if key:
        found.insert(0, Identifier("account_key", key))
    if not found:
        # a name alone never merges two accounts that differ otherwise, but the same text twice is the same account
        found.append(Identifier("account_name", str(fields.get("name", ""))))
    return tuple(found)


def require_account(unit: Unit, account: object) -> None:
    """Refuse an account that does not exist.

    Raises:
        NotFoundError: It does not.
    """
    if account is not None and not unit.existing([SubjectId(str(account))]):
        raise NotFoundError(f"no such account: {shown(account, 'acct_…')}")


def _not_of_others(
    host: Host, lead: LeadId, fields: Mapping[str, str | None], aliases: Mapping[str, Alias]
) -> dict[str, str | None]:
    """The fields without the identifiers that another lead has: two people are not merged by a form."""
    kept = dict(fields)
    for one in identifiers_of(fields, {}):
        alias = aliases.get(alias_id(host.tenant, one))
        if alias is not None and alias.subject != lead:
            kept[one.kind] = None
    return kept


def _known_lead(host: Host, unit: Unit, identifiers: Sequence[Identifier], aliases: Mapping[str, Alias]) -> Lead | None:
    for one in identifiers:
        alias = aliases.get(alias_id(host.tenant, one))
        if alias is not None:
            found = unit.get(Lead, [alias.subject]).get(alias.subject)
            if found is not None:
                return found
    return None


def _free_id(host: Host, unit: Unit, identifier: Identifier) -> LeadId:
    """The id that the identifier determines; salted when an older lead bears it still but gave the identifier up."""
    for salt in ("", "1", "2", "3"):
        candidate = lead_id(host.tenant, ":".join(identifier), salt)
        if not unit.existing([candidate]):
            return candidate
    raise ConflictError("too many leads began with this identifier")


def _new_aliases(
    host: Host, subject: SubjectId, identifiers: Sequence[Identifier], known: Mapping[str, Alias]
) -> list[Alias]:
    """Aliases for identifiers that nobody has; what belongs to another lead stays with it."""
    wanted = [alias_id(host.tenant, one) for one in identifiers]
    return [Alias(id=one, subject=subject) for one in dict.fromkeys(wanted) if one not in known]


def _created(host: Host, lead: Lead, now: datetime) -> Touchpoint:
    known: dict[str, Value] = {"source": lead.source, "campaign": lead.campaign}
    properties = {name: value for name, value in known.items() if value is not None}
    return host.fact(lead.id, Fact.LEAD_CREATED, properties, now, key="created", at=lead.created_at)


def _filled(
    host: Host,
    known: Lead,
    fields: Mapping[str, str | None],
    external_ids: Mapping[str, str],
    values: Mapping[str, Value],
    tags: Sequence[str],
    consent: Consent | None,
    now: datetime,
) -> tuple[Lead, list[Touchpoint]]:
    blanks: dict[str, object] = {
        name: value for name, value in fields.items() if value and getattr(known, name) is None
    }
    new_ids = {system: key for system, key in external_ids.items() if system not in known.external_ids}
    if new_ids:
        blanks["external_ids"] = {**known.external_ids, **new_ids}
    if set(tags) - set(known.tags):
        blanks["tags"] = tuple(sorted({*known.tags, *tags}))
    if consent is not None:
        blanks["consents"] = with_consent(known.consents, consent)
    missing = {name: value for name, value in values.items() if known.attributes.get(name) is None}
    return changed(host, known, blanks, missing, now)


def _consented(host: Host, lead: LeadId, consent: Consent, now: datetime) -> Touchpoint:
    return host.fact(
        lead,
        Fact.CONSENT_GIVEN if consent.given else Fact.CONSENT_WITHDRAWN,
        consent_properties(consent),
        now,
        key=f"captured:{_word_key(consent)}",
        at=consent.at,
    )


def _word_key(consent: Consent) -> str:
    """What tells a word from others: all that it says, so that only the very same word is one fact."""
    said = {**consent_properties(consent), "at": consent.at}
    parts = (f"{name}={value.isoformat() if isinstance(value, datetime) else value}" for name, value in said.items())
    return digest("word", *sorted(parts))


def consent_properties(consent: Consent) -> dict[str, Value]:
    """What a consent fact carries."""
    known: dict[str, Value] = {
        "channel": consent.channel,
        "purpose": consent.purpose.value,
        "topic": consent.topic,
        "basis": consent.basis.value,
        "source": consent.source,
        "text_version": consent.text_version,
        "explicit": consent.explicit,
    }
    for name in ("entity", "jurisdiction", "proof"):
        if said := getattr(consent, name):
            known[name] = said
    return known if consent.expires_at is None else {**known, "expires_at": consent.expires_at}


def _told(host: Host, unit: Unit, lead: Lead, now: datetime) -> list[Touchpoint]:
    """The present answers of the account that the lead belongs to now; it learns them in the same unit."""
    if not plan_of(host.program, SubjectKind.LEAD).tells and not _asks_still(unit, lead):
        return []
    answers: Mapping[str, Value] = {}
    if lead.account:
        account = unit.get(Account, [lead.account]).get(lead.account)
        if account is None:
            raise InvalidFactError("lead.account", "the id of an account that exists")
        answers = present_answers(host, unit, account, now)
    return [told(host.tenant, lead.id, answers, now, f"join:{lead.account}:{lead.version}")]


def _asks_still(unit: Unit, lead: Lead) -> bool:
    """Whether the lead may run on a version of a scenario that asks its account what the program does not ask."""
    standing = unit.get(Standing, [lead.id]).get(lead.id) if lead.version > 1 else None
    return standing is not None and bool(standing.older)


def joined(host: Host, unit: Unit, before: Lead, after: Lead, now: datetime) -> list[Touchpoint]:
    """The facts that a lead learns by moving to another account, or to none."""
    return _told(host, unit, after, now) if after.account != before.account else []
