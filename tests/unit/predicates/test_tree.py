"""Nodes: joined with & | ~, equal by value, and refusing what they cannot mean."""

from datetime import UTC, date, datetime, timedelta

import pytest

from nurture.calendar import this_year
from nurture.errors import DefinitionError, UnknownNameError
from nurture.predicates import (
    All,
    AnyOf,
    Compare,
    Everyone,
    Field,
    InStage,
    Not,
    Owner,
    Scaled,
    Score,
    TimeInStage,
    q,
    walk,
)
from nurture.predicates.tree import entry_names

a, b, c = (q.lead[name] == "x" for name in "abc")
field = Field(Owner.LEAD, "x")


def test_joints_are_flat_and_negation_undoes_itself() -> None:
    assert a & b & c == All((a, b, c))
    assert a | b | c == AnyOf((a, b, c))
    assert (a & b) | c == AnyOf((All((a, b)), c))
    assert ~~a == a
    assert ~(a & b) == Not(All((a, b)))


@pytest.mark.parametrize(
    "lie", [lambda: a and b, lambda: a or b, lambda: not a, lambda: 40 <= q.score("m") < 60, lambda: bool(q.lead.a)]
)
def test_a_predicate_has_no_truth_value(lie) -> None:
    with pytest.raises(TypeError, match=r"use & \| ~ instead of and, or, not"):
        lie()


def test_a_term_that_is_not_compared_is_no_predicate() -> None:
    with pytest.raises(DefinitionError, match="compare it first"):
        a & q.lead.title  # type: ignore[operator]
    with pytest.raises(DefinitionError, match="found bool"):
        a | True  # type: ignore[operator]


def test_nodes_are_equal_by_value_and_type() -> None:
    assert (q.lead.x == 1) != (q.lead.x == True)  # noqa: E712
    assert (q.lead.x == 1) != (q.lead.x == 1.0)
    assert q.lead.x.is_in([1]) != q.lead.x.is_in([True])
    assert Score("m", "ge", 3) == Score("m", "ge", 3)
    assert len({a, q.lead.a == "x", b}) == 2


def test_a_field_is_compared_with_another_one_times_a_constant() -> None:
    scaled = q.account.usage >= 0.8 * q.account.plan
    assert scaled == Compare(Field(Owner.ACCOUNT, "usage"), "ge", Scaled(Field(Owner.ACCOUNT, "plan"), 0.8))
    assert scaled.fields == (Field(Owner.ACCOUNT, "usage"), Field(Owner.ACCOUNT, "plan"))
    assert (q.lead.a == q.lead.b) == Compare(Field(Owner.LEAD, "a"), "eq", Scaled(Field(Owner.LEAD, "b")))
    assert Scaled(field, 2) == Scaled(field, 2.0)
    assert str(Scaled(field, 0.8)) == "0.8 * lead.x"
    assert str(Scaled(field)) == "lead.x"


def test_a_range_keeps_both_ends_even_when_they_are_one() -> None:
    assert q.lead.x.between(3, 3).value == (3, 3)
    assert q.lead.x.between(1, 2.5).value == (1, 2.5)


def test_values_of_a_set_are_put_in_one_order() -> None:
    assert q.lead.x.is_in({"b", "a"}) == q.lead.x.is_in(["a", "b"])
    assert q.lead.x.is_in(["a", "a", "b"]) == q.lead.x.is_in(["a", "b"])


