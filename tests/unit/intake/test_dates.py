"""Dates as people write them."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from nurture.intake.dates import parse_date

TOKYO = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    "text",
    [
        "2026-04-01",
        "2026/4/1",
        "2026.4.1",
        "2026年4月1日",
        "２０２６年４月１日",
        "2026年 4月 1日",
        "令和8年4月1日",
        "令和８年４月１日(水)",
        "㋿8年4月1日",
        "R8.4.1",
        "r8/4/1",
        "R08.04.01",
        " 2026/4/1 ",
        "2026/4/1(水)",
    ],
)
def test_one_day_in_many_forms(text):
    assert parse_date(text) == date(2026, 4, 1)
    assert not isinstance(parse_date(text), datetime)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("令和元年5月1日", date(2019, 5, 1)),
        ("R元.5.1", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("H1.1.8", date(1989, 1, 8)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("平成32年4月1日", date(2020, 4, 1)),
        ("大正元年7月30日", date(1912, 7, 30)),
    ],
)
def test_eras_begin_on_their_day(text, day):
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-04-01 09:30", datetime(2026, 4, 1, 9, 30)),  # noqa: DTZ001
        ("2026-04-01T09:30:05.25", datetime(2026, 4, 1, 9, 30, 5, 250_000)),  # noqa: DTZ001
        ("2026年4月1日9時30分", datetime(2026, 4, 1, 9, 30)),  # noqa: DTZ001
        ("令和8年4月1日 午後3時05分", datetime(2026, 4, 1, 15, 5)),  # noqa: DTZ001
        ("2026/4/1(水)10:00", datetime(2026, 4, 1, 10, 0)),  # noqa: DTZ001
        ("2026/4/1 12:05 AM", datetime(2026, 4, 1, 0, 5)),  # noqa: DTZ001
        ("2026/4/1　21:00", datetime(2026, 4, 1, 21, 0)),  # noqa: DTZ001
    ],
)
def test_a_time_without_an_offset_stays_naive(text, moment):
    assert parse_date(text) == moment


@pytest.mark.parametrize(
    "text", ["2026-04-01T09:30:00+09:00", "2026-04-01 09:30 +0900", "2026-04-01 09:30JST", "2026-04-01T00:30Z"]
)
def test_an_offset_is_kept(text):
    found = parse_date(text)
    assert found == datetime(2026, 4, 1, 0, 30, tzinfo=UTC)


def test_a_negative_offset_counts_as_a_whole():
    assert parse_date("2026-04-01 00:00-03:30") == datetime(2026, 4, 1, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2026-02-30",
        "2026-13-01",
        "2026/4",
        "26/4/1",
        "1/4/2026",
        "2026-04/01",
        "2026-04-01 25:00",
        "2026-04-01 13:00 PM",
        "2026-04-01 10:61",
        "2026-04-01 10:00+09:75",
        "令和元年4月1日",
        "令和8年4月31日",
        "8年4月1日",
        "R8",
        "20260401",
        "46113",
        "2026-04-01 and more",
        "2026-04-01" + " " * 100,
        "٢٠٢٦-٠٤-٤٤",
    ],
)
def test_what_is_no_date_is_none(text):
    assert parse_date(text) is None


def test_an_ambiguous_order_needs_to_be_told():
    assert parse_date("4/1/2026") is None
    assert parse_date("4/1/2026", "mdy") == date(2026, 4, 1)
    assert parse_date("4/1/2026", "dmy") == date(2026, 1, 4)
    assert parse_date("13/1/2026", "mdy") is None


def test_numbers_are_dates_only_when_asked():
    assert parse_date("20260401", compact=True) == date(2026, 4, 1)
    assert parse_date("46113", excel_serials=True) == date(2026, 4, 1)
    assert parse_date("46113.5", excel_serials=True) == datetime(2026, 4, 1, 12)  # noqa: DTZ001
    assert parse_date("61", excel_serials=True) == date(1900, 3, 1)
    assert parse_date("60", excel_serials=True) is None  # Excel's 1900-02-29 never was
    assert parse_date("9999999", excel_serials=True) is None
