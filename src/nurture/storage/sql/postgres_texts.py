"""The SQL with which units on PostgreSQL lock, compare and write, each text made once. May import `rows`.

Each text is one round trip, whatever it holds: what is read from several tables comes as rows of
`(what, id, subject, number)`, and what is written to several tables is one statement with a part for each.
"""

# ruff: noqa: S608 -- the names are those of our own tables, and values are bound

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, SmallInteger

from nurture.storage.sql.rows import SHAPES

if TYPE_CHECKING:
    from sqlalchemy import Column

    from nurture.model import Record

NAMES: Final = {kind: shape.table.name.removeprefix("nurture_") for kind, shape in SHAPES.items()}
"""How a kind is called in these texts."""
KINDS: Final = {name: kind for kind, name in NAMES.items()}

_MINE: Final = "t.tenant = %(tenant)s::text"


def _each(bound: str, table: str, columns: str, where: str = "t.id = w.id", how: str = "OFFSET 0") -> str:
    """Rows of a table, looked up one by one for the texts that are bound, in their order.

    A subquery that locks, or has an OFFSET, is planned by itself; so the texts are never a mere filter on a scan.
    """
    return (
        f"unnest(%({bound})s::text[]) AS w (id) CROSS JOIN LATERAL"
        f" (SELECT {columns} FROM nurture_{table} AS t WHERE {_MINE} AND {where} {how}) AS f"
    )


_READS: Final = {
    "facts": f"SELECT 'facts', f.id, NULL, 0 FROM {_each('facts', 'touchpoint', 't.id')}",
    "rows": f"SELECT 'rows', f.id, NULL, 0 FROM {_each('rows', 'inbox', 't.id')}",
    "waiting": "SELECT 'waiting', f.id, f.subject, f.due_at FROM "
    + _each("waiting", "inbox", "t.id, t.subject, t.due_at", "t.subject = w.id AND t.due_at <= %(until)s"),
    "decided": "SELECT 'decided', f.id, NULL, f.advanced_to FROM "
    + _each("decided", "standing", "t.id, t.advanced_to", "t.id = w.id AND t.advanced_to IS NOT NULL"),
}


@cache
def lock_text(names: tuple[str, ...], *, skip: bool) -> str:
    """Lock rows of these kinds, as rows of `(what, id)`; the ids are bound under the names, in order.

    Args:
        names: Of the kinds, in the order in which everybody locks them.
        skip: Leave out what somebody else has locked; else wait for it.
    """
    how = "FOR NO KEY UPDATE SKIP LOCKED" if skip else "FOR NO KEY UPDATE"
    return " UNION ALL ".join([f"SELECT '{name}', f.id FROM {_each(name, name, 't.id', how=how)}" for name in names])


@cache
def read_text(names: tuple[str, ...], locked: tuple[str, ...]) -> str:
    """Read what a batch is compared with: rows of `(what, id, subject, number)`; a record's number is its version.

    Args:
        names: Of what is read: kinds of versioned records whose subjects are locked, and the names in `_READS`.
        locked: Of the kinds of other versioned records: these are locked here, in this order.
    """
    parts = [_versions(name, "FOR NO KEY UPDATE") for name in locked]
    return " UNION ALL ".join(
        [*parts, *[_READS[name] if name in _READS else _versions(name, "OFFSET 0") for name in names]]
    )


def _versions(name: str, how: str) -> str:
    return f"SELECT '{name}', f.id, NULL, f.version FROM {_each(name, name, 't.id, t.version', how=how)}"


def _type(column: Column[object]) -> str:
    if isinstance(column.type, BigInteger):
        return "bigint"
    return "smallint" if isinstance(column.type, SmallInteger) else "text"


COLUMNS: Final[Mapping[type[Record], tuple[tuple[str, str], ...]]] = {
    kind: tuple([(column.name, _type(column)) for column in shape.table.c if column.name != "tenant"])
    for kind, shape in SHAPES.items()
}
"""The columns of a kind's table but the tenant, in order, with their types."""


def _unnested(kind: type[Record], prefix: str) -> str:
    """The rows that are bound as one array for each column; texts go in the binary form."""
    arrays = [f"%({prefix}_{name}){'b' if kind_of == 'text' else 's'}::{kind_of}[]" for name, kind_of in COLUMNS[kind]]
    return ", ".join(arrays)


def _insert(name: str, prefix: str, *, or_ignore: bool) -> str:
    kind = KINDS[name]
    columns = ", ".join([column for column, _ in COLUMNS[kind]])
    return (
        f"INSERT INTO nurture_{name} (tenant, {columns})"
        f" SELECT %(tenant)s::text, * FROM unnest({_unnested(kind, prefix)})"
        + (" ON CONFLICT DO NOTHING" if or_ignore else "")
    )


