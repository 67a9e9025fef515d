"""The JSON Schema of predicates, for form builders and for whoever checks before sending. May import the codec.

It is generated from the tables by which the codec reads: what it refuses, the codec refuses, or `check` does.
It is the wider one: depth, size, and a few rules about two keys at once are not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from nurture.errors import DefinitionError
from nurture.predicates.codec import VERSION, VERSION_KEY
from nurture.predicates.describe import language
from nurture.predicates.encoding.fields import Fields, object_schema
from nurture.predicates.encoding.nodes import FORMS
from nurture.predicates.encoding.scopes import Scope
from nurture.predicates.encoding.shapes import PERIOD, Role, Shape
from nurture.predicates.literals import MAX_VALUES
from nurture.predicates.names import MAX_DEPTH, MAX_NODES, Names
from nurture.predicates.operators import FieldType
from nurture.predicates.standing import LENGTHS
from nurture.predicates.touches import MAX_COUNT, OF_PROPERTY, SINCE, WHOLE, Quantifier, Touched
from nurture.predicates.tree import Compare

if TYPE_CHECKING:
    from nurture.model import SubjectKind
    from nurture.predicates.encoding.cursor import Json
    from nurture.predicates.encoding.forms import Form, Key

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema(
    names: Names | None = None,
    *,
    subject: SubjectKind | None = None,
    lang: str = "en",
    titles: Mapping[str, str] | None = None,
    entry: bool = False,
) -> Json:
    """The JSON Schema (Draft 2020-12) of a node; `#/$defs/document` is that of a document with its version.

    Args:
        names: What is declared, such as `program.names()`. Then it lists the fields with the operators that fit
            each, and the stages, segments, score models, grades and scenarios. Without it, any name may stand.
        subject: About whom the predicate is; by default about whom the names are.
        lang: Language of the titles, `en` or `ja`.
        titles: What fields are called, by `lead.…` or `account.…`.
        entry: Whether the predicate is asked inside a run, where `q.entry` is known, under any name. Without names it
            may stand anyway.

    Raises:
        DefinitionError: The names know nothing about such a subject.

    Example:
        >>> schema = json_schema(lang="ja")
        >>> schema["$ref"], schema["$defs"]["clause"]["title"]
        ('#/$defs/predicate', '行動')
    """
    known = names if names is None or subject is None else names.about(subject)
    if names is not None and known is None:
        raise DefinitionError(f"subject: nothing is known about a predicate about {subject}")
    builder = _Builder(language(lang), titles or {})
    root = builder.reference(Scope(Role.SAME, known, entry or known is None))
    document = object_schema({VERSION_KEY: {"const": VERSION}, "where": root}, (VERSION_KEY, "where"))
    return {
        "$schema": _DIALECT,
        "description": f"nested at most {MAX_DEPTH} deep, at most {MAX_NODES} nodes and {MAX_VALUES} values in lists",
        **root,
        "$defs": {**builder.finished(), "document": document},
    }


class _Builder:
    """Makes the definition of every place that is referred to, once."""

    def __init__(self, lang: str, titles: Mapping[str, str]) -> None:
        self._lang = lang
        self._titles = titles
        self._known_fields: list[object] = []
        self._made: dict[str, Json] = {}
        self._asked: dict[str, Callable[[], Json]] = {}

    def finished(self) -> dict[str, Json]:
        """All definitions, in the order of their names."""
        while rest := [key for key in self._asked if key not in self._made]:
            for key in rest:
                self._made[key] = self._asked[key]()
        return dict(sorted(self._made.items()))

    def reference(self, scope: Scope) -> Json:
        """What refers to the nodes of a place."""
        return self._define(scope.key, lambda: {"oneOf": list(self._branches(scope))})

    def _clause(self, scope: Scope) -> Json:
        """What refers to the clauses about facts of a place, which also stand inside sequences."""
        key = "clause" if scope.role is Role.SAME else f"clause_{scope.key}"
        return self._define(key, lambda: self._touched(scope))

    def _branches(self, scope: Scope) -> Iterator[Json]:
        """One schema for each kind of node; those with the same keys share one, so that none is tried in vain."""
        groups: dict[object, list[str]] = {}
        for name, form in FORMS.items():
            if scope.allows(form.node):
                groups.setdefault(id(form.keys) if form.keys else name, []).append(name)
        for group in groups.values():
            form = FORMS[group[0]]
            if form.node is Compare:
                yield self._compare(scope)
            elif form.node is Touched:
                yield self._clause(scope)
            else:
                yield from self._nodes(group, form, scope)

    def _compare(self, scope: Scope) -> Json:
        """What refers to the comparisons of a place; places with the same fields share them."""
        key = self._fields_key(scope)
        owners = "_".join(dict.fromkeys((*scope.owners, *scope.of_run)))
        fields = self._fields(scope)
        return self._define(
            f"compare_{owners}{key}", lambda: {"oneOf": list(fields.comparisons(scope.owners, scope.others))}
        )

    def _fields(self, scope: Scope) -> Fields:
        key = self._fields_key(scope)
        return Fields(
            scope.names, self._lang, self._titles, lambda name, schema: self._define(f"{name}{key}", lambda: schema)
        )

    def _fields_key(self, scope: Scope) -> str:
        """Tells places apart that have other fields than the first one."""
        if scope.names is None:
            return ""
        fields = (scope.names.lead_fields, scope.names.account_fields)
        if fields not in self._known_fields:
            self._known_fields.append(fields)
        place = self._known_fields.index(fields)
        return f"_{place + 1}" if place else ""

    def _define(self, key: str, make: Callable[[], Json]) -> Json:
        self._asked.setdefault(key, make)
        return {"$ref": f"#/$defs/{key}"}

    def _nodes(self, group: list[str], form: Form, scope: Scope) -> Iterator[Json]:
        said: list[Json] = [{"const": name, "title": self._title(FORMS[name])} for name in group]
        node: Json = said[0] if len(said) == 1 else {"oneOf": said}
        keys = self._keys(form.keys, scope)
        if keys is None:
            return
        for choice in self._choices(form, scope):
            yield {
                "title": self._title(form),
                **object_schema({"node": node, **keys, **choice}, ("node", *form.required)),
            }

    def _title(self, form: Form) -> str:
        return form.ja if self._lang == "ja" else form.en

    def _keys(self, keys: tuple[Key, ...], scope: Scope) -> Json | None:
        """The schemas of keys; None when one that is needed can hold nothing."""
        found: Json = {}
        for key in keys:
            schema = self._key(key.shape, scope)
            if schema is not None:
                found[key.name] = schema
            elif key.is_required:
                return None
        return found

    def _key(self, shape: Shape, scope: Scope) -> Json | None:
        role, names = shape.role, scope.names
        if role is Role.CLAUSE:
            return self._clause(scope)
        if role is Role.NODES:
            return {"type": "array", "items": self.reference(scope), "maxItems": MAX_NODES - 1}
        if role in (Role.SAME, Role.FACT, Role.VALUES, Role.ACCOUNT, Role.PERSON):
            return self.reference(scope.inside(role))
        if shape is PERIOD:
            return self._define("period", lambda: dict(shape.schema))
        if names is None or role is Role.PLAIN:
            return dict(shape.schema)
        if role is Role.FIELD:
            return self._fields(scope).one_of({FieldType.INTEGER})
        if role is Role.STAGES:
            items: Json = {"items": {"enum": list(names.stages)}} if names.stages else {"maxItems": 0}
            return {**shape.schema, **items}
        known = {
            Role.SEGMENT: names.segments,
            Role.MODEL: names.scales,
            Role.GRADED: names.grades,
            Role.SCENARIO: names.scenarios,
        }[role]
        return {"enum": sorted(known)} if known else None

    def _choices(self, form: Form, scope: Scope) -> list[Json]:
        """Keys whose schemas depend on each other, one for each way: the fields that fit, the grades of a model."""
        if form.fits is not None:
            return self._fields(scope).named(form.fits, scope.dated)
        if scope.names is not None and any(key.shape.role is Role.GRADED for key in form.keys):
            grades = sorted(scope.names.grades.items())
            return [
                {"model": {"const": model}, "grade": {"enum": [name for name, _ in some]}} for model, some in grades
            ]
        return [{}]

    def _touched(self, scope: Scope) -> Json:
        name, form = next((name, form) for name, form in FORMS.items() if form.node is Touched)
        keys = self._keys(form.keys, scope) or {}
        said = {"const": name, "title": self._title(form)}
        return {
            "title": self._title(form),
            **object_schema({"node": said, **keys}, ("node",)),
            "allOf": [
                _belongs(OF_PROPERTY, "of"),
                _belongs({Quantifier.FIRST}, Quantifier.FIRST.value),
                _belongs({Quantifier.LAST}, Quantifier.LAST.value),
                _belongs(SINCE, "length_us"),
                {"if": _asks(SINCE), "then": {"properties": {"op": {"enum": list(LENGTHS)}}}},
                {"if": _asks(WHOLE), "then": _amount({"type": "integer"})},
                {"if": _asks({Quantifier.TREND}), "then": {**_amount({}), "required": ["within_us"]}},
            ],
        }


def _asks(kinds: Iterable[Quantifier]) -> Json:
    """That the quantifier is one of these; none means a count."""
    given = sorted(kinds)
    is_one: Json = {"properties": {"quantifier": {"enum": given}}}
    return is_one if Quantifier.COUNT in given else {**is_one, "required": ["quantifier"]}


def _belongs(kinds: Iterable[Quantifier], key: str) -> Json:
    """That a key stands there if, and only if, the quantifier is one of these."""
    return {"if": _asks(kinds), "then": {"required": [key]}, "else": {"properties": {key: False}}}


def _amount(kind: Json) -> Json:
    return {"properties": {"n": {**kind, "minimum": 0, "maximum": MAX_COUNT}}}
