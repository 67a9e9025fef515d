"""A program is checked when it is built, all problems at once; it goes to JSON and back; it has a hash."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

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
    days,
    q,
)
from nurture.errors import DefinitionError
from nurture.model import SubjectKind
from nurture.steps import Split, Way, act, branch, change_stage, notify, send, set_attribute, tag, wait
from tests import strategies

GOLDEN = Path(__file__).parents[2] / "golden" / "program.json"
VIEW = q.touches("page.viewed")
HELLO = Message("hello", "marketing", "Hello", "Hello")


def problems(make: Callable[[], object]) -> str:
    with pytest.raises(DefinitionError) as caught:
        make()
    assert all(caught.value.problems)
    return "\n".join(caught.value.problems)


def test_all_problems_come_at_once_with_their_places_and_near_misses() -> None:
    found = problems(
        lambda: Program(
            messages=[HELLO],
            lifecycle=Lifecycle([Stage("new"), Stage("mql")], [Transition("new", "mlq")]),
            scores=[ScoreModel("engagement", [ScoreRule(VIEW, 1)])],
            segments=[Segment("hot", q.score("engagment") > 3), Segment("cold", q.lead.titel == "x")],
            scenarios=[Scenario("s", VIEW, [send("helo"), change_stage("neu"), act("task"), set_attribute("grp", 1)])],
        )
    )
    for place, near in {
        "lifecycle.transitions[0]": "'mql'",
        "segments.hot.where": "'engagement'",
        "segments.cold.where": "'title'",
        "scenarios.s.steps.0": "'hello'",
        "scenarios.s.steps.1": "'new'",
        "scenarios.s.steps.2": "no action is declared",
        "scenarios.s.steps.3": "attribute",
    }.items():
        assert any(place in line and near in line for line in found.splitlines()), (place, found)


FORGOTTEN = [VIEW.count(), q.lead.title, q.account.leads, q.score("a"), "text", 3]


@pytest.mark.parametrize("what", FORGOTTEN, ids=lambda what: type(what).__name__)
@pytest.mark.parametrize(
    ("place", "make"),
    [
        ("segments.f.where", lambda what: Segment("f", what)),
        ("scores.rules.when", lambda what: ScoreRule(what, 5)),
        ("scores.rules.viewed.when", lambda what: ScoreRule(what, 5, name="viewed")),
        ("lifecycle.transitions.new → mql.when", lambda what: Transition("new", "mql", when=what)),
        ("lifecycle.transitions.new → mql.guard", lambda what: Transition("new", "mql", guard=what)),
        ("scenarios.s.on", lambda what: Scenario("s", what, [])),
        ("scenarios.s.only_if", lambda what: Scenario("s", VIEW, [], only_if=what)),
        ("scenarios.s.goal", lambda what: Scenario("s", VIEW, [], goal=what)),
        ("scenarios.s.exit", lambda what: Scenario("s", VIEW, [], exit=what)),
        ("scenarios.s.steps.0.condition", lambda what: Scenario("s", VIEW, [branch(what)])),
        ("scenarios.s.steps.0.then.0.condition", lambda what: Scenario("s", VIEW, [branch(VIEW, [branch(what)])])),
    ],
)
def test_a_comparison_that_was_forgotten_is_refused_with_its_place(
    place: str, make: Callable[[object], object], what: object
) -> None:
    found = problems(lambda: make(what))
    assert found.startswith(f"{place}: expected a predicate made with q")
    assert f", found {type(what).__name__}" in found
    assert ("compare it first" in found) == (not isinstance(what, (str, int)))


def test_a_segment_and_a_rule_ask_something() -> None:
    assert "found NoneType" in problems(lambda: Segment("f", None))  # type: ignore[arg-type]
    assert "found NoneType" in problems(lambda: ScoreRule(None, 5))  # type: ignore[arg-type]


def one(**given: object) -> Callable[[], Program]:
    return lambda: Program(**given)  # type: ignore[arg-type]


def model(*rules: ScoreRule, **given: object) -> ScoreModel:
    return ScoreModel("m", rules or [ScoreRule(VIEW, 1)], **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (one(zone="Mars/Base"), "zone"),
        (one(segments=[Segment("a", VIEW), Segment("a", VIEW)]), "stands 2 times"),
        (one(segments=[Segment("", VIEW)]), "1 to 100"),
        (one(policy=ContactPolicy(caps=Cap(0, days(1)))), "policy.caps[0].count"),
        (one(policy=ContactPolicy(caps=Cap(1, timedelta.max))), "policy.caps[0].per"),
        (one(policy=ContactPolicy(max_lateness=timedelta(0))), "max_lateness"),
        (one(policy=ContactPolicy(max_attempts=0)), "max_attempts"),
        (one(attributes=[Attribute("email")]), "built-in"),
        (one(attributes=[Attribute("a b")]), "a b"),
        (one(lifecycle=Lifecycle([])), "at least one stage"),
        (one(lifecycle=Lifecycle([Stage("a", stale_after=timedelta(0))])), "stale_after"),
        (one(lifecycle=Lifecycle([Stage("a")], [Transition("a", "a")])), "same stage"),
        (one(scores=[ScoreModel("m", [])]), "at least one rule"),
        (one(scores=[model(half_life=timedelta(seconds=1))]), "half_life"),
        (one(scores=[model(floor=2, ceiling=1)]), "floor"),
        (one(scores=[model(thresholds=[Threshold("t", 5, 9)])]), "'down'"),
        (one(scores=[model(thresholds=[Threshold("t", 5), Threshold("t", 9)])]), "t"),
        (one(scores=[model(ScoreRule(VIEW, float("nan")))]), "points"),
        (one(scores=[model(ScoreRule(VIEW, 1, cap=0))]), "cap"),
        (one(scores=[model(ScoreRule(VIEW.within(days=1), 1))]), "without count or window"),
        (one(scores=[model(ScoreRule(q.lead.title == "x", 1, cap=2))]), "rules about facts"),
        (one(messages=[Message("m", "marketing", " ", "x")]), "subject"),
        (one(messages=[Message("m", "marketing", "x", " ")]), "body"),
        (one(scenarios=[Scenario("s", q.segment("hot"), [wait(days=1)], while_entered=True)]), "segment 'hot'"),
        (one(scenarios=[Scenario("s", None, [], reentry_after=days(1))]), "reentry_after"),
        (one(scenarios=[Scenario("s", None, [wait(days=10**7)])]), "steps.0"),
        (one(scenarios=[Scenario("s", None, [tag()])]), "steps.0"),
        (one(messages=[HELLO], scenarios=[Scenario("s", None, [notify("hello")])]), "internal"),
        (one(messages=[HELLO], scenarios=[Scenario("s", None, [send("hello", max_lateness=days(-1))])]), "lateness"),
        (one(scenarios=[Scenario("s", None, [Split("x", (Way("", 1), Way("a.b", 1)))])]), "steps.0"),
        (one(segments=[3]), "segments[0]: expected a Segment, found int"),
        (one(scenarios=["welcome"]), "scenarios[0]: expected a Scenario, found str"),
        (one(scenarios=[Scenario("s", None, [])]), "scenarios.s.steps: expected at least one step"),
        (lambda: one(scenarios=[Scenario("s", None, ["send"])])(), "steps.0: expected a step such as"),  # type: ignore[list-item]
        (one(scenarios=[Scenario("s", None, [tag("x")], key="")]), "scenarios.s.key"),
        (
            one(attributes=[Attribute("n", "integer")], scenarios=[Scenario("s", None, [set_attribute("n", "abc")])]),
            "scenarios.s.steps.0: lead.n: expected a value of type integer",
        ),
        (lambda: one(policy=ContactPolicy(quiet="22:00-06:00"))(), "policy.quiet: expected a Window, found str"),  # type: ignore[arg-type]
        (lambda: one(policy=ContactPolicy(caps=3))(), "policy.caps: expected a list, each a Cap, found int"),  # type: ignore[arg-type]
        (lambda: one(messages=[Message("m", "marketting", "x", "x")])(), "'marketing'"),
        (lambda: one(attributes=[Attribute("n", "intege")])(), "'integer'"),
    ],
)
def test_what_is_wrong_is_said(make: Callable[[], Program], word: str) -> None:
    assert word in problems(make)


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=100)
@given(strategies.programs())
def test_a_program_goes_to_json_and_back_unchanged(program: Program) -> None:
    text = json.dumps(program.to_json(), ensure_ascii=False)
    again = Program.from_json(text)
    assert again == program
    assert again.to_json() == program.to_json()
    assert again.hash == program.hash
    assert [again.version_of(one) for one in again.scenarios] == [program.version_of(one) for one in program.scenarios]


def document(**changed: object) -> dict[str, object]:
    program = {"segments": [{"name": "s", "where": VIEW_JSON}], **changed}
    return {"format": "nurture.program", "version": 1, "program": program}


VIEW_JSON = Program(segments=[Segment("s", VIEW)]).to_json()["program"]["segments"][0]["where"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ([], "$"),
        ("{", "$"),
        ('{"format": 1, "format": 2}', "twice"),
        ('{"format": NaN}', "NaN"),
        ({"format": "other"}, "$.format"),
        ({"format": "nurture.program", "version": 99}, "$.version"),
        ({**document(), "extra": 1}, "extra"),
        (document(segmnts=[]), "'segments'"),
        (document(name=5), "name"),
        (document(messages=[{"name": "m", "purpose": "spam", "subject": "s", "text": "t"}]), "messages[0]"),
        (document(messages=[{"name": "m"}]), "messages[0]"),
        (document(segments=[{"name": "s", "where": {"nonsense": 1}}]), "segments[0]"),
        (document(segments=[{"name": "s", "where": VIEW_JSON, "titel": ""}]), "'title'"),
        (document(scenarios=[{"name": "s", "on": None, "steps": [{"step": "snd"}]}]), "'send'"),
        (document(scenarios=[{"name": "s", "on": None, "steps": [{"step": "tag", "ad": []}]}]), "scenarios[0].steps"),
    ],
)  # fmt: skip
def test_a_document_that_is_no_program_is_refused_with_its_path(data: object, place: str) -> None:
    assert place in problems(lambda: Program.from_json(data))


def golden_program() -> Program:
    return Program(
        name="春の施策",
        lifecycle=Lifecycle([Stage("new"), Stage("mql", stale_after=days(3))], [Transition("new", "mql", when=VIEW)]),
        scores=[model(ScoreRule(VIEW, 2.5, cap=3), half_life=days(21))],
        segments=[Segment("hot", q.score("m") >= 5)],
        messages=[HELLO],
        scenarios=[Scenario("s", q.segment("hot"), [send("hello"), wait(days=3), tag("x")])],
        attributes=[Attribute("size", "integer", SubjectKind.ACCOUNT)],
        zone="Asia/Tokyo",
    )


def test_the_hash_of_a_golden_program_and_its_document_are_what_they_were() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    program = golden_program()
    assert program.to_json() == golden["document"]
    assert program.hash == golden["hash"]
    assert program.version_of(program.scenarios[0]) == golden["version"]
    assert Program.from_json(golden["document"]) == program


def test_a_scenario_is_pinned_with_its_segments_and_without_its_messages() -> None:
    def version(segment: Segment, message: Message) -> str:
        scenario = Scenario("s", q.segment("hot"), [send("hello")])
        program = Program(segments=[segment], messages=[message], scenarios=[scenario])
        return program.version_of(program.scenarios[0])

    mended = Message("hello", "marketing", "Hello!", "Mended")
    assert version(Segment("hot", VIEW), HELLO) == version(Segment("hot", VIEW, title="t"), mended)
    assert version(Segment("hot", VIEW), HELLO) != version(Segment("hot", VIEW.never()), HELLO)


def test_guards_there_and_back_that_can_both_hold_are_warned_of() -> None:
    ways = [Transition("a", "b", when=q.score("m") >= 5), Transition("b", "a", when=q.score("m") < 8)]
    program = Program(lifecycle=Lifecycle([Stage("a"), Stage("b")], ways), scores=[model()])
    assert any("both hold" in one for one in program.warnings)
    assert any("no scenario sends it" in one for one in Program(messages=[HELLO]).warnings)
