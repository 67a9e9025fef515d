"""The readings that are mutated: which modules they are made of, and how the cases are asked of each.

Nothing of ours is imported before a child asks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from tests.parity.mutation.hunting import SOURCE

if TYPE_CHECKING:
    from tests.parity.cases.batches import Batch

Pass = Callable[["Batch"], str]
"""Asks one batch; what is wrong, or nothing."""


@attrs.frozen
class Mutated:
    """One reading.

    Attributes:
        modules: What it is made of.
        passes: Loads it, and gives the ways in which each batch is asked.
    """

    modules: tuple[str, ...]
    passes: Callable[[], Iterator[Pass]]

    def ask(self, batches: Sequence[int] | None = None) -> str:
        """What is red first; nothing when all is well.

        Args:
            batches: The numbers of those that are asked; None for all.
        """
        from tests.parity.cases import CASES
        from tests.parity.cases.batches import batches_of

        known, only = batches_of(CASES), os.environ.get("NURTURE_ONLY", "").split()
        some = known if batches is None else [known[number] for number in batches]
        some = [batch for batch in some if not only or batch.cases[0].module in only]
        return next((red for one in self.passes() for batch in some if (red := one(batch))), "")


def _by_match() -> Iterator[Pass]:
    """Ask `match`; and `flip`, which must be never late, and exact of single clauses."""
    from tests.parity.test_cases import problem_of_flip, problem_of_match

    yield lambda batch: next((str(case) for case in batch.cases if problem_of_match(case)), "")
    yield lambda batch: next((f"{case}: {red}" for case in batch.cases if (red := problem_of_flip(case))), "")


def _by_sql() -> Iterator[Pass]:
    """Ask each database that was filled, in our own tables and in plain ones, by probes and by joins."""
    from sqlalchemy import create_engine

    for url in os.environ["NURTURE_CASES"].split():
        with create_engine(url).connect() as connection:
            yield _sql_pass(connection, store_probes=True)
            yield _sql_pass(connection, store_probes=False)


def _sql_pass(connection: object, *, store_probes: bool) -> Pass:
    from sqlalchemy import Connection

    from nurture.predicates.sql import CAPABILITIES
    from tests.parity.cases.in_databases import Asked, plain_layouts, store_layouts
    from tests.parity.cases.judging import first_wrong

    assert isinstance(connection, Connection)
    dialect = connection.dialect.name
    store = Asked(connection, store_layouts(dialect), "probe" if store_probes else "join")
    plain = Asked(connection, plain_layouts(dialect), "join" if store_probes else "auto")

    def ask(batch: Batch) -> str:
        red = first_wrong(store, [batch], CAPABILITIES) or first_wrong(plain, [batch], CAPABILITIES)
        return f"{dialect}: {red}" if red else ""

    return ask


def _by_frame() -> Iterator[Pass]:
    """Ask Polars, and whatever else `NURTURE_FRAMES` names."""
    from tests.parity.cases import CASES
    from tests.parity.cases.batches import batches_of
    from tests.parity.cases.in_frames import Asked
    from tests.parity.cases.judging import first_wrong
    from tests.parity.frame_worlds import BACKENDS
    from tests.parity.test_cases_frame import KNOWN

    for backend in os.environ.get("NURTURE_FRAMES", "polars pandas").split():
        asked = Asked(BACKENDS[backend], batches_of(CASES))

        def ask(batch: Batch, asked: Asked = asked, backend: str = backend) -> str:
            red = first_wrong(asked, [batch], KNOWN)
            return f"{backend}: {red}" if red else ""

        yield ask


_MATCH = (
    "comparisons", "patterns", "answering/writer", "answering/loops", "answering/facts", "answering/selection",
    "answering/sequences", "answering/tallies", "answering/dates", "answering/zones", "answering/standing",
    "answering/held", "answering/leaf", "lower", "flip", "answering/crossing",
)  # fmt: skip
_CALENDAR = ("period_units", "periods", "anniversaries", "local_days")
_OUTSIDE = ("__init__", "capabilities", "layout", "points", "pushdown")
"""Modules of a reading that decide nothing about an answer; `points` works out scores, which the cases are given."""


def _all(folder: str, *but: str) -> tuple[str, ...]:
    """The modules of a folder."""
    return tuple(f"{folder}/{path.name}" for path in sorted((SOURCE / folder).glob("*.py")) if path.stem not in but)


READINGS: Mapping[str, Mutated] = {
    "match": Mutated(
        (*(f"predicates/{name}.py" for name in _MATCH), *(f"calendar/{name}.py" for name in _CALENDAR)), _by_match
    ),
    "sql": Mutated((*_all("predicates/sql", *_OUTSIDE), "storage/sql/segments.py"), _by_sql),
    "frame": Mutated(_all("predicates/frame", *_OUTSIDE), _by_frame),
}
