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
}
"""What can happen to it. It never hangs: nothing it does takes time."""


class FakeWorld:
    def __init__(self, window: timedelta) -> None:
        self._sender = FakeSender(dedup_window=window)

    def sender(self) -> Sender:
        return self._sender

    def received(self) -> Sequence[str]:
        return [envelope.key for envelope in self._sender.delivered]

    def arrange(self, fault: Fault) -> bool:
        if fault in OUTCOMES:
            self._sender.then(OUTCOMES[fault])
        return fault in OUTCOMES


class TestFakeSender(SenderContract):
    @pytest.fixture(params=[timedelta(0), timedelta(days=1)], ids=["forgetful", "deduplicating"])
    def world(self, request: pytest.FixtureRequest) -> FakeWorld:
        return FakeWorld(request.param)


class StubbornWorld(FakeWorld):
    """Its sender waits for an answer that does not come, and then goes on with the next envelope all the same."""

    def arrange(self, fault: Fault) -> bool:
        self._sender.then(Unknown("timeout"))
        return True


def test_a_sender_that_waits_once_for_each_envelope_is_caught() -> None:
    with pytest.raises(AssertionError):
        SenderContract().test_m5_a_silent_world_holds_up_a_call_of_many_as_long_as_one(StubbornWorld(timedelta(0)))
