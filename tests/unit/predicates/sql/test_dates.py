"""Days and instants that are worked out for SQL."""

from datetime import UTC, date, datetime, timedelta

import pytest

from nurture.calendar import completed_years, today, yesterday
from nurture.errors import NotCompilableError
from nurture.predicates import q
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
