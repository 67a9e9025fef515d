"""A store in one JSON file: what somebody outside of nurture would write.

Readers take no lock: the file is only ever replaced whole, so that what is read is a snapshot. Writers, of whatever
process, take turns by a lock on a second file. `ScanningView` and `ScanningUnit` answer and keep the rules; here is
only where records are, and what makes a unit all or nothing. For POSIX systems and some thousand records.
"""

import fcntl
import json
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from nurture.errors import StorageError
from nurture.model import Record
from nurture.ports import Capability, R, Storage
from nurture.storage.clock import Clock, Ticker, system_clock
from nurture.storage.codec import decode, encode
from nurture.storage.scanning import ScanningUnit, ScanningView

Texts: TypeAlias = dict[str, dict[str, str]]
"""One tenant's records as text, by kind and id."""

PATIENCE_SECONDS = 30.0


class JsonView(ScanningView):
    """A snapshot; each kind is decoded when it is asked for."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._decoded: dict[type, dict[str, Any]] = {}

    def records(self, kind: type[R], /) -> dict[str, R]:
        """Every record of a kind, by id."""
        if kind not in self._decoded:
            texts = self._texts.get(kind.__name__, {})
            self._decoded[kind] = {name: decode(kind, text) for name, text in texts.items()}
        return self._decoded[kind]


class JsonUnit(JsonView, ScanningUnit):
    """A snapshot that can be written to; it becomes the file at the end of its block."""

    def __init__(self, texts: Texts, now: datetime) -> None:
        super().__init__(texts)
        self._now = now

    def now(self) -> datetime:
        """The instant of this unit."""
        return self._now

    def write(self, record: Record, /) -> None:
        """Put a record in its place."""
        kind = type(record)
        self._texts.setdefault(kind.__name__, {})[record.id] = encode(record)
        self._decoded.get(kind, {})[record.id] = record

    def remove(self, kind: type[Record], name: str, /) -> None:
        """Remove a record."""
        self._texts.get(kind.__name__, {}).pop(name, None)
        self._decoded.get(kind, {}).pop(name, None)


class JsonStorage:
    """Keeps everything in one JSON file, for any number of threads and processes of one machine.

    Args:
        path: The file; it is made at the first write, with a lock file and a new version beside it.
        tenant: Whose data this handle reads and writes.
        clock: What time it is.
    """

    capabilities: frozenset[Capability] = frozenset()

    def __init__(self, path: Path, tenant: str = "default", clock: Clock = system_clock) -> None:
        self._path, self.tenant, self._ticker = path, tenant, Ticker(clock)

    def now(self) -> datetime:
        """The present instant; later than those before, and than every committed unit."""
        return self._tick(self._load())

    @contextmanager
    def view(self) -> Generator[JsonView]:
        """A snapshot to read from; it holds nobody up."""
        yield JsonView(self._load()["tenants"].get(self.tenant, {}))

    @contextmanager
    def begin(self) -> Generator[JsonUnit]:
        """A unit of work: the new file takes the place of the old one at the end, or never."""
        with self._alone():
            data = self._load()
            now = self._tick(data)
            yield JsonUnit(data["tenants"].setdefault(self.tenant, {}), now)
            self._save({**data, "now": now.isoformat()})

    def close(self) -> None:
        """Nothing is held between units."""

    def _tick(self, data: dict[str, Any]) -> datetime:
        return self._ticker.tick(after=datetime.fromisoformat(data["now"]))

    def _beside(self, ending: str) -> Path:
        """A file beside ours; by its whole name, since a folder may hold crm.json and crm.test."""
        return self._path.with_name(self._path.name + ending)

    def _load(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self._path.read_bytes()))
        except FileNotFoundError:
            return {"now": "1970-01-01T00:00:00+00:00", "tenants": {}}
        except (OSError, ValueError) as error:
            raise StorageError(f"{self._path.name} cannot be read as a JSON store") from error

    def _save(self, data: dict[str, Any]) -> None:
        new, folder = self._beside(".new"), self._path.parent
        try:
            with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                json.dump(data, file, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
            _sync(folder)  # the new name lasts, too
        except OSError as error:
            raise StorageError(f"{self._path.name} cannot be written") from error

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Hold the lock that all writers take turns with; the system gives it back when a process dies."""
        try:
            lock = os.open(self._beside(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StorageError(f"{self._path.name} cannot be locked") from error
        try:
            _wait_for(lock, self._path.name)
            yield
        finally:
            os.close(lock)


def _wait_for(lock: int, name: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StorageError(f"{name} was locked for {PATIENCE_SECONDS:g} seconds") from None
            time.sleep(0.001)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


if TYPE_CHECKING:
    _fits: type[Storage] = JsonStorage
