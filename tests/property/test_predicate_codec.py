"""A predicate goes to JSON and back unchanged; what comes from outside never does harm; the schema agrees."""

from __future__ import annotations

import json
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from nurture import Attribute, Lifecycle, Program, Scenario, ScoreModel, ScoreRule, Segment, Stage, days, q
from nurture.errors import DefinitionError
from nurture.model import SubjectKind
from nurture.predicates import (
    FieldType,
    InSegment,
    Names,
    Owner,
    Predicate,
    check,
    describe,
    dumps,
    dumps_document,
    from_document,
    from_json,
    json_schema,
    loads,
    to_document,
    to_json,
    walk,
)
from nurture.predicates.tree import entry_names
from nurture.steps import wait
from nurture.testing.strategies import predicates_for
from tests.property.predicate_worlds import SCALES, STAGES, compares, joined
from tests.property.predicate_worlds import predicates as of_worlds
from tests.property.standing_worlds import ages, anniversaries, elapsed, in_period
from tests.schemas import QuickValidator

KEYS = ["node", "parts", "part", "where", "op", "n", "value", "of", "field", "$instant", "$date", "times", "quantifier"]
PROGRAM = Program(
    attributes=[
        Attribute(f"{of_type.value}_of_{subject.value}", of_type, subject)
        for of_type in FieldType
        for subject in SubjectKind
    ],
    lifecycle=Lifecycle([Stage("new"), Stage("won")]),
    scores=[
        ScoreModel(
            f"warm_{subject.value}",
            [ScoreRule(q.touches("page.viewed"), 5)],
            half_life=days(21),
            grades={"A": 50, "B": 10, "C": 0},
            subject=subject,
        )
        for subject in SubjectKind
    ],
    segments=[Segment(f"seen_{subject.value}", q.touches("page.viewed"), subject=subject) for subject in SubjectKind],
    scenarios=[
        Scenario(f"welcome_{subject.value}", on=q.touches("form.submitted"), steps=[wait(days=1)], subject=subject)
        for subject in SubjectKind
    ],
)
of_programs = st.one_of([predicates_for(PROGRAM, subject) for subject in SubjectKind])
predicates = st.one_of(of_worlds, of_programs)
of_entries = st.one_of(
    compares((Owner.ENTRY,), (Owner.ENTRY,)),
    st.one_of(in_period, anniversaries, ages, elapsed).filter(lambda one: len(one.fields) == 1 and entry_names(one)),
    joined(compares((Owner.PROP,), (Owner.ENTRY,)), 2).map(q.touches("seminar.attended").where),
)
in_runs = joined(st.one_of(of_entries, of_entries, predicates_for(PROGRAM, SubjectKind.LEAD)), 4)
ANY = QuickValidator(json_schema())
IN_RUN = QuickValidator(json_schema(PROGRAM.names(SubjectKind.LEAD), entry=True))
DECLARED = {
    subject: QuickValidator(json_schema(PROGRAM.names(subject), titles={"lead.title": "役職"}))
    for subject in SubjectKind
}
junk = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.sampled_from(["all", "eq", "lead"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner)),
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
    assert from_document(to_document(predicate)) == loads(dumps_document(predicate)) == predicate


@given(predicates)
def test_the_form_is_json_and_nothing_else(predicate: Predicate) -> None:
    data = to_json(predicate)
    assert same(json.loads(json.dumps(data, allow_nan=False)), data)


@given(predicates, st.data())
def test_one_wrong_thing_is_refused_or_means_something_else(predicate: Predicate, data: st.DataObject) -> None:
    written, target, key, before = spoiled(predicate, data.draw, junk)
    found, problems = read(written)
    assert all(problem.startswith("$") for problem in problems)
    if key in target:
        assert found != predicate or same(target[key], before) or target[key] == before
    # What was taken away may have been what stands there when nothing is said.


