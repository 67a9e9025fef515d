"""The drip by hand: a lease loop over psycopg, `FOR UPDATE SKIP LOCKED`, one statement a table and batch.

The same rows as `hand_sqlite.py` and for the same reasons; so many workers as one likes may run it side by side. What
a batch writes goes over in one array a column (`unnest`). The clock is the server's own, so there is no row for it.
May import the standard library, psycopg and what lies beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.limits import bodies
from bench.limits.bodies import COLUMNS, NOW_US, TENANT, Claimed, Row
from bench.stores import DripStore, Event, OnConnect, Recorder, Worker
from bench.workload import ACCOUNT_VALUES, renderer

if TYPE_CHECKING:
    from psycopg import Connection

_NUMBERS = {"version": "bigint", "due_at": "bigint", "at": "bigint", "received_at": "bigint", "planned_at": "bigint"}
_NUMBERS |= {"open": "smallint", "dead": "smallint", "failures": "smallint", "advanced_to": "bigint"}


def _unnest(columns: Sequence[str]) -> str:
    arrays = ", ".join(f"%s::{_NUMBERS.get(column, 'text')}[]" for column in columns)
    return f"unnest({arrays}) as n({', '.join(columns)})"


def _insert(table: str) -> str:
    columns = COLUMNS[table]
    return f"insert into {table}({', '.join(columns)}) select * from {_unnest(columns)}"


_CLAIM = """with due as (
    select id, body, due_at from nurture_standing where tenant = %s and due_at < %s and dead = 0
    order by due_at limit %s for update skip locked
) select due.id, due.body, l.body from due join nurture_lead l on l.tenant = %s and l.id = due.id order by due.due_at"""
_MOVE = f"""update nurture_standing s
set version = s.version + 1, due_at = n.due_at, advanced_to = {NOW_US}, body = n.body
from {_unnest(("due_at", "body", "id"))} where s.tenant = '{TENANT}' and s.id = n.id"""
_CLAIMED = f"""update nurture_effect e
set version = e.version + 1, state = 'claimed', due_at = n.due_at, body = n.body
from {_unnest(("due_at", "body", "id"))} where e.tenant = '{TENANT}' and e.id = n.id"""
_SETTLED = f"""update nurture_effect e
set version = e.version + 1, state = 'accepted', open = 0, due_at = null, body = n.body
from {_unnest(("body", "id"))} where e.tenant = '{TENANT}' and e.id = n.id"""
_COUNT = f"""{_insert("nurture_allowance")} on conflict (tenant, id) do update
set version = nurture_allowance.version + 1, body = excluded.body"""
_FOLD = f"delete from nurture_inbox where tenant = '{TENANT}' and id = any(%s)"
# The inbox first: a fact that is there already waits there, or was decided long ago.
_ARRIVE = f"""insert into nurture_inbox(tenant, id, subject, due_at)
select n.* from {_unnest(COLUMNS["nurture_inbox"])}
where not exists (select 1 from nurture_touchpoint t where t.tenant = n.tenant and t.id = n.id)"""


class HandPostgresStore:
    """The hand-written loop as a side of the store rows."""

    name = "hand-written loop"

    def prepare(self, place: str, *, due: int, waiting: int) -> None:
        """Make a database with so many leads whose next mail is due, and so many that wait."""
        with _connect(place) as connection:
            connection.execute(bodies.SCHEMA.read_text(encoding="utf-8").replace(" without rowid", "").encode())
            for table, rows in bodies.prepared(due, waiting):
                command = f"copy {table}({', '.join(COLUMNS[table])}) from stdin".encode()
                with connection.cursor() as cursor, cursor.copy(command) as copy:
                    for row in rows:
                        copy.write_row(row)
            connection.commit()
            connection.autocommit = True
            connection.execute("vacuum analyze")

    @contextmanager
    def worker(self, place: str, batch: int, on_connect: OnConnect | None = None) -> Iterator[Worker]:
        """The lease loop."""
        with _connect(place) as connection:
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
        """`unnest` into the inbox and the facts; a repeat is a no-op."""
        with _connect(place) as connection:
            yield lambda facts: _record(connection, facts)


def _connect(place: str) -> Connection:
    import psycopg

    return psycopg.connect(place)


def _send(connection: Connection, sql: str, rows: Sequence[Row]) -> None:
    connection.execute(sql.encode(), [list(column) for column in zip(*rows, strict=True)])


def _claim(connection: Connection, batch: int) -> Sequence[Claimed]:
    found = connection.execute(_CLAIM.encode(), (TENANT, NOW_US, batch, TENANT)).fetchall()
    claimed = bodies.claimed(found)
    if claimed:
        _send(connection, _insert("nurture_effect"), bodies.planned_effects(claimed))
        _send(connection, _insert("nurture_decision"), bodies.plan_decisions(claimed))
        _send(connection, _MOVE, bodies.planned_standings(claimed))
        _send(connection, _COUNT, bodies.allowances(claimed))
        _send(connection, _CLAIMED, bodies.claimed_effects(claimed))
    connection.commit()
    return claimed


def _settle(connection: Connection, claimed: Sequence[Claimed]) -> None:
    _send(connection, _SETTLED, bodies.settled_effects(claimed))
    _send(connection, _insert("nurture_touchpoint"), bodies.receipts(claimed))
    rows = bodies.receipt_rows(claimed)
    _send(connection, _insert("nurture_inbox"), rows)
    connection.execute(_FOLD.encode(), ([row[1] for row in rows],))
    _send(connection, _MOVE, bodies.moved_standings(claimed))
    _send(connection, _insert("nurture_decision"), bodies.receipt_decisions(claimed))
    connection.commit()


def _record(connection: Connection, recorded: Sequence[Event]) -> None:
    rows = bodies.facts(recorded)
    _send(connection, _ARRIVE, bodies.arrivals(rows))
    _send(connection, f"{_insert('nurture_touchpoint')} on conflict do nothing", rows)
    connection.commit()


_fits: type[DripStore] = HandPostgresStore
