"""The base on which stores that find members are tried: every question tells some leads from others."""

import pytest

from nurture.model import Lead
from nurture.storage import MemoryStorage
from nurture.testing import storage_finding
from nurture.testing.storage_finding import ASKED, NOW, ORDERS, fill


@pytest.mark.parametrize("name", [name for name in ASKED if name not in ("everybody", "nobody")])
def test_every_question_tells_some_from_others(name: str) -> None:
    storage = MemoryStorage(clock=lambda: NOW)
    fill(storage)
    with storage.view() as view:
        assert view.count(Lead, "") == 16
        assert 0 < len(storage_finding._matched(view, ASKED[name])) < 16


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_has_different_values_and_equal_ones(order: str) -> None:
    storage = MemoryStorage(clock=lambda: NOW)
    fill(storage)
    with storage.view() as view:
        values = [one.value for one in storage_finding._ordered(view, ASKED["everybody"], ORDERS[order])]
    assert 1 < len(set(values)) < 16
