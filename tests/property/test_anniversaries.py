"""Anniversaries and ages against oracles that walk from day to day and count birthdays by hand."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.calendar import completed_years, day_of_age, is_anniversary, next_turn

DAY = timedelta(days=1)
walks = settings(deadline=None)  # the oracles walk, and a busy machine walks slowly
LEAP_DAYS = [date(year, 2, 29) for year in (1896, 1904, 1996, 2000, 2020)]
births = st.dates(date(1890, 1, 1), date(2030, 12, 31)) | st.sampled_from(LEAP_DAYS)
presents = st.dates(date(1885, 1, 1), date(2040, 12, 31))
reaches = st.integers(0, 366) | st.integers(0, 10)


def is_kept_on(born: date, day: date) -> bool:
    """The oracle: whether an anniversary is kept on a day."""
    if day.year <= born.year:
        return False
    if (born.month, born.day) == (2, 29):
        return day.month == 2 and (day + DAY).month == 3
    return (day.month, day.day) == (born.month, born.day)


def is_near(born: date, today: date, before: int, after: int) -> bool:
    return any(is_kept_on(born, today + n * DAY) for n in range(-after, before + 1))


@walks
@given(births, presents, reaches, reaches)
def test_days_near_an_anniversary_are_those_that_walking_finds(
    born: date, today: date, before: int, after: int
) -> None:
    assert is_anniversary(born, today, before, after) is is_near(born, today, before, after)


@walks
@given(births, presents, reaches, reaches | st.none())
def test_the_next_turn_is_the_first_day_with_another_answer(
    born: date, today: date, before: int, after: int | None
) -> None:
    after = max(0, 364 - before) if after is None else after  # where only leap years leave a day out
    now = is_anniversary(born, today, before, after)
    turn = next_turn(born, today, before, after)
    horizon = 3_300 if turn is None else min((turn - today).days, 3_300)  # nine years: past any turn but "never again"
    for n in range(1, horizon):
        assert is_anniversary(born, today + n * DAY, before, after) is now, n
    if turn is not None:
        assert turn > today
        assert is_anniversary(born, turn, before, after) is not now


@walks
@given(births, presents)
def test_the_age_counts_the_anniversaries_that_came(born: date, today: date) -> None:
    age = completed_years(born, today)
    if today < born:
        assert age is None
    else:
        assert age == sum(is_kept_on(born, born + n * DAY) for n in range((today - born).days + 1))


@walks
@given(st.dates() | births, st.integers(-3, 10_000))
def test_the_day_of_an_age_is_its_first(born: date, years: int) -> None:
    first = day_of_age(born, years)
    if first is None:
        assert (completed_years(born, date.max) or 0) < years
    else:
        assert (completed_years(born, first) or 0) >= max(years, 0)
        assert first == born or (completed_years(born, first - DAY) or 0) < years
