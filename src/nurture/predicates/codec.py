"""Predicates as JSON data, and back unchanged. May import the tree and `nurture.model`.

The form has no version of its own: the document around it (a program) carries one. Every node has
one entry in `_CODECS`, which also says which keys it has. Reading is strict: unknown nodes, keys and
operators, wrong types, depth and size are refused with the JSON path and the nearest names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeVar, cast

import attrs

from nurture.errors import DefinitionError, InvalidFactError, unknown_name
from nurture.model import Origin
from nurture.model.values import value_from_json, value_to_json
from nurture.predicates._cursor import Cursor, Json, expected, json_type
from nurture.predicates.literals import MAX_VALUES
from nurture.predicates.names import MAX_DEPTH, MAX_NODES
from nurture.predicates.operators import OPERATORS, Operand
from nurture.predicates.touches import Quantifier, Touched
from nurture.predicates.tree import (
    All,
    AnyOf,
    Compare,
    Everyone,
    Field,
    InSegment,
    InStage,
    Not,
    Owner,
    Predicate,
    Score,
    TimeInStage,
)

_MICROSECOND = timedelta(microseconds=1)


@attrs.define
class _Reader:
    """Reads nodes, and counts them."""

    max_depth: int
    max_nodes: int
    nodes: int = 0

    def node(self, data: object, where: str, depth: int = 1) -> Predicate:
        """One node with everything inside it."""
        self.nodes += 1
        if self.nodes > self.max_nodes:
            raise DefinitionError(f"{where}: more than {self.max_nodes} nodes")
        if depth > self.max_depth:
            raise DefinitionError(f"{where}: nested more than {self.max_depth} deep")
        if not isinstance(data, dict):
            raise DefinitionError(f"{where}: expected an object with 'node', found {json_type(data)}")
        found = cast("Json", data)
        name = found.get("node")
        if not isinstance(name, str) or name not in _CODECS:
            raise DefinitionError(unknown_name("node", str(name), sorted(_CODECS), where=f"{where}.node"))
        codec = _CODECS[name]
        problems = [
            *(
                f"{where}: {unknown_name('key', key, codec.keys)}"
                for key in sorted(found, key=str)
                if key not in ("node", *codec.keys)
            ),
            *(f"{where}: missing key {key!r}" for key in codec.required if key not in found),
        ]
        if problems:
            raise DefinitionError(problems)
        try:
            return codec.read(Cursor(self.node, found, where, depth))
        except InvalidFactError as error:
            raise DefinitionError(str(error)) from None
        except DefinitionError as error:
            if all(problem.startswith(where) for problem in error.problems):
                raise
            raise DefinitionError(f"{where}: {problem}" for problem in error.problems) from None


@attrs.frozen
class _Codec:
    """How one kind of node is written and read, and its keys."""

    node: type[Predicate]
    write: Callable[[Predicate], Json]
    read: Callable[[Cursor], Predicate]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        return self.required + self.optional


N = TypeVar("N", bound=Predicate)


def _codec(
    node: type[N],
    write: Callable[[N], Json],
    read: Callable[[Cursor], N],
    required: tuple[str, ...] = (),
    optional: tuple[str, ...] = (),
) -> _Codec:
    return _Codec(node, cast("Callable[[Predicate], Json]", write), read, required, optional)


def _write_compare(node: Compare) -> Json:
    written: Json = {"of": node.field.owner.value, "field": node.field.name, "op": node.op}
    if OPERATORS[node.op].operand is not Operand.NOTHING:
        written["value"] = value_to_json(node.value)
    return written


def _read_compare(at: Cursor) -> Compare:
    op = at.text("op")
    row = OPERATORS.get(op)
    if row is None:
        raise DefinitionError(unknown_name("operator", op, sorted(OPERATORS), where=f"{at.where}.op"))
    if (row.operand is Operand.NOTHING) == ("value" in at.data):
        problem = "takes no value" if row.operand is Operand.NOTHING else "missing key 'value'"
        raise DefinitionError(f"{at.where}: {op}: {problem}")
    data: object = at.data.get("value")
    if isinstance(data, list) and len(cast("list[object]", data)) > MAX_VALUES:
        raise DefinitionError(f"{at.where}.value: expected at most {MAX_VALUES} values")
    try:
        value = value_from_json(at.data.get("value"), f"{at.where}.value")
    except (ValueError, OverflowError) as error:
        if isinstance(error, InvalidFactError):
            raise
        raise DefinitionError(f"{at.where}.value: expected a date or an instant in ISO 8601") from None
    return Compare(Field(at.choice("of", Owner), at.text("field")), op, value)


_TOUCHED = ("kind", "where", "within_us", "origin", "channel", "campaign", "suspect", "quantifier", "op", "n", "last")


def _write_touched(node: Touched) -> Json:
    written: Json = {
        "kind": node.kind,
        "where": None if node.having is None else to_json(node.having),
        "within_us": None if node.window is None else node.window // _MICROSECOND,
        "origin": None if node.origin is None else node.origin.value,
        "channel": node.channel,
        "campaign": node.campaign,
        "suspect": node.suspect or None,
    }
    written = {key: value for key, value in written.items() if value is not None}
    if node.last_where is not None:
        return {**written, "quantifier": node.quantifier.value, "last": to_json(node.last_where)}
    return {**written, "op": node.op, "n": node.n}


def _read_touched(at: Cursor) -> Touched:
    data = at.data
    return Touched(
        at.optional_text("kind"),
        having=at.inside("where") if "where" in data else None,
        window=at.length("within_us") if "within_us" in data else None,
        origin=at.choice("origin", Origin) if "origin" in data else None,
        channel=at.optional_text("channel"),
        campaign=at.optional_text("campaign"),
        suspect=at.flag("suspect"),
        quantifier=at.choice("quantifier", Quantifier) if "quantifier" in data else Quantifier.COUNT,
        op=at.text("op") if "op" in data else "ge",
        n=at.whole("n", 1),
        last_where=at.inside("last") if "last" in data else None,
    )


def _read_score(at: Cursor) -> Score:
    value = at.data.get("value")
    if value.__class__ not in (int, float):
        raise DefinitionError(f"{at.where}.value: expected a number, found {json_type(value)}")
    return Score(at.text("model"), at.text("op"), cast("float", value))


def _read_stage(at: Cursor) -> InStage:
    names = at.items("names")
    return InStage(tuple(expected(one, str, f"{at.where}.names[{place}]", "text") for place, one in enumerate(names)))


_CODECS: Mapping[str, _Codec] = {
    "everyone": _codec(Everyone, lambda node: {}, lambda at: Everyone()),
    "all": _codec(
        All,
        lambda node: {"parts": [to_json(part) for part in node.parts]},
        lambda at: All(at.each("parts")),
        ("parts",),
    ),
    "any": _codec(
        AnyOf,
        lambda node: {"parts": [to_json(part) for part in node.parts]},
        lambda at: AnyOf(at.each("parts")),
        ("parts",),
    ),
    "not": _codec(Not, lambda node: {"part": to_json(node.part)}, lambda at: Not(at.inside("part")), ("part",)),
    "compare": _codec(Compare, _write_compare, _read_compare, ("of", "field", "op"), ("value",)),
    "touched": _codec(Touched, _write_touched, _read_touched, (), _TOUCHED),
    "score": _codec(
        Score,
        lambda node: {"model": node.model, "op": node.op, "value": node.value},
        _read_score,
        ("model", "op", "value"),
    ),
    "in_stage": _codec(InStage, lambda node: {"names": list(node.names)}, _read_stage, ("names",)),
    "time_in_stage": _codec(
        TimeInStage,
        lambda node: {"op": node.op, "length_us": node.length // _MICROSECOND},
        lambda at: TimeInStage(at.text("op"), at.length("length_us")),
        ("op", "length_us"),
    ),
    "in_segment": _codec(InSegment, lambda node: {"name": node.name}, lambda at: InSegment(at.text("name")), ("name",)),
}
"""Every kind of node by the name it has in JSON."""

_NAMES = {codec.node: name for name, codec in _CODECS.items()}


def to_json(predicate: Predicate) -> Json:
    """The predicate as JSON data; `from_json` gives an equal one back."""
    name = _NAMES.get(type(predicate))
    if name is None:
        raise DefinitionError(f"expected a predicate made with q, found {type(predicate).__name__}")
    return {"node": name, **_CODECS[name].write(predicate)}


def from_json(data: object, where: str = "$", *, max_depth: int = MAX_DEPTH, max_nodes: int = MAX_NODES) -> Predicate:
    """The predicate that `to_json` wrote.

    Args:
        data: JSON data: objects, lists, text, numbers.
        where: Path of the data in its document, to begin messages with.
        max_depth: How deep it may be nested. Raise it only for data of our own making.
        max_nodes: How many nodes it may have; likewise.

    Raises:
        DefinitionError: It is no predicate; the message says where and names near misses.
    """
    return _Reader(max_depth, max_nodes).node(data, where)


def dumps(predicate: Predicate) -> str:
    """The predicate as JSON text: the same text for equal predicates."""
    return json.dumps(to_json(predicate), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def loads(text: str | bytes, where: str = "$") -> Predicate:
    """The predicate from JSON text, which may come from outside.

    Raises:
        DefinitionError: It is not JSON, holds a key twice or NaN, or is no predicate.
    """

    def unique(pairs: list[tuple[str, object]]) -> Json:
        found = dict(pairs)
        if len(found) != len(pairs):
            twice = next(key for place, (key, _) in enumerate(pairs) if key in dict(pairs[:place]))
            raise DefinitionError(f"{where}: the key {twice!r} stands twice in one object")
        return found

    def refuse(token: str) -> float:
        raise DefinitionError(f"{where}: {token} is not a number that JSON knows")

    try:
        data = json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except RecursionError:
        raise DefinitionError(f"{where}: nested too deeply") from None
    except ValueError as error:
        if isinstance(error, DefinitionError):
            raise
        raise DefinitionError(f"{where}: not JSON: {error}") from None
    return from_json(data, where)
