"""Counts: which instants a span sees, what is kept, and what is taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from nurture import Effect, Purpose, days, hours, minutes
from nurture.calendar import PeriodUnit, zone
from nurture.decisions.counting import (
    counted,
    entries_of,
    free_from,
    grain_of,
    label_of,
    labelled,
    longest,
    releases,
    uncounted,
    with_entries,
    with_more,
    with_one_less,
)
from nurture.model import Allowance, EffectId, EffectKind, EnrollmentId, SubjectId

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
UTC_ZONE = zone("UTC")
MARKETING = (Purpose.MARKETING,)


def ones(*ago: timedelta) -> list[tuple[datetime, int]]:
    return [(NOW - one, 1) for one in ago]


@pytest.mark.parametrize(
    ("entries", "count", "free"),
    [
        ([], 1, NOW),
        (ones(hours(24)), 1, NOW),
        (ones(hours(23)), 1, NOW + hours(1)),
        (ones(hours(23), hours(2)), 2, NOW + hours(1)),
        (ones(hours(23), hours(2)), 1, NOW + hours(22)),
        ([(NOW - hours(5), 7)], 7, NOW + hours(19)),
        ([(NOW - hours(5), 3), (NOW - hours(1), 3)], 7, NOW),
    ],
)
def test_a_sliding_span_is_free_when_enough_has_left_it(
    entries: list[tuple[datetime, int]], count: int, free: datetime
) -> None:
    assert free_from(entries, count, days(1), NOW, UTC_ZONE) == free


def test_a_period_of_the_calendar_is_free_when_the_next_one_begins() -> None:
    tokyo = zone("Asia/Tokyo")
    entries = ones(hours(8))  # 13:00 on that Wednesday in Tokyo, where it is 21:00 now
    assert free_from(entries, 1, PeriodUnit.DAY, NOW, tokyo) == NOW + hours(3)
    assert free_from(entries, 2, PeriodUnit.DAY, NOW, tokyo) == NOW
    assert free_from(entries, 1, PeriodUnit.WEEK, NOW, tokyo) == datetime(2026, 4, 5, 15, tzinfo=UTC)
    yesterday = ones(hours(22))
    assert free_from(yesterday, 1, PeriodUnit.DAY, NOW, tokyo) == NOW


def test_slots_become_free_one_after_the_other() -> None:
    entries = [(NOW - hours(5), 2), (NOW - hours(3), 2)]
    assert releases(entries, 4, days(1)) == [(NOW + hours(19), 2), (NOW + hours(21), 2)]
    assert releases(entries, 3, days(1)) == [(NOW + hours(19), 1), (NOW + hours(21), 2)]
    assert releases(entries, 9, days(1)) == [(NOW + hours(19), 2), (NOW + hours(21), 2)]


def test_a_count_keeps_what_a_rule_can_see_and_the_last_message() -> None:
    allowance = Allowance(id="x", version=4, recent=(NOW - days(9), NOW - days(8), NOW - days(1)))
    assert counted(allowance, NOW, days(7)) == Allowance(id="x", version=5, recent=(NOW - days(1), NOW))
    assert counted(allowance, NOW, hours(1)).recent == (NOW,)
    assert counted(allowance, NOW, hours(1), newest=1).recent == (NOW - days(1), NOW)
    assert counted(allowance, NOW, hours(1), newest=2).recent == (NOW - days(8), NOW - days(1), NOW)


def test_only_marketing_counts_as_the_last_message() -> None:
    allowance = Allowance(
        id="x", recent=(NOW - days(9), NOW - days(1)), labels=("marketing\temail\ta", "transactional\temail\tb")
    )
    after = counted(allowance, NOW, hours(1), label="marketing\temail\tc", newest=1)
    assert after.recent == (NOW - days(9), NOW)
    assert after.labels == ("marketing\temail\ta", "marketing\temail\tc")


def test_labels_tell_what_was_counted() -> None:
    allowance = Allowance(id="x", recent=(NOW - hours(3), NOW - hours(2)))
    after = counted(allowance, NOW, days(1), label="transactional\tline\tbills")
    assert after.labels == ("", "", "transactional\tline\tbills")
    assert [at for at, _ in labelled(after, MARKETING, "", "")] == [NOW - hours(3), NOW - hours(2)]
    assert labelled(after, MARKETING, "email", "") == []
    assert labelled(after, Purpose, "line", "bills") == [(NOW, 1)]
    assert labelled(allowance, MARKETING, "", "") == [(NOW - hours(3), 1), (NOW - hours(2), 1)]
    assert not labelled(allowance, MARKETING, "email", "")
    assert not labelled(allowance, (Purpose.TRANSACTIONAL,), "", "")
    assert not labelled(None, MARKETING, "", "")


def test_a_label_says_purpose_channel_and_scenario() -> None:
    effect = Effect(
        id=EffectId("eff_1"), subject=SubjectId("lead_1"), enrollment=EnrollmentId("enr_1"), scenario="a\tb", step="0",
        kind=EffectKind.MESSAGE, name="m", channel="line", purpose=Purpose.MARKETING, planned_at=NOW, due_at=NOW,
    )  # fmt: skip
    allowance = counted(Allowance(id="x"), NOW, days(1), label=label_of(effect))
    assert labelled(allowance, MARKETING, "line", "a\tb") == [(NOW, 1)]


def test_what_was_not_sent_is_taken_back_once() -> None:
    allowance = Allowance(id="x", version=2, recent=(NOW - hours(1), NOW), labels=("a", "b"))
    assert uncounted(allowance, NOW) == Allowance(id="x", version=3, recent=(NOW - hours(1),), labels=("a",))
    assert uncounted(allowance, NOW + hours(1)) == attrs.evolve(allowance, version=3)
    assert uncounted(Allowance(id="x", recent=(NOW, NOW)), NOW).recent == (NOW,)


def test_instants_that_lie_close_together_are_kept_as_the_last_of_them() -> None:
    grain = minutes(10)
    entries = with_more([], NOW + minutes(1), 1, days(1), grain)
    entries = with_more(entries, NOW + minutes(4), 2, days(1), grain)
    entries = with_more(entries, NOW + minutes(10), 1, days(1), grain)
    assert entries == [(NOW + minutes(4), 3), (NOW + minutes(10), 1)]
    assert with_one_less(entries, NOW + minutes(1), grain) == [(NOW + minutes(4), 2), (NOW + minutes(10), 1)]
    assert with_one_less(entries, NOW + minutes(10), grain) == [(NOW + minutes(4), 3)]
    assert with_one_less(entries, NOW + minutes(5), grain) is None


def test_without_a_grain_only_equal_instants_are_one() -> None:
    entries = with_more(with_more([], NOW, 1, days(1), None), NOW, 1, days(1), None)
    assert entries == [(NOW, 2)]
    assert with_more(entries, NOW + minutes(1), 1, days(1), None) == [(NOW, 2), (NOW + minutes(1), 1)]
    assert with_one_less(entries, NOW - minutes(1), None) is None
    assert with_more(entries, NOW + days(1), 1, days(1), None) == [(NOW + days(1), 1)]


def test_an_instant_before_the_last_one_never_makes_it_earlier() -> None:
    assert with_more([(NOW, 1)], NOW - minutes(1), 1, days(1), None) == [(NOW, 2)]


def test_entries_are_kept_short_where_each_stands_for_one() -> None:
    allowance = Allowance(id="x", version=7)
    assert with_entries(allowance, [(NOW, 1)], 8) == Allowance(id="x", version=8, recent=(NOW,))
    many = with_entries(allowance, [(NOW, 1), (NOW + hours(1), 3)], 8)
    assert many.counts == (1, 3)
    assert list(entries_of(many)) == [(NOW, 1), (NOW + hours(1), 3)]
    assert list(entries_of(None)) == []


def test_what_is_much_to_count_is_kept_in_grains() -> None:
    assert grain_of(days(1), 64) is None
    assert grain_of(days(1), 65) == days(1) / 64
    assert longest(hours(3)) == hours(3)
    assert longest(PeriodUnit.MONTH) >= days(31)
