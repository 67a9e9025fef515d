"""Wall clocks and local days as column arithmetic are those of `nurture.calendar`."""

from datetime import UTC, datetime, timedelta

import narwhals.stable.v2 as nw
import polars as pl
import pytest

from nurture.calendar import day_of, localize, zone
from nurture.predicates.frame.cells import from_day_number, micros
from nurture.predicates.frame.local_times import local_days, to_utc

ZONES = (
    "UTC",
    "Asia/Tokyo",
    "America/New_York",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Asia/Beirut",
)
MINUTE = timedelta(minutes=1)


def around_changes(name: str, first: int, last: int) -> list[datetime]:
    """Instants beside each change of the offset, and one a week."""
    place = zone(name)
    found, at = [], datetime(first, 1, 1, tzinfo=UTC)
    while at.year < last:
        found.append(at)
        following = at + timedelta(hours=6)
        if at.astimezone(place).utcoffset() != following.astimezone(place).utcoffset():
            found += [at + minutes * MINUTE for minutes in range(0, 9 * 60, 7)]
            found += [at + hours * timedelta(hours=1) - timedelta(microseconds=1) for hours in range(9)]
        at = following if at.hour % 24 else at + timedelta(days=3, hours=6)
        at = at.replace(hour=(at.hour // 6) * 6)
    return found


@pytest.mark.parametrize("name", ZONES)
def test_local_days_are_those_of_the_calendar(name: str) -> None:
    place = zone(name)
    instants = around_changes(name, 2008, 2022)
    column = pl.DataFrame({"at": [micros(one) for one in instants]})
    days = nw.from_native(column).select(local_days(nw.col("at"), place, datetime(2026, 1, 1, tzinfo=UTC)).alias("day"))
    found = [from_day_number(one) for one in days["day"].to_list()]
    assert found == [day_of(one, place) for one in instants]


@pytest.mark.parametrize("name", ZONES)
def test_wall_clocks_become_the_instants_of_the_calendar(name: str) -> None:
    place = zone(name)
    shown = sorted({one.astimezone(place).replace(tzinfo=None) for one in around_changes(name, 2016, 2020)})
    # Times that a zone skipped are never shown; ask for them as well.
    shown += [one + timedelta(minutes=30) for one in shown]
    column = pl.DataFrame({"at": [micros(one.replace(tzinfo=UTC)) for one in shown]})
    found = to_utc(nw.from_native(column), "at", place)["at"].to_list()  # type: ignore[index]
    assert found == [micros(localize(one, place)) for one in shown]


def test_a_column_without_times_has_no_instants() -> None:
    column = pl.DataFrame({"at": pl.Series([None], dtype=pl.Int64)})
    assert to_utc(nw.from_native(column), "at", zone("America/New_York"))["at"].to_list() == [None]  # type: ignore[index]
