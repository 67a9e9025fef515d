"""Changing a lead or an account: the projection one version on, and the fact that says before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

import attrs

from nurture.decisions import changed_properties
from nurture.model import Account, Fact, FrozenMapping, Lead, Touchpoint, Value

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.runtime.host import Host

R = TypeVar("R", Lead, Account)

_KINDS: Mapping[type, Fact] = {Lead: Fact.LEAD_CHANGED, Account: Fact.ACCOUNT_CHANGED}

_UNSEEN = frozenset({"external_ids", "consents"})
"""Fields that no predicate reads, and that are no plain values."""


def changed(
    host: Host,
    known: R,
    fields: Mapping[str, object],
    attributes: Mapping[str, Value],
    now: datetime,
    *,
    anyway: bool = False,
) -> tuple[R, list[Touchpoint]]:
    """The record with these values, and the fact that says so; the same one when nothing differs (or `anyway`)."""
    merged = {name: value for name, value in {**known.attributes, **attributes}.items() if value is not None}
    made = attrs.evolve(known, attributes=FrozenMapping(merged), **fields)  # type: ignore[arg-type]
    if made == known and not anyway:
        return known, []
    made = attrs.evolve(made, version=known.version + 1)
    names = [name for name in (*fields, *attributes) if name not in _UNSEEN]
    before = {name: _value_of(known, name) for name in names}
    after = {name: _value_of(made, name) for name in names}
    kind = _KINDS[made.__class__]
    properties = changed_properties(made.version, before, after)
    return made, [host.fact(made.id, kind, properties, now, key=f"revision:{made.version}")]


def _value_of(record: Lead | Account, name: str) -> Value:
    """A value as predicates see it: a built-in field, or a custom attribute; no tags at all are missing."""
    value: Value = getattr(record, name, None) if name in _builtin(record) else record.attributes.get(name)
    return None if value == () else value


def _builtin(record: Lead | Account) -> frozenset[str]:
    return _BUILTIN[record.__class__]


_BUILTIN: dict[type, frozenset[str]] = {
    kind: frozenset(field.name for field in attrs.fields(kind)) - {"attributes"} for kind in (Lead, Account)
}
