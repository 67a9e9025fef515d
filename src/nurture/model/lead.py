"""A person who may buy, and how that person is recognised again. Imports values and consent."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

import attrs

from nurture.errors import InvalidFactError
from nurture.model.consent import Consent, Purpose, word_on
from nurture.model.ids import AccountId, LeadId
from nurture.model.values import (
    EMPTY,
    FrozenMapping,
    Value,
    clean_instant,
    clean_text,
    clean_texts,
    clean_values,
    plain_text,
)

IDENTIFIERS = ("email", "phone", "line", "visitor")
"""The built-in kinds of identifier, strongest first; external ids come besides."""


class Identifier(NamedTuple):
    """One way to recognise a person: its kind, and the key under which it is looked up.

    The key is folded (NFKC, lower case, digits only for phones); the stored value never is.
    """

    kind: str
    key: str


REACHED = ("email", "phone", "line")
"""The identifiers that are an address; every other channel goes to the id in the system of that name."""


def address_kind(channel: str) -> str:
    """Which identifier of a person a channel goes to: one of `REACHED`, or the name of another system.

    Example:
        >>> [address_kind(channel) for channel in ("email", "sms", "call", "chat")]
        ['email', 'phone', 'phone', 'chat']
    """
    return "phone" if channel in ("sms", "call") else channel


def identifier_key(kind: str, value: str) -> str:
    """The folded form of an identifier, so that the same address written twice is found once.

    Example:
        >>> identifier_key("email", " Taro@EXAMPLE.jp ")
        'taro@example.jp'
        >>> identifier_key("phone", "０３－0000－1234")
        '0300001234'
    """
    folded = unicodedata.normalize("NFKC", plain_text(value)).strip()
    if kind == "email":
        local, _, domain = folded.rpartition("@")
        if len(local) > 1 and local[0] == local[-1] == '"':
            local = local[1:-1]  # quotes are for the wire: da..me.@docomo.ne.jp is one address, quoted or not
        return f"{local}@{domain}".casefold() if domain else folded.casefold()
    if kind == "phone":
        plus = "+" if folded.startswith("+") else ""
        return plus + "".join(ch for ch in folded if ch.isdigit())
    return folded


@attrs.frozen(slots=True, kw_only=True)
class Lead:
    """A person who may buy.

    At least one identifier is needed; an e-mail address is not: a lead known only by phone or LINE
    is a lead. Values are kept as they were written; only lookup keys are folded. `repr` shows ids alone,
    since tracebacks and logs are no place for personal data.

    Attributes:
        id: Ours; derived from the first identifier.
        version: Rises by one with each change; the revision that `lead.changed` facts carry.
        created_at: When we first met.
        email: Address, as written.
        phone: Phone number, as written.
        line: LINE user id.
        visitor: Visitor id of the host's web tracking.
        external_ids: Ids in other systems, by system.
        name: Full name; never split by machine.
        family_name: 姓.
        given_name: 名.
        family_kana: Reading of the family name.
        given_kana: Reading of the given name.
        company: The company in the person's own words, when there is no account.
        department: 部署.
        title: 役職.
        source: Where the lead came from; None means that nobody knows.
        campaign: The campaign that brought the lead.
        account: The company it belongs to.
        owner: Who of us looks after it.
        locale: Language for messages, such as `ja`.
        zone: IANA time zone; None means the program's.
        tags: Free labels, sorted.
        lists: Static lists on which it stands, sorted.
        attributes: Typed custom attributes that the program declares.
        consents: Of each sender, channel, purpose and topic the newest yes on each basis and the newest no, said to us
            directly and otherwise; `consent_for` says which of them holds.
    """

    id: LeadId
    version: int = 1
    created_at: datetime
    email: str | None = attrs.field(default=None, repr=False)
    phone: str | None = attrs.field(default=None, repr=False)
    line: str | None = attrs.field(default=None, repr=False)
    visitor: str | None = attrs.field(default=None, repr=False)
    external_ids: Mapping[str, str] = attrs.field(factory=FrozenMapping[str], repr=False)
    name: str | None = attrs.field(default=None, repr=False)
    family_name: str | None = attrs.field(default=None, repr=False)
    given_name: str | None = attrs.field(default=None, repr=False)
    family_kana: str | None = attrs.field(default=None, repr=False)
    given_kana: str | None = attrs.field(default=None, repr=False)
    company: str | None = attrs.field(default=None, repr=False)
    department: str | None = attrs.field(default=None, repr=False)
    title: str | None = attrs.field(default=None, repr=False)
    source: str | None = None
    campaign: str | None = None
    account: AccountId | None = None
    owner: str | None = None
    locale: str | None = None
    zone: str | None = None
    tags: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    attributes: Mapping[str, Value] = attrs.field(default=EMPTY, repr=False)
    consents: tuple[Consent, ...] = ()

    @cached_property
    def values(self) -> FrozenMapping[Value]:
        """The values by field, as predicates see them: custom attributes, then the built-in fields that are set."""
        values: dict[str, Value] = dict(self.attributes)
        values.update([pair for pair in zip(TEXT_FIELDS, _texts_of(self), strict=True) if pair[1] is not None])
        values["created_at"] = self.created_at
        if self.tags:
            values["tags"] = self.tags
        if self.lists:
            values["lists"] = self.lists
        return FrozenMapping(values)

    def __attrs_post_init__(self) -> None:
        put = object.__setattr__
        if self.id.__class__ is not str:
            put(self, "id", clean_text(self.id, "lead.id"))
        put(self, "created_at", clean_instant(self.created_at, "lead.created_at"))
        for (name, field), value in zip(_FIELDS, _texts_of(self), strict=True):
            if value is not None and (clean := clean_text(value, field)) is not value:
                put(self, name, clean)
        if self.external_ids:
            put(self, "external_ids", clean_texts(self.external_ids, "lead.external_ids"))
        elif self.external_ids.__class__ is not FrozenMapping:
            put(self, "external_ids", FrozenMapping[str]())
        put(self, "attributes", clean_values(self.attributes, "lead.attributes"))
        if self.tags:
            put(self, "tags", tuple(sorted({clean_text(tag, "lead.tags") for tag in self.tags})))
        if self.lists:
            put(self, "lists", tuple(sorted({clean_text(name, "lead.lists") for name in self.lists})))
        if self.email is not None and "@" not in self.email:
            raise InvalidFactError("lead.email", "an address with an @")
        if not any((self.email, self.phone, self.line, self.visitor, self.external_ids)):
            raise InvalidFactError("lead", f"at least one identifier of {', '.join(IDENTIFIERS)} or external_ids")

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """Every identifier with its lookup key, strongest first."""
        return identifiers_of(
            {kind: getattr(self, kind) for kind in IDENTIFIERS},
            self.external_ids,
        )

    def consent_for(
        self, channel: str = "email", purpose: Purpose = Purpose.MARKETING, topic: str = "", entity: str = ""
    ) -> Consent | None:
        """The word that holds about a channel, purpose, topic and sender; None when nothing was said."""
        return word_on(self.consents, channel, purpose, topic, entity)

    def address(self, channel: str) -> str | None:
        """Where this person is reached on a channel; None when that is not known."""
        kind = address_kind(channel)
        found: str | None = getattr(self, kind) if kind in REACHED else self.external_ids.get(kind)
        return found

    @property
    def full_name(self) -> str | None:
        """The name as it is written on a letter: family name first unless the locale is Western."""
        if self.name:
            return self.name
        parts = [part for part in (self.family_name, self.given_name) if part]
        if self.locale and not self.locale.startswith(("ja", "zh", "ko", "hu", "vi")):
            parts.reverse()
        return " ".join(parts) or None


TEXT_FIELDS = (
    "email", "phone", "line", "visitor", "name", "family_name", "given_name", "family_kana", "given_kana",
    "company", "department", "title", "source", "campaign", "account", "owner", "locale", "zone",
)  # fmt: skip
"""The built-in fields that hold text."""

_texts_of = attrgetter(*TEXT_FIELDS)
_FIELDS = tuple((name, f"lead.{name}") for name in TEXT_FIELDS)


def identifiers_of(known: Mapping[str, str | None], external_ids: Mapping[str, str]) -> tuple[Identifier, ...]:
    """The identifiers among these values, with their lookup keys, strongest first."""
    found = [Identifier(kind, identifier_key(kind, value)) for kind in IDENTIFIERS if (value := known.get(kind))]
    found += [
        Identifier(f"external:{plain_text(system)}", identifier_key(system, key))
        for system, key in sorted(external_ids.items())
    ]
    return tuple(one for one in found if one.key)
