"""Saying richer nodes with plainer ones: the answers stay."""

from datetime import UTC, date, datetime

import pytest

from nurture.calendar import this_quarter, today
from nurture.errors import UnknownNameError
from nurture.model import ScoreState, Sight, SubjectKind
from nurture.model.decay import Scale
from nurture.predicates import Compare, Field, InPeriod, Names, OfAccount, Owner, compile_match, lowered, q, walk

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
names = Names(scales={"warm": Scale()}, grades={"warm": (("A", 30.0), ("B", 10.0), ("C", 0.0))})
about_accounts = Names(subject=SubjectKind.ACCOUNT)


@pytest.mark.parametrize(
    ("score", "grade"),
    [(31, "A"), (30, "A"), (29.9999996, "A"), (29.999999, "B"), (10, "B"), (9.99, "C"), (0, "C"), (-50, "C")],
)
def test_grades_are_bands_of_the_score(score: float, grade: str) -> None:
    sight = Sight(scores={"warm": ScoreState(constant=score)})
    order = "CBA"
    for other in order:
        ranks = order.index(grade), order.index(other)
        for op, expected in (
            (q.grade("warm") == other, ranks[0] == ranks[1]),
            (q.grade("warm") != other, ranks[0] != ranks[1]),
            (q.grade("warm") < other, ranks[0] < ranks[1]),
            (q.grade("warm") <= other, ranks[0] <= ranks[1]),
            (q.grade("warm") > other, ranks[0] > ranks[1]),
            (q.grade("warm") >= other, ranks[0] >= ranks[1]),
        ):
            assert compile_match(op, names)(sight, NOW) is expected


def test_who_has_no_score_yet_has_the_lowest_grade() -> None:
    assert compile_match(q.grade("warm") == "C", names)(Sight(), NOW) is True


def test_an_unknown_grade_or_model_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="'D'"):
        lowered(q.grade("warm") >= "D", names)
    with pytest.raises(UnknownNameError, match="'wram'"):
        lowered(q.grade("wram") >= "A", names)


def test_a_starting_month_becomes_twelve_questions_inside_joints_too() -> None:
    clause = q.lead.x.during(this_quarter(), starts=q.account.begins)
    for whole in (clause, ~clause, clause & q.everyone, clause | (q.stage == "a")):
        nodes = [node for node in walk(lowered(whole, names)) if isinstance(node, InPeriod)]
        assert [node.period.starts for node in nodes] == list(range(1, 13))
        assert all(node.starts is None for node in nodes)
    asks = compile_match(clause, names)
    for begins, expected in ((1, True), (2, False), (3, False), (4, True)):
        sight = Sight(lead={"x": date(2026, 1, 15)}, account={"begins": begins})
        assert asks(sight, NOW) is expected


def test_what_is_asked_of_the_account_depends_on_who_is_asked() -> None:
    part = q.account.industry == "SaaS"
    clause = OfAccount(part)
    assert lowered(clause, about_accounts) == part
    assert lowered(clause, names) == Compare(Field(Owner.ACCOUNT, clause.told_as), "eq", True)
    assert lowered(clause, names, told=False) == clause
    people = q.account.leads.count() >= 2
    assert lowered(people, about_accounts) == people
    told = lowered(people, names)
    assert isinstance(told, Compare)
    assert told.field.name == OfAccount(people).told_as
    assert lowered(people, names, told=False) == OfAccount(people)


def test_plain_nodes_stay_as_they_are() -> None:
    plain = (q.lead.x == 1) & ~(q.stage == "a") | q.lead.x.during(today())
    assert lowered(plain, names) == plain
