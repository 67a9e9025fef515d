"""How the clauses about segments, runs, consent, chance and people answer, and when they turn. May import the nodes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import blake2b
from math import ceil
from typing import TYPE_CHECKING

from nurture.model import Consent, Fact, Purpose, word_on
from nurture.predicates.answering.leaf import TICK, Leaf, first_turn, shifted
from nurture.predicates.comparisons import ORDERS
from nurture.predicates.standing import Word, spoken_of

if TYPE_CHECKING:
    from nurture.model import Sight, Touchpoint
    from nurture.predicates.names import Names
    from nurture.predicates.people import People
    from nurture.predicates.standing import Consented, InBucket, InScenario, TimeInSegment

_LOTS = 2**64


def segment_time_leaf(node: TimeInSegment, _: Names) -> Leaf:
    """The leaf of how long a segment has had the subject as a member."""
    name, order, length = node.name, ORDERS[node.op], node.length
    # `ge` and `lt` turn when the length is reached, `gt` and `le` when it is exceeded.
    turns_after = length if node.op in ("ge", "lt") else length + TICK

    def holds(sight: Sight, now: datetime) -> bool:
        since = sight.memberships.get(name)
        return since is not None and order(now - since, length)

    def flips(sight: Sight, now: datetime) -> datetime | None:
        since = sight.memberships.get(name)
        turn = None if since is None else shifted(since, turns_after)
        return turn if turn is not None and turn > now else None

    return Leaf(holds, flips)


def scenario_leaf(node: InScenario, _: Names) -> Leaf:
    """The leaf of the runs of a scenario; only facts change it."""
    name, states = node.scenario, frozenset(node.states)
    words = frozenset(state.value for state in states)

    def holds(sight: Sight, _: datetime) -> bool:
        if any(run.scenario == name and run.state in states for run in sight.enrollments):
            return True
        past = sight.past.get(name) if sight.past else None
        return past is not None and not words.isdisjoint(past)

    return Leaf(holds)


def people_leaf(node: People, _: Names) -> Leaf:
    """The leaf of how many people say yes; only what they tell changes it."""
    told_as, order, n = node.told_as, ORDERS[node.op], node.n
    return Leaf(lambda sight, now: order(len(sight.people.get(told_as, ())), n))


def bucket_leaf(node: InBucket, _: Names) -> Leaf:
    """The leaf of a share of everybody; nothing changes it. Who the subject is must be known."""
    # Whole numbers, so that shares which touch have no gap and no overlap between them.
    low, high = (ceil(Fraction(percent) * _LOTS / 100) for percent in (node.low, node.high))
    salt = node.salt
    return Leaf(lambda sight, now: sight.subject != "" and low <= lot_of(salt, sight.subject) < high)


def lot_of(salt: str, subject: str) -> int:
    """The lot that a subject drew: a whole number from 0 to 2**64 - 1, the same for ever."""
    return int.from_bytes(blake2b(f"{salt}\x1f{subject}".encode(), digest_size=8).digest(), "big")


def percent_of(salt: str, subject: str) -> float:
    """Where in the whole, from 0 to 100 percent, the lot of a subject lies: for people to read."""
    return lot_of(salt, subject) * 100 / _LOTS


def consent_leaf(node: Consented, _: Names) -> Leaf:
    """The leaf of what the person said about being written to."""
    word = node.word

    def holds(sight: Sight, now: datetime) -> bool:
        return is_word(word, consent_at(node, sight, now), now)

    def flips(sight: Sight, now: datetime) -> datetime | None:
        turns: list[datetime | None] = []
        for fact, consent in _words(node, sight):
            turns += (fact.at, consent.expires_at)
        return first_turn(holds, sight, now, turns)

    return Leaf(holds, flips)


def is_word(word: Word, consent: Consent | None, now: datetime) -> bool:
    """Whether the word that holds is such a one; the four are different questions, not opposites."""
    if consent is None:
        return word is Word.UNSAID
    if word is Word.GIVEN:
        return consent.is_live(now)
    return not consent.given and (word is Word.REFUSED or (word is Word.UNSUBSCRIBED and consent.explicit))


def consent_at(node: Consented, sight: Sight, now: datetime) -> Consent | None:
    """The word that holds at an instant about what the clause asks; None when nothing was said.

    Of several that say as much at one instant, the fact with the smaller id counts as the word that was said.
    """
    said = (consent for fact, consent in _words(node, sight) if fact.at <= now)
    return word_on(said, node.channel, node.purpose, node.topic, node.entity)


def _words(node: Consented, sight: Sight) -> Iterator[tuple[Touchpoint, Consent]]:
    """The facts of consent about what the clause asks, each with what it says."""
    for kind in (Fact.CONSENT_GIVEN, Fact.CONSENT_WITHDRAWN):
        channels, entities = spoken_of(node, kind)
        for fact in sight.touches.get(kind.value, ()):
            known = fact.properties
            topic = known.get("topic", "")
            if (
                known.get("purpose") == node.purpose.value
                and known.get("channel") in channels
                and known.get("entity", "") in entities
                and topic in ("", node.topic)
            ):
                ends = known.get("expires_at")
                yield (
                    fact,
                    Consent(
                        entity=node.entity,
                        channel=node.channel,
                        purpose=Purpose(node.purpose),
                        topic=node.topic if topic else "",
                        given=kind is Fact.CONSENT_GIVEN,
                        at=fact.at.astimezone(UTC),
                        expires_at=ends if isinstance(ends, datetime) else None,
                        explicit=known.get("explicit") is True,
                    ),
                )
