"""What is handed to the host's object: a value of another type is refused before anything is read or written.

The types are read from the annotations of the methods, so that a new parameter is checked without a further word. What
a value says is for those to judge who use it. May import the program and what lies below it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache, wraps
from inspect import Parameter, isfunction, signature
from operator import attrgetter
from types import NoneType
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeAlias, TypeVar, cast

import attrs

from nurture.calendar import Civil
from nurture.errors import InvalidFactError
from nurture.model import Consent, FrozenMapping, Origin, Touchpoint
from nurture.model.values import clean_text
from nurture.predicates.terms import FieldTerm
from nurture.program import Message

if TYPE_CHECKING:
    from types import FunctionType

C = TypeVar("C")
S = TypeVar("S")
P = ParamSpec("P")
R = TypeVar("R")
Fits: TypeAlias = Callable[[object], bool]
Test: TypeAlias = tuple[str, tuple[Fits, ...]]
"""What is expected, and what a value must fit one of; nothing where its users tell what is wrong."""

_BETWEEN: Final = re.compile(r" \| (?![^\[]*\])")
"""What stands between the alternatives of a type, though not within brackets."""


def _are_many(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping, FieldTerm))


def is_collection(value: object) -> bool:
    """Whether it is many that can be walked again; one text is not, and a mapping is not."""
    return _are_many(value) and isinstance(value, Collection)


def _is_none(value: object) -> bool:
    return value is None


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MOST


def _is_short(text: str) -> bool:
    """Whether nothing can be wrong with a text; of others it is looked for."""
    return text.isascii() and len(text) < _SHORT and "\x00" not in text


def _is_token(value: object) -> bool:
    """It comes from a link, so anybody may have written it: one that is not ours is unknown, whatever it says."""
    return isinstance(value, str)


def _is_of(*kinds: type) -> Fits:
    return lambda value: isinstance(value, kinds)


_TEXT: Final = ("text", _is_of(str))
_TOKEN: Final = ("text", (_is_token,))
_MOST: Final = 2**63
_SHORT: Final = 1000
_SORTS: Final[Mapping[str, tuple[str, Fits]]] = {
    "str": _TEXT,
    "bool": ("True or False", _is_of(bool)),
    "int": ("a whole number of at most 64 bits", _is_whole),
    "datetime": ("a datetime with a time zone", _is_of(datetime)),
    "timedelta": ("a timedelta", _is_of(timedelta)),
    "Duration": ("a timedelta or civil(...)", _is_of(timedelta, Civil)),
    "None": ("None", _is_none),
    "Mapping": ("a mapping", _is_of(Mapping)),
    "Sequence": ("several", is_collection),
    "Collection": ("several", is_collection),
    "Iterable": ("several, such as a list", _are_many),
    "Callable": ("something that can be called", lambda value: callable(value) and not isinstance(value, FieldTerm)),
    "LeadId": ("the id of a lead, lead_…", _is_of(str)),
    "AccountId": ("the id of an account, acct_…", _is_of(str)),
    "SubjectId": ("the id of a lead or an account, lead_… or acct_…", _is_of(str)),
    "EffectId": ("the id of an effect, eff_… or cast_…", _is_of(str)),
    "FactId": ("the id of a fact, fact_…", _is_of(str)),
    "Consent": ("a Consent", _is_of(Consent)),
    "Message": ("a Message", _is_of(Message)),
    "Touchpoint": ("a Touchpoint", _is_of(Touchpoint)),
    **dict.fromkeys(("Basis", "Fate", "Origin", "Purpose", "Repeat", "SubjectKind"), _TEXT),
}
"""The types that can be told by themselves, with what errors call them. Of others their users tell what is wrong."""
_USUAL: Final[Mapping[str, tuple[type, ...]]] = {
    **dict.fromkeys(("str", "LeadId", "AccountId", "SubjectId", "EffectId", "FactId"), (str,)),
    "Mapping": (dict, FrozenMapping),
    "None": (NoneType,),
    "Origin": (Origin,),
    "bool": (bool,),
    "datetime": (datetime,),
}
"""What most values are, by the name of the type."""
_PLACES: Final[Mapping[str, str]] = {"capture": "lead", "capture_account": "account"}
"""What the arguments of a method are fields of, as errors name them."""
_JUDGED_ELSEWHERE: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("add_to_list", "remove_from_list", "replace_list"), frozenset({"name"})),
    "no_next_step": frozenset({"untouched"}),
    "page": frozenset({"cursor"}),
    "test_send": frozenset({"to"}),
}
"""Arguments whose users say more about what is wrong than their type does."""


def checked(cls: type[C]) -> type[C]:
    """The class, whose public methods refuse arguments of other types.

    Each of them raises `InvalidFactError` with the name of the argument; what was given is not repeated.
    """
    for name, member in list(vars(cls).items()):
        if isfunction(member) and not name.startswith("_"):
            setattr(cls, name, _checked(member, _tests_of(member), _PLACES.get(name, "")))
    return cls


def refuse_misfits(record: attrs.AttrsInstance, where: str) -> None:
    """Refuse a record that a host made and that holds values of other types than its fields.

    Raises:
        InvalidFactError: One does; its field is named.
    """
    for name, test in _tests_within(cast("type", record.__class__)):
        _test(name, getattr(record, name), test, where)


def is_plain(record: attrs.AttrsInstance) -> bool:
    """Whether all its values are of the usual types: if so, nothing about them need be refused. It is quick to say."""
    get, usual, known = _usual_within(cast("type", record.__class__))
    values = get(record)
    kinds = tuple(map(type, values))
    texts = known.get(kinds)
    if texts is None:
        if not all(one in some for one, some in zip(kinds, usual, strict=True)):
            return False
        texts = known[kinds] = tuple(place for place, one in enumerate(kinds) if one is str)
    return _is_short("".join([cast("str", values[place]) for place in texts]))


@cache
def _tests_within(kind: type[attrs.AttrsInstance]) -> tuple[tuple[str, Test], ...]:
    return tuple((one.name, _test_of(str(one.type))) for one in attrs.fields(kind))


_Usual: TypeAlias = tuple[
    "attrgetter[tuple[object, ...]]", tuple[frozenset[type], ...], dict[tuple[type, ...], tuple[int, ...]]
]
"""How the values are read, the usual types of each, and for types that were seen together the places of the texts."""


@cache
def _usual_within(kind: type[attrs.AttrsInstance]) -> _Usual:
    fields = attrs.fields(kind)
    usual = tuple(
        frozenset(exact for one in _BETWEEN.split(str(field.type)) for exact in _USUAL.get(one.partition("[")[0], ()))
        for field in fields
    )
    return attrgetter(*[one.name for one in fields]), usual, {}


def _checked(
    method: Callable[Concatenate[S, P], R], tests: Mapping[str, Test], where: str
) -> Callable[Concatenate[S, P], R]:
    in_order = tuple(tests)

    @wraps(method)
    def call(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        for name, value in zip(in_order, args, strict=False):
            _test(name, value, tests[name], where)
        for name, value in kwargs.items():
            if name in tests:
                _test(name, value, tests[name], where)
        return method(self, *args, **kwargs)

    return call


def _test(name: str, value: object, test: Test, where: str = "") -> None:
    expected, fits = test
    if value is None and _is_none in fits:  # most often
        return
    for one in fits:
        if one(value):
            if isinstance(value, str) and not _is_short(value) and one is not _is_token:
                clean_text(value, f"{where}.{name}" if where else name)
            return
    if fits:
        raise InvalidFactError(f"{where}.{name}" if where else name, expected, found=type(value).__name__)


def _tests_of(method: FunctionType) -> Mapping[str, Test]:
    """The test of each parameter."""
    _, *parameters = signature(method).parameters.values()
    named = [one for one in parameters if one.kind is not Parameter.VAR_KEYWORD]
    judged = _JUDGED_ELSEWHERE.get(method.__name__, frozenset())
    return {
        one.name: ("", ()) if one.name in judged else _TOKEN if one.name == "token" else _test_of(str(one.annotation))
        for one in named
    }


def _test_of(annotation: str) -> Test:
    kinds = _BETWEEN.split(annotation)
    if not all(kind.partition("[")[0] in _SORTS for kind in kinds):
        return "", ()
    sorts = [_sort_of(kind) for kind in kinds]
    words = dict.fromkeys(words for words, fits in sorts if fits is not _is_none)
    return " or ".join(words), tuple(dict.fromkeys(fits for _, fits in sorts))


def _sort_of(kind: str) -> tuple[str, Fits]:
    """What a type is called and what fits it, with what stands within, such as `Mapping[str, str | None]`."""
    outer, _, inner = kind.removesuffix("]").partition("[")
    words, fits = _SORTS[outer]
    expected, inside = _test_of(inner.removeprefix("str, "))
    if outer not in ("Sequence", "Collection", "Mapping") or not inside:
        return words, fits
    if outer == "Mapping":
        return f"{words} of names to {expected}", lambda value: fits(value) and _named(value, inside)
    return f"{words}, each {expected}", lambda value: fits(value) and _all(cast("Iterable[object]", value), inside)


def _named(value: object, inside: tuple[Fits, ...]) -> bool:
    given = cast("Mapping[object, object]", value)
    return all(isinstance(name, str) for name in given) and _all(given.values(), inside)


def _all(values: Iterable[object], inside: tuple[Fits, ...]) -> bool:
    return all(any(fits(one) for fits in inside) for one in values)
