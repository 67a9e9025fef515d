"""For testing what a host adds: conformance suites, doubles. Each name is loaded when it is asked for.

The suites import pytest; nothing else of the library does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.testing.doubles import Crash, FakeSender, Lost, SenderCrash
    from nurture.testing.sender_contract import Fault, SenderContract, SenderWorld
    from nurture.testing.storage_contract import StorageContract

__all__ = ["Crash", "FakeSender", "Fault", "Lost", "SenderContract", "SenderCrash", "SenderWorld", "StorageContract"]

_HOMES = {
    "doubles": ("Crash", "FakeSender", "Lost", "SenderCrash"),
    "sender_contract": ("Fault", "SenderContract", "SenderWorld"),
    "storage_contract": ("StorageContract",),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"nurture.testing.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
