"""`FakeSender` keeps the promises of a sender, with and without a window; so the suite tests the double, too."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from nurture.ports import Deferred, Rejected, Sender, Unknown
from nurture.testing.doubles import FakeSender, Lost, Outcome
from nurture.testing.sender_contract import Fault, SenderContract

OUTCOMES: dict[Fault, Outcome] = {
    Fault.REJECT: Rejected("no"),
    Fault.DEFER: Deferred("later"),
    Fault.BREAK_BEFORE: Deferred("cut"),
    Fault.LOSE_ANSWER: Lost(delivered=True),
    Fault.HANG: Unknown("timeout"),
}


class FakeWorld:
    def __init__(self, window: timedelta) -> None:
        self._sender = FakeSender(dedup_window=window)

    def sender(self) -> Sender:
        return self._sender

    def received(self) -> Sequence[str]:
        return [envelope.key for envelope in self._sender.delivered]

    def arrange(self, fault: Fault) -> bool:
        self._sender.then(OUTCOMES[fault])
        return True


class TestFakeSender(SenderContract):
    @pytest.fixture(params=[timedelta(0), timedelta(days=1)], ids=["forgetful", "deduplicating"])
    def world(self, request: pytest.FixtureRequest) -> FakeWorld:
        return FakeWorld(request.param)
