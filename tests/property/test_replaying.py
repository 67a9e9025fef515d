"""Invariant 19: histories that were recorded replay to the same decisions under today's code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

import pytest

from nurture import Program
from tests.golden.histories import RECORDED, decided

Corpus = list[tuple[Program, Mapping[int, Mapping[str, str]]]]
QUICK = 5
"""So many histories of each program are replayed every time."""


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    recorded = cast("list[dict[str, dict[str, dict[str, str]]]]", json.loads(RECORDED.read_text()))
    return [
        (Program.from_json(one["program"]), {int(seed): parts for seed, parts in one["decided"].items()})
        for one in recorded
    ]


def check(corpus: Corpus, each: int) -> int:
    differing: list[str] = []
    count = 0
    for place, (program, recorded) in enumerate(corpus):
        for seed, parts in list(recorded.items())[:each]:
            count += 1
            now = decided(program, seed)
            differing += [f"program {place}, history {seed}: {part}" for part in parts if now[part] != parts[part]]
    assert not differing
    return count


def test_i19_a_hundred_recorded_histories_replay_to_the_same_decisions(corpus: Corpus) -> None:
    assert check(corpus, QUICK) >= 100


@pytest.mark.stress
def test_i19_a_thousand_recorded_histories_replay_to_the_same_decisions(corpus: Corpus) -> None:
    assert check(corpus, 1_000) >= 1_000


def test_i19_the_corpus_decides_something(corpus: Corpus) -> None:
    """Most histories differ in what is decided about them, so that a change of the code has something to change."""
    effects = {parts["effects"] for _, recorded in corpus for parts in recorded.values()}
    standings = {parts["standing"] for _, recorded in corpus for parts in recorded.values()}
    assert len(standings) > 900
    assert len(effects) > 300
