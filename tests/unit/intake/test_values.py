"""Types of columns, and cells as values of them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from nurture.intake.reading import Reading
from nurture.intake.values import ValueType, infer_type, parse, to_instant, truth
from nurture.predicates import FieldType

READING = Reading()


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["Yes", "no", "YES"], ValueType.BOOLEAN),
        (["True", "False"], ValueType.BOOLEAN),
        (["はい", "いいえ"], ValueType.BOOLEAN),
        (["0", "1"], ValueType.INTEGER),
        (["10", "-3", " 7 "], ValueType.INTEGER),
        (["10", "2.5"], ValueType.NUMBER),
        (["100.0", "1e3"], ValueType.NUMBER),
        (["2026-01-01", "令和8年4月1日"], ValueType.DATE),
        (["2026-01-01", "2026-01-01 10:00"], ValueType.INSTANT),
        (["0123", "4567"], ValueType.TEXT),
        (["5-20", "50-200"], ValueType.TEXT),
        (["1", "two"], ValueType.TEXT),
        (["nan", "1.0"], ValueType.TEXT),
        (["inf"], ValueType.TEXT),
        (["9" * 19], ValueType.TEXT),
        (["１２"], ValueType.TEXT),
        (["yes", "0"], ValueType.TEXT),
        ([], ValueType.TEXT),
    ],
)
def test_the_narrowest_type_of_all_cells(cells, kind):
    assert infer_type(cells, READING) is kind


@pytest.mark.parametrize(
    ("cell", "kind", "value"),
    [
        (" 12 ", ValueType.INTEGER, 12),
        ("2.50", ValueType.NUMBER, 2.5),
        ("No", ValueType.BOOLEAN, False),
        ("2026/4/1", ValueType.DATE, date(2026, 4, 1)),
        ("2026/4/1 09:00", ValueType.INSTANT, datetime(2026, 4, 1, tzinfo=UTC)),
        ("x", ValueType.TEXT, "x"),
        ("x", ValueType.INTEGER, None),
        ("2026/4/1 09:00", ValueType.DATE, None),
    ],
)
def test_a_cell_becomes_a_value(cell, kind, value):
    assert parse(cell, kind, READING, ZoneInfo("Asia/Tokyo")) == value


def test_neither_yes_nor_no():
    assert truth("1") is None


def test_a_naive_moment_without_a_zone_is_no_instant():
    assert to_instant(date(2026, 4, 1), None) is None


def test_a_midnight_that_the_clocks_skip_moves_forward():
    # São Paulo went from 2017-10-14 23:59 to 2017-10-15 01:00.
    at = to_instant(date(2017, 10, 15), ZoneInfo("America/Sao_Paulo"))
    assert at == datetime(2017, 10, 15, 3, tzinfo=UTC)
    assert at.astimezone(ZoneInfo("America/Sao_Paulo")).hour == 1


def test_an_hour_that_repeats_is_the_first_of_the_two():
    at = to_instant(datetime(2026, 11, 1, 1, 30), ZoneInfo("America/New_York"))  # noqa: DTZ001
    assert at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_the_edge_of_the_calendar_is_no_crash():
    assert to_instant(date(1, 1, 1), ZoneInfo("Asia/Tokyo")) is None


def test_a_program_declares_attributes_in_the_same_words():
    assert {kind.value for kind in ValueType} <= {kind.value for kind in FieldType}
