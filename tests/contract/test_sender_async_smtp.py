"""`AsyncSmtpSender` keeps the promises of a sender, against a real server on loopback."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from nurture.ports import AsyncSender
from nurture.senders import AsyncSmtpSender
from nurture.testing import AsyncSenderContract, Fault
from tests.unit.senders.smtp_server import Post, Server


class AsyncSmtpWorld:
    def __init__(self) -> None:
        self._post = Post()
        self.server = Server(self._post)

    def sender(self) -> AsyncSender:
        return AsyncSmtpSender("127.0.0.1", self.server.port, tls="none", timeout=timedelta(seconds=2))

    def received(self) -> Sequence[str]:
        return self._post.keys

    def arrange(self, fault: Fault) -> bool:
        self._post.plan.append(fault)
        return True


class TestAsyncSmtpSender(AsyncSenderContract):
    @pytest.fixture
    def async_world(self) -> Iterator[AsyncSmtpWorld]:
        made = AsyncSmtpWorld()
        yield made
        made.server.stop()
