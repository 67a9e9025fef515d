"""What a store must offer to take part, and where its databases lie.

The hand-written stores and `nurture`'s offer the same; a *ground* makes and copies databases of one kind. May import
the standard library, attrs, the harness and the servers.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

from attrs import frozen

from bench.harness import Scale, UnavailableError
from bench.servers import postgres

# Where a database lies: the path of an SQLite file, or the URL of a PostgreSQL database.
Place = str
OnConnect = Callable[[Any], None]
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
    """One way to keep a drip in a database; durable: a commit is on the disk."""

    @property
    def name(self) -> str:
        """What the reader knows it by."""
        ...

    def prepare(self, place: Place, *, due: int, waiting: int) -> None:
        """Make a database in which `due` leads have a mail to be sent now, and `waiting` one later.

        Lead `n`'s values are `workload.lead_values(n)`; the due ones come first. Nothing of the
        step to come is planned yet. The database is complete: no log is left to be worked off.
        """
        ...

    def worker(self, place: Place, batch: int, on_connect: OnConnect | None = None) -> AbstractContextManager[Worker]:
        """A worker on this database; calling it does all that is due and returns the steps done.

        A step is done when its mail was rendered and handed to a sender that throws it away, the
        receipt was recorded and decided, and the lead waits again. `on_connect` is given every
        driver connection that is opened.
        """
        ...

    def recorder(self, place: Place) -> AbstractContextManager[Recorder]:
        """Record facts about leads that are there; one call is one transaction."""
        ...


class Ground(Protocol):
    """Where databases of one kind are made and copied."""

    @property
    def name(self) -> str:
        """`sqlite` or `postgresql`."""
        ...

    @property
    def version(self) -> str:
        """The database's own version; empty when every row says it anyway."""
        ...

    def place(self, name: str) -> Place:
        """Where a new, empty database is."""
        ...

    def copy(self, place: Place) -> AbstractContextManager[Place]:
        """A copy of a database that nobody has open, gone afterwards."""
        ...


class Files:
    """SQLite: a database is a file."""

    name = "sqlite"
    version = ""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._copies = 0

    def place(self, name: str) -> Place:
        """A path at which no file is yet."""
        return str(self._folder / f"{name}.db".replace(" ", "-"))

    @contextmanager
    def copy(self, place: Place) -> Iterator[Place]:
        """A copy of the file."""
        self._copies += 1
        path = Path(place).with_suffix(f".copy{self._copies}.db")
        shutil.copyfile(place, path)
        try:
            yield str(path)
        finally:
            for suffix in ("", "-wal", "-shm", "-journal"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)


@frozen
class Grounds:
    """Where databases can be.

    Args:
        here: The grounds that were asked for.
        missing: Why PostgreSQL is not among them, though it was asked for; else empty.
    """

    here: tuple[Ground, ...]
    missing: str = ""


@contextmanager
def grounds(scale: Scale, scratch: Path) -> Iterator[Grounds]:
    """SQLite's files, and a PostgreSQL server that lives as long as the block."""
    files = () if scale.database == "postgresql" else (Files(scratch),)
    if scale.database == "sqlite":
        yield Grounds(files)
        return
    with ExitStack() as stack:
        try:
            found = Grounds((*files, stack.enter_context(postgres(scratch))))
        except UnavailableError as error:
            found = Grounds(files, str(error))
        yield found


class Copies:
    """A database prepared once, and a fresh copy of it for every run."""

    def __init__(self, store: DripStore, ground: Ground, *, due: int, waiting: int) -> None:
        self._ground = ground
        self._place = ground.place(f"{store.name}-{due}-{waiting}")
        store.prepare(self._place, due=due, waiting=waiting)

    def fresh(self) -> AbstractContextManager[Place]:
        """A copy, gone afterwards."""
        return self._ground.copy(self._place)
