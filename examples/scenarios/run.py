"""Five programs, each lived through for a year, with a short report in Japanese.

    python examples/scenarios/run.py [a] [b] [c] [d] [e] [--size N]

Without letters all five are lived through. `--size` says how many people or accounts there are besides the cast.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # `python examples/scenarios/run.py` finds its neighbors

from examples.scenarios import a_after_the_fair, b_webinar, c_recycling, d_committee, e_renewal
from examples.scenarios.telling import report
from examples.scenarios.year import Year

if TYPE_CHECKING:
    from nurture import Program

Play = Callable[[Year, int], Year]
PROGRAMS: dict[str, tuple[str, Program, Play, int, tuple[str, ...]]] = {
    "a": ("A. 展示会後フォロー", a_after_the_fair.PROGRAM, a_after_the_fair.play, 600, ("badge-yes", "after_the_fair")),
    "b": ("B. 共催ウェビナー", b_webinar.PROGRAM, b_webinar.play, 300, ("patient", "webinar")),
    "c": (
        "C. 資料請求からリサイクルまで",
        c_recycling.PROGRAM,
        c_recycling.play,
        300,
        ("too-early", "handover", "recycle"),
    ),
    "d": ("D. 稟議の支援", d_committee.PROGRAM, d_committee.play, 60, ("sent-back", "committee", "circulation")),
    "e": ("E. 契約更新", e_renewal.PROGRAM, e_renewal.play, 60, ("heavy-red", "renewal", "upsell")),
}
"""Each program: its title, what is lived through, how many there are besides the cast, and whose way is told."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Live through the years that were asked for, and print what came of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("letters", nargs="*", choices=[[], *PROGRAMS], metavar="a b c d e")
    parser.add_argument("--size", type=int, help="how many there are besides the cast")
    asked = parser.parse_args(arguments)
    for letter in asked.letters or PROGRAMS:
        title, program, play, size, told = PROGRAMS[letter]
        year = play(Year(program), size if asked.size is None else asked.size)
        print(report(year, title, *told), end="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
