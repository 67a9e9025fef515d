"""Invariant 27 for dates, consent, segments and held values; and `match` means what their docstrings say."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nurture.predicates import (
    Elapsed,
    Held,
    Not,
    TimeInSegment,
    compile_flip,
    compile_match,
    examine,
    flippers,
    reach_of,
    walk,
)
from tests.property import predicate_worlds as plain
from tests.property import standing_worlds as worlds
from tests.property.predicate_worlds import TICK
from tests.property.standing_worlds import World
from tests.property.test_flips import within_reach

SUBJECTS = 3  # one predicate is asked about so many
STEPS = 6  # from flip to flip
PROBES = 20  # of each sort, where no flip is expected
FAR = timedelta(days=1500)
RECENT = timedelta(days=30)  # scores are not read long before they were earned
LAST = datetime.max.replace(tzinfo=UTC)
relaxed = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
"""Of the profile that is loaded; a world is large on purpose."""


def turning_points(world: World) -> list[datetime]:
    """Instants at which some clause could turn: days begin, lengths are over, facts come to pass."""
    sight, nodes = world.sight, list(walk(world.predicate))
    lengths = {node.length for node in nodes if isinstance(node, (Elapsed, Held, TimeInSegment))}
    starts = [fact.at for facts in sight.touches.values() for fact in facts] + [*sight.memberships.values()]
    ends = [fact.properties.get("expires_at") for fact in sight.touches.get("consent.given", [])]
    values = [*sight.lead.values(), *sight.account.values(), *ends]
    starts += [value for value in values if isinstance(value, datetime) and 1 < value.year < 9990]
    points = [start + sign * length for start in starts for length in {timedelta(0), *lengths} for sign in (-1, 1)]
    midnight = datetime.combine(world.now, time(), UTC)
    # Where zones differ by whole hours or quarters of them, each day of each begins at one of these.
    points += [midnight + timedelta(minutes=30 * half) for half in range(-48, 4 * 48)]
    return sorted({point + shift for point in points for shift in (-TICK, timedelta(0), TICK)})


def probes(dice: random.Random, points: list[datetime], now: datetime, flip: datetime | None) -> Iterator[datetime]:
    """Instants after `now` and before the flip: the last one, turning points, and random ones."""
    end = min(flip or LAST, LAST if LAST - now < FAR else now + FAR)
    if end - TICK > now:
        yield end - TICK
    between = [point for point in points if now < point < end]
    yield from dice.sample(between, min(len(between), PROBES))
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
        for _ in range(STEPS):
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
    """How many triples of predicate, sight and instant were probed."""
    probed: list[int] = []

    @size
    @given(worlds.worlds())
    def each(world: World) -> None:
        probed.append(walk_flips(world))

    each()
    return sum(probed)


def test_i27_a_flip_is_never_late() -> None:
    assert probe_worlds(settings(relaxed, max_examples=100)) >= 10_000


@pytest.mark.stress
def test_i27_a_flip_is_never_late_in_a_million_probes() -> None:
    assert probe_worlds(settings(relaxed, max_examples=4_000)) >= 1_000_000


@relaxed
@given(worlds.worlds(worlds.moving))
def test_the_flip_of_one_clause_is_exact_and_not_late(world: World) -> None:
    assert walk_flips(world) > 0
    if getattr(world.predicate, "starts", None) is not None:
        return  # said with twelve clauses: a tree
    asks, flips = compile_match(world.predicate, world.names), compile_flip(world.predicate, world.names)
    for each in world.and_others(SUBJECTS):
        now: datetime | None = each.now
        for _ in range(STEPS):
            assert now is not None
            answer, now = asks(each.sight, now), flips(each.sight, now)
            if now is None:
                break
            assert asks(each.sight, now) is not answer


@relaxed
@given(worlds.worlds(st.one_of(worlds.leaves, worlds.predicates)))
def test_match_answers_as_the_oracle_does(world: World) -> None:
    asks, flips = compile_match(world.predicate, world.names), compile_flip(world.predicate, world.names)
    for each in world.and_others(SUBJECTS):
        flip = flips(each.sight, each.now)
        edges = [] if flip is None else [flip - TICK, flip]
        points = [point for point in turning_points(each) if point > each.now - RECENT]
        for moment in (each.now, *edges, *random.Random(each.seed).sample(points, 8)):
            expected = plain.holds(each.predicate, each.names, each.sight, moment)
            assert asks(each.sight, moment) is expected


@relaxed
@given(worlds.worlds())
def test_examine_answers_as_match_does_and_every_clause_can_be_said(world: World) -> None:
    clause = examine(world.predicate, world.sight, world.now, world.names)
    assert clause.answer is compile_match(world.predicate, world.names)(world.sight, world.now)
    assert clause.flip_at == compile_flip(world.predicate, world.names)(world.sight, world.now)
    assert all(leaf.said("ja") and leaf.sentence for leaf in clause.leaves())


@relaxed
@given(worlds.worlds(st.one_of(worlds.leaves, worlds.predicates)))
def test_what_if_never_fails_and_is_bounded(world: World) -> None:
    changes = flippers(world.predicate, world.sight, world.now, world.names, limit=3)
    assert len(changes) <= 3
    assert all(change.sentence and change.said("ja") for change in changes)
    assert len({(change.what, change.name) for change in changes}) == len(changes)


@relaxed
@given(worlds.worlds(st.one_of(worlds.held, worlds.consented, worlds.held.map(Not))))
def test_the_facts_in_reach_suffice(world: World) -> None:
    """What `reach` says need not be loaded changes neither the answer nor the flip."""
    reach = reach_of(world.predicate, world.names)
    asks, flips = compile_match(world.predicate, world.names), compile_flip(world.predicate, world.names)
    for each in world.and_others(SUBJECTS):
        known = [fact for facts in each.sight.touches.values() for fact in facts]
        happened = [fact for fact in known if fact.at <= each.now]
        each.sight.touches = plain.by_kind(happened)
        whole = asks(each.sight, each.now), flips(each.sight, each.now)
        each.sight.touches = within_reach(happened, reach, each.now)
        assert (asks(each.sight, each.now), flips(each.sight, each.now)) == whole
