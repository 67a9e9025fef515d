"""The two types of duration: what they accept, and that they never mix."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest

from nurture.calendar import Civil, Roll, civil, days, hours, minutes, weeks
from nurture.errors import DefinitionError


def test_elapsed_durations_are_timedeltas() -> None:
    assert (minutes(90), hours(36), days(1.5), weeks(2)) == (
        timedelta(minutes=90),
        timedelta(hours=36),
        timedelta(hours=36),
        timedelta(days=14),
    )


def test_a_clock_may_be_text_or_a_time() -> None:
    assert civil(days=1, at="10:00") == civil(days=1, at=time(10)) == Civil(days=1, at=time(10))
    assert civil(at="23:59:59").at == time(23, 59, 59)


@pytest.mark.parametrize(
    "text", ["", "10", "9:00", "24:00", "10:60", "10:00+09:00", "10:00Z", "T10:00", "１０:００", "10:00\n"]
)
def test_a_text_that_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(DefinitionError, match=r"civil\.at"):
        civil(at=text)


@pytest.mark.parametrize(
    "mix",
    [
        lambda step: step + timedelta(days=1),
        lambda step: timedelta(days=1) + step,
        lambda step: step - timedelta(days=1),
        lambda step: timedelta(days=1) - step,
        lambda step: step + step,
        lambda step: datetime(2026, 1, 1, tzinfo=UTC) + step,
        lambda step: datetime(2026, 1, 1, tzinfo=UTC) - step,
    ],
)
def test_elapsed_and_civil_never_mix(mix: Callable[[Civil], object]) -> None:
    with pytest.raises(TypeError, match=r"civil\(\.\.\.\)"):
        mix(civil(days=1))


def test_a_civil_duration_equals_no_elapsed_one() -> None:
    assert civil(days=1) != days(1)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: civil(), "civil: expected at least one of"),
        (lambda: civil(days=0), "civil: expected at least one of"),
        (lambda: civil(months=1, days=-1), "one sign"),
        (lambda: civil(months=1, business_days=-1), "one sign"),
        (lambda: civil(weekday=7), "civil.weekday"),
        (lambda: civil(weekday=-1), "civil.weekday"),
        (lambda: civil(years=101), "civil.years"),
        (lambda: civil(business_days=-100_000), "civil.business_days"),
        (lambda: civil(days=1.5), "civil.days: expected a whole number, found float"),
        (lambda: civil(days=True), "civil.days: expected a whole number, found bool"),
        (lambda: civil(at=time(10, tzinfo=UTC)), "civil.at"),
        (lambda: civil(at=time(10, fold=1)), "civil.at"),
        (lambda: civil(business_hours=1001), "civil.business_hours: expected at most 1000 hours either way"),
        (lambda: civil(business_hours=float("nan")), "civil.business_hours: expected at most 1000 hours"),
        (lambda: civil(business_hours=True), "civil.business_hours: expected a number of hours, found bool"),
        (lambda: civil(business_hours="4"), "civil.business_hours: expected a number of hours, found str"),
        (lambda: civil(business_hours=timedelta(hours=-1001)), "civil.business_hours: expected at most 1000 hours"),
        (lambda: Civil(business_hours=4), "civil.business_hours: expected a timedelta, found int"),
        (lambda: civil(business_hours=4, at="10:00", days=1), "expected no other part beside it, found days, at"),
        (lambda: civil(business_hours=0, business_days=0), "expected no other part beside it, found business_days"),
        (lambda: civil(day_of_month=0), "civil.day_of_month: expected 1 to 31"),
        (lambda: civil(day_of_month=32), "civil.day_of_month: expected 1 to 31"),
        (lambda: civil(day_of_month=1.0), "civil.day_of_month: expected 1 to 31"),
        (lambda: civil(day_of_month=1, weekday=1), "civil.day_of_month: expected no weekday beside it"),
        (lambda: civil(day_of_month=1, days=1), "no weeks and days beside a day of the month"),
        (lambda: civil(weekday=1, nth=1, weeks=1), "no weeks and days beside a day of the month"),
        (lambda: civil(weekday=1, nth=5), "civil.nth: expected 1 to 4, or -1"),
        (lambda: civil(weekday=1, nth=True), "civil.nth: expected 1 to 4, or -1"),
        (lambda: civil(nth=1), "civil.nth: expected a weekday"),
        (lambda: civil(roll="forward"), "civil.roll: expected a day that may be closed"),
        (lambda: civil(roll="forward", at="10:00"), "civil.roll: expected a day that may be closed"),
        (lambda: civil(day_of_month=1, business_days=1, roll="back"), "civil.roll: expected no business_days"),
        (
            lambda: civil(day_of_month=1, roll="backward"),
            "civil.roll: unknown way to roll 'backward'; did you mean 'back'",
        ),
    ],
)
def test_a_step_that_makes_no_sense_is_refused_with_its_field(make: Callable[[], Civil], field: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        make()
    assert field in str(caught.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(DefinitionError) as caught:
        civil(years=101, days=-1, weekday=9)
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("step", "back"),
    [
        (civil(days=1), False),
        (civil(at="10:00"), False),
        (civil(business_days=0), False),
        (civil(business_days=-1), True),
        (civil(business_hours=0), False),
        (civil(business_hours=-0.5), True),
        (civil(day_of_month=1, roll="back"), False),
        (civil(months=-1, day_of_month=1), True),
    ],
)
def test_a_step_knows_whether_it_leads_back(step: Civil, back: bool) -> None:
    assert step.reaches_back is back


def test_business_hours_are_kept_as_a_length() -> None:
    assert civil(business_hours=0.5) == Civil(business_hours=timedelta(minutes=30))
    assert civil(business_hours=timedelta(minutes=30)).business_hours == timedelta(minutes=30)


@pytest.mark.parametrize("roll", ["back", Roll.BACK])
def test_a_way_to_roll_may_be_a_text(roll: str) -> None:
    assert civil(day_of_month=20, roll=roll).roll is Roll.BACK
    assert Civil(day_of_month=20, roll=roll).roll is Roll.BACK
