"""Writes `histories.json`: programs, and for seeded histories what is decided about them today.

Anew only for a release that means to decide otherwise; say so in the change log. What a release has new is added, and
what is there stays: `python -m tests.golden.write_histories yearly until` adds programs that have these words.
"""

from __future__ import annotations

import json
import sys

from hypothesis import HealthCheck, Phase, given, seed, settings

from nurture import Program
from tests.golden.histories import RECORDED, decided
from tests.strategies import programs

PROGRAMS = 20
EACH = 50
LONGEST = 9_000
"""So long may the JSON of a program be, so that the file stays small."""


ADDED = 2
"""So many programs are added for each word."""


def some_programs(word: str = "", number: int = PROGRAMS) -> list[Program]:
    """Programs that were drawn once, each with scenarios; in its JSON each has the word."""
    found: dict[str, Program] = {}

    @seed(20260401)
    @settings(max_examples=400, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(programs())
    def draw(program: Program) -> None:
        text = json.dumps(program.to_json())
        if program.scenarios and len(text) < LONGEST and word in text:
            found[program.hash] = program

    draw()
    return list(found.values())[-number:]


def recorded(some: list[Program], begin: int) -> list[dict[str, object]]:
    """What is decided about each program, in histories that no program before it has."""
    return [
        {
            "program": program.to_json(),
            "decided": {str(number): decided(program, number) for number in range(place * EACH, (place + 1) * EACH)},
        }
        for place, program in enumerate(some, begin)
    ]


def write() -> None:
    """Write the file."""
    _save(recorded(some_programs(), 0))


def add(words: list[str]) -> None:
    """Add programs that have these words to the file."""
    known: list[dict[str, object]] = json.loads(RECORDED.read_text())
    for word in words:
        known += recorded(some_programs(f'"{word}"', ADDED), len(known))
    _save(known)


def _save(rows: list[dict[str, object]]) -> None:
    RECORDED.write_text(json.dumps(rows, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    add(sys.argv[1:]) if sys.argv[1:] else write()
