"""Orders: what they hold, what they refuse, and by what they rank."""

from datetime import UTC, datetime, timedelta

import pytest

from nurture.errors import DefinitionError
from nurture.model import ScoreState, Sight
from nurture.model.decay import Scale, add
from nurture.predicates import Field, FieldType, Names, Order, Owner, q

NOW = datetime(2026, 4, 1, tzinfo=UTC)
NAMES = Names(
    scales={"m": Scale(timedelta(days=1), floor=0.0)},
    lead_fields={"rate": FieldType.NUMBER, "seats": FieldType.INTEGER, "tags": FieldType.TEXTS, "name": FieldType.TEXT},
    account_fields={"size": FieldType.INTEGER},
)


def test_terms_make_orders() -> None:
    assert q.score("m").desc() == Order("m", descending=True)
    assert q.score("m").asc() == Order("m")
    assert q.lead.seats.asc() == Order(Field(Owner.LEAD, "seats"))
    assert q.account.size.desc() == Order(Field(Owner.ACCOUNT, "size"), descending=True)


def test_a_property_of_a_fact_is_no_order() -> None:
    with pytest.raises(DefinitionError, match="many facts"):
        q.prop("path").desc()


def test_what_a_run_began_with_is_no_order() -> None:
    with pytest.raises(DefinitionError, match=r"entry\.rank is a property of a fact, and a subject has many runs"):
        q.entry.rank.asc()


@pytest.mark.parametrize(
    ("order", "problem"),
    [
        (q.score("n").asc(), "unknown score model 'n'"),
        (q.lead.seat.asc(), "did you mean 'seats'"),
        (q.account.seats.asc(), "unknown account field 'seats'"),
        (q.lead.tags.asc(), "no order"),
    ],
)
def test_what_is_wrong_is_said(order: Order, problem: str) -> None:
    [found] = order.problems(NAMES)
    assert problem in found


@pytest.mark.parametrize("order", [q.score("m").desc(), q.lead.seats.asc(), q.account.size.asc()])
def test_what_is_declared_is_no_problem(order: Order) -> None:
    assert order.problems(NAMES) == []


def test_its_reach_is_what_it_looks_at() -> None:
    assert q.score("m").desc().reach.scores == {"m"}
    assert q.lead.seats.asc().reach.lead_fields == {"seats"}
    assert q.account.size.asc().reach.account_fields == {"size"}


def test_a_score_reads_within_its_bounds_and_is_never_missing() -> None:
    scale = NAMES.scales["m"]
    state = add(ScoreState(), 8.0, NOW - timedelta(days=2), scale)
    order = q.score("m").desc()
    assert order.value(Sight(scores={"m": state}), NOW, NAMES) == 2.0
    assert order.value(Sight(scores={"m": add(ScoreState(), -8.0, NOW, scale)}), NOW, NAMES) == 0.0
    assert order.value(Sight(), NOW, NAMES) == 0.0


@pytest.mark.parametrize(
    ("order", "held", "expected"),
    [
        (q.lead.seats.asc(), 3, 3),
        (q.lead.seats.asc(), 3.5, None),
        (q.lead.seats.asc(), True, None),
        (q.lead.seats.asc(), "3", None),
        (q.lead.rate.asc(), 3, 3.0),
        (q.lead.rate.asc(), 0.25, 0.25),
        (q.lead.rate.asc(), True, None),
        (q.lead.name.asc(), "x", "x"),
        (q.lead.name.asc(), ("x",), None),
        (q.lead.name.asc(), None, None),
    ],
)
def test_a_value_of_another_type_counts_as_missing(order: Order, held: object, expected: object) -> None:
    assert isinstance(order.by, Field)
    found = order.value(Sight(lead={order.by.name: held}), NOW, NAMES)  # type: ignore[dict-item]
    assert (found, type(found)) == (expected, type(expected))


def test_numbers_rank_by_their_millionths() -> None:
    order = q.lead.rate.asc()
    assert order.rank(0.1 + 0.2) == order.rank(0.3)
    assert order.rank(0.3000004) == order.rank(0.3)
    assert order.rank(0.3000006) > order.rank(0.3)  # type: ignore[operator]
    assert order.rank(2**60 + 1) == 2**60 + 1
    assert order.rank("a") == "a"
