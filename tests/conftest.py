"""Fixtures that tests of several rooms share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores import close_servers_stores


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder that holds `pyproject.toml`."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _close_servers_stores() -> Iterator[None]:
    yield
    close_servers_stores()
