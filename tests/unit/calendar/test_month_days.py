"""Days of a month by number and by weekday."""

from datetime import date

import pytest

from nurture.calendar.month_days import day_in_month, month_after, weekday_in_month


@pytest.mark.parametrize(
    ("year", "month", "number", "expected"),
    [
        (2026, 2, 1, date(2026, 2, 1)),
        (2026, 2, 29, date(2026, 2, 28)),
        (2028, 2, 31, date(2028, 2, 29)),
        (2026, 4, 31, date(2026, 4, 30)),
        (9999, 12, 31, date(9999, 12, 31)),
    ],
)
def test_a_number_that_a_month_does_not_have_is_its_last_day(
    year: int, month: int, number: int, expected: date
) -> None:
    assert day_in_month(year, month, number) == expected


def test_weekdays_are_counted_from_either_end() -> None:
    for month in range(1, 13):
        for weekday in range(7):
            found = [day_in_month(2026, month, n) for n in range(1, 32)]
            such = sorted({day for day in found if day.weekday() == weekday})
            assert [weekday_in_month(2026, month, weekday, nth) for nth in (1, 2, 3, 4)] == such[:4]
            assert weekday_in_month(2026, month, weekday, -1) == such[-1]


def test_months_follow_one_another() -> None:
    assert (month_after(2026, 11), month_after(2026, 12)) == ((2026, 12), (2027, 1))
    with pytest.raises(OverflowError):
        month_after(9999, 12)
