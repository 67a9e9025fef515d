"""The table of nodes as JSON: what each is called there, and its keys. May import the nodes and the shapes.

One entry in `FORMS` is all that the codec and the JSON Schema know of a node. Two are read with more care
than their keys say: a comparison, whose value depends on the operator, and a clause about facts, whose
amount depends on the quantifier.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from nurture.errors import DefinitionError, unknown_name
from nurture.model import EnrollmentState, Origin, Purpose
from nurture.predicates.dates import MAX_DAYS, MAX_YEARS, Age, Anniversary, Elapsed, Held, InPeriod
from nurture.predicates.encoding.cursor import Cursor, shown
from nurture.predicates.encoding.forms import Form, Key, read_keys
from nurture.predicates.encoding.shapes import (
    FIELD,
    FLAG,
    KIND,
    LENGTH,
    LENGTH_ORDERS,
    NODES,
    ORDERS,
    PERIOD,
    SCALARS,
    STAGES,
    ZONE,
    Role,
    Shape,
    choice,
    choices,
    given_to_json,
    node,
    number,
    text,
    whole,
    words,
)
from nurture.predicates.operators import OPERATORS, FieldType, Operand
from nurture.predicates.people import MAX_PEOPLE, OfAccount, People
from nurture.predicates.sequences import Followed
from nurture.predicates.standing import (
    Consented,
    Grade,
    InBucket,
    InScenario,
    InSegment,
    InStage,
    Score,
    TimeInSegment,
    TimeInStage,
    Word,
)
from nurture.predicates.touches import AMOUNTS, MAX_AMOUNT, SINCE, SINGLE, Quantifier, Touched
from nurture.predicates.tree import All, AnyOf, Compare, Everyone, Not, Predicate

_ABSENT: Final = object()
_DATES: Final = frozenset({FieldType.DATE, FieldType.INSTANT})


def _read_compare(at: Cursor) -> Compare:
    name = at.text("op")
    row = OPERATORS.get(name)
    if row is None:
        raise DefinitionError(unknown_name("operator", shown(name), sorted(OPERATORS), where=f"{at.where}.op"))
    if (row.operand is Operand.NOTHING) == ("value" in at.data):
        problem = "takes no value" if row.operand is Operand.NOTHING else "missing key 'value'"
        raise DefinitionError(f"{at.where}: {name}: {problem}")
    if row.operand is Operand.NOTHING:
        return Compare(at.own_field(), name)
    return Compare(at.own_field(), name, at.scalar("value") if row.operand is Operand.ONE else at.scalars("value"))


def _read_touched(at: Cursor) -> Touched:
    kind = at.choice("quantifier", Quantifier) if "quantifier" in at.data else Quantifier.COUNT
    for single in SINGLE:
        if single is not kind and single.value in at.data:
            raise DefinitionError(f"{at.where}.{single.value}: belongs to the quantifier '{single}', not '{kind}'")
    found = read_keys(_FACTS, at)
    if "n" in at.data:
        found["n"] = at.number("n") if kind in AMOUNTS or kind is Quantifier.TREND else at.whole("n")
    return Touched(**found)


def _single(quantifier: Quantifier) -> Key:
    """The condition on the first or on the last fact."""
    return Key(
        quantifier.value,
        node(Role.FACT),
        None,
        "single_where",
        lambda touched: touched.single_where if touched.quantifier is quantifier else None,
    )


_FACTS: Final = (
    Key("kind", KIND, None),
    Key("where", node(Role.FACT), None, "having"),
    Key("within_us", LENGTH, None, "window"),
    Key("older_us", LENGTH, None, "older"),
    Key("period", PERIOD, None),
    Key("starts", FIELD, None),
    Key("origin", choice(Origin), None),
    Key("channel", text(), None),
    Key("campaign", text(), None),
    Key("suspect", FLAG, False),
    Key("per", text(), None),
    Key("quantifier", choice(Quantifier), Quantifier.COUNT),
    Key("of", text(), None),
    Key("op", ORDERS, _ABSENT, get=lambda node: _ABSENT if node.quantifier in SINGLE else node.op),
    Key("length_us", LENGTH, None, "length"),
    _single(Quantifier.FIRST),
    _single(Quantifier.LAST),
)
_N: Final = Key(
    "n",
    number(-MAX_AMOUNT, MAX_AMOUNT),
    _ABSENT,
    get=lambda node: _ABSENT if node.quantifier in SINGLE | SINCE else node.n,
)
_VALUE: Final = Key(
    "value",
    Shape(Cursor.scalar, write=given_to_json),
    _ABSENT,
    get=lambda node: _ABSENT if OPERATORS[node.op].operand is Operand.NOTHING else node.value,
)
_COMPARES: Final = Key("op", ORDERS)
_COMPARES_LENGTH: Final = Key("op", LENGTH_ORDERS)
_PARTS: Final = (Key("parts", NODES),)
_LENGTH: Final = Key("length_us", LENGTH, attribute="length")
_ZONE: Final = Key("zone", ZONE, None)

FORMS: Final[Mapping[str, Form]] = MappingProxyType(
    {
        "everyone": Form(Everyone, "everyone", "全員"),
        "all": Form(All, "all of these", "すべてに当てはまる", _PARTS),
        "any": Form(AnyOf, "any of these", "いずれかに当てはまる", _PARTS),
        "not": Form(Not, "not", "当てはまらない", (Key("part", node()),)),
        "compare": Form(
            Compare,
            "a field",
            "項目",
            (Key("op", words(OPERATORS)), _VALUE),
            frozenset(FieldType),
            _read_compare,
        ),
        "touched": Form(Touched, "what happened", "行動", (*_FACTS, _N), read=_read_touched),
        "followed": Form(
            Followed,
            "one thing and then another",
            "行動の順序",
            (
                Key("first", node(Role.CLAUSE)),
                Key("then", node(Role.CLAUSE)),
                Key("within_us", LENGTH, attribute="within"),
                Key("absent", FLAG, False),
            ),
        ),
        "score": Form(
            Score, "a score", "スコア", (Key("model", text(role=Role.MODEL)), _COMPARES, Key("value", number()))
        ),
        "grade": Form(
            Grade, "a grade", "評価", (Key("model", text(role=Role.GRADED)), _COMPARES, Key("grade", text()))
        ),
        "in_stage": Form(InStage, "the stage", "購買段階", (Key("names", STAGES),)),
        "time_in_stage": Form(TimeInStage, "the time in the stage", "購買段階の滞在期間", (_COMPARES_LENGTH, _LENGTH)),
        "in_segment": Form(InSegment, "a segment", "セグメント", (Key("name", text(role=Role.SEGMENT)),)),
        "time_in_segment": Form(
            TimeInSegment,
            "the time in a segment",
            "セグメントに属する期間",
            (Key("name", text(role=Role.SEGMENT)), _COMPARES_LENGTH, _LENGTH),
        ),
        "in_scenario": Form(
            InScenario,
            "a scenario",
            "シナリオ",
            (Key("name", text(role=Role.SCENARIO), attribute="scenario"), Key("states", choices(EnrollmentState))),
        ),
        "consented": Form(
            Consented,
            "consent",
            "配信の同意",
            (
                Key("word", choice(Word)),
                Key("channel", text()),
                Key("purpose", choice(Purpose)),
                Key("topic", text(SCALARS[FieldType.TEXT]), ""),
                Key("entity", text(SCALARS[FieldType.TEXT]), ""),
            ),
        ),
        "in_bucket": Form(
            InBucket,
            "a share of everybody",
            "無作為の割り当て",
            (Key("salt", text()), Key("low", number(0, 100)), Key("high", number(0, 100))),
        ),
        "in_period": Form(
            InPeriod, "a date in a period", "期間内の日付", (Key("period", PERIOD), Key("starts", FIELD, None)), _DATES
        ),
        "anniversary": Form(
            Anniversary,
            "an anniversary",
            "記念日",
            (Key("before", whole(0, MAX_DAYS), 0), Key("after", whole(0, MAX_DAYS), 0), _ZONE),
            _DATES,
        ),
        "age": Form(Age, "years since a date", "満年数", (_COMPARES, Key("years", whole(0, MAX_YEARS)), _ZONE), _DATES),
        "elapsed": Form(
            Elapsed,
            "time since or until a date",
            "日付からの経過・日付までの残り",
            (_COMPARES_LENGTH, _LENGTH, Key("ahead", FLAG, False), _ZONE),
            _DATES,
        ),
        "held": Form(
            Held,
            "how long a condition has held",
            "条件の継続期間",
            (Key("where", node(Role.VALUES), attribute="part"), Key("op", words(("ge", "lt"))), _LENGTH),
        ),
        "of_account": Form(OfAccount, "the account", "会社", (Key("where", node(Role.ACCOUNT), attribute="part"),)),
        "people": Form(
            People,
            "the account's people",
            "会社のリード",
            (Key("where", node(Role.PERSON)), _COMPARES, Key("n", whole(0, MAX_PEOPLE))),
        ),
    }
)
"""Every kind of node by the name it has in JSON."""

NAMES: Final[Mapping[type[Predicate], str]] = MappingProxyType({form.node: name for name, form in FORMS.items()})
"""The name of every kind of node."""
