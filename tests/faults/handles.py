"""A handle on the SQLite file, as a process has it."""

from __future__ import annotations

from pathlib import Path
from sqlite3 import Connection

from sqlalchemy import create_engine, event

from nurture.storage import SqlStorage
from nurture.storage.clock import Clock, ClockLimit
from tests.faults.processes import Process


class Handle:
    """One; a process that starts may take one that another left, with no connection open.

    Compiling the statements of a new one costs more than all that a process does with it.
    """

    def __init__(self, folder: Path, tenant: str, clock: Clock, limit: ClockLimit | None) -> None:
        engine = create_engine(f"sqlite:///{folder / 'crm.db'}", hide_parameters=True, pool_reset_on_return=None)
        self._engine = engine
        self.process: Process | None = None
        self.storage = SqlStorage(engine, tenant, clock=clock, clock_limit=limit)
        event.listen(engine, "connect", self._connected)

    def _connected(self, connection: Connection, _: object) -> None:
        assert self.process is not None
        self.process.connections.append(connection)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()
