"""What differs between two versions: told by declaration and by step, and matched so that runs can move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from nurture import Message, Program, Scenario, Segment, days, hours, q
from nurture.errors import DefinitionError
from nurture.program import ContactPolicy, Lifecycle, Stage
from nurture.program.diff import ChangeKind, diff
from nurture.steps import Step, branch, cases, send, tag, wait, wait_for
from tests.strategies import programs

OLD: Sequence[Step] = (
    wait(days(1)),
    send("hello"),
    wait_for(q.touches("email.clicked"), days(3), [tag("hot")], [send("tips")]),
    tag("end"),
)


def scenario(steps: Sequence[Step], **given: object) -> Scenario:
    return Scenario("welcome", q.touches("form.submitted"), steps, **given)  # type: ignore[arg-type]


CASES: Mapping[str, tuple[Sequence[Step], list[str], dict[str, str | None]]] = {
    "nothing": (
        OLD,
        [],
        {"0": "0", "1": "1", "2": "2", "2.seen.0": "2.seen.0", "2.timeout.0": "2.timeout.0", "3": "3"},
    ),
    "one put before": (
        (tag("new"), *OLD),
        ["steps.0 added: tag: +new"],
        {"0": "1", "1": "2", "2": "3", "2.seen.0": "3.seen.0", "2.timeout.0": "3.timeout.0", "3": "4"},
    ),
    "one taken away": (
        (OLD[0], *OLD[2:]),
        ["steps.1 removed: send 'hello'"],
        {"0": "0", "1": None, "2": "1", "2.seen.0": "1.seen.0", "2.timeout.0": "1.timeout.0", "3": "2"},
    ),
    "a wait that is longer": (
        (wait(days(2)), *OLD[1:]),
        ["steps.0.duration changed from 1 day to 2 days"],
        {"0": "0", "1": "1", "2": "2", "2.seen.0": "2.seen.0", "2.timeout.0": "2.timeout.0", "3": "3"},
    ),
    "a step inside a branch": (
        (*OLD[:2], attrs.evolve(OLD[2], then=(tag("hot"), send("more"))), OLD[3]),
        ["steps.2.seen.1 added: send 'more'"],
        {"0": "0", "1": "1", "2": "2", "2.seen.0": "2.seen.0", "2.timeout.0": "2.timeout.0", "3": "3"},
    ),
    "another clause": (
        (*OLD[:2], attrs.evolve(OLD[2], on=q.touches("page.viewed")), OLD[3]),
        ["steps.2.on changed from "],
        {"0": "0", "1": "1", "2": "2", "2.seen.0": "2.seen.0", "2.timeout.0": "2.timeout.0", "3": "3"},
    ),
    "one moved to the end": (
        (OLD[1], OLD[2], OLD[3], OLD[0]),
        ["steps.0 moved to steps.3: wait 1 day"],
        {"0": "3", "1": "0", "2": "1", "2.seen.0": "1.seen.0", "2.timeout.0": "1.timeout.0", "3": "2"},
    ),
    "put into a branch": (
        (branch(q.stage == "mql", OLD),),
        ["steps.0 added: "],
        {
            "0": "0.then.0",
            "1": "0.then.1",
            "2": "0.then.2",
            "2.seen.0": "0.then.2.seen.0",
            "2.timeout.0": "0.then.2.timeout.0",
            "3": "0.then.3",
        },
    ),
    "everything gone": ((), ["removed"] * 6, dict.fromkeys(["0", "1", "2", "2.seen.0", "2.timeout.0", "3"])),
}


@pytest.mark.parametrize("name", CASES)
def test_steps_are_matched_in_order(name: str) -> None:
    steps, told, mapping = CASES[name]
    found = diff(scenario(OLD), scenario(steps))
    assert len(found) == len(told)
    assert all(part in str(one) for one, part in zip(found, told, strict=True))
    assert dict(found.mapping) == mapping
    assert bool(found) == bool(told)


def test_ways_with_steps_inside_are_told_once() -> None:
    one = cases(a=(q.stage == "mql", [tag("x")]), otherwise=[tag("y")])
    other = cases(a=(q.stage == "mql", [tag("x"), tag("z")]), otherwise=[tag("y")])
    assert [str(each) for each in diff(scenario([one]), scenario([other]))] == ["steps.0.a.1 added: tag: +z"]
    asking = cases(a=(q.stage == "customer", [tag("x")]), otherwise=[tag("y")])
    assert [each.where for each in diff(scenario([one]), scenario([asking]))] == ["steps.0.ways"]


def test_entry_goal_and_exit_are_told_as_sentences() -> None:
    old = scenario(OLD, goal=q.touches("purchase.made"))
    new = scenario(OLD, goal=q.stage == "customer", exit=q.segment("gone"), reentry="always")
    assert [one.where for one in diff(old, new)] == ["reentry", "goal", "exit"]
    assert "changed from never to always" in str(diff(old, new))
    assert "goal 変更: " in diff(old, new).text("ja")
    assert "→" in diff(old, new).text("ja")


def test_programs_are_compared_by_name() -> None:
    hello = Message("hello", "marketing", "Hello", "Hello")
    old = Program(
        messages=[hello],
        segments=[Segment("hot", q.lead.title == "CTO"), Segment("cold", q.lead.title == "a")],
        scenarios=[scenario([send("hello")])],
    )
    new = Program(
        messages=[attrs.evolve(hello, subject="Hi"), Message("tips", "marketing", "Tips", "Tips")],
        segments=[Segment("hot", q.lead.title == "CEO")],
        scenarios=[scenario([send("hello"), wait(days(1))])],
        policy=ContactPolicy(max_lateness=hours(1)),
        zone="Asia/Tokyo",
        lifecycle=Lifecycle([Stage("new")], []),
    )
    assert [(one.kind, one.where) for one in diff(old, new)] == [
        (ChangeKind.CHANGED, "lifecycle"),
        (ChangeKind.CHANGED, "segments.hot.where"),
        (ChangeKind.REMOVED, "segments.cold"),
        (ChangeKind.CHANGED, "messages.hello.subject"),
        (ChangeKind.ADDED, "messages.tips"),
        (ChangeKind.ADDED, "scenarios.welcome.steps.1"),
        (ChangeKind.CHANGED, "policy.max_lateness"),
        (ChangeKind.CHANGED, "zone"),
    ]


def test_two_kinds_are_not_compared() -> None:
    with pytest.raises(DefinitionError, match="two scenarios or two programs"):
        diff(scenario(OLD), Program())


def test_a_notebook_shows_it_without_trusting_it() -> None:
    found = diff(scenario([tag("a")]), scenario([tag("<script>")]))
    shown = found._repr_mimebundle_()
    assert "&lt;script&gt;" in shown["text/html"]
    assert shown["text/plain"] == str(found)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(), programs())
def test_every_step_is_matched_once_and_with_its_kind(one: Program, other: Program) -> None:
    assert not diff(one, one)
    assert str(diff(one, other)) or one == other
    for old in one.scenarios:
        for new in other.scenarios:
            found = diff(old, new)
            kept = [to for to in found.mapping.values() if to is not None]
            assert len(set(kept)) == len(kept)
            assert set(found.mapping) == set(old.flow.nodes)
            for address, to in found.mapping.items():
                assert to is None or type(old.flow.nodes[address].step) is type(new.flow.nodes[to].step)
            added = [change for change in found if change.kind is ChangeKind.ADDED]
            assert len(added) == len(new.flow.nodes) - len(kept)
