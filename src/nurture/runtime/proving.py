"""The proof of what a person allowed: every word as it was said, what was sent because of it, and how long to keep it.

May import the ports and what lies below them. An engineering reading, not legal advice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from nurture.decisions.lawful import lasting_until
from nurture.errors import NotFoundError
from nurture.model import Effect, EffectKind, EffectState, Fact, Lead, LeadId, Purpose, Touchpoint, Value
from nurture.model.ids import shown
from nurture.predicates.display import heading, table
from nurture.runtime.histories import newest_first

if TYPE_CHECKING:
    from nurture.program import Program
    from nurture.runtime.host import Host

_SAID = frozenset({Fact.CONSENT_ASKED, Fact.CONSENT_GIVEN, Fact.CONSENT_WITHDRAWN})
_GONE_OUT = frozenset({EffectState.ACCEPTED, EffectState.UNKNOWN})


@attrs.frozen(slots=True, kw_only=True)
class Word:
    """One word about consent, as the log holds it.

    Attributes:
        kind: `asked`, `given` or `withdrawn`.
        at: When it was said.
        recorded_at: When it was written down.
        entity: Towards which sender.
        channel: On which channel.
        purpose: What for.
        topic: About what; `""` is all of the purpose.
        basis: On what ground; `""` where it was only asked, or refused.
        explicit: Whether the person said so to us directly.
        jurisdiction: Whose law it names; `""` is the contact policy's.
        source: Where it was said.
        text_version: Which wording the person saw.
        proof: What proves it.
        expires_at: When it ends by itself, if it does.
        fact: The fact that holds it.
    """

    kind: str
    at: datetime
    recorded_at: datetime
    entity: str
    channel: str
    purpose: str
    topic: str
    basis: str
    explicit: bool
    jurisdiction: str
    source: str
    text_version: str
    proof: str
    expires_at: datetime | None
    fact: str


@attrs.frozen(slots=True, kw_only=True)
class Sent:
    """What went out for one sender, purpose and channel.

    Attributes:
        entity: Who sent.
        purpose: What for.
        channel: On which channel.
        count: How many messages; those whose outcome is not known count.
        first_at: When the first one was settled.
        last_at: When the last one was.
        law: The law under which the person is written to on this channel; `""` when the policy names none.
        keep_until: Until when the consents behind it must be kept, should nothing more be sent; None when no law says.
    """

    entity: str
    purpose: str
    channel: str
    count: int
    first_at: datetime
    last_at: datetime
    law: str
    keep_until: datetime | None


@attrs.frozen(slots=True, kw_only=True)
class ConsentProof:
    """All that proves why a person was written to. It holds the host's own words about sources and proofs.

    Attributes:
        lead: Whose.
        made_at: When it was put together.
        words: Every word, oldest first.
        sent: What went out, by sender, purpose and channel.
        keep_until: The latest instant until which any of it must be kept; None when no law says, or nothing was sent.
            It moves on with each message, so nothing may be deleted while sending goes on.
    """

    lead: LeadId
    made_at: datetime
    words: tuple[Word, ...]
    sent: tuple[Sent, ...]
    keep_until: datetime | None

    def to_json(self) -> dict[str, object]:
        """The proof as JSON data; instants are ISO 8601 in UTC."""
        return {
            "lead": self.lead,
            "made_at": self.made_at.isoformat(),
            "words": [_json_of(one) for one in self.words],
            "sent": [_json_of(one) for one in self.sent],
            "keep_until": None if self.keep_until is None else self.keep_until.isoformat(),
        }

    def _repr_html_(self) -> str:
        words = [
            (one.at.isoformat(), one.kind, one.entity, one.channel, one.purpose, one.topic, one.basis, one.source,
             one.text_version, one.proof)
            for one in self.words
        ]  # fmt: skip
        sent = [
            (one.entity, one.purpose, one.channel, str(one.count), one.first_at.isoformat(), one.last_at.isoformat(),
             one.law, "" if one.keep_until is None else one.keep_until.isoformat())
            for one in self.sent
        ]  # fmt: skip
        return heading("consent of", self.lead) + table(_WORDS, words) + (table(_SENT, sent) if sent else "")


_WORDS = ("at", "word", "entity", "channel", "purpose", "topic", "basis", "source", "text version", "proof")
_SENT = ("entity", "purpose", "channel", "count", "first", "last", "law", "keep until")


def proof_of(host: Host, lead: LeadId) -> ConsentProof:
    """Put the proof together, from one snapshot.

    Raises:
        NotFoundError: There is no such lead.
    """
    with host.storage.view() as view:
        known = view.get(Lead, [lead]).get(lead)
        if known is None:
            raise NotFoundError(f"no such lead: {shown(lead)}")
        words = tuple(_word(fact) for fact in newest_first(view, lead) if fact.kind in _SAID)
        effects = view.effects_of(lead)
    sent = tuple(_sent(host.program, known, effects))
    ends = [one.keep_until for one in sent if one.keep_until is not None]
    return ConsentProof(
        lead=lead,
        made_at=host.storage.now(),
        words=tuple(sorted(words, key=lambda one: (one.at, one.fact))),
        sent=sent,
        keep_until=max(ends, default=None),
    )


def _word(fact: Touchpoint) -> Word:
    said = fact.properties
    expires_at = said.get("expires_at")
    is_refusal = fact.kind == Fact.CONSENT_WITHDRAWN  # it needs no ground
    return Word(
        kind=fact.kind.rpartition(".")[2],
        at=fact.at,
        recorded_at=fact.received_at,
        explicit=said.get("explicit") is True,
        expires_at=expires_at if isinstance(expires_at, datetime) else None,
        fact=fact.id,
        **{name: "" if name == "basis" and is_refusal else _text(said, name) for name in _TEXTS},
    )


_TEXTS = (
    "entity", "channel", "purpose", "topic", "basis", "jurisdiction", "source", "text_version", "proof",
)  # fmt: skip


def _text(said: Mapping[str, Value], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _sent(program: Program, lead: Lead, effects: Iterable[Effect]) -> Iterator[Sent]:
    groups: dict[tuple[str, str, str], list[datetime]] = {}
    for effect in effects:
        if effect.kind is EffectKind.MESSAGE and effect.state in _GONE_OUT and effect.settled_at is not None:
            group = (effect.entity, effect.purpose.value, effect.channel)
            groups.setdefault(group, []).append(effect.settled_at)
    for (entity, purpose, channel), instants in sorted(groups.items()):
        law = program.policy.law_for(lead) if purpose == Purpose.MARKETING else None
        if law is not None and not law.holds_on(channel):
            law = None
        last = max(instants)
        yield Sent(
            entity=entity,
            purpose=purpose,
            channel=channel,
            count=len(instants),
            first_at=min(instants),
            last_at=last,
            law=law.name if law is not None else "",
            keep_until=lasting_until(program, lead, last, law.keeps) if law is not None else None,
        )


def _json_of(record: Word | Sent) -> dict[str, object]:
    values: dict[str, object] = attrs.asdict(record)
    return {name: one.isoformat() if isinstance(one, datetime) else one for name, one in values.items()}
