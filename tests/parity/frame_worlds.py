"""The shared worlds as frames: pandas, Polars, PyArrow, DuckDB.

A column has one type, so each property is given one first, and facts lose what does not fit it; `match` is asked about
the same facts. Scores become numbers, as they read at the world's instant.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

from nurture.model import FrozenMapping, Value, account_values
from nurture.model.decay import value_at
from nurture.predicates import ACCOUNT_FIELDS, LEAD_FIELDS, FieldType
from nurture.predicates.literals import type_of
from tests.parity.worlds import ACCOUNT_ATTRIBUTES, LEAD_ATTRIBUTES, SCALES, World, random_world

T = FieldType
ARROW: Mapping[FieldType, pa.DataType] = {
    T.TEXT: pa.string(),
    T.INTEGER: pa.int64(),
    T.NUMBER: pa.float64(),
    T.BOOLEAN: pa.bool_(),
    T.INSTANT: pa.timestamp("us", tz="UTC"),
    T.DATE: pa.date32(),
    T.TEXTS: pa.list_(pa.string()),
}
FREE_PROPERTIES = ("x", "deal", "a.b", 'q"\\t', "none")
OF_CONSENT = {
    "channel": T.TEXT,
    "purpose": T.TEXT,
    "topic": T.TEXT,
    "entity": T.TEXT,
    "explicit": T.BOOLEAN,
    "expires_at": T.INSTANT,
}
_STANDING = {"stage": T.TEXT, "stage_since": T.INSTANT, **{f"score.{model}": T.NUMBER for model in SCALES}}
_LEAD = {"id": T.TEXT, **LEAD_FIELDS, **LEAD_ATTRIBUTES, **_STANDING}
_ACCOUNT = {"id": T.TEXT, **ACCOUNT_FIELDS, **ACCOUNT_ATTRIBUTES, **_STANDING}
_FACT = {
    "id": T.TEXT, "subject": T.TEXT, "kind": T.TEXT, "at": T.INSTANT, "origin": T.TEXT, "channel": T.TEXT,
    "campaign": T.TEXT, "suspect": T.BOOLEAN,
}  # fmt: skip
_NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
_CONNECTION = duckdb.connect(config={"threads": 1})
_NUMBERS = itertools.count()


def _duckdb(arrow: pa.Table) -> Any:
    name = f"t{next(_NUMBERS)}"
    _CONNECTION.register("arrow_table", arrow)
    _CONNECTION.execute(f"create temp table {name} as select * from arrow_table")
    return _CONNECTION.table(name)


BACKENDS: Mapping[str, Callable[[pa.Table], Any]] = {
    "pandas": lambda arrow: arrow.to_pandas(types_mapper=_NULLABLE.get),
    "pandas-pyarrow": lambda arrow: arrow.to_pandas(types_mapper=pd.ArrowDtype),
    "polars": pl.from_arrow,
    "polars-lazy": lambda arrow: pl.from_arrow(arrow).lazy(),  # type: ignore[union-attr]
    "pyarrow": lambda arrow: arrow,
    "duckdb": _duckdb,
}
ORDERED = ("pandas", "pandas-pyarrow", "polars", "pyarrow")
"""The backends whose frames have an order."""


@attrs.frozen
class Frames:
    """The frames of one world on one backend."""

    leads: Any
    accounts: Any
    touchpoints: Any
    memberships: Any
    enrollments: Any


@attrs.frozen
class TypedWorld:
    """A world whose properties have one type each, and its rows.

    Attributes:
        world: The world.
        types: The type of each property.
    """

    world: World
    types: Mapping[str, FieldType]

    def on(self, backend: str) -> Frames:
        """The frames on a backend."""
        world, make = self.world, BACKENDS[backend]
        runs = [(one.subject, *run) for one in world.standings.values() for run in one.run_states]
        stays = [(one.subject, *stay) for one in world.standings.values() for stay in one.memberships.items()]
        facts = [
            {name: getattr(fact, name) for name in _FACT} | {f"prop.{k}": v for k, v in fact.properties.items()}
            for fact in world.facts
        ]
        return Frames(
            leads=make(_table([self._row(one.id, dict(one.values)) for one in world.leads], _LEAD)),
            accounts=make(_table([self._row(one.id, account_values(one)) for one in world.accounts], _ACCOUNT)),
            touchpoints=make(_table(facts, _FACT | {f"prop.{name}": of for name, of in self.types.items()})),
            memberships=make(
                _table(
                    [{"subject": subject, "segment": name, "since": since} for subject, name, since in stays],
                    {"subject": T.TEXT, "segment": T.TEXT, "since": T.INSTANT},
                )
            ),
            enrollments=make(
                _table(
                    [{"subject": one, "scenario": name, "state": state.value} for one, name, state in runs],
                    {"subject": T.TEXT, "scenario": T.TEXT, "state": T.TEXT},
                )
            ),
        )

    def _row(self, subject: str, values: dict[str, Value]) -> dict[str, Any]:
        standing = self.world.standings.get(subject)
        row: dict[str, Any] = values | {"id": subject}
        if standing is not None:
            row |= {"stage": standing.stage, "stage_since": standing.stage_since}
            for model, state in standing.scores.items():
                row[f"score.{model}"] = value_at(state, SCALES[model], self.world.now)
        return row


def _table(rows: Sequence[Mapping[str, Any]], types: Mapping[str, FieldType]) -> pa.Table:
    return pa.table({name: pa.array([row.get(name) for row in rows], ARROW[of]) for name, of in types.items()})


def typed_world(seed: int) -> TypedWorld:
    """The shared world of a seed, with a type for each property."""
    world, dice = random_world(seed), random.Random(seed)
    types = {name: dice.choice([*T, T.NUMBER, T.NUMBER, T.TEXT]) for name in FREE_PROPERTIES} | OF_CONSENT
    facts = tuple(
        attrs.evolve(fact, properties=FrozenMapping(_fitting(fact.properties, types))) for fact in world.facts
    )
    return TypedWorld(attrs.evolve(world, facts=facts), types)


def _fitting(properties: Mapping[str, Value], types: Mapping[str, FieldType]) -> dict[str, Value]:
    fitted = {name: _fit(value, types[name]) for name, value in properties.items()}
    return {name: value for name, value in fitted.items() if value is not None}


def _fit(value: Value, of: FieldType) -> Value:
    if of is T.NUMBER and isinstance(value, int) and not isinstance(value, bool):
        return float(value) if int(float(value)) == value else None
    if of is T.TEXTS and isinstance(value, tuple):
        return value if all(isinstance(one, str) for one in value) else None
    return value if type_of(value) is of else None


def ids(native: Any) -> list[str]:
    """The ids of a frame that came back, in its order."""
    if isinstance(native, pl.LazyFrame):
        native = native.collect()
    if isinstance(native, duckdb.DuckDBPyRelation):
        return [row[0] for row in native.select("id").fetchall()]
    return native["id"].to_pylist() if isinstance(native, pa.Table) else list(native["id"])
