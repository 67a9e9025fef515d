"""Rules that make a message wait: each by itself; together they are tried in `tests/property/test_slots.py`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import attrs
import pytest

from nurture import (
    Basis,
    Cap,
    Consent,
    ContactPolicy,
    Dossier,
    Effect,
    Holdout,
    Lead,
    Program,
    Purpose,
    Spacing,
    Window,
    civil,
    days,
    hours,
    q,
)
from nurture.calendar import BusinessCalendar
from nurture.decisions import Allow, Defer, Request, Verdict, Withhold, counted_for_lead, gate, is_counted
from nurture.decisions.pacing import Plain, first_slot
from nurture.model import (
    Allowance,
    EffectId,
    EffectKind,
    EffectState,
    EnrollmentId,
    LeadId,
    Origin,
    SubjectId,
    Touchpoint,
    fact_id,
)
from nurture.program import Scenario
from nurture.steps import exit_

NOW = datetime(2026, 4, 1, 3, tzinfo=UTC)  # a Wednesday, 12:00 in Tokyo
SUBJECT = SubjectId("lead_1")
LEAD = Lead(id=LeadId(SUBJECT), email="a@example.com", created_at=NOW, consents=(Consent(at=NOW, basis=Basis.CONSENT),))


def an_effect(**changed: object) -> Effect:
    effect = Effect(
        id=EffectId("eff_1"), subject=SUBJECT, enrollment=EnrollmentId("enr_1"), scenario="s", step="0",
        kind=EffectKind.MESSAGE, name="m", channel="email", purpose=Purpose.MARKETING, planned_at=NOW, due_at=NOW,
        expires_at=NOW + days(99),
    )  # fmt: skip
    return attrs.evolve(effect, **changed)  # type: ignore[arg-type]


def asked(
    policy: ContactPolicy,
    *recent: datetime,
    labels: tuple[str, ...] = (),
    effect: Effect | None = None,
    facts: tuple[Touchpoint, ...] = (),
    rivals: tuple[Effect, ...] = (),
    now: datetime = NOW,
    calendar: BusinessCalendar | None = None,
) -> Verdict:
    program = Program(
        policy=policy,
        scenarios=[Scenario("s", None, [exit_()]), Scenario("sale", None, [exit_()], priority=1)],
        zone="Asia/Tokyo",
        calendar=calendar or BusinessCalendar("office"),
    )
    return gate(
        program,
        Request(
            effect=effect or an_effect(),
            lead=LEAD,
            address=LEAD.email,
            of_address=None,
            of_lead=Allowance(id="y", recent=recent, labels=labels),
            dossier=Dossier(subject=LEAD, facts=facts),
            rivals=rivals,
        ),
        now,
    )


def clicked(at: datetime) -> Touchpoint:
    return Touchpoint(
        id=fact_id("t", SUBJECT, "1"), subject=SUBJECT, kind="email.clicked", at=at, received_at=at, origin=Origin.LEAD
    )


def test_a_cap_of_a_calendar_week_ends_on_sunday_in_the_leads_zone() -> None:
    policy = ContactPolicy(caps=Cap(2, "week"))
    monday = datetime(2026, 3, 29, 15, tzinfo=UTC)  # 00:00 in Tokyo
    assert asked(policy, monday, NOW) == Defer(monday + days(7), "frequency_cap")
    assert asked(policy, monday - hours(1), NOW) == Allow()


def test_a_cap_counts_what_it_names() -> None:
    policy = ContactPolicy(
        caps=[Cap(1, days(14), scenario="sale"), Cap(1, days(1), purposes=["marketing", "transactional"])]
    )
    two = (NOW - days(3), NOW - days(2))
    labels = ("marketing\temail\tsale", "transactional\temail\tbills")
    assert asked(policy, *two, labels=labels) == Allow()
    assert asked(policy, *two, labels=labels, effect=an_effect(scenario="sale")) == Defer(
        NOW + days(11), "frequency_cap"
    )
    assert asked(policy, NOW - hours(1), labels=("transactional\temail\tx",)) == Defer(NOW + hours(23), "frequency_cap")
    bill = an_effect(purpose=Purpose.TRANSACTIONAL, scenario="sale")
    assert asked(policy, *two, labels=labels, effect=bill) == Allow()
    assert asked(policy, NOW - hours(1), labels=("marketing\temail\tx",), effect=bill) == Defer(
        NOW + hours(23), "frequency_cap"
    )


def test_spacing_is_counted_from_the_last_message() -> None:
    policy = ContactPolicy(spacing=days(3))
    assert asked(policy) == Allow()
    assert asked(policy, NOW - days(9), NOW - days(1)) == Defer(NOW + days(2), "spacing")
    assert asked(policy, NOW - days(3)) == Allow()
    bill = an_effect(purpose=Purpose.TRANSACTIONAL)
    assert asked(policy, NOW - days(1), effect=bill) == Allow()


def test_spacing_in_business_days_follows_the_programs_calendar() -> None:
    policy = ContactPolicy(spacing=civil(business_days=1))
    friday = datetime(2026, 4, 3, 1, tzinfo=UTC)
    assert asked(policy, friday, now=friday + hours(1)) == Defer(friday + days(3), "spacing")
    closed = BusinessCalendar("office", closed=[date(2026, 4, 6)])
    assert asked(policy, friday, now=friday + hours(1), calendar=closed) == Defer(friday + days(4), "spacing")


SILENT = ContactPolicy(
    spacing=Spacing(
        days(30),
        [
            (q.touches("email.clicked").within(days=120).never(), days(90)),
            (q.touches("email.clicked").within(days=60).never(), days(60)),
        ],
    )
)


@pytest.mark.parametrize(("silent_for", "wait"), [(1, 30), (40, 60), (70, 90), (130, 90)])
def test_spacing_grows_with_silence_also_while_a_message_waits(silent_for: int, wait: int) -> None:
    last = NOW - days(1)
    verdict = asked(SILENT, last, facts=(clicked(NOW - days(silent_for)),))
    assert verdict == Defer(last + days(wait), "spacing")


def test_spacing_ends_early_where_the_longer_time_stops_to_hold() -> None:
    policy = ContactPolicy(spacing=Spacing(hours(1), [(q.touches("email.clicked").within(hours=5), days(9))]))
    assert asked(policy, NOW - hours(2), facts=(clicked(NOW - hours(1)),)) == Defer(NOW + hours(4), "spacing")


def test_hours_and_open_days() -> None:
    policy = ContactPolicy(only=[Window(time(9), time(12)), Window(time(13), time(18))], open_days_only=True)
    assert asked(policy) == Defer(NOW + hours(1), "outside_hours")
    assert asked(policy, now=NOW + hours(1)) == Allow()
    friday_evening = datetime(2026, 4, 3, 10, tzinfo=UTC)
    assert asked(policy, now=friday_evening) == Defer(datetime(2026, 4, 6, 0, tzinfo=UTC), "outside_hours")
    saturday_at_ten = datetime(2026, 4, 4, 1, tzinfo=UTC)
    days_only = ContactPolicy(open_days_only=True)
    assert asked(days_only, now=saturday_at_ten) == Defer(datetime(2026, 4, 5, 15, tzinfo=UTC), "closed_day")
    assert asked(policy, effect=an_effect(purpose=Purpose.TRANSACTIONAL)) == Allow()


def test_the_rule_that_binds_last_is_named() -> None:
    policy = ContactPolicy(caps=Cap(1, hours(10)), quiet=Window(time(20), time(8)), spacing=hours(4))
    assert asked(policy, NOW) == Defer(datetime(2026, 4, 1, 23, tzinfo=UTC), "quiet_hours")
    assert asked(policy, NOW - hours(9)) == Defer(NOW + hours(1), "frequency_cap")
    assert asked(policy, NOW, effect=an_effect(expires_at=NOW + hours(1))) == Withhold("too_late_frequency_cap")
    assert asked(policy, NOW, effect=an_effect(expires_at=NOW + hours(12))) == Withhold("too_late_quiet_hours")


def test_rules_that_never_agree_end_in_a_look_later_on() -> None:
    never = [Plain("a", lambda at: at + hours(1)), Plain("b", lambda at: at + hours(1))]
    assert first_slot(never, NOW, NOW + days(1)).at == NOW + hours(25)
    assert NOW + days(1) < first_slot(never, NOW, None).at < NOW + days(99)


def test_a_holdout_withholds_marketing_and_nothing_else() -> None:
    policy = ContactPolicy(holdout=Holdout(0.999_999_999))
    assert asked(policy) == Withhold("holdout")
    assert asked(policy, effect=an_effect(purpose=Purpose.TRANSACTIONAL)) == Allow()
    assert asked(ContactPolicy(holdout=Holdout(0.000_000_001))) == Allow()


ONE = ContactPolicy(caps=Cap(1, days(2)))


def rival(**changed: object) -> Effect:
    return an_effect(id=EffectId("eff_2"), scenario="sale", priority=1, **changed)


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        (rival(due_at=NOW), Defer(NOW + timedelta(minutes=1), "priority")),
        (rival(due_at=NOW + hours(30)), Defer(NOW + hours(30), "priority")),
        (rival(due_at=NOW + days(2)), Allow()),
        (rival(due_at=NOW, state=EffectState.CLAIMED), Allow()),
        (rival(due_at=NOW, purpose=Purpose.TRANSACTIONAL), Allow()),
        (attrs.evolve(rival(due_at=NOW), priority=0), Allow()),
    ],
)  # fmt: skip
def test_the_last_slot_is_left_to_the_more_important(other: Effect, verdict: Verdict) -> None:
    assert asked(ONE, rivals=(other,)) == verdict


def test_where_there_is_room_for_both_nobody_yields() -> None:
    assert asked(ContactPolicy(caps=Cap(2, days(2))), rivals=(rival(due_at=NOW),)) == Allow()
    assert asked(ContactPolicy(caps=Cap(2, days(2))), NOW - days(1), rivals=(rival(due_at=NOW),)) != Allow()
    assert asked(ContactPolicy(caps=Cap(1, days(2), scenario="s")), rivals=(rival(due_at=NOW),)) == Allow()
    assert asked(ContactPolicy(spacing=days(2)), rivals=(rival(due_at=NOW + days(1)),)) == Defer(
        NOW + days(1), "priority"
    )


def test_who_yields_past_its_last_instant_is_withheld() -> None:
    mine = an_effect(expires_at=NOW + hours(5))
    assert asked(ONE, effect=mine, rivals=(rival(due_at=NOW + hours(6)),)) == Withhold("too_late_priority")


def test_what_is_counted_with_the_lead() -> None:
    assert not is_counted(Program(), an_effect())
    capped = Program(policy=ContactPolicy(caps=Cap(1, days(1))))
    assert is_counted(capped, an_effect())
    assert not is_counted(capped, an_effect(purpose=Purpose.TRANSACTIONAL))
    assert not is_counted(capped, an_effect(kind=EffectKind.NOTICE, purpose=Purpose.INTERNAL))
    assert is_counted(Program(policy=ContactPolicy(spacing=days(1))), an_effect())
    assert not is_counted(Program(policy=ContactPolicy(caps=Cap(1, days(1), scope="all"))), an_effect())
    assert counted_for_lead(capped, Allowance(id="y", version=0), an_effect(), NOW).labels == ()
    by_channel = Program(policy=ContactPolicy(caps=Cap(1, days(1), channel="email")))
    assert counted_for_lead(by_channel, Allowance(id="y"), an_effect(), NOW).labels == ("marketing\temail\ts",)
    spaced = Program(policy=ContactPolicy(spacing=days(1)))
    old = Allowance(id="y", recent=(NOW - days(99), NOW - days(98)))
    assert counted_for_lead(spaced, old, an_effect(), NOW).recent == (NOW - days(98), NOW)
