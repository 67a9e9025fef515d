"""The two types of duration: what they accept, and that they never mix."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest

from nurture.calendar import Civil, civil, days, hours, minutes, weeks
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
    ],
)
def test_a_step_knows_whether_it_leads_back(step: Civil, back: bool) -> None:
    assert step.reaches_back is back
