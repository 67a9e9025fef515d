"""The app on every store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores import STORES, store_maker
from tests.unit.cli.apps import App


@pytest.fixture(params=STORES)
def app(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[App]:
    made = App(monkeypatch, store_maker(request.param, tmp_path))
    made.storage.now()  # makes the tables
    yield made
    made.crm.close()
