"""Anniversaries and ages at their edges: 29 February, the turn of the year, the ends of the calendar."""

from datetime import UTC, date, datetime

import pytest

from nurture.calendar import anniversary_in, completed_years, day_of_age, is_anniversary, next_turn
from nurture.errors import DefinitionError

LEAP = date(2000, 2, 29)
NEW_YEAR = date(1990, 1, 2)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("year", "expected"), [(2026, "2026-02-28"), (2028, "2028-02-29"), (2100, "2100-02-28"), (2400, "2400-02-29")]
)
def test_the_29th_of_february_is_kept_on_the_28th_in_common_years(year: int, expected: str) -> None:
    assert anniversary_in(LEAP, year) == day(expected)
    assert anniversary_in(date(2000, 3, 1), year) == date(year, 3, 1)
    assert anniversary_in(date(2001, 2, 28), year) == date(year, 2, 28)


@pytest.mark.parametrize(
    ("born", "today", "before", "after", "expected"),
    [
        (LEAP, "2026-02-28", 0, 0, True),
        (LEAP, "2026-03-01", 0, 0, False),
        (LEAP, "2028-02-28", 0, 0, False),
        (LEAP, "2028-02-29", 0, 0, True),
        (LEAP, "2000-02-29", 0, 0, False),  # the day itself is no anniversary
        (LEAP, "1999-02-28", 0, 0, False),
        (LEAP, "2001-02-28", 0, 0, True),
        (NEW_YEAR, "2026-12-30", 3, 0, True),
        (NEW_YEAR, "2026-12-29", 3, 0, False),
        (date(1990, 12, 30), "2027-01-02", 0, 3, True),
        (date(1990, 12, 30), "2027-01-03", 0, 3, False),
        (NEW_YEAR, "1990-12-30", 3, 0, True),  # before the first anniversary
        (NEW_YEAR, "1990-01-03", 3, 3, False),
        (date(2000, 6, 1), "2026-05-31", 0, 364, True),
        (date(2000, 6, 1), "2028-05-31", 0, 364, False),  # 366 days lie between the two anniversaries
        (date(2026, 1, 1), "2025-12-31", 366, 0, True),  # 366 days before the first anniversary, and before birth
        (date(2026, 1, 1), "2025-12-30", 366, 0, False),
        (date(9999, 6, 1), "9999-06-01", 366, 366, False),
    ],
)
def test_near_an_anniversary(born: date, today: str, before: int, after: int, expected: bool) -> None:
    assert is_anniversary(born, day(today), before, after) is expected


@pytest.mark.parametrize(
    ("born", "today", "before", "after", "expected"),
    [
        (NEW_YEAR, "2026-01-03", 0, 0, "2027-01-02"),
        (NEW_YEAR, "2026-01-02", 0, 0, "2026-01-03"),
        (NEW_YEAR, "2026-01-01", 0, 0, "2026-01-02"),
        (NEW_YEAR, "2026-12-29", 3, 1, "2026-12-30"),
        (NEW_YEAR, "2026-12-30", 3, 1, "2027-01-04"),
        (NEW_YEAR, "1980-05-05", 3, 1, "1990-12-30"),  # long before birth
        (LEAP, "2027-02-27", 0, 0, "2027-02-28"),
        (LEAP, "2027-02-28", 0, 0, "2027-03-01"),
        (date(2000, 6, 1), "2025-06-01", 0, 364, "2028-05-31"),  # across years whose days touch
        (date(1890, 6, 1), "1896-06-01", 0, 364, "1904-05-31"),  # 1900 was no leap year
        (date(1890, 6, 1), "1896-06-03", 364, 0, "1903-06-02"),
        (date(2000, 6, 1), "2026-06-01", 0, 365, None),  # every day is near
        (date(2000, 6, 1), "2000-05-30", 366, 0, "2000-05-31"),
        (date(2000, 6, 1), "2000-06-01", 366, 0, "9999-06-02"),
        (date(2000, 6, 1), "9999-06-01", 366, 0, "9999-06-02"),
        (date(2000, 6, 1), "9999-06-02", 366, 0, None),
        (date(2000, 6, 1), "9999-06-02", 0, 0, None),
        (date(9999, 6, 1), "9999-05-01", 9, 9, None),
        (date(9999, 6, 1), "9999-05-01", 366, 9, None),
        (date(2000, 6, 1), "9999-06-05", 366, 9, "9999-06-11"),  # near days after the last anniversary of all
        (date(2000, 12, 31), "9999-12-31", 0, 0, None),
    ],
)
def test_the_answer_turns_on_that_day(born: date, today: str, before: int, after: int, expected: str | None) -> None:
    assert next_turn(born, day(today), before, after) == (None if expected is None else day(expected))


@pytest.mark.parametrize(
    ("born", "today", "years"),
    [
        (LEAP, "2026-02-27", 25),
        (LEAP, "2026-02-28", 26),
        (LEAP, "2028-02-28", 27),
        (LEAP, "2028-02-29", 28),
        (LEAP, "2000-02-29", 0),
        (LEAP, "2000-02-28", None),
        (NEW_YEAR, "2026-01-01", 35),
        (NEW_YEAR, "2026-01-02", 36),
    ],
)
def test_years_are_completed_on_the_anniversary(born: date, today: str, years: int | None) -> None:
    assert completed_years(born, day(today)) == years


@pytest.mark.parametrize(
    ("born", "years", "expected"),
    [
        (LEAP, 18, "2018-02-28"),
        (LEAP, 20, "2020-02-29"),
        (LEAP, 0, "2000-02-29"),
        (LEAP, -5, "2000-02-29"),
        (LEAP, 7999, "9999-02-28"),
        (LEAP, 8000, None),
        (LEAP, 10**30, None),
    ],
)
def test_the_first_day_of_an_age(born: date, years: int, expected: str | None) -> None:
    assert day_of_age(born, years) == (None if expected is None else day(expected))


@pytest.mark.parametrize("ask", [is_anniversary, next_turn])
def test_days_around_are_bounded(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(DefinitionError) as caught:
        ask(LEAP, NEW_YEAR, -1, 367)
    assert caught.value.problems == (
        "anniversary.before: expected 0 to 366 days",
        "anniversary.after: expected 0 to 366 days",
    )


def test_a_datetime_is_no_day() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    for call in (
        lambda: is_anniversary(LEAP, noon),
        lambda: next_turn(noon, LEAP),
        lambda: completed_years(LEAP, noon),
        lambda: day_of_age(noon, 3),
    ):
        with pytest.raises(TypeError, match="found a datetime"):
            call()
