"""Writes `histories.json` anew: programs, and for seeded histories what is decided about them today.

Only for a release that means to decide otherwise; say so in the change log. `python -m tests.golden.write_histories`.
"""

from __future__ import annotations

import json

from hypothesis import HealthCheck, Phase, given, seed, settings

from nurture import Program
from tests.golden.histories import RECORDED, decided
from tests.strategies import programs

PROGRAMS = 20
EACH = 50
LONGEST = 9_000
"""So long may the JSON of a program be, so that the file stays small."""


def some_programs() -> list[Program]:
    """Programs that were drawn once, each with scenarios."""
    found: dict[str, Program] = {}

    @seed(20260401)
    @settings(max_examples=400, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(programs())
    def draw(program: Program) -> None:
        if program.scenarios and len(json.dumps(program.to_json())) < LONGEST:
            found[program.hash] = program

    draw()
    return list(found.values())[-PROGRAMS:]


def write() -> None:
    """Write the file."""
    recorded = [
        {
            "program": program.to_json(),
            "decided": {str(number): decided(program, number) for number in range(place * EACH, (place + 1) * EACH)},
        }
        for place, program in enumerate(some_programs())
    ]
    RECORDED.write_text(json.dumps(recorded, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    write()
