"""Invariant 27: a flip is never late. And `match` means what the design says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nurture.model import Sight, Touchpoint, by_kind
from nurture.predicates import (
    Reach,
    Score,
    TimeInStage,
    compile_flip,
    compile_match,
    examine,
    reach_of,
    walk,
)
from tests.property import fact_worlds
from tests.property import predicate_worlds as worlds
from tests.property.predicate_worlds import TICK, World

SUBJECTS = 6  # one predicate is asked about so many
PROBES = 60  # random ones, where no flip is expected; turning points come besides
FAR = timedelta(days=200)
relaxed = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
"""Of the profile that is loaded; a world is large on purpose."""


def turning_points(world: World) -> list[datetime]:
    """Every instant at which some clause could turn: facts enter and expire, stages age, days begin."""
    asked = [world.predicate, *world.names.segments.values()]
    nodes = [node for predicate in asked for node in walk(predicate)]
    points = list(fact_worlds.turns(nodes, world.facts))
    if world.sight.stage_since is not None:
        points += [world.sight.stage_since + node.length for node in nodes if isinstance(node, TimeInStage)]
    return sorted({point + shift for point in points for shift in (-TICK, timedelta(0), TICK)})


def some_of(world: World) -> list[datetime]:
    """Its moment, and some of its turning points."""
    points = turning_points(world)
    return [world.now, *random.Random(world.seed).sample(points, min(len(points), 24))]


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
    done = 0
    for each in world.and_others(SUBJECTS):
        dice, points, now = random.Random(each.seed), turning_points(each), each.now
        for _ in range(200):
            answer, flip = asks(each.sight, now), flips(each.sight, now)
            assert flip is None or flip > now
            for probe in probes(dice, points, now, flip):
                assert asks(each.sight, probe) is answer, f"changed at {probe}, the flip said {flip}"
                done += 1
            if flip is None:
                break
            now = flip
    return done


def probe_worlds(size: settings) -> int:
    """How many triples of predicate, facts and instant were probed."""
    probed: list[int] = []

    @size
    @given(worlds.worlds())
    def each(world: World) -> None:
        probed.append(walk_flips(world))

    each()
    return sum(probed)


def test_i27_a_flip_is_never_late() -> None:
    assert probe_worlds(settings(relaxed, max_examples=50)) >= 10_000


@pytest.mark.stress
def test_i27_a_flip_is_never_late_in_a_million_probes() -> None:
    assert probe_worlds(settings(relaxed, max_examples=4_000)) >= 1_000_000


@relaxed
@given(worlds.worlds(worlds.movers))
def test_the_flip_of_one_clause_is_exact_and_not_late(world: World) -> None:
    assert walk_flips(world) > 0
    if isinstance(world.predicate, Score) and world.predicate.model == "slow":
        return  # may be early by some microseconds, as its module says
    asks, flips = compile_match(world.predicate, world.names), compile_flip(world.predicate, world.names)
    for each in world.and_others(SUBJECTS):
        flip = flips(each.sight, each.now)
        assert flip is None or asks(each.sight, flip) is not asks(each.sight, each.now)


@relaxed
@given(worlds.worlds())
def test_match_answers_as_the_oracle_does(world: World) -> None:
    asks = compile_match(world.predicate, world.names)
    for each in world.and_others(SUBJECTS):
        for moment in some_of(each):
            expected = worlds.holds(each.predicate, each.names, each.sight, moment)
            assert asks(each.sight, moment) is expected


@relaxed
@given(worlds.worlds())
def test_examine_answers_as_match_does(world: World) -> None:
    clause = examine(world.predicate, world.sight, world.now, world.names)
    assert clause.answer is compile_match(world.predicate, world.names)(world.sight, world.now)
    assert clause.flip_at == compile_flip(world.predicate, world.names)(world.sight, world.now)
    assert clause.decides


@relaxed
@given(worlds.worlds(st.one_of(worlds.counts, worlds.predicates)))
def test_the_newest_facts_in_reach_suffice(world: World) -> None:
    """What `reach` says need not be loaded changes neither the answer nor the flip."""
    reach = reach_of(world.predicate, world.names)
    asks, flips = compile_match(world.predicate, world.names), compile_flip(world.predicate, world.names)
    for each in world.and_others(SUBJECTS):
        happened = [fact for fact in each.facts if fact.at <= each.now]
        few, whole = without_facts(each.sight), without_facts(each.sight)
        few.touches, whole.touches = within_reach(happened, reach, each.now), by_kind(happened)
        assert asks(few, each.now) is asks(whole, each.now)
        assert flips(few, each.now) == flips(whole, each.now)


def within_reach(facts: list[Touchpoint], reach: Reach, now: datetime) -> dict[str, list[Touchpoint]]:
    kept: dict[str, list[Touchpoint]] = {}
    for kind, some in by_kind(facts).items():
        need = reach.need(kind)
        if need is not None:
            recent = [fact for fact in some if need.window is None or fact.at > now - need.window]
            kept[kind] = recent if need.newest is None else recent[-need.newest :]
    return kept


def without_facts(sight: Sight) -> Sight:
    return Sight(
        lead=sight.lead,
        account=sight.account,
        stage=sight.stage,
        stage_since=sight.stage_since,
        scores=sight.scores,
        entry=sight.entry,
    )
