"""What periods read like, in both languages."""

from datetime import date

import pytest

from nurture.calendar import (
    Period,
    PeriodUnit,
    describe_period,
    last_business_days,
    last_days,
    last_fiscal_year,
    last_quarter,
    last_week,
    last_year,
    next_business_days,
    next_days,
    next_month,
    on_day,
    this_fiscal_year,
    this_month,
    this_quarter,
    this_week,
    today,
    tomorrow,
    yesterday,
)
from nurture.errors import UnknownNameError


@pytest.mark.parametrize(
    ("period", "english", "japanese"),
    [
        (today(), "today", "今日"),
        (yesterday(), "yesterday", "昨日"),
        (tomorrow(), "tomorrow", "明日"),
        (Period(unit=PeriodUnit.DAY, offset=-3), "the day 3 days ago", "3日前の日"),
        (Period(unit=PeriodUnit.MONTH, offset=2), "the month 2 months from now", "2か月後の月"),
        (this_week("sunday"), "this week (weeks begin on Sunday)", "今週（日曜始まり）"),
        (last_week(), "last week (weeks begin on Monday)", "先週（月曜始まり）"),
        (this_month(), "this month", "今月"),
        (next_month(), "next month", "来月"),
        (this_quarter(), "this quarter", "今四半期"),
        (last_quarter(2), "last quarter (years begin in February)", "前四半期（2月始まり）"),
        (last_year(), "last year", "昨年"),
        (this_fiscal_year(), "this fiscal year (years begin in April)", "今年度（4月始まり）"),
        (last_fiscal_year(10), "last fiscal year (years begin in October)", "昨年度（10月始まり）"),
        (
            Period(unit=PeriodUnit.YEAR, offset=-2, starts=4),
            "the fiscal year 2 years ago (years begin in April)",
            "2年前の年度（4月始まり）",
        ),
        (last_days(7), "the last 7 days", "直近7日間"),
        (last_days(1), "the last 1 day", "直近1日間"),
        (next_days(7), "the next 7 days", "今後7日間"),
        (last_business_days(1), "the last 1 business day", "直近1営業日"),
        (next_business_days(5), "the next 5 business days", "今後5営業日"),
        (on_day(date(2026, 12, 24)), "24 December 2026", "2026年12月24日"),
        (today(zone="account"), "today in the account's time zone", "今日（会社の現地時間）"),
        (today(zone="lead"), "today in the lead's time zone", "今日（リードの現地時間）"),
        (
            last_week(zone="Asia/Tokyo"),
            "last week (weeks begin on Monday) in Asia/Tokyo",
            "先週（月曜始まり）（Asia/Tokyo）",
        ),
    ],
)
def test_periods_read_well(period: Period, english: str, japanese: str) -> None:
    assert (describe_period(period), describe_period(period, "ja")) == (english, japanese)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_unit_and_distance_has_words_of_its_own(lang: str) -> None:
    said = [
        describe_period(Period(unit=unit, offset=offset, starts=starts), lang)
        for unit, starts in [
            (PeriodUnit.DAY, None),
            (PeriodUnit.WEEK, 0),
            (PeriodUnit.MONTH, None),
            (PeriodUnit.QUARTER, 1),
            (PeriodUnit.YEAR, 1),
            (PeriodUnit.YEAR, 4),
        ]
        for offset in range(-3, 4)
    ]
    assert len(set(said)) == len(said) == 42


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown language 'jp'"):
        describe_period(today(), "jp")
