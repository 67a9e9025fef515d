"""Operators at the edges that databases have: patterns, letters, borders of numbers."""

import pytest

from nurture.predicates import Compare, Field, Owner, Predicate, Scaled, q
from tests.unit.predicates.sql.tables import matching, sql

TEXTS = ["", "a", "A", "ab", "a%", "a_b", "a*b", "a[b]", "a?b", "É", "é", "𠮷野家", "K", "k"]
LEADS = [{"id": text or "empty", "source": text} for text in TEXTS]


@pytest.mark.parametrize(
    ("predicate", "found"),
    [
        (q.lead.source.starts_with("a"), {"a", "ab", "a%", "a_b", "a*b", "a[b]", "a?b"}),
        (q.lead.source.starts_with("a*"), {"a*b"}),
        (q.lead.source.starts_with("a["), {"a[b]"}),
        (q.lead.source.starts_with(""), {text or "empty" for text in TEXTS}),
        (q.lead.source.ends_with("野家"), {"𠮷野家"}),
        (q.lead.source.contains("%"), {"a%"}),
        (q.lead.source.like("a_b"), {"a_b", "a*b", "a?b"}),
        (q.lead.source.like("a\\_b"), {"a_b"}),
        (q.lead.source.like("_野_"), {"𠮷野家"}),
        (q.lead.source.like("a"), {"a"}),
        (q.lead.source.equals("É", ignore_case=True), {"É"}),
        (q.lead.source.equals("k", ignore_case=True), {"K", "k"}),
        (q.lead.source.starts_with("A", ignore_case=True), {"a", "A", "ab", "a%", "a_b", "a*b", "a[b]", "a?b"}),
    ],
)
def test_texts(predicate: Predicate, found: set[str]) -> None:
    assert matching(predicate, LEADS) == found


def test_a_number_is_compared_with_a_border_so_that_an_index_is_of_use() -> None:
    assert "leads.rate >= 0.2999995" in sql(q.lead.rate >= 0.3)
    assert "*" not in sql(q.lead.rate >= 0.3)


@pytest.mark.parametrize("value", [1e300, -1e300])
@pytest.mark.parametrize("op", ["eq", "ne", "lt", "le", "gt", "ge"])
def test_a_limit_beyond_64_bits(op: str, value: float) -> None:
    expected = {"eq": False, "ne": True, "lt": value > 0, "le": value > 0, "gt": value < 0, "ge": value < 0}[op]
    found = matching(Compare(Field(Owner.LEAD, "seats"), op, value), [{"id": "a", "seats": 5}, {"id": "none"}])
    assert found == ({"a"} if expected else set())


def test_one_field_against_another() -> None:
    leads = [{"id": "over", "seats": 9, "rate": 10.0}, {"id": "under", "seats": 7, "rate": 10.0}]
    leads.append({"id": "none", "seats": 7})
    seats, rate = Field(Owner.LEAD, "seats"), Field(Owner.LEAD, "rate")
    assert matching(Compare(seats, "ge", Scaled(rate, 0.8)), leads) == {"over"}


def test_empty_lists() -> None:
    leads = [{"id": "a", "source": "x", "tags": ["t"]}, {"id": "none"}]
    assert matching(q.lead.source.is_in([]), leads) == set()
    assert matching(q.lead.source.not_in([]), leads) == {"a"}
    assert matching(q.lead.tags.has_any([]), leads) == set()
    assert matching(q.lead.tags.has_all([]), leads) == {"a"}
    assert matching(q.lead.tags.has_none([]), leads) == {"a"}
