"""The JSON Schema for form builders. `tests/property/test_predicate_codec.py` holds it against the codec."""

import json
from collections.abc import Callable
from functools import reduce
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from nurture import Attribute, Lifecycle, Program, Scenario, ScoreModel, ScoreRule, Segment, Stage, days, q
from nurture.errors import DefinitionError
from nurture.model import SubjectKind
from nurture.predicates import (
    OPERATORS,
    FieldType,
    Held,
    Names,
    Not,
    Predicate,
    dumps,
    from_json,
    json_schema,
    to_document,
    to_json,
)
from nurture.predicates.encoding.nodes import FORMS
from nurture.steps import wait
from tests.schemas import QuickValidator

PROGRAM = Program(
    attributes=[
        Attribute("plan", title="契約プラン"),
        Attribute("seats", FieldType.INTEGER, SubjectKind.ACCOUNT),
        Attribute("month", FieldType.INTEGER, SubjectKind.ACCOUNT),
        Attribute("born", FieldType.DATE),
    ],
    lifecycle=Lifecycle([Stage("new"), Stage("won")]),
    scores=[
        ScoreModel("warm", [ScoreRule(q.touches("page.viewed"), 5)], half_life=days(21), grades={"A": 50, "B": 0}),
        ScoreModel("plain", [ScoreRule(q.touches("page.viewed"), 5)], half_life=days(21)),
    ],
    segments=[Segment("hot", q.touches("page.viewed")), Segment("big", q.account.seats >= 5, subject="account")],
    scenarios=[Scenario("welcome", on=q.touches("form.submitted"), steps=[wait(days=1)])],
)
NAMES = PROGRAM.names(SubjectKind.LEAD)
SCHEMA = json_schema(NAMES)
ANY = QuickValidator(json_schema())
DECLARED = QuickValidator(SCHEMA)
compare: dict[str, object] = {"node": "compare", "of": "lead", "field": "title", "op": "eq", "value": "CTO"}


@pytest.mark.parametrize("schema", [json_schema(), json_schema(lang="ja"), SCHEMA, json_schema(NAMES, lang="ja-JP")])
def test_it_is_a_json_schema_and_nothing_but_json(schema: dict[str, object]) -> None:
    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema, allow_nan=False)) == schema
    used = {word for word in json.dumps(schema).split('"') if word.startswith("#/$defs/")}
    assert used | {"#/$defs/document"} == {f"#/$defs/{key}" for key in schema["$defs"]}  # type: ignore[attr-defined]


SPOILED: tuple[dict[str, object], ...] = (
    {},
    {"value": 1},
    {"value": None},
    {"op": "nope"},
    {"field": "seats"},
    {"x": 1},
)


@pytest.mark.parametrize("spoiled", SPOILED, ids=str)
@pytest.mark.parametrize("around", [lambda one: one, lambda one: {"node": "all", "parts": [one, compare]}])
def test_quickly_told_is_told_alike(spoiled: dict[str, object], around: Callable[[object], object]) -> None:
    data = around({**compare, **spoiled})
    assert DECLARED.is_valid(data) is Draft202012Validator(SCHEMA).is_valid(data) is (not spoiled)


def test_who_fits_two_branches_fits_none_of_one_of() -> None:
    branches = [{"type": "integer"}, {"minimum": 5}]
    for number, (of_any, of_one) in {7: (True, False), 3: (True, True), 2.5: (False, False)}.items():
        assert QuickValidator({"anyOf": branches}).is_valid(number) is of_any
        assert QuickValidator({"oneOf": branches}).is_valid(number) is of_one


@pytest.mark.parametrize("unit", ["last_days", "next_days", "last_business_days", "next_business_days"])
def test_as_many_days_are_allowed_as_the_codec_takes(unit: str) -> None:
    most = 1_000 if "business" in unit else 36_525
    for n in (0, 1, most, most + 1):
        data = {"node": "in_period", "of": "lead", "field": "born", "period": {"unit": unit, "n": n}}
        is_read = True
        try:
            from_json(data)
        except DefinitionError:
            is_read = False
        valid = ANY.is_valid(data)
        assert valid is is_read is (1 <= n <= most)


def consts(schema: object, key: str) -> set[object]:
    """Every constant that some property of this name may have."""
    found: set[object] = set()
    for one in _objects(schema):
        said = one.get("properties", {}).get(key) if isinstance(one.get("properties"), dict) else None
        for choice in [said, *(said.get("oneOf", []) if said else [])]:
            if choice:
                found |= {choice["const"]} if "const" in choice else set(choice.get("enum", ()))
    return found


def _objects(data: Any) -> list[dict[str, Any]]:
    if isinstance(data, dict):
        return [data, *(one for value in data.values() for one in _objects(value))]
    return [one for value in data for one in _objects(value)] if isinstance(data, list) else []


def test_every_node_and_every_operator_is_in_it() -> None:
    for schema in (json_schema(), SCHEMA):
        assert consts(schema, "node") == set(FORMS)
        assert set(OPERATORS) <= consts(schema, "op")


