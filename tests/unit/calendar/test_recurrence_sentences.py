"""What recurrences read like, in both languages."""

from datetime import datetime

import pytest

from nurture.calendar import Recurrence, describe_recurrence
from nurture.errors import UnknownNameError


def recurrence(rule: str, roll: str | None = None) -> Recurrence:
    return Recurrence(rule, start=datetime.fromisoformat("2026-04-01T10:00"), zone="Asia/Tokyo", roll=roll)


@pytest.mark.parametrize(
    ("rule", "english", "japanese"),
    [
        ("FREQ=DAILY", "every day", "毎日"),
        ("FREQ=DAILY;INTERVAL=3", "every 3 days", "3日ごと"),
        ("FREQ=WEEKLY", "every week on Wednesday", "毎週水曜日"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR",
            "every 2 weeks on Monday, Wednesday and Friday",
            "2週間ごとの月曜日・水曜日・金曜日",
        ),
        ("FREQ=MONTHLY", "every month on the 1st", "毎月1日"),
        ("FREQ=MONTHLY;BYMONTHDAY=20,-1", "every month on the last day and the 20th", "毎月末日・20日"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", "every month on the third last day", "毎月月末から3日目"),
        ("FREQ=MONTHLY;BYDAY=2TU", "every month on the second Tuesday", "毎月第2火曜日"),
        (
            "FREQ=MONTHLY;BYDAY=-1FR,-2FR",
            "every month on the second last Friday and the last Friday",
            "毎月最後から2番目の金曜日・最終金曜日",
        ),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
            "every month on Monday and Tuesday, of these the last one",
            "毎月月曜日・火曜日のうち最後",
        ),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1,2,-2",
            "every month on Monday and Tuesday, of these the second last one, the first one and the second one",
            "毎月月曜日・火曜日のうち最後から2番目・最初・2番目",
        ),
        ("FREQ=YEARLY", "every year in April on the 1st", "毎年4月の1日"),
        (
            "FREQ=YEARLY;BYMONTH=4,10;BYDAY=1MO",
            "every year in April and October on the first Monday",
            "毎年4月・10月の第1月曜日",
        ),
        ("FREQ=YEARLY;BYDAY=20MO", "every year on the 20th Monday", "毎年第20月曜日"),
        (
            "FREQ=YEARLY;BYWEEKNO=20,-1;BYDAY=MO",
            "every year in week 1 from the end and week 20 of the year on Monday",
            "毎年年末から数えて第1週・第20週の月曜日",
        ),
        (
            "FREQ=YEARLY;BYYEARDAY=100,-1",
            "every year on day 1 from the end of the year and day 100 of the year",
            "毎年年末から数えて1日目・年の100日目",
        ),
    ],
)
def test_rules_read_well(rule: str, english: str, japanese: str) -> None:
    assert describe_recurrence(recurrence(rule)) == f"{english} at 10:00 (Asia/Tokyo), from 2026-04-01 on"
    assert describe_recurrence(recurrence(rule), "ja") == f"{japanese}の10:00（Asia/Tokyo）、2026-04-01から"


@pytest.mark.parametrize(
    ("rule", "roll", "english", "japanese"),
    [
        (
            "FREQ=MONTHLY;BYMONTHDAY=20",
            "back",
            "every month on the 20th (if closed, the business day before) at 10:00 (Asia/Tokyo), from 2026-04-01 on",
            "毎月20日（休業日なら前営業日）の10:00（Asia/Tokyo）、2026-04-01から",
        ),
        (
            "FREQ=DAILY;COUNT=12",
            "forward",
            "every day (if closed, the business day after) at 10:00 (Asia/Tokyo), from 2026-04-01 on, 12 times",
            "毎日（休業日なら翌営業日）の10:00（Asia/Tokyo）、2026-04-01から、12回",
        ),
        (
            "FREQ=DAILY;UNTIL=20261231",
            None,
            "every day at 10:00 (Asia/Tokyo), from 2026-04-01 on, until 2026-12-31",
            "毎日の10:00（Asia/Tokyo）、2026-04-01から、2026-12-31まで",
        ),
        (
            "FREQ=DAILY;UNTIL=20261231T170000Z",
            None,
            "every day at 10:00 (Asia/Tokyo), from 2026-04-01 on, until 2026-12-31 17:00 UTC",
            "毎日の10:00（Asia/Tokyo）、2026-04-01から、2026-12-31 17:00 UTCまで",
        ),
    ],
)
def test_ends_and_closed_days_are_told(rule: str, roll: str | None, english: str, japanese: str) -> None:
    assert describe_recurrence(recurrence(rule, roll)) == english
    assert describe_recurrence(recurrence(rule, roll), "ja") == japanese


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown language 'jp'"):
        describe_recurrence(recurrence("FREQ=DAILY"), "jp")
