"""The drip by hand: a lease loop over `sqlite3`, WAL, `synchronous=FULL`.

Two transactions a batch, which is what a safe loop needs at the least: one plans and claims
(it moves `due_at` on, so that a crash makes the lead due again), then the mails are rendered and
sent outside any transaction, and one records, folds the receipt and moves the lead on. It writes
the rows that `bench/limits/writes.py` describes. No gate, no predicates, no program: those are
what the library's price is for. May import the standard library and what lies beside it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from bench.limits import bodies
from bench.limits.bodies import COLUMNS, NOW_US, TENANT, Claimed
from bench.stores import DripStore, Event, OnConnect, Recorder, Worker
from bench.workload import ACCOUNT_VALUES, renderer

_INSERT = {
    table: f"insert into {table}({', '.join(columns)}) values ({', '.join('?' * len(columns))})"
    for table, columns in COLUMNS.items()
}


def connect(place: str) -> sqlite3.Connection:
    """A connection as durable as `nurture`'s own."""
    connection = sqlite3.connect(place, timeout=30, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    return connection


class HandStore:
    """The hand-written loop as a side of the store rows."""

    name = "hand-written loop"

    def prepare(self, place: str, *, due: int, waiting: int) -> None:
        """Make a database with so many leads whose next mail is due, and so many that wait."""
        with closing(connect(place)) as connection:
            connection.executescript(bodies.SCHEMA.read_text(encoding="utf-8"))
            connection.execute("begin immediate")
            for table, rows in bodies.prepared(due, waiting):
                connection.executemany(_INSERT[table], rows)
            connection.execute("insert into nurture_clock values (?, ?)", (TENANT, NOW_US))
            connection.execute("commit")
            connection.execute("analyze")
            connection.execute("pragma wal_checkpoint(truncate)")

    @contextmanager
    def worker(self, place: str, batch: int, on_connect: OnConnect | None = None) -> Iterator[Worker]:
        """The lease loop."""
        with closing(connect(place)) as connection:
            if on_connect is not None:
                on_connect(connection)
            render = renderer()

            def work() -> int:
                done = 0
                while claimed := _claim(connection, batch):
                    for one in claimed:
                        render(one.lead, ACCOUNT_VALUES)
                    _settle(connection, claimed)
                    done += len(claimed)
                return done

            yield work

    @contextmanager
    def recorder(self, place: str) -> Iterator[Recorder]:
        """`executemany` into the facts and the inbox; a repeat is a no-op."""
        with closing(connect(place)) as connection:
            yield lambda facts: _record(connection, facts)


def _claim(connection: sqlite3.Connection, batch: int) -> Sequence[Claimed]:
    connection.execute("begin immediate")
    claimed = bodies.claimed(
        connection.execute(
            "select s.id, s.body, l.body from nurture_standing s join nurture_lead l on l.tenant = s.tenant "
            "and l.id = s.id where s.tenant = ? and s.due_at < ? and s.dead = 0 order by s.due_at limit ?",
            (TENANT, NOW_US, batch),
        ).fetchall()
    )
    connection.executemany(_INSERT["nurture_effect"], bodies.planned_effects(claimed))
    connection.executemany(_INSERT["nurture_decision"], bodies.plan_decisions(claimed))
    connection.executemany(
        f"update nurture_standing set version = version + 1, due_at = ?, advanced_to = {NOW_US}, body = ? "
        f"where tenant = '{TENANT}' and id = ?",
        bodies.planned_standings(claimed),
    )
    connection.executemany(
        f"{_INSERT['nurture_allowance']} on conflict (tenant, id) do update "
        "set version = version + 1, body = excluded.body",
        bodies.allowances(claimed),
    )
    connection.executemany(
        "update nurture_effect set version = version + 1, state = 'claimed', due_at = ?, body = ? "
        f"where tenant = '{TENANT}' and id = ?",
        bodies.claimed_effects(claimed),
    )
    _commit(connection)
    return claimed


def _settle(connection: sqlite3.Connection, claimed: Sequence[Claimed]) -> None:
    connection.execute("begin immediate")
    connection.executemany(
        "update nurture_effect set version = version + 1, state = 'accepted', open = 0, due_at = null, body = ? "
        f"where tenant = '{TENANT}' and id = ?",
        bodies.settled_effects(claimed),
    )
    connection.executemany(_INSERT["nurture_touchpoint"], bodies.receipts(claimed))
    rows = bodies.receipt_rows(claimed)
    connection.executemany(_INSERT["nurture_inbox"], rows)
    connection.executemany(
        f"delete from nurture_inbox where tenant = '{TENANT}' and id = ?", [(row[1],) for row in rows]
    )
    connection.executemany(
        f"update nurture_standing set version = version + 1, due_at = ?, advanced_to = {NOW_US}, body = ? "
        f"where tenant = '{TENANT}' and id = ?",
        bodies.moved_standings(claimed),
    )
    connection.executemany(_INSERT["nurture_decision"], bodies.receipt_decisions(claimed))
    _commit(connection)


def _record(connection: sqlite3.Connection, recorded: Sequence[Event]) -> None:
    rows = bodies.facts(recorded)
    connection.execute("begin immediate")
    # The inbox first: a fact that is there already waits there, or was decided long ago.
    connection.executemany(
        "insert into nurture_inbox select ?1, ?2, ?3, ?4 "
        "where not exists (select 1 from nurture_touchpoint where tenant = ?1 and id = ?2)",
        bodies.arrivals(rows),
    )
    connection.executemany(f"{_INSERT['nurture_touchpoint']} on conflict do nothing", rows)
    _commit(connection)


def _commit(connection: sqlite3.Connection) -> None:
    connection.execute("update nurture_clock set last = last + 1 where tenant = ?", (TENANT,))
    connection.execute("commit")


_fits: type[DripStore] = HandStore
