"""`ConsoleSender` keeps the promises of a sender, on a stream in memory."""

import io
from collections.abc import Sequence

import pytest

from nurture.ports import Sender
from nurture.senders import ConsoleSender
from nurture.testing.sender_contract import Fault, SenderContract


class _Stream(io.StringIO):
    """Fails to flush once, when it is told to: all was written, and nobody knows."""

    fails = False

    def flush(self) -> None:
        if self.fails:
            self.fails = False
            raise OSError("broken pipe")


class ConsoleWorld:
    def __init__(self) -> None:
        self._stream = _Stream()

    def sender(self) -> Sender:
        return ConsoleSender(self._stream)

    def received(self) -> Sequence[str]:
        lines = self._stream.getvalue().splitlines()
        return [line.removeprefix("key: ") for line in lines if line.startswith("key: ")]

    def arrange(self, fault: Fault) -> bool:
        self._stream.fails = fault is Fault.LOSE_ANSWER
        return self._stream.fails


class TestConsoleSender(SenderContract):
    @pytest.fixture
    def world(self) -> ConsoleWorld:
        return ConsoleWorld()
