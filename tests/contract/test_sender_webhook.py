"""`WebhookSender` keeps the promises of a sender, against a real endpoint that may or may not know a key again."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from nurture.ports import Sender
from nurture.senders import WebhookSender
from nurture.testing.sender_contract import Fault, SenderContract
from tests.unit.senders.http_server import Endpoint, Said, closed_port

SECRET = b"a secret of at least 24 bytes"


class WebhookWorld:
    def __init__(self, window: timedelta) -> None:
        self.endpoint = Endpoint(Said(200, {}, b'{"id": "4711"}'), Said(422), Said(503, {"Retry-After": "5"}))
        self._window = window
        self._is_closed = False

    def sender(self) -> Sender:
        port, self._is_closed = closed_port() if self._is_closed else self.endpoint.port, False
        url = f"http://127.0.0.1:{port}/in"
        return WebhookSender(url, SECRET, timeout=timedelta(seconds=2), dedup_window=self._window)

    def received(self) -> Sequence[str]:
        keys = [asked.headers["webhook-id"] for asked in self.endpoint.asked]
        return list(dict.fromkeys(keys)) if self._window else keys  # an endpoint with a window carries out the first

    def arrange(self, fault: Fault) -> bool:
        if fault is Fault.BREAK_BEFORE:
            self._is_closed = True
        else:
            self.endpoint.plan.append(fault)
        return True


class TestWebhookSender(SenderContract):
    @pytest.fixture(params=[timedelta(0), timedelta(days=1)], ids=["forgetful", "deduplicating"])
    def world(self, request: pytest.FixtureRequest) -> Iterator[WebhookWorld]:
        made = WebhookWorld(request.param)
        yield made
        made.endpoint.stop()
