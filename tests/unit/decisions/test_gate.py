"""The one gate: every reason, and what a deferral is worth."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import attrs
import pytest

from nurture import (
    Basis,
    Cap,
    Consent,
    ContactPolicy,
    Dossier,
    Effect,
    Lead,
    Program,
    Purpose,
    Scenario,
    Window,
    days,
    hours,
    minutes,
    q,
)
from nurture.decisions import Allow, Defer, Request, Verdict, Withhold, gate
from nurture.decisions.holding import RECHECK
from nurture.model import Allowance, EffectId, EffectKind, EnrollmentId, LeadId, SubjectId, Suppression
from nurture.program import Hold, Topic
from nurture.steps import tag

NOW = datetime(2026, 4, 1, 3, tzinfo=UTC)  # 12:00 in Tokyo
ADDRESS = "a@example.com"


def a_lead(*consents: Consent, zone: str | None = None) -> Lead:
    return Lead(id=LeadId(SubjectId("lead_1")), email=ADDRESS, created_at=NOW - days(9), consents=consents, zone=zone)


def an_effect(**changed: object) -> Effect:
    effect = Effect(
        id=EffectId("eff_1"), subject=SubjectId("lead_1"), enrollment=EnrollmentId("enr_1"), scenario="s", step="0",
        kind=EffectKind.MESSAGE, name="m", channel="email", purpose=Purpose.MARKETING, planned_at=NOW, due_at=NOW,
        expires_at=NOW + days(7),
    )  # fmt: skip
    return attrs.evolve(effect, **changed)  # type: ignore[arg-type]


YES = Consent(at=NOW - days(1))
NO = Consent(at=NOW - hours(1), given=False, explicit=True)


WELCOME = Scenario("welcome", q.touches("form.submitted"), [tag("met")])


def asked(
    *,
    effect: Effect | None = None,
    lead: Lead | None = None,
    address: str | None = ADDRESS,
    suppressed: Suppression | None = None,
    recent: tuple[datetime, ...] = (),
    policy: ContactPolicy | None = None,
    now: datetime = NOW,
    zone: str = "UTC",
    dossier: Dossier | None = None,
) -> Verdict:
    return gate(
        Program(policy=policy or ContactPolicy(), zone=zone, scenarios=[WELCOME], topics=[Topic("news")]),
        Request(
            effect=effect or an_effect(),
            lead=lead or a_lead(YES),
            address=address,
            of_address=Allowance(id="x", suppressions=(suppressed,)) if suppressed else None,
            of_lead=Allowance(id="y", recent=recent),
            dossier=dossier,
        ),
        now,
    )


def test_a_live_consent_lets_a_message_go() -> None:
    assert asked() == Allow()


@pytest.mark.parametrize(
    ("lead", "reason"),
    [
        (a_lead(), "no_consent"),
        (a_lead(YES, NO), "unsubscribed"),
        (a_lead(attrs.evolve(YES, expires_at=NOW)), "consent_expired"),
        (a_lead(attrs.evolve(YES, channel="sms")), "no_consent"),
        (a_lead(attrs.evolve(YES, topic="news")), "no_consent"),
        (a_lead(attrs.evolve(YES, purpose=Purpose.TRANSACTIONAL)), "no_consent"),
    ],
)
def test_marketing_needs_a_live_consent_that_covers_it(lead: Lead, reason: str) -> None:
    assert asked(lead=lead) == Withhold(reason)


def test_at_one_instant_a_refusal_wins() -> None:
    assert asked(lead=a_lead(attrs.evolve(NO, at=YES.at), YES)) == Withhold("unsubscribed")
    explicit = attrs.evolve(YES, explicit=True)
    assert asked(lead=a_lead(attrs.evolve(NO, at=YES.at), explicit)) == Withhold("unsubscribed")


def test_where_only_a_refusal_counts_nobody_need_have_agreed() -> None:
    policy = ContactPolicy(consent="not_refused")
    assert asked(lead=a_lead(), policy=policy) == Allow()
    assert asked(lead=a_lead(NO), policy=policy) == Withhold("unsubscribed")


def test_a_consent_that_came_along_never_beats_an_explicit_refusal_of_the_topic() -> None:
    refused = attrs.evolve(NO, topic="news", at=NOW - days(2))
    effect = an_effect(topic="news")
    assert asked(effect=effect, lead=a_lead(refused, YES)) == Withhold("unsubscribed")
    assert asked(effect=effect, lead=a_lead(refused, attrs.evolve(YES, topic="news", explicit=True))) == Allow()


@pytest.mark.parametrize("purpose", [Purpose.MARKETING, None])
def test_a_suppressed_address_gets_nothing(purpose: Purpose | None) -> None:
    suppressed = Suppression(purpose=purpose, reason="bounced", at=NOW - days(3))
    assert asked(suppressed=suppressed) == Withhold("bounced")


def test_only_a_newer_explicit_consent_lifts_an_unsubscribe() -> None:
    suppressed = Suppression(purpose=Purpose.MARKETING, reason="unsubscribed", at=NOW - days(1))
    newer = attrs.evolve(YES, at=NOW - hours(1))
    assert asked(suppressed=suppressed, lead=a_lead(newer)) == Withhold("unsubscribed")
    assert asked(suppressed=suppressed, lead=a_lead(attrs.evolve(newer, explicit=True))) == Allow()
    older = attrs.evolve(YES, at=NOW - days(2), explicit=True)
    assert asked(suppressed=suppressed, lead=a_lead(older)) == Withhold("unsubscribed")


def test_a_suppression_of_one_sender_stops_that_sender_alone() -> None:
    suppressed = Suppression(purpose=Purpose.MARKETING, reason="unsubscribed", at=NOW, entity="brand")
    brand = a_lead(attrs.evolve(YES, entity="brand"))
    assert asked(suppressed=suppressed) == Allow()
    assert asked(suppressed=suppressed, effect=an_effect(entity="brand"), lead=brand) == Withhold("unsubscribed")
    everybody = attrs.evolve(suppressed, entity=None)
    assert asked(suppressed=everybody) == Withhold("unsubscribed")


def test_a_consent_lifts_the_suppression_of_its_own_sender_alone() -> None:
    suppressed = Suppression(purpose=Purpose.MARKETING, reason="unsubscribed", at=NOW - days(2), entity=None)
    own = attrs.evolve(YES, explicit=True)
    brand = attrs.evolve(own, entity="brand")
    assert asked(suppressed=suppressed, lead=a_lead(own)) == Allow()
    assert asked(suppressed=suppressed, lead=a_lead(YES, brand)) == Withhold("unsubscribed")
    of_brand = an_effect(entity="brand")
    assert asked(effect=of_brand, suppressed=suppressed, lead=a_lead(brand)) == Allow()
    along = attrs.evolve(brand, explicit=False)
    assert asked(effect=of_brand, suppressed=suppressed, lead=a_lead(own, along)) == Withhold("unsubscribed")


def test_profiling_is_no_reason_for_a_message() -> None:
    assert asked(effect=an_effect(purpose=Purpose.PROFILING)) == Withhold("profiling_purpose")


def test_a_refusal_of_transactional_messages_holds_too() -> None:
    effect = an_effect(purpose=Purpose.TRANSACTIONAL, topic="invoices")
    refused = attrs.evolve(NO, purpose=Purpose.TRANSACTIONAL, topic="invoices")
    assert asked(effect=effect, lead=a_lead(refused)) == Withhold("unsubscribed")
    assert asked(effect=attrs.evolve(effect, topic="orders"), lead=a_lead(refused)) == Allow()


HELD = ContactPolicy(
    quiet=Window(time(0), time(23)),
    holds=[Hold("dispute", q.lead.title == "部長"), Hold("sale", q.lead.title == "課長", ["transactional"])],
)


def held(title: str, effect: Effect | None = None, *, now: datetime = NOW, policy: ContactPolicy = HELD) -> Verdict:
    lead = attrs.evolve(a_lead(YES), title=title)
    return asked(effect=effect, lead=lead, policy=policy, dossier=Dossier(subject=lead), now=now)


AT_NIGHT = datetime(2026, 4, 1, 23, 15, tzinfo=UTC)


def test_a_hold_makes_a_message_wait_for_what_lies_behind_it_too() -> None:
    assert held("部長", now=AT_NIGHT - minutes(15)) == Defer(datetime(2026, 4, 2, 23, tzinfo=UTC), "quiet_hours")
    assert held("部長", now=AT_NIGHT, policy=attrs.evolve(HELD, quiet=None)) == Defer(
        AT_NIGHT + RECHECK, "hold_dispute"
    )
    assert held("") == Defer(NOW.replace(hour=23), "quiet_hours")


def test_a_hold_is_for_the_purposes_that_it_names() -> None:
    transactional = an_effect(purpose=Purpose.TRANSACTIONAL)
    assert held("部長", transactional) == Allow()
    assert held("課長", transactional) == Defer(NOW + RECHECK, "hold_sale")
    assert held("課長") == Defer(NOW.replace(hour=23), "quiet_hours")


@pytest.mark.parametrize(
    ("scenario", "topic", "is_held"),
    [("welcome", "", True), ("other", "news", True), ("other", "", False), ("", "seminars", False)],
)
def test_a_hold_may_be_for_some_scenarios_and_topics_only(scenario: str, topic: str, is_held: bool) -> None:
    scoped = ContactPolicy(holds=Hold("talks", q.lead.title == "部長", scenarios="welcome", topics="news"))
    effect = attrs.evolve(an_effect(topic=topic), scenario=scenario)
    assert held("部長", effect, policy=scoped) == (Defer(NOW + RECHECK, "hold_talks") if is_held else Allow())
    assert held("", effect, policy=scoped) == Allow()


def test_what_is_held_is_looked_at_once_more_at_its_last_instant_and_then_withheld() -> None:
    effect = an_effect(expires_at=NOW + timedelta(minutes=10), reason="hold_dispute")
    assert held("部長", effect, policy=attrs.evolve(HELD, quiet=None)) == Defer(
        NOW + timedelta(minutes=10), "hold_dispute"
    )
    later = NOW + timedelta(minutes=10, microseconds=1)
    assert asked(effect=effect, policy=HELD, now=later) == Withhold("too_late_hold_dispute")


def test_a_refusal_comes_before_a_hold() -> None:
    lead = attrs.evolve(a_lead(NO), title="部長")
    assert asked(lead=lead, policy=HELD, dossier=Dossier(subject=lead)) == Withhold("unsubscribed")


def test_no_consent_lifts_a_bounce() -> None:
    suppressed = Suppression(purpose=None, reason="bounced", at=NOW - days(1))
    explicit = attrs.evolve(YES, at=NOW, explicit=True)
    assert asked(suppressed=suppressed, lead=a_lead(explicit)) == Withhold("bounced")


def test_transactional_mail_needs_no_consent_and_no_quiet_hours_but_a_good_address() -> None:
    effect = an_effect(purpose=Purpose.TRANSACTIONAL)
    policy = ContactPolicy(quiet=Window(time(0), time(23)), caps=Cap(1, days(1)))
    assert asked(effect=effect, lead=a_lead(NO), policy=policy, recent=(NOW,)) == Allow()
    dead = Suppression(purpose=None, reason="complained", at=NOW)
    assert asked(effect=effect, suppressed=dead) == Withhold("complained")
    marketing_only = Suppression(purpose=Purpose.MARKETING, reason="unsubscribed", at=NOW)
    assert asked(effect=effect, suppressed=marketing_only) == Allow()


def test_without_an_address_nothing_goes() -> None:
    assert asked(address=None) == Withhold("no_address")
    notice = an_effect(kind=EffectKind.NOTICE, purpose=Purpose.INTERNAL)
    assert asked(effect=notice, address=None) == Withhold("no_owner")
    assert asked(effect=notice, lead=a_lead(NO)) == Allow()


def test_an_action_asks_for_no_address() -> None:
    assert asked(effect=an_effect(kind=EffectKind.ACTION), address=None) == Allow()


def test_what_is_too_late_is_withheld_from_the_instant_after_its_last_on() -> None:
    effect = an_effect(expires_at=NOW)
    assert asked(effect=effect) == Allow()
    assert asked(effect=effect, now=NOW + timedelta(microseconds=1)) == Withhold("too_late")


QUIET = ContactPolicy(quiet=Window(time(22), time(6)))


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("UTC", datetime(2026, 4, 1, 21, 59, tzinfo=UTC), Allow()),
        ("UTC", datetime(2026, 4, 1, 22, 0, tzinfo=UTC), Defer(datetime(2026, 4, 2, 6, tzinfo=UTC), "quiet_hours")),
        ("UTC", datetime(2026, 4, 2, 5, 59, tzinfo=UTC), Defer(datetime(2026, 4, 2, 6, tzinfo=UTC), "quiet_hours")),
        ("UTC", datetime(2026, 4, 2, 6, 0, tzinfo=UTC), Allow()),
        ("Asia/Tokyo", datetime(2026, 4, 1, 12, 0, tzinfo=UTC), Allow()),
        ("Asia/Tokyo", datetime(2026, 4, 1, 14, tzinfo=UTC), Defer(NOW.replace(hour=21), "quiet_hours")),
    ],
)  # fmt: skip
def test_quiet_hours_span_midnight_in_the_leads_zone(zone: str, now: datetime, expected: Verdict) -> None:
    lead = a_lead(YES, zone=zone)
    assert asked(lead=lead, policy=QUIET, now=now, zone="America/New_York") == expected


def test_quiet_hours_are_the_programs_where_the_lead_has_no_zone() -> None:
    night_in_tokyo = datetime(2026, 4, 1, 14, tzinfo=UTC)
    assert isinstance(asked(policy=QUIET, now=night_in_tokyo, zone="Asia/Tokyo"), Defer)
    assert asked(policy=QUIET, now=night_in_tokyo, zone="UTC") == Allow()


CAPPED = ContactPolicy(caps=Cap(2, days(7)))


def test_a_cap_defers_until_the_oldest_that_counts_leaves_the_span() -> None:
    recent = (NOW - days(8), NOW - days(6), NOW - days(2))
    assert asked(policy=CAPPED, recent=recent) == Defer(NOW + days(1), "frequency_cap")
    assert asked(policy=CAPPED, recent=recent[:2]) == Allow()


def test_the_span_of_a_cap_is_open_at_its_far_end() -> None:
    assert asked(policy=CAPPED, recent=(NOW - days(7), NOW)) == Allow()


def test_a_deferral_past_the_last_instant_is_withheld() -> None:
    effect = an_effect(expires_at=NOW + hours(1))
    assert asked(policy=CAPPED, recent=(NOW, NOW), effect=effect) == Withhold("too_late_frequency_cap")


def test_refusals_come_before_deferrals() -> None:
    assert asked(policy=CAPPED, recent=(NOW, NOW), lead=a_lead(NO)) == Withhold("unsubscribed")


def test_a_basis_may_be_any_of_the_laws() -> None:
    assert all(asked(lead=a_lead(attrs.evolve(YES, basis=basis))) == Allow() for basis in Basis)
