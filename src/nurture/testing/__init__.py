"""For testing what a host adds: conformance suites, doubles, faults, strategies. Each is loaded when it is asked for.

The suites need pytest, and `nurture.testing.strategies` needs Hypothesis: the extra `testing` brings both. The doubles
need nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.simulation import VirtualClock
    from nurture.testing import strategies
    from nurture.testing.async_sender_contract import AsyncSenderContract, AsyncSenderWorld
    from nurture.testing.doubles import Crash, FakeSender, Lost, Miscounted, ProcessCrash, Raised, SenderCrash
    from nurture.testing.fault_storage import FaultStorage
    from nurture.testing.faults import CRASHES, FAILURES, Meanwhile, Plan, StorageCrash, sweep
    from nurture.testing.sender_contract import Fault, SenderContract, SenderWorld
    from nurture.testing.storage_capabilities import TakingContract, WakingContract
    from nurture.testing.storage_contract import StorageContract
    from nurture.testing.storage_finding import FindingContract

__all__ = [
    "CRASHES",
    "FAILURES",
    "AsyncSenderContract",
    "AsyncSenderWorld",
    "Crash",
    "FakeSender",
    "Fault",
    "FaultStorage",
    "FindingContract",
    "Lost",
    "Meanwhile",
    "Miscounted",
    "Plan",
    "ProcessCrash",
    "Raised",
    "SenderContract",
    "SenderCrash",
    "SenderWorld",
    "StorageContract",
    "StorageCrash",
    "TakingContract",
    "VirtualClock",
    "WakingContract",
    "strategies",
    "sweep",
]

_HOMES = {
    "simulation": ("VirtualClock",),
    "testing.async_sender_contract": ("AsyncSenderContract", "AsyncSenderWorld"),
    "testing.doubles": ("Crash", "FakeSender", "Lost", "Miscounted", "ProcessCrash", "Raised", "SenderCrash"),
    "testing.fault_storage": ("FaultStorage",),
    "testing.faults": ("CRASHES", "FAILURES", "Meanwhile", "Plan", "StorageCrash", "sweep"),
    "testing.sender_contract": ("Fault", "SenderContract", "SenderWorld"),
    "testing.storage_capabilities": ("TakingContract", "WakingContract"),
    "testing.storage_contract": ("StorageContract",),
    "testing.storage_finding": ("FindingContract",),
}


def __getattr__(name: str) -> object:
    if name == "strategies":
        return import_module("nurture.testing.strategies")
    for home, names in _HOMES.items():
        if name in names:
            return getattr(_module(f"nurture.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _module(name: str) -> object:
    try:
        return import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name != "pytest":
            raise
        message = f'{name} needs pytest: pip install "nurture-crm[testing]"'
        raise ImportError(message, name="pytest") from missing


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
