"""The part of the JSON Schema that is about fields: which there are, and what each may be compared with.

May import the operators and what names mean.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import attrs

from nurture.predicates.describe import field_name
from nurture.predicates.encoding.cursor import Json
from nurture.predicates.encoding.shapes import NAME, SCALARS
from nurture.predicates.literals import MAX_VALUES
from nurture.predicates.names import Names, given_types
from nurture.predicates.operators import OPERATORS, ORDER, FieldType, Operand, Operator
from nurture.predicates.tree import MAX_FACTOR, Field, Owner

_Types: TypeAlias = frozenset[FieldType]
_NUMBERS = frozenset({FieldType.INTEGER, FieldType.NUMBER})
STANDING = (Owner.LEAD, Owner.ACCOUNT)
"""Whose fields are declared."""
_ALL = frozenset(FieldType)


def object_schema(properties: Mapping[str, object], required: Iterable[str]) -> Json:
    """An object with these keys and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


@attrs.frozen
class Fields:
    """The fields that are known in one place, or any.

    Attributes:
        names: What is declared; None when nothing is known.
        lang: Language of titles.
        titles: What fields are called, by `lead.…` or `account.…`.
        define: Keeps a schema under a name beside the others, and gives what refers to it.
    """

    names: Names | None
    lang: str
    titles: Mapping[str, str]
    define: Callable[[str, Json], Json]

    def named(self, types: Collection[FieldType], owners: Sequence[Owner] = STANDING) -> list[Json]:
        """The keys `of` and `field` of the fields of these types: one pair for each owner that has such fields.

        Of what a run began with no names are declared, so any may stand there.
        """
        if self.names is None:
            return [{"of": {"enum": [owner.value for owner in owners]}, "field": NAME}]
        found: list[Json] = []
        for owner in owners:
            if owner is Owner.ENTRY:
                found.append({"of": {"const": owner.value}, "field": NAME})
                continue
            fitting = [name for name, of_type in sorted(self.names.fields_of(owner).items()) if of_type in types]
            if fitting:
                said = [self._said(Field(owner, name)) for name in fitting]
                key = "_".join(("fields", owner.value, *sorted(types)))
                found.append({"of": {"const": owner.value}, "field": self.define(key, {"oneOf": said})})
        return found

    def _said(self, field: Field) -> Json:
        return {"const": field.name, "title": self.titles.get(str(field)) or field_name(field, self.lang)}

    def one_of(self, types: Collection[FieldType], owners: Sequence[Owner] = STANDING) -> Json | None:
        """The name of a value of these types, as an object; None when there is none."""
        named = [object_schema(one, ("of", "field")) for one in self.named(types, owners)]
        return {"oneOf": named} if named else None

    def comparisons(self, owners: Sequence[Owner], others: Sequence[Owner]) -> Iterator[Json]:
        """The schemas of comparisons: of any field, or of those declared, by what each may be compared with.

        Args:
            owners: Whose fields are compared.
            others: With whose.
        """
        if self.names is None:
            yield from self._any_comparison(owners, others)
            return
        if Owner.ENTRY in owners:
            yield from self._any_comparison((Owner.ENTRY,), others)
        declared = [owner for owner in owners if owner is not Owner.ENTRY]
        for of_type in FieldType:
            groups = _grouped((row, given_types(row, of_type)) for row in OPERATORS.values() if of_type in row.fits)
            is_number = of_type in _NUMBERS
            known = self.one_of(_NUMBERS if is_number else {of_type}, others)
            for whose in self.named({of_type}, declared):
                for types, rows in groups:
                    other = _scaled(known or {}, by_any=is_number)
                    yield {"description": of_type.value, **self._branch(whose, rows, types, other)}

    def _any_comparison(self, owners: Sequence[Owner], others: Sequence[Owner]) -> Iterator[Json]:
        """The schemas of comparisons of fields whose types nobody declares."""
        whose: Json = {"of": {"enum": [owner.value for owner in owners]}, "field": NAME}
        other = _scaled(self.one_of(_ALL, others) or {}, by_any=True)
        for types, rows in _grouped((row, row.takes) for row in OPERATORS.values()):
            yield self._branch(whose, rows, types, other)

    def _branch(self, whose: Json, rows: list[Operator], types: _Types, other: Json) -> Json:
        ops = [{"const": row.name, "title": self._title(row)} for row in rows]
        properties: Json = {"node": {"const": "compare"}, **whose, "op": {"oneOf": ops}}
        operand = rows[0].operand
        if operand is not Operand.NOTHING:
            # A whole number is a number, too.
            plain = types - {FieldType.INTEGER} if FieldType.NUMBER in types else types
            values = [SCALARS[one] for one in sorted(plain)]
            one = _either([*values, other] if rows[0].name in ORDER else values)
            size: Json = {"minItems": 2, "maxItems": 2} if operand is Operand.RANGE else {"maxItems": MAX_VALUES}
            properties["value"] = one if operand is Operand.ONE else {"type": "array", "items": one, **size}
        return object_schema(properties, properties)

    def _title(self, row: Operator) -> str:
        return (row.ja if self.lang == "ja" else row.en).format(field="…", value="…")


def _grouped(rows: Iterable[tuple[Operator, _Types]]) -> list[tuple[_Types, list[Operator]]]:
    """Operators that are given the same, together."""
    groups: dict[object, tuple[_Types, list[Operator]]] = {}
    for row, types in rows:
        groups.setdefault((row.operand, types, row.name in ORDER), (types, []))[1].append(row)
    return list(groups.values())


def _scaled(field: Json, *, by_any: bool) -> Json:
    """Another field to compare with; only numbers are multiplied."""
    times: Json = {"type": "number", "minimum": -MAX_FACTOR, "maximum": MAX_FACTOR} if by_any else {"const": 1}
    return object_schema({"field": field, "times": times}, ("field",))


def _either(schemas: list[Json]) -> Json:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
