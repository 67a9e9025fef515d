"""What the tests of stores share."""

import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool


@pytest.fixture(autouse=True, scope="module")
def _close_connections() -> Iterator[None]:
    """Close what the pools of a module's tests have opened; Python 3.13 warns of connections that are forgotten."""
    opened: list[sqlite3.Connection] = []

    def remember(raw: object, _: object) -> None:
        if isinstance(raw, sqlite3.Connection):
            opened.append(raw)

    event.listen(Pool, "connect", remember)
    yield
    event.remove(Pool, "connect", remember)
    for raw in opened:
        raw.close()
