"""Writes what the tests of upgrading start from: a small database of the present release, and what is in it.

Run it once, with the release that brings a new schema, and keep what it wrote for ever:
`python -m tests.golden.write_schema` makes `schema_<version>.sql` (the file as SQL text) and `schema_<version>.json`
(its records, by tenant and kind) beside itself.
"""

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

import attrs

from nurture.model import Changes, FactId, InboxRow, Record, Standing, SubjectId, Touchpoint
from nurture.storage import SqlStorage
from nurture.storage.codec import encode
from nurture.storage.sql.schema import VERSION
from nurture.testing.records import SAMPLES

HERE = Path(__file__).parent
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TENANTS = ("default", "別の会社")


def records(tenant: str) -> Iterator[Record]:
    """Every kind with every field filled; and besides, standings and waiting facts of several sorts."""
    yield from SAMPLES
    for number in range(5):
        subject = SubjectId(f"lead_{tenant}_{number}")
        decided = NOON - timedelta(days=number, microseconds=number) if number % 2 else None
        due_at = decided and decided + timedelta(days=9)
        yield Standing(subject=subject, program="p", advanced_to=decided, due_at=due_at)
        fact = FactId(f"fact_{tenant}_{number}")
        yield Touchpoint(id=fact, subject=subject, kind="page.viewed", at=NOON, received_at=NOON)
        if number < 2:
            yield InboxRow(fact=fact, subject=subject, due_at=NOON)


def _kind(record: Record) -> str:
    return type(record).__name__


def write(path: Path) -> dict[str, dict[str, list[object]]]:
    """Make the database; what is in it, as JSON."""
    contents: dict[str, dict[str, list[object]]] = {}
    for tenant in TENANTS:
        # Versioned records begin with version 1 in a store that has none.
        every = [attrs.evolve(one, version=1) if hasattr(one, "version") else one for one in records(tenant)]
        store = SqlStorage(f"sqlite:///{path}", tenant=tenant, clock=lambda: NOON)
        with store.begin() as unit:
            left_out = unit.put({SubjectId("all"): Changes(records=tuple(every))})
        store.close()
        if left_out:
            raise RuntimeError("the samples contradict each other")
        contents[tenant] = {kind: _plain(list(some)) for kind, some in groupby(sorted(every, key=_kind), key=_kind)}
    return contents


def _plain(some: Sequence[Record]) -> list[object]:
    return [json.loads(encode(one)) for one in sorted(some, key=lambda one: one.id)]


def main() -> None:
    """Write both files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crm.db"
        contents = write(path)
        with closing(sqlite3.connect(path)) as raw:
            statements = "\n".join(raw.iterdump()) + "\n"
    (HERE / f"schema_{VERSION}.sql").write_text(statements, encoding="utf-8")
    text = json.dumps(contents, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (HERE / f"schema_{VERSION}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
