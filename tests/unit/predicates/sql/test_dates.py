"""Days and instants that are worked out for SQL."""

from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

import attrs
import pytest

from nurture.calendar import BusinessCalendar, completed_years, last_business_days, today, yesterday
from nurture.errors import NotCompilableError
from nurture.model import Sight
from nurture.predicates import compile_match, q
from nurture.predicates.sql import compile_sql
from nurture.predicates.sql.cells import micros_of
from nurture.predicates.sql.dates import FIRST, LAST, earlier, last_born, later
from tests.unit.predicates.sql.tables import NAMES, NOW, layout, matching

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "today", [date(2026, 2, 28), date(2028, 2, 28), date(2028, 2, 29), date(2026, 3, 1), date(2026, 12, 31)]
)
@pytest.mark.parametrize("years", [0, 1, 2, 4, 100])
def test_the_last_day_of_birth_for_an_age(today: date, years: int) -> None:
    day = last_born(today, years)
    assert day is not None
    assert (completed_years(day, today) or 0) >= years
    after = completed_years(day + DAY, today)
    assert after is None or after < years


def test_nobody_is_older_than_the_calendar() -> None:
    assert last_born(date(2026, 1, 1), 2026) is None


def test_instants_stay_within_what_a_datetime_holds() -> None:
    assert earlier(FIRST + DAY, 2 * DAY) == FIRST
    assert later(LAST - DAY, 2 * DAY) == LAST
    assert earlier(NOW, DAY) == datetime(2026, 3, 31, 12, tzinfo=UTC)


def test_the_anniversary_of_an_instant_is_refused() -> None:
    with pytest.raises(NotCompilableError, match="needs a date"):
        compile_sql(q.lead.seen.anniversary(), layout(), NAMES, NOW)


def test_all_zones_there_are_fit_into_one_statement() -> None:
    morning = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
    leads = [
        {"id": "kiritimati", "zone": "Pacific/Kiritimati", "seen": micros_of(morning)},
        {"id": "honolulu", "zone": "Pacific/Honolulu", "seen": micros_of(morning)},
        {"id": "nowhere", "zone": "Mars/Olympus", "seen": micros_of(morning)},
        {"id": "utc", "seen": micros_of(morning)},
    ]
    # At noon in UTC a new day has begun since then: at 10:00 in Kiritimati and in Honolulu, a date apart.
    assert matching(q.lead.seen.during(today()), leads) == {"nowhere", "utc"}
    assert matching(q.lead.seen.during(yesterday()), leads) == {"kiritimati", "honolulu"}


class Counting(BusinessCalendar):
    """A calendar that tells how often it was asked to count."""

    counts: ClassVar[list[date]] = []

    def add_days(self, day: date, n: int) -> date:
        self.counts.append(day)
        return super().add_days(day, n)


def test_business_days_are_counted_once_for_each_local_day() -> None:
    names = attrs.evolve(NAMES, calendar=Counting("counting"))
    for clause in (
        q.lead.seen.during(last_business_days(3)),
        q.touches("page.viewed").during(last_business_days(3)).count() >= 1,
    ):
        Counting.counts.clear()
        compile_sql(clause, layout(), names, NOW)
        assert sorted(Counting.counts) == [date(2026, 4, 1), date(2026, 4, 2)]


@pytest.mark.parametrize("now", [datetime.max.replace(tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), FIRST])
@pytest.mark.parametrize("op", ["__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"])
@pytest.mark.parametrize("field", ["seen", "born"])
def test_an_age_at_either_end_of_the_calendar(field: str, op: str, now: datetime) -> None:
    born = {"young": date(9990, 6, 1), "last": date(9999, 12, 31), "old": date(1, 1, 1)}
    at = {name: datetime(day.year, day.month, day.day, tzinfo=UTC) for name, day in born.items()}
    leads = [{"id": name, "born": day, "seen": micros_of(at[name])} for name, day in born.items()]
    for years in (0, 9):
        clause = getattr(getattr(q.lead, field).age(zone="Asia/Tokyo"), op)(years)
        asks = compile_match(clause, NAMES)
        values = at if field == "seen" else born
        expected = {name for name, value in values.items() if asks(Sight(lead={field: value}), now)}
        assert matching(clause, leads, now=now) == expected
