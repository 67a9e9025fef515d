"""What a person allowed us, and what an address refused. Imports values only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
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
"""The channel of words about every channel: a refusal of everything, and words about profiling, since scores are
counted from all channels."""
ANY_ENTITY = "*"
"""The sender of a refusal towards every sender, also one that is named later."""
DOUBLE_OPT_IN = "double_opt_in"
"""The source of a consent that was confirmed: the person was asked at the address, and answered from there."""
LONGEST_NOTE = 200
"""So many characters may a source, a wording's version and a proof have: they name things, and hold none."""
MOST_OF_A_SORT = 16
"""So many words of one sort are kept at most; see `with_consent`."""
_FOREVER = datetime.max.replace(tzinfo=UTC)


@attrs.frozen(slots=True, kw_only=True)
class Consent:
    """That a person agreed, or took it back, towards one sender, for one channel, purpose and topic.

    Attributes:
        entity: To whom it was said: the name of one of the site's identities; `""` is the site's own. Companies of a
            group do not share a consent unless the contact policy says on what ground they do. A refusal may be
            towards `ANY_ENTITY`.
        channel: Such as `email`. A refusal may be on `ANY_CHANNEL`. A word about profiling is about every channel,
            topic and entity, and is kept as `ANY_CHANNEL`.
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
        refuse_long_notes(self, ("source", "text_version", "proof"), "consent.")
        if not self.channel:
            raise InvalidFactError("consent.channel", "the name of a channel, such as 'email'")
        if self.purpose is Purpose.PROFILING:
            for name, value in (("channel", ANY_CHANNEL), ("topic", ""), ("entity", "")):
                put(self, name, value)
        elif self.given and self.channel == ANY_CHANNEL:
            raise InvalidFactError("consent.channel", "one channel: only a refusal is about every channel")
        elif self.given and self.entity == ANY_ENTITY:
            raise InvalidFactError("consent.entity", "one sender: only a refusal is towards every sender")

    def covers(self, channel: str, purpose: Purpose, topic: str, entity: str = "") -> bool:
        """Whether it speaks about this channel, purpose, topic and sender, be it because it speaks about all."""
        return (
            self.purpose == purpose
            and self.topic in ("", topic)
            and self.channel in (channel, ANY_CHANNEL)
            and self.entity in (entity, ANY_ENTITY)
        )

    @property
    def is_total(self) -> bool:
        """Whether it refuses everything of its purpose: every sender on every channel, whatever is named later."""
        return not self.given and self.channel == ANY_CHANNEL and self.entity == ANY_ENTITY and not self.topic

    def is_live(self, now: datetime) -> bool:
        """Whether it is given and not yet expired."""
        return self.given and (self.expires_at is None or now < self.expires_at)

    @property
    def is_confirmed(self) -> bool:
        """Whether the person was asked at the address and agreed from there: it says so, and names its proof."""
        return self.given and self.source == DOUBLE_OPT_IN and bool(self.proof)


def refuse_long_notes(record: object, names: Iterable[str], prefix: str = "") -> None:
    """Refuse texts that name a source, a wording or a proof, and are too long for a name.

    Raises:
        InvalidFactError: One has more than `LONGEST_NOTE` characters; the field is named.
    """
    for name in names:
        length = len(getattr(record, name))
        if length > LONGEST_NOTE:
            raise InvalidFactError(f"{prefix}{name}", f"at most {LONGEST_NOTE} characters", found=str(length))


def with_consent(consents: Iterable[Consent], word: Consent) -> tuple[Consent, ...]:
    """The consents with one more word; of each sort, what another one makes up for is dropped.

    A sort is about one sender, channel, purpose and topic. Yes and no are different sorts, each said to us directly or
    not; so is a yes on each basis, under each law, confirmed or not. All are kept, because a refusal holds until a
    newer explicit yes, whatever else was said in between; and no yes ends another: a purchase not an agreement, a form
    not what was confirmed, a trial of a month not what was agreed to for good.

    Of no, only the newest is kept. A yes is dropped when another of its sort is at least as new, so that it follows
    every refusal and lasts as long under every law, and lives at least as long. What is left is few: each newer one
    ends sooner than the one before. Should they be more than `MOST_OF_A_SORT`, the newest stay and those that live
    longest, so that nothing is allowed that nobody said.
    """
    consents = tuple(consents)
    sort = _sort_of(word)
    kept = tuple(one for one in consents if _sort_of(one) != sort)
    rivals = [*(one for one in consents if _sort_of(one) == sort), word]
    if not word.given:
        return (*kept, max(rivals, key=lambda one: one.at))
    needed: list[Consent] = []
    for one in sorted(rivals, key=lambda one: (one.at, _life_of(one)), reverse=True):
        if not needed or _life_of(one) > _life_of(needed[-1]):
            needed.append(one)
    del needed[1 : max(1, 1 + len(needed) - MOST_OF_A_SORT)]
    return (*kept, *reversed(needed))


def _life_of(word: Consent) -> datetime:
    return word.expires_at or _FOREVER


def _sort_of(word: Consent) -> tuple[str, str, Purpose, str, bool, bool, str, str, bool]:
    basis, law = (word.basis.value, word.jurisdiction) if word.given else ("", "")
    about = (word.entity, word.channel, word.purpose, word.topic)
    return (*about, word.given, word.explicit, basis, law, word.is_confirmed)


def word_on(
    consents: Iterable[Consent], channel: str, purpose: Purpose, topic: str = "", entity: str = ""
) -> Consent | None:
    """The word that holds about a channel, purpose, topic and sender; None when nothing was said.

    A refusal holds until a newer *explicit* consent: what came along with a form or an import never takes it back. A
    topic that was refused by name is put back by an explicit consent that names it, not by a general one; a refusal of
    everything by one for a named sender and channel, which is then the only one that may write. At one instant a
    refusal wins. While any refusal holds, the newest one is the answer; else the ground that lives longest, of which
    the newest: it is live as long as any of `grounds_on` is.
    """
    agreed: list[Consent] = []
    refusal: Consent | None = None
    refused: list[datetime | None] = [None, None]  # of the whole purpose, and of the topic by name
    lifted: list[datetime | None] = [None, None]  # by any explicit yes, and by one that names the topic
    for one in consents:  # every claim comes by here, so it is one walk
        if not one.covers(channel, purpose, topic, entity):
            continue
        if not one.given:
            refusal = one if refusal is None or one.at > refusal.at else refusal
            _note(refused, 1 if one.topic else 0, one.at)
            continue
        agreed.append(one)
        if one.explicit:
            _note(lifted, 0, one.at)
            if one.topic:
                _note(lifted, 1, one.at)
    if any(no is not None and (yes is None or yes <= no) for no, yes in zip(refused, lifted, strict=True)):
        return refusal
    if refusal is not None:  # what was lifted voids what was said before it
        agreed = [one for one in agreed if one.at > refusal.at]
    return max(agreed, key=lambda one: (_life_of(one), one.at), default=None)


def _note(newest: list[datetime | None], index: int, at: datetime) -> None:
    known = newest[index]
    if known is None or at > known:
        newest[index] = at


def grounds_on(
    consents: Iterable[Consent], channel: str, purpose: Purpose, topic: str = "", entity: str = ""
) -> tuple[Consent, ...]:
    """Every ground on which we may write: each yes, newest first; none while a refusal holds.

    A refusal that was lifted since voids what was said before it.
    """
    about = (channel, purpose, topic, entity)
    found = [one for one in consents if one.covers(*about)]
    word = word_on(found, *about)
    if word is None or not word.given:
        return ()
    refused_at = max((one.at for one in found if not one.given), default=None)
    agreed = (one for one in found if one.given and (refused_at is None or one.at > refused_at))
    return tuple(sorted(agreed, key=lambda one: one.at, reverse=True))


@attrs.frozen(slots=True, kw_only=True)
class Suppression:
    """That nothing may go to an address any more, for a purpose; only a newer explicit consent lifts it.

    Attributes:
        purpose: What may not be sent; None means nothing at all (a hard bounce, a complaint).
        entity: Whose messages; None means everybody's.
        topic: About which topic; `""` means all of the purpose. A topic's is lifted by a consent that names it.
        reason: Why: `unsubscribed`, `bounced`, `complained`, `imported`.
        at: Since when.
    """

    purpose: Purpose | None
    reason: str
    at: datetime
    entity: str | None = None
    topic: str = ""

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "at", clean_instant(self.at, "suppression.at"))
        object.__setattr__(self, "reason", clean_text(self.reason, "suppression.reason"))
        object.__setattr__(self, "topic", clean_text(self.topic, "suppression.topic"))
        if self.entity is not None:
            object.__setattr__(self, "entity", clean_text(self.entity, "suppression.entity"))
        if self.purpose is not None:
            object.__setattr__(self, "purpose", clean_choice(Purpose, self.purpose, "suppression.purpose"))

    def concerns(self, purpose: Purpose, entity: str, topic: str) -> bool:
        """Whether it is about messages of this purpose, sender and topic."""
        return self.purpose in (None, purpose) and self.entity in (None, entity) and self.topic in ("", topic)

    def is_lifted_by(self, word: Consent) -> bool:
        """Whether a consent is one that puts it back: explicit, newer, and by name where a topic was refused."""
        if self.purpose is None or not word.given or not word.explicit or word.at <= self.at:
            return False
        return not self.topic or word.topic == self.topic
