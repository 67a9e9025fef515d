"""Programs and scenarios as JSON, and back unchanged. May import cattrs.

The document carries a format and a version. Reading is strict: unknown keys, unknown kinds and wrong
types are refused, all at once, each with its JSON path and the nearest names that exist.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import TypeVar, cast

import attrs
from cattrs import Converter, transform_error
from cattrs.errors import ForbiddenExtraKeysError, IterableValidationError
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from nurture import calendar
from nurture.calendar import BusinessCalendar, Civil, PeriodUnit, Recurrence, Window
from nurture.errors import DefinitionError, InvalidFactError, NurtureError, unknown_name
from nurture.model import EMPTY, FrozenMapping, Value, digest
from nurture.model.values import value_from_json, value_to_json
from nurture.predicates import Names, Predicate, from_json, inlined, to_json
from nurture.predicates.inline import MAX_INLINED, MAX_INLINED_DEPTH
from nurture.predicates.literals import MAX_VALUES
from nurture.predicates.names import MAX_DEPTH, MAX_NODES
from nurture.predicates.tree import Field, Owner
from nurture.program.choices import choose
from nurture.program.entry import Entry, OnDate, OnSchedule
from nurture.program.program import Program, canonical
from nurture.program.scenario import Scenario
from nurture.steps import STEPS, Step

FORMAT = "nurture.program"
VERSION = 1


def program_to_json(program: Program) -> dict[str, object]:
    """The program as JSON data."""
    return {"format": FORMAT, "version": VERSION, "program": _converter().unstructure(program)}


def program_from_json(data: object) -> Program:
    """The program from JSON data or JSON text."""
    document = parse(data) if isinstance(data, (str, bytes)) else data
    if not isinstance(document, dict):
        raise DefinitionError("$: expected an object with 'format', 'version' and 'program'")
    found = cast("dict[str, object]", document)
    if found.get("format") != FORMAT:
        raise DefinitionError(f"$.format: expected {FORMAT!r}")
    if found.get("version") != VERSION:
        raise DefinitionError(f"$.version: expected {VERSION}; this document was written by another release")
    extra = sorted(set(found) - {"format", "version", "program"})
    if extra:
        raise DefinitionError([f"$.{unknown_name('key', key, ['format', 'version', 'program'])}" for key in extra])
    return _structured(found.get("program"), Program, "$.program")


def scenario_version(program: Program, scenario: Scenario) -> tuple[str, str]:
    """The hash and the JSON text of a scenario in which segments stand with their meaning inlined."""
    token = _INLINED.set(program.names(scenario.subject))
    try:
        body = canonical(_inlining_converter().unstructure(scenario))
    finally:
        _INLINED.reset(token)
    return digest("scen", body), body


def as_json(record: object) -> object:
    """A declaration, a step or a value of one, as JSON data."""
    return _converter().unstructure(record)


def content_of(program: Program, message: str) -> str:
    """The hash of what a message says: its texts in every language, its layout, and every block there is.

    A block counts whether the message shows it or not: an approval that is asked for once too often harms nobody.
    """
    key = f"content:{message}"
    found = program.memo.get(key)
    if not isinstance(found, str):
        written = program.message(message)
        layout = program.layout(written.layout) if written is not None and written.layout is not None else None
        parts = (written, layout, *program.blocks)
        found = program.memo[key] = digest("cont", *[canonical(_converter().unstructure(one)) for one in parts])
    return found


_INLINED: ContextVar[Names] = ContextVar("inlined")
"""What the segments mean that are being inlined: a converter takes long to make, so that one serves all programs."""


@cache
def _inlining_converter() -> Converter:
    return _make_converter(lambda predicate: to_json(inlined(predicate, _INLINED.get())))


def scenario_from_definition(body: str) -> Scenario:
    """The pinned version of a scenario that `scenario_version` wrote."""
    return _structured(json.loads(body), Scenario, "$", _pinned_converter())


def parse(text: str | bytes) -> object:
    """JSON text as data; a key that stands twice is refused, as are NaN and infinities."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in pairs:
            if key in found:
                raise DefinitionError(f"$: the key {key!r} stands twice in one object")
            found[key] = value
        return found

    def refuse(token: str) -> float:
        raise DefinitionError(f"$: {token} is not a number that JSON knows")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except RecursionError:
        raise DefinitionError("$: nested too deeply") from None
    except ValueError as error:
        if isinstance(error, DefinitionError):
            raise
        raise DefinitionError(f"$: not JSON: {error}") from None


T = TypeVar("T")


def _structured(data: object, kind: type[T], where: str, converter: Converter | None = None) -> T:
    try:
        return (converter or _converter()).structure(data, kind)
    except DefinitionError:
        raise
    except Exception as error:  # cattrs raises groups of anything; every leaf becomes one problem
        raise DefinitionError(transform_error(error, where, _sentence)) from error


