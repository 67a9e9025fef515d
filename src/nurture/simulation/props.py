"""What stands in for the world where the host gives nothing of its own. Imports the ports and the mail's site."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nurture.mail.site import SenderIdentity, Site
from nurture.ports import Accepted, Envelope, Receipt

if TYPE_CHECKING:
    from nurture.model import SubjectId
    from nurture.ports import Sender, Storage


class NullSender:
    """Accepts every message and keeps none; it recognises a key for ever."""

    dedup_window = timedelta.max

    def send(self, envelopes: Iterable[Envelope], /) -> tuple[Receipt, ...]:
        """Accept all of them."""
        return tuple(Accepted() for _ in envelopes)

    def close(self) -> None:
        """Nothing to give back."""


def memory(clock: Callable[[], datetime]) -> Storage:
    """A store in memory."""
    from nurture.storage import MemoryStorage

    return MemoryStorage(clock=clock)


def example_site() -> Site:
    """A site that nobody reads anything from."""
    identity = SenderIdentity(
        "Example", "news@example.com", postal_address="1-1-1 Example, Tokyo", complaint_contact="help@example.com"
    )
    return Site("https://crm.example.com", secret="simulation-only-secret", identity=identity)


def succeed(_key: str, _subject: SubjectId, _params: Mapping[str, object], /) -> Receipt:
    """An action that does nothing and succeeds."""
    return Accepted()


if TYPE_CHECKING:
    _fits: type[Sender] = NullSender
