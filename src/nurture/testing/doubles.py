"""Doubles: things that behave like the world, on command. Imports the ports.

They are not mocks: nothing is checked about how they are called, only what the world got.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from nurture.ports import Accepted, Envelope, Receipt, Unknown


class SenderCrash(BaseException):
    """The process died while sending; no code of ours may catch it as an ordinary error."""


@attrs.frozen(slots=True)
class Crash:
    """The process dies at this envelope.

    Attributes:
        delivered: Whether the world had it by then.
    """

    delivered: bool


@attrs.frozen(slots=True)
class Lost:
    """The answer is lost at this envelope: the receipt is `Unknown`.

    Attributes:
        delivered: Whether the world got it all the same.
    """

    delivered: bool


Outcome: TypeAlias = Receipt | Crash | Lost | Exception
"""What becomes of one envelope. An exception is raised; nothing of that envelope was sent."""

_YES: Final = Accepted("fake")


class FakeSender:
    """A sender that keeps what it was given, and fails as it is told.

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
        >>> len(sender.delivered)
        1
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

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        """Carry out each envelope as told."""
        with self._lock:
            return tuple([self._settle(envelope) for envelope in envelopes])

    def close(self) -> None:
        """Nothing is held."""

    def _settle(self, envelope: Envelope) -> Receipt:
        self.attempts.append(envelope)
        if self._window and envelope.key in self._known:
            return self._known[envelope.key]
        outcome = self._outcomes.pop(0) if self._outcomes else _YES
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, Accepted) or (isinstance(outcome, (Crash, Lost)) and outcome.delivered):
            self.delivered.append(envelope)
            self._known[envelope.key] = outcome if isinstance(outcome, Accepted) else _YES
        if isinstance(outcome, Crash):
            raise SenderCrash
        return Unknown("lost") if isinstance(outcome, Lost) else outcome


if TYPE_CHECKING:
    from nurture.ports import Sender

    _fits: type[Sender] = FakeSender
