"""What a person allowed us, and what an address refused. Imports values only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import attrs

from nurture.errors import InvalidFactError
from nurture.model.values import clean_choice, clean_instant, clean_text


class Purpose(StrEnum):
    """Why a message is sent; there is no default, because the law asks.

    `marketing` needs consent and can be unsubscribed from; `transactional` answers something the
    person did; `internal` goes to a colleague. `profiling` is no reason for a message: it is what a person
    objects to who does not want to be scored.
    """

    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"
    INTERNAL = "internal"
    PROFILING = "profiling"


class Basis(StrEnum):
    """On what ground we may write (Japan's 特定電子メール法 names the first four).

    `relation` is a purchase or a contract, `inquiry` a question that was asked: Canada's law lets both run out.
    """

    CONSENT = "consent"
    PAPER_CARD = "paper_card"
    RELATION = "relation"
    PUBLISHED = "published"
    INQUIRY = "inquiry"
    LEGITIMATE_INTEREST = "legitimate_interest"


ANY_CHANNEL = "any"
"""The channel of words about profiling: scores are counted from all channels, so it is objected to on all of them."""
DOUBLE_OPT_IN = "double_opt_in"
"""The source of a consent that was confirmed: the person was asked at the address, and answered from there."""


@attrs.frozen(slots=True, kw_only=True)
class Consent:
    """That a person agreed, or took it back, towards one sender, for one channel, purpose and topic.

    Attributes:
        entity: To whom it was said: the name of one of the site's identities; `""` is the site's own. Companies of a
            group do not share a consent unless the contact policy says on what ground they do.
        channel: Such as `email`. A word about profiling is about every channel, topic and entity, and is kept as
            `ANY_CHANNEL`.
        purpose: What for.
        topic: A subject within the purpose; `""` means all of it.
        given: True when given, False when withdrawn.
        at: When.
        basis: On what ground, when given.
        source: Where it was given, in the host's words (a form's name, a fair).
        text_version: Which wording the person saw.
        jurisdiction: Whose law it was given under, such as `JP`; `""` is the contact policy's.
        proof: What proves it, in the host's words: a submission's id, a scan's name. Never personal data.
        expires_at: When it ends by itself, if it does.
        explicit: Whether the person said so to us directly. Only such a consent lifts an earlier
            unsubscribe; one that came along with an import or a form never does.
    """

    entity: str = ""
    channel: str = "email"
    purpose: Purpose = Purpose.MARKETING
    topic: str = ""
    given: bool = True
    at: datetime
    basis: Basis = Basis.CONSENT
    source: str = ""
    text_version: str = ""
    jurisdiction: str = ""
    proof: str = ""
    expires_at: datetime | None = None
    explicit: bool = False

    def __attrs_post_init__(self) -> None:
        put = object.__setattr__
        put(self, "at", clean_instant(self.at, "consent.at"))
        put(self, "purpose", clean_choice(Purpose, self.purpose, "consent.purpose"))
        put(self, "basis", clean_choice(Basis, self.basis, "consent.basis"))
        if self.expires_at is not None:
            put(self, "expires_at", clean_instant(self.expires_at, "consent.expires_at"))
        for name in ("entity", "channel", "topic", "source", "text_version", "jurisdiction", "proof"):
            put(self, name, clean_text(getattr(self, name), f"consent.{name}"))
        if not self.channel:
            raise InvalidFactError("consent.channel", "the name of a channel, such as 'email'")
        if self.purpose is Purpose.PROFILING:
            for name, value in (("channel", ANY_CHANNEL), ("topic", ""), ("entity", "")):
                put(self, name, value)

    def covers(self, channel: str, purpose: Purpose, topic: str, entity: str = "") -> bool:
        """Whether it speaks about this channel, purpose, topic and sender."""
        return (
            self.channel == channel and self.purpose == purpose and self.topic in ("", topic) and self.entity == entity
        )

    def is_live(self, now: datetime) -> bool:
        """Whether it is given and not yet expired."""
        return self.given and (self.expires_at is None or now < self.expires_at)

    @property
    def is_confirmed(self) -> bool:
        """Whether the person was asked at the address and agreed from there: it says so, and names its proof."""
        return self.given and self.source == DOUBLE_OPT_IN and bool(self.proof)


def with_consent(consents: Iterable[Consent], word: Consent) -> tuple[Consent, ...]:
    """The consents with one more word: of each sender, channel, purpose and topic the newest of each sort are kept.

    The sorts are yes and no, each said to us directly or not, and a yes on each basis. All are kept, because a refusal
    holds until a newer explicit yes, whatever else was said in between; and a purchase does not end an agreement.
    """
    consents = tuple(consents)
    sort = _sort_of(word)
    kept = tuple(one for one in consents if _sort_of(one) != sort)
    rivals = [one for one in consents if _sort_of(one) == sort]
    return (*kept, max((*rivals, word), key=lambda one: one.at))


def _sort_of(word: Consent) -> tuple[str, str, Purpose, str, bool, bool, str]:
    basis = word.basis.value if word.given else ""
    return (word.entity, word.channel, word.purpose, word.topic, word.given, word.explicit, basis)


def word_on(
    consents: Iterable[Consent], channel: str, purpose: Purpose, topic: str = "", entity: str = ""
) -> Consent | None:
    """The word that holds about a channel, purpose, topic and sender; None when nothing was said.

    A refusal holds until a newer *explicit* consent: what came along with a form or an import never
    takes it back. At one instant a refusal wins.
    """
    agreed: Consent | None = None
    refusal: Consent | None = None
    lifted_at: datetime | None = None
    for one in consents:  # every claim comes by here, so it is one walk
        if not one.covers(channel, purpose, topic, entity):
            continue
        if not one.given:
            refusal = one if refusal is None or one.at > refusal.at else refusal
            continue
        agreed = one if agreed is None or one.at > agreed.at else agreed
        if one.explicit and (lifted_at is None or one.at > lifted_at):
            lifted_at = one.at
    if refusal is not None and (lifted_at is None or lifted_at <= refusal.at):
        return refusal
    return agreed


def grounds_on(
    consents: Iterable[Consent], channel: str, purpose: Purpose, topic: str = "", entity: str = ""
) -> tuple[Consent, ...]:
    """Every ground on which we may write: the newest yes on each basis, newest first; none while a refusal holds.

    A refusal that was lifted since voids what was said before it.
    """
    found = [one for one in consents if one.covers(channel, purpose, topic, entity)]
    refusal = max((one for one in found if not one.given), key=lambda one: one.at, default=None)
    if refusal is not None:
        if not any(one.given and one.explicit and one.at > refusal.at for one in found):
            return ()
        found = [one for one in found if one.at > refusal.at]
    newest: dict[Basis, Consent] = {}
    for one in sorted((one for one in found if one.given), key=lambda one: one.at):
        newest[one.basis] = one
    return tuple(sorted(newest.values(), key=lambda one: one.at, reverse=True))


@attrs.frozen(slots=True, kw_only=True)
class Suppression:
    """That nothing may go to an address any more, for a purpose; only a newer explicit consent lifts it.

    Attributes:
        purpose: What may not be sent; None means nothing at all (a hard bounce, a complaint).
        entity: Whose messages; None means everybody's.
        reason: Why: `unsubscribed`, `bounced`, `complained`, `imported`.
        at: Since when.
    """

    purpose: Purpose | None
    reason: str
    at: datetime
    entity: str | None = None

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "at", clean_instant(self.at, "suppression.at"))
        object.__setattr__(self, "reason", clean_text(self.reason, "suppression.reason"))
        if self.entity is not None:
            object.__setattr__(self, "entity", clean_text(self.entity, "suppression.entity"))
        if self.purpose is not None:
            object.__setattr__(self, "purpose", clean_choice(Purpose, self.purpose, "suppression.purpose"))
