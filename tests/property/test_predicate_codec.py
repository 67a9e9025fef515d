"""A predicate goes to JSON and back unchanged; what comes from outside never does harm."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from nurture.errors import DefinitionError
from nurture.predicates import Names, Predicate, check, describe, dumps, from_json, loads, to_json, walk
from tests.property.predicate_worlds import SCALES, STAGES, predicates

junk = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from(["all", "eq"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["node", "parts", "op", "n", "value", "of", "field", "$instant"]), inner),
    ),
    max_leaves=8,
)


def same(left: object, right: object) -> bool:
    """Equal in value and in type, all the way down: `1`, `1.0` and `True` are three things."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


@given(predicates)
def test_a_round_trip_changes_nothing(predicate: Predicate) -> None:
    data = to_json(predicate)
    back = from_json(data)
    assert back == predicate
    assert hash(back) == hash(predicate)
    assert same(to_json(back), data)
    assert loads(dumps(predicate)) == predicate
    assert dumps(loads(dumps(predicate))) == dumps(predicate)


@given(predicates)
def test_the_form_is_json_and_nothing_else(predicate: Predicate) -> None:
    data = to_json(predicate)
    assert same(json.loads(json.dumps(data, allow_nan=False)), data)


@given(predicates, st.data())
def test_one_wrong_thing_is_refused_or_means_something_else(predicate: Predicate, data: st.DataObject) -> None:
    written = json.loads(dumps(predicate))
    places = [node for node in _objects(written) if "node" in node]
    target = data.draw(st.sampled_from(places))
    key = data.draw(st.sampled_from(sorted(target)))
    before = target[key]
    target[key] = data.draw(junk)
    found, problems = read(written)
    assert all(problem.startswith("$") for problem in problems)
    assert found != predicate or same(target[key], before) or target[key] in (None, before)


def read(data: object) -> tuple[Predicate | None, tuple[str, ...]]:
    """The predicate, or None and at least one problem; nothing else may happen."""
    try:
        return from_json(data), ()
    except DefinitionError as error:
        return None, error.problems or ("nothing was said",)


def _objects(data: object) -> list[dict[str, object]]:
    if isinstance(data, dict):
        return [data, *(one for value in data.values() for one in _objects(value))]
    return [one for value in data for one in _objects(value)] if isinstance(data, list) else []


@given(junk)
def test_junk_is_refused_with_its_place(data: object) -> None:
    found, problems = read(data)
    assert all(problem.startswith("$") for problem in problems)
    assert found is None or to_json(found)["node"] == data["node"]  # type: ignore[index]


@given(predicates)
def test_every_predicate_has_a_sentence_in_both_languages(predicate: Predicate) -> None:
    english, japanese = describe(predicate), describe(predicate, "ja")
    assert english
    assert japanese
    assert "{" not in english + japanese


@given(predicates)
def test_check_finds_exactly_the_names_that_are_not_declared(predicate: Predicate) -> None:
    names = Names(scales=SCALES, stages=STAGES)
    problems = check(predicate, names, "here")
    unknown = {getattr(node, "field", None) for node in walk(predicate)} | {
        getattr(node, "name", None) for node in walk(predicate)
    }
    fields = {str(one) for one in unknown if one is not None and not str(one).startswith("prop.")}
    assert bool(problems) is bool(fields)
    assert all(problem.startswith("here: ") for problem in problems)
