"""The readings that are mutated: which modules they are made of, and how the cases are asked of each.

Nothing of ours is imported before a child asks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import attrs

from tests.parity.mutation.hunting import SOURCE


@attrs.frozen
class Mutated:
    """One reading.

    Attributes:
        modules: What it is made of.
        ask: Asks the cases; what was red first, or nothing.
    """

    modules: tuple[str, ...]
    ask: Callable[[str], str]


def ask_match(first: str) -> str:
    """Ask `match`; and `flip`, which must be never late, and exact of single clauses."""
    from tests.parity.cases import CASES
    from tests.parity.test_cases import problem_of_flip, problem_of_match

    cases = sorted(CASES, key=lambda case: case.module not in first.split())
    red = next((str(case) for case in cases if problem_of_match(case)), "")
    return red or next((f"{case}: {problem}" for case in cases if (problem := problem_of_flip(case))), "")


def ask_sql(first: str) -> str:
    """Ask SQLite and PostgreSQL, as far as there are databases that were filled before."""
    return next((red for url in os.environ["NURTURE_CASES"].split() if (red := _ask_database(url, first))), "")


def _ask_database(url: str, first: str) -> str:
    from sqlalchemy import create_engine

    from nurture.predicates.sql import CAPABILITIES
    from tests.parity.cases import CASES
    from tests.parity.cases.batches import batches_of
    from tests.parity.cases.in_databases import Asked, plain_layouts, store_layouts
    from tests.parity.cases.judging import first_wrong

    batches = sorted(batches_of(CASES), key=lambda batch: batch.cases[0].module not in first.split())
    engine = create_engine(url)
    dialect = engine.dialect.name
    with engine.connect() as connection:
        for layouts, form in (
            (store_layouts(dialect), "auto"),
            (plain_layouts(dialect), "join"),
            (store_layouts(dialect), "join"),
        ):
            red = first_wrong(Asked(connection, layouts, form), batches, CAPABILITIES)  # type: ignore[arg-type]
            if red:
                return f"{dialect}: {red}"
    return ""


def ask_frame(first: str) -> str:
    """Ask Polars, then pandas."""
    from tests.parity.cases import CASES
    from tests.parity.cases.batches import batches_of
    from tests.parity.cases.in_frames import Asked
    from tests.parity.cases.judging import first_wrong
    from tests.parity.frame_worlds import BACKENDS
    from tests.parity.test_cases_frame import KNOWN

    batches = sorted(batches_of(CASES), key=lambda batch: batch.cases[0].module not in first.split())
    for backend in os.environ.get("NURTURE_FRAMES", "polars").split():
        red = first_wrong(Asked(BACKENDS[backend], batches), batches, KNOWN)
        if red:
            return f"{backend}: {red}"
    return ""


_MATCH = (
    "comparisons", "patterns", "_writer", "_loops", "_facts", "_selection", "_sequences", "_tallies", "_dates",
    "_zones", "_standing", "_held", "_leaf", "lower", "flip", "_crossing",
)  # fmt: skip
_CALENDAR = ("calendar/period_units.py", "calendar/periods.py", "calendar/anniversaries.py", "calendar/local_days.py")
_OUTSIDE = ("__init__", "capabilities", "layout", "pushdown")
"""Modules of a reading that decide nothing about an answer."""


def _all(folder: str, *but: str) -> tuple[str, ...]:
    """The modules of a folder."""
    return tuple(f"{folder}/{path.name}" for path in sorted((SOURCE / folder).glob("*.py")) if path.stem not in but)


READINGS: Mapping[str, Mutated] = {
    "match": Mutated((*(f"predicates/{name}.py" for name in _MATCH), *_CALENDAR), ask_match),
    "sql": Mutated((*_all("predicates/sql", *_OUTSIDE), "storage/sql/segments.py"), ask_sql),
    "frame": Mutated(_all("predicates/frame", *_OUTSIDE), ask_frame),
}
