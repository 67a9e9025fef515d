"""Written cases of waiting: what happens, when, and by which ways the run goes on.

Each row is one life of one person, on the wall clock of a zone. What is expected is the way by which each waiting or
choosing step was left and when, and at the end where the run still is, or how it ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import attrs
import pytest

from nurture import (
    Attribute,
    BusinessCalendar,
    Enrollment,
    NewFact,
    Program,
    Scenario,
    ScoreModel,
    ScoreRule,
    civil,
    days,
    hours,
    minutes,
    q,
)
from nurture.model import Value
from nurture.predicates import Predicate
from nurture.steps import (
    Step,
    branch,
    cases,
    goal,
    increment,
    jump,
    mark,
    tag,
    task,
    wait,
    wait_for,
    wait_for_any,
    wait_until,
)
from tests.stores import House, store_maker

TOKYO = "Asia/Tokyo"
NEW_YORK = "America/New_York"
SYDNEY = "Australia/Sydney"
MICROSECOND = timedelta(microseconds=1)
GOLDEN_WEEK = [date(2026, 4, 29), date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 6)]
CALENDAR = BusinessCalendar("example", closed=GOLDEN_WEEK)
QUIET = frozenset({"tag", "mark", "increment", "exit", "goal"})
"""Kinds of steps that neither wait nor choose."""

Act: TypeAlias = tuple[str, str, Mapping[str, Value]]


def applied(at: str, seminar: str = "S1", **more: Value) -> Act:
    return (at, "seminar.applied", {"seminar": seminar, **more})


def fact(at: str, kind: str, **properties: Value) -> Act:
    return (at, kind, properties)


def change(at: str, **values: Value) -> Act:
    return (at, "lead", values)


def company(at: str, **values: Value) -> Act:
    return (at, "account", values)


def closed(at: str, outcome: str) -> Act:
    return (at, "task", {"outcome": outcome})


def at(text: str, zone: str = TOKYO) -> datetime:
    """An instant of 2026, as the wall clock of the zone shows it: `05-20 14:00`."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@attrs.frozen
class Case:
    """One row.

    Attributes:
        name: What it shows.
        steps: The scenario.
        acts: What happens, in order; the first application begins the run.
        ways: What is expected: `edge@time` of each step that was left, and the end.
        zone: On whose wall clock all times stand; the person's own unless it is the program's.
        known: Attributes from the start.
        moved_by: As of the scenario.
    """

    name: str
    steps: Sequence[Step]
    acts: Sequence[Act]
    ways: str
    zone: str = TOKYO
    known: Mapping[str, Value] = attrs.field(factory=dict)
    moved_by: Predicate | None = None


CANCELLED = q.touches("seminar.cancelled")
MOVED = q.touches("seminar.rescheduled")
CAME = q.touches("seminar.attended")
CLICK = q.touches("email.clicked")
VISIT = q.touches("page.viewed")
THREE_DAYS_BEFORE = civil(business_days=-3, at="10:00")
REMINDER = [wait_until(q.entry.starts_at, THREE_DAYS_BEFORE, then=[tag("reminded")])]
MEETING = [wait_until(q.lead.meets, hours(-1), then=[tag("reminded")])]
SEMINAR = [wait_until(q.entry.starts_at, hours(-1), ended_by=CANCELLED, same="seminar")]
STARTS = {"starts_at": at("05-20 14:00")}

