"""Words about consent: which are kept, which holds, and on what grounds we may write."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from nurture import Basis, Consent, Purpose
from nurture.errors import InvalidFactError
from nurture.model import ANY_CHANNEL, ANY_ENTITY, DOUBLE_OPT_IN, grounds_on, with_consent, word_on
from nurture.model.consent import MOST_OF_A_SORT

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


def test_the_grounds_are_every_yes_newest_first() -> None:
    bought = attrs.evolve(YES, at=NOW - DAY, basis=Basis.RELATION)
    again = attrs.evolve(bought, at=NOW + DAY, explicit=True)
    assert grounds_on((YES, bought, again), *ABOUT) == (again, YES, bought)


@pytest.mark.parametrize("better", [{"source": DOUBLE_OPT_IN, "proof": "eff_1"}, {"jurisdiction": "CA"}])
def test_a_yes_replaces_none_that_is_confirmed_or_under_another_law(better: dict[str, str]) -> None:
    good = attrs.evolve(YES, **better)  # type: ignore[arg-type]
    form = attrs.evolve(YES, at=NOW + DAY)
    assert kept(good, form) == (good, form)


def test_of_a_sort_each_yes_is_kept_that_no_newer_one_outlives_in_any_order() -> None:
    some = [
        attrs.evolve(YES, at=NOW + day * DAY, expires_at=None if days is None else NOW + days * DAY)
        for day, days in ((0, 90), (1, None), (2, 60), (3, 30))
    ]
    for order in itertools.permutations(range(4)):
        assert kept(*(some[index] for index in order)) == tuple(some[1:])
    assert kept(some[0], some[1]) == (some[1],)  # newer, and longer-lived
    assert kept(some[2], attrs.evolve(some[2], proof="again")) == (some[2],)


def test_a_trial_drops_no_yes_that_follows_a_refusal() -> None:
    no = attrs.evolve(NO, at=NOW + DAY)
    old = attrs.evolve(YES, explicit=True)
    lifting = attrs.evolve(old, at=NOW + 2 * DAY, expires_at=NOW + 100 * DAY)
    trial = attrs.evolve(old, at=NOW + 3 * DAY, expires_at=NOW + 4 * DAY)
    consents = kept(old, no, lifting, trial)
    assert grounds_on(consents, *ABOUT) == (trial, lifting)
    assert word_on(consents, *ABOUT) == lifting


def test_so_many_of_a_sort_are_kept_and_no_more() -> None:
    trials = [
        attrs.evolve(YES, at=NOW + day * DAY, expires_at=NOW + (900 - day) * DAY) for day in range(MOST_OF_A_SORT + 9)
    ]
    found = kept(*trials)
    assert len(found) == MOST_OF_A_SORT
    assert (found[0], found[-1]) == (trials[0], trials[-1])


def test_of_yes_the_one_that_lives_longest_is_the_word() -> None:
    soon, late = (attrs.evolve(YES, at=NOW + day * DAY, expires_at=NOW + days * DAY) for day, days in ((2, 3), (1, 9)))
    assert word_on((soon, late), *ABOUT) == late
    assert word_on((soon, late, NO, attrs.evolve(soon, explicit=True)), *ABOUT) == soon  # a refusal voided the other


EVERYTHING = Consent(at=NOW + DAY, given=False, explicit=True, channel=ANY_CHANNEL, entity=ANY_ENTITY)


@pytest.mark.parametrize("about", [("email", ""), ("email", "brand"), ("push", ""), ("push", "named later")])
@pytest.mark.parametrize("topic", ["", "news"])
def test_a_refusal_of_everything_is_about_every_sender_channel_and_topic(about: tuple[str, str], topic: str) -> None:
    channel, entity = about
    yes = attrs.evolve(YES, channel=channel, entity=entity)
    assert word_on((yes, EVERYTHING), channel, Purpose.MARKETING, topic, entity) == EVERYTHING
    assert word_on((EVERYTHING,), channel, Purpose.TRANSACTIONAL, topic, entity) is None
    assert EVERYTHING.is_total


def test_after_everything_was_refused_a_named_yes_lifts_just_what_it_names() -> None:
    yes = attrs.evolve(YES, at=NOW + 2 * DAY, explicit=True, entity="brand")
    words = (EVERYTHING, yes)
    assert word_on(words, "email", Purpose.MARKETING, "", "brand") == yes
    for channel, entity in (("email", ""), ("line", "brand"), ("email", "other")):
        assert word_on(words, channel, Purpose.MARKETING, "", entity) == EVERYTHING
    assert (
        word_on((EVERYTHING, attrs.evolve(yes, explicit=False)), "email", Purpose.MARKETING, "", "brand") == EVERYTHING
    )


@pytest.mark.parametrize("field", [{"channel": ANY_CHANNEL}, {"entity": ANY_ENTITY}])
def test_nobody_agrees_to_everything(field: dict[str, str]) -> None:
    with pytest.raises(InvalidFactError, match=rf"consent\.{next(iter(field))}.*only a refusal"):
        Consent(at=NOW, **field)  # type: ignore[arg-type]
    assert not Consent(at=NOW, given=False, **field).is_total  # type: ignore[arg-type]


def test_a_topic_refused_by_name_is_put_back_by_name_alone() -> None:
    no = attrs.evolve(NO, topic="news")
    general = attrs.evolve(YES, at=NOW + 2 * DAY, explicit=True)
    named = attrs.evolve(general, topic="news", at=NOW + 3 * DAY)
    about = (*ABOUT, "news")
    assert word_on((no, general), *about) == no
    assert grounds_on((no, general), *about) == ()
    assert word_on((no, general), *ABOUT) == general
    assert word_on((no, general, named), *about) == named
    assert word_on((NO, named), *about) == named  # a topic is put back although all of it was refused
    came_along = attrs.evolve(named, explicit=False)
    assert word_on((no, came_along), *about) == no
    assert word_on((no, attrs.evolve(named, at=no.at)), *about) == no  # at one instant a refusal wins


@pytest.mark.parametrize("field", ["source", "text_version", "proof"])
def test_what_names_something_is_short(field: str) -> None:
    assert getattr(Consent(at=NOW, **{field: "x" * 200}), field)  # type: ignore[arg-type]
    with pytest.raises(InvalidFactError, match=rf"consent\.{field}.*200"):
        Consent(at=NOW, **{field: "x" * 201})  # type: ignore[arg-type]


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
