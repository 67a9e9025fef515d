"""`match` and `frame` say the same of random predicates and worlds, on pandas, Polars and DuckDB.

The worlds are shared with the other readings. A predicate that frames decline is not counted. A failure names the
seed of its world and the place of the predicate: `python -m pytest tests/parity/test_frame.py -k <seed>` repeats it.
"""

from __future__ import annotations

from functools import lru_cache

import pytest

from nurture.errors import NotCompilableError
from nurture.frames.filtering import filter
from nurture.predicates import Followed, Predicate, walk
from nurture.predicates.frame import CAPABILITIES
from tests.parity.frame_worlds import ORDERED, TypedWorld, ids, typed_world
from tests.parity.worlds import random_predicates

SEEDS = tuple(range(21))
PREDICATES = 24
LEADS = 24
ALL = ("pandas", "polars", "duckdb")
ALSO = ("pandas-pyarrow", "polars-lazy", "pyarrow")


@lru_cache(maxsize=64)
def matched(seed: int, count: int) -> tuple[TypedWorld, tuple[tuple[Predicate, list[str]], ...]]:
    """The world of a seed, and what `match` says of so many predicates: all backends are held against the same."""
    typed = typed_world(seed)
    asked = random_predicates(typed.world, seed, count)
    return typed, tuple((one, [lead for lead, yes in typed.world.answers(one).items() if yes]) for one in asked)


def differences(backend: str, seed: int, count: int) -> tuple[int, list[str]]:
    """How many predicates were compared, and what `frame` and `match` said differently."""
    typed, questions = matched(seed, count)
    frames, world = typed.on(backend), typed.world
    asked, wrong = 0, []
    for place, (predicate, expected) in enumerate(questions):
        try:
            found = filter(
                predicate,
                frames.leads,
                frames.touchpoints,
                frames.accounts,
                memberships=frames.memberships,
                enrollments=frames.enrollments,
                now=world.now,
                names=world.names,
            )
        except NotCompilableError:
            assert declines(predicate, typed), (backend, seed, place, predicate)
            continue
        asked += 1
        got = ids(found)
        if (got if backend in ORDERED else sorted(got)) != (expected if backend in ORDERED else sorted(expected)):
            wrong.append(f"{backend}, world {seed}, predicate {place}: {sorted(set(got) ^ set(expected))}: {predicate}")
    return asked, wrong


def declines(predicate: Predicate, typed: TypedWorld) -> bool:
    """Whether a predicate holds something that frames say they decline."""
    lists = {name for name, of in typed.types.items() if of == "texts"}
    nodes = [*walk(predicate), *(node for one in typed.world.names.segments.values() for node in walk(one))]
    return any(
        isinstance(node, Followed) or lists & {getattr(node, "per", None), getattr(node, "of", None)} for node in nodes
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("backend", ALL)
def test_match_and_frame_agree(backend: str, seed: int) -> None:
    asked, wrong = differences(backend, seed, PREDICATES)
    assert wrong == []
    assert asked >= PREDICATES // 2


@pytest.mark.parametrize("seed", SEEDS[:3])
@pytest.mark.parametrize("backend", ALSO)
def test_other_frames_agree(backend: str, seed: int) -> None:
    asked, wrong = differences(backend, seed, PREDICATES)
    assert wrong == []
    assert asked >= PREDICATES // 2


def test_the_quick_size_is_what_was_promised() -> None:
    assert len(SEEDS) * PREDICATES >= 500
    assert len(SEEDS) * PREDICATES * LEADS >= 10_000


@pytest.mark.stress
@pytest.mark.parametrize("seed", range(1_000, 1_350))
@pytest.mark.parametrize("backend", ALL)
def test_match_and_frame_agree_at_length(backend: str, seed: int) -> None:
    assert differences(backend, seed, PREDICATES)[1] == []


def test_what_is_declined_is_in_the_table() -> None:
    assert CAPABILITIES["node Followed"] is not True
    assert CAPABILITIES["node Touched"] is True
