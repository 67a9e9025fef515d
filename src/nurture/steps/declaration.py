"""What everything that a host declares is made of: a record that takes values of its fields' own types only.

The types are read from the annotations, so that a new field is checked without a further word. May import predicates,
calendar, model and errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import ClassVar, Final, NewType, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import attrs

from nurture.calendar import Civil
from nurture.errors import DefinitionError, InvalidFactError
from nurture.model import FrozenMapping, Value, clean_choice, clean_instant, clean_value, clean_values
from nurture.model.values import in_order, plain_text
from nurture.predicates import Field, Predicate

T = TypeVar("T")
Take: TypeAlias = Callable[[object, str], object]
"""Gives a value back as a field holds it, or refuses it with its place."""

_MOST: Final = 2**63
_EXPECTED: Final[Mapping[type, str]] = {
    str: "text",
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    NoneType: "None",
    timedelta: "a timedelta",
    Civil: "civil(...)",
    datetime: "a datetime with a time zone",
    date: "a date",
    Predicate: "a predicate made with q",
    Field: "a field such as q.lead.title",
}


@attrs.frozen(slots=True)
class Declaration:
    """A record that a host writes in its program; whatever is of another type is refused where it is written.

    Lists become tuples, whole numbers in fields for any number become floats, and words become the choices that they
    name, so that a declaration equals what the codec reads back.

    Raises:
        DefinitionError: Values are of other types; all of them are listed, each with its place.
    """

    stands_in: ClassVar[str] = ""
    """Where it stands in a program, as errors name it; `""` means the class's own name."""
    expected: ClassVar[str] = ""
    """What errors call one of these, when something else stands where one belongs."""
    is_part: ClassVar[bool] = False
    """Whether a scenario looks at it: all that is wrong in its steps is told at once, each with the step's address."""
    is_addressed: ClassVar[bool] = False
    """Whether several of them have addresses, `then.0`, rather than an index, `caps[0]`."""

    def __attrs_post_init__(self) -> None:
        problems = misfits(self, "" if self.is_part else place_of(self))
        if problems and not self.is_part:
            raise DefinitionError(problems)

    def called(self) -> str:
        """The name by which errors tell it from others; `""` when it has none that can be shown."""
        name: object = getattr(self, "name", None)
        return name if isinstance(name, str) and len(name) <= 100 and name.isprintable() else ""


def fit(record: attrs.AttrsInstance, where: str) -> None:
    """Bring the values of a new record to the types of its fields.

    Args:
        record: What is being made.
        where: Where it stands, as errors name it; `""` means at the top.

    Raises:
        DefinitionError: Values are of other types; all of them are listed.
    """
    problems = misfits(record, where)
    if problems:
        raise DefinitionError(problems)


def misfits(record: attrs.AttrsInstance, where: str) -> list[str]:
    """Bring the values of a new record to the types of its fields; what cannot be brought there is listed."""
    prefix = f"{where}." if where else ""
    problems: list[str] = []
    for name, take in _takes(cast("type", record.__class__)):
        given: object = getattr(record, name)
        try:
            taken = take(given, f"{prefix}{name}")
        except DefinitionError as error:
            problems += error.problems
        else:
            if taken is not given:
                object.__setattr__(record, name, taken)
    return problems


def place_of(one: Declaration) -> str:
    """Where a declaration stands, with its name if it has one that can be shown."""
    where = one.stands_in or type(one).__name__.casefold()
    return f"{where}.{name}" if (name := one.called()) else where


def several(given: Iterable[T]) -> tuple[T, ...]:
    """Many as a tuple; what is not many stays as it is, so that the record it is meant for refuses it with its place.

    One text by itself is not many, and neither is a mapping.
    """
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(cast("object", given), Iterable):
        return cast("tuple[T, ...]", given)
    try:
        return in_order(given)
    except TypeError:  # a field such as q.lead.title says that it cannot be walked
        return cast("tuple[T, ...]", given)


def several_or_one(given: Iterable[T] | T, kind: type[T]) -> tuple[T, ...]:
    """The same, where one by itself is enough."""
    return (given,) if isinstance(given, kind) else several(cast("Iterable[T]", given))


def steps_given(given: Iterable[T], where: str) -> tuple[T, ...]:
    """The steps that are to stand beside others.

    Raises:
        DefinitionError: They are not many.
    """
    many = several(given)
    if not isinstance(cast("object", many), tuple):
        raise wrong(where, "a list of steps such as [send('hello')]", given)
    return many


def mapping_given(given: object, where: str) -> Mapping[str, object]:
    """What was given by name; None is nothing.

    Raises:
        DefinitionError: It is no mapping.
    """
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return cast("Mapping[str, object]", given)
    raise wrong(where, "a mapping", given)


def wrong(where: str, expected: str, found: object) -> DefinitionError:
    """The error that says what stands where something else belongs."""
    hint = "; compare it first, for instance == or .is_in(...)" if _is_term(found) and "predicate" in expected else ""
    return DefinitionError(f"{where}: expected {expected}, found {type(found).__name__}{hint}")


def _is_term(found: object) -> bool:
    return hasattr(type(found), "is_predicate_term")


@cache
def _takes(kind: type[attrs.AttrsInstance]) -> tuple[tuple[str, Take], ...]:
    hints = get_type_hints(kind)
    return tuple((one.name, _take_of(hints[one.name])) for one in attrs.fields(kind) if one.init)


