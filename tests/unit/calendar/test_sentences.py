"""What durations read like, in both languages."""

from datetime import timedelta

import pytest

from nurture.calendar import Duration, civil, days, describe, describe_length, hours, minutes
from nurture.errors import UnknownNameError


@pytest.mark.parametrize(
    ("duration", "english", "japanese"),
    [
        (days(3), "3 days", "3日後"),
        (days(1), "1 day", "1日後"),
        (hours(36), "1 day 12 hours", "1日12時間後"),
        (minutes(1.5), "1 minute 30 seconds", "1分30秒後"),
        (timedelta(milliseconds=250), "0.25 seconds", "0.25秒後"),
        (timedelta(0), "at once", "すぐに"),
        (-days(2), "2 days earlier", "2日前"),
        (civil(business_days=1, at="10:00"), "the next business day at 10:00", "翌営業日10:00"),
        (civil(business_days=3, at="10:00"), "3 business days later at 10:00", "3営業日後の10:00"),
        (civil(business_days=-1, at="10:00"), "the business day before at 10:00", "前営業日10:00"),
        (civil(business_days=-3), "3 business days earlier at the same time of day", "3営業日前の同時刻"),
        (civil(days=1, at="10:00"), "the next day at 10:00", "翌日10:00"),
        (civil(days=-1, at="10:00"), "the day before at 10:00", "前日10:00"),
        (civil(days=3), "3 days later at the same time of day", "3日後の同時刻"),
        (civil(years=1, months=2, at="09:00"), "1 year 2 months later at 09:00", "1年2か月後の09:00"),
        (civil(weeks=2), "2 weeks later at the same time of day", "2週間後の同時刻"),
        (civil(at="10:00"), "the next time it is 10:00", "次の10:00"),
        (civil(weekday=0, at="10:00"), "the first Monday from then on at 10:00", "当日以降最初の月曜日の10:00"),
        (
            civil(months=1, business_days=0, at="10:00"),
            "1 month later, then the first business day from then on at 10:00",
            "1か月後の当日以降最初の営業日の10:00",
        ),
        (
            civil(months=1, business_days=1, at="10:00"),
            "1 month later, then the next business day at 10:00",
            "1か月後の翌営業日10:00",
        ),
        (civil(business_hours=4), "4 business hours later", "4営業時間後"),
        (civil(business_hours=-1), "1 business hour earlier", "1営業時間前"),
        (civil(business_hours=1.5), "1 hour 30 minutes of business time later", "営業時間で1時間30分後"),
        (
            civil(business_hours=timedelta(minutes=-20, milliseconds=-250)),
            "20 minutes 0.25 seconds of business time earlier",
            "営業時間で20分0.25秒前",
        ),
        (civil(business_hours=0), "as soon as it is business hours", "営業時間になり次第"),
        (
            civil(day_of_month=20, roll="back", at="17:00"),
            "the earliest 20th of a month from then on (if closed, the business day before) at 17:00",
            "当日以降最初の20日（休業日なら前営業日）の17:00",
        ),
        (
            civil(months=1, day_of_month=31, roll="forward", at="10:00"),
            "1 month later, then the last day of that month (if closed, the business day after) at 10:00",
            "1か月後の月の末日（休業日なら翌営業日）の10:00",
        ),
        (
            civil(day_of_month=30, at="10:00"),
            "the earliest 30th (or else last day) of a month from then on at 10:00",
            "当日以降最初の30日（ない月は末日）の10:00",
        ),
        (
            civil(weekday=1, nth=2, at="10:00"),
            "the earliest second Tuesday of a month from then on at 10:00",
            "当日以降最初の第2火曜日の10:00",
        ),
        (
            civil(months=1, weekday=4, nth=-1, at="10:00"),
            "1 month later, then the last Friday of that month at 10:00",
            "1か月後の月の最終金曜日の10:00",
        ),
        (
            civil(days=1, roll="forward", at="10:00"),
            "the next day (if closed, the business day after) at 10:00",
            "翌日（休業日なら翌営業日）の10:00",
        ),
        (
            civil(day_of_month=31, business_days=-3, at="10:00"),
            "the earliest last day of a month from then on, then 3 business days earlier at 10:00",
            "当日以降最初の末日の3営業日前の10:00",
        ),
    ],
)
def test_durations_read_well(duration: Duration, english: str, japanese: str) -> None:
    assert (describe(duration), describe(duration, "ja")) == (english, japanese)


def test_a_length_is_not_a_moment() -> None:
    assert (describe_length(days(21)), describe_length(days(21), "ja")) == ("21 days", "21日")
    assert (describe_length(timedelta(0)), describe_length(timedelta(0), "ja")) == ("0 seconds", "0秒")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown language 'jp'"):
        describe(days(1), "jp")


@pytest.mark.parametrize(
    ("number", "end"),
    [(1, "st"), (2, "nd"), (3, "rd"), (4, "th"), (11, "th"), (12, "th"), (13, "th"), (21, "st"), (22, "nd")],
)
def test_english_ordinals(number: int, end: str) -> None:
    expected = f"the earliest {number}{end} of a month from then on at 10:00"
    assert describe(civil(day_of_month=number, at="10:00")) == expected
