"""The stores that every promise of the runtime is checked on, each with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TypeAlias

from nurture import Nurture, Program, SenderIdentity, Site
from nurture.ports import Sender, Storage
from nurture.simulation import NullSender, VirtualClock
from nurture.storage import MemoryStorage, SqlStorage
from tests import postgres

T0 = datetime(2026, 4, 1, tzinfo=UTC)
IDENTITY = SenderIdentity(
    "Example", "news@example.com", postal_address="1-1-1 Example, Tokyo", complaint_contact="help@example.com"
)
SITE = Site("https://crm.example.com", secret="only-for-tests-0123456789", identity=IDENTITY)
GROUP_SITE = Site(
    "https://crm.example.com", secret="only-for-tests-0123456789", identity=IDENTITY, identities={"brand": IDENTITY}
)
"""The same for two companies of a group: the site's own, and `brand`."""
STORES = ("memory", "sqlite", "postgres")

MakeStore: TypeAlias = Callable[[VirtualClock], Storage]


def store_maker(kind: str, folder: Path) -> MakeStore:
    """What makes a store of this kind; a second call on the same folder opens the same database again."""
    if kind == "memory":
        return lambda clock: MemoryStorage(clock=clock, through_codec=True)
    if kind == "postgres":
        url = _url_of(folder)
        return lambda clock: _remembered(SqlStorage(url, clock=clock))
    return lambda clock: SqlStorage(f"sqlite:///{folder / 'crm.db'}", clock=clock)


@cache
def _url_of(folder: Path) -> str:
    return postgres.clean_url()


_opened: list[SqlStorage] = []


def _remembered(storage: SqlStorage) -> SqlStorage:
    _opened.append(storage)
    return storage


def close_servers_stores() -> None:
    """Close what a test left open on a server, whose connections are few."""
    while _opened:
        _opened.pop().close()


class House:
    """A runtime on a clock that the test moves."""

    def __init__(
        self,
        program: Program,
        make: MakeStore,
        *,
        senders: Mapping[str, Sender] | None = None,
        site: Site = SITE,
        **given: object,
    ) -> None:
        self.clock = VirtualClock(T0)
        self.storage = make(self.clock)
        self.crm = Nurture(
            program,
            self.storage,
            senders={"email": NullSender()} if senders is None else senders,
            site=site,
            **given,  # type: ignore[arg-type]
        )

    def tick_at(self, instant: datetime) -> None:
        """Move the clock on and decide and deliver what is due."""
        self.clock.move_to(instant)
        self.crm.tick()
