"""Invariant 7: the Nth operation of a store fails, or its answer is lost, in the middle of every public method.

What is left is the state before or the state after; the error has a type of ours; nothing hangs; and whoever does it
again, or lets a worker go on, comes to the same end as if nothing had happened.
"""

from __future__ import annotations

import itertools
import signal
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from functools import reduce
from pathlib import Path
from typing import Any

import attrs
import pytest

from nurture import (
    Account,
    Basis,
    Broadcast,
    ContactPolicy,
    Lead,
    Lifecycle,
    Message,
    NewFact,
    Nurture,
    Program,
    Scenario,
    Segment,
    Stage,
    Standing,
    Transition,
    days,
    q,
)
from nurture.errors import StorageError
from nurture.mail.links import make_confirm_link, make_unsubscribe_link
from nurture.model import AccountId, Allowance, DecisionRecord, Effect, EffectId, InboxRow, LeadId, Purpose, Touchpoint
from nurture.ports import Accepted, Envelope, Receipt, Storage
from nurture.simulation import VirtualClock
from nurture.steps import approve, send, tag, task
from nurture.storage import MemoryStorage, SqlStorage
from nurture.testing import FAILURES, FaultStorage, Plan, sweep
from tests import postgres
from tests.stores import SITE, T0

LIMIT_SECONDS = 30
PROGRAM = Program(
    messages=[Message("hello", "marketing", "Hello", "Hello")],
    lifecycle=Lifecycle(
        [Stage("new"), Stage("mql"), Stage("lost")], [Transition("new", "mql"), Transition("new", "lost")]
    ),
    segments=[Segment("seen", q.touches("page.viewed"))],
    scenarios=[
        Scenario("welcome", q.touches("form.submitted"), [send("hello"), tag("greeted")]),
        Scenario("looked_at", q.touches("form.submitted"), [approve("boss", deadline=days(9), then=[tag("approved")])]),
        Scenario("by_hand", q.touches("never.happened"), [tag("enrolled")]),
        Scenario(
            "called", q.touches("form.submitted"), [task("call", due=days(9), outcomes={"done": [tag("reached")]})]
        ),
    ],
    policy=ContactPolicy(max_lateness=days(30)),
)
NEXT_PROGRAM = attrs.evolve(PROGRAM, segments=[*PROGRAM.segments, Segment("asked", q.touches("form.submitted"))])


@attrs.frozen
class People:
    """Who is in the store before anything goes wrong."""

    lead: LeadId
    account: AccountId


@attrs.frozen
class Deed:
    """A public method, as the sweep calls it.

    Attributes:
        do: The call.
        is_one_unit: What is left must be the state before or after; else several commits may come one by one.
        is_again_harmless: Whoever saw it fail may call it again.
        mails: How many mails it may bring about, beside the one that waits.
    """

    do: Callable[[Nurture, People], object]
    is_one_unit: bool = False
    is_again_harmless: bool = True
    mails: int = 0


def one_unit(do: Callable[[Nurture, People], object]) -> Deed:
    return Deed(do, is_one_unit=True)


def request(do: Callable[[Nurture, People], object]) -> Deed:
    return Deed(do, is_again_harmless=False)


def confirmation(crm: Nurture, lead: LeadId) -> str:
    """The token of a link that a mail of this site might have carried."""
    link = make_confirm_link(SITE, crm.storage.tenant, lead, "eff_1", asked_at=T0)
    return link.rpartition("/")[2]


def approval(crm: Nurture, lead: LeadId) -> str:
    """What the boss was asked for, whether or not it was answered."""
    (asked,) = [fact for fact in crm.timeline(lead) if fact.kind == "approval.requested"]
    return str(asked.properties["approval"])


def way_out(crm: Nurture, lead: LeadId) -> str:
    """The token of an unsubscribe link that a mail of this site might have carried."""
    return make_unsubscribe_link(SITE, crm.storage.tenant, lead, "eff_1", Purpose.MARKETING).rpartition("/")[2]


def call(crm: Nurture, lead: LeadId) -> str:
    """What a colleague was asked to do."""
    (asked,) = [fact for fact in crm.timeline(lead) if fact.kind == "task.created"]
    return str(asked.properties["task"])


