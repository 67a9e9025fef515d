"""`SmtpSender` keeps the promises of a sender, against a real server on loopback."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from nurture.ports import Sender
from nurture.senders import SmtpSender
from nurture.testing.sender_contract import Fault, SenderContract
from tests.unit.senders.smtp_server import Post, Server


class SmtpWorld:
    def __init__(self) -> None:
        self._post = Post()
        self.server = Server(self._post)

    def sender(self) -> Sender:
        return SmtpSender("127.0.0.1", self.server.port, tls="none", timeout=timedelta(seconds=2))

    def received(self) -> Sequence[str]:
        return self._post.keys

    def arrange(self, fault: Fault) -> bool:
        self._post.plan.append(fault)
        return True


class TestSmtpSender(SenderContract):
    @pytest.fixture
    def world(self) -> Iterator[SmtpWorld]:
        made = SmtpWorld()
        yield made
        made.server.stop()
