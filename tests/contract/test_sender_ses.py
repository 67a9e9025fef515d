"""`SesSender` keeps the promises of a sender, against an endpoint that speaks as Amazon SES does."""

import base64
import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from email import message_from_bytes

import pytest

from nurture.ports import Sender
from nurture.senders import SesSender
from nurture.testing.sender_contract import Fault, SenderContract
from tests.unit.senders.http_server import Endpoint, Said, closed_port


def error(status: int, kind: str, words: str = "") -> Said:
    return Said(status, {"x-amzn-ErrorType": kind}, json.dumps({"message": words}).encode())


class SesWorld:
    def __init__(self) -> None:
        self.endpoint = Endpoint(
            Said(200, {}, b'{"MessageId": "0100-ses"}'),
            error(400, "MessageRejected", "the content is not allowed"),
            error(429, "TooManyRequestsException"),
        )
        self._is_closed = False

    def sender(self) -> Sender:
        port, self._is_closed = closed_port() if self._is_closed else self.endpoint.port, False
        return SesSender("ap-northeast-1", endpoint_url=f"http://127.0.0.1:{port}", timeout=timedelta(seconds=2))

    def received(self) -> Sequence[str]:
        mails = [base64.b64decode(asked.json()["Content"]["Raw"]["Data"]) for asked in self.endpoint.asked]
        return [str(message_from_bytes(mail)["Message-ID"]).strip("<>").partition("@")[0] for mail in mails]

    def arrange(self, fault: Fault) -> bool:
        if fault is Fault.BREAK_BEFORE:
            self._is_closed = True
        else:
            self.endpoint.plan.append(fault)
        return True


class TestSesSender(SenderContract):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[SesWorld]:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        made = SesWorld()
        yield made
        made.endpoint.stop()
