"""What a predicate may hold besides nodes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from nurture.errors import DefinitionError, UnknownNameError
from nurture.predicates import FieldType
from nurture.predicates.literals import (
    MAX_LENGTH,
    MAX_TEXT_BYTES,
    MAX_VALUES,
    clean_literal,
    clean_many,
    exact,
    require_length,
    require_name,
    require_order,
    require_range,
    require_short,
    type_of,
)


@pytest.mark.parametrize("name", ["x" * MAX_TEXT_BYTES, "値" * (MAX_TEXT_BYTES // 3), " "])
def test_a_name_is_any_short_text(name: str) -> None:
    require_name(name, "a field")
    require_short(name, "a field")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "^a field: expected a name, found empty text$"),
        (None, "found NoneType"),
        (3, "found int"),
        ("x" * (MAX_TEXT_BYTES + 1), "at most 4096 bytes, found 4097"),
        ("値" * 1366, "at most 4096 bytes, found 4098"),
        ("a\x00b", r"without U\+0000"),
        ("\udc00", "lone surrogates"),
    ],
)
def test_anything_else_is_no_name(name: object, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        require_name(name, "a field")


def test_every_value_has_one_type() -> None:
    values = [True, "", 1, 1.0, datetime(2026, 3, 1, tzinfo=UTC), date(2026, 3, 1), ()]
    assert [type_of(value) for value in values] == [
        FieldType.BOOLEAN,
        FieldType.TEXT,
        FieldType.INTEGER,
        FieldType.NUMBER,
        FieldType.INSTANT,
        FieldType.DATE,
        FieldType.TEXTS,
    ]
    assert type_of(None) is None
    with pytest.raises(DefinitionError, match="found list"):
        type_of([])


def test_values_that_python_holds_to_be_equal_are_told_apart() -> None:
    assert len({exact(True), exact(1), exact(1.0), exact((1,)), exact((True,))}) == 5


def test_a_literal_is_plain_and_there_is_one_zero() -> None:
    assert str(clean_literal(-0.0, "x")) == "0.0"
    tokyo = timezone(timedelta(hours=9))
    assert clean_literal(datetime(2026, 3, 1, 9, tzinfo=tokyo), "x") == datetime(2026, 3, 1, tzinfo=UTC)
    assert clean_literal(2**63 - 1, "x") == 2**63 - 1


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "^x: expected one value, found NoneType; ask .is_missing()"),
        (("a",), "^x: expected one value, found tuple$"),
        (float("nan"), "finite number"),
        (float("-inf"), "finite number"),
        (1e301, "finite number"),
        (2**63, "64 bits"),
        (-(2**63) - 1, "64 bits"),
        pytest.param(10**5000, "64 bits", id="huge"),
        (datetime(2026, 3, 1), "time zone"),  # noqa: DTZ001  # that is what is wrong
        ("x" * 4097, "4096 bytes"),
        (b"x", "found bytes"),
        (object(), "found object"),
    ],
)
def test_what_cannot_be_held_is_refused(value: object, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        clean_literal(value, "x")


def test_many_values_come_in_one_order_and_once() -> None:
    assert clean_many(["b", "a", "b"], "x") == ("b", "a")
    assert clean_many({"b", "a", "c"}, "x") == ("a", "b", "c")
    assert clean_many([1, True, 1.0, 1], "x") == (1, True, 1.0)
    assert len(clean_many(range(MAX_VALUES), "x")) == MAX_VALUES


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("ab", "expected a list of values, found str"),
        (3, "expected a list of values, found int"),
        (range(MAX_VALUES + 1), "at most 1000 values, found 1001"),
        ([None], "expected one value"),
        ([["a"]], "expected one value"),
    ],
)
def test_what_is_no_list_of_values_is_refused(given: object, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        clean_many(given, "x")


@pytest.mark.parametrize("given", [(1, 1), [1, 2.5], (date(2026, 1, 1), date(2026, 1, 2))])
def test_a_range_has_a_lowest_and_a_highest_value(given: Any) -> None:
    require_range(given, clean_many(given, "x"), "x")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((1,), "the lowest and the highest"),
        ((1, 2, 3), "the lowest and the highest"),
        ((2, 1), "stands above"),
        ((1, date(2026, 1, 1)), "one type, found integer and date"),
    ],
)
def test_anything_else_is_no_range(given: Any, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        require_range(given, clean_many(given, "x"), "x")


def test_lengths_lie_above_zero_and_end_at_a_hundred_years() -> None:
    require_length(timedelta(microseconds=1), "x")
    require_length(MAX_LENGTH, "x")
    for length in (timedelta(0), timedelta(microseconds=-1), MAX_LENGTH + timedelta(microseconds=1)):
        with pytest.raises(DefinitionError, match="above zero and of at most 100 years"):
            require_length(length, "x")
    with pytest.raises(DefinitionError, match=r"expected a timedelta such as days\(7\), found int"):
        require_length(7, "x")


def test_amounts_are_compared_in_six_ways() -> None:
    require_order("ge", "x")
    with pytest.raises(UnknownNameError, match="unknown comparison 'gee'; did you mean 'ge'"):
        require_order("gee", "x")
