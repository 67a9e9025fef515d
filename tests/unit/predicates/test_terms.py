"""Terms: what becomes a predicate when it is compared, and says how to, when it is used otherwise."""

from datetime import timedelta

import pytest

from nurture.calendar import this_month, this_year
from nurture.errors import DefinitionError
from nurture.predicates import Age, Anniversary, Compare, Elapsed, Field, InPeriod, OfAccount, Owner, Touched, q
from nurture.predicates.terms import FieldTerm, field_of

DAY = timedelta(days=1)
born = Field(Owner.LEAD, "born")


def test_a_nested_value_is_reached_by_its_path() -> None:
    assert (q.lead.plan.seats >= 5) == (q.lead["plan.seats"] >= 5) == (q.lead.plan["seats"] >= 5)
    assert (q.lead.plan.seats >= 5) == Compare(Field(Owner.LEAD, "plan.seats"), "ge", 5)


@pytest.mark.parametrize("op", ["eq", "ne", "lt", "le", "gt", "ge"])
def test_the_six_comparisons_of_years_and_two_fields(op: str) -> None:
    method = f"__{op}__"
    assert getattr(q.lead.born.age(zone="Asia/Tokyo"), method)(18) == Age(born, op, 18, "Asia/Tokyo")
    assert getattr(q.lead.born, method)(q.lead.seen).op == op


@pytest.mark.parametrize("op", ["lt", "le", "gt", "ge"])
def test_the_four_comparisons_of_lengths_of_time(op: str) -> None:
    method = f"__{op}__"
    assert getattr(q.lead.born.ago(), method)(DAY) == Elapsed(born, op, DAY)
    assert getattr(q.lead.born.ahead(zone="UTC"), method)(DAY) == Elapsed(born, op, DAY, ahead=True, zone="UTC")


def test_periods_and_anniversaries() -> None:
    assert q.lead.born.during(this_month()) == InPeriod(born, this_month())
    month = Field(Owner.ACCOUNT, "fiscal_month")
    assert q.lead.born.during(this_year(), starts=q.account.fiscal_month) == InPeriod(born, this_year(), month)
    assert q.lead.born.anniversary(before=3) == Anniversary(born, 3, 0)


def test_a_value_that_was_changed_is_a_fact_of_its_owner() -> None:
    by_name = q.prop("fields").contains("title")
    assert q.lead.title.changed(within=DAY) == Touched("lead.changed", having=by_name, window=DAY)
    assert q.account.title.changed(within=DAY) == OfAccount(Touched("account.changed", having=by_name, window=DAY))


def test_a_value_cannot_be_called_and_near_misses_are_named() -> None:
    with pytest.raises(TypeError, match=r"did you mean \.starts_with\(…\)"):
        q.lead.title.startswith("a")
    with pytest.raises(TypeError, match=r"cannot be called$"):
        q.lead.title.qqqqqqqq()


def test_python_s_own_questions_are_refused_with_a_hint() -> None:
    with pytest.raises(TypeError, match=r"write q\.lead\.tags\.contains"):
        "a" in q.lead.tags  # noqa: B015
    with pytest.raises(TypeError, match="cannot be walked"):
        list(q.lead.tags)
    for term in (q.lead.born.age(), q.lead.born.ago(), q.account.leads.count(), 2 * q.lead.seats):
        with pytest.raises(TypeError, match=r"use & \| ~"):
            bool(term)


def test_a_length_of_time_is_never_equal() -> None:
    with pytest.raises(TypeError, match="cannot be compared with == or !="):
        q.lead.born.ago() == DAY  # noqa: B015  # there is no clause to be had
    with pytest.raises(TypeError):
        hash(q.lead.born.ago())


def test_a_field_is_named_by_a_term() -> None:
    assert field_of(q.lead.born, "here") == field_of(born, "here") == born
    with pytest.raises(DefinitionError, match="here: expected a field such as"):
        field_of("born", "here")


def test_tab_completion_shows_what_can_be_asked() -> None:
    assert {"during", "age", "like", "between", "is_missing"} <= set(dir(q.lead.born))
    assert isinstance(q.lead.born, FieldTerm)


def test_what_a_run_began_with_is_asked_as_other_values_are_but_never_changes() -> None:
    starts = Field(Owner.ENTRY, "starts")
    assert q.entry.starts.during(this_month()) == InPeriod(starts, this_month())
    assert (q.entry.starts.ahead() <= DAY) == Elapsed(starts, "le", DAY, ahead=True)
    assert field_of(q.entry.starts, "here") == starts
    with pytest.raises(DefinitionError, match="asks about the lead or the account"):
        q.entry.starts.changed(within=DAY)
