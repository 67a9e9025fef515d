"""Doubles: things that behave like the world, on command. Imports the ports.

They are not mocks: nothing is checked about how they are called, only what the world got.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from nurture.ports import Accepted, Envelope, Receipt, Unknown


class ProcessCrash(BaseException):
    """The process died; no code of ours may catch it as an ordinary error. Only a test does, to start again."""


class SenderCrash(ProcessCrash):
    """The process died while sending."""


@attrs.frozen(slots=True)
class Crash:
    """The process dies here.

    Attributes:
        delivered: Whether it was done by then: the world had the envelope, or the store had done the operation.
    """

    delivered: bool


@attrs.frozen(slots=True)
class Lost:
    """The answer is lost here: a sender's receipt is `Unknown`, a store's operation raises `StorageError`.

    Attributes:
        delivered: Whether it was done all the same.
    """

    delivered: bool


@attrs.frozen(slots=True)
class Raised:
    """The sender raises here, against its promise M3 if the world got the envelope.

    Attributes:
        error: What it raises.
        delivered: Whether the world got the envelope all the same.
    """

    error: Exception
    delivered: bool = False


@attrs.frozen(slots=True)
class Miscounted:
    """The world gets the envelope, and the sender breaks its promise M1: not one receipt but so many.

    Attributes:
        receipts: How many.
    """

    receipts: int = 0


Outcome: TypeAlias = Receipt | Crash | Lost | Raised | Miscounted | Exception
"""What becomes of one envelope. A bare exception is raised; nothing of that envelope was sent."""

_YES: Final = Accepted("fake")


class FakeSender:
    """A sender that keeps what it was given, and fails as it is told.

    It can do all that the world does to a sender: every receipt (`Deferred` with its `retry_after`, `Rejected`
    with its `permanent_address`), a lost answer, an error, a wrong number of receipts, and the death of the process
    before or after the world had the envelope. What was told is used up in order, one for each envelope that is
    carried out; an envelope whose key a deduplicating sender knows already is not carried out again.

    Args:
        dedup_window: Zero for one that takes a key as often as it comes; more for one that knows keys again.
        outcomes: What becomes of the next envelopes, in the order in which they are carried out; then all are accepted.

    Attributes:
        delivered: What the world got, in order, across crashes.
        attempts: Every envelope that was handed over, in order, repeats included.

    Example:
        >>> sender = FakeSender(outcomes=[Lost(delivered=True)])
        >>> address = {"sender": "a@example.jp", "recipient": "b@example.com"}
        >>> sender.send([Envelope(key="k", channel="email", message_id="<k@x>", subject="", text="", **address)])
        (Unknown(reason='lost'),)
        >>> sender.copies
        {'k': 1}
    """

    def __init__(self, *, dedup_window: timedelta = timedelta(0), outcomes: Iterable[Outcome] = ()) -> None:
        self.delivered: list[Envelope] = []
        self.attempts: list[Envelope] = []
        self._window = dedup_window
        self._outcomes = list(outcomes)
        self._known: dict[str, Receipt] = {}
        self._lock = threading.RLock()

    @property
    def dedup_window(self) -> timedelta:
        """As it was told."""
        return self._window

    def then(self, *outcomes: Outcome) -> None:
        """Tell what becomes of the next envelopes, after those that were told already."""
        with self._lock:
            self._outcomes.extend(outcomes)

    @property
    def copies(self) -> Mapping[str, int]:
        """How often the world got each key."""
        with self._lock:
            return dict(Counter(envelope.key for envelope in self.delivered))

    @property
    def duplicates(self) -> frozenset[str]:
        """The keys that the world got more than once."""
        return frozenset(key for key, count in self.copies.items() if count > 1)

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        """Carry out each envelope as told."""
        with self._lock:
            return tuple([receipt for envelope in envelopes for receipt in self._settle(envelope)])

    def close(self) -> None:
        """Nothing is held."""

    def _settle(self, envelope: Envelope) -> tuple[Receipt, ...]:
        self.attempts.append(envelope)
        if self._window and envelope.key in self._known:
            return (self._known[envelope.key],)
        outcome = self._outcomes.pop(0) if self._outcomes else _YES
        if _reaches_the_world(outcome):
            self.delivered.append(envelope)
            self._known[envelope.key] = outcome if isinstance(outcome, Accepted) else _YES
        if isinstance(outcome, Crash):
            raise SenderCrash
        if isinstance(outcome, (Raised, Exception)):
            raise outcome.error if isinstance(outcome, Raised) else outcome
        if isinstance(outcome, Miscounted):
            return (_YES,) * outcome.receipts
        return (Unknown("lost") if isinstance(outcome, Lost) else outcome,)


def _reaches_the_world(outcome: Outcome) -> bool:
    if isinstance(outcome, (Crash, Lost, Raised)):
        return outcome.delivered
    return isinstance(outcome, (Accepted, Miscounted))


if TYPE_CHECKING:
    from nurture.ports import Sender

    _fits: type[Sender] = FakeSender
