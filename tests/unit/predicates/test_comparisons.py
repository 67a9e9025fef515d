"""Each comparison operator on values worked out by hand: missing, empty, letter case, types, numbers."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.model import Sight, Value
from nurture.predicates import OPERATORS, Compare, Field, Names, Owner, compile_match, q
from nurture.predicates.comparisons import TESTS, least, quantum

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = date(2026, 3, 1)


def holds(predicate, value: Value) -> bool:
    return compile_match(predicate, Names())(Sight(lead={"x": value}), NOW)


x = q.lead.x


def test_every_operator_of_the_table_has_a_test() -> None:
    assert set(TESTS) == set(OPERATORS)


@pytest.mark.parametrize(
    ("predicate", "value", "expected"),
    [
        # equality
        (x == "SaaS", "SaaS", True),
        (x == "SaaS", "saas", False),
        (x == "", "", True),
        (x == "", None, False),
        (x == 1, True, False),
        (x == True, 1, False),  # noqa: E712
        (x == True, True, True),  # noqa: E712
        (x == False, None, False),  # noqa: E712
        (x == 1, 1.0, True),
        (x == 0.3, 0.1 + 0.2, True),
        (x == 0.3, 0.300001, False),
        (x == 2**53 + 1, 2**53 + 1, True),
        (x == 2**53 + 1, 2**53, False),
        (x == "a", ("a",), False),
        (x == NOW, NOW, True),
        (x == DAY, NOW, False),
        (x == NOW, DAY, False),
        # inequality is false of a missing value and of another type
        (x != "a", "b", True),
        (x != "a", "a", False),
        (x != "a", None, False),
        (x != "a", 3, False),
        (x != "a", "", True),
        (x != 1, 2, True),
        (x != 1, True, False),
        (x != 1, 1.0000001, False),
        (x != True, False, True),  # noqa: E712
        (x != True, 0, False),  # noqa: E712
        (x != NOW, NOW.replace(hour=1), True),
        (x != DAY, NOW, False),
        (x != 0.5, 3, True),
        # order
        (x >= 50, 50, True),
        (x >= 50, 49.9999996, True),
        (x >= 50, 49.999999, False),
        (x > 50, 50.0000004, False),
        (x > 50, 50.000001, True),
        (x > 50, 51, True),
        (x < 50, 50, False),
        (x < 50, 49.9999999, False),
        (x < 50.5, 50, True),
        (x <= 50.5, 50, True),
        (x <= 50.5, 51, False),
        (x > 50.5, 51, True),
        (x >= 50.5, 50, False),
        (x >= 3, "a", False),
        (x >= 0, True, False),
        (x < 3, None, False),
        (x >= NOW, NOW, True),
        (x > NOW, NOW, False),
        (x >= NOW, DAY, False),
        (x >= DAY, DAY, True),
        (x >= DAY, NOW, False),
        (x < 0, -0.0, False),
        (x <= 0, 1e300, False),
        # is_in
        (x.is_in(["a", "b"]), "a", True),
        (x.is_in(["a", "b"]), "A", False),
        (x.is_in(["a"]), None, False),
        (x.is_in(["a"]), ("a",), False),
        (x.is_in([]), "a", False),
        (x.is_in([1, 2]), 1.0, True),
        (x.is_in([1, 2]), True, False),
        (x.is_in([True]), 1, False),
        (x.is_in([True]), True, True),
        (x.is_in([0.3, "a"]), 0.1 + 0.2, True),
        (x.is_in([1, DAY]), DAY, True),
        (x.is_in([DAY]), NOW, False),
        (x.is_in([1]), 1e305, False),
        (x.is_in([""]), "", True),
        # contains
        (x.contains("b"), "abc", True),
        (x.contains("B"), "abc", False),
        (x.contains(""), "", True),
        (x.contains(""), None, False),
        (x.contains("a"), ("a", "b"), True),
        (x.contains("a"), ("ab",), False),
        (x.contains("1"), 1, False),
        # starts_with
        (x.starts_with("/pri"), "/pricing", True),
        (x.starts_with("pri"), "/pricing", False),
        (x.starts_with("P"), "pricing", False),
        (x.starts_with("a"), ("a",), False),
        (x.starts_with(""), None, False),
        (x.starts_with("株"), "株式会社", True),
        # missing
        (x.is_missing(), None, True),
        (x.is_missing(), "", False),
        (x.is_missing(), 0, False),
        (x.is_missing(), False, False),
        (x.is_missing(), (), False),
        (x.is_present(), None, False),
        (x.is_present(), "", True),
    ],
)
def test_a_comparison_by_hand(predicate, value: Value, expected: bool) -> None:
    assert holds(predicate, value) is expected
    assert holds(~predicate, value) is not expected  # two-valued: `~` flips it, also of a missing value


def test_an_absent_field_is_a_missing_value() -> None:
    asks = compile_match(q.lead.nowhere != "a", Names())
    assert asks(Sight(), NOW) is False


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_floats_compare_as_their_millionths(value: float, literal: float) -> None:
    for op, expected in (
        ("eq", quantum(value) == quantum(literal)),
        ("ne", quantum(value) != quantum(literal)),
        ("lt", quantum(value) < quantum(literal)),
        ("le", quantum(value) <= quantum(literal)),
        ("gt", quantum(value) > quantum(literal)),
        ("ge", quantum(value) >= quantum(literal)),
    ):
        assert holds(Compare(Field(Owner.LEAD, "x"), op, literal), value) is expected


@given(st.integers(-(2**63), 2**63 - 1), st.one_of(st.floats(-1e9, 1e9), st.integers(-(2**63), 2**63 - 1)))
def test_whole_numbers_compare_exactly(value: int, literal: float) -> None:
    for op, expected in (
        ("lt", value * 10**6 < quantum(literal)),
        ("ge", value * 10**6 >= quantum(literal)),
        ("le", value * 10**6 <= quantum(literal)),
        ("eq", value * 10**6 == quantum(literal)),
    ):
        assert holds(Compare(Field(Owner.LEAD, "x"), op, literal), value) is expected


@given(st.one_of(st.integers(-5, 5), st.integers(-(10**20), 10**20)))
def test_least_is_the_border(quantized: int) -> None:
    from math import inf, nextafter

    border = least(quantized)
    assert border * 1e6 + 0.5 >= quantized
    assert nextafter(border, -inf) * 1e6 + 0.5 < quantized
