"""Whose day it is, as SQL: one test for each group of zones in which now means the same. May import SQLAlchemy.

What depends on now and the zone alone is worked out in Python, zone by zone; so the rules of the calendar and the
time zones are those of `match`, and the database compares with constants.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import case, select
from sqlalchemy.sql.expression import literal_column

from nurture.calendar import zone as zone_named
from nurture.calendar import zone_names
from nurture.model import SubjectKind
from nurture.predicates.operators import FieldType
from nurture.predicates.sql.asking import Asking, also
from nurture.predicates.tree import Field, Owner

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from nurture.predicates.sql.speech import Bool, Expr

K = TypeVar("K", bound=Hashable)


def is_fixed(name: str | None) -> bool:
    """Whether the zone is the same for all."""
    return name not in (None, "lead", "account")


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
            (value.in_([literal_column(f"'{one}'") for one in zones]), test(meaning))
            for meaning, zones in groups.items()
            if place or meaning != fallback
        ]
        if turns:
            answer = case(*turns, else_=answer)
    return answer


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