def _sentence(error: BaseException, _kind: type | None) -> str:
    if isinstance(error, ForbiddenExtraKeysError):
        known = [field.name for field in attrs.fields(error.cl)] if attrs.has(error.cl) else []
        return "; ".join(unknown_name("key", key, known) for key in sorted(error.extra_fields))
    if isinstance(error, NurtureError):
        return str(error)
    if isinstance(error, KeyError):
        return f"missing key {error.args[0]!r}"
    if isinstance(error, IterableValidationError):
        return "invalid list"
    return f"{type(error).__name__}: {error}" if isinstance(error, (TypeError, ValueError)) else type(error).__name__


@cache
def _converter() -> Converter:
    return _make_converter(to_json)


@cache
def _pinned_converter() -> Converter:
    """Reads what this library wrote itself: inlining segments may have made it deeper than people may write."""
    return _make_converter(to_json, max_depth=MAX_INLINED_DEPTH, max_nodes=MAX_INLINED, max_values=MAX_INLINED)


def _make_converter(
    write_predicate: Callable[[Predicate], object],
    max_depth: int = MAX_DEPTH,
    max_nodes: int = MAX_NODES,
    max_values: int = MAX_VALUES,
) -> Converter:
    converter = Converter(
        forbid_extra_keys=True,
        omit_if_default=True,
        detailed_validation=True,
        unstruct_collection_overrides={tuple: list},
    )
    converter.register_unstructure_hook_func(_is_predicate, write_predicate)
    converter.register_structure_hook_func(
        _is_predicate,
        lambda data, _: from_json(data, max_depth=max_depth, max_nodes=max_nodes, max_values=max_values),
    )
    _register_durations(converter)
    _register_scalars(converter)
    _register_steps(converter)
    _register_entries(converter)
    converter.register_unstructure_hook(
        Program,
        make_dict_unstructure_fn(Program, converter, _cattrs_omit_if_default=True, memo=override(omit=True)),
    )
    converter.register_structure_hook(
        Program,
        make_dict_structure_fn(Program, converter, _cattrs_forbid_extra_keys=True, memo=override(omit=True)),
    )
    return converter


def _is_predicate(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Predicate)


def _is_values(kind: object) -> bool:
    return kind == Mapping[str, Value] or kind == FrozenMapping[Value]


def _register_durations(converter: Converter) -> None:
    def read(data: object, _: object) -> timedelta | Civil:
        return calendar.from_json(cast("dict[str, object]", data))

    def read_elapsed(data: object, _: object) -> timedelta:
        found = calendar.from_json(cast("dict[str, object]", data))
        if not isinstance(found, timedelta):
            raise DefinitionError("expected an elapsed duration, found a civil one")
        return found

    def read_span(data: object, kind: object) -> timedelta | PeriodUnit:
        return choose(PeriodUnit, data, "") if isinstance(data, str) else read_elapsed(data, kind)

    converter.register_unstructure_hook(timedelta, calendar.to_json)
    converter.register_unstructure_hook(Civil, calendar.to_json)
    converter.register_structure_hook(timedelta, read_elapsed)
    converter.register_structure_hook_func(lambda kind: kind == timedelta | Civil, read)
    converter.register_unstructure_hook_func(lambda kind: kind == timedelta | Civil, calendar.to_json)
    converter.register_structure_hook_func(
        lambda kind: kind == timedelta | Civil | None, lambda data, kind: None if data is None else read(data, kind)
    )
    converter.register_unstructure_hook_func(
        lambda kind: kind == timedelta | Civil | None, lambda value: None if value is None else calendar.to_json(value)
    )
    converter.register_structure_hook_func(lambda kind: kind == timedelta | PeriodUnit, read_span)
    converter.register_unstructure_hook_func(
        lambda kind: kind == timedelta | PeriodUnit,
        lambda value: value.value if isinstance(value, PeriodUnit) else calendar.to_json(value),
    )
    converter.register_unstructure_hook(Window, calendar.window_to_json)
    converter.register_structure_hook(Window, lambda data, _: calendar.window_from_json(data))
    converter.register_unstructure_hook(BusinessCalendar, calendar.calendar_to_json)
    converter.register_structure_hook(BusinessCalendar, lambda data, _: calendar.calendar_from_json(data))


