"""Saying richer nodes with plainer ones, so that fewer need a reading of their own. May import the nodes.

A grade is a band of scores; a fiscal year that begins in a month read from a field is one of twelve; a
question about people, asked about a lead, is one about its account; and a question about the account is the
answer that the account has told. What is left after this, every reading must know or decline.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from nurture.errors import UnknownNameError
from nurture.model import SubjectKind
from nurture.predicates.dates import InPeriod
from nurture.predicates.people import OfAccount, People
from nurture.predicates.standing import Grade, Score
from nurture.predicates.touches import Touched
from nurture.predicates.tree import All, AnyOf, Compare, Field, Not, Owner, Predicate

if TYPE_CHECKING:
    from nurture.predicates.names import Names

_MONTHS = range(1, 13)


def lowered(predicate: Predicate, names: Names, *, told: bool = True) -> Predicate:
    """The predicate with the same answers, said with plainer nodes.

    Args:
        predicate: The question.
        names: What the names in it mean.
        told: Whether a lead knows about its account what it was told, as in `match`. Readings that can look
            at the account itself leave `OfAccount` as it is.

    Raises:
        UnknownNameError: A grade or its model is not declared.
    """
    if isinstance(predicate, (All, AnyOf)):
        return type(predicate)(tuple(lowered(part, names, told=told) for part in predicate.parts))
    if isinstance(predicate, Not):
        return Not(lowered(predicate.part, names, told=told))
    if isinstance(predicate, People) and names.subject is SubjectKind.LEAD:
        return lowered(OfAccount(predicate), names, told=told)
    if isinstance(predicate, OfAccount):
        if names.subject is SubjectKind.ACCOUNT:
            return lowered(predicate.part, names, told=told)
        return Compare(Field(Owner.ACCOUNT, predicate.told_as), "eq", True) if told else predicate
    lower = _LOWER.get(type(predicate))
    return predicate if lower is None else lower(predicate, names)


def _grade(node: Grade, names: Names) -> Predicate:
    """Grades are bands of scores that lie above each other; the lowest one begins nowhere."""
    grades = names.grades.get(node.model)
    if grades is None:
        raise UnknownNameError("score model with grades", node.model, names.grades)
    order = [grade for grade, _ in grades]
    if node.grade not in order:
        raise UnknownNameError("grade", node.grade, order, where=f"grade {node.model}")
    place = order.index(node.grade)
    at_least = _from(node.model, grades, place)
    better = AnyOf(()) if place == 0 else _from(node.model, grades, place - 1)
    if node.op in ("ge", "lt"):
        return at_least if node.op == "ge" else Not(at_least)
    if node.op in ("gt", "le"):
        return better if node.op == "gt" else Not(better)
    same = All((at_least, Not(better)))
    return same if node.op == "eq" else Not(same)


def _from(model: str, grades: tuple[tuple[str, float], ...], place: int) -> Predicate:
    """That the grade is at least as good as the one at this place."""
    return All(()) if place == len(grades) - 1 else Score(model, "ge", grades[place][1])


def _in_period(node: InPeriod, _: Names) -> Predicate:
    return node if node.starts is None else _each_month(node, node.starts)


def _touched(node: Touched, _: Names) -> Predicate:
    return node if node.starts is None else _each_month(node, node.starts)


def _each_month(node: InPeriod | Touched, starts: Field) -> Predicate:
    """The question for each month in which a fiscal year may begin; while that is not known, the answer is no."""
    if node.period is None:
        return node
    return AnyOf(
        tuple(
            All((Compare(starts, "eq", month), attrs.evolve(node, period=node.period.starting(month), starts=None)))
            for month in _MONTHS
        )
    )


_LOWER: Mapping[type[Predicate], Callable[[Any, Names], Predicate]] = {
    Grade: _grade,
    InPeriod: _in_period,
    Touched: _touched,
}
