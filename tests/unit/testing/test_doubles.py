"""`FakeSender` does each thing that the world does to a sender, as told."""

from datetime import timedelta

import pytest

from nurture.ports import Accepted, Deferred, Rejected, Unknown
from nurture.testing import Crash, FakeSender, Lost, Miscounted, ProcessCrash, Raised, SenderCrash
from nurture.testing.sender_contract import an_envelope

ONE, TWO, THREE = (an_envelope(number) for number in (1, 2, 3))
DAY = timedelta(days=1)


def keys(sender: FakeSender) -> list[str]:
    return [one.key for one in sender.delivered]


@pytest.mark.parametrize(
    "receipt",
    [
        Deferred("greylisted", "450", retry_after=timedelta(minutes=5)),
        Rejected("no_such_mailbox", "550", permanent_address=True),
        Unknown("timeout"),
    ],
)
def test_any_receipt_can_be_told(receipt: object) -> None:
    sender = FakeSender(outcomes=[receipt])
    assert sender.send([ONE, TWO]) == (receipt, Accepted("fake"))
    assert keys(sender) == [TWO.key]


@pytest.mark.parametrize("delivered", [False, True])
def test_the_process_dies_before_or_after_the_world_has_it(delivered: bool) -> None:
    sender = FakeSender(outcomes=[Accepted("1"), Crash(delivered=delivered)])
    with pytest.raises(SenderCrash):
        sender.send([ONE, TWO, THREE])
    assert keys(sender) == [ONE.key, TWO.key][: 1 + delivered]
    assert [one.key for one in sender.attempts] == [ONE.key, TWO.key]
    assert issubclass(SenderCrash, ProcessCrash)
    assert not issubclass(SenderCrash, Exception)


@pytest.mark.parametrize("delivered", [False, True])
def test_the_answer_is_lost(delivered: bool) -> None:
    sender = FakeSender(outcomes=[Lost(delivered=delivered)])
    assert sender.send([ONE]) == (Unknown("lost"),)
    assert len(sender.delivered) == delivered


@pytest.mark.parametrize(
    ("outcome", "delivered"), [(OSError("x"), 0), (Raised(OSError("x")), 0), (Raised(OSError("x"), delivered=True), 1)]
)
def test_an_error_is_raised(outcome: object, delivered: int) -> None:
    sender = FakeSender(outcomes=[outcome])
    with pytest.raises(OSError, match="x"):
        sender.send([ONE])
    assert len(sender.delivered) == delivered


@pytest.mark.parametrize(("receipts", "answered"), [(0, 1), (1, 2), (3, 4)])
def test_a_wrong_number_of_receipts(receipts: int, answered: int) -> None:
    sender = FakeSender(outcomes=[Miscounted(receipts)])
    assert len(sender.send([ONE, TWO])) == answered
    assert keys(sender) == [ONE.key, TWO.key]


def test_copies_are_counted_across_calls() -> None:
    sender = FakeSender()
    sender.send([ONE, TWO])
    sender.send([ONE])
    assert sender.copies == {ONE.key: 2, TWO.key: 1}
    assert sender.duplicates == {ONE.key}


def test_one_that_knows_keys_again_carries_out_once() -> None:
    sender = FakeSender(dedup_window=DAY, outcomes=[Crash(delivered=True), Rejected("no")])
    with pytest.raises(SenderCrash):
        sender.send([ONE])
    assert sender.send([ONE, TWO, TWO]) == (Accepted("fake"), Rejected("no"), Accepted("fake"))
    assert sender.copies == {ONE.key: 1, TWO.key: 1}
    assert sender.duplicates == frozenset()
    assert len(sender.attempts) == 4
