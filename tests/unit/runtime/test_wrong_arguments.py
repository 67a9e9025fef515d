"""Whatever an application hands to a public method: an error of ours that says nothing personal, and nothing written.

Every public method of `Nurture` is walked, each parameter with values of every sort: other types, addresses where ids
belong, instants at the end of all time. What is taken may do what it says; what is refused leaves no trace.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeAlias

import attrs
import pytest

from nurture import (
    Basis,
    Broadcast,
    ContactPolicy,
    Lifecycle,
    Message,
    NewFact,
    Nurture,
    Program,
    Scenario,
    Segment,
    Stage,
    Transition,
    civil,
    days,
    q,
)
from nurture.errors import DefinitionError, NotFoundError, NurtureError, UnknownNameError
from nurture.mail.links import make_confirm_link, make_unsubscribe_link
from nurture.model import IMMUTABLE, VERSIONED, LeadId, Purpose, SubjectId
from nurture.ports import Accepted, Receipt
from nurture.simulation import VirtualClock
from nurture.steps import approve, send, tag, task
from nurture.storage import MemoryStorage
from tests.stores import SITE, T0

ADA: Final = "ada@example.com"
PROGRAM: Final = Program(
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
NEXT: Final = attrs.evolve(PROGRAM, segments=[*PROGRAM.segments, Segment("asked", q.touches("form.submitted"))])

STRANGE: Final[tuple[object, ...]] = (
    None, True, 0, 5, -1, 10**30, 0.5, float("nan"), "", ADA, f"a\x00{ADA}", f"\ud800{ADA}", ADA * 5000, b"x", [],
    [ADA], [5], (), {}, {"x": object()}, {5: "x"}, {"x": float("nan")}, {"x": {"y": ADA}}, {ADA}, object(), int, len,
    datetime(2026, 4, 1), datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC), date(2026, 4, 1),  # noqa: DTZ001
    timedelta.max, timedelta.min, timedelta(0), civil(days=1), q.lead.title, q.lead.title == ADA,
    q.touches("page.viewed"), Segment("ghost", q.lead.title == ADA), Message("ghost", "marketing", "s", "t"), PROGRAM,
    Basis.CONSENT,
)  # fmt: skip


class World:
    """A store with a lead and an account that have something before them."""

    def __init__(self) -> None:
        self.clock = VirtualClock(T0)
        self.store = MemoryStorage(clock=self.clock, through_codec=True)
        self.crm = Nurture(PROGRAM, self.store, senders={"email": Taking()}, site=SITE)
        self.account = self.crm.capture_account(name="A", domain="a.example.jp").id
        self.lead = self.crm.capture(email="a@example.jp", consent=Basis.CONSENT, account=self.account).id
        self.pass_time()
        self.crm.add_to_list("known", [self.lead])
        self.crm.record(self.lead, "form.submitted", key="1")
        self.pass_time()
        self.crm.tick()
        self.news = self.crm.broadcast(Broadcast("news", "hello", [self.lead], at=T0 + days(9), approval="boss"))

    def pass_time(self) -> None:
        self.clock.move_to(self.clock.now + timedelta(seconds=1))

    def asked(self, kind: str, name: str) -> str:
        (fact,) = [fact for fact in self.crm.timeline(self.lead) if fact.kind == kind]
        return str(fact.properties[name])

    def shape(self) -> Mapping[str, object]:
        with self.store.view() as view:
            return {kind.__name__: view.page(kind, "", 1000) for kind in (*VERSIONED, *IMMUTABLE)}


class Taking:
    """Takes each mail."""

    @property
    def dedup_window(self) -> timedelta:
        return timedelta.max

    def send(self, envelopes: Any, /) -> tuple[Receipt, ...]:
        return tuple(Accepted() for _ in envelopes)

    def close(self) -> None:
        """Nothing is held."""


Right: TypeAlias = Callable[[World], dict[str, object]]


def confirming(world: World) -> dict[str, object]:
    link = make_confirm_link(SITE, world.store.tenant, world.lead, "eff_1", asked_at=T0)
    return {"token": link.rpartition("/")[2]}


def leaving(world: World) -> dict[str, object]:
    link = make_unsubscribe_link(SITE, world.store.tenant, world.lead, "eff_1", Purpose.MARKETING)
    return {"token": link.rpartition("/")[2]}


RIGHT: Final[Mapping[str, Right]] = {
    "account": lambda world: {"account": world.account},
    "activate": lambda _: {"program": NEXT},
    "add_to_list": lambda world: {"name": "fair", "leads": [world.lead]},
    "allow_profiling": lambda world: {"lead": world.lead},
    "approvals": lambda world: {"subject": world.lead},
    "approve": lambda world: {
        "subject": world.lead, "approval": world.asked("approval.requested", "approval"), "role": "boss", "by": "t",
    },
    "approve_broadcast": lambda world: {"broadcast": world.news, "by": "tanaka", "role": "boss"},
    "ask_consent": lambda world: {"lead": world.lead},
    "backlog": lambda _: {},
    "broadcast": lambda world: {"broadcast": Broadcast("more", "hello", [world.lead])},
    "broadcast_status": lambda world: {"broadcast": world.news},
    "broadcasts": lambda _: {},
    "capture": lambda _: {"email": "new@example.jp"},
    "capture_account": lambda _: {"name": "B"},
    "close_task": lambda world: {"subject": world.lead, "task": world.asked("task.created", "task")},
    "confirm": confirming,
    "consent": lambda world: {"lead": world.lead},
    "consent_proof": lambda world: {"lead": world.lead},
    "count": lambda _: {"who": "seen"},
    "dead": lambda _: {},
    "decide": lambda _: {},
    "deliver": lambda _: {},
    "effects": lambda world: {"subject": world.lead},
    "enroll": lambda world: {"subject": world.lead, "scenario": "by_hand"},
    "explain": lambda world: {"subject": world.lead},
    "lead": lambda world: {"lead": world.lead},
    "lists": lambda _: {},
    "members": lambda _: {"who": "seen"},
    "migrate": lambda _: {"scenario": "welcome"},
    "move": lambda world: {"subject": world.lead, "stage": "lost"},
    "no_next_step": lambda _: {},
    "object_to_profiling": lambda world: {"lead": world.lead},
    "page": lambda _: {"who": "seen"},
    "pause": lambda _: {"scenario": "by_hand"},
    "preview": lambda world: {"message": "hello", "lead": world.lead},
    "reasons": lambda _: {},
    "record": lambda world: {"subject": world.lead, "kind": "page.viewed"},
    "record_many": lambda world: {"facts": [NewFact(subject=world.lead, kind="page.viewed")]},
    "remove_from_list": lambda world: {"name": "known", "leads": [world.lead]},
    "reopen": lambda _: {"scenario": "by_hand"},
    "replace_list": lambda world: {"name": "known", "leads": [world.lead]},
    "resolve": lambda world: {"effect": world.crm.effects(world.lead)[0].id, "sent": True},
    "resume": lambda _: {"scenario": "by_hand"},
    "revive": lambda world: {"subject": world.lead},
    "rollover_progress": lambda _: {},
    "run": lambda _: {"once": True},
    "sample": lambda _: {"who": "seen", "n": 1},
    "send": lambda world: {"lead": world.lead, "message": "hello"},
    "standing": lambda world: {"subject": world.lead},
    "stop_broadcast": lambda world: {"broadcast": world.news},
    "stop_scenario": lambda _: {"scenario": "by_hand", "fate": "finish"},
    "stuck": lambda _: {},
    "suppress": lambda _: {"address": "b@example.jp"},
    "suppression": lambda _: {"address": "b@example.jp"},
    "switches": lambda _: {},
    "tasks": lambda world: {"subject": world.lead},
    "test_send": lambda world: {"message": "hello", "to": "colleague@example.jp", "lead": world.lead},
    "tick": lambda _: {},
    "timeline": lambda world: {"subject": world.lead},
    "unsubscribe": lambda world: {"lead": world.lead},
    "unsubscribe_by": leaving,
    "update": lambda world: {"subject": world.lead, "title": "Head"},
    "withdraw": lambda world: {"subject": world.lead, "scenario": "welcome"},
}  # fmt: skip
"""Every public method, with arguments that are right."""
NOT_WALKED: Final = {"program", "storage", "stop", "close", "attach", "using"}
"""What takes nothing, and what takes an object of the host's own: a probe, a connection."""
ENDLESS: Final = {("run", "once")}
"""What would go on for ever."""


