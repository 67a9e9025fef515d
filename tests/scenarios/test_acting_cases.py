"""What is sent when things come late, are refused, or were sent before: every case is a row, played through a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from nurture import Attribute, Basis, Message, Program, Scenario, days, hours, q
from nurture.model import LeadId
from nurture.ports import Deferred, Rejected, Unknown
from nurture.program import Cap, ContactPolicy
from nurture.steps import Misfire, Step, send, send_first, tag, wait, wait_until
from nurture.testing.doubles import FakeSender, Outcome
from tests.stores import T0, House, store_maker

MESSAGES = [
    *[Message(name, "marketing", name, name) for name in ("first", "second", "case_a", "case_b")],
    Message("about", "marketing", "About", "{{ params.day }} {{ params.n }}"),
    Message("sms", "marketing", "SMS", "sms", channel="sms"),
    Message("line", "marketing", "LINE", "line", channel="line"),
]
STARTS = T0 + days(10)


class World:
    """A lead with every address, and the senders of its channels."""

    def __init__(
        self, scenarios: Sequence[Scenario], policy: ContactPolicy | None = None, **person: str | None
    ) -> None:
        self.senders = {channel: FakeSender() for channel in ("email", "sms", "line")}
        program = Program(
            messages=MESSAGES,
            scenarios=scenarios,
            policy=policy or ContactPolicy(consent="not_refused"),
            attributes=[Attribute("starts_at", "instant")],
        )
        self.house = House(program, store_maker("memory", Path()), senders=self.senders)
        self.crm = self.house.crm
        known: dict[str, str | None] = {"email": "a@example.com", "phone": "+81312345678", "line": "U1", **person}
        self.lead: LeadId = self.crm.capture(external_ids={"x": "1"}, **known).id  # type: ignore[arg-type]

    def begin(self, **properties: object) -> World:
        self.crm.record(self.lead, "go.now", properties)
        return self

    def tick(self, *instants: datetime) -> World:
        for instant in instants:
            self.house.tick_at(instant)
        return self

    def sent(self) -> list[str]:
        """What the world got of each channel, in the order of the channels."""
        return [one.text.splitlines()[0] for sender in self.senders.values() for one in sender.delivered]

    def times(self) -> list[tuple[str, float]]:
        """What was sent, and on which day."""
        facts = [one for one in self.crm.timeline(self.lead) if one.kind.endswith(".sent")]
        return sorted(
            ((str(one.properties["name"]), round((one.at - T0) / days(1), 3)) for one in facts),
            key=lambda one: (one[1], one[0]),
        )

    def withheld(self) -> dict[str, str]:
        """Why what was withheld, by name."""
        facts = [one for one in self.crm.timeline(self.lead) if one.kind.endswith(".withheld")]
        return {str(one.properties["name"]): str(one.properties["reason"]) for one in facts}

    @property
    def tags(self) -> tuple[str, ...]:
        return self.crm.lead(self.lead).tags


# -- lateness: two reminders, on the days 7 and 9, and workers that are away --------------------------------------


def reminders(misfire: str, lateness: timedelta | None) -> Scenario:
    def remind(message: str, before: int) -> Step:
        return wait_until(
            q.entry.starts_at,
            days(-before),
            then=[send(message, misfire=misfire, max_lateness=lateness)],
            past=[tag(f"{message} past")],
        )

    return Scenario("s", q.touches("go.now"), [remind("first", 3), remind("second", 1), tag("end")])


@pytest.mark.parametrize(
    ("misfire", "lateness", "ticks", "sent"),
    [
        # everybody is there: all policies do the same
        ("skip", None, [1, 7.5, 9.5], [("first", 7.5), ("second", 9.5)]),
        ("now", None, [1, 7.5, 9.5], [("first", 7.5), ("second", 9.5)]),
        ("last_only", None, [1, 7.5, 9.5], [("first", 7.5), ("second", 9.5)]),
        ("shift", None, [1, 7.5, 9.5], [("first", 7.5), ("second", 9.5)]),
        # away from day 1 to day 8: the first is a day late
        ("skip", hours(12), [1, 8, 9.25], [("second", 9.25)]),
        ("skip", days(2), [1, 8, 9.5], [("first", 8), ("second", 9.5)]),
        ("last_only", None, [1, 8, 9.5], [("first", 8), ("second", 9.5)]),
        ("shift", None, [1, 8, 9.5, 10.5], [("first", 8), ("second", 10.5)]),
        # away until both are late
        ("skip", None, [1, 9.5], [("first", 9.5), ("second", 9.5)]),
        ("skip", days(1), [1, 9.5], [("second", 9.5)]),
        ("now", None, [1, 30], [("first", 30), ("second", 30)]),
        ("last_only", None, [1, 9.5], [("second", 9.5)]),
        ("last_only", None, [1, 40], [("second", 40)]),
        ("last_only", days(2), [1, 40], []),
        ("shift", None, [1, 10, 11.5, 12.5], [("first", 10), ("second", 12.5)]),
        ("shift", days(1), [1, 9.9, 12.5], [("second", 9.9)]),
    ],
)
def test_what_is_late_goes_by_its_policy(
    misfire: str, lateness: timedelta | None, ticks: Sequence[float], sent: list[tuple[str, float]]
) -> None:
    world = World([reminders(misfire, lateness)]).begin(starts_at=STARTS)
    world.tick(*[T0 + timedelta(days=day) for day in ticks])
    assert world.times() == sent
    assert world.tags == ("end",)


def test_who_comes_too_late_for_a_reminder_is_not_sent_it() -> None:
    world = World([reminders("now", None)]).begin(starts_at=T0 + days(2)).tick(T0 + hours(1), T0 + days(3))
    assert world.times() == [("second", 3.0)]
    assert world.tags == ("end", "first past")


def test_what_follows_something_sent_counts_from_when_that_was_sent() -> None:
    steps = [send("first", misfire=Misfire.NOW), send("second", max_lateness=hours(1))]
    world = World([Scenario("s", q.touches("go.now"), steps)])
    world.begin()
    world.crm.decide()
    world.tick(T0 + days(3))
    assert world.sent() == ["first", "second"]


# -- falling back to other channels --------------------------------------------------------------------------------

CHANNELS = [
    send("first", fallback=["sms", "line"], if_failed=[tag("failed")], if_withheld=[tag("withheld")]),
    tag("end"),
]


@pytest.mark.parametrize(
    ("person", "refused", "outcomes", "sent", "tags"),
    [
        ({}, (), {}, ["first"], ("end",)),
        ({"email": None}, (), {}, ["sms"], ("end",)),
        ({"email": None, "phone": None}, (), {}, ["line"], ("end",)),
        ({"email": None, "phone": None, "line": None}, (), {}, [], ("end", "withheld")),
        ({}, ("email",), {}, ["sms"], ("end",)),
        ({}, ("email", "sms"), {}, ["line"], ("end",)),
        ({}, ("email", "sms", "line"), {}, [], ("end", "withheld")),
        ({}, (), {"email": [Rejected("refused")]}, ["sms"], ("end",)),
        ({}, (), {"email": [Rejected("refused")], "sms": [Rejected("refused")]}, ["line"], ("end",)),
        (
            {},
            (),
            {channel: [Rejected("refused")] for channel in ("email", "sms", "line")},
            [],
            ("end", "failed"),
        ),
        ({}, (), {"email": [Unknown("lost")]}, [], ("end", "failed")),
        ({}, (), {"email": [Deferred("busy")]}, ["first"], ("end",)),
    ],
)
def test_a_step_falls_back_and_at_most_one_message_goes(
    person: Mapping[str, str | None],
    refused: Sequence[str],
    outcomes: Mapping[str, Sequence[Outcome]],
    sent: list[str],
    tags: tuple[str, ...],
) -> None:
    world = World([Scenario("s", q.touches("go.now"), CHANNELS)], **person)
    for channel in refused:
        world.crm.unsubscribe(world.lead, channel=channel)
    for channel, some in outcomes.items():
        world.senders[channel].then(*some)
    world.begin().tick(*[T0 + minutes * timedelta(minutes=1) for minutes in (1, 10, 30, 60)])
    assert world.sent() == sent
    assert world.tags == tags


def test_a_click_on_any_of_the_messages_belongs_to_the_run() -> None:
    from nurture.steps import wait_for

    steps = [*CHANNELS, wait_for(q.touches("sms.clicked"), days(3), then=[tag("clicked")])]
    world = World([Scenario("s", q.touches("go.now"), steps)], email=None).begin().tick(T0 + hours(1))
    (effect,) = [one for one in world.crm.effects(world.lead) if one.state == "accepted"]
    world.crm.record(world.lead, "sms.clicked", cause=effect.id)
    world.tick(T0 + hours(2))
    assert "clicked" in world.tags


# -- what was sent before ------------------------------------------------------------------------------------------

NEXT = send_first("case_a", "case_b", otherwise=[tag("all read")])


def test_the_next_unread_over_all_scenarios() -> None:
    scenarios = [Scenario(name, q.touches(f"{name}.now"), [NEXT], reentry="always") for name in ("one", "two")]
    world = World(scenarios)
    for number, name in enumerate(("one", "two", "one", "two")):
        world.crm.record(world.lead, f"{name}.now")
        world.tick(T0 + hours(number + 1))
    assert world.sent() == ["case_a", "case_b"]
    assert world.tags == ("all read",)


def test_two_runs_at_one_moment_do_not_send_the_same() -> None:
    scenarios = [Scenario(name, q.touches("go.now"), [NEXT]) for name in ("one", "two", "three")]
    world = World(scenarios).begin().tick(T0 + hours(1), T0 + hours(2))
    assert sorted(world.sent()) == ["case_a", "case_b"]
    assert world.tags == ("all read",)


def test_one_that_waits_for_quiet_hours_to_end_is_not_sent_by_another_run() -> None:
    scenarios = [
        Scenario("one", q.touches("go.now"), [NEXT]),
        Scenario("two", q.touches("go.now"), [wait(days(1)), NEXT]),
    ]
    world = World(scenarios, ContactPolicy(consent="not_refused", caps=Cap(1, days(3))))
    world.crm.enroll(world.lead, "one")  # the cap takes its first mail; what follows waits
    world.tick(T0 + hours(1))
    world.begin()
    world.tick(*[T0 + days(day) for day in (1, 2, 3, 4, 5, 8)])
    assert world.sent() == ["case_a", "case_b"]


@pytest.mark.parametrize(
    ("outcome", "second"), [(Rejected("refused"), "case_a"), (Unknown("lost"), "case_b"), (None, "case_b")]
)
def test_what_was_refused_was_not_read_and_what_is_in_doubt_was(outcome: Outcome | None, second: str) -> None:
    world = World([Scenario("s", q.touches("go.now"), [NEXT, wait(hours(1)), NEXT])])
    if outcome is not None:
        world.senders["email"].then(outcome)
    world.begin().tick(T0 + hours(1), T0 + hours(3))
    assert world.sent() == ([] if outcome is not None else ["case_a"]) + [second]


# -- parameters ----------------------------------------------------------------------------------------------------


def test_a_message_says_what_the_run_began_with_and_what_the_lead_is_now() -> None:
    steps = [wait(days(1)), send("about", params={"day": q.entry.day, "n": q.lead.title})]
    world = World([Scenario("s", q.touches("go.now"), steps)])
    world.begin(day="Monday")
    world.crm.update(world.lead, title="CTO")
    world.tick(T0 + hours(1), T0 + days(2))
    assert world.sent() == ["Monday CTO"]


def test_consent_is_asked_of_each_channel_by_itself() -> None:
    world = World([Scenario("s", q.touches("go.now"), CHANNELS)], ContactPolicy())
    world.crm.consent(world.lead, channel="line", basis=Basis.CONSENT)
    world.begin().tick(T0 + hours(1))
    assert world.sent() == ["line"]
    assert world.withheld() == {"first": "no_consent", "sms": "no_consent"}


def test_what_was_refused_takes_no_slot_from_the_message_it_falls_back_to() -> None:
    world = World(
        [Scenario("s", q.touches("go.now"), CHANNELS)], ContactPolicy(consent="not_refused", caps=Cap(1, days(7)))
    )
    world.senders["email"].then(Rejected("refused"))
    world.begin().tick(T0 + hours(1), T0 + hours(2))
    assert world.sent() == ["sms"]
