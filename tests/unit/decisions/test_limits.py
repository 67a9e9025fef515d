"""Limits that several leads share: whom they concern, where they are kept, and when a slot is free."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from nurture import Cap, ContactPolicy, Effect, Lead, Message, Program, Purpose, Rate, Scenario, WarmUp, days, hours, q
from nurture.calendar import zone
from nurture.decisions.limits import Limit, Meter, domain_of, limits_of, meter_of
from nurture.model import AccountId, Allowance, EffectId, EffectKind, EnrollmentId, LeadId, SubjectId
from nurture.steps import send

NOW = datetime(2026, 4, 1, 3, tzinfo=UTC)
UTC_ZONE = zone("UTC")
LEAD = Lead(
    id=LeadId(SubjectId("lead_1")), email="A@Mail.Example", created_at=NOW, account=AccountId(SubjectId("acct_1"))
)
EFFECT = Effect(
    id=EffectId("eff_1"), subject=SubjectId("lead_1"), enrollment=EnrollmentId("enr_1"), scenario="drip", step="0",
    kind=EffectKind.MESSAGE, name="m", channel="email", purpose=Purpose.MARKETING, planned_at=NOW, due_at=NOW,
)  # fmt: skip


def limit_of(rule: Cap | Rate | WarmUp) -> Limit:
    messages = [Message("m", "marketing", "s", text="x"), Message("b", "marketing", "s", text="x", entity="brand")]
    names = {Cap: "caps", Rate: "rates", WarmUp: "warm_ups"}
    program = Program(
        messages=[*messages, Message("l", "marketing", "s", channel="line", text="x")],
        scenarios=[Scenario("drip", q.touches("form.submitted"), [send("m")])],
        policy=ContactPolicy(**{names[type(rule)]: rule}),  # type: ignore[arg-type]
    )
    (found,) = limits_of(program)
    assert limits_of(program)[0] is found
    return found


def meter(limit: Limit, *recent: datetime) -> Meter:
    known: list[Allowance | None] = [None] * limit.slices
    if recent:
        known[0] = Allowance(id="x", recent=recent)
    return meter_of(limit, limit.keys("t", ""), known, UTC_ZONE)


@pytest.mark.parametrize(
    ("rule", "bucket"),
    [
        (Cap(2, days(1), scope="account"), "acct_1"),
        (Cap(2, days(1), scope="domain"), "mail.example"),
        (Cap(2, days(1), scope="channel"), "email"),
        (Cap(2, days(1), scope="scenario"), "drip"),
        (Cap(2, days(1), scope="all"), ""),
        (Cap(2, days(1), scope="all", channel="line"), None),
        (Cap(2, days(1), scope="all", scenario="drip"), ""),
        (Cap(2, days(1), scope="all", purposes="transactional"), None),
        (Rate(2, days(1)), "email"),
        (Rate(2, days(1), channel="line"), None),
        (Rate(2, days(1), domain="MAIL.example"), "mail.example"),
        (Rate(2, days(1), domain="gmail.com"), None),
        (Rate(2, days(1), domain="*"), "mail.example"),
        (Rate(2, days(1), entity=""), "email"),
        (Rate(2, days(1), entity="brand"), None),
        (WarmUp(date(2026, 4, 1), [2]), "email"),
    ],
)  # fmt: skip
def test_whom_a_limit_concerns(rule: Cap | Rate | WarmUp, bucket: str | None) -> None:
    assert limit_of(rule).bucket(EFFECT, LEAD, LEAD.email) == bucket


def test_who_has_no_company_and_no_mail_domain_is_counted_with_nobody() -> None:
    assert (
        limit_of(Cap(2, days(1), scope="account")).bucket(EFFECT, attrs.evolve(LEAD, account=None), LEAD.email) is None
    )
    assert limit_of(Cap(2, days(1), scope="domain")).bucket(EFFECT, LEAD, "U1234") is None
    notice = attrs.evolve(EFFECT, kind=EffectKind.NOTICE)
    assert limit_of(Cap(2, days(1), scope="all")).bucket(notice, LEAD, LEAD.email) is None


def test_a_domain_is_folded() -> None:
    assert domain_of("email", "Taro@GMAIL.com") == "gmail.com"
    assert domain_of("email", None) == ""


@pytest.mark.parametrize(("count", "slices"), [(1, 1), (63, 1), (64, 2), (100, 3), (256, 8), (100_000, 8)])
def test_a_large_limit_is_shared_out_without_loss(count: int, slices: int) -> None:
    limit = limit_of(Cap(count, days(1), scope="all"))
    assert limit.slices == slices == len(limit.keys("t", ""))
    assert sum(limit.share(place, NOW, UTC_ZONE) or 0 for place in range(slices)) == count
    assert limit_of(Cap(count, days(1), scope="account")).slices == 1


def test_the_names_of_a_limits_allowances_say_nothing_and_differ() -> None:
    one, other = limit_of(Rate(99, hours(1), domain="*")), limit_of(Rate(99, hours(2), domain="*"))
    keys = {*one.keys("t", "mail.example"), *one.keys("u", "mail.example"), *one.keys("t", "b"), *other.keys("t", "b")}
    assert len(keys) == 4 * one.slices
    assert not any("mail" in key for key in keys)
    assert all(key.startswith("limit_") for key in keys)


def test_raising_a_count_forgets_nothing() -> None:
    assert limit_of(Cap(20, days(1), scope="all")).keys("t", "") == limit_of(Cap(30, days(1), scope="all")).keys(
        "t", ""
    )


def test_a_slot_is_free_as_soon_as_any_slice_has_one() -> None:
    full = meter(limit_of(Cap(64, days(1), scope="all")), *[NOW - hours(5)] * 32)
    assert full.next_free(NOW) == NOW
    assert full.place_at(NOW, prefers=0) == 1
    assert full.place_at(NOW, prefers=1) == 1
    for _ in range(32):
        full = full.spent(1, NOW)
    assert full.place_at(NOW, prefers=0) is None
    assert full.next_free(NOW) == NOW + hours(19)


def test_who_waits_behind_others_waits_for_a_later_slot_a_day_ahead_at_most() -> None:
    full = meter(limit_of(Cap(3, days(1), scope="all")), NOW - hours(5), NOW - hours(4), NOW - hours(3))
    found = [full.next_free(NOW, ahead) for ahead in range(5)]
    assert found == [NOW + hours(hour) for hour in (19, 20, 21, 43, 43)]


def test_who_waits_behind_many_waits_for_a_slot_of_a_later_span() -> None:
    full = meter(limit_of(Cap(2, hours(3), scope="all")), NOW - hours(2), NOW - hours(1))
    found = [full.next_free(NOW, ahead) for ahead in (0, 1, 2, 3, 4, 15, 16, 17, 1000)]
    assert found == [NOW + hours(hour) for hour in (1, 2, 4, 5, 7, 23, 25, 25, 25)]
    assert meter(full.limit, NOW - hours(5)).next_free(NOW, 9) == NOW
    by_day = meter(limit_of(Cap(1, "day", scope="all")), NOW)
    assert by_day.next_free(NOW, 3) == NOW + hours(21)


def test_a_warm_up_has_its_own_count_each_day() -> None:
    limit = limit_of(WarmUp(date(2026, 4, 1), [1, 2, 70]))
    assert [limit.share(0, NOW + days(day), UTC_ZONE) for day in (-1, 0, 1, 2, 3)] == [None, 1, 1, 35, None]
    assert [limit.share(1, NOW + days(day), UTC_ZONE) for day in (-1, 0, 1, 2, 3)] == [None, 0, 1, 35, None]
    full = meter(limit, NOW)
    assert full.next_free(NOW) == NOW + hours(21)
    assert full.place_at(NOW + days(1), prefers=0) == 0
    assert meter(limit, *[NOW + days(5)] * 99).next_free(NOW + days(5)) == NOW + days(5)


def test_a_claim_that_is_made_again_counts_once_but_an_attempt_stays_one() -> None:
    capped = meter(limit_of(Cap(1, days(1), scope="all")), NOW)
    assert capped.without(NOW).next_free(NOW + hours(1)) == NOW + hours(1)
    assert capped.without(NOW - hours(1)) is capped
    assert capped.without(None) is capped
    rated = meter(limit_of(Rate(1, days(1))), NOW)
    assert rated.without(NOW) is rated


def test_a_slice_of_many_slots_stays_short() -> None:
    limit = limit_of(Cap(80_000, days(1), scope="all"))
    spent = meter(limit)
    for minute in range(0, 24 * 60, 3):
        spent = spent.spent(0, NOW + timedelta(minutes=minute))
    assert len(spent.slices[0]) <= 66
    assert sum(number for _, number in spent.slices[0]) == 480