def test_instants_are_kept_in_utc() -> None:
    from zoneinfo import ZoneInfo

    tokyo = datetime(2026, 3, 1, 9, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert (q.lead.created_at >= tokyo) == (q.lead.created_at >= datetime(2026, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Compare(field, "eqq", 1), "unknown operator 'eqq'"),
        (lambda: q.lead.x == None, "ask .is_missing"),  # noqa: E711
        (lambda: q.lead.x == ("a",), "expected one value"),
        (lambda: q.lead.x == float("nan"), "a finite number"),
        (lambda: q.lead.x >= float("inf"), "a finite number"),
        (lambda: q.lead.x >= 1e301, "a finite number"),
        (lambda: q.lead.x == datetime(2026, 3, 1), "a naive datetime"),  # noqa: DTZ001
        (lambda: q.lead.x == timedelta(1), "found timedelta"),
        (lambda: q.lead.x >= "a", "compares date, instant, integer, number; found text"),
        (lambda: q.lead.x >= True, "found boolean"),
        (lambda: q.lead.x.contains(3), "compares text; found integer"),  # type: ignore[arg-type]
        (lambda: q.lead.x.starts_with(date(2026, 3, 1)), "found date"),  # type: ignore[arg-type]
        (lambda: q.lead.x.is_in("abc"), "a list of values, found str"),
        (lambda: q.lead.x.is_in(range(1001)), "at most 1000 values"),
        (lambda: q.lead.x == "x" * 4097, "at most 4096 bytes"),
        (lambda: q.lead.x == "値" * 1366, "at most 4096 bytes"),
        (lambda: q.lead.x == "a\x00", r"U\+0000"),
        (lambda: q.lead.x == "\ud800", "lone surrogates"),
        (lambda: q.lead[""] == 1, "expected a name"),
        (lambda: Compare(field, "missing", 3), "takes no value"),
        (lambda: q.lead.x.between(5, 1), "the lowest value stands above the highest"),
        (lambda: q.lead.x.between(1, "a"), "two values of one type"),
        (lambda: q.lead.x.between("a", "b"), "compares date, instant, integer, number; found text"),
        (lambda: Compare(field, "between", (1, 2, 3)), "the lowest and the highest value"),
        (lambda: Compare(field, "between", 1), "expected a list of values"),
        (lambda: q.lead.x.not_in("abc"), "a list of values, found str"),
        (lambda: q.lead.x.has_any([1]), "compares text; found integer"),  # type: ignore[list-item]
        (lambda: q.lead.x.equals(3, ignore_case=True), "compares text; found integer"),  # type: ignore[arg-type]
        (lambda: q.lead.x.like("a\\"), "ends in a lone backslash"),
        (lambda: Compare(field, "contains", Scaled(field)), "compares with given values only"),
        (lambda: q.lead.x == q.prop("y"), "compares properties of one fact with each other"),
        (lambda: q.prop("y") >= 2 * q.account.y, "compares properties of one fact with each other"),
        (lambda: q.entry.x == q.prop("y"), "entry.x ==: write the property of the fact first, and entry.x after it"),
        (lambda: q.lead.x >= True * q.lead.y, "expected a number, found bool"),
        (lambda: q.lead.x >= 1e7 * q.lead.y, "at most 1e\\+06"),
        (lambda: q.lead.x >= float("nan") * q.lead.y, "at most 1e\\+06"),
        (lambda: q.lead.x >= "a" * q.lead.y, "expected a number, found str"),  # type: ignore[operator]
        (lambda: Score("m", "contains", 3), "unknown comparison"),
        (lambda: Score("m", "ge", True), "expected a number"),
        (lambda: TimeInStage("eq", timedelta(1)), "unknown comparison"),
        (lambda: TimeInStage("ge", timedelta(0)), "above zero"),
        (lambda: TimeInStage("ge", 30), "expected a timedelta"),  # type: ignore[arg-type]
        (lambda: InStage(("",)), "expected a name"),
    ],
)
def test_what_cannot_be_meant_is_refused_when_written(make, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        make()


def test_an_unknown_operator_names_the_near_misses() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'contains'"):
        Compare(field, "contain", "x")


def test_walk_goes_outermost_first() -> None:
    assert [type(node).__name__ for node in walk(~(a & Everyone()))] == ["Not", "All", "Compare", "Everyone"]


def test_a_property_and_any_other_field_are_compared_with_what_a_run_began_with() -> None:
    entry = Field(Owner.ENTRY, "x")
    assert (q.prop("y") == q.entry.x) == Compare(Field(Owner.PROP, "y"), "eq", Scaled(entry))
    for left, right in ((q.lead.y, q.entry.x), (q.entry.x, q.lead.y), (q.entry.x, q.account.y), (q.entry.x, q.entry.y)):
        assert (left >= 2 * right).value == Scaled(right.field_, 2.0)


def test_a_node_tells_the_fields_that_it_looks_at_itself() -> None:
    month = Field(Owner.ACCOUNT, "month")
    assert (q.lead.x == q.entry.y).fields == (field, Field(Owner.ENTRY, "y"))
    assert q.lead.x.during(this_year(), starts=q.account.month).fields == (field, month)
    assert q.lead.x.during(this_year()).fields == (field,)
    for term in (q.lead.x.anniversary(), q.lead.x.age() >= 3, q.lead.x.ago() >= timedelta(1)):
        assert term.fields == (field,)
    clause = q.touches("a.b").where(q.prop("p") == 1)
    assert clause.fields == ()
    assert clause.during(this_year(), starts=q.account.month).fields == (month,)
    assert ((q.lead.x == 1) & clause).fields == ()


def test_the_entry_values_of_a_predicate_are_found_wherever_they_stand() -> None:
    asked = (
        ((q.entry.rank == "A") | ~(q.lead.y == q.entry.who))
        & q.touches("a.b").where(q.prop("s") == q.entry["s"])
        & (q.entry.campaign.starts_at.ago() >= timedelta(1))
    )
    assert entry_names(asked) == {"rank", "who", "s", "campaign.starts_at"}
    assert entry_names((q.lead.rank == "A") & q.touches("a.b").where(q.prop("s") == q.prop("t"))) == frozenset()