APPOINTMENTS = (
    Case("three business days before", REMINDER, [applied("05-01 09:00", **STARTS)], "reached@05-15 10:00 completed"),
    Case(
        "business days go round the closures",
        REMINDER,
        [applied("04-20 09:00", starts_at=at("05-08 14:00"))],
        "reached@04-30 10:00 completed",
    ),
    Case("an hour before", SEMINAR, [applied("05-01 09:00", **STARTS)], "reached@05-20 13:00 completed"),
    Case(
        "the instant itself",
        [wait_until(q.entry.starts_at)],
        [applied("05-01 09:00", **STARTS)],
        "reached@05-20 14:00 completed",
    ),
    Case(
        "some days after it",
        [wait_until(q.entry.starts_at, civil(business_days=1, at="10:00"))],
        [applied("05-01 09:00", starts_at=at("05-22 14:00"))],
        "reached@05-25 10:00 completed",
    ),
    Case(
        "a date begins at its midnight",
        [wait_until(q.lead.renews_on)],
        [applied("05-01 09:00")],
        "reached@05-20 00:00 completed",
        known={"renews_on": date(2026, 5, 20)},
    ),
    Case(
        "a date begins at its midnight where the person is",
        [wait_until(q.lead.renews_on)],
        [applied("05-01 09:00")],
        "reached@05-20 00:00 completed",
        zone=NEW_YORK,
        known={"renews_on": date(2026, 5, 20)},
    ),
    Case(
        "the day before a date",
        [wait_until(q.lead.renews_on, civil(days=-1, at="09:00"))],
        [applied("05-01 09:00")],
        "reached@05-19 09:00 completed",
        known={"renews_on": date(2026, 5, 20)},
    ),
    Case("too late for it", REMINDER, [applied("05-18 12:00", **STARTS)], "past@05-18 12:00 completed"),
    Case("just in time for it", REMINDER, [applied("05-15 10:00", **STARTS)], "reached@05-15 10:00 completed"),
    Case(
        "too late for the first, in time for the second",
        [*REMINDER, *SEMINAR],
        [applied("05-18 12:00", **STARTS)],
        "past@05-18 12:00 reached@05-20 13:00 completed",
    ),
    Case("no date at all", REMINDER, [applied("05-01 09:00")], "missing@05-01 09:00 completed"),
    Case(
        "a text is no date",
        REMINDER,
        [applied("05-01 09:00", starts_at="2026-05-20")],
        "missing@05-01 09:00 completed",
    ),
    Case(
        "the date is taken away",
        MEETING,
        [applied("05-01 09:00"), change("05-03 12:00", meets=None)],
        "missing@05-03 12:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case(
        "the date is moved back",
        MEETING,
        [applied("05-01 09:00"), change("05-03 12:00", meets=at("06-03 14:00"))],
        "reached@06-03 13:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case(
        "the date is moved forward",
        MEETING,
        [applied("05-01 09:00"), change("05-03 12:00", meets=at("05-10 14:00"))],
        "reached@05-10 13:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case(
        "the date is moved to yesterday",
        MEETING,
        [applied("05-01 09:00"), change("05-05 12:00", meets=at("05-04 14:00"))],
        "reached@05-05 12:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case(
        "the date is moved to before the run began",
        MEETING,
        [applied("05-01 09:00"), change("05-05 12:00", meets=at("04-20 14:00"))],
        "past@05-05 12:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case(
        "the date is moved there and back",
        MEETING,
        [
            applied("05-01 09:00"),
            change("05-03 12:00", meets=at("06-03 14:00")),
            change("05-04 12:00", meets=at("05-20 14:00")),
        ],
        "reached@05-20 13:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case(
        "the date is moved at the very instant",
        MEETING,
        [applied("05-01 09:00"), change("05-20 13:00", meets=at("05-21 14:00"))],
        "reached@05-21 13:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case(
        "the date is moved before the run comes to the wait",
        [wait(days(5)), *MEETING],
        [applied("05-01 09:00"), change("05-03 12:00", meets=at("06-03 14:00"))],
        "next@05-06 09:00 reached@06-03 13:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case(
        "the seminar is rescheduled",
        SEMINAR,
        [
            applied("05-01 09:00", **STARTS),
            fact("05-10 09:00", "seminar.rescheduled", seminar="S1", starts_at=at("05-27 14:00")),
        ],
        "reached@05-27 13:00 completed",
        moved_by=MOVED,
    ),
    Case(
        "another seminar is rescheduled",
        SEMINAR,
        [
            applied("05-01 09:00", **STARTS),
            fact("05-10 09:00", "seminar.rescheduled", seminar="S2", starts_at=at("05-27 14:00")),
        ],
        "reached@05-20 13:00 completed",
        moved_by=MOVED,
    ),
    Case(
        "the company's date is moved",
        [wait_until(q.account.ends_on, civil(months=-1, at="09:00"))],
        [
            applied("05-01 09:00"),
            company("05-01 10:00", ends_on=date(2026, 7, 31)),
            company("05-20 10:00", ends_on=date(2026, 8, 31)),
        ],
        "reached@07-31 09:00 completed",
        known={"ends_on": date(2026, 9, 30)},
    ),
)

