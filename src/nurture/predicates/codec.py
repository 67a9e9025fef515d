"""Predicates as JSON data, and back unchanged. May import the tree and `nurture.model`.

A node alone has no version: the document around it carries one, a program's or that of `to_document`. Reading
is strict: unknown nodes, keys and operators, wrong types, depth and size are refused with the JSON path and the
nearest names. What comes from outside as text is bounded before it is parsed, and read in time that grows
with its size and with nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias, cast

import attrs

from nurture.errors import DefinitionError, InvalidFactError, unknown_name
from nurture.predicates.encoding.cursor import Cursor, Json, as_object, check_keys, clipped, json_type, shown
from nurture.predicates.encoding.nodes import FORMS, NAMES
from nurture.predicates.literals import MAX_VALUES
from nurture.predicates.names import MAX_DEPTH, MAX_JSON_BYTES, MAX_NODES

if TYPE_CHECKING:
    from nurture.predicates.tree import Predicate

VERSION = 1
"""The version of the document that `to_document` writes."""
VERSION_KEY = "nurture_predicate"
"""The key by which a document says that it is one, and of which version."""

_DEEPEST = 64  # steps into a document: more than any that may be read
_LONGEST_NUMBER = 64  # characters: more than any number needs that a predicate may hold


@attrs.define
class _Reader:
    """Reads nodes, and counts them and the values of their lists."""

    max_depth: int
    max_nodes: int
    max_values: int
    nodes: int = 0
    values: int = 0

    def node(self, data: object, where: str, depth: int = 1) -> Predicate:
        """One node with everything inside it."""
        self.nodes += 1
        if self.nodes > self.max_nodes:
            raise DefinitionError(f"{where}: more than {self.max_nodes} nodes")
        if depth > self.max_depth:
            raise DefinitionError(f"{where}: nested more than {self.max_depth} deep")
        found = as_object(data)
        if found is None:
            raise DefinitionError(f"{where}: expected an object with 'node', found {json_type(data)}")
        name = found.get("node")
        if not isinstance(name, str):
            problem = f".node: expected text, found {json_type(name)}" if "node" in found else ": missing key 'node'"
            raise DefinitionError(f"{where}{problem}")
        if name not in FORMS:
            raise DefinitionError(unknown_name("node", shown(name), sorted(FORMS), where=f"{where}.node"))
        form = FORMS[name]
        check_keys(found, ("node", *form.required), form.optional, where)
        try:
            return form.from_cursor(Cursor(self.node, self.count, found, where, depth))
        except InvalidFactError as error:
            raise DefinitionError(clipped(str(error))) from None
        except DefinitionError as error:
            if all(problem.startswith(where) for problem in error.problems):
                raise
            raise DefinitionError(f"{where}: {clipped(problem)}" for problem in error.problems) from None

    def count(self, values: int, where: str) -> None:
        """Refuse a list when there are too many values in all lists together."""
        self.values += values
        if self.values > self.max_values:
            raise DefinitionError(f"{where}: expected at most {self.max_values} values in all lists together")


def to_json(predicate: Predicate) -> Json:
    """The predicate as JSON data; `from_json` gives an equal one back."""
    name = NAMES.get(type(predicate))
    if name is None:
        raise DefinitionError(f"expected a predicate made with q, found {type(predicate).__name__}")
    return {"node": name, **FORMS[name].to_json(predicate, to_json)}


def from_json(
    data: object,
    where: str = "$",
    *,
    max_depth: int = MAX_DEPTH,
    max_nodes: int = MAX_NODES,
    max_values: int = MAX_VALUES,
) -> Predicate:
    """The predicate that `to_json` wrote.

    Args:
        data: JSON data: objects, lists, text, numbers.
        where: Path of the data in its document, to begin messages with.
        max_depth: How deep it may be nested. Raise it only for data of our own making.
        max_nodes: How many nodes it may have; likewise.
        max_values: How many values its lists may have, all together; likewise.

    Raises:
        DefinitionError: It is no predicate; the message says where and names near misses.
    """
    return _Reader(max_depth, max_nodes, max_values).node(data, where)


def to_document(predicate: Predicate) -> Json:
    """The predicate as a document of its own, which says its version: what to store beside a name.

    Example:
        >>> from nurture.predicates import q
        >>> to_document(q.segment("hot"))
        {'nurture_predicate': 1, 'where': {'node': 'in_segment', 'name': 'hot'}}
    """
    return {VERSION_KEY: VERSION, "where": to_json(predicate)}


def from_document(data: object, where: str = "$") -> Predicate:
    """The predicate that `to_document` wrote, or a node alone.

    Raises:
        DefinitionError: It is neither, or of a version that this release does not know; the message says where.
    """
    found = as_object(data)
    if found is None or VERSION_KEY not in found:
        return from_json(data, where)
    version = found[VERSION_KEY]
    if version.__class__ is not int or version != VERSION:
        told = shown(str(version)) if isinstance(version, (int, float, str)) else json_type(version)
        raise DefinitionError(f"{where}.{VERSION_KEY}: this release reads version {VERSION}, found {told}")
    check_keys(found, (VERSION_KEY, "where"), (), where)
    return from_json(found["where"], f"{where}.where")


def dumps(predicate: Predicate) -> str:
    """The predicate alone as JSON text: the same text for equal predicates."""
    return _text(to_json(predicate))


def dumps_document(predicate: Predicate) -> str:
    """The predicate as the JSON text of a document of its own: the same text for equal predicates."""
    return _text(to_document(predicate))


def _text(data: Json) -> str:
    return json.dumps(data, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def loads(text: str | bytes, where: str = "$") -> Predicate:
    """The predicate from JSON text, which may come from outside: a document, or a node alone.

    Raises:
        DefinitionError: It is no text, is too long, is not JSON, holds a key twice or a number that cannot be held,
            or is no predicate; the message says where.
    """
    given = cast("object", text)  # whoever takes it from a request may hand in anything
    if not isinstance(given, (str, bytes, bytearray)):
        raise DefinitionError(f"{where}: expected JSON text, found {json_type(given)}")
    return from_document(_parse(given, where), where)


@attrs.frozen
class _Flaw:
    """What stands in the data in place of something that JSON allows and a predicate does not."""

    problem: str


@attrs.define
class _Hooks:
    """What the parser asks on its way; it knows no paths, so a flaw is put where it was found and looked for later."""

    flaws: int = 0

    def unique(self, pairs: list[tuple[str, object]]) -> object:
        """An object whose keys are all different."""
        found: Json = {}
        for key, value in pairs:
            if key in found:
                return self.flaw(f"the key {shown(key)!r} stands twice in one object")
            found[key] = value
        return found

    def whole(self, token: str) -> object:
        """A whole number that is not absurdly long: making one takes time that grows with the square of its length."""
        return int(token) if len(token) <= _LONGEST_NUMBER else self.flaw("expected a whole number of at most 64 bits")

    def number(self, token: str) -> object:
        """Any other number."""
        return float(token) if len(token) <= _LONGEST_NUMBER else self.flaw(f"a number of {len(token)} characters")

    def constant(self, token: str) -> object:
        """What JavaScript takes for a number and JSON does not."""
        return self.flaw(f"{token} is not a number that JSON knows")

    def flaw(self, problem: str) -> _Flaw:
        """What to put in its place."""
        self.flaws += 1
        return _Flaw(problem)


def _parse(text: str | bytes | bytearray, where: str) -> object:
    if len(text) > MAX_JSON_BYTES or (isinstance(text, str) and len(text.encode("utf-8", "replace")) > MAX_JSON_BYTES):
        raise DefinitionError(f"{where}: expected at most {MAX_JSON_BYTES} bytes of JSON")
    hooks = _Hooks()
    try:
        data: object = json.loads(
            text,
            object_pairs_hook=hooks.unique,
            parse_constant=hooks.constant,
            parse_int=hooks.whole,
            parse_float=hooks.number,
        )
    except RecursionError:
        raise DefinitionError(f"{where}: nested too deeply") from None
    except ValueError as error:
        raise DefinitionError(f"{where}: not JSON: {error}") from None
    if hooks.flaws:
        raise DefinitionError(_first_flaw(data, where))
    return data


_Path: TypeAlias = "tuple[_Path | None, str]"
"""A step, and those before it, which are shared: a path takes no more room where there are many."""


def _first_flaw(data: object, where: str) -> str:
    """What is wrong with the shallowest flaw, and where it stands. There is one."""
    level: list[tuple[object, _Path]] = [(data, (None, where))]
    for _ in range(_DEEPEST):
        below: list[tuple[object, _Path]] = []
        for value, path in level:
            if isinstance(value, _Flaw):
                return f"{_written_out(path)}: {value.problem}"
            below.extend((one, (path, step)) for step, one in _inside(value))
        level = below
    return f"{where}: nested too deeply"


def _inside(value: object) -> Iterator[tuple[str, object]]:
    """What stands in an object or a list and may be a flaw or hold one, with the step that leads there."""
    kinds = (_Flaw, dict, list)
    if isinstance(value, dict):
        inside = cast("Json", value)
        yield from ((f".{shown(key)}", one) for key, one in inside.items() if isinstance(one, kinds))
    elif isinstance(value, list):
        items = cast("list[object]", value)
        yield from ((f"[{n}]", one) for n, one in enumerate(items) if isinstance(one, kinds))


def _written_out(path: _Path | None) -> str:
    steps: list[str] = []
    while path is not None:
        path, step = path
        steps.append(step)
    return "".join(reversed(steps))
