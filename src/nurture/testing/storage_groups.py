"""Small records and groups for the contract of stores. May import the ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

import attrs

from nurture.model import (
    AccountId,
    Changes,
    DecisionRecord,
    Effect,
    EffectId,
    EffectKind,
    EnrollmentId,
    FactId,
    InboxRow,
    Lead,
    LeadId,
    Record,
    Standing,
    SubjectId,
    Touchpoint,
)
from nurture.predicates import Need, Reach

if TYPE_CHECKING:
    from nurture.ports import Storage, Unit


T = TypeVar("T")
Clock: TypeAlias = Callable[[], datetime]

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""At which the clock of a store under test stands still."""

ANN, BEN = SubjectId("lead_ann"), SubjectId("lead_ben")
ACME = AccountId(SubjectId("acct_acme"))
DAY = timedelta(days=1)
WINDOW = Reach(kinds={"page.viewed": Need(window=3 * DAY)})
"""Pages viewed within three days."""


def fact(name: str, subject: SubjectId = ANN, *, at: datetime = NOON, kind: str = "page.viewed") -> Touchpoint:
    """A fact with this id."""
    return Touchpoint(id=FactId(name), subject=subject, kind=kind, at=at, received_at=at)


def row(name: str, subject: SubjectId = ANN, *, due_at: datetime = NOON) -> InboxRow:
    """The inbox row of a fact."""
    return InboxRow(fact=FactId(name), subject=subject, due_at=due_at)


def standing(subject: SubjectId = ANN, version: int = 1, **fields: object) -> Standing:
    """A standing of this version."""
    return with_fields(Standing(subject=subject, version=version, program="p"), fields)


def effect(name: str, subject: SubjectId = ANN, *, due_at: datetime | None = NOON, **fields: object) -> Effect:
    """A planned effect with this id."""
    one = Effect(
        id=EffectId(name), subject=subject, enrollment=EnrollmentId("e"), scenario="s", step="0",
        kind=EffectKind.MESSAGE, name="hello", planned_at=NOON, due_at=due_at,
    )  # fmt: skip
    return with_fields(one, fields)


def lead(subject: SubjectId = ANN, **fields: object) -> Lead:
    """A lead."""
    return with_fields(Lead(id=LeadId(subject), created_at=NOON, phone="0300000000"), fields)


def decision(name: str, at: datetime = NOON) -> DecisionRecord:
    """A decision record about Ann."""
    return DecisionRecord(id=name, subject=ANN, at=at)


def write(unit: Unit, subject: SubjectId, *records: Record, folded: Sequence[str] = ()) -> bool:
    """Put one group; whether it was written."""
    return subject not in unit.put({subject: Changes(records=records, folded=tuple(folded))})


def save(storage: Storage, *records: Record, subject: SubjectId = ANN, folded: Sequence[str] = ()) -> bool:
    """Put one group in a unit of its own; whether it was written."""
    with storage.begin() as unit:
        return write(unit, subject, *records, folded=folded)


def with_fields(record: T, fields: Mapping[str, object]) -> T:
    """The record with other values in some fields."""
    return cast("Callable[..., T]", attrs.evolve)(record, **fields)
