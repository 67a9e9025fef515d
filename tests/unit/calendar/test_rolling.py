"""Where closed days go, and which day comes first after they went."""

from datetime import date, timedelta

import pytest

from nurture.calendar import MONDAY_TO_FRIDAY, Roll
from nurture.calendar.rolling import first_rolled, first_to_ask, roll_named, rolled
from nurture.errors import UnknownNameError

FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2026, 6, 19) + timedelta(days=n) for n in range(4))


@pytest.mark.parametrize(
    ("day", "roll", "expected"),
    [
        (SATURDAY, None, SATURDAY),
        (SATURDAY, Roll.FORWARD, MONDAY),
        (SATURDAY, Roll.BACK, FRIDAY),
        (FRIDAY, Roll.FORWARD, FRIDAY),
        (MONDAY, Roll.BACK, MONDAY),
    ],
)
def test_a_closed_day_is_moved_and_an_open_one_stays(day: date, roll: Roll | None, expected: date) -> None:
    assert rolled(day, roll, MONDAY_TO_FRIDAY) == expected


@pytest.mark.parametrize(
    ("day", "roll", "expected"),
    [
        (MONDAY, Roll.FORWARD, SATURDAY),
        (SUNDAY, Roll.FORWARD, SATURDAY),
        (SATURDAY, Roll.FORWARD, SATURDAY),
        (MONDAY, Roll.BACK, MONDAY),
        (MONDAY, None, MONDAY),
    ],
)
def test_closed_days_before_may_lead_to_a_day(day: date, roll: Roll | None, expected: date) -> None:
    assert first_to_ask(day, roll, MONDAY_TO_FRIDAY) == expected


def test_nothing_lies_before_the_first_day() -> None:
    closed = MONDAY_TO_FRIDAY.with_closures([date.min])
    assert first_to_ask(date.min + timedelta(days=1), Roll.FORWARD, closed) == date.min
    with pytest.raises(OverflowError):
        rolled(date.min, Roll.BACK, closed)


@pytest.mark.parametrize("roll", [None, *Roll])
def test_the_first_rolled_day_is_the_first_of_them_all(roll: Roll | None) -> None:
    calendar = MONDAY_TO_FRIDAY.with_closures([date(2026, 6, n) for n in (8, 9, 10, 17)])
    meant = [date(2026, 6, n) for n in (2, 7, 9, 13, 17, 20, 28)]

    def on_or_after(day: date) -> date:
        return next(one for one in meant if one >= day)

    for n in range(1, 27):
        day = date(2026, 6, n)
        expected = min(one for one in (rolled(each, roll, calendar) for each in meant) if one >= day)
        assert first_rolled(day, roll, calendar, on_or_after) == expected


def test_ways_to_roll_have_names() -> None:
    assert (roll_named("back", "x"), roll_named(None, "x"), roll_named(Roll.FORWARD, "x")) == (
        Roll.BACK,
        None,
        Roll.FORWARD,
    )
    with pytest.raises(UnknownNameError, match=r"^x: unknown way to roll 'forwards'; did you mean 'forward'"):
        roll_named("forwards", "x")
