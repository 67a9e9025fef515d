"""Words about consent: which are kept, which holds, and on what grounds we may write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from nurture import Basis, Consent, Purpose
from nurture.errors import InvalidFactError
from nurture.model import ANY_CHANNEL, DOUBLE_OPT_IN, grounds_on, with_consent, word_on

NOW = datetime(2026, 4, 1, tzinfo=UTC)
DAY = timedelta(days=1)
YES = Consent(at=NOW)
NO = Consent(at=NOW + DAY, given=False, explicit=True)
ABOUT = ("email", Purpose.MARKETING)


def kept(*words: Consent) -> tuple[Consent, ...]:
    consents: tuple[Consent, ...] = ()
    for word in words:
        consents = with_consent(consents, word)
    return consents


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_each_sort_the_newest_word_is_kept(order: tuple[int, int]) -> None:
    words = (YES, attrs.evolve(YES, at=NOW + DAY, source="later"))
    assert kept(*(words[index] for index in order)) == (words[1],)


@pytest.mark.parametrize(
    "other",
    [
        {"entity": "brand"},
        {"channel": "sms"},
        {"purpose": Purpose.TRANSACTIONAL},
        {"topic": "news"},
        {"explicit": True},
        {"basis": Basis.RELATION},
        {"given": False},
    ],
)
def test_another_sender_channel_purpose_topic_or_ground_is_another_word(other: dict[str, object]) -> None:
    word = attrs.evolve(YES, at=NOW + DAY, **other)  # type: ignore[arg-type]
    assert kept(YES, word) == (YES, word)


def test_a_refusal_has_no_ground() -> None:
    later = attrs.evolve(NO, at=NOW + 2 * DAY, basis=Basis.RELATION)
    assert kept(NO, later) == (later,)


def test_what_was_said_to_one_sender_says_nothing_about_another() -> None:
    brand = attrs.evolve(NO, entity="brand")
    assert word_on((YES, brand), *ABOUT) == YES
    assert word_on((YES, brand), *ABOUT, "", "brand") == brand
    assert word_on((YES,), *ABOUT, "", "brand") is None


def test_the_grounds_are_the_newest_yes_on_each_basis_newest_first() -> None:
    bought = attrs.evolve(YES, at=NOW - DAY, basis=Basis.RELATION)
    again = attrs.evolve(bought, at=NOW + DAY, explicit=True)
    assert grounds_on((YES, bought, again), *ABOUT) == (again, YES)


def test_while_a_refusal_holds_there_are_no_grounds() -> None:
    assert grounds_on((YES, NO, attrs.evolve(YES, at=NOW + 2 * DAY)), *ABOUT) == ()


def test_a_refusal_that_was_lifted_voids_what_came_before_it() -> None:
    bought = attrs.evolve(YES, basis=Basis.RELATION)
    lifted = attrs.evolve(YES, at=NOW + 2 * DAY, explicit=True)
    assert grounds_on((bought, NO, lifted), *ABOUT) == (lifted,)


def test_a_consent_is_confirmed_when_it_says_so_and_names_its_proof() -> None:
    confirmed = attrs.evolve(YES, source=DOUBLE_OPT_IN, proof="eff_1")
    assert confirmed.is_confirmed
    assert not attrs.evolve(confirmed, proof="").is_confirmed
    assert not attrs.evolve(confirmed, source="form").is_confirmed
    assert not attrs.evolve(confirmed, given=False).is_confirmed


def test_a_word_about_profiling_is_about_every_channel_topic_and_sender() -> None:
    word = Consent(at=NOW, purpose=Purpose.PROFILING, channel="email", topic="news", entity="brand")
    assert (word.channel, word.topic, word.entity) == (ANY_CHANNEL, "", "")


def test_a_word_names_its_channel() -> None:
    with pytest.raises(InvalidFactError, match=r"consent\.channel"):
        Consent(at=NOW, channel="")
