"""What the tests of this folder share: an instant, and a column of whatever came back."""

from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def asked(native: Any, column: str = "id") -> list[Any]:
    """A column of a frame as a list."""
    found = native[column]
    return found.to_pylist() if hasattr(found, "to_pylist") else list(found.to_list())