def fields_for(op: str, of: str, schema: dict[str, Any]) -> set[str]:
    """The fields of an owner that may be asked with an operator."""
    found: set[str] = set()
    for branch in schema["$defs"]["compare_lead_account"]["oneOf"]:
        properties = branch["properties"]
        if properties["of"]["const"] == of and op in {one["const"] for one in properties["op"]["oneOf"]}:
            key = properties["field"]["$ref"].rpartition("/")[2]
            found |= {one["const"] for one in schema["$defs"][key]["oneOf"]}
    return found


def test_names_list_the_fields_by_the_operators_that_fit() -> None:
    assert fields_for("ge", "lead", SCHEMA) == {"born", "created_at"}
    assert fields_for("ge", "account", SCHEMA) == {"seats", "month", "employees", "created_at"}
    assert "plan" in fields_for("starts_with", "lead", SCHEMA)
    assert "seats" not in fields_for("starts_with", "account", SCHEMA)
    assert fields_for("has_any", "lead", SCHEMA) == {"tags", "lists"}
    assert fields_for("missing", "lead", SCHEMA) >= {"plan", "born", "tags"}


def test_fields_and_operators_have_titles() -> None:
    titles = {f"{one.subject}.{one.name}": one.title for one in PROGRAM.attributes}
    schema = json_schema(NAMES, lang="ja", titles=titles)
    assert {"const": "plan", "title": "契約プラン"} in schema["$defs"]["fields_lead_text"]["oneOf"]  # type: ignore[index]
    assert {"const": "seats", "title": "会社の「seats」"} in _objects(schema)
    assert {"const": "ge", "title": "…が…以上である"} in _objects(schema)
    assert {"const": "any", "title": "いずれかに当てはまる"} in _objects(schema)
    assert {"const": "title", "title": "title"} in _objects(SCHEMA)


@pytest.mark.parametrize(
    "predicate",
    [
        q.lead.plan.is_in(["pro", "free"]) & (q.account.seats >= 0.8 * q.account.employees),
        q.segment("hot") | q.time_in_segment("hot").__ge__(days(1)),
        q.stage.is_in(["new", "won"]),
        (q.account.seats > 2.5) & q.account.employees.between(1, 99.5),
        (q.grade("warm") >= "B") & (q.score("plain") > 3),
        q.scenario("welcome").is_active(),
        q.lead.born.age() >= 20,
        q.account.matches(q.account.matches(q.segment("big")) & (q.account.leads.where(q.segment("hot")).count() >= 2)),
        q.held(q.lead.plan == "pro", at_least=days(3)),
        q.held(q.account.seats >= 5, at_least=days(3)),
    ],
)
def test_what_is_declared_fits(predicate: Predicate) -> None:
    assert DECLARED.is_valid(to_json(predicate))
    assert ANY.is_valid(to_json(predicate))


@pytest.mark.parametrize(
    "predicate",
    [
        q.lead.plam == "pro",
        q.lead.plan >= 3,
        q.lead.plan == 3,
        q.lead.born == "2026-03-01",
        q.account.seats == q.account.industry,
        q.lead.plan == q.lead.tags,
        q.segment("big"),
        q.account.matches(q.segment("hot")),
        q.account.leads.where(q.segment("big")).count() >= 1,
        q.time_in_segment("cold") >= days(1),
        q.stage == "lost",
        q.score("cold") > 3,
        q.grade("warm") >= "C",
        q.grade("plain") >= "A",
        q.scenario("goodbye").is_active(),
        q.lead.plan.age() >= 20,
        q.prop("path") == "/",
        q.held(q.lead.plam == "pro", at_least=days(3)),
        Held(q.account.seats >= 5, "ge", days(3)),
    ],
)
def test_what_is_not_declared_does_not_fit(predicate: Predicate) -> None:
    assert ANY.is_valid(to_json(predicate))
    assert not DECLARED.is_valid(to_json(predicate))


@pytest.mark.parametrize(
    "data",
    [
        [],
        {},
        {"node": "nope"},
        {"node": "everyone", "x": 1},
        {"node": "all"},
        {"node": "all", "parts": [{"node": "not"}]},
        {**compare, "op": "missing"},
        {**compare, "op": "lt"},
        {**compare, "op": "is_in"},
        {**compare, "op": "between", "value": [1]},
        {**compare, "value": None},
        {**compare, "value": "x" * 4097},
        {**compare, "value": {"$date": "2026-03-01", "x": 1}},
        {**compare, "value": {"field": {"of": "lead", "field": "x"}, "times": 1e7}},
        {**compare, "field": ""},
        {"node": "touched", "kind": "Page viewed"},
        {"node": "touched", "where": compare},
        {"node": "touched", "of": "amount"},
        {"node": "touched", "quantifier": "sum"},
        {"node": "touched", "quantifier": "last"},
        {"node": "touched", "quantifier": "since_last", "length_us": 1, "op": "eq"},
        {"node": "touched", "quantifier": "trend", "n": 2},
        {"node": "touched", "n": 1.5},
        {"node": "touched", "within_us": 0},
        {"node": "touched", "period": {"unit": "day"}},
        {"node": "touched", "period": {"unit": "week", "offset": 0, "starts": 7}},
        {"node": "people", "where": {"node": "of_account", "where": compare}, "op": "ge", "n": 1},
        {"node": "held", "where": {"node": "everyone"}, "op": "ge", "length_us": 1},
        {"node": "followed", "first": compare, "then": {"node": "touched"}, "within_us": 1},
        {"node": "in_scenario", "name": "w", "states": []},
        {"node": "in_bucket", "salt": "s", "low": 0, "high": 101},
    ],
)
def test_what_it_refuses_the_codec_refuses(data: object) -> None:
    assert not ANY.is_valid(data)
    with pytest.raises(DefinitionError):
        from_json(data)


