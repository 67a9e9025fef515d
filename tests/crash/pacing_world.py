"""A month of many workers on one store and a virtual clock: who runs next, and who dies, is drawn from a seed.

Workers are greenlets. They give way before every view and every unit, so anything may happen between what one reads
and what it writes. A worker that dies is replaced; what it had claimed runs out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import attrs
from greenlet import GreenletExit, getcurrent, greenlet

from nurture import (
    Basis,
    Cap,
    ContactPolicy,
    Message,
    Nurture,
    Program,
    Rate,
    Scenario,
    Spacing,
    Window,
    days,
    hours,
    minutes,
    q,
)
from nurture.model import Effect, EffectState, Lead, LeadId
from nurture.ports import Accepted, Deferred, Envelope, Receipt, Rejected, Storage, Unit, View
from nurture.program import WarmUp
from nurture.program.pacing import CapScope
from nurture.simulation import VirtualClock
from nurture.steps import send
from tests.stores import SITE

START = datetime(2026, 4, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ZONES = ("Asia/Tokyo", "Europe/Berlin", None)
KINDS = ("form.submitted", "form.submitted", "sale.began", "order.placed", "email.clicked")
QUIET = Window(time(20), time(8))
COUNTED = frozenset({EffectState.CLAIMED, EffectState.ACCEPTED, EffectState.UNKNOWN})
CAPS = (
    Cap(2, days(2)),
    Cap(3, "week", channel="email", purposes=["marketing", "transactional"]),
    Cap(2, days(2), scope="account"),
    Cap(4, "day", scope="domain"),
    Cap(5, days(2), scope="scenario", scenario="sale"),
    Cap(15, days(2), scope="all"),
)
RATES = (Rate(3, minutes(30)), Rate(2, hours(2), domain="b.example"))
WARM_UP = WarmUp(START.date(), [2, 4, 8, 16])


def program_of(workers: int) -> Program:
    """Two drips and a bill; every sort of rule."""
    assert workers > 0
    return Program(
        messages=[Message("news", "marketing", "News", "News"), Message("bill", "transactional", "Bill", "Bill")],
        scenarios=[
            Scenario("drip", q.touches("form.submitted"), [send("news")], reentry="always"),
            Scenario("sale", q.touches("sale.began"), [send("news")], reentry="always", priority=3),
            Scenario("bills", q.touches("order.placed"), [send("bill")], reentry="always"),
        ],
        policy=ContactPolicy(
            caps=CAPS, rates=RATES, warm_ups=WARM_UP, quiet=QUIET, max_lateness=days(6), max_attempts=50,
            spacing=Spacing(hours(9), [(q.touches("email.clicked").never(), hours(15))]),
        ),
    )  # fmt: skip


class Worldly:
    """Takes mail, refuses some and defers some; recognises a key again."""

    dedup_window = timedelta.max

    def __init__(self, random: Random) -> None:
        self._random = random

    def send(self, envelopes: Iterable[Envelope], /) -> tuple[Receipt, ...]:
        give_way()
        return tuple([self._answer() for _ in envelopes])

    def _answer(self) -> Receipt:
        drawn = self._random.random()
        if drawn < 0.04:
            return Deferred("busy", retry_after=hours(1))
        return Rejected("no_such_mailbox") if drawn < 0.08 else Accepted()

    def close(self) -> None:
        """Nothing is held."""


def give_way() -> None:
    """Let the world draw who runs next; outside a worker nothing happens."""
    parent = getcurrent().parent
    if parent is not None:
        parent.switch("working")


@attrs.define
class Giving:
    """A store whose users give way before each view and each unit."""

    inner: Storage

    @property
    def tenant(self) -> str:
        return self.inner.tenant

    @property
    def capabilities(self) -> frozenset[object]:
        return self.inner.capabilities  # type: ignore[return-value]

    def now(self) -> datetime:
        return self.inner.now()

    def view(self) -> AbstractContextManager[View]:
        give_way()
        return self.inner.view()

    def begin(self) -> AbstractContextManager[Unit]:
        give_way()
        return self.inner.begin()

    def close(self) -> None:
        self.inner.close()


class World:
    """The people, the workers and the clock.

    Args:
        make: Makes a handle on the one store.
        seed: Draws everything.
        leads: How many people there are.
        workers: How many workers at a time.
    """

    def __init__(self, make: Callable[[VirtualClock], Storage], seed: int, leads: int, workers: int) -> None:
        self.random = Random(seed)
        self.clock = VirtualClock(START)
        self.store = make(self.clock)
        self.program = program_of(workers)
        self.deaths = 0
        self.crm = self._open(self.store)
        self.leads = self._people(leads)
        self.workers = [self._hire() for _ in range(workers)]

    def live(self, length: timedelta, facts_a_day: int) -> None:
        """Let so much time pass, with so many facts on each day."""
        number = int(facts_a_day * (length / timedelta(days=1)))
        moments = sorted(START + self.random.random() * length for _ in range(number))
        for at in [*moments, START + length]:
            while (due := self._next_due()) is not None and due < at:
                self.clock.move_to(max(due, self.clock.now) + SECOND)
                self._work()
            self.clock.move_to(at)
            kind = self.random.choice(
                ["form.submitted", "form.submitted", "sale.began", "order.placed", "email.clicked"]
            )
            self.crm.record(self.random.choice(self.leads), kind)

    def effects(self) -> list[Effect]:
        """What became of everything."""
        with self.store.view() as view:
            return [one for lead in self.leads for one in view.effects_of(lead)]

    def people(self) -> dict[LeadId, Lead]:
        """Everybody."""
        with self.store.view() as view:
            return dict(view.get(Lead, self.leads))  # type: ignore[arg-type]

    def _open(self, storage: object) -> Nurture:
        return Nurture(
            self.program,
            storage,
            senders={"email": Worldly(self.random)},
            site=SITE,
            render=False,  # type: ignore[arg-type]
        )

    def _people(self, number: int) -> list[LeadId]:
        firms = [self.crm.capture_account(name=f"Firm {place}").id for place in range(max(1, number // 8))]
        return [
            self.crm.capture(
                email=f"p{place}@{self.random.choice('abc')}.example", consent=Basis.CONSENT,
                account=self.random.choice([*firms, None]), zone=self.random.choice(ZONES),
            ).id
            for place in range(number)
        ]  # fmt: skip

    def _next_due(self) -> datetime | None:
        with self.store.view() as view:
            return view.next_due_at()

    def _hire(self) -> greenlet:
        crm = self._open(Giving(self.store))
        crm._host.salt = self.random.randbytes(8)
        crm._host.slice = self.random.choice([1, 3, 9])
        return greenlet(lambda _: self._toil(crm))

    def _toil(self, crm: Nurture) -> None:
        parent = getcurrent().parent
        assert parent is not None
        while True:
            limit = self.random.choice([2, 5, 20])
            done = crm.decide(limit).subjects
            sent = crm.deliver(limit)
            parent.switch("moved" if done or sent.moved else "idle")

    def _work(self) -> None:
        """Until nobody finds anything to do any more."""
        busy = set(range(len(self.workers)))
        while busy:
            place = self.random.choice(sorted(busy))
            if self.random.random() < 0.002:
                self.workers[place].throw(GreenletExit)
                self.workers[place] = self._hire()
                self.deaths += 1
            said = self.workers[place].switch("go")
            if said == "idle":
                busy.discard(place)
            elif said == "moved":
                busy = set(range(len(self.workers)))


def violations(world: World) -> Iterator[str]:
    """Every rule that what was claimed has broken, in the plainest words."""
    people = world.people()
    sent = sorted(
        [one for one in world.effects() if one.state in COUNTED and one.claimed_at],
        key=lambda one: one.claimed_at or START,
    )
    for cap in CAPS:
        groups: dict[object, list[datetime]] = defaultdict(list)
        for one in sent:
            group = _group(cap, one, people[LeadId(one.subject)])
            if group is not None:
                groups[group].append(_at(one))
        for group, times in groups.items():
            where = ZoneInfo(people[LeadId(group)].zone or "UTC") if cap.scope is CapScope.LEAD else ZoneInfo("UTC")  # type: ignore[arg-type]
            yield from _overspent(times, cap.count, cap.per, where, f"{cap.scope} {cap.per}")
    yield from _overspent([_at(one) for one in sent], 3, minutes(30), ZoneInfo("UTC"), "rate")
    first = [_at(one).date() for one in sent]
    for place, most in enumerate(WARM_UP.a_day):
        if first.count(START.date() + timedelta(days=place)) > most:
            yield f"warm-up, day {place}"
    marketing = [one for one in sent if one.purpose == "marketing"]
    by_lead: dict[str, datetime] = {}
    for one in marketing:
        local = _at(one).astimezone(ZoneInfo(people[LeadId(one.subject)].zone or "UTC"))
        if QUIET.holds(local):
            yield f"quiet hours: {local}"
        if one.subject in by_lead and _at(one) - by_lead[one.subject] < hours(9):
            yield "spacing"
        by_lead[one.subject] = _at(one)


def _group(cap: Cap, effect: Effect, lead: Lead) -> object:
    if effect.purpose not in cap.purposes or cap.scenario not in ("", effect.scenario):
        return None
    return {
        CapScope.LEAD: lead.id,
        CapScope.ACCOUNT: lead.account,
        CapScope.DOMAIN: (lead.email or "").partition("@")[2],
        CapScope.SCENARIO: effect.scenario,
        CapScope.ALL: "all",
    }[cap.scope]


def _overspent(times: Sequence[datetime], count: int, per: object, where: ZoneInfo, name: str) -> Iterator[str]:
    if isinstance(per, timedelta):
        for place in range(len(times) - count):
            if times[place + count] - times[place] < per:
                yield f"{name}: {count + 1} within {times[place + count] - times[place]}"
        return
    days_of = [one.astimezone(where).date() for one in times]
    periods = Counter(one.isocalendar()[:2] if per == "week" else (one.toordinal(),) for one in days_of)
    yield from (f"{name}: {number} in {period}" for period, number in periods.items() if number > count)


def _at(effect: Effect) -> datetime:
    assert effect.claimed_at is not None
    return effect.claimed_at
