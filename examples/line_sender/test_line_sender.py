"""The LINE sender is held to the contract of senders, and to what is LINE's own."""

import socket
from collections.abc import Iterator, Sequence
from datetime import timedelta

import attrs
import pytest
from fake_line import FakeLine
from line_sender import LineSender, retry_key

from nurture.ports import Accepted, Deferred, Envelope, Receipt, Rejected, Sender, Unknown
from nurture.testing.sender_contract import Fault, SenderContract, an_envelope

TARO = f"U{1:032x}"


def a_message(number: int = 1, **changes: object) -> Envelope:
    """A text for the user with this number."""
    made = attrs.evolve(an_envelope(number), channel="line", recipient=f"U{number:032x}", data=b"")
    return attrs.evolve(made, **changes)


class LineWorld:
    """LINE's side, as the contract sees it."""

    def __init__(self) -> None:
        self.line = FakeLine()
        self._is_closed = False

    def sender(self) -> Sender:
        """A new sender; towards a port on which nobody listens, when that was arranged."""
        url, self._is_closed = (closed_url() if self._is_closed else self.line.url), False
        return LineSender(self.line.token, api=url, timeout=timedelta(seconds=2))

    def received(self) -> Sequence[str]:
        """Keys of what LINE took, found again by their retry keys."""
        keys = {retry_key(an_envelope(number).key): an_envelope(number).key for number in range(10)}
        return [keys[known] for known, _, _ in self.line.taken]

    def arrange(self, fault: Fault) -> bool:
        """All of them can happen."""
        if fault is Fault.BREAK_BEFORE:
            self._is_closed = True
        else:
            told: dict[Fault, int | str] = {Fault.REJECT: 400, Fault.DEFER: 429}
            self.line.faults.append(told.get(fault, fault.value))
        return True


class TestLineSender(SenderContract):
    """Every promise of a sender."""

    @pytest.fixture
    def world(self) -> Iterator[LineWorld]:
        """A fresh LINE."""
        made = LineWorld()
        yield made
        made.line.stop()

    def make_envelope(self, number: int = 1) -> Envelope:
        """A text instead of a mail."""
        return a_message(number)


@pytest.fixture
def line() -> Iterator[FakeLine]:
    """A fresh LINE."""
    running = FakeLine()
    yield running
    running.stop()


def one(line: FakeLine, **changes: object) -> Receipt:
    """The receipt for one message."""
    (receipt,) = LineSender(line.token, api=line.url).send([a_message(**changes)])
    return receipt


def closed_url() -> str:
    """Where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"http://127.0.0.1:{closed.getsockname()[1]}"


def test_a_repeat_is_taken_once_and_has_the_same_receipt(line: FakeLine) -> None:
    """LINE answers 409 to the second, and that is a yes."""
    assert one(line) == one(line) == Accepted("0")
    assert line.seen(TARO) == ["Text 1\n.\nend"]


def test_a_lost_answer_is_settled_by_sending_again(line: FakeLine) -> None:
    """What the window is for."""
    line.faults.append("lose_answer")
    assert isinstance(one(line), Unknown)
    assert one(line) == Accepted("0")
    assert len(line.taken) == 1


def test_a_retry_key_never_changes() -> None:
    """Another one would send again, on the day of the upgrade, what was sent."""
    assert retry_key("eff_0123456789abcdef0123456789") == "b1d5e8cd-81cb-5ea0-940a-aadaa5068b06"


def test_a_blocked_user_is_accepted_and_reads_nothing(line: FakeLine) -> None:
    """So a receipt of LINE is no proof; follow and unfollow come by its webhook, as consent."""
    line.blocked.add(TARO)
    assert one(line) == Accepted("0")
    assert line.seen(TARO) == []


def test_the_quota_is_a_wait_and_not_a_refusal(line: FakeLine) -> None:
    """Nothing was sent, and next month it will be."""
    line.quota = 0
    assert one(line) == Deferred("quota", "429", timedelta(hours=6))
    assert line.taken == []


@pytest.mark.parametrize(
    ("change", "receipt"),
    [
        ({"recipient": "lead1@example.com"}, Rejected("bad_address")),
        ({"recipient": f"C{1:032x}"}, Rejected("bad_address", "400", permanent_address=True)),
        ({"text": ""}, Rejected("empty_body")),
        ({"text": "x" * 5_001}, Rejected("too_big")),
        ({"text": "𠮷" * 2_501}, Rejected("too_big")),
        ({"text": "𠮷" * 2_500}, Accepted("0")),
    ],
)
def test_what_line_will_not_carry(line: FakeLine, change: dict[str, str], receipt: Receipt) -> None:
    """A typed reason, and nothing is sent."""
    assert one(line, **change) == receipt
    assert len(line.taken) == isinstance(receipt, Accepted)


def test_a_silent_line_holds_up_a_call_once(line: FakeLine) -> None:
    """What comes behind it is deferred untried, and sent by the next call."""
    line.faults.append("hang")
    sender = LineSender(line.token, api=line.url, timeout=timedelta(seconds=1))
    assert sender.send([a_message(1), a_message(2)]) == (Unknown("broken_TimeoutError"), Deferred("not_tried"))
    assert line.taken == []


@pytest.mark.parametrize("fault", ["drip", "deep"])
def test_an_answer_that_drips_or_is_no_page(line: FakeLine, fault: str) -> None:
    """One deadline holds for the whole answer; JSON too deep to be read has no id."""
    line.faults.append(fault)
    (receipt,) = LineSender(line.token, api=line.url, timeout=timedelta(seconds=1)).send([a_message()])
    assert receipt == (Accepted() if fault == "deep" else Unknown("broken_TimeoutError"))


@pytest.mark.parametrize("token", ["secret\n", "", "two words", "鍵"])
def test_a_token_that_cannot_be_one_is_refused_and_not_shown(token: str) -> None:
    """A line break at its end comes from a file that was read whole."""
    with pytest.raises(ValueError, match="token") as caught:
        LineSender(token)
    assert "secret" not in str(caught.value)


def test_a_wrong_token_is_deferred(line: FakeLine) -> None:
    """It can be mended; no message is lost for it."""
    (receipt,) = LineSender("wrong", api=line.url).send([a_message()])
    assert receipt == Deferred("not_authorized", "401")
