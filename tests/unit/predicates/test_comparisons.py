"""Each comparison operator on values worked out by hand: missing, empty, letter case, types, numbers."""

from datetime import UTC, date, datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.errors import DefinitionError
from nurture.model import Sight, SubjectId, Touchpoint, Value
from nurture.predicates import OPERATORS, Compare, Field, Names, Owner, compile_fact, compile_match, q
from nurture.predicates.answering.source import Source
from nurture.predicates.comparisons import TESTS, least, quantum, value_test

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
        # between includes both ends
        (x.between(1, 5), 1, True),
        (x.between(1, 5), 5, True),
        (x.between(1, 5), 5.0000004, True),
        (x.between(1, 5), 5.000001, False),
        (x.between(1, 5), 0.9999995, True),
        (x.between(1, 5), 0.9999994, False),
        (x.between(1.5, 2.5), 1, False),
        (x.between(1.5, 2.5), 2, True),
        (x.between(1.5, 2.5), 3, False),
        (x.between(3, 3), 3, True),
        (x.between(0, 5), True, False),
        (x.between(0, 5), None, False),
        (x.between(0, 5), "3", False),
        (x.between(NOW, NOW), NOW, True),
        (x.between(NOW, NOW.replace(hour=5)), NOW.replace(hour=5, microsecond=1), False),
        (x.between(NOW, NOW), DAY, False),
        (x.between(DAY, DAY), DAY, True),
        (x.between(DAY, DAY), NOW, False),
        (x.between(DAY, date(2026, 3, 3)), date(2026, 3, 4), False),
        # not_in: known, and none of them
        (x.not_in(["a", "b"]), "c", True),
        (x.not_in(["a", "b"]), "b", False),
        (x.not_in(["a", "b"]), "B", True),
        (x.not_in(["a"]), None, False),
        (x.not_in([]), "a", True),
        (x.not_in([]), None, False),
        (x.not_in([1]), 1.0, False),
        (x.not_in([1]), True, True),
        (x.not_in([1, "a"]), "a", False),
        (x.not_in(["a"]), ("a",), True),
        # ends_with
        (x.ends_with("ng"), "/pricing", True),
        (x.ends_with("NG"), "/pricing", False),
        (x.ends_with(""), "", True),
        (x.ends_with(""), None, False),
        (x.ends_with("a"), ("a",), False),
        (x.ends_with("会社"), "株式会社", True),
        # like: the whole text
        (x.like("a%"), "abc", True),
        (x.like("a%"), "ba", False),
        (x.like("a"), "ab", False),
        (x.like("a_c"), "abc", True),
        (x.like("a_c"), "ac", False),
        (x.like("%"), "", True),
        (x.like(""), "", True),
        (x.like(""), "a", False),
        (x.like("100\\%"), "100%", True),
        (x.like("100\\%"), "1000", False),
        (x.like("_"), "\U00020bb7", True),  # one character, not one unit of UTF-16
        (x.like("%"), None, False),
        (x.like("%"), ("a",), False),
        # in whatever case: the letters A to Z, and no others
        (x.equals("saas", ignore_case=True), "SaaS", True),
        (x.equals("SAAS", ignore_case=True), "saas", True),
        (x.equals("saas"), "SaaS", False),
        (x.equals("É", ignore_case=True), "é", False),
        (x.equals("k", ignore_case=True), "\u212a", False),  # the Kelvin sign, which Python folds to k
        (x.equals("", ignore_case=True), "", True),
        (x.equals("", ignore_case=True), None, False),
        (x.equals("a", ignore_case=True), ("A",), False),
        (x.is_in(["A", "b"], ignore_case=True), "a", True),
        (x.is_in(["A", "b"], ignore_case=True), "B", True),
        (x.is_in(["A"], ignore_case=True), "É", False),
        (x.is_in([], ignore_case=True), "a", False),
        (x.contains("CTO", ignore_case=True), "the cto", True),
        (x.contains("CTO", ignore_case=True), ("cto",), False),
        (x.starts_with("Dr", ignore_case=True), "DR. A", True),
        (x.starts_with("Dr", ignore_case=True), "A DR", False),
        (x.ends_with(".JP", ignore_case=True), "example.jp", True),
        (x.ends_with(".JP", ignore_case=True), "example.jp.", False),
        (x.like("A%_\\_", ignore_case=True), "abc_", True),
        (x.like("A%", ignore_case=True), "BA", False),
        # of several values
        (x.has_any(["a", "c"]), ("a", "b"), True),
        (x.has_any(["A"]), ("a",), False),
        (x.has_any([]), ("a",), False),
        (x.has_any(["a"]), (), False),
        (x.has_any(["a"]), None, False),
        (x.has_any(["a"]), "a", False),
        (x.has_all(["a", "b"]), ("b", "c", "a"), True),
        (x.has_all(["a", "b"]), ("a",), False),
        (x.has_all([]), ("a",), True),
        (x.has_all([]), (), True),
        (x.has_all([]), None, False),
        (x.has_none(["a"]), ("b",), True),
        (x.has_none(["a"]), ("a", "b"), False),
        (x.has_none(["a"]), (), True),
        (x.has_none(["a"]), None, False),
        (x.has_none(["a"]), "b", False),
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


