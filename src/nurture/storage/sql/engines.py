"""The engine that a store runs on: made from a URL, or the host's own; also asynchronous. May import SQLAlchemy."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from nurture.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

_EXTRAS: Final = {"psycopg": "postgres", "aiosqlite": "async", "greenlet": "async"}


def engine_of(given: str | Engine | AsyncEngine) -> tuple[Engine, bool]:
    """The engine to run on, and whether it is ours to dispose of.

    Raises:
        StorageError: The URL is wrong, its driver is missing, or it is no engine.
    """
    if isinstance(given, Engine):
        return given, False
    if isinstance(given, str):
        return _made(given), True
    inner: object = getattr(given, "sync_engine", None)
    if isinstance(inner, Engine):
        return inner, False
    raise StorageError(f"expected a database URL, an Engine or an AsyncEngine, found {type(given).__name__}")


def _made(url: str) -> Engine:
    """An engine for the URL; its errors do not show parameters, which are personal data."""
    try:
        if not make_url(url).get_dialect().is_async:
            return create_engine(url, hide_parameters=True)
        import_module("greenlet")  # SQLAlchemy's own error does not name it
        from sqlalchemy.ext.asyncio import create_async_engine

        return create_async_engine(url, hide_parameters=True).sync_engine
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        # The cause would show the URL, which may hold a password.
        raise StorageError(
            "the database URL is not understood; expected something like 'sqlite:///crm.db'"
            " or 'postgresql+psycopg://user@host/base'"
        ) from (error if isinstance(error, NoSuchModuleError) else None)
    except ImportError as error:
        raise _missing(error) from error


def _missing(error: ImportError) -> StorageError:
    name = (error.name or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError):
        return StorageError(f"the driver {name!r} of this URL cannot be loaded: is its own library installed?")
    extra = _EXTRAS.get(name)
    if extra is None:
        return StorageError(
            f"the driver {name!r} of this URL is missing; known are SQLite's, which Python brings, and psycopg:"
            " pip install 'nurture-crm[postgres]' and write 'postgresql+psycopg://…'"
        )
    return StorageError(f"the driver {name!r} of this URL is missing: pip install 'nurture-crm[{extra}]'")
