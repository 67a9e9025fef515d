"""Records as rows and back: which table a kind lives in, and what its columns hold. May import `nurture.model`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar, cast

import attrs
from sqlalchemy import Table

from nurture.model import (
    EMPTY,
    Account,
    Activation,
    Alias,
    Allowance,
    DecisionRecord,
    Definition,
    Effect,
    FactId,
    InboxRow,
    Lead,
    Origin,
    Record,
    Standing,
    SubjectId,
    Touchpoint,
)
from nurture.storage.clock import from_micros, to_micros
from nurture.storage.codec import Json, decode_part, decode_values, encode_part, encode_values
from nurture.storage.recall import decode, encode
from nurture.storage.sql import schema

if TYPE_CHECKING:
    from datetime import datetime


T = TypeVar("T")
FACT: Final = ("id", "subject", "kind", "at", "received_at", "origin", "body")
"""The columns of a fact, in the order in which `read_fact` takes them."""

_COLUMNS: Final[Mapping[type[Record], tuple[str, ...]]] = {Touchpoint: FACT, InboxRow: ("id", "subject", "due_at")}
_ORIGINS: Final = {one.value: one for one in Origin}
Cell: TypeAlias = str | int | None
Row: TypeAlias = tuple[Cell, ...]


@attrs.frozen(slots=True)
class Shape:
    """How the records of one kind lie in their table.

    Attributes:
        table: The table.
        row: A record's row, in the order of the table's columns.
        versioned: Whether writes compare versions.
    """

    table: Table
    row: Callable[[str, Record], Row]
    versioned: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the table's columns, in order."""
        return tuple([column.name for column in self.table.c])


def readers() -> Mapping[type[Record], tuple[str, ...]]:
    """The columns that `read` wants, by kind."""
    return {kind: _COLUMNS.get(kind, ("body",)) for kind in SHAPES}


def read(kind: type[T], row: Row) -> T:
    """The record that is in a row of the columns that `readers` names."""
    if kind is Touchpoint:
        return cast("T", read_fact(row))
    if kind is InboxRow:
        fact, subject, due_at = cast("tuple[FactId, SubjectId, int]", row)
        return cast("T", InboxRow(fact=fact, subject=subject, due_at=from_micros(due_at)))
    return decode(kind, cast("str", row[0]))


def read_fact(row: Row) -> Touchpoint:
    """The fact that is in a row of the columns `FACT`."""
    name, subject, kind, at, received_at, origin, body = cast("tuple[FactId, SubjectId, str, int, int, str, str]", row)
    if not body:
        return Touchpoint(
            id=name, subject=subject, kind=kind, at=from_micros(at), received_at=from_micros(received_at),
            origin=_ORIGINS[origin],
        )  # fmt: skip
    rest = decode_part(body)
    properties = rest.pop("properties", None)
    return Touchpoint(
        id=name, subject=subject, kind=kind, at=from_micros(at), received_at=from_micros(received_at),
        origin=_ORIGINS[origin], properties=decode_values(properties) if properties else EMPTY, **rest,
    )  # fmt: skip


def _micros(instant: datetime | None) -> int | None:
    return None if instant is None else to_micros(instant)


def _lead(tenant: str, one: Lead) -> Row:
    return (tenant, one.id, one.version, one.account, encode(one))


def _plain(tenant: str, one: Account | Allowance | Activation) -> Row:
    return (tenant, one.id, one.version, encode(one))


def _touchpoint(tenant: str, one: Touchpoint) -> Row:
    """Facts are the many: what has a column is not in the body as well, and most bodies are short."""
    rest: dict[str, Json] = {}
    if one.properties:
        rest["properties"] = encode_values(one.properties)
    if one.channel is not None:
        rest["channel"] = one.channel
    if one.campaign is not None:
        rest["campaign"] = one.campaign
    if one.cause is not None:
        rest["cause"] = one.cause
    if one.suspect:
        rest["suspect"] = True
    body = encode_part(rest) if rest else ""
    return (
        tenant,
        one.id,
        one.subject,
        one.kind,
        to_micros(one.at),
        to_micros(one.received_at),
        one.origin.value,
        body,
    )


def _inbox(tenant: str, one: InboxRow) -> Row:
    return (tenant, one.fact, one.subject, to_micros(one.due_at))


def _standing(tenant: str, one: Standing) -> Row:
    return (
        tenant,
        one.subject,
        one.version,
        _micros(one.due_at),
        int(one.dead is not None),
        encode(one),
        _micros(one.advanced_to),
        one.failures,
    )


def _effect(tenant: str, one: Effect) -> Row:
    state, planned_at = one.state.value, to_micros(one.planned_at)
    return (
        tenant,
        one.id,
        one.version,
        one.subject,
        state,
        int(one.is_open),
        planned_at,
        _micros(one.due_at),
        encode(one),
    )


def _alias(tenant: str, one: Alias) -> Row:
    return (tenant, one.id, one.version, one.subject, encode(one))


def _definition(tenant: str, one: Definition) -> Row:
    return (tenant, one.id, encode(one))


def _decision(tenant: str, one: DecisionRecord) -> Row:
    return (tenant, one.id, one.subject, to_micros(one.at), encode(one))


def _shape(table: Table, row: Callable[[str, T], Row], *, versioned: bool) -> Shape:
    return Shape(table, cast("Callable[[str, Record], Row]", row), versioned)


SHAPES: Final[Mapping[type[Record], Shape]] = {
    Lead: _shape(schema.lead, _lead, versioned=True),
    Account: _shape(schema.account, _plain, versioned=True),
    Standing: _shape(schema.standing, _standing, versioned=True),
    Effect: _shape(schema.effect, _effect, versioned=True),
    Alias: _shape(schema.alias, _alias, versioned=True),
    Allowance: _shape(schema.allowance, _plain, versioned=True),
    Activation: _shape(schema.activation, _plain, versioned=True),
    Touchpoint: _shape(schema.touchpoint, _touchpoint, versioned=False),
    InboxRow: _shape(schema.inbox, _inbox, versioned=False),
    Definition: _shape(schema.definition, _definition, versioned=False),
    DecisionRecord: _shape(schema.decision, _decision, versioned=False),
}

ROWS: Final[Mapping[type[Record], Callable[[str, Record], Row]]] = {kind: one.row for kind, one in SHAPES.items()}
"""What makes a row of a record, by kind."""
