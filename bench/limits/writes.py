"""Which rows a side writes: counted by triggers, and asserted equal on both sides.

A ratio against a hand-written loop means something only when the loop writes the same rows. So
before anything is timed, each side does a small run on a database with counting triggers on
every table, and the counts are compared with each other and with the written description below.
Whoever makes `nurture` write one row more must change the description, in the open; the
hand-written loop must follow. May import the standard library and attrs only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from attrs import frozen

from bench.harness import NotTheSameWorkError

COUNTER = "bench_writes"

# A side's rows may be smaller or larger than the other's by this factor, on average: the same
# facts told in other words, but not a row left empty.
SIZE_BAND = 1.5


@frozen
class Writes:
    """What happened to one table: rows inserted, updated and deleted."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    def __str__(self) -> str:
        return f"{self.inserted}/{self.updated}/{self.deleted}"

    def times(self, count: int, /) -> Writes:
        """The same, `count` times over."""
        return Writes(self.inserted * count, self.updated * count, self.deleted * count)


# One drip step of one lead, from "the wait is over" to "the next wait has begun":
# decide (plan the effect), claim, send, record, and decide again on the receipt.
DRIP_STEP: Mapping[str, Writes] = {
    "nurture_effect": Writes(inserted=1, updated=2),  # planned, claimed, accepted
    "nurture_allowance": Writes(inserted=2),  # of the address and of the lead's cap; the first claim makes them
    "nurture_touchpoint": Writes(inserted=1),  # the receipt
    "nurture_inbox": Writes(inserted=1, deleted=1),  # the receipt, until it is decided
    "nurture_standing": Writes(updated=2),  # two decisions
    "nurture_decision": Writes(inserted=2),
}

# One recorded fact.
FACT: Mapping[str, Writes] = {
    "nurture_touchpoint": Writes(inserted=1),
    "nurture_inbox": Writes(inserted=1),
}

# One row a transaction, whatever the transaction holds: each side has it, how often is its own affair.
PER_TRANSACTION = frozenset({"nurture_clock"})


def watch(path: Path) -> None:
    """Put counting triggers on every table of the database."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            f"create table {COUNTER}(name text, verb text, rows integer, primary key (name, verb)) without rowid"
        )
        for table in _tables(connection):
            for verb in ("insert", "update", "delete"):
                connection.execute(f"insert into {COUNTER} values (?, ?, 0)", (table, verb))
                connection.execute(
                    f'create trigger "{COUNTER}_{table}_{verb}" after {verb} on "{table}" begin '
                    f"update {COUNTER} set rows = rows + 1 "
                    f"where name = '{table}' and verb = '{verb}'; end"
                )


def seen(path: Path) -> Mapping[str, Writes]:
    """What was written since `watch`, for the tables that were written to."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(f"select name, verb, rows from {COUNTER} where rows").fetchall()
    counts: dict[str, dict[str, int]] = {}
    for table, verb, number in rows:
        counts.setdefault(table, {})[verb] = number
    return {
        table: Writes(found.get("insert", 0), found.get("update", 0), found.get("delete", 0))
        for table, found in counts.items()
    }


def check(side: str, found: Mapping[str, Writes], unit: Mapping[str, Writes], count: int) -> None:
    """Refuse a side that did not write the described rows, `count` times over."""
    expected = {table: writes.times(count) for table, writes in unit.items()}
    wrong = [
        f"{table}: expected {expected.get(table, Writes())}, wrote {found.get(table, Writes())}"
        for table in sorted((expected.keys() | found.keys()) - PER_TRANSACTION)
        if expected.get(table, Writes()) != found.get(table, Writes())
    ]
    if wrong:
        raise NotTheSameWorkError(f"{side}, {count} units of work: " + "; ".join(wrong))


def check_shape(ours: Path, theirs: Path, unit: Mapping[str, Writes]) -> None:
    """Refuse databases whose written tables differ in indexes or in the size of their rows."""
    wrong: list[str] = []
    with closing(sqlite3.connect(ours)) as one, closing(sqlite3.connect(theirs)) as other:
        for table in sorted(unit):
            mine, hand = _indexes(one, table), _indexes(other, table)
            if mine != hand:
                wrong.append(f"{table}: {mine} indexes against {hand}")
            size, hand_size = _row_size(one, table), _row_size(other, table)
            if not hand_size / SIZE_BAND <= size <= hand_size * SIZE_BAND:
                wrong.append(f"{table}: rows of {size:.0f} bytes against {hand_size:.0f}")
    if wrong:
        raise NotTheSameWorkError("the tables differ: " + "; ".join(wrong))


def _tables(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like 'bench_%'"
    )
    return [name for (name,) in found.fetchall()]


def _indexes(connection: sqlite3.Connection, table: str) -> int:
    return len(connection.execute(f'pragma index_list("{table}")').fetchall())


def _row_size(connection: sqlite3.Connection, table: str) -> float:
    """The mean size of a row's values in bytes; 0 for an empty table."""
    columns = [row[1] for row in connection.execute(f'pragma table_info("{table}")')]
    total = " + ".join(f'ifnull(length(cast("{column}" as blob)), 0)' for column in columns)
    (size,) = connection.execute(f'select avg({total}) from "{table}"').fetchone()
    return float(size or 0.0)
