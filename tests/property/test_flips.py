"""Invariant 27: a flip is never late. And `match` means what the design says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from nurture.predicates import (
    Names,
    Predicate,
    Score,
    TimeInStage,
    Touched,
    compile_flip,
    compile_match,
    walk,
)
from tests.property import predicate_worlds as worlds
from tests.property.predicate_worlds import TICK, World

PROBES = 100  # a world; the quick profile makes 100 worlds and the stress profile 10,000
FAR = timedelta(days=200)
relaxed = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def turning_points(world: World) -> list[datetime]:
    """Every instant at which some clause could turn: facts enter and expire, stages age."""
    asked = [world.predicate, *world.names.segments.values()]
    nodes = [node for predicate in asked for node in walk(predicate)]
    windows = {node.window for node in nodes if isinstance(node, Touched) and node.window is not None}
    points = [fact.at + window for fact in world.facts for window in (timedelta(0), *windows)]
    if world.sight.stage_since is not None:
        points += [world.sight.stage_since + node.length for node in nodes if isinstance(node, TimeInStage)]
    return sorted({point + shift for point in points for shift in (-TICK, timedelta(0), TICK)})


def probes(dice: random.Random, points: list[datetime], now: datetime, flip: datetime | None) -> Iterator[datetime]:
    """Instants after `now` and before the flip: the last one, every turning point, and random ones."""
    end = flip or now + FAR
    if end - TICK > now:
        yield end - TICK
    yield from (point for point in points if now < point < end)
    span = (end - now) // TICK
    for _ in range(10 if flip else PROBES):
        if span > 1:
            yield now + dice.randint(1, span - 1) * TICK


def walk_flips(world: World) -> int:
    """Go from flip to flip as `advance` does; give how many probes found the answer unchanged."""
    asks, flips = compile_match(world.predicate, world.names), compile_flip(world.predicate, world.names)
    dice, points, now, done = random.Random(world.seed), turning_points(world), world.now, 0
    for _ in range(200):
        answer, flip = asks(world.sight, now), flips(world.sight, now)
        assert flip is None or flip > now
        for probe in probes(dice, points, now, flip):
            assert asks(world.sight, probe) is answer, f"changed at {probe}, the flip said {flip}"
            done += 1
        if flip is None:
            break
        now = flip
    return done


@relaxed
@given(worlds.worlds())
def test_i27_a_flip_is_never_late(world: World) -> None:
    assert walk_flips(world) >= PROBES


@pytest.mark.stress
@settings(parent=relaxed, max_examples=10_000)
@given(worlds.worlds())
def test_i27_a_flip_is_never_late_in_a_million_probes(world: World) -> None:
    assert walk_flips(world) >= PROBES


@relaxed
@given(worlds.worlds(worlds.movers))
def test_the_flip_of_one_clause_is_exact(world: World) -> None:
    if isinstance(world.predicate, Score) and world.predicate.model == "slow":
        return  # may be early by some microseconds, as its module says
    asks = compile_match(world.predicate, world.names)
    flip = compile_flip(world.predicate, world.names)(world.sight, world.now)
    if flip is not None:
        assert asks(world.sight, flip) is not asks(world.sight, world.now)


@relaxed
@given(worlds.worlds())
def test_match_answers_as_the_oracle_does(world: World) -> None:
    asks = compile_match(world.predicate, world.names)
    for moment in (world.now, *turning_points(world)):
        expected = worlds.holds(world.predicate, world.names, world.sight, moment)
        assert asks(world.sight, moment) is expected


def flips_by(predicate: Predicate, world: World, names: Names) -> datetime | None:
    return compile_flip(predicate, names)(world.sight, world.now)


@relaxed
@given(worlds.worlds())
def test_a_negated_predicate_flips_at_the_same_instants(world: World) -> None:
    assert flips_by(~world.predicate, world, world.names) == flips_by(world.predicate, world, world.names)
