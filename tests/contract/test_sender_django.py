"""`DjangoSender` keeps the promises of a sender, by Django's own SMTP backend and a real server on loopback."""

from collections.abc import Iterator, Sequence

import pytest

from nurture.ports import Sender
from nurture.senders import DjangoSender
from nurture.testing.sender_contract import Fault, SenderContract
from tests.unit.senders.django_host import configure
from tests.unit.senders.http_server import closed_port
from tests.unit.senders.smtp_server import Post, Server


class DjangoWorld:
    def __init__(self) -> None:
        self._post = Post()
        self.server = Server(self._post)
        self._is_closed = False

    def sender(self) -> Sender:
        port, self._is_closed = closed_port() if self._is_closed else self.server.port, False
        options = {"host": "127.0.0.1", "port": port, "timeout": 2}
        return DjangoSender("django.core.mail.backends.smtp.EmailBackend", options=options)

    def received(self) -> Sequence[str]:
        return self._post.keys

    def arrange(self, fault: Fault) -> bool:
        if fault is Fault.BREAK_BEFORE:  # a cut later on cannot be told from a lost answer: Django hides the place
            self._is_closed = True
        else:
            self._post.plan.append(fault)
        return True


class TestDjangoSender(SenderContract):
    @pytest.fixture
    def world(self) -> Iterator[DjangoWorld]:
        configure()
        made = DjangoWorld()
        yield made
        made.server.stop()
