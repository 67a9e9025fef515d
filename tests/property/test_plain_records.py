"""Whatever classes values come in, a record holds plain ones; so what is remembered is what would be read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from typing import cast

import attrs
import pytest
from hypothesis import given

from nurture.model import Account, Consent, FrozenMapping, Lead, Record, Touchpoint
from nurture.storage import codec, recall
from nurture.testing.strategies import records

PLAIN = frozenset({str, int, float, bool, datetime, date, timedelta, type(None)})
EDGES = (Lead, Account, Touchpoint, Consent)
"""Records that are made of what hosts give."""


class Markup(str):
    """Text that a template would not escape."""

    __slots__ = ()

    def __html__(self) -> str:
        return self

    def __str__(self) -> str:
        return "not the text"


class Whole(int):
    __slots__ = ()


class Real(float):
    __slots__ = ()


class Moment(datetime):
    pass


class Day(date):
    pass


DISGUISES: dict[type, Callable[..., object]] = {
    str: Markup,
    int: Whole,
    float: Real,
    datetime: lambda at: Moment.fromisoformat(at.isoformat()),
    date: lambda day: Day.fromisoformat(day.isoformat()),
}


def disguised(value: object) -> object:
    """The same with a subclass wherever a plain value was, as hosts hand it in."""
    if isinstance(value, tuple):
        return tuple(map(disguised, value))
    if isinstance(value, Mapping):
        return FrozenMapping({Markup(name): disguised(one) for name, one in value.items()})
    if isinstance(value, EDGES):
        given = {field.name: disguised(getattr(value, field.name)) for field in attrs.fields(type(value))}
        if "version" in given:
            given["version"] = value.version  # type: ignore[union-attr]  # ours, never a host's
        return type(value)(**given)  # type: ignore[arg-type]
    return DISGUISES.get(type(value), lambda one: one)(value)


def odd_values(value: object, where: str) -> list[str]:
    """Where in the record something is neither plain, nor a record, a tuple, a frozen set or mapping, or our choice."""
    if attrs.has(type(value)):
        fields = attrs.fields(type(value))
        return [odd for one in fields for odd in odd_values(getattr(value, one.name), f"{where}.{one.name}")]
    if isinstance(value, tuple | frozenset) and type(value) in (tuple, frozenset):
        return [odd for one in value for odd in odd_values(one, where)]
    if type(value) is FrozenMapping:
        pairs = value.items()
        return [odd for pair in pairs for one in pair for odd in odd_values(one, f"{where}[…]")]
    if isinstance(value, Enum):
        return [] if type(value).__module__.startswith("nurture.") else [where]
    return [] if type(value) in PLAIN else [f"{where}: {type(value).__name__}"]


@given(records())
def test_what_is_remembered_has_plain_types_only(record: Record) -> None:
    made = cast("Record", disguised(record)) if isinstance(record, EDGES) else record
    assert made == record
    found = recall.decode(cast("type[Record]", type(record)), recall.encode(made))
    assert odd_values(found, type(record).__name__) == []
    again = codec.decode(cast("type[Record]", type(record)), codec.encode(made))
    assert found == again


@pytest.mark.parametrize(
    "odd", [Markup("a"), Whole(1), Real(1.5), (Markup("a"),), frozenset([Markup("a")]), {Markup("a"): 1}]
)
def test_the_search_for_odd_values_finds_them(odd: object) -> None:
    assert odd_values(FrozenMapping(odd) if isinstance(odd, dict) else odd, "here") != []