def _update(name: str, prefix: str) -> str:
    """Write over rows that this transaction has locked, in one way or another; so their places are still the same."""
    columns = [column for column, _ in COLUMNS[KINDS[name]]]
    values = ", ".join([f"{column} = d.{column}" for column in columns if column != "id"])
    return (
        f"UPDATE nurture_{name} AS o SET {values}"
        f" FROM unnest({_unnested(KINDS[name], prefix)}, %({prefix}_base)s::bigint[]) AS d ({', '.join(columns)}, base)"
        f" CROSS JOIN LATERAL (SELECT t.ctid AS place FROM nurture_{name} AS t"
        f" WHERE {_MINE} AND t.id = d.id AND t.version = d.base OFFSET 0) AS f"
        " WHERE o.ctid = f.place RETURNING 1"
    )


def _delete(name: str, bound: str, returning: str = "") -> str:
    found = _each(bound, name, "t.ctid AS place")
    return f"DELETE FROM nurture_{name} AS o USING {found} WHERE o.ctid = f.place{returning}"


@cache
def create_text(names: tuple[str, ...]) -> str:
    """Insert new records of these kinds; rows of `(what, id)` say which ones were not there before."""
    parts = [f"{name} AS ({_insert(name, f'n_{name}', or_ignore=True)} RETURNING id)" for name in names]
    return f"WITH {', '.join(parts)} " + " UNION ALL ".join([f"SELECT '{name}', id FROM {name}" for name in names])


@cache
def write_text(inserts: tuple[str, ...], updates: tuple[str, ...], *, folds: bool, wakes: bool) -> str:
    """Write everything that cannot conflict any more; one row says how many records were updated.

    Args:
        inserts: Names of the kinds that get new rows, bound under `n_…`.
        updates: Names of the kinds of which rows are written over, bound under `u_…`.
        folds: Whether inbox rows are deleted, bound as `gone`.
        wakes: Whether sleepers are to be woken at the commit, if there are any.
    """
    parts = [
        f"n_{name} AS ({_insert(name, f'n_{name}', or_ignore=not SHAPES[KINDS[name]].versioned)})" for name in inserts
    ]
    parts += [f"u_{name} AS ({_update(name, f'u_{name}')})" for name in updates]
    if folds:
        parts.append(f"gone AS ({_delete('inbox', 'gone')})")
    written = " + ".join([f"(SELECT count(*) FROM u_{name})" for name in updates]) or "0"
    # Who sleeps holds the lock alone: see `waking`. Nobody is told when nobody sleeps, because telling makes
    # PostgreSQL commit one transaction after the other.
    wake = ", CASE WHEN NOT pg_try_advisory_xact_lock_shared(%(bed)s) THEN pg_notify(%(channel)s, '') END"
    return (f"WITH {', '.join(parts)} " if parts else "") + f"SELECT {written}{wake if wakes else ''}"


@cache
def remove_text(name: str) -> str:
    """Remove records of a kind by id."""
    return _delete(name, "ids", " RETURNING 1")


@cache
def advisory_text(*, skip: bool) -> str:
    """Lock subjects that have no record to lock; rows of `(subject, whether it was free)`."""
    place = "hashtextextended(%(tenant)s::text || chr(31) || s, 0)"
    lock = f"pg_try_advisory_xact_lock({place})" if skip else f"pg_advisory_xact_lock({place}) IS NOT NULL"
    return f"SELECT s, {lock} FROM unnest(%(subjects)s::text[]) AS s"


TAKE: Final = (
    f"SELECT f.id, true FROM {_each('subjects', 'standing', 't.id', how='FOR NO KEY UPDATE SKIP LOCKED')}"
    f" UNION ALL SELECT f.id, false FROM {_each('subjects', 'standing', 't.id')}"
)
"""Take subjects by their standings, unless somebody has them: rows of `(subject, whether it was taken)` for those that
have a standing, twice for those that were taken. Recorders do not lock standings."""

_FIRST: Final = "(SELECT t.id FROM nurture_{table} AS t WHERE {mine} AND {where} ORDER BY {order} LIMIT 1)"
_FIRST_ROW: Final = _FIRST.format(table="inbox", mine=_MINE, where="t.subject = w.id", order="t.due_at, t.id")
_FIRST_EFFECT: Final = _FIRST.format(
    table="effect", mine=_MINE, where="t.subject = w.id AND t.open = 1", order="t.planned_at, t.id"
)
_NO_ROW: Final = "NOT EXISTS (SELECT FROM nurture_inbox AS i WHERE i.tenant = t.tenant AND i.subject = w.id OFFSET 0)"
_ALONE: Final = f"t.id = {_FIRST_EFFECT} AND {_NO_ROW}"
_SKIP: Final = "FOR NO KEY UPDATE SKIP LOCKED"
TAKE_NEW: Final = (
    f"SELECT f.subject FROM {_each('subjects', 'inbox', 't.subject', f't.id = {_FIRST_ROW}', _SKIP)}"
    f" UNION ALL SELECT f.subject FROM {_each('subjects', 'effect', 't.subject', _ALONE, _SKIP)}"
)
"""Take subjects that were never decided, by what else stands for each of them: its first inbox row; where there is
none, its first open effect."""

__all__ = [
    "COLUMNS",
    "KINDS", "NAMES", "TAKE", "TAKE_NEW", "advisory_text", "create_text", "lock_text", "read_text",
    "remove_text", "write_text",
]  # fmt: skip
