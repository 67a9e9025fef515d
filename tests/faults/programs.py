"""The programs that the simulated hosts run: something in them leans on each promise that the audit looks at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

import attrs

from nurture import (
    Attribute,
    Cap,
    ContactPolicy,
    Lifecycle,
    Message,
    Program,
    Scenario,
    ScoreModel,
    ScoreRule,
    Segment,
    Stage,
    Threshold,
    Transition,
    Window,
    days,
    hours,
    q,
)
from nurture.model import Repeat
from nurture.program.scenario import Reentry
from nurture.steps import act, branch, change_stage, send, tag, wait, wait_for
from nurture.steps.flow import Flow

QUIET = (22, 6)
CAP = Cap(2, days(1))
POLICY = ContactPolicy(caps=CAP, quiet=Window(time(QUIET[0]), time(QUIET[1])), max_lateness=days(30))
OFTEN = Repeat.AT_LEAST_ONCE
VIEWS = ScoreModel("views", [ScoreRule(q.touches("page.viewed"), 1)])
INTEREST = ScoreModel(
    "interest",
    [
        ScoreRule(q.touches("page.viewed"), 5, once_per="path"),
        ScoreRule(q.touches("form.submitted"), 15, cap=2),
        ScoreRule(q.lead.title == "buyer", 10),
    ],
    half_life=days(2),
    thresholds=[Threshold("hot", 25, down=12)],
)
LIFECYCLE = Lifecycle(
    [Stage("new", stale_after=days(2)), Stage("mql"), Stage("sql")],
    [
        Transition("new", "mql", when=q.score("interest") >= 20),
        Transition("mql", "new", when=q.score("interest") < 8),
        Transition("mql", "sql", guard=q.touches("inquiry.opened")),
        Transition("sql", "mql", reason_required=True),
    ],
)
SEGMENTS = [
    Segment("busy", q.touches("page.viewed").within(days=1).count() >= 3),
    Segment("silent", ~q.touches("page.viewed").within(days=2)),
    Segment("retail", q.account.industry == "retail"),
    Segment("hot", q.score("interest") >= 25),
]
MESSAGES = [
    Message("hello", "marketing", "Hello", "Hello, {{ 6 // lead.divisor }}"),
    Message("tips", "marketing", "Tips", "Tips"),
    Message("news", "marketing", "News", "News", topic="news"),
    Message("receipt", "transactional", "Receipt", "Thank you"),
]


def _program(scenarios: list[Scenario], segments: list[Segment]) -> Program:
    return Program(
        attributes=[Attribute("divisor", "integer")],
        scores=[VIEWS, INTEREST],
        lifecycle=LIFECYCLE,
        segments=segments,
        messages=MESSAGES,
        actions=["task"],
        scenarios=scenarios,
        policy=POLICY,
        zone="Asia/Tokyo",
    )


_ORDER = Scenario("order", q.touches("purchase.made"), [send("receipt", repeat=OFTEN)], key="order")
_VISIT = Scenario(
    "visit",
    q.segment("busy"),
    [act("task"), wait_for(q.touches("email.clicked"), hours(20), [send("receipt", repeat=OFTEN)], [send("tips")])],
    reentry=Reentry.ALWAYS,
)
_RETAIL = Scenario("shops", q.segment("retail"), [send("news"), wait(hours(2)), send("receipt")])
_HEAT = Scenario("heat", q.segment("hot"), [act("task")], reentry=Reentry.ALWAYS)
_PERSUADE = Scenario(
    "persuade",
    q.stage == "mql",
    [send("tips", repeat=OFTEN), branch(q.segment("hot"), [change_stage("sql")], [tag("cold")]), send("news")],
    reentry=Reentry.RESTART,
    exit=q.touches("inquiry.opened"),
)

FIRST = _program(
    [
        Scenario("welcome", q.touches("form.submitted"), [send("hello"), tag("greeted"), wait(hours(5)), send("tips")]),
        _VISIT,
        _ORDER,
        _RETAIL,
        _HEAT,
        _PERSUADE,
    ],
    SEGMENTS,
)
SECOND = _program(
    [
        Scenario(
            "welcome",
            q.touches("form.submitted"),
            [send("hello"), wait(hours(3)), act("task"), send("news"), tag("greeted")],
            reentry=Reentry.ALWAYS,
        ),
        _VISIT,
        _ORDER,
        _RETAIL,
        _HEAT,
        attrs.evolve(_PERSUADE, goal=q.touches("purchase.made")),
    ],
    [*SEGMENTS[:3], Segment("hot", q.score("interest") >= 18), Segment("buyers", q.touches("purchase.made"))],
)
PROGRAMS: Mapping[str, Program] = {one.fingerprint: one for one in (FIRST, SECOND)}
FLOWS: Mapping[str, Flow] = {
    program.version_of(scenario): scenario.flow for program in PROGRAMS.values() for scenario in program.scenarios
}
WAYS = {(way.source, way.target) for way in LIFECYCLE.transitions}
SAME_SEGMENTS = frozenset({"busy", "silent", "retail"})
"""Segments that mean the same in both programs: a roll-over must leave their members alone."""
