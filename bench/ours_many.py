"""The `nurture` side of the rows `due_at_once` and `decision_cost`: many leads, of whom some or all do something.

One lead is captured and decided by `nurture`. In memory, so are the others; in SQLite they are copies of its rows,
because capturing 100,000 leads would take minutes. They use what a host can use, nothing private, but for the copies.
May import `nurture`, the workload, `ours` and what copies leads.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from attrs import frozen

from bench.cloning import clone
from bench.harness import NotTheSameWorkError
from bench.ours import SITE, TENANT
from bench.raw import open_raw
from bench.workload import ACCOUNT_VALUES, HTML_SOURCE, NOW, SUBJECT_SOURCE, TEXT_SOURCE, lead_values
from nurture import Basis, Cap, ContactPolicy, Message, NewFact, Nurture, Program, Scenario, q
from nurture.model import SubjectId, lead_id
from nurture.ports import Storage
from nurture.program import Reentry
from nurture.simulation import NullSender, VirtualClock
from nurture.steps import send

BATCH = 1_000
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
# They hold nobody back, but each claim has to ask them: one counts a lead's own mails, the other one everybody's.
CAPS = (Cap(1_000, timedelta(days=7)), Cap(1_000_000_000, timedelta(days=7), scope="all"))


def program(*, capped: bool) -> Program:
    """A mail after each form, for people who may be written to; with caps or without."""
    return Program(
        name="many",
        messages=[Message("hello", "marketing", SUBJECT_SOURCE, TEXT_SOURCE, HTML_SOURCE)],
        scenarios=[
            Scenario("answer", on=q.touches("form.submitted"), steps=[send("hello")], reentry=Reentry.ALWAYS),
        ],
        policy=ContactPolicy(caps=CAPS if capped else ()),
        zone="UTC",
    )


@frozen
class Many:
    """Leads that wait for nothing, until they do something.

    Args:
        crm: The runtime.
        clock: Its clock.
        subjects: The leads, by their numbers.
        rounds: Numbers the rounds, so that facts have keys.
    """

    crm: Nurture
    clock: VirtualClock
    subjects: Sequence[SubjectId]
    rounds: Iterator[int]

    def begin(self, numbers: Iterable[int]) -> int:
        """Let these leads submit a form, all at one instant, a day after the last ones; how many it were."""
        self.clock.move_to(self.clock.now + DAY)
        key, at, count = f"round-{next(self.rounds)}", self.clock.now, 0
        facts = (
            NewFact(subject=self.subjects[number], kind="form.submitted", at=at, key=f"{key}-{number}")
            for number in numbers
        )
        while chunk := list(itertools.islice(facts, BATCH)):
            self.crm.record_many(chunk)
            count += len(chunk)
        self.clock.move_to(self.clock.now + SECOND)
        return count

    def decide(self, expected: int) -> int:
        """Decide and deliver until nothing is due; the decisions, which are two for each mail.

        Raises:
            NotTheSameWorkError: Not every lead that did something got a mail.
        """
        done = self.crm.tick(BATCH)
        if done.delivered.accepted != expected:
            raise NotTheSameWorkError(f"{done.delivered.accepted} of {expected} mails were sent")
        return done.decided.moments


@contextmanager
def many(leads: int, *, capped: bool, database: Path | None = None, render: bool = False) -> Iterator[Many]:
    """So many leads, in memory or in an SQLite file that is not there yet; mails are rendered if that is asked for."""
    clock = VirtualClock(NOW)
    store = _memory if database is None else _sqlite(database)
    first = leads if database is None else 1
    crm = _crm(store, clock, capped, render)
    account = crm.capture_account(key="acme", **ACCOUNT_VALUES).id  # type: ignore[arg-type]
    for number in range(first):
        crm.capture(**lead_values(number), account=account, consent=Basis.CONSENT)  # type: ignore[arg-type]
    clock.move_to(NOW + SECOND)
    crm.tick(BATCH)
    if database is not None:
        crm.close()
        crm.storage.close()
        with open_raw(str(database)) as raw:
            clone(raw, 0, range(1, leads))
            raw.tidy()
        crm = _crm(store, clock, capped, render)
    subjects = [lead_id(TENANT, f"email:{lead_values(number)['email']}") for number in range(leads)]
    try:
        yield Many(crm, clock, [SubjectId(one) for one in subjects], itertools.count())
    finally:
        crm.close()
        crm.storage.close()


def _crm(store: Callable[[VirtualClock], Storage], clock: VirtualClock, capped: bool, render: bool) -> Nurture:
    senders = {"email": NullSender()}
    return Nurture(program(capped=capped), store(clock), senders=senders, site=SITE, render=render)


def _memory(clock: VirtualClock) -> Storage:
    from nurture.storage import MemoryStorage

    return MemoryStorage(clock=clock)


def _sqlite(database: Path) -> Callable[[VirtualClock], Storage]:
    def store(clock: VirtualClock) -> Storage:
        from nurture.storage import SqlStorage

        return SqlStorage(f"sqlite:///{database}", clock=clock)

    return store