def test_a_predicate_about_accounts_has_its_own_names() -> None:
    about = QuickValidator(json_schema(NAMES, subject=SubjectKind.ACCOUNT))
    assert about.is_valid(to_json(q.segment("big")))
    assert not about.is_valid(to_json(q.segment("hot")))
    alone = Names(subject=SubjectKind.LEAD)
    with pytest.raises(DefinitionError, match="nothing is known about a predicate about account"):
        json_schema(alone, subject=SubjectKind.ACCOUNT)
    assert "of_account" not in consts(json_schema(alone), "node")


def test_nothing_declared_leaves_nothing_to_name() -> None:
    bare = QuickValidator(json_schema(Names()))
    named = [q.segment("x"), q.score("x") > 1, q.grade("x") > "A", q.scenario("x").is_active(), q.stage == "x"]
    for predicate in named:
        assert not bare.is_valid(to_json(predicate))
    assert bare.is_valid(to_json(q.stage.is_in([])))
    assert bare.is_valid(to_json(q.touches("page.viewed")))


def test_a_document_has_a_schema_of_its_own() -> None:
    schema = json_schema()
    document = QuickValidator({**schema, "$ref": "#/$defs/document"})
    assert document.is_valid(to_document(q.everyone))
    assert not document.is_valid({**to_document(q.everyone), "nurture_predicate": 2})
    assert not document.is_valid(to_json(q.everyone))


class _Nodes(dict[str, object]):
    """A node that counts how often it is looked at."""

    looked = 0

    def __getitem__(self, key: str) -> object:
        type(self).looked += 1
        return super().__getitem__(key)


@pytest.mark.parametrize("shape", ["parts", "part"])
def test_validating_takes_as_long_as_the_predicate_is_deep(shape: str) -> None:
    def looks(depth: int) -> int:
        def around(inner: _Nodes, _: int) -> _Nodes:
            return _Nodes(node="all", parts=[inner]) if shape == "parts" else _Nodes(node="not", part=inner)

        _Nodes.looked = 0
        assert not ANY.is_valid(reduce(around, range(depth), _Nodes(node="nope")))
        return _Nodes.looked

    assert looks(40) <= 5 * looks(10)  # twice for every node would be a thousand million times as many


def test_a_negation_deep_inside_is_told_apart() -> None:
    deep = reduce(lambda inner, _: Not(inner), range(14), q.lead.title == "CTO")
    assert ANY.is_valid(json.loads(dumps(deep)))


def test_what_a_run_began_with_may_stand_where_it_is_known() -> None:
    in_run = QuickValidator(json_schema(NAMES, entry=True))
    Draft202012Validator.check_schema(in_run.schema)
    for asked in (
        (q.entry.rank == "A") & (q.lead.plan == q.entry.plan) & (q.entry["a b"].is_in([1, "x"])),
        (q.entry.n >= 2 * q.account.seats) | (q.account.seats > q.entry.n) | (q.entry.a == q.entry.b),
        q.entry.starts.ago() >= days(3),
        q.touches("a.b").where(q.prop("s") == q.entry.s),
        q.touches("a.b").last(q.prop("s") == q.entry.s),
        q.touches("a.b").then_no(q.touches("a.c").where(q.prop("s") == q.entry.s), within=days(1)),
    ):
        data = to_json(asked)
        assert in_run.is_valid(data)
        assert ANY.is_valid(data)
        assert not DECLARED.is_valid(data)


@pytest.mark.parametrize(
    "data",
    [
        {"node": "of_account", "where": to_json(q.entry.x == 1)},
        {"node": "people", "where": to_json(q.entry.x == 1), "op": "ge", "n": 1},
        {"node": "of_account", "where": to_json(q.touches("a.b").where(q.prop("x") == q.entry.x))},
        {"node": "held", "where": to_json(q.entry.x == 1), "op": "ge", "length_us": 1},
        {"node": "held", "where": to_json(q.lead.plan == q.entry.x), "op": "ge", "length_us": 1},
        {**to_json(q.entry.x == q.entry.y), "value": {"field": {"of": "prop", "field": "x"}}},
    ],
)
def test_and_nowhere_else(data: dict[str, object]) -> None:
    assert not QuickValidator(json_schema(NAMES, entry=True)).is_valid(data)
    with pytest.raises(DefinitionError):
        from_json(data)