CALLED_OFF = (
    Case(
        "cancelled while it waits",
        SEMINAR,
        [applied("05-01 09:00", **STARTS), fact("05-10 09:00", "seminar.cancelled", seminar="S1")],
        "ended@05-10 09:00 completed",
    ),
    Case(
        "cancelled before the run comes to the wait",
        [wait(days(5)), *SEMINAR],
        [applied("05-01 09:00", **STARTS), fact("05-02 09:00", "seminar.cancelled", seminar="S1")],
        "next@05-06 09:00 ended@05-06 09:00 completed",
    ),
    Case(
        "another seminar is cancelled",
        SEMINAR,
        [applied("05-01 09:00", **STARTS), fact("05-10 09:00", "seminar.cancelled", seminar="S2")],
        "reached@05-20 13:00 completed",
    ),
    Case(
        "cancelled before the application",
        SEMINAR,
        [fact("04-30 09:00", "seminar.cancelled", seminar="S1"), applied("05-01 09:00", **STARTS)],
        "reached@05-20 13:00 completed",
    ),
    Case(
        "cancelled at the very instant",
        SEMINAR,
        [applied("05-01 09:00", **STARTS), fact("05-20 13:00", "seminar.cancelled", seminar="S1")],
        "ended@05-20 13:00 completed",
    ),
    Case(
        "cancelled without saying which",
        SEMINAR,
        [applied("05-01 09:00", **STARTS), fact("05-10 09:00", "seminar.cancelled")],
        "reached@05-20 13:00 completed",
    ),
    Case(
        "the clause itself says which",
        [wait_until(q.entry.starts_at, ended_by=CANCELLED.where(q.prop("seminar") == q.entry.seminar))],
        [
            applied("05-01 09:00", **STARTS),
            fact("05-05 09:00", "seminar.cancelled", seminar="S2"),
            fact("05-10 09:00", "seminar.cancelled", seminar="S1"),
        ],
        "ended@05-10 09:00 completed",
    ),
)

CLOCKS = (
    Case(
        "a time that comes twice comes once",
        [wait_until(q.lead.meets, civil(days=-1, at="01:30"))],
        [applied("10-01 09:00")],
        "reached@11-01 01:30 completed",
        zone=NEW_YORK,
        known={"meets": at("11-02 10:00", NEW_YORK)},
    ),
    Case(
        "a time that does not come is later",
        [wait_until(q.lead.meets, civil(days=-1, at="02:30"))],
        [applied("09-01 09:00")],
        "reached@10-04 03:30 completed",
        zone=SYDNEY,
        known={"meets": at("10-05 10:00", SYDNEY)},
    ),
    Case(
        "24 hours before are another time of day when the clocks change",
        [wait_until(q.lead.meets, days(-1))],
        [applied("10-01 09:00")],
        "reached@10-31 11:00 completed",
        zone=NEW_YORK,
        known={"meets": at("11-01 10:00", NEW_YORK)},
    ),
    Case(
        "a calendar day before is the same time of day",
        [wait_until(q.lead.meets, civil(days=-1))],
        [applied("10-01 09:00")],
        "reached@10-31 10:00 completed",
        zone=NEW_YORK,
        known={"meets": at("11-01 10:00", NEW_YORK)},
    ),
    Case(
        "a month before the 31st is the 30th",
        [wait_until(q.lead.renews_on, civil(months=-1, at="09:00"))],
        [applied("04-05 09:00")],
        "reached@04-30 09:00 completed",
        known={"renews_on": date(2026, 5, 31)},
    ),
    Case(
        "a month after the 31st is the 30th",
        [wait_until(q.lead.renews_on, civil(months=1, at="09:00"))],
        [applied("05-05 09:00")],
        "reached@06-30 09:00 completed",
        known={"renews_on": date(2026, 5, 31)},
    ),
    Case(
        "the person moves to another zone",
        [wait_until(q.lead.renews_on, civil(days=-1, at="09:00"))],
        [applied("05-05 09:00"), change("05-06 09:00", zone=NEW_YORK)],
        "reached@05-19 22:00 completed",
        known={"renews_on": date(2026, 5, 20)},
    ),
)

