"""What a store must offer to take part: the hand-written one and `nurture`'s offer the same.

May import the standard library, the harness and the workload.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from attrs import frozen

OnConnect = Callable[[sqlite3.Connection], None]
Worker = Callable[[], int]


@frozen
class Event:
    """One fact to record.

    Args:
        key: Makes recording it twice harmless.
        lead: The number of the lead.
        kind: One of the workload's kinds.
        properties: What is known about it.
    """

    key: str
    lead: int
    kind: str
    properties: Mapping[str, str]


Recorder = Callable[[Sequence[Event]], None]


def events(leads: int, count: int, *, prefix: str) -> tuple[Event, ...]:
    """Facts about these leads in turn; another prefix makes other facts."""
    kinds = ("page.viewed", "form.submitted", "email.clicked")
    properties = {"path": "/pricing", "campaign": "spring"}
    return tuple(
        Event(f"{prefix}-{number}", number % leads, kinds[number % len(kinds)], properties) for number in range(count)
    )


class DripStore(Protocol):
    """One way to keep a drip in an SQLite file: WAL, `synchronous=FULL`."""

    @property
    def name(self) -> str:
        """What the reader knows it by."""
        ...

    def prepare(self, path: Path, *, due: int, waiting: int) -> None:
        """Make a database in which `due` leads have a mail to be sent now, and `waiting` one later.

        Lead `n`'s values are `workload.lead_values(n)`; the due ones come first. Nothing of the
        step to come is planned yet. The file is complete: no write-ahead log is left beside it.
        """
        ...

    def worker(self, path: Path, batch: int, on_connect: OnConnect | None = None) -> AbstractContextManager[Worker]:
        """A worker on this database; calling it does all that is due and returns the steps done.

        A step is done when its mail was rendered and handed to a sender that throws it away, the
        receipt was recorded and decided, and the lead waits again. `on_connect` is given every
        connection that is opened.
        """
        ...

    def recorder(self, path: Path) -> AbstractContextManager[Recorder]:
        """Record facts about leads that are there; one call is one transaction."""
        ...


class Copies:
    """A database prepared once, and a fresh copy of it for every run."""

    def __init__(self, store: DripStore, folder: Path, *, due: int, waiting: int) -> None:
        self._path = folder / f"{store.name}-{due}-{waiting}.db".replace(" ", "-")
        store.prepare(self._path, due=due, waiting=waiting)

    @contextmanager
    def fresh(self) -> Iterator[Path]:
        """A copy, gone afterwards."""
        path = self._path.with_suffix(".copy.db")
        shutil.copyfile(self._path, path)
        try:
            yield path
        finally:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