def news(crm: Nurture, who: People, **given: Any) -> EffectId:
    return crm.broadcast(Broadcast("news", "hello", to=[who.lead], **given))


DEEDS = {
    "capture": one_unit(lambda crm, _: crm.capture(email="new@example.jp", consent=Basis.CONSENT)),
    "capture_known": one_unit(lambda crm, _: crm.capture(email="a@example.jp", title="Head")),
    "capture_account": one_unit(lambda crm, _: crm.capture_account(name="New", domain="new.example.jp")),
    "record": one_unit(lambda crm, who: crm.record(who.lead, "page.viewed", key="x")),
    "record_many": one_unit(
        lambda crm, who: crm.record_many(
            [NewFact(subject=one, kind="page.viewed", key="x") for one in (who.lead, who.account)]
        )
    ),
    "update": one_unit(lambda crm, who: crm.update(who.lead, title="Head")),
    "consent": one_unit(lambda crm, who: crm.consent(who.lead, given=True, source="form")),
    "unsubscribe": one_unit(lambda crm, who: crm.unsubscribe(who.lead)),
    "unsubscribe_everything": one_unit(lambda crm, who: crm.unsubscribe(who.lead, everything=True)),
    "ask_consent": one_unit(lambda crm, who: crm.ask_consent(who.lead)),
    "confirm": one_unit(lambda crm, who: crm.confirm(confirmation(crm, who.lead))),
    "object_to_profiling": one_unit(lambda crm, who: crm.object_to_profiling(who.lead)),
    "allow_profiling": one_unit(lambda crm, who: crm.allow_profiling(who.lead)),
    "suppress": one_unit(lambda crm, _: crm.suppress("a@example.jp")),
    "suppression": one_unit(lambda crm, _: crm.suppression("a@example.jp")),
    "consent_proof": one_unit(lambda crm, who: crm.consent_proof(who.lead)),
    "preview": one_unit(lambda crm, who: crm.preview("hello", who.lead)),
    "test_send": one_unit(lambda crm, who: crm.test_send("hello", "colleague@example.jp", who.lead)),
    "move": request(lambda crm, who: crm.move(who.lead, "lost")),
    "enroll": request(lambda crm, who: crm.enroll(who.lead, "by_hand")),
    "withdraw": request(lambda crm, who: crm.withdraw(who.lead, "welcome")),
    "approvals": one_unit(lambda crm, who: crm.approvals(who.lead)),
    "approve": Deed(lambda crm, who: crm.approve(who.lead, approval(crm, who.lead), role="boss", by="tanaka")),
    "decide": Deed(lambda crm, _: crm.decide()),
    "deliver": Deed(lambda crm, _: crm.deliver()),
    "tick": Deed(lambda crm, _: crm.tick()),
    "activate": Deed(lambda crm, _: crm.activate(NEXT_PROGRAM)),
    "revive": Deed(lambda crm, who: crm.revive(who.lead)),
    "lead": one_unit(lambda crm, who: crm.lead(who.lead)),
    "account": one_unit(lambda crm, who: crm.account(who.account)),
    "standing": one_unit(lambda crm, who: crm.standing(who.lead)),
    "timeline": one_unit(lambda crm, who: crm.timeline(who.lead)),
    "effects": one_unit(lambda crm, who: crm.effects(who.lead)),
    "members": one_unit(lambda crm, _: list(crm.members("seen"))),
    "members_fresh": Deed(lambda crm, _: list(crm.members("seen", fresh=True))),
    "count": one_unit(lambda crm, _: crm.count("seen")),
    "count_fresh": Deed(lambda crm, _: crm.count("seen", fresh=True)),
    "sample": one_unit(lambda crm, _: crm.sample("seen", 1)),
    "page": one_unit(lambda crm, _: crm.page(q.touches("page.viewed"))),
    "add_to_list": one_unit(lambda crm, who: crm.add_to_list("fair", [who.lead])),
    "remove_from_list": one_unit(lambda crm, who: crm.remove_from_list("known", [who.lead])),
    "replace_list": Deed(lambda crm, _: crm.replace_list("known", [])),
    "lists": Deed(lambda crm, _: crm.lists()),
    "rollover_progress": one_unit(lambda crm, _: crm.rollover_progress()),
    "explain": one_unit(lambda crm, who: crm.explain(who.lead)),
    "dead": one_unit(lambda crm, _: list(crm.dead())),
    "backlog": one_unit(lambda crm, _: crm.backlog()),
    "stuck": one_unit(lambda crm, _: list(crm.stuck())),
    "send": Deed(lambda crm, who: crm.send(who.lead, "hello", key="by hand"), mails=1),
    "broadcast": Deed(news, mails=1),
    "approve_broadcast": Deed(
        lambda crm, who: crm.approve_broadcast(news(crm, who, approval="boss"), by="tanaka", role="boss"), mails=1
    ),
    "stop_broadcast": Deed(lambda crm, who: crm.stop_broadcast(news(crm, who, at=T0 + days(1)))),
    "broadcast_status": Deed(lambda crm, who: crm.broadcast_status(news(crm, who)), mails=1),
    "broadcasts": one_unit(lambda crm, _: list(crm.broadcasts())),
    "tasks": one_unit(lambda crm, _: list(crm.tasks())),
    "close_task": one_unit(lambda crm, who: crm.close_task(who.lead, call(crm, who.lead))),
    "no_next_step": one_unit(lambda crm, _: list(crm.no_next_step())),
    "unsubscribe_by": one_unit(lambda crm, who: crm.unsubscribe_by(way_out(crm, who.lead))),
    "pause": Deed(lambda crm, _: crm.pause("by_hand")),
    "resume": Deed(lambda crm, _: crm.resume("by_hand")),
    "reopen": Deed(lambda crm, _: crm.reopen("by_hand")),
    "stop_scenario": Deed(lambda crm, _: crm.stop_scenario("by_hand", "finish")),
    "switches": one_unit(lambda crm, _: crm.switches()),
    "migrate": Deed(lambda crm, _: crm.migrate("welcome")),
    "reasons": one_unit(lambda crm, _: crm.reasons()),
}
NOT_SWEPT = {"program", "storage", "using", "run", "stop", "close", "attach", "resolve"}
"""`run` ticks, and is killed elsewhere; the others do not touch the store, or only hand a connection on."""
QUICK_ON_SQL = {"record_many", "unsubscribe", "deliver", "effects"}
"""Each way of using a store once; `make stress` has every method on every store."""