CLICKED_OR_SEEN = wait_for_any(days(2), clicked=(CLICK, []), seen=(VISIT, []), otherwise=[tag("cold")])
RACES = (
    Case(
        "the fact in time",
        [wait_for(CAME, days(2), same="seminar")],
        [applied("05-01 09:00"), fact("05-02 09:00", "seminar.attended", seminar="S1")],
        "seen@05-02 09:00 completed",
    ),
    Case(
        "the fact of another key",
        [wait_for(CAME, days(2), same="seminar")],
        [applied("05-01 09:00"), fact("05-02 09:00", "seminar.attended", seminar="S2")],
        "timeout@05-03 09:00 completed",
    ),
    Case(
        "the fact of the same place, which keys no run",
        [wait_for(CAME, days(2), same="place")],
        [
            fact("05-01 09:00", "seminar.applied", seminar="S1", place="Osaka"),
            fact("05-02 09:00", "seminar.attended", seminar="S1", place="Tokyo"),
            fact("05-02 10:00", "seminar.attended", seminar="S2", place="Osaka"),
        ],
        "seen@05-02 10:00 completed",
    ),
    Case(
        "a fact and the deadline at one instant",
        [wait_for(CAME, days(2))],
        [applied("05-01 09:00"), fact("05-03 09:00", "seminar.attended")],
        "seen@05-03 09:00 completed",
    ),
    Case(
        "a fact right after the deadline",
        [wait_for(CAME, days(2))],
        [applied("05-01 09:00"), fact("05-03 09:00:00.000001", "seminar.attended")],
        "timeout@05-03 09:00 completed",
    ),
    Case(
        "the first of two facts",
        [CLICKED_OR_SEEN],
        [applied("05-01 09:00"), fact("05-01 10:00", "page.viewed"), fact("05-01 11:00", "email.clicked")],
        "seen@05-01 10:00 completed",
    ),
    Case(
        "two facts at one instant",
        [CLICKED_OR_SEEN],
        [applied("05-01 09:00"), fact("05-01 10:00", "page.viewed"), fact("05-01 10:00", "email.clicked")],
        "clicked@05-01 10:00 completed",
    ),
    Case("none of them", [CLICKED_OR_SEEN], [applied("05-01 09:00")], "timeout@05-03 09:00 completed"),
    Case(
        "one that came with the deadline",
        [CLICKED_OR_SEEN],
        [applied("05-01 09:00"), fact("05-03 09:00", "page.viewed")],
        "seen@05-03 09:00 completed",
    ),
    Case(
        "silence is waited for",
        [wait_for_any(days(9), silent=(VISIT.within(days=3).never(), []), clicked=(CLICK, []))],
        [fact("05-01 08:00", "page.viewed"), applied("05-01 09:00"), fact("05-02 12:00", "page.viewed")],
        "silent@05-05 12:00 completed",
    ),
    Case(
        "a value is waited for",
        [wait_for_any(days(9), there=(~q.lead.meets.is_missing(), []))],
        [applied("05-01 09:00"), change("05-04 12:00", meets=at("06-03 14:00"))],
        "there@05-04 12:00 completed",
    ),
    Case(
        "a score is waited for",
        [wait_for_any(days(9), hot=(q.score("engagement") >= 10, []))],
        [applied("05-01 09:00"), fact("05-02 09:00", "page.viewed"), fact("05-03 09:00", "page.viewed")],
        "hot@05-03 09:00 completed",
    ),
    Case(
        "a predicate that holds already",
        [wait_for_any(days(9), hot=(q.score("engagement") < 10, []), clicked=(CLICK, []))],
        [applied("05-01 09:00")],
        "hot@05-01 09:00 completed",
    ),
    Case(
        "a deadline in business hours",
        [wait_for_any(civil(business_hours=4), clicked=(CLICK, []))],
        [applied("05-08 16:00")],
        "timeout@05-11 11:00 completed",
    ),
)