def spoiled(
    predicate: Predicate, draw: Callable[[st.SearchStrategy[object]], object], other: st.SearchStrategy[object]
) -> tuple[dict[str, object], dict[str, object], str, object]:
    """The predicate's JSON with one key changed, taken away, or put in; and the object, the key, and what was there."""
    written = json.loads(dumps(predicate))
    target = draw(st.sampled_from(_objects(written)))
    key = draw(st.sampled_from([*sorted(target), *sorted(target), draw(st.sampled_from(KEYS))]))
    before = target.get(key)
    if key in target and draw(st.integers(0, 3)) == 3:
        del target[key]
    else:
        target[key] = draw(other)
    return written, target, key, before


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
def test_what_is_written_fits_the_schema(predicate: Predicate) -> None:
    written = json.loads(dumps(predicate))
    assert ANY.is_valid(written)


@given(st.sampled_from(SubjectKind).flatmap(lambda one: st.tuples(st.just(one), predicates_for(PROGRAM, one))))
def test_what_the_program_accepts_fits_the_schema_of_its_names(asked: tuple[SubjectKind, Predicate]) -> None:
    subject, predicate = asked
    assert check(predicate, PROGRAM.names(subject), "here") == []
    assert DECLARED[subject].is_valid(json.loads(dumps(predicate)))


@given(in_runs)
def test_what_is_asked_inside_a_run_fits_the_schema_of_runs_and_no_other(predicate: Predicate) -> None:
    names, written = PROGRAM.names(SubjectKind.LEAD), json.loads(dumps(predicate))
    assert check(predicate, names, "here", entry=True) == []
    assert IN_RUN.is_valid(written)
    read_anywhere = not entry_names(predicate)
    assert (check(predicate, names, "here") == []) is read_anywhere
    assert DECLARED[SubjectKind.LEAD].is_valid(written) is read_anywhere


near = st.one_of(
    junk,
    st.sampled_from(["compare", "touched", "first", "last", "count", "sum", "since_last", "ge", "missing", "between"]),
    st.sampled_from(
        [0, 1, -1, 5, 101, 10**18, True, 0.5, 1e301, "", "warm_lead", "integer_of_lead", ["a"], [1, 2], [], {}]
    ),
    st.sampled_from([{"unit": "day", "offset": 0}, {"of": "lead", "field": "title"}, {"$date": "2026-03-01"}]),
    of_programs.map(to_json),
)


@given(predicates, st.data())
def test_what_the_schema_refuses_is_refused(predicate: Predicate, data: st.DataObject) -> None:
    written, *_ = spoiled(predicate, data.draw, near)
    if not ANY.is_valid(written):
        assert read(written)[0] is None


@given(st.sampled_from(SubjectKind), of_programs, st.data())
def test_what_the_schema_of_names_refuses_the_program_refuses(
    subject: SubjectKind, predicate: Predicate, data: st.DataObject
) -> None:
    written, *_ = spoiled(predicate, data.draw, near)
    if not DECLARED[subject].is_valid(written):
        found, _ = read(written)
        assert found is None or check(found, PROGRAM.names(subject), "here")


@given(predicates)
def test_every_predicate_has_a_sentence_in_both_languages(predicate: Predicate) -> None:
    english, japanese = describe(predicate), describe(predicate, "ja")
    assert english
    assert japanese
    for said in (english, japanese):
        assert "{" not in said
        assert "datetime" not in said
        assert "<" not in said.replace("<=", "")


@given(of_worlds)
def test_check_finds_exactly_the_names_that_are_not_declared(predicate: Predicate) -> None:
    names = Names(scales=SCALES, stages=STAGES)
    problems = check(predicate, names, "here", entry=True)
    unknown = {str(field) for node in walk(predicate) for field in node.fields}
    unknown |= {str(node.name) for node in walk(predicate) if isinstance(node, InSegment)}
    fields = {one for one in unknown if not one.startswith(("prop.", "entry."))}
    assert bool(problems) is bool(fields)
    assert all(problem.startswith("here: ") for problem in problems)
