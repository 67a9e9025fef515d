"""Many leads out of one: its rows in nurture's tables, copied under other ids by the database itself.

`nurture` makes the first lead; a benchmark needs a million of them that stand where it stands. Every id of
the lead's own is replaced wherever it appears, and so are its address and its name. The new ids are drawn, so that
the copies lie scattered over the indexes as real ones would. It knows the tables by their columns (`tenant`, `id`,
`subject`), which is private to the store. May import the standard library, `nurture.model` and the workload.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

from bench.raw import Raw, Row
from bench.workload import lead_values
from nurture.model import digest, lead_id

TENANT = "default"
# What belongs to one lead; an account's ids (`acct_…`) stay as they are.
_OWN = re.compile(r"\b(?:fact|enr|dec|eff)_[0-9a-f]{26}\b")
_NAMES = "bench_names"
_COLUMNS = ("lead", "alias", "address", "family", "drawn")
_CHUNK = 50_000


def clone(raw: Raw, first: int, numbers: Sequence[int]) -> None:
    """Copy everything about the lead of number `first` for the leads of these numbers."""
    found = {table: _rows(raw, table, _lead_id(first)) for table in raw.tables()}
    source = {table: rows for table, rows in found.items() if rows}
    # An id of the lead's own gets a place, and every copy another id for that place.
    own = sorted(set(_OWN.findall(repr(source))))
    words = dict(zip(_names(first), _COLUMNS, strict=False))
    words |= {name: f"'{name.partition('_')[0]}_{place:02x}' || drawn" for place, name in enumerate(own)}
    raw.run(f"create table {_NAMES}({', '.join(f'{column} text' for column in _COLUMNS)})")
    for start in range(0, len(numbers), _CHUNK):
        chunk = numbers[start : start + _CHUNK]
        dice = random.Random(f"{first}-{start}")
        raw.write(_NAMES, _COLUMNS, [(*_names(number), f"{dice.getrandbits(96):024x}") for number in chunk])
        for table, rows in source.items():
            for row in rows:
                _copy(raw, table, row, words)
        raw.run(f"delete from {_NAMES}")
    raw.run(f"drop table {_NAMES}")


def _copy(raw: Raw, table: str, row: Row, words: Mapping[str, str]) -> None:
    cells = ", ".join(_cell(cell, words) for cell in row)
    raw.run(f"insert into {table}({', '.join(raw.columns(table))}) select {cells} from {_NAMES}")


def _cell(cell: object, words: Mapping[str, str]) -> str:
    """The cell as an SQL expression over one row of names."""
    if cell is None:
        return "null"
    if not isinstance(cell, str):
        return str(cell)
    text = _quoted(cell)
    for old, new in words.items():
        if old in cell:
            text = f"replace({text}, {_quoted(old)}, {new})"
    return text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _names(number: int) -> tuple[str, str, str, str]:
    """What must differ between two leads and does not look like an id of its own."""
    values = lead_values(number)
    address = str(values["email"])
    return _lead_id(number), digest("alias", TENANT, "email", address), address, f'{values["family_name"]}"'


def _lead_id(number: int) -> str:
    return lead_id(TENANT, f"email:{lead_values(number)['email']}")


def _rows(raw: Raw, table: str, subject: str) -> list[Row]:
    places = [column for column in ("id", "subject") if column in raw.columns(table)]
    if not places or "tenant" not in raw.columns(table):
        return []
    condition = " or ".join(f"{column} = {_quoted(subject)}" for column in places)
    return raw.run(f"select {', '.join(raw.columns(table))} from {table} where {condition}")
