"""People of an account, and the account of a person: what is told is what is answered."""

from datetime import UTC, datetime, timedelta

import pytest

from nurture.errors import DefinitionError
from nurture.model import Sight, SubjectKind
from nurture.predicates import Names, OfAccount, People, compile_flip, compile_match, from_json, q, to_json

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ctos = q.account.leads.where(q.lead.title == "CTO")
about_accounts = Names(subject=SubjectKind.ACCOUNT)


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, {"lt", "le", "ne"}), (1, {"lt", "le", "ne"}), (2, {"eq", "le", "ge"}), (3, {"gt", "ge", "ne"})],
)
def test_people_are_counted_as_they_told(count: int, expected: set[str]) -> None:
    told = {f"lead_{number}" for number in range(count)}
    node = ctos.count() >= 2
    assert isinstance(node, People)
    sight = Sight(people={node.told_as: frozenset(told), "?other": frozenset({"lead_9"})})
    found = {op for op in ("eq", "ne", "lt", "le", "gt", "ge") if _asks(People(node.where, op, 2), sight)}
    assert found == expected


def _asks(predicate, sight: Sight, names: Names = about_accounts) -> bool:
    return compile_match(predicate, names)(sight, NOW)


def test_nobody_has_told_counts_zero() -> None:
    assert _asks(ctos.count() == 0, Sight()) is True
    assert _asks(~(ctos.count() >= 1), Sight()) is True


def test_a_question_has_one_name_however_it_is_counted() -> None:
    one, two = ctos.count() >= 1, ctos.count() == 5
    assert isinstance(one, People)
    assert isinstance(two, People)
    assert one.told_as == two.told_as
    other = q.account.leads.where(q.lead.title == "CEO").count() >= 1
    assert isinstance(other, People)
    assert other.told_as != one.told_as


def test_conditions_on_people_add_up() -> None:
    node = ctos.where(q.stage == "mql").count() >= 1
    assert node == People((q.lead.title == "CTO") & (q.stage == "mql"), "ge", 1)


def test_a_lead_knows_what_its_account_told() -> None:
    node = q.account.matches(q.account.industry == "SaaS")
    assert _asks(node, Sight(account={node.told_as: True}), Names()) is True
    for account in ({}, {node.told_as: 1}, {node.told_as: False}, {"industry": "SaaS"}):
        assert _asks(node, Sight(account=account), Names()) is False
    assert compile_flip(node, Names())(Sight(account={node.told_as: True}), NOW) is None


def test_an_account_is_asked_itself() -> None:
    node = q.account.matches((q.account.industry == "SaaS") & (ctos.count() >= 1))
    told_as = next(part.told_as for part in node.part.children() if isinstance(part, People))
    sight = Sight(account={"industry": "SaaS"}, people={told_as: frozenset({"lead_1"})})
    assert _asks(node, sight) is True


def test_a_question_about_people_asked_of_a_lead_is_one_about_its_account() -> None:
    node = ctos.count() >= 2
    told_as = OfAccount(node).told_as
    assert _asks(node, Sight(account={told_as: True}), Names()) is True
    assert _asks(node, Sight(), Names()) is False


def test_a_question_about_the_account_inside_another_one_is_asked_once() -> None:
    part, other = q.stage == "a", q.segment("big")
    assert q.account.matches(q.account.matches(part)) == q.account.matches(part)
    assert q.account.matches(~q.account.matches(part) | (other & q.account.matches(part))) == q.account.matches(
        ~part | (other & part)
    )
    held = q.held(q.account.employees >= 50, at_least=timedelta(days=3))
    assert isinstance(held, OfAccount)
    both = q.account.matches(held & part)
    assert both.part == held.part & part
    assert from_json(to_json(both)) == both
    nested = {"node": "of_account", "where": to_json(q.account.matches(part))}
    assert from_json(nested) == q.account.matches(part)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ctos.count() >= 1.5, "a whole number"),
        (lambda: ctos.count() >= -1, "a whole number from 0"),
        (lambda: ctos.count() >= True, "a whole number"),
        (lambda: q.account.leads.where(q.lead.title), "compare it first"),  # type: ignore[arg-type]
        (lambda: People(q.account.matches(q.stage == "a")), "each lead alone"),
        (lambda: People(q.stage == "a", "contains"), "unknown comparison"),
    ],
)
def test_what_cannot_be_meant_is_refused_when_written(make, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        make()


@pytest.mark.parametrize(
    "asked",
    [
        q.entry.rank == "A",
        q.lead.title == q.entry.title,
        q.entry.seen.ago() >= timedelta(1),
        ~q.touches("a.b").where(q.prop("s") == q.entry.s),
    ],
)
def test_what_one_run_alone_can_answer_is_asked_of_nobody_else(asked) -> None:
    for make in (q.account.matches, lambda part: q.account.leads.where(part).count() >= 1):
        with pytest.raises(DefinitionError, match=r"q\.entry\.(rank|title|seen|s) is known to one run only"):
            make(asked)
    written = {"node": "of_account", "where": to_json(asked)}
    with pytest.raises(DefinitionError, match=r"^\$: account\.matches: q\.entry"):
        from_json(written)
