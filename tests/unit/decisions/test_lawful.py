"""Consent as the laws read it: who was asked, on what ground, for how long, towards whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from nurture import Attribute, Basis, Consent, ContactPolicy, Effect, Lead, Message, Program, Purpose, days
from nurture.decisions.lawful import lasting_until, refusal_by_consent
from nurture.model import DOUBLE_OPT_IN, EffectId, EffectKind, EnrollmentId, LeadId, SubjectId
from nurture.program import CAN_SPAM, CASL, GDPR, JAPAN, Jurisdiction, Sharing

NOW = datetime(2026, 4, 1, 3, tzinfo=UTC)
YES = Consent(at=NOW - days(1))
NO = Consent(at=NOW - days(1), given=False, explicit=True)
LAWS = (JAPAN, GDPR, CAN_SPAM, CASL)


def refusal(
    *words: Consent,
    law: str = "",
    laws: Sequence[Jurisdiction] = LAWS,
    country: str | None = None,
    entity: str = "",
    channel: str = "email",
    topic: str = "",
    sharing: Sequence[Sharing] = (),
    now: datetime = NOW,
    zone: str | None = None,
) -> str | None:
    policy = ContactPolicy(
        jurisdiction=law, jurisdiction_from="country" if laws else None, jurisdictions=laws, sharing=sharing
    )
    program = Program(
        attributes=[Attribute("country")],
        messages=[Message("brand", "marketing", "s", text="x", entity="brand")],
        policy=policy,
    )
    attributes = {} if country is None else {"country": country}
    lead = Lead(
        id=LeadId(SubjectId("lead_1")), email="a@example.com", created_at=NOW - days(9), consents=words,
        attributes=attributes, zone=zone,
    )  # fmt: skip
    effect = Effect(
        id=EffectId("eff_1"), subject=lead.id, enrollment=EnrollmentId("enr_1"), scenario="s", step="0",
        kind=EffectKind.MESSAGE, name="m", channel=channel, purpose=Purpose.MARKETING, topic=topic, entity=entity,
        planned_at=NOW, due_at=NOW,
    )  # fmt: skip
    return refusal_by_consent(program, effect, lead, now)


YESTERDAY = NOW - days(1)


def on(basis: Basis, at: datetime = YESTERDAY, **changed: object) -> Consent:
    return attrs.evolve(YES, basis=basis, at=at, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("law", "basis", "reason"),
    [
        ("JP", Basis.CONSENT, None),
        ("JP", Basis.PAPER_CARD, None),
        ("JP", Basis.RELATION, None),
        ("JP", Basis.PUBLISHED, None),
        ("JP", Basis.LEGITIMATE_INTEREST, "basis_not_allowed"),
        ("JP", Basis.INQUIRY, "basis_not_allowed"),
        ("EU", Basis.CONSENT, None),
        ("EU", Basis.RELATION, None),
        ("EU", Basis.PAPER_CARD, "basis_not_allowed"),
        ("CA", Basis.INQUIRY, None),
        ("CA", Basis.LEGITIMATE_INTEREST, "basis_not_allowed"),
        ("US", Basis.LEGITIMATE_INTEREST, None),
        ("", Basis.LEGITIMATE_INTEREST, None),
    ],
)
def test_each_law_names_the_grounds_it_accepts(law: str, basis: Basis, reason: str | None) -> None:
    assert refusal(on(basis), law=law) == reason


def test_where_people_opt_out_nobody_needs_to_be_asked_first_but_everybody_can_refuse() -> None:
    assert refusal(law="US") is None
    assert refusal(law="JP") == "no_consent"
    assert refusal(NO, law="US") == "unsubscribed"


def test_the_countrys_code_of_the_lead_comes_before_the_policys_law() -> None:
    card = on(Basis.PAPER_CARD)
    assert refusal(card, law="JP", country="de") == "basis_not_allowed"
    assert refusal(card, law="EU", country="JP") is None
    assert refusal(card, law="JP", country="nowhere") is None
    assert refusal(card, law="EU", country="nowhere") == "basis_not_allowed"


@pytest.mark.parametrize(
    ("basis", "at", "last"),
    [
        (Basis.RELATION, datetime(2024, 4, 1, 3, tzinfo=UTC), datetime(2026, 4, 1, 3, tzinfo=UTC)),
        (Basis.INQUIRY, datetime(2025, 8, 31, 12, tzinfo=UTC), datetime(2026, 2, 28, 12, tzinfo=UTC)),
    ],
)
def test_canadas_implied_consent_ends_by_the_calendar(basis: Basis, at: datetime, last: datetime) -> None:
    word = on(basis, at)
    assert refusal(word, law="CA", now=last - timedelta(microseconds=1)) is None
    assert refusal(word, law="CA", now=last) == "consent_expired"
    assert refusal(word, law="", now=last) is None


def test_months_are_those_of_the_persons_own_calendar() -> None:
    word = on(Basis.INQUIRY, datetime(2025, 8, 30, 16, tzinfo=UTC))  # in Tokyo it is the 31st already
    in_utc, in_tokyo = datetime(2026, 2, 28, 16, tzinfo=UTC), datetime(2026, 2, 27, 16, tzinfo=UTC)
    assert refusal(word, law="CA", now=in_tokyo) is None
    assert refusal(word, law="CA", now=in_tokyo, zone="Asia/Tokyo") == "consent_expired"
    assert refusal(word, law="CA", now=in_utc) == "consent_expired"


def test_a_word_ends_by_itself_before_the_law_ends_it() -> None:
    word = on(Basis.RELATION, expires_at=NOW)
    assert refusal(word, law="CA") == "consent_expired"
    assert refusal(word, law="CA", now=NOW - timedelta(microseconds=1)) is None


def test_where_a_law_is_known_each_ground_stands_by_itself() -> None:
    agreed = on(Basis.CONSENT, NOW - days(900))
    bought = on(Basis.RELATION, NOW - days(800))
    assert refusal(agreed, bought, law="CA") is None
    assert refusal(bought, law="CA") == "consent_expired"
    assert refusal(agreed, on(Basis.LEGITIMATE_INTEREST), law="CA") is None


def test_without_any_law_too_each_yes_stands_by_itself() -> None:
    ended = on(Basis.RELATION, expires_at=NOW)
    assert refusal(ended, laws=()) == "consent_expired"
    assert refusal(attrs.evolve(YES, at=NOW - days(5)), ended, laws=()) is None


def test_a_refusal_voids_every_ground_from_before_it() -> None:
    bought = on(Basis.RELATION, NOW - days(3))
    refused = attrs.evolve(NO, at=NOW - days(2))
    again = on(Basis.LEGITIMATE_INTEREST, NOW - days(1), explicit=True)
    assert refusal(bought, refused, law="CA") == "unsubscribed"
    assert refusal(bought, refused, again, law="CA") == "basis_not_allowed"


CONFIRMED = attrs.evolve(GDPR, confirmed=True)


def test_a_consent_counts_once_it_was_confirmed_where_the_law_asks_for_that() -> None:
    proven = attrs.evolve(YES, source=DOUBLE_OPT_IN, proof="eff_1")
    assert refusal(YES, law="EU", laws=[CONFIRMED]) == "not_confirmed"
    assert refusal(proven, law="EU", laws=[CONFIRMED]) is None
    assert refusal(attrs.evolve(proven, proof=""), law="EU", laws=[CONFIRMED]) == "not_confirmed"
    assert refusal(on(Basis.RELATION), law="EU", laws=[CONFIRMED]) is None


def test_a_word_that_names_a_law_must_satisfy_that_one_too() -> None:
    bought = on(Basis.RELATION, NOW - days(900))
    assert refusal(bought, law="JP") is None
    assert refusal(attrs.evolve(bought, jurisdiction="CA"), law="JP") == "consent_expired"
    assert refusal(on(Basis.PAPER_CARD, jurisdiction="JP"), law="EU") == "basis_not_allowed"
    assert refusal(on(Basis.PAPER_CARD, jurisdiction="nowhere"), law="JP") is None


def test_a_law_says_nothing_about_other_channels() -> None:
    word = on(Basis.LEGITIMATE_INTEREST)
    assert refusal(attrs.evolve(word, channel="sms"), law="JP", channel="sms") == "basis_not_allowed"
    assert refusal(attrs.evolve(word, channel="line"), law="JP", channel="line") is None
    assert refusal(law="JP", channel="line") == "no_consent"


def test_a_consent_to_one_company_is_none_to_another() -> None:
    assert refusal(YES, law="JP", entity="brand") == "no_consent"
    assert refusal(attrs.evolve(YES, entity="brand"), law="JP", entity="brand") is None
    assert refusal(attrs.evolve(YES, entity="brand"), law="JP") == "no_consent"


SHARED = [Sharing("", "brand", "joint_use", "notice of 2026-01")]


@pytest.mark.parametrize("laws", [(), LAWS])
def test_what_is_shared_counts_for_the_taker_alone(laws: Sequence[Jurisdiction]) -> None:
    law = "JP" if laws else ""
    assert refusal(YES, law=law, laws=laws, entity="brand", sharing=SHARED) is None
    assert refusal(attrs.evolve(YES, entity="brand"), law=law, laws=laws, sharing=SHARED) == "no_consent"
    assert refusal(YES, law=law, laws=laws, entity="third", sharing=SHARED) == "no_consent"


@pytest.mark.parametrize("laws", [(), LAWS])
def test_refusals_are_never_shared_away(laws: Sequence[Jurisdiction]) -> None:
    law = "JP" if laws else ""
    newer = attrs.evolve(YES, at=NOW, explicit=True)
    to_taker = attrs.evolve(NO, entity="brand")
    assert refusal(newer, to_taker, law=law, laws=laws, entity="brand", sharing=SHARED) == "unsubscribed"
    to_giver = attrs.evolve(NO, at=NOW)
    assert refusal(YES, to_giver, law=law, laws=laws, entity="brand", sharing=SHARED) == "no_consent"


def test_what_is_shared_is_read_under_the_same_law() -> None:
    old = on(Basis.INQUIRY, NOW - days(300))
    assert refusal(old, law="CA", entity="brand", sharing=SHARED) == "consent_expired"


def test_a_refusal_of_one_topic_stops_that_topic_alone() -> None:
    refused = attrs.evolve(NO, topic="events")
    assert refusal(YES, refused, law="JP", topic="events") == "unsubscribed"
    assert refusal(YES, refused, law="JP", topic="news") is None


def test_a_time_beyond_every_calendar_never_ends() -> None:
    far = datetime(9999, 12, 31, tzinfo=UTC)
    assert lasting_until(Program(), None, far, days(3)) is None
