"""PostgreSQL's errors in plain words that hold no personal data. May import psycopg."""

from __future__ import annotations

from typing import Final

import psycopg

from nurture.errors import ConflictError, StorageError

_AGAIN: Final = {
    "40001": "somebody else changed the same rows; doing it again is safe",
    "40P01": "two transactions waited for each other, and this one was stopped; doing it again is safe",
    "55P03": "somebody else holds the same rows for too long; doing it again is safe",
    "23505": "somebody else wrote the same record first; doing it again is safe",
}
_MEANINGS: Final = {
    "57014": "the database took too long, and the statement was stopped",
    "25006": "the database cannot be written: it is read-only, perhaps a standby",
    "53100": "the database cannot grow: the disk of its server is full",
    "53200": "the database's server is out of memory",
    "53300": "the database's server takes no more connections",
    "53": "the database's server is short of something",
    "42501": "the database's user lacks a privilege: it must read and write the tables nurture_*",
    "42P01": "a table is missing: call storage.upgrade() or run `nurture upgrade`",
    "42703": "a column is missing: call storage.upgrade() or run `nurture upgrade`",
    "3F": "the schema of the search path is missing",
    "3D": "the database does not exist on its server",
    "28": "the database's server refuses this user or password",
    "57P": "the database's server is stopping or starting",
    "08": "the connection to the database was lost",
    "22P05": "a text holds a character that the database cannot keep",
    "22021": "a text holds a character that the database cannot keep",
    "58": "the disk of the database's server did not obey",
    "XX": "the database is damaged",
}


def explained(error: BaseException) -> StorageError:
    """The error as ours."""
    code = getattr(error, "sqlstate", None) or ""
    if code in _AGAIN:
        return ConflictError(f"{_AGAIN[code]} ({code})")
    for length in (5, 3, 2):
        meaning = _MEANINGS.get(code[:length]) if len(code) >= length else None
        if meaning is not None:
            return StorageError(f"{meaning} ({code})")
    if not code:
        return _without_code(error)
    return StorageError(f"the database refused: {type(error).__name__} ({code})")


def _without_code(error: BaseException) -> StorageError:
    """What happened on this side of the wire."""
    if isinstance(error, UnicodeEncodeError | psycopg.DataError):
        return StorageError("a text holds U+0000 or half a character, which PostgreSQL cannot keep")
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return StorageError("the database's server does not answer")
    if isinstance(error, psycopg.OperationalError) and "FATAL" in str(error):
        return StorageError("the database's server lets nobody in: is the database there, and may this user enter it?")
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return StorageError("the database's server cannot be reached, or the connection was lost")
    return StorageError(f"the database refused: {type(error).__name__}")