def call(crm: Nurture, method: str, given: dict[str, object]) -> object:
    """The call, carried out to its end."""
    do = getattr(crm, method)
    kinds = inspect.signature(do).parameters.values()
    bare = [given.pop(one.name) for one in kinds if one.kind is inspect.Parameter.POSITIONAL_ONLY and one.name in given]
    answer = do(*bare, **given)
    return list(answer) if inspect.isgenerator(answer) else answer


def parameters(method: str, right: Mapping[str, object]) -> list[str]:
    kinds = inspect.signature(getattr(Nurture, method)).parameters.values()
    named = [one.name for one in kinds if one.kind is not inspect.Parameter.VAR_KEYWORD and one.name != "self"]
    return list(dict.fromkeys([*named, *right]))


def ending(world: World, do: Callable[[], object]) -> str | None:
    """What is wrong with how it ended; None for a deed that was done, or refused as it should be.

    A name that no program declares is repeated with the near misses: names of declarations are nobody's data.
    """
    before = world.shape()
    try:
        do()
    except NurtureError as error:
        said = str(error)
        if (ADA in said and not isinstance(error, DefinitionError)) or " object at 0x" in said or not said.strip():
            return f"said {said[:300]!r}"
        return None if world.shape() == before else "was refused, and wrote something"
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:300]
    return None


