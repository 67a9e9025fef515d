"""The promises of `nurture.ports.Sender`, each as the like-numbered test. Imports the ports and pytest.

A sender of your own is tested by a class that inherits `SenderContract` and gives a `world`:

    class TestPostcards(SenderContract):
        @pytest.fixture
        def world(self, tmp_path):
            return PostcardWorld(tmp_path)
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

import attrs
import pytest

from nurture.ports import Accepted, Deferred, Envelope, Receipt, Rejected, Sender, Unknown

PATIENCE_SECONDS = 120.0
"""After so long a call that has not come back counts as blocked; no test waits for it otherwise."""


class Fault(StrEnum):
    """What the world does to the next envelope."""

    REJECT = "reject"
    DEFER = "defer"
    BREAK_BEFORE = "break_before"
    LOSE_ANSWER = "lose_answer"
    HANG = "hang"


class SenderWorld(Protocol):
    """The far side of a sender, as a test sees it."""

    def sender(self) -> Sender:
        """A new sender towards this world, as another process would make it."""
        ...

    def received(self) -> Sequence[str]:
        """The keys of what the world took over, in order, repeats included."""
        ...

    def arrange(self, fault: Fault) -> bool:
        """Let this happen to the next envelope that reaches the world; False when it cannot happen here."""
        ...


def an_envelope(number: int = 1) -> Envelope:
    """A small valid mail; equal numbers give equal mails."""
    key = f"eff_{number:026x}"
    message_id = f"<{key}@crm.example.jp>"
    head = {
        "From": "info@example.jp",
        "To": f"lead{number}@example.com",
        "Subject": f"Hello {number}",
        "Message-ID": message_id,
    }
    block = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return Envelope(
        key=key,
        channel="email",
        message_id=message_id,
        sender="info@example.jp",
        recipient=head["To"],
        subject=head["Subject"],
        text=f"Text {number}\n.\nend",
        headers=head,
        data=f"{block}\r\nText {number}\r\n.\r\nend\r\n".encode("ascii"),
    )


class SenderContract:
    """One test for each promise of a sender."""

    @pytest.fixture
    def world(self) -> SenderWorld:
        """The world that the sender under test talks to; a subclass gives it."""
        raise NotImplementedError("give a fixture `world` that returns a SenderWorld")

    def make_envelope(self, number: int = 1) -> Envelope:
        """A valid message: a small mail. Override it for another channel; equal numbers must give equal messages."""
        return an_envelope(number)

    def test_m1_every_envelope_gets_a_receipt_in_order(self, world: SenderWorld) -> None:
        """M1: as many receipts as envelopes, and the world has them in that order."""
        envelopes = [self.make_envelope(number) for number in range(5)]
        receipts = send(world.sender(), *envelopes)
        assert [type(receipt) for receipt in receipts] == [Accepted] * 5
        assert list(world.received()) == [envelope.key for envelope in envelopes]

    def test_m1_nothing_to_send_gives_no_receipt(self, world: SenderWorld) -> None:
        """M1: an empty call is no error."""
        assert send(world.sender()) == ()
        assert list(world.received()) == []

    @pytest.mark.parametrize("fault", [Fault.REJECT, Fault.DEFER])
    def test_m1_one_bad_envelope_stops_no_other(self, world: SenderWorld, fault: Fault) -> None:
        """M1: the envelope that is refused gets its receipt, the one behind it is sent."""
        arrange(world, fault)
        receipts = send(world.sender(), self.make_envelope(1), self.make_envelope(2))
        assert [isinstance(receipt, Accepted) for receipt in receipts] == [False, True]
        assert list(world.received()) == [self.make_envelope(2).key]

    def test_m2_accepted_means_that_the_world_has_it(self, world: SenderWorld) -> None:
        """M2: what was accepted is there when the call is back."""
        receipts = send(world.sender(), self.make_envelope(1))
        assert isinstance(receipts[0], Accepted)
        assert list(world.received()) == [self.make_envelope(1).key]

    @pytest.mark.parametrize(
        ("fault", "kind"), [(Fault.REJECT, Rejected), (Fault.DEFER, Deferred), (Fault.BREAK_BEFORE, Deferred)]
    )
    def test_m2_refused_means_that_nothing_was_sent(
        self, world: SenderWorld, fault: Fault, kind: type[Rejected | Deferred]
    ) -> None:
        """M2: a rejection and a deferral leave the world without it; a deferred one can be sent again."""
        arrange(world, fault)
        receipts = send(world.sender(), self.make_envelope(1))
        assert isinstance(receipts[0], kind)
        assert list(world.received()) == []
        assert isinstance(send(world.sender(), self.make_envelope(1))[0], Accepted)

    def test_m3_a_lost_answer_is_unknown(self, world: SenderWorld) -> None:
        """M3: the world took it and the answer was lost: nobody may claim that nothing was sent."""
        arrange(world, Fault.LOSE_ANSWER)
        receipts = send(world.sender(), self.make_envelope(1))
        assert isinstance(receipts[0], Unknown)
        assert list(world.received()) == [self.make_envelope(1).key]

    def test_m4_a_key_within_the_window_is_carried_out_once(self, world: SenderWorld) -> None:
        """M4: the same key from the same sender, in one call and in two, and from another one."""
        sender = world.sender()
        if sender.dedup_window <= timedelta(0):
            pytest.skip("this sender does not know a key again")
        for again in (sender, sender, world.sender()):
            receipts = send(again, self.make_envelope(1), self.make_envelope(1))
            assert [type(receipt) for receipt in receipts] == [Accepted] * 2
        assert list(world.received()) == [self.make_envelope(1).key]

    def test_m4_a_window_of_zero_takes_a_key_each_time(self, world: SenderWorld) -> None:
        """M4: without a window nothing is swallowed; the step's policy relies on it."""
        sender = world.sender()
        if sender.dedup_window > timedelta(0):
            pytest.skip("this sender knows a key again")
        send(sender, self.make_envelope(1), self.make_envelope(1))
        assert list(world.received()) == [self.make_envelope(1).key] * 2

    def test_m5_a_silent_world_does_not_block(self, world: SenderWorld) -> None:
        """M5: the call comes back, and it does not claim that the world took over."""
        arrange(world, Fault.HANG)
        receipts = send(world.sender(), self.make_envelope(1))
        assert isinstance(receipts[0], (Deferred, Unknown))

    def test_m5_a_silent_world_holds_up_a_call_of_many_as_long_as_one(self, world: SenderWorld) -> None:
        """M5: once nobody answered one envelope, no other of that call is tried; all are deferred."""
        arrange(world, Fault.HANG)
        receipts = send(world.sender(), *[self.make_envelope(number) for number in range(1, 4)])
        assert isinstance(receipts[0], (Deferred, Unknown))
        assert [type(receipt) for receipt in receipts[1:]] == [Deferred] * 2
        assert not {self.make_envelope(number).key for number in (2, 3)} & set(world.received())

    def test_close_is_harmless_twice(self, world: SenderWorld) -> None:
        """`close` after sending, and again."""
        sender = world.sender()
        sender.send([self.make_envelope(1)])
        sender.close()
        sender.close()


def arrange(world: SenderWorld, fault: Fault) -> None:
    """Let a fault happen, or skip the test where it cannot."""
    if not world.arrange(fault):
        pytest.skip(f"{fault} cannot happen to this sender")


@attrs.define(slots=True)
class _Call:
    receipts: tuple[Receipt, ...] | None = None
    failure: BaseException | None = None


def send(sender: Sender, *envelopes: Envelope) -> tuple[Receipt, ...]:
    """Send and close; fails when the call does not come back at all."""
    call = _Call()

    def run() -> None:
        try:
            call.receipts = sender.send(envelopes)
        except BaseException as failure:
            call.failure = failure

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive(), "send blocks"
    sender.close()
    assert call.failure is None, f"send raised {type(call.failure).__name__}"
    assert call.receipts is not None
    return call.receipts
