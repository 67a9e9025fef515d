"""A set has no order, and a program's hash must not depend on the process that made it."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
from nurture import Cap, ContactPolicy, Lifecycle, Message, Program, Scenario, Segment, Stage, Topic, days, q
from nurture.steps import assign, tag, wait_for

words = {"web", "seminar", "referral", "ad", "partner"}
messages = {Message(one, "marketing", "a", "b", topic="") for one in words}
segments = {Segment(one, q.lead.source == one) for one in words}
states = {"completed", "withdrawn", "exited"}
steps = [tag("x", *sorted(words)), tag(remove=words), assign(among=words)]
steps += [wait_for(q.touches("a.done"), days(1), same={"k", "l", "m"})]
print(Program(messages=messages, segments=segments, actions=words).fingerprint)
print(Program(messages=messages, scenarios={Scenario("s", q.touches("a.done"), steps)}).fingerprint)
print(Program(topics={Topic(one) for one in words}).fingerprint)
staged = [Segment("s", q.stage.is_in(set("abc")))]
print(Program(lifecycle=Lifecycle([Stage(one) for one in "abc"], []), segments=staged).fingerprint)
run = [Segment("t", q.scenario("s").is_in(states))]
print(Program(scenarios=[Scenario("s", None, [tag("x")])], segments=run).fingerprint)
print(Program(segments=[Segment("s", q.lead.source.is_in(words) | q.lead.tags.has_any(words))]).fingerprint)
caps = {Cap(number, days(number), purposes={"marketing", "transactional"}) for number in range(1, 5)}
print(Program(policy=ContactPolicy(caps=caps)).fingerprint)
"""


def test_a_program_made_of_sets_has_one_hash() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1
    assert len(set(found.pop().split())) == 7
