"""What the tests of `AsyncNurture` share: stores that a loop can wait for, a program, senders that a test holds up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from nurture import (
    Attribute,
    Basis,
    Lifecycle,
    Message,
    Program,
    Scenario,
    Segment,
    Stage,
    Transition,
    q,
)
from nurture.model import LeadId
from nurture.ports import Accepted, AsyncSender, Envelope, Receipt, Sender, Storage
from nurture.runtime.asynchronous import AsyncNurture
from nurture.steps import act, send
from nurture.storage import MemoryStorage, SqlStorage
from nurture.testing import FakeSender
from tests import postgres
from tests.stores import SITE

STORES = ("memory", "sqlite+aiosqlite", "postgresql+psycopg_async")
T = TypeVar("T")

PROGRAM = Program(
    lifecycle=Lifecycle([Stage("new"), Stage("mql")], [Transition("new", "mql", guard=q.touches("page.viewed"))]),
    segments=[Segment("wanted", q.lead.title == "CTO")],
    messages=[Message("hello", "marketing", "Hello", "Hello")],
    attributes=[Attribute("grp")],
    scenarios=[Scenario("welcome", q.touches("form.submitted"), [send("hello")], reentry="always")],
)
ACTING = Program(actions=["call"], scenarios=[Scenario("calls", q.touches("form.submitted"), [act("call")])])


def made(kind: str, folder: Path, **given: object) -> Storage:
    """An empty store of this kind."""
    if kind == "memory":
        return MemoryStorage(through_codec=True, **given)  # type: ignore[arg-type]
    if kind == "sqlite+aiosqlite":
        return SqlStorage(f"{kind}:///{folder / 'crm.db'}", **given)  # type: ignore[arg-type]
    return SqlStorage(postgres.clean_url("psycopg_async"), **given)  # type: ignore[arg-type]


def play(scene: Callable[[], Awaitable[T]]) -> T:
    """Play a scene in an event loop of its own; one that hangs fails."""

    async def within() -> T:
        async with asyncio.timeout(60):
            return await scene()

    return asyncio.run(within())


def loop_nurture(storage: Storage, sender: AsyncSender | Sender | None = None, **given: object) -> AsyncNurture:
    """The object under test, which sends mail."""
    senders: Mapping[str, AsyncSender | Sender] = {"email": sender or FakeSender()}
    return AsyncNurture(**{"program": PROGRAM, "storage": storage, "senders": senders, "site": SITE, **given})  # type: ignore[arg-type]


async def wanting(crm: AsyncNurture, count: int) -> list[LeadId]:
    """So many people who want the mail, all at once."""

    async def one(number: int) -> LeadId:
        lead = await crm.capture(email=f"lead{number}@example.com", consent=Basis.CONSENT)
        await crm.record(lead.id, "form.submitted", key="form")
        return lead.id

    return list(await asyncio.gather(*[one(number) for number in range(count)]))


async def states(crm: AsyncNurture, leads: Collection[LeadId]) -> list[str]:
    """What became of their mails, sorted."""
    return sorted([one.state.value for lead in leads for one in await crm.effects(lead)])


class LoopSender:
    """An `AsyncSender` that does what a `FakeSender` is told, on the loop; it can be held up in the middle."""

    def __init__(self, *, dedup_window: timedelta = timedelta(0)) -> None:
        self.fake = FakeSender(dedup_window=dedup_window)
        self.threads: set[int] = set()
        self.sending = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.closed = 0

    @property
    def dedup_window(self) -> timedelta:
        return self.fake.dedup_window

    async def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        self.threads.add(threading.get_ident())
        self.sending.set()
        await self.may_go_on.wait()
        await asyncio.sleep(0)
        return self.fake.send(envelopes)

    async def close(self) -> None:
        await asyncio.sleep(0)
        self.closed += 1


class SlowSender:
    """A `Sender` that blocks its thread until it may go on."""

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.sending = threading.Event()
        self.may_go_on = threading.Event()
        self.closed_in: list[int] = []

    @property
    def dedup_window(self) -> timedelta:
        return timedelta(0)

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        self.threads.add(threading.get_ident())
        self.sending.set()
        assert self.may_go_on.wait(60)
        return tuple([Accepted() for _ in envelopes])

    def close(self) -> None:
        self.closed_in.append(threading.get_ident())


async def turns_of_the_loop(count: int) -> None:
    """Let the loop turn so often: it never comes to the end of this while somebody blocks it."""
    for _ in range(count):
        await asyncio.sleep(0.001)
