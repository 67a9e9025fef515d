"""Public holidays come from a library, as dates; the company's own days lie over them."""

from __future__ import annotations

import sys
from datetime import date, timedelta

import pytest

from nurture.calendar import BusinessCalendar, public_holidays
from nurture.errors import DefinitionError, UnknownNameError

YEAR_END = {date(2026, 12, 29) + timedelta(days=n) for n in range(6)}
"""29 December to 3 January."""


def test_they_are_dates_with_their_names() -> None:
    found = public_holidays("JP", [2026])
    assert found[date(2026, 1, 1)] == "元日"
    assert found[date(2026, 5, 6)] == "振替休日"
    assert public_holidays("JP", [2026], language="en_US")[date(2026, 1, 1)] == "New Year's Day"
    assert {day.year for day in found} == {2026}
    assert list(found) == sorted(found)


def test_only_the_years_that_were_asked_for() -> None:
    assert {day.year for day in public_holidays("JP", (2026, 2028))} == {2026, 2028}


@pytest.mark.parametrize(
    ("start", "days", "closed", "expected"),
    [
        (date(2026, 12, 24), 3, YEAR_END, date(2027, 1, 4)),
        (date(2026, 12, 24), 3, set[date](), date(2026, 12, 29)),
        (date(2026, 9, 18), 1, set[date](), date(2026, 9, 24)),  # three holidays in a row, one of them in between two
        (date(2026, 8, 12), 1, {date(2026, 8, 13) + timedelta(days=n) for n in range(4)}, date(2026, 8, 17)),
        (date(2026, 5, 1), 1, set[date](), date(2026, 5, 7)),
    ],
)
def test_business_days_in_japan(start: date, days: int, closed: set[date], expected: date) -> None:
    holidays = public_holidays("JP", range(2026, 2028))
    assert BusinessCalendar("office", closed={*holidays, *closed}).add_days(start, days) == expected


def test_a_holiday_that_a_company_works_on() -> None:
    holidays = public_holidays("JP", [2026])
    shop = BusinessCalendar("shop", weekend={2}, closed=holidays.keys() - {date(2026, 5, 5)})
    assert shop.is_open(date(2026, 5, 5))
    assert not shop.is_open(date(2026, 5, 4))


def test_parts_of_a_country_have_their_own() -> None:
    bavaria = public_holidays("DE", [2026], subdivision="BY")
    assert date(2026, 1, 6) in bavaria
    assert date(2026, 1, 6) not in public_holidays("DE", [2026])


@pytest.mark.parametrize(
    ("country", "subdivision", "said"),
    [
        ("JPN", None, "unknown country 'JPN'; did you mean"),
        ("XX", None, "unknown country"),
        ("DE", "BAY", "unknown subdivision"),
    ],
)
def test_what_the_library_does_not_know(country: str, subdivision: str | None, said: str) -> None:
    with pytest.raises(UnknownNameError, match=said):
        public_holidays(country, [2026], subdivision=subdivision)


@pytest.mark.parametrize("years", [[], [1], [2026, 9999]])
def test_years_that_it_does_not_reach(years: list[int]) -> None:
    with pytest.raises(DefinitionError, match=r"^years: expected years from \d+ to \d+$"):
        public_holidays("JP", years)


def test_the_extra_is_named_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(ImportError, match=r'pip install "nurture-crm\[holidays\]"'):
        public_holidays("JP", [2026])
