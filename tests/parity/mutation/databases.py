"""Databases that hold the cases, filled by the source as it is, for children to ask with bugs in theirs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]


def filled(url: str) -> str:
    """Fill a database, in a process of its own: this one must not load what will be mutated."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.parity.mutation.databases", url], cwd=CHECKOUT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return url


def _fill(url: str) -> None:
    from sqlalchemy import create_engine

    from nurture.storage.sql import schema
    from tests.parity.cases import CASES
    from tests.parity.cases.in_databases import plain, stored

    with create_engine(url).begin() as connection:
        schema.metadata.create_all(connection)
        stored(connection, CASES)
        plain(connection, CASES)


if __name__ == "__main__":
    _fill(sys.argv[1])
