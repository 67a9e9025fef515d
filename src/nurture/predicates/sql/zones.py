"""Whose day it is, as SQL: one test for each group of zones in which now means the same. May import SQLAlchemy.

What depends on now and the zone alone is worked out in Python, zone by zone; so the rules of the calendar and the
time zones are those of `match`, and the database compares with constants.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import case, select
from sqlalchemy.sql.expression import literal_column

from nurture.calendar import zone as zone_named
from nurture.calendar import zone_names
from nurture.model import SubjectKind
from nurture.predicates.dates import Age, Anniversary, Elapsed, InPeriod
from nurture.predicates.operators import FieldType
from nurture.predicates.sql.asking import Asking, also
from nurture.predicates.touches import Touched
from nurture.predicates.tree import Field, Owner, Predicate

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from nurture.predicates.inline import Weigh
    from nurture.predicates.sql.layout import Layout
    from nurture.predicates.sql.speech import Bool, Expr

ZONED: Final = 40
"""A clause in everybody's own zone counts as so many nodes: to make one and to read it takes about as long."""
WEIGHTS: Final = f"a clause in everybody's own zone counts as {ZONED}; name a zone, or those that occur"
K = TypeVar("K", bound=Hashable)


def is_fixed(name: str | None) -> bool:
    """Whether the zone is the same for all."""
    return name not in (None, "lead", "account")


def weigh(layout: Layout) -> Weigh | None:
    """How much nodes count as, where any zone may occur: who asks in everybody's own zone writes them all out."""
    return None if layout.zones is not None else _weight


def _weight(node: Predicate) -> int:
    if isinstance(node, (Anniversary, Age, Elapsed)):
        return 1 if is_fixed(node.zone) else ZONED
    if isinstance(node, (InPeriod, Touched)) and node.period is not None and not is_fixed(node.period.zone):
        # Where each subject's year begins in a month of its own, it is asked for each of them.
        return ZONED if node.starts is None else 12 * ZONED
    return 1


def zoned(asking: Asking, name: str | None, means: Callable[[ZoneInfo], K], test: Callable[[K], Bool]) -> Bool:
    """A test that depends on the zone in which it is asked.

    Args:
        asking: The question.
        name: Which zone, as nodes name it: None, `"lead"`, `"account"`, or the name of one.
        means: What now means in a zone.
        test: The condition, given that.
    """
    if name is not None and is_fixed(name):
        return test(means(zone_named(name)))
    fallback = means(zone_named(asking.names.zone))
    answer = test(fallback)
    own = _own_zones(asking, name)
    if not own:
        return answer
    groups: dict[K, list[str]] = {}
    known = zone_names()
    for one in sorted(known if asking.layout.zones is None else known.intersection(asking.layout.zones)):
        groups.setdefault(means(zone_named(one)), []).append(one)
    for place, value in enumerate(reversed(own)):
        # Whoever has no zone of the first sort is asked for the next; so only at the end are some groups alike.
        turns = [
            (_is_one_of(value, zones), test(meaning))
            for meaning, zones in groups.items()
            if place or meaning != fallback
        ]
        if turns:
            answer = case(*turns, else_=answer)
    return answer


def _is_one_of(value: Expr, zones: Sequence[str]) -> Bool:
    """That a zone is one of these. They are one piece of text: as values of their own they take longest of all."""
    listed = ", ".join(f"'{one}'" for one in zones)  # names of zones have no quotes in them
    return value.op("IN", is_comparison=True)(literal_column(f"({listed})"))


def _own_zones(asking: Asking, name: str | None) -> list[Expr]:
    """Where zones lie, the most telling first."""
    found: list[Expr | None] = []
    if name in (None, "lead") and asking.layout.subject is SubjectKind.LEAD:
        found.append(_text(asking.layout.field(Field(Owner.LEAD, "zone"))))
    if name in (None, "account"):
        found.append(_of_account(asking))
    return [one for one in found if one is not None]


def _of_account(asking: Asking) -> Expr | None:
    field, layout = Field(Owner.ACCOUNT, "zone"), asking.layout
    if field.name not in asking.names.account_fields:
        return None
    here = _text(layout.field(field))
    if here is not None or layout.subject is SubjectKind.ACCOUNT:
        return here
    if asking.account is not None:
        return _text(asking.account.field(field))
    if layout.account is None or layout.account_id is None:
        return None
    account = layout.account()
    value = _text(account.field(field))
    if value is None:
        return None
    return (
        select(value)
        .select_from(account.source)
        .where(account.id == layout.account_id, also(account))
        .correlate_except(account.source)
        .scalar_subquery()
    )


def _text(cell: object) -> Expr | None:
    from nurture.predicates.sql.cells import JsonCell, TypedCell

    if not isinstance(cell, (JsonCell, TypedCell)):
        return None
    found = cell.read(FieldType.TEXT)
    return None if found is None else found.value