def _take_of(hint: object) -> Take:
    if isinstance(hint, NewType):
        return _take_of(hint.__supertype__)
    if hint == Value:
        return _clean(clean_value)
    if hint == Mapping[str, Value]:
        return _clean(lambda given, where: clean_values(mapping_given(given, where), where))
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _one_of(inner)
    if origin is tuple:
        return _many(_take_of(inner[0]), _said(inner[0]), is_addressed=_is_addressed(inner[0]))
    if origin is Mapping:
        return _by_name(_take_of(inner[1]))
    return _single(cast("type[object]", hint))


def _single(kind: type[object]) -> Take:
    """What takes values of a class.

    What a number may be is asked of the whole program, with all that is wrong there: even whether it is finite.
    """
    if kind in _TAKES:
        return _TAKES[kind]
    if issubclass(kind, StrEnum):
        return _clean(lambda given, where: clean_choice(kind, given, where))
    expected = _said(kind)

    def take(given: object, where: str) -> object:
        if not isinstance(given, kind):
            raise wrong(where, expected, given)
        if isinstance(given, Declaration) and given.is_part:
            fit(given, where)
        return given

    return take


def _said(hint: object) -> str:
    """What is expected, in words."""
    if get_origin(hint) is tuple:
        return f"a list, each {_said(get_args(hint)[0])}"
    if not isinstance(hint, type):
        return "a value"
    return _called(cast("type[object]", hint))


def _called(kind: type[object]) -> str:
    if issubclass(kind, Declaration) and kind.expected:
        return kind.expected
    if issubclass(kind, StrEnum):
        return f"a word such as {next(iter(kind)).value!r}"
    return _EXPECTED.get(kind) or f"{'an' if kind.__name__[0] in 'AEIOU' else 'a'} {kind.__name__}"


def _clean(clean: Callable[[object, str], object]) -> Take:
    """What the model's own rule takes."""

    def take(given: object, where: str) -> object:
        try:
            return clean(given, where)
        except InvalidFactError as error:
            raise DefinitionError(str(error)) from None

    return take


def _one_of(kinds: tuple[object, ...]) -> Take:
    takes = [_take_of(kind) for kind in kinds if kind is not NoneType]
    may_lack = NoneType in kinds
    *others, last = [_said(kind) for kind in kinds if kind is not NoneType]
    expected = f"{', '.join(others)} or {last}" if others else last

    def take(given: object, where: str) -> object:
        if given is None and may_lack:
            return None
        if len(takes) == 1:
            return takes[0](given, where)
        for one in takes:
            try:
                return one(given, where)
            except DefinitionError:
                continue
        raise wrong(where, expected, given)

    return take


def _is_addressed(hint: object) -> bool:
    return isinstance(hint, type) and issubclass(hint, Declaration) and hint.is_addressed


def _many(inner: Take, expected: str, *, is_addressed: bool) -> Take:
    def place(where: str, index: int, one: object) -> str:
        if is_addressed:
            return f"{where}.{index}"
        name = one.called() if isinstance(one, Declaration) and one.is_part else ""
        return f"{where}.{name}" if name else f"{where}[{index}]"

    def take(given: object, where: str) -> object:
        many = several(cast("Iterable[object]", given))
        if not isinstance(cast("object", many), tuple):
            raise wrong(where, f"a list, each {expected}", given)
        found, problems = list[object](), list[str]()
        for index, one in enumerate(many):
            try:
                found.append(inner(one, place(where, index, one)))
            except DefinitionError as error:
                problems += error.problems
        if problems:
            raise DefinitionError(problems)
        is_same = many is given and all(one is other for one, other in zip(many, found, strict=True))
        return given if is_same else tuple(found)

    return take


def _by_name(inner: Take) -> Take:
    def take(given: object, where: str) -> object:
        found: dict[str, object] = {}
        for name, one in mapping_given(given, where).items():
            key = cast("str", _text(name, f"{where}: a name"))
            found[key] = inner(one, f"{where}.{key}")
        return FrozenMapping(found)

    return take


def _text(given: object, where: str) -> object:
    if not isinstance(given, str):
        raise wrong(where, "text", given)
    return plain_text(given)


def _truth(given: object, where: str) -> object:
    if not isinstance(given, bool):
        raise wrong(where, "True or False", given)
    return given


def _whole(given: object, where: str) -> object:
    if isinstance(given, bool) or not isinstance(given, int):
        raise wrong(where, "a whole number", given)
    if abs(given) >= _MOST:
        raise DefinitionError(f"{where}: expected a whole number of at most 64 bits")
    return given if type(given) is int else int(given)


def _number(given: object, where: str) -> object:
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise wrong(where, "a number", given)
    try:
        return given if type(given) is float else float(given)
    except OverflowError:
        raise DefinitionError(f"{where}: expected a finite number") from None


def _instant(given: object, where: str) -> object:
    return clean_instant(given, where)


def _day(given: object, where: str) -> object:
    if not isinstance(given, date) or isinstance(given, datetime):
        raise wrong(where, "a date", given)
    return given


_TAKES: Final[Mapping[type, Take]] = {
    str: _text,
    bool: _truth,
    int: _whole,
    float: _number,
    datetime: _clean(_instant),
    date: _day,
}