Shape = Counter[str]
Make = Callable[[VirtualClock, str], Storage]


class KnowingSender:
    """Takes each mail once."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    @property
    def dedup_window(self) -> timedelta:
        return timedelta.max

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        self.taken |= {one.key for one in envelopes if not one.key.startswith("test_")}  # each test mail is another
        return tuple(Accepted() for _ in envelopes)

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture(autouse=True)
def _nothing_hangs() -> Iterator[None]:
    """Invariant 7 gives a call 30 seconds."""

    def too_long(*_: object) -> None:
        raise AssertionError(f"it hangs for more than {LIMIT_SECONDS} s")

    before = signal.signal(signal.SIGALRM, too_long)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module")
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """Makes a store for a tenant of its own; the SQL ones share a database."""
    if request.param == "memory":
        yield lambda clock, tenant: MemoryStorage(tenant, clock=clock)
        return
    folder: Path = tmp_path_factory.mktemp("errors")
    url = postgres.fresh_url() if request.param == "postgres" else f"sqlite:///{folder / 'crm.db'}"
    now = [VirtualClock(T0)]
    root = SqlStorage(url, clock=lambda: now[0]())

    def made(clock: VirtualClock, tenant: str) -> Storage:
        now[0] = clock
        return root.for_tenant(tenant)

    yield made
    root.close()


TENANTS = itertools.count()


class World:
    """A fresh tenant with two subjects that have something before them."""

    def __init__(self, make: Make) -> None:
        self.clock = VirtualClock(T0)
        self.store = make(self.clock, f"t{next(TENANTS)}")
        self.sender = KnowingSender()
        self.crm = self.worker(self.store)
        account = self.crm.capture_account(name="A", domain="a.example.jp")
        lead = self.crm.capture(email="a@example.jp", consent=Basis.CONSENT, account=account.id)
        self.who = People(lead.id, account.id)
        self.pass_time()
        self.crm.add_to_list("known", [lead.id])
        self.crm.tick()
        self.crm.record(lead.id, "form.submitted", key="1")
        self.pass_time()
        self.crm.decide()
        self.crm.record(lead.id, "page.viewed", key="2")
        self.pass_time()

    def worker(self, store: Storage) -> Nurture:
        return Nurture(PROGRAM, store, senders={"email": self.sender}, site=SITE)

    def pass_time(self, by: timedelta = timedelta(seconds=1)) -> None:
        self.clock.move_to(self.clock.now + by)

    def shape(self) -> Shape:
        """What there is, without ids and instants."""
        found: Shape = Counter()
        with self.store.view() as view:
            for lead in view.page(Lead, "", 100):
                has = f"{sorted(lead.tags)} {sorted(lead.lists)} {sorted(c.given for c in lead.consents)}"
                found[f"lead {lead.email} {lead.title} {has}"] += 1
            found["accounts"] = len(view.page(Account, "", 100))
            for fact in view.page(Touchpoint, "", 100):
                found[f"fact {fact.kind}"] += 1
            for effect in view.page(Effect, "", 100):
                found[f"effect {effect.name} {effect.state}"] += 1
            for standing in view.page(Standing, "", 100):
                runs = sorted((run.scenario, str(run.state)) for run in standing.enrollments)
                found[f"standing {standing.stage} {sorted(standing.memberships)} {runs} {standing.dead}"] += 1
            found["waiting"] = len(view.page(InboxRow, "", 100))
            found["decisions"] = len(view.page(DecisionRecord, "", 100))
            found["suppressed"] = sum(len(one.suppressions) for one in view.page(Allowance, "", 100))
        return found

    def end(self, crm: Nurture) -> Shape:
        """What there is when a worker has done all that is due, leases that ran out included."""
        for _ in range(20):
            self.pass_time()
            crm.tick()
            with self.store.view() as view:
                due = view.next_due_at()
            if due is None:
                return self.shape()
            self.pass_time(max(due - self.clock.now, timedelta(0)))
        raise AssertionError("never quiet")


def undisturbed(make: Make, *deeds: Callable[[Nurture, People], object]) -> tuple[Shape, Shape]:
    """What methods leave behind, one after the other, and what that comes to."""
    world = World(make)
    for do in deeds:
        do(world.crm, world.who)
    return world.shape(), world.end(world.crm)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        pytest.param(kind, name, marks=() if kind == "memory" or name in QUICK_ON_SQL else pytest.mark.stress)
        for kind in ("memory", "sqlite", "postgres")
        for name in DEEDS
    ],
    indirect=["make"],
)
def test_i7_a_method_whose_store_fails(name: str, make: Make) -> None:
    deed = DEEDS[name]
    after, once = undisturbed(make, deed.do)
    _, never = undisturbed(make)
    _, twice = undisturbed(make, deed.do, deed.do)

    def disturbed(plan: Plan) -> None:
        world = World(make)
        before = world.shape()
        store = FaultStorage(world.store, plan)
        crm = world.worker(store)
        signal.alarm(LIMIT_SECONDS)
        try:
            deed.do(crm, world.who)
            has_failed = False
        except StorageError:
            has_failed = True
        signal.alarm(0)
        store.plan = Plan()  # from here on all goes well
        left = world.shape()
        if deed.is_one_unit:
            assert left in (before, after) if has_failed else left == after
        if has_failed and deed.is_again_harmless:
            deed.do(crm, world.who)
        end = world.end(crm)
        assert len(world.sender.taken) <= 1 + deed.mails
        if not has_failed:
            assert end == once
        elif deed.is_again_harmless:
            assert end in (once, twice)
        else:  # the request was written down, and is answered later; or it was not
            assert end in (once, never)

    assert sweep(disturbed, faults=FAILURES) >= 4


def test_every_public_method_is_swept() -> None:
    public = {name for name in vars(Nurture) if not name.startswith("_")}
    ends = ("_known", "_fresh", "_everything")
    swept = {reduce(str.removesuffix, ends, name) for name in DEEDS}
    assert public - NOT_SWEPT == swept
