"""The gate over random words, laws and policies: total, pure, and never talked out of a refusal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nurture import Consent, ContactPolicy, Dossier, Effect, Lead, Message, Program, Purpose
from nurture.decisions import Allow, Defer, Request, Verdict, Withhold, gate
from nurture.decisions.lawful import refusal_by_consent
from nurture.model import (
    Allowance,
    Basis,
    EffectId,
    EffectKind,
    EnrollmentId,
    LeadId,
    SubjectId,
    Suppression,
    with_consent,
)
from nurture.program import Ground, Sharing
from nurture.testing import strategies

relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck))
NOW = datetime(2026, 4, 1, tzinfo=UTC)
ENTITIES = ("", "brand")
_ago = st.integers(-2, 2000).map(lambda days: NOW - timedelta(days=days))
_words = st.builds(
    Consent,
    at=_ago,
    entity=st.sampled_from([*ENTITIES, "group"]),
    channel=st.sampled_from(["email", "email", "line"]),
    purpose=st.sampled_from([Purpose.MARKETING, Purpose.MARKETING, Purpose.TRANSACTIONAL]),
    topic=st.sampled_from(["", "", "news"]),
    given=st.booleans(),
    basis=st.sampled_from(Basis),
    source=st.sampled_from(["", "double_opt_in"]),
    proof=st.sampled_from(["", "eff_0"]),
    jurisdiction=st.sampled_from(["", "", "CA", "XX"]),
    expires_at=st.none() | _ago,
    explicit=st.booleans(),
)
_consents = st.lists(_words, max_size=6)
_suppressions = st.lists(
    st.builds(
        Suppression,
        purpose=st.sampled_from([None, Purpose.MARKETING]),
        reason=st.just("unsubscribed"),
        at=_ago,
        entity=st.sampled_from([None, *ENTITIES]),
    ),
    max_size=2,
)
_effects = st.builds(
    Effect,
    id=st.just(EffectId("eff_1")),
    subject=st.just(SubjectId("lead_1")),
    enrollment=st.just(EnrollmentId("enr_1")),
    scenario=st.just("s"),
    step=st.just("0"),
    kind=st.sampled_from([EffectKind.MESSAGE, EffectKind.MESSAGE, EffectKind.NOTICE, EffectKind.ACTION]),
    name=st.just("m"),
    channel=st.sampled_from(["email", "email", "line"]),
    purpose=st.sampled_from([Purpose.MARKETING, Purpose.MARKETING, *Purpose]),
    topic=st.sampled_from(["", "news"]),
    entity=st.sampled_from(ENTITIES),
    planned_at=st.just(NOW),
    due_at=st.just(NOW),
    expires_at=st.sampled_from([None, NOW - timedelta(days=1), NOW + timedelta(hours=3)]),
)
_MESSAGES = [Message(f"m{entity}", "marketing", "s", text="x", entity=entity) for entity in ENTITIES]


def program_of(policy: ContactPolicy) -> Program:
    return Program(messages=_MESSAGES, policy=policy)


def lead_of(consents: list[Consent], locale: str | None = None) -> Lead:
    kept: tuple[Consent, ...] = ()
    for word in consents:
        kept = with_consent(kept, word)
    return Lead(
        id=LeadId(SubjectId("lead_1")), email="a@example.com", created_at=NOW, consents=kept, locale=locale, title="a"
    )


def request_of(effect: Effect, lead: Lead, suppressions: list[Suppression]) -> Request:
    return Request(
        effect=effect,
        lead=lead,
        address="a@example.com",
        of_address=Allowance(id="x", suppressions=tuple(suppressions)),
        of_lead=Allowance(id="y", recent=(NOW, NOW)),
        dossier=Dossier(subject=lead),
    )


def refusal_of(effect: Effect, before: list[Consent]) -> Consent:
    """A refusal of what the effect is about, newer than any word before."""
    at = max((one.at for one in before), default=NOW) + timedelta(seconds=1)
    return Consent(
        at=at, given=False, channel=effect.channel, purpose=effect.purpose, topic=effect.topic, entity=effect.entity
    )


_policies = strategies.policies(ENTITIES)
_locales = st.sampled_from([None, "JP", "de", "US", "CA", "xx"])


@settings(parent=relaxed, max_examples=150)
@given(_policies, _effects, _consents, _suppressions, _locales, st.datetimes(timezones=st.just(UTC)))
def test_the_gate_answers_every_question_and_always_alike(
    policy: ContactPolicy,
    effect: Effect,
    consents: list[Consent],
    suppressions: list[Suppression],
    locale: str | None,
    now: datetime,
) -> None:
    program, request = program_of(policy), request_of(effect, lead_of(consents, locale), suppressions)
    assume(2 < now.year < 9990)  # beyond them no local hour, or no later instant, can be named
    answer: Verdict = gate(program, request, now)
    assert answer == gate(program, request, now)
    if isinstance(answer, Defer):
        assert answer.until > now or answer.until == effect.expires_at
    assert isinstance(answer, Allow) or answer.reason


@settings(parent=relaxed, max_examples=150)
@given(_policies, _effects, _consents, st.lists(_words, min_size=1, max_size=3), _locales)
def test_a_refusal_gets_no_weaker_by_words_that_came_along(
    policy: ContactPolicy, effect: Effect, consents: list[Consent], more: list[Consent], locale: str | None
) -> None:
    marketing = attrs.evolve(effect, purpose=Purpose.MARKETING)
    program = program_of(policy)
    consents = [*consents, refusal_of(marketing, consents)]
    along = [attrs.evolve(one, explicit=False) for one in more]
    assert refusal_by_consent(program, marketing, lead_of([*consents, *along], locale), NOW) == "unsubscribed"


@settings(parent=relaxed, max_examples=150)
@given(_policies, _effects, _consents, _suppressions, _locales)
def test_widening_allows_nothing_that_a_refusal_forbids(
    policy: ContactPolicy, effect: Effect, consents: list[Consent], suppressions: list[Suppression], locale: str | None
) -> None:
    marketing = attrs.evolve(effect, purpose=Purpose.MARKETING, kind=EffectKind.MESSAGE, expires_at=None)
    lead = lead_of([*consents, refusal_of(marketing, consents)], locale)
    every = [Ground(basis) for basis in Basis]
    wide = attrs.evolve(
        policy,
        consent="not_refused",
        jurisdictions=[attrs.evolve(law, grounds=every, confirmed=False) for law in policy.jurisdictions],
        sharing=[Sharing(giver, taker, "joint_use", "x") for giver in ("", "brand", "group") for taker in ENTITIES
                 if giver != taker],
        holds=[],
    )  # fmt: skip
    answer = gate(program_of(wide), request_of(marketing, lead, suppressions), NOW)
    assert answer == Withhold("unsubscribed")


@settings(parent=relaxed, max_examples=150)
@given(_policies, _effects, _consents, _locales, _ago, st.integers(0, 3000))
def test_what_has_expired_stays_expired(
    policy: ContactPolicy, effect: Effect, consents: list[Consent], locale: str | None, now: datetime, days: int
) -> None:
    marketing = attrs.evolve(effect, purpose=Purpose.MARKETING)
    program, lead = program_of(policy), lead_of(consents, locale)
    assume(refusal_by_consent(program, marketing, lead, now) is not None)
    assert refusal_by_consent(program, marketing, lead, now + timedelta(days=days)) is not None