CALL = task("Call", due=civil(business_days=2, at="18:00"), outcomes={"met": [goal("met")], "不在": []})
CALLS = [mark("call"), CALL, jump("call", at_most=2, otherwise=[tag("mail")])]
ROUNDS = (
    Case(
        "round and round, but not for ever",
        [mark("again"), wait(days(1)), jump("again", at_most=2)],
        [applied("05-01 09:00")],
        "next@05-02 09:00 again@05-02 09:00 next@05-03 09:00 again@05-03 09:00 next@05-04 09:00 "
        "otherwise@05-04 09:00 completed",
    ),
    Case(
        "round and round at once",
        [mark("again"), increment("calls"), jump("again", at_most=3), branch(q.lead.calls == 4)],
        [applied("05-01 09:00")],
        "again@05-01 09:00 again@05-01 09:00 again@05-01 09:00 otherwise@05-01 09:00 then@05-01 09:00 completed",
    ),
    Case(
        "a jump ahead",
        [jump("end", at_most=1), wait(days(9)), mark("end")],
        [applied("05-01 09:00")],
        "again@05-01 09:00 completed",
    ),
    Case(
        "a fact answers one round only",
        [mark("again"), wait_for(CLICK, days(1)), jump("again", at_most=1)],
        [applied("05-01 09:00"), fact("05-01 12:00", "email.clicked"), fact("05-02 13:00", "email.clicked")],
        "seen@05-01 12:00 again@05-01 12:00 timeout@05-02 12:00 otherwise@05-02 12:00 completed",
    ),
    Case(
        "what began the run is no answer",
        [wait_for(q.touches("seminar.applied"), days(2))],
        [applied("05-01 09:00"), applied("05-02 09:00")],
        "seen@05-02 09:00 completed",
    ),
    Case(
        "two facts at one instant answer two steps",
        [wait_for(CLICK, days(1)), wait_for(VISIT, days(1))],
        [applied("05-01 09:00"), fact("05-01 12:00", "email.clicked"), fact("05-01 12:00", "page.viewed")],
        "seen@05-01 12:00 seen@05-01 12:00 completed",
    ),
    Case(
        "called twice, and met",
        CALLS,
        [applied("05-11 09:00"), closed("05-11 15:00", "不在"), closed("05-12 15:00", "met")],
        "不在@05-11 15:00 again@05-11 15:00 met@05-12 15:00 reached_goal",
    ),
    Case(
        "called three times in vain",
        CALLS,
        [applied("05-11 09:00"), *(closed(f"05-1{day} 15:00", "不在") for day in (1, 2, 3))],
        "不在@05-11 15:00 again@05-11 15:00 不在@05-12 15:00 again@05-12 15:00 不在@05-13 15:00 "
        "otherwise@05-13 15:00 completed",
    ),
    Case(
        "nobody calls",
        [CALL],
        [applied("05-07 09:00")],
        "overdue@05-11 18:00 completed",
    ),
    Case(
        "called at the very instant at which it is overdue",
        [CALL],
        [applied("05-07 09:00"), closed("05-11 18:00", "met")],
        "met@05-11 18:00 reached_goal",
    ),
    Case(
        "still waiting at the end",
        [wait_until(q.lead.meets)],
        [applied("05-01 09:00")],
        "active",
        known={"meets": datetime(2027, 9, 1, tzinfo=UTC)},
    ),
    Case(
        "a case among many",
        [cases(hot=(q.score("engagement") >= 5, [goal("hot")]), late=(~q.lead.meets.is_missing(), []), otherwise=[])],
        [fact("04-30 09:00", "page.viewed"), applied("05-01 09:00")],
        "hot@05-01 09:00 reached_goal",
    ),
)

UNTIL_MEETING = [wait_for(CLICK, until=q.lead.meets, offset=hours(-1), then=[tag("clicked")])]
UNTIL_SEMINAR = [
    wait_for_any(
        until=q.entry.starts_at,
        offset=THREE_DAYS_BEFORE,
        clicked=(CLICK, []),
        warm=(q.score("engagement") >= 5, []),
        otherwise=[tag("silent")],
    )
]