@pytest.mark.parametrize(
    ("predicate", "value", "other", "expected"),
    [
        (x >= 0.8 * q.account.y, 8, 10, True),
        (x >= 0.8 * q.account.y, 7, 10, False),
        (x >= 0.8 * q.account.y, 7.9999996, 10, True),
        (x > 0.8 * q.account.y, 8.0000004, 10, False),
        (x > 0.8 * q.account.y, 8.000001, 10, True),
        (x < -2 * q.account.y, -21, 10, True),
        (x == 0 * q.account.y, 0, 10, True),
        (x >= 0.8 * q.account.y, None, 10, False),
        (x >= 0.8 * q.account.y, 8, None, False),
        (x >= 0.8 * q.account.y, True, 1, False),
        (x >= 0.8 * q.account.y, 1, True, False),
        (x >= 0.8 * q.account.y, 8, "10", False),
        (x == 2 * q.account.y, "aa", "a", False),
        (x <= 1e6 * q.account.y, 1e300, 1e300, True),  # kept within what a number can be
        (x >= -1e6 * q.account.y, -1e300, 1e300, True),
        # as they are
        (x == q.account.y, 2**53 + 1, 2**53, False),  # two whole numbers compare exactly
        (x == q.account.y, 2**53 + 1, 2**53 + 1, True),
        (x == q.account.y, 3, 3.0000004, True),
        (x != q.account.y, 3, 4, True),
        (x != q.account.y, None, 4, False),
        (x != q.account.y, 3, "3", False),
        (x == q.account.y, "a", "a", True),
        (x == q.account.y, "a", "A", False),
        (x != q.account.y, "a", "A", True),
        (x < q.account.y, "a", "b", False),  # texts have no order here
        (x == q.account.y, True, True, True),
        (x == q.account.y, True, 1, False),
        (x < q.account.y, False, True, False),
        (x < q.account.y, DAY, date(2026, 3, 2), True),
        (x < q.account.y, DAY, NOW, False),
        (x >= q.account.y, NOW, NOW, True),
        (x == q.account.y, ("a",), ("a",), False),
        (x != q.account.y, ("a",), ("b",), False),
    ],
)
def test_a_comparison_with_another_field_by_hand(predicate, value: Value, other: Value, expected: bool) -> None:
    sight = Sight(lead={"x": value}, account={"y": other})
    assert compile_match(predicate, Names())(sight, NOW) is expected
    assert compile_match(~predicate, Names())(sight, NOW) is not expected


def test_properties_of_one_fact_are_compared_with_each_other() -> None:
    asks = compile_fact(q.touches("purchase.made").where(q.prop("paid") >= 0.5 * q.prop("price")))
    bought = Touchpoint(id="f", subject=SubjectId("s"), kind="purchase.made", at=NOW, received_at=NOW)
    assert asks(attrs.evolve(bought, properties={"paid": 5, "price": 10}))
    assert not asks(attrs.evolve(bought, properties={"paid": 4, "price": 10}))
    assert not asks(attrs.evolve(bought, properties={"paid": 4}))


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [("^a+$", "aaa", True), ("b", "abc", True), ("^b", "abc", False), ("値", "値段", True), ("^$", "", True)],
)
def test_a_regular_expression_is_found_anywhere(pattern: str, text: str, expected: bool) -> None:
    pytest.importorskip("re2")
    assert holds(x.matches(pattern), text) is expected
    assert holds(x.matches(pattern), None) is False
    assert holds(x.matches(pattern), (text,)) is False


def test_a_condition_on_values_is_of_comparisons_only() -> None:
    with pytest.raises(DefinitionError, match="expected comparisons of values, found InStage"):
        value_test(q.stage == "new", str, Source())


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