@pytest.mark.parametrize("method", RIGHT)
def test_what_is_right_is_done(method: str) -> None:
    world = World()
    call(world.crm, method, RIGHT[method](world))


@pytest.mark.parametrize("method", RIGHT)
def test_what_is_strange_is_refused_without_a_trace(method: str) -> None:
    ends: list[str] = []
    for parameter in parameters(method, RIGHT[method](World())):
        world = World()
        right = RIGHT[method](world)
        for value in STRANGE if (method, parameter) not in ENDLESS else ():
            if parameter == "progress" and (value is int or value is len):
                continue  # what the application's own function raises is its own
            world.pass_time()
            end = ending(world, partial(call, world.crm, method, {**right, parameter: value}))
            ends += [] if end is None else [f"{method}({parameter}={value!r:.60}) → {end}"]
    assert not ends, "\n" + "\n".join(ends)


@pytest.mark.parametrize("field", [field.name for field in attrs.fields(NewFact)])
def test_a_fact_of_strange_values_is_refused_without_a_trace(field: str) -> None:
    world, ends = World(), list[str]()

    def record(value: object) -> object:
        given: dict[str, Any] = {"subject": world.lead, "kind": "page.viewed", field: value}
        return world.crm.record_many([NewFact(subject=world.lead, kind="page.viewed"), NewFact(**given)])

    for value in STRANGE:
        world.pass_time()
        end = ending(world, partial(record, value))
        ends += [] if end is None else [f"{field}={value!r:.60} → {end}"]
    assert not ends, "\n" + "\n".join(ends)


@pytest.mark.parametrize("field", [field.name for field in attrs.fields(Broadcast)])
def test_a_broadcast_of_strange_values_is_refused_without_a_trace(field: str) -> None:
    world, ends = World(), list[str]()

    def announce(value: object) -> object:
        given: dict[str, Any] = {"name": "b", "message": "hello", "to": [world.lead], field: value}
        return world.crm.broadcast(Broadcast(**given))

    for value in STRANGE:
        world.pass_time()
        end = ending(world, partial(announce, value))
        ends += [] if end is None else [f"{field}={value!r:.60} → {end}"]
    assert not ends, "\n" + "\n".join(ends)


def test_an_address_where_an_id_belongs_is_not_repeated() -> None:
    crm = World().crm
    with pytest.raises(NotFoundError) as caught:
        crm.send(LeadId(SubjectId(ADA)), "hello")
    assert str(caught.value) == "no such lead: expected an id such as lead_…, found another text"


def test_every_public_method_is_walked() -> None:
    assert {name for name in vars(Nurture) if not name.startswith("_")} - NOT_WALKED == set(RIGHT)


def test_an_address_where_a_name_belongs_is_not_repeated() -> None:
    world = World()
    with pytest.raises(UnknownNameError) as caught:
        world.crm.enroll(world.lead, ADA)
    assert ADA not in str(caught.value)
    assert "unknown scenario that is an address" in str(caught.value)