LIMITS = (
    Case(
        "a fact before the date",
        UNTIL_MEETING,
        [applied("05-01 09:00"), fact("05-10 10:00", "email.clicked")],
        "seen@05-10 10:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case(
        "no fact by the date",
        UNTIL_MEETING,
        [applied("05-01 09:00"), fact("05-20 13:30", "email.clicked")],
        "timeout@05-20 13:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case(
        "a fact at the very instant of the date wins",
        UNTIL_MEETING,
        [applied("05-01 09:00"), fact("05-20 13:00", "email.clicked")],
        "seen@05-20 13:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case(
        "the date lay before the run came",
        UNTIL_MEETING,
        [applied("05-01 09:00"), fact("05-02 10:00", "email.clicked")],
        "past@05-01 09:00 completed",
        known={"meets": at("04-20 14:00")},
    ),
    Case(
        "the run comes at the instant of the date",
        UNTIL_MEETING,
        [applied("05-20 13:00")],
        "timeout@05-20 13:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case("there is no date to wait for", UNTIL_MEETING, [applied("05-01 09:00")], "missing@05-01 09:00 completed"),
    Case(
        "the date of a wait for a fact is taken away",
        UNTIL_MEETING,
        [applied("05-01 09:00"), change("05-03 12:00", meets=None), fact("05-04 12:00", "email.clicked")],
        "missing@05-03 12:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case(
        "the date of a wait for a fact is moved back",
        UNTIL_MEETING,
        [
            applied("05-01 09:00"),
            change("05-03 12:00", meets=at("06-03 14:00")),
            fact("05-30 10:00", "email.clicked"),
        ],
        "seen@05-30 10:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case(
        "the date of a wait for a fact is moved forward",
        UNTIL_MEETING,
        [
            applied("05-01 09:00"),
            change("05-03 12:00", meets=at("05-10 14:00")),
            fact("05-15 10:00", "email.clicked"),
        ],
        "timeout@05-10 13:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case(
        "the date of a wait for a fact is moved to yesterday",
        UNTIL_MEETING,
        [applied("05-01 09:00"), change("05-05 12:00", meets=at("05-04 14:00"))],
        "timeout@05-05 12:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case(
        "the date of a wait for a fact is moved to before the run began",
        UNTIL_MEETING,
        [applied("05-01 09:00"), change("05-05 12:00", meets=at("04-20 14:00"))],
        "past@05-05 12:00 completed",
        known={"meets": at("05-20 14:00")},
    ),
    Case(
        "a date of what began the run, in business days",
        UNTIL_SEMINAR,
        [applied("05-01 09:00", **STARTS)],
        "timeout@05-15 10:00 completed",
    ),
    Case(
        "the first of several before a date",
        UNTIL_SEMINAR,
        [applied("05-01 09:00", **STARTS), fact("05-10 10:00", "email.clicked")],
        "clicked@05-10 10:00 completed",
    ),
    Case(
        "a predicate that comes to hold before a date",
        UNTIL_SEMINAR,
        [applied("05-01 09:00", **STARTS), fact("05-06 10:00", "page.viewed")],
        "warm@05-06 10:00 completed",
    ),
    Case(
        "what holds only after the date is too late",
        UNTIL_SEMINAR,
        [fact("05-06 10:00", "page.viewed"), applied("05-07 09:00", starts_at=at("05-07 14:00"))],
        "past@05-07 09:00 completed",
    ),
    Case(
        "what holds already goes before a date that is missing",
        UNTIL_SEMINAR,
        [fact("05-06 10:00", "page.viewed"), applied("05-07 09:00")],
        "warm@05-07 09:00 completed",
    ),
    Case(
        "what began the run has no date",
        UNTIL_SEMINAR,
        [applied("05-01 09:00")],
        "missing@05-01 09:00 completed",
    ),
    Case(
        "too late for the date of what began the run",
        UNTIL_SEMINAR,
        [applied("05-18 12:00", **STARTS)],
        "past@05-18 12:00 completed",
    ),
    Case(
        "what began the run is moved",
        UNTIL_SEMINAR,
        [
            applied("05-01 09:00", **STARTS),
            fact("05-12 10:00", "seminar.rescheduled", seminar="S1", starts_at=at("05-27 14:00")),
        ],
        "timeout@05-22 10:00 completed",
        moved_by=MOVED,
    ),
    Case(
        "a date of the account",
        [wait_for(CLICK, until=q.account.ends_on, offset=civil(months=-1, at="09:00"))],
        [applied("05-01 09:00"), company("05-03 12:00", ends_on=date(2026, 7, 20))],
        "timeout@06-20 09:00 completed",
        known={"ends_on": date(2026, 6, 20)},
    ),
)

BIRTHDAY = [wait_until(q.lead.renews_on, civil(days=0, at="10:00"), yearly=True, then=[tag("congratulated")])]

ANNIVERSARIES = (
    Case(
        "the next anniversary",
        BIRTHDAY,
        [applied("05-01 09:00")],
        "reached@05-20 10:00 completed",
        known={"renews_on": date(1990, 5, 20)},
    ),
    Case(
        "an hour before the anniversary it is still ahead",
        BIRTHDAY,
        [applied("05-20 09:00")],
        "reached@05-20 10:00 completed",
        known={"renews_on": date(1990, 5, 20)},
    ),
    Case(
        "at the very instant the next year counts",
        BIRTHDAY,
        [applied("05-20 10:00")],
        "active",
        known={"renews_on": date(1990, 5, 20)},
    ),
    Case(
        "this year's is over",
        BIRTHDAY,
        [applied("05-21 09:00")],
        "active",
        known={"renews_on": date(1990, 5, 20)},
    ),
    Case(
        "sixty days after the anniversary of 29 February, which is the 28th",
        [wait_until(q.lead.renews_on, civil(days=60, at="10:00"), yearly=True)],
        [applied("04-10 09:00")],
        "reached@04-29 10:00 completed",
        known={"renews_on": date(2000, 2, 29)},
    ),
    Case(
        "the day itself is no anniversary",
        BIRTHDAY,
        [applied("05-01 09:00")],
        "active",
        known={"renews_on": date(2026, 5, 20)},
    ),
    Case(
        "anniversaries of a day that is far ahead",
        BIRTHDAY,
        [applied("05-01 09:00")],
        "active",
        known={"renews_on": date(2040, 5, 20)},
    ),
    Case(
        "the date of an anniversary is corrected",
        BIRTHDAY,
        [applied("05-01 09:00"), change("05-05 12:00", renews_on=date(1990, 6, 2))],
        "reached@06-02 10:00 completed",
        known={"renews_on": date(1990, 5, 20)},
    ),
    Case(
        "it is corrected to a day since the run came",
        BIRTHDAY,
        [applied("05-01 09:00"), change("05-05 12:00", renews_on=date(1990, 5, 3))],
        "reached@05-05 12:00 completed",
        known={"renews_on": date(1990, 5, 20)},
    ),
    Case(
        "the date of an anniversary is taken away",
        BIRTHDAY,
        [applied("05-01 09:00"), change("05-05 12:00", renews_on=None)],
        "missing@05-05 12:00 completed",
        known={"renews_on": date(1990, 5, 20)},
    ),
    Case("no date, no anniversary", BIRTHDAY, [applied("05-01 09:00")], "missing@05-01 09:00 completed"),
    Case(
        "an anniversary where the person is",
        BIRTHDAY,
        [applied("05-01 09:00")],
        "reached@05-20 10:00 completed",
        zone=NEW_YORK,
        known={"renews_on": date(1990, 5, 20)},
    ),
    Case(
        "two weeks before the anniversary of an instant, over the turn of the year",
        [wait_until(q.lead.meets, days(-14), yearly=True)],
        [applied("05-01 09:00")],
        "reached@12-25 08:00 completed",
        known={"meets": datetime(2020, 1, 7, 23, tzinfo=UTC)},
    ),
    Case(
        "a run that goes round comes to the next one each time",
        [
            mark("again"),
            wait_until(q.lead.renews_on, days(1), yearly=True, then=[tag("met")]),
            jump("again", at_most=3),
        ],
        [applied("05-01 09:00")],
        "reached@05-21 00:00 again@05-21 00:00 active",
        known={"renews_on": date(1990, 5, 20)},
    ),
)

CASES = (*APPOINTMENTS, *CALLED_OFF, *CLOCKS, *RACES, *ROUNDS, *LIMITS, *ANNIVERSARIES)


def program_of(case: Case) -> Program:
    """The program of a row."""
    scenario = Scenario("s", q.touches("seminar.applied"), case.steps, key="seminar", moved_by=case.moved_by)
    return Program(
        scores=[ScoreModel("engagement", [ScoreRule(VISIT, 5)])],
        scenarios=[scenario],
        attributes=[
            Attribute("meets", "instant"),
            Attribute("renews_on", "date"),
            Attribute("calls", "integer"),
            Attribute("ends_on", "date", "account"),
        ],
        zone=TOKYO,
        calendar=CALENDAR,
    )


def lived(case: Case, *, every: timedelta | None = None) -> tuple[Enrollment, Program]:
    """The run of a row, once all has happened; a worker ticks when something is due, or as often as it is said."""
    program = program_of(case)
    house = House(program, store_maker("memory", Path()))
    firm = house.crm.capture_account(name="Example", attributes=_of(case.known, {"ends_on"}))
    own = {name: value for name, value in case.known.items() if name != "ends_on"}
    zone = None if case.zone == TOKYO else case.zone
    lead = house.crm.capture(email="a@example.com", account=firm.id, zone=zone, attributes=own).id
    acts = list(case.acts)
    while acts:
        when, what, values = acts.pop(0)
        _live_until(house, at(when, case.zone), every)
        if what == "lead":
            fields = _of(values, {"zone"})
            house.crm.update(lead, attributes={name: one for name, one in values.items() if name != "zone"}, **fields)
        elif what == "account":
            house.crm.update(firm.id, attributes=values)
        elif what == "task":
            open_task = next(iter(house.crm.tasks(lead)))
            house.crm.close_task(lead, open_task.id, str(values["outcome"]))
        else:
            facts = [NewFact(subject=lead, kind=what, properties=values)]
            while acts and acts[0][0] == when:  # what happens at one instant is heard of at once
                _, kind, properties = acts.pop(0)
                facts.append(NewFact(subject=lead, kind=kind, properties=properties))
            house.crm.record_many(facts)
    _live_until(house, datetime(2026, 12, 31, tzinfo=UTC), every)
    standing = house.crm.standing(lead)
    assert standing is not None
    assert standing.dead is None
    return standing.enrollments[0], program


def _of(values: Mapping[str, Value], names: set[str]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if name in names}


def _live_until(house: House, instant: datetime, every: timedelta | None) -> None:
    """Let a worker tick until then, whenever something is due; the clock then stands at that instant."""
    while True:
        with house.storage.view() as view:
            due = view.next_due_at()
        awake = None if due is None else max(due + MICROSECOND, house.clock.now + (every or MICROSECOND))
        if awake is None or awake >= instant:
            break
        house.tick_at(awake)
    house.clock.move_to(instant)


def ways_of(run: Enrollment, program: Program, zone: str) -> str:
    """By which ways a run went, on the wall clock of a zone."""
    nodes = program.scenarios[0].flow.nodes
    left = [*(visit.at for visit in run.path[1:]), run.ended_at]
    found: list[str] = []
    for visit, gone_at in zip(run.path, left, strict=True):
        if nodes[visit.step].step.kind not in QUIET and visit.edge is not None and gone_at is not None:
            found.append(f"{visit.edge}@{gone_at.astimezone(ZoneInfo(zone)):%m-%d %H:%M}")
    return " ".join([*found, run.state.value])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_run_goes_the_expected_ways(case: Case) -> None:
    run, program = lived(case)
    assert ways_of(run, program, case.zone) == case.ways
    assert program.scenarios[0].flow.is_path([(visit.step, visit.edge) for visit in run.path])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_worker_that_sleeps_for_days_decides_the_same(case: Case) -> None:
    if any(what in ("task", "account") for _, what, _ in case.acts):
        pytest.skip("a task is closed after it was created, and a lead hears of its company once that was decided")
    run, program = lived(case, every=days(4) + minutes(7))
    assert ways_of(run, program, case.zone) == case.ways


def test_there_are_enough_of_them_and_each_shows_something_else() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 60
