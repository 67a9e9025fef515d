"""SQL answers as `match` does: on SQLite and PostgreSQL, in plain columns and in the store's own tables.

Every predicate is asked of all subjects of a world at once, on both databases: of one in the one sort of tables, of
the other in the other sort. The form in which facts are looked up goes round.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

import pytest

from nurture.model import SubjectKind
from nurture.predicates import OPERATORS, Field, FieldType, Owner, Predicate, Touched
from nurture.predicates.sql import CAPABILITIES
from nurture.predicates.sql.asking import Form
from tests import postgres
from tests.parity.sql_worlds import Database
from tests.parity.worlds import LEAD_ATTRIBUTES, LEAD_TEXTS, Draw, World, node_types, random_predicates, random_world

WORLDS = 12
ABOUT = {SubjectKind.LEAD: 36, SubjectKind.ACCOUNT: 8}
"""So many predicates are asked of each world."""
FORMS: tuple[Form, ...] = ("auto", "probe", "join")
LONG = 240
"""So many worlds are asked in the long size; ten in each test."""


@cache
def _databases() -> tuple[Database, ...]:
    return Database("sqlite://"), Database(postgres.empty_url())


@pytest.fixture(scope="module")
def databases() -> Iterator[tuple[Database, ...]]:
    yield _databases()
    for one in _databases():
        one.close()
    _databases.cache_clear()


def asked_of(world: World) -> list[tuple[SubjectKind, Predicate]]:
    return [(subject, one) for subject, n in ABOUT.items() for one in random_predicates(world, world.seed, n, subject)]


def check(databases: tuple[Database, ...], seed: int) -> None:
    world = random_world(seed)
    for database in databases:
        database.fill(world)
    layouts = {subject: [[*one.layouts(subject).items()] for one in databases] for subject in SubjectKind}
    for place, (subject, predicate) in enumerate(asked_of(world)):
        expected = world.answers(predicate, subject)
        for database, (of_database, some) in zip(databases, enumerate(layouts[subject]), strict=True):
            name, layout = some[(place + of_database) % 2]
            form = FORMS[(place + of_database) % 3]
            found = database.ask(layout, predicate, world, form)
            wrong = {one: answer for one, answer in found.items() if answer is not expected[one]}
            assert not wrong, (seed, name, form, predicate, wrong)
            assert found.keys() == expected.keys()


@pytest.mark.parametrize("seed", range(WORLDS))
def test_sql_answers_as_match_does(databases: tuple[Database, ...], seed: int) -> None:
    check(databases, seed)


@pytest.mark.stress
@pytest.mark.parametrize("first", range(1_000, 1_000 + LONG, 10))
def test_sql_answers_as_match_does_at_length(databases: tuple[Database, ...], first: int) -> None:
    for seed in range(first, first + 10):
        check(databases, seed)


def _every_operator(world: World) -> list[Predicate]:
    """Comparisons by each operator with each type that it fits: of a field of the lead, and of a property."""
    draw, fields = Draw(random.Random(world.seed), world.now), world.names.lead_fields
    found: list[Predicate] = []
    for row in OPERATORS.values():
        for kind in row.fits if row.name != "matches" else ():
            some = [name for name in (*LEAD_TEXTS, *LEAD_ATTRIBUTES, "created_at", "tags") if fields[name] is kind]
            for _ in range(6 if kind is FieldType.TEXT else 2):
                lead, prop = Field(Owner.LEAD, draw.one(some)), Field(Owner.PROP, "x")
                found.append(draw.compare_by(row, lead, kind))
                found.append(Touched(None, having=draw.compare_by(row, prop, kind), suspect=True))
    return found


@pytest.mark.parametrize("seed", range(2))
def test_every_operator_answers_as_in_match(databases: tuple[Database, ...], seed: int) -> None:
    world, database = random_world(seed), databases[seed]
    database.fill(world)
    some = [*database.layouts(SubjectKind.LEAD).items()]
    for place, predicate in enumerate(_every_operator(world)):
        name, layout = some[place // 2 % 2]
        assert database.ask(layout, predicate, world) == world.answers(predicate), (name, predicate)


def test_the_sizes_are_those_that_were_asked_for() -> None:
    world = random_world(0)
    per_world = ABOUT[SubjectKind.LEAD] * len(world.leads) + ABOUT[SubjectKind.ACCOUNT] * len(world.accounts)
    assert WORLDS * sum(ABOUT.values()) >= 500
    assert WORLDS * per_world >= 10_000
    assert LONG * per_world >= 200_000


def test_every_node_that_sql_has_words_for_is_asked_about() -> None:
    worlds = [random_world(seed) for seed in range(WORLDS)]
    found = node_types([predicate for world in worlds for _, predicate in asked_of(world)])
    expected = {name for name, able in CAPABILITIES.items() if able is True and "." not in name}
    assert found >= expected - {"Everyone"}


@pytest.mark.parametrize("seed", range(2))
def test_both_answers_are_frequent(seed: int) -> None:
    """A parity of falsehoods would prove little."""
    world = random_world(seed)
    answers = [yes for subject, one in asked_of(world) for yes in world.answers(one, subject).values()]
    assert 0.2 < sum(answers) / len(answers) < 0.8
