"""Stores: where leads, facts, standings and effects are kept. Each is loaded when it is asked for.

`MemoryStorage` needs nothing; `SqlStorage` needs the extra `sql`. `ClockLimit` says how far either believes its
clock. May import the ports and what lies below them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.storage.clock import ClockLimit
    from nurture.storage.memory import MemoryStorage
    from nurture.storage.sql import SqlStorage

__all__ = ["ClockLimit", "MemoryStorage", "SqlStorage"]


def __getattr__(name: str) -> object:
    """Load a store, or its settings, when it is asked for, so that importing this package loads none."""
    if name == "ClockLimit":
        from nurture.storage.clock import ClockLimit

        return ClockLimit
    if name == "MemoryStorage":
        from nurture.storage.memory import MemoryStorage

        return MemoryStorage
    if name == "SqlStorage":
        try:
            import sqlalchemy  # noqa: F401  # pyright: ignore[reportUnusedImport]
        except ModuleNotFoundError as missing:
            message = 'SqlStorage needs SQLAlchemy: pip install "nurture-crm[sql]"'
            raise ImportError(message, name="sqlalchemy") from missing
        from nurture.storage.sql import SqlStorage

        return SqlStorage
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
