"""An asynchronous sender keeps the promises of a sender; and the suite notices one that does not."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import timedelta

import pytest

from nurture.ports import AsyncSender, Envelope, Receipt
from nurture.testing import AsyncSenderContract, FakeSender, Fault
from nurture.testing.async_sender_contract import LoopedWorld, looping
from tests.contract.test_sender_fake import OUTCOMES


class LoopSender:
    """A `FakeSender` that waits on the loop before each envelope."""

    def __init__(self, fake: FakeSender) -> None:
        self._fake = fake

    @property
    def dedup_window(self) -> timedelta:
        return self._fake.dedup_window

    async def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        receipts: list[Receipt] = []
        for envelope in envelopes:
            await asyncio.sleep(0)
            receipts += self._fake.send([envelope])
        return tuple(receipts)

    async def close(self) -> None:
        await asyncio.sleep(0)


class LoopWorld:
    def __init__(self, window: timedelta) -> None:
        self._fake = FakeSender(dedup_window=window)

    def sender(self) -> AsyncSender:
        asyncio.get_running_loop()  # a sender may need one when it is made
        return LoopSender(self._fake)

    def received(self) -> Sequence[str]:
        return [envelope.key for envelope in self._fake.delivered]

    def arrange(self, fault: Fault) -> bool:
        if fault in OUTCOMES:
            self._fake.then(OUTCOMES[fault])
        return fault in OUTCOMES


class TestAsyncSender(AsyncSenderContract):
    @pytest.fixture(params=[timedelta(0), timedelta(days=1)], ids=["forgetful", "deduplicating"])
    def async_world(self, request: pytest.FixtureRequest) -> LoopWorld:
        return LoopWorld(request.param)


class ForgetfulWorld(LoopWorld):
    """Its senders mix up calls that are under way at the same time: each answers for all."""

    def sender(self) -> AsyncSender:
        sender = LoopSender(self._fake)
        sent: list[Receipt] = []

        async def send(envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
            sent.extend(await LoopSender.send(sender, envelopes))
            await asyncio.sleep(0.01)
            return tuple(sent)

        sender.send = send  # type: ignore[method-assign]
        return sender


def test_calls_that_are_mixed_up_are_caught() -> None:
    with looping() as loop, pytest.raises(AssertionError):
        AsyncSenderContract().test_calls_wait_side_by_side(LoopedWorld(ForgetfulWorld(timedelta(0)), loop))
