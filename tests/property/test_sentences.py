"""Predicates of different meaning never share a sentence, whatever their texts and names say."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nurture.predicates import AnyOf, Predicate, describe, q
from nurture.testing.strategies.comparisons import one_of

pytestmark = pytest.mark.parametrize("lang", ["en", "ja"])
HOSTILE = (
    "a",
    "b",
    "everyone",
    "yes",
    "today",
    "はい",
    "1",
    "\\",
    '"',
    '\\"',
    "」",
    "」」",
    "a or b",
    "a」か「b",
    'a" or x is "b',
    "a」である、または「x」が「b",
    'a", "b',
    "a」、「b",
    "a) or (b",
)
"""Texts that try to be more than a text."""
names = st.sampled_from(HOSTILE)
texts = st.one_of(names, st.text(alphabet='ab\\"」「、 ', min_size=1, max_size=4))
values = st.one_of(texts, st.booleans(), st.sampled_from([1, 2, 2**60, 2**60 + 1]))
props = one_of(
    [
        st.builds(lambda name, value: q.prop(name) == value, names, values),
        st.builds(lambda name, other: q.prop(name) == q.entry[other], names, names),
    ]
)
leaves = one_of(
    [
        st.builds(lambda name, value: q.lead[name] == value, names, values),
        st.builds(lambda name, other: q.lead[name] == q.lead[other], names, names),
        st.builds(lambda name, other: q.account[name] == q.entry[other], names, names),
        st.builds(lambda name, value: q.entry[name] == value, names, values),
        st.builds(
            lambda name, some: q.lead[name].is_in(some), names, st.lists(texts, min_size=1, max_size=3, unique=True)
        ),
        st.builds(lambda name: q.lead[name].is_missing(), names),
        st.builds(q.segment, names),
        st.builds(lambda some: q.stage.is_in(some), st.lists(names, min_size=1, max_size=3, unique=True)),
        st.builds(lambda name: q.score(name) >= 1, names),
        st.builds(lambda name, grade: q.grade(name) == grade, names, names),
        st.builds(lambda channel: q.touches("a.b").on(channel), names),
        st.builds(lambda topic: q.consent(topic).given(), names),
        st.just(q.everyone),
        st.just(AnyOf(())),
    ]
)


def _joined(part: st.SearchStrategy[Predicate]) -> st.SearchStrategy[Predicate]:
    pairs = st.tuples(part, part).filter(lambda two: two[0] != two[1])
    return st.one_of(pairs.map(lambda two: two[0] & two[1]), pairs.map(lambda two: two[0] | two[1]), part.map(_not))


def _not(part: Predicate) -> Predicate:
    return ~part


conditions = st.one_of(props, _joined(props))
single = st.one_of(
    conditions.map(q.touches("a.b").last),
    conditions.map(q.touches("a.b").first),
    conditions.map(q.touches("a.b").where),
)
predicates = st.recursive(st.one_of(leaves, single), _joined, max_leaves=4)


@given(texts, texts, st.booleans())
@example('a" or x is "b', "b", True)
@example("a」である、または「x」が「b", "b", True)
def test_a_text_never_forges_a_clause(lang: str, one: str, other: str, joined: bool) -> None:
    x = q.lead.x
    family = {
        x == one,
        x == other,
        (x == one) | (x == other),
        x.is_in([one]),
        x.is_in([one, other]),
        x == f'{one}" or x is "{other}',
        x == f"{one}」である、または「x」が「{other}",
        x == f'{one}", "{other}',
        x == f"{one}」、「{other}",
        q.stage.is_in([one, other]),
        q.stage == f"{one} or {other}",
        q.stage == f"{one}」か「{other}",
    }
    if joined:
        family |= {q.touches("a.b").last(q.prop("x") == one) | (x == other)}
        family |= {q.touches("a.b").last((q.prop("x") == one) | (q.prop("x") == other))}
    assert len({describe(each, lang) for each in family}) == len(family)


@given(st.lists(predicates, min_size=2, max_size=12, unique=True))
@example(
    [
        q.touches("a.b").last((q.prop("a") == 1) | (q.prop("b") == 1)),
        q.touches("a.b").last(q.prop("a") == 1) | (q.lead.b == 1),
    ]
)
@example([q.lead.a == "はい", q.lead.a.is_true()])
@example([q.lead.a == q.lead.yes, q.lead.a.is_true()])
@example([q.lead.a == 2**60, q.lead.a == 2**60 + 1])
@example([q.stage.is_in(["a", "everyone"]), (q.stage == "a") | q.everyone])
def test_different_predicates_have_different_sentences(lang: str, some: list[Predicate]) -> None:
    assert len({describe(each, lang) for each in some}) == len(some)