def _register_scalars(converter: Converter) -> None:
    def strict(kind: type) -> Callable[[object, object], object]:
        def read(data: object, _: object) -> object:
            wrong = not isinstance(data, kind) or (isinstance(data, bool) and kind is not bool)
            if wrong and not (kind is float and isinstance(data, int) and not isinstance(data, bool)):
                raise DefinitionError(f"expected {kind.__name__}, found {type(data).__name__}")
            return float(cast("float", data)) if kind is float else data

        return read

    def read_choice(data: object, kind: type[StrEnum]) -> StrEnum:
        return choose(kind, data, "")

    converter.register_structure_hook_func(
        lambda kind: isinstance(kind, type) and issubclass(kind, StrEnum), read_choice
    )
    for kind in (str, int, float, bool):
        converter.register_structure_hook(kind, strict(kind))
    converter.register_structure_hook_func(
        lambda kind: kind == int | float,
        lambda data, _: data if isinstance(data, int) and not isinstance(data, bool) else strict(float)(data, _),
    )
    converter.register_unstructure_hook(datetime, lambda value: value.isoformat())
    converter.register_structure_hook(datetime, lambda data, _: datetime.fromisoformat(data))
    converter.register_unstructure_hook(date, lambda value: value.isoformat())
    converter.register_structure_hook(date, lambda data, _: date.fromisoformat(data))
    converter.register_unstructure_hook_func(
        _is_values, lambda values: {k: value_to_json(v) for k, v in values.items()}
    )
    converter.register_structure_hook_func(_is_values, lambda data, _: _read_values(data))
    converter.register_unstructure_hook_func(lambda kind: kind == Value, value_to_json)
    converter.register_structure_hook_func(lambda kind: kind == Value, lambda data, _: value_from_json(data))


def _read_values(data: object) -> FrozenMapping[Value]:
    if not isinstance(data, dict):
        raise InvalidFactError("values", "an object", found=type(data).__name__)
    found = cast("dict[str, object]", data)
    return FrozenMapping({key: value_from_json(value, key) for key, value in found.items()}) if found else EMPTY


def _register_steps(converter: Converter) -> None:
    kinds = {step.kind: step for step in STEPS}

    writers: dict[type[Step], Callable[[Step], dict[str, object]]] = {}
    readers: dict[type[Step], Callable[..., object]] = {}

    def write(step: Step) -> dict[str, object]:
        kind = step.__class__
        if kind not in writers:  # made on first use: by then every hook is known
            writers[kind] = make_dict_unstructure_fn(kind, converter, _cattrs_omit_if_default=True)
        return {"step": step.kind, **writers[kind](step)}

    def read(data: object, _: object) -> Step:
        if not isinstance(data, dict):
            raise DefinitionError(f"expected a step, found {type(data).__name__}")
        fields = dict(cast("dict[str, object]", data))
        kind = fields.pop("step", None)
        if not isinstance(kind, str) or kind not in kinds:
            raise DefinitionError(unknown_name("step", str(kind), list(kinds)))
        record = kinds[kind]
        if record not in readers:
            readers[record] = make_dict_structure_fn(record, converter, _cattrs_forbid_extra_keys=True)
        return cast("Step", readers[record](fields, record))

    converter.register_unstructure_hook_func(lambda kind: isinstance(kind, type) and issubclass(kind, Step), write)
    converter.register_structure_hook_func(lambda kind: kind is Step, read)


_ENTRIES: Mapping[str, type[OnDate | OnSchedule]] = {"date": OnDate, "schedule": OnSchedule}
_ENTRY = cast("object", Entry | None)
_FIELD_KEYS = ("of", "field")


def _register_entries(converter: Converter) -> None:
    """What may stand as a scenario's `on`, and the fields that it and the steps name."""
    words = {kind: word for word, kind in _ENTRIES.items()}

    def write(entry: Entry | None) -> object:
        if isinstance(entry, (OnDate, OnSchedule)):
            return {"entry": words[type(entry)], **converter.unstructure(entry)}
        return None if entry is None else converter.unstructure(entry)

    def read(data: object, _: object) -> Entry | None:
        if not isinstance(data, dict) or "entry" not in data:
            return None if data is None else converter.structure(data, Predicate)
        fields = dict(cast("dict[str, object]", data))
        word = fields.pop("entry")
        if not isinstance(word, str) or word not in _ENTRIES:
            raise DefinitionError(unknown_name("entry", str(word), list(_ENTRIES)))
        return converter.structure(fields, _ENTRIES[word])

    converter.register_unstructure_hook(Field, lambda one: {"of": one.owner.value, "field": one.name})
    converter.register_structure_hook(Field, lambda data, _: _read_field(data))
    converter.register_unstructure_hook(Recurrence, calendar.recurrence_to_json)
    converter.register_structure_hook(Recurrence, lambda data, _: calendar.recurrence_from_json(data))
    converter.register_unstructure_hook_func(lambda kind: kind == _ENTRY, write)
    converter.register_structure_hook_func(lambda kind: kind == _ENTRY, read)


def _read_field(data: object) -> Field:
    if not isinstance(data, dict):
        raise DefinitionError(f"expected an object with 'of' and 'field', found {type(data).__name__}")
    said = cast("dict[str, object]", data)
    extra = sorted(set(said) - set(_FIELD_KEYS))
    if extra:
        raise DefinitionError([unknown_name("key", key, list(_FIELD_KEYS)) for key in extra])
    name = said.get("field")
    if not isinstance(name, str):
        raise DefinitionError("expected the name of a field under 'field'")
    return Field(choose(Owner, said.get("of"), "of"), name)
