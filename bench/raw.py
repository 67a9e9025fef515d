"""Looking into a database past every side: its tables, its rows, how many indexes there are.

What clones leads and what counts writes needs this, on both databases; nothing that is timed does. May import
the standard library and psycopg, the latter only when it is used.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, Protocol

Row = Sequence[object]

COUNTER = "bench_writes"
_VERBS = {"insert": "new", "update": "new", "delete": "old"}


class Raw(Protocol):
    """A connection to a database, committed when it is given back."""

    def tables(self) -> list[str]:
        """The names of the tables, without the benchmark's own."""
        ...

    def columns(self, table: str) -> list[str]:
        """The names of the table's columns, in order."""
        ...

    def run(self, sql: str) -> list[Row]:
        """Carry out one statement; its rows, if it has any."""
        ...

    def write(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Insert many rows."""
        ...

    def indexes(self, table: str) -> int:
        """How many indexes the table has, the one of its key included."""
        ...

    def row_size(self, table: str) -> float:
        """The mean size of a row's values in bytes; 0 for an empty table."""
        ...

    def watch(self) -> None:
        """Put counting triggers on every table."""
        ...

    def tidy(self) -> None:
        """What a host does after a bulk load: statistics, and no log left to be worked off."""
        ...


def seen(raw: Raw) -> Mapping[str, Mapping[str, int]]:
    """Rows written since `watch`, by table and verb."""
    counts: dict[str, dict[str, int]] = {}
    for table, verb, number in raw.run(f"select name, verb, sum(rows) from {COUNTER} group by 1, 2"):
        if number:
            counts.setdefault(str(table), {})[str(verb)] = int(str(number))
    return counts


class SqliteRaw:
    """An SQLite file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def tables(self) -> list[str]:
        found = self.run(
            "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' "
            "and name not like 'bench_%'"
        )
        return [str(name) for (name,) in found]

    def columns(self, table: str) -> list[str]:
        return [str(row[1]) for row in self.run(f'pragma table_info("{table}")')]

    def run(self, sql: str) -> list[Row]:
        return list(self._connection.execute(sql).fetchall())

    def write(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        places = ", ".join("?" * len(columns))
        self._connection.executemany(f'insert into "{table}"({", ".join(columns)}) values ({places})', rows)

    def indexes(self, table: str) -> int:
        return len(self.run(f'pragma index_list("{table}")'))

    def row_size(self, table: str) -> float:
        total = " + ".join(f'ifnull(length(cast("{column}" as blob)), 0)' for column in self.columns(table))
        ((size,),) = self.run(f'select avg({total}) from "{table}"')
        return float(str(size or 0.0))

    def watch(self) -> None:
        self.run(f"create table {COUNTER}(name text, verb text, rows integer, primary key (name, verb)) without rowid")
        for table in self.tables():
            for verb in _VERBS:
                self.run(f"insert into {COUNTER} values ('{table}', '{verb}', 0)")
                self.run(
                    f'create trigger "{COUNTER}_{table}_{verb}" after {verb} on "{table}" begin '
                    f"update {COUNTER} set rows = rows + 1 where name = '{table}' and verb = '{verb}'; end"
                )

    def tidy(self) -> None:
        self._connection.commit()
        self.run("analyze")
        self._connection.commit()
        self.run("pragma wal_checkpoint(truncate)")


class PostgresRaw:
    """A PostgreSQL database."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def tables(self) -> list[str]:
        found = self.run("select tablename from pg_tables where schemaname = current_schema() order by 1")
        return [str(name) for (name,) in found if not str(name).startswith("bench_")]

    def columns(self, table: str) -> list[str]:
        found = self.run(
            "select attname from pg_attribute "
            f"where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped order by attnum"
        )
        return [str(name) for (name,) in found]

    def run(self, sql: str) -> list[Row]:
        done = self._connection.execute(sql)
        return list(done.fetchall()) if done.description else []

    def write(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        with self._connection.cursor() as cursor, cursor.copy(f"copy {table}({', '.join(columns)}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)

    def indexes(self, table: str) -> int:
        ((number,),) = self.run(f"select count(*) from pg_index where indrelid = '{table}'::regclass")
        return int(str(number))

    def row_size(self, table: str) -> float:
        total = " + ".join(f"coalesce(octet_length({column}::text), 0)" for column in self.columns(table))
        ((size,),) = self.run(f"select avg({total}) from {table}")
        return float(str(size or 0.0))

    def watch(self) -> None:
        self.run(f"create table {COUNTER}(name text, verb text, rows bigint)")
        self.run(
            "create function bench_count() returns trigger language plpgsql as $$ begin "
            f"insert into {COUNTER} select tg_table_name, lower(tg_op), count(*) from changed; return null; end $$"
        )
        for table in self.tables():
            for verb, which in _VERBS.items():
                self.run(
                    f"create trigger {COUNTER}_{verb} after {verb} on {table} "
                    f"referencing {which} table as changed for each statement execute function bench_count()"
                )

    def tidy(self) -> None:
        self._connection.commit()
        self._connection.autocommit = True
        self.run("vacuum analyze")
        self.run("checkpoint")
        self._connection.autocommit = False


@contextmanager
def open_sqlite(place: str) -> Iterator[Raw]:
    """A look into the file at this path."""
    with closing(sqlite3.connect(place)) as connection:
        yield SqliteRaw(connection)
        connection.commit()


@contextmanager
def open_postgres(place: str) -> Iterator[Raw]:
    """A look into the database at this URL."""
    import psycopg

    with psycopg.connect(place) as connection:
        yield PostgresRaw(connection)


def open_raw(place: str) -> Any:
    """A look into the database at this place, whichever it is."""
    return open_postgres(place) if place.startswith("postgresql:") else open_sqlite(place)
