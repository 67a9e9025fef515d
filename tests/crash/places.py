"""The databases that real processes share: each gives a URL that any process can open."""

from __future__ import annotations

from pathlib import Path

from tests import postgres

PLACES = ("sqlite", "postgres")


def url_of(kind: str, folder: Path) -> str:
    """The URL of a fresh database of this kind; the test is skipped where it cannot be had."""
    return postgres.fresh_url() if kind == "postgres" else f"sqlite:///{folder / 'crm.db'}"
