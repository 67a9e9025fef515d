"""The gate's slots against a judge that looks at one instant after the other: never too early, never too late.

Everything happens on a grid of ten steps, and every rule turns on it, so nothing lies between what the judge sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nurture import (
    Cap,
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
from nurture.calendar import BusinessCalendar, PeriodUnit, add, day_of, zone
from nurture.decisions import Allow, Defer, Request, gate, limits_of, meter_of
from nurture.decisions.counting import period_of
from nurture.model import Allowance, EffectId, EffectKind, EnrollmentId, LeadId, Origin, SubjectId, Touchpoint, fact_id
from nurture.program import Hold, Rate, WarmUp

STEP = timedelta(minutes=10)
START = datetime(2026, 3, 27, tzinfo=UTC)  # before a change of the clocks in Berlin
SUBJECT = SubjectId("lead_1")
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=8)
OFFICE = BusinessCalendar("office", closed=[date(2026, 3, 30)])
HORIZON = 9 * 24 * 6
ZONES = ("Asia/Tokyo", "Europe/Berlin", "UTC")

relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=120)

_moments = st.integers(0, 3 * 24 * 6) | st.sampled_from([0, 24 * 6, 48 * 6, 54 * 6, 67 * 6, 69 * 6, 70 * 6])
_times = st.integers(0, 23).map(lambda hour: time(hour, 30))


def _window(pair: tuple[time, time]) -> Window:
    return Window(*pair)


_windows = st.tuples(_times, _times).filter(lambda pair: pair[0] != pair[1]).map(_window)
_spans = st.sampled_from([hours(5), days(1), days(2), "day", "week"])
_caps = st.builds(
    Cap,
    count=st.integers(1, 3),
    per=_spans,
    scope=st.sampled_from(["lead", "lead", "account", "all"]),
)
CLICKS = q.touches("email.clicked")
_spacings = st.sampled_from(
    [
        None,
        Spacing(hours(7)),
        Spacing(civil(business_days=1)),
        Spacing(hours(30), [(CLICKS.within(hours=20), days(4)), (CLICKS.within(days=3).never(), days(3))]),
    ]
)
_policies = st.builds(
    ContactPolicy,
    caps=st.lists(_caps, max_size=3, unique_by=lambda cap: (cap.scope, cap.per)),
    spacing=_spacings,
    rates=st.sampled_from([[], [Rate(1, hours(3))], [Rate(2, days(1), domain="*")]]),
    warm_ups=st.sampled_from([[], [WarmUp(date(2026, 3, 27), [1, 1, 2, 3])]]),
    quiet=st.none() | _windows,
    only=st.lists(_windows, max_size=2),
    open_days_only=st.booleans(),
    holds=st.sampled_from([[], [Hold("clicked", CLICKS.within(hours=1))]]),
    max_lateness=st.just(days(30)),
)


def may_go(
    program: Program, request: Request, sent: Sequence[datetime], clicks: Sequence[datetime], at: datetime
) -> bool:
    """The rules in their plainest words."""
    policy, where, own = program.policy, zone(program.zone), zone(request.lead.zone or program.zone)  # type: ignore[union-attr]
    local = at.astimezone(own)
    if policy.quiet is not None and policy.quiet.contains(at, own):
        return False
    if policy.only and not any(one.contains(at, own) for one in policy.only):
        return False
    if policy.open_days_only and not OFFICE.is_open(day_of(at, own)):
        return False
    if policy.holds and any(click > at - hours(1) for click in clicks):
        return False
    for cap in policy.caps:
        if _used(sent, cap.per, at, own if cap.scope == "lead" else where) >= cap.count:
            return False
    for rate in policy.rates:
        if _used(sent, rate.per, at, where) >= rate.count:
            return False
    for warm_up in policy.warm_ups:
        most = warm_up.on(day_of(at, where))
        if most is not None and sum(day_of(one, where) == day_of(at, where) for one in sent) >= most:
            return False
    if policy.spacing is not None and sent:
        recent = [click for click in clicks if click > at - hours(20)]
        silent = not any(click > at - days(3) for click in clicks)
        least = policy.spacing.least
        if policy.spacing.grows:
            least = days(4) if recent else days(3) if silent else least
        end = sent[-1] + least if isinstance(least, timedelta) else add(least, sent[-1], own, OFFICE)
        if at < end:
            return False
    assert local is not None
    return True


def _used(sent: Sequence[datetime], per: timedelta | PeriodUnit, at: datetime, where: object) -> int:
    if isinstance(per, timedelta):
        return sum(at - per < one <= at for one in sent)
    begins, ends = period_of(per).bounds(at, where, OFFICE)  # type: ignore[arg-type]
    return sum(begins <= one < ends for one in sent)


def asked(program: Program, sent: Sequence[datetime], clicks: Sequence[datetime], now: datetime, own: str) -> Request:
    lead = Lead(id=LeadId(SUBJECT), email="a@example.com", created_at=START, zone=own, account="acct_1")  # type: ignore[arg-type]
    effect = Effect(
        id=EffectId("eff_1"), subject=SUBJECT, enrollment=EnrollmentId("enr_1"), scenario="s", step="0",
        kind=EffectKind.MESSAGE, name="m", channel="email", purpose=Purpose.MARKETING, planned_at=now, due_at=now,
    )  # fmt: skip
    allowance = Allowance(id="x", recent=tuple(sent))
    facts = [
        Touchpoint(
            id=fact_id("t", SUBJECT, str(number)), subject=SUBJECT, kind="email.clicked", at=at, received_at=at,
            origin=Origin.LEAD,
        )
        for number, at in enumerate(clicks)
    ]  # fmt: skip
    meters = []
    for limit in limits_of(program):
        bucket = limit.bucket(effect, lead, "a@example.com")
        assert bucket is not None
        meters.append(meter_of(limit, limit.keys("t", bucket), [allowance], zone(program.zone)))
    return Request(
        effect=effect, lead=lead, address="a@example.com", of_address=None, of_lead=allowance,
        dossier=Dossier(subject=lead, facts=tuple(facts)), meters=meters,
    )  # fmt: skip


@relaxed
@given(
    _policies,
    st.lists(_moments, max_size=4),
    st.lists(_moments, max_size=3),
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
)
def test_a_deferral_ends_at_the_first_instant_at_which_all_rules_allow_it(
    policy: ContactPolicy, sent_at: list[int], clicked_at: list[int], theirs: str, own: str
) -> None:
    program = Program(policy=attrs.evolve(policy, consent="not_refused"), zone=theirs, calendar=OFFICE)
    now = START + days(3)
    sent = [START + number * STEP for number in sorted(sent_at)]
    clicks = [START + number * STEP for number in sorted(clicked_at)]
    request = asked(program, sent, clicks, now, own)
    verdict = gate(program, request, now)
    found = now if isinstance(verdict, Allow) else verdict.until if isinstance(verdict, Defer) else None
    assert found is not None
    step = next((n for n in range(HORIZON) if may_go(program, request, sent, clicks, now + n * STEP)), None)
    if step is None:
        assert found > now + (HORIZON - 1) * STEP
    else:
        assert found == now + step * STEP


@settings(parent=relaxed, max_examples=30)  # of two thousand leads each
@given(st.floats(0.05, 0.95), NAMES)
def test_a_holdout_is_as_large_as_it_says_and_stays(share: float, name: str) -> None:
    program = Program(policy=ContactPolicy(consent="not_refused", holdout=Holdout(share, name)))
    request = asked(program, [], [], START, "UTC")
    verdicts = [
        gate(program, attrs.evolve(request, effect=attrs.evolve(request.effect, subject=SubjectId(f"lead_{n}"))), START)
        for n in range(2_000)
    ]
    assert abs(sum(not isinstance(one, Allow) for one in verdicts) / 2_000 - share) < 0.06
