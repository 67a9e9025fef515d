"""Many leads out of one: its rows in nurture's SQLite tables, copied under other ids.

`nurture` makes the first lead; a benchmark needs 100,000 of them that stand where it stands. Every id of
the lead's own is replaced wherever it appears, and so are its address and its name. It knows the tables by
their columns (`tenant`, `id`, `subject`), which is private to the store. May import the standard library,
`nurture.model` and the workload.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bench.workload import lead_values
from nurture.model import digest, lead_id

TENANT = "default"
# What belongs to one lead; an account's ids (`acct_…`) stay as they are.
_OWN = re.compile(r"\b(?:fact|enr|dec|eff)_[0-9a-f]{26}\b")
_CHUNK = 500


def clone(connection: sqlite3.Connection, first: int, numbers: Iterable[int]) -> None:
    """Copy everything about the lead of number `first` for the leads of these numbers."""
    subject = _lead_id(first)
    tables = {name: _rows(connection, name, subject) for name in _tables(connection)}
    tables = {name: rows for name, rows in tables.items() if rows}
    source = json.dumps(tables)
    own = sorted(set(_OWN.findall(source)))
    waiting: dict[str, list[Sequence[object]]] = {name: [] for name in tables}
    for index, copy in enumerate(_copies(source, own, first, numbers), start=1):
        for name, rows in copy.items():
            waiting[name] += rows
        if index % _CHUNK == 0:
            _write(connection, waiting)
    _write(connection, waiting)
    connection.commit()


def _copies(
    source: str, own: Sequence[str], first: int, numbers: Iterable[int]
) -> Iterator[Mapping[str, list[Sequence[object]]]]:
    before = _names(first)
    for number in numbers:
        text = source
        for old, new in zip(before, _names(number), strict=True):
            text = text.replace(old, new)
        for name in own:
            text = text.replace(name, digest(name.partition("_")[0], name, str(number)))
        yield json.loads(text)


def _names(number: int) -> tuple[str, ...]:
    """What must differ between two leads and does not look like an id of its own."""
    values = lead_values(number)
    address = str(values["email"])
    return (_lead_id(number), digest("alias", TENANT, "email", address), address, f'{values["family_name"]}\\"')


def _lead_id(number: int) -> str:
    return lead_id(TENANT, f"email:{lead_values(number)['email']}")


def _tables(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute("select name from sqlite_master where type = 'table' and name like 'nurture_%'")
    return [name for (name,) in found.fetchall()]


def _rows(connection: sqlite3.Connection, table: str, subject: str) -> list[Sequence[object]]:
    columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
    places = [column for column in ("id", "subject") if column in columns]
    if not places:
        return []
    condition = " or ".join(f"{column} = :subject" for column in places)
    return connection.execute(f"select * from {table} where {condition}", {"subject": subject}).fetchall()


def _write(connection: sqlite3.Connection, waiting: Mapping[str, list[Sequence[object]]]) -> None:
    for name, rows in waiting.items():
        if rows:
            connection.executemany(f"insert into {name} values ({', '.join('?' * len(rows[0]))})", rows)
            rows.clear()
