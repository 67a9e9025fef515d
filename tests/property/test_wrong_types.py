"""Whatever a host writes into a declaration: it is refused with an error of ours, or it survives the codec.

Every public constructor of steps and of a program's parts is walked, each parameter with values of every sort. What is
taken stands in a program afterwards; that refuses it with all the rest, or goes to JSON and back unchanged.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import EnumMeta
from functools import partial
from typing import Any, TypeAlias

import attrs
import pytest

from nurture import Basis, Nurture, Program, civil, days, hours, program, q, steps
from nurture.calendar import MONDAY_TO_FRIDAY, Recurrence, Window
from nurture.errors import DefinitionError, NurtureError
from nurture.model import Lead, Repeat, Standing, SubjectKind
from nurture.ports import Accepted
from nurture.program import (
    Attribute,
    Block,
    Broadcast,
    Campaign,
    Cap,
    CapScope,
    Choice,
    ContactPolicy,
    Ground,
    Hold,
    Holdout,
    Jurisdiction,
    Layout,
    Lifecycle,
    Longer,
    Message,
    Rate,
    Scenario,
    ScoreModel,
    ScoreRule,
    Segment,
    Sharing,
    Spacing,
    Stage,
    Threshold,
    Topic,
    Transition,
    Translation,
    WarmUp,
)
from nurture.program.broadcast import broadcast_problems, broadcast_to_json
from nurture.program.score import GradeFrom
from nurture.simulation import VirtualClock
from nurture.steps import Misfire, Step, exit_, mark, send, tag
from nurture.storage import MemoryStorage

Make: TypeAlias = Callable[..., object]
Given: TypeAlias = dict[str, object]

VIEW = q.touches("page.viewed")
AT = datetime(2026, 4, 1, tzinfo=UTC)
FIELD = q.lead.title.field_


class Text(str):
    """Markup of some template engine, as it might come."""

    __slots__ = ()


STRANGE: tuple[object, ...] = (
    None, True, False, 0, 5, -1, 10**30, 10**400, 0.5, float("nan"), float("inf"), 1e308, "", "x", "a\x00b", "\ud800",
    "日本", "x" * 101, Text("x"), b"x", [], ["x"], [5], [None], (), ("x", []), ("x", "y", "z"), (0.5, "x"),
    [send("m")], [[tag("t")]], {}, {"x": "y"}, {"x": 5}, {5: "x"}, {"x": object()}, {"x": [tag("t")]}, {"x"}, object(),
    int, len, iter([3]), range(2), AT, datetime(2026, 4, 1), AT.max, date(2026, 4, 1), time(9),  # noqa: DTZ001
    days(1), timedelta(0), -days(1), timedelta.max, timedelta.min, civil(days=1), civil(days=-1),
    Window(time(9), time(8)), MONDAY_TO_FRIDAY, VIEW, q.everyone, q.lead.title == "CTO", q.lead.title, q.entry.seminar,
    q.score("s"), FIELD, q.prop("x"), send("m"), exit_(), Segment("seg", VIEW), Message("n", "marketing", "s", "t"),
    Cap(1, days(1)), Lead.__mro__, Misfire.NOW, Repeat.AT_LEAST_ONCE, SubjectKind.ACCOUNT, Basis.CONSENT, CapScope.ALL,
)  # fmt: skip
"""Values of every sort: what is right for one parameter is wrong for another."""

STEPS: Mapping[str, Given] = {
    "act": {"action": "a"},
    "adjust_score": {"model": "s", "points": 5},
    "approve": {"role": "boss", "deadline": days(1), "message": "m", "then": [tag("t")]},
    "assign": {"owner": "tanaka"},
    "branch": {"condition": VIEW, "then": [tag("t")]},
    "cases": {"one": (VIEW, [tag("t")])},
    "change_stage": {"stage": "new"},
    "enroll": {"scenario": "other"},
    "exit_": {"reason": "r"},
    "goal": {"name": "g"},
    "increment": {"name": "number", "by": 1},
    "jump": {"to": "here", "at_most": 2},
    "mark": {"name": "there"},
    "notify": {"message": "i"},
    "send": {"message": "m"},
    "send_first": {},
    "send_to_people": {"message": "m"},
    "set_attribute": {"name": "number", "value": 5},
    "split": {"name": "n", "a": (1, []), "b": (2, [tag("t")])},
    "tag": {"remove": ["t"]},
    "task": {"title": "call", "due": days(1)},
    "tell": {"fact": "friend.told", "to": q.entry.referrer},
    "wait": {"duration": days(1)},
    "wait_for": {"on": VIEW, "deadline": days(1)},
    "wait_for_any": {"deadline": days(1), "one": (VIEW, [])},
    "wait_until": {"field": q.lead.created_at},
    "webhook": {"endpoint": "a"},
    "withdraw": {"scenario": "other"},
}
"""The functions by which a host writes steps, each with arguments that are right."""
POSITIONAL = {"send_first": ("m",), "tag": ("t",)}
"""What is given without a name to those that take any number."""

PARTS: Mapping[str, Given] = {
    "Attribute": {"name": "extra"},
    "Block": {"name": "b", "html": "x"},
    "Broadcast": {"name": "b", "message": "m", "to": "seg"},
    "Campaign": {"name": "c"},
    "Cap": {"count": 1, "per": days(1)},
    "Choice": {"name": "c", "where": VIEW},
    "ContactPolicy": {},
    "GradeFrom": {"name": "A", "score": 5},
    "Ground": {"basis": Basis.CONSENT},
    "Hold": {"name": "h", "where": VIEW},
    "Holdout": {"share": 0.5},
    "Jurisdiction": {"name": "XX", "opt_out": True},
    "Layout": {"name": "l", "html": "{{ content }}"},
    "Lifecycle": {"stages": [Stage("new")]},
    "Longer": {"where": VIEW, "least": days(9)},
    "Message": {"name": "n", "purpose": "marketing", "subject": "s", "text": "t"},
    "Program": {},
    "Rate": {"count": 1, "per": hours(1)},
    "Scenario": {"name": "sc", "on": VIEW, "steps": [tag("t")]},
    "ScoreModel": {"name": "s2", "rules": [ScoreRule(VIEW, 1)]},
    "ScoreRule": {"when": VIEW, "points": 1},
    "Segment": {"name": "g", "where": VIEW},
    "Sharing": {"giver": "", "taker": "brand", "ground": "joint_use", "record": "notice"},
    "Spacing": {"least": days(1)},
    "Stage": {"name": "st"},
    "Threshold": {"name": "t", "up": 5},
    "Topic": {"name": "news"},
    "Transition": {"source": "new", "target": "mql"},
    "Translation": {"locale": "ja", "subject": "s", "text": "t"},
    "WarmUp": {"starts": date(2026, 4, 1), "a_day": [5]},
    "double_opt_in": {"message": "m"},
    "on_date": {"field": q.lead.created_at},
    "on_schedule": {"times": Recurrence("FREQ=DAILY", start=AT.replace(tzinfo=None), zone="UTC"), "where": VIEW},
}
"""The parts of a program, each with arguments that are right."""
NOT_WRITTEN = {"Asked", "OnDate", "OnSchedule", "all_steps", "asked_in"}
"""What a host is given, or writes by another function; `Asked` stands in a fact, and is walked with the facade."""
RECORDS: Mapping[type, Callable[[Any], Step]] = {
    steps.Answer: lambda part: steps.WaitForAny(days(1), (part,)),
    steps.Case: lambda part: steps.Cases((part,)),
    steps.Offer: lambda part: steps.SendFirst((part,)),
    steps.Outcome: lambda part: steps.Task("call", days(1), (part,)),
    steps.Share: lambda part: steps.Assign(among=(part,)),
    steps.Territory: lambda part: steps.Assign(by=FIELD, to=(part,)),
    steps.Way: lambda part: steps.Split("n", (part, steps.Way("other", 1.0))),
}
"""The parts of steps, each with a step that holds one."""
RIGHT: Mapping[str, object] = {
    "on": VIEW, "where": VIEW, "condition": VIEW, "deadline": days(1), "due": days(1), "duration": days(1),
    "weight": 1.0,
    "at_most": 2, "points": 5.0, "field": q.lead.created_at.field_, "ways": (), "offers": ("m",), "message": "m",
    "action": "a", "endpoint": "a", "scenario": "other", "stage": "new", "model": "s", "to": "here", "fact": "a.told",
}  # fmt: skip
"""What is right for the fields that must be given, by their names."""


def around(part: object) -> Program:
    """A program in which the part stands."""
    known: dict[str, Any] = {
        "messages": [Message("m", "marketing", "s", "t"), Message("i", "internal", "s", "t")],
        "lifecycle": Lifecycle([Stage("new"), Stage("mql")], [Transition("new", "mql")]),
        "segments": [Segment("seg", VIEW)],
        "scores": [ScoreModel("s", [ScoreRule(VIEW, 1)])],
        "actions": ["a"],
        "attributes": [Attribute("number", "number")],
        "scenarios": [Scenario("other", None, [tag("t")])],
        "topics": [Topic("brands", entity="brand")],
    }
    if isinstance(part, Step):
        subject = SubjectKind.ACCOUNT if getattr(part, "people", None) is not None else SubjectKind.LEAD
        part = Scenario("drip", VIEW, [mark("here"), part, exit_()], subject=subject)
    place, value = _place(part)
    known[place] = value if place in ("policy", "lifecycle") else [*known.get(place, []), value]
    return Program(**known)


def _place(part: object) -> tuple[str, object]:
    match part:
        case Scenario():
            return "scenarios", part
        case Segment():
            return "segments", part
        case ScoreModel():
            return "scores", part
        case ScoreRule():
            return "scores", ScoreModel("s2", [part])
        case Threshold():
            return "scores", ScoreModel("s2", [ScoreRule(VIEW, 1)], thresholds=[part])
        case GradeFrom():
            return "scores", ScoreModel("s2", [ScoreRule(VIEW, 1)], grades=[part, GradeFrom("D", -1e9)])
        case Message():
            return "messages", part
        case Translation():
            return "messages", Message("n", "marketing", "s", "t", translations=[part])
        case Layout():
            return "layouts", part
        case Block():
            return "blocks", part
        case Choice():
            return "blocks", Block("b", "x", choices=[part])
        case Topic():
            return "topics", part
        case Campaign():
            return "campaigns", part
        case Attribute():
            return "attributes", part
        case Lifecycle():
            return "lifecycle", part
        case Stage():
            return "lifecycle", Lifecycle([Stage("new"), part])
        case Transition():
            return "lifecycle", Lifecycle([Stage("new"), Stage("mql")], [part])
        case program.OnDate() | program.OnSchedule():
            return "scenarios", Scenario("drip", part, [tag("t")])
        case _:
            return "policy", _policy(part)


def _policy(part: object) -> ContactPolicy:
    match part:
        case ContactPolicy():
            return part
        case Cap():
            return ContactPolicy(caps=part)
        case Rate():
            return ContactPolicy(rates=part)
        case WarmUp():
            return ContactPolicy(warm_ups=part)
        case Spacing():
            return ContactPolicy(spacing=part)
        case Longer():
            return ContactPolicy(spacing=Spacing(days(1), [part]))
        case Holdout():
            return ContactPolicy(holdout=part)
        case Hold():
            return ContactPolicy(holds=part)
        case Sharing():
            return ContactPolicy(sharing=part)
        case Jurisdiction():
            return ContactPolicy(jurisdictions=part)
        case Ground():
            return ContactPolicy(jurisdictions=Jurisdiction(name="XX", grounds=part))
        case _:
            raise AssertionError(f"nobody says where {type(part).__name__} stands")


def survives(part: object) -> None:
    """It stands in a program that is refused, or that goes to JSON and back unchanged."""
    if isinstance(part, Broadcast):
        broadcast_problems(around(Segment("more", VIEW)), part)
        json.dumps(broadcast_to_json(part), allow_nan=False).encode()
        return
    whole = part if isinstance(part, Program) else around(part)
    again = Program.from_json(json.dumps(whole.to_json(), ensure_ascii=False, allow_nan=False))
    assert again == whole
    assert again.hash == whole.hash
    assert isinstance(whole.warnings, tuple)
    for scenario in whole.scenarios:
        assert again.version_of(scenario) == whole.version_of(scenario)
        for _, node in sorted(scenario.flow.nodes.items()):
            assert node.step.sentence()
            assert node.step.sentence("ja")
    if any(one.name == "drip" for one in whole.scenarios):
        runs(whole)


def runs(whole: Program) -> None:
    """A lead and an account go through it, and it kills neither."""
    clock = VirtualClock(AT)
    store = MemoryStorage(clock=clock, through_codec=True)
    crm = Nurture(whole, store, actions={"a": lambda *_: Accepted()})
    account = crm.capture_account(name="A")
    lead = crm.capture(email="a@example.jp", account=account.id, title="CTO", consent=Basis.CONSENT)
    for subject in (lead.id, account.id):
        clock.move_to(clock.now + hours(1))
        crm.record(subject, "page.viewed")
    for _ in range(3):
        clock.move_to(clock.now + days(1))
        crm.decide()
    assert [one.subject for one in crm.stuck() if isinstance(one, Standing)] == []


def maker(name: str) -> tuple[Make, Given, tuple[object, ...]]:
    if name in STEPS:
        return getattr(steps, name), dict(STEPS[name]), POSITIONAL.get(name, ())
    found = GradeFrom if name == "GradeFrom" else getattr(program, name)
    return found, dict(PARTS[name]), ()


def called(make: Make, given: Given, loose: tuple[object, ...]) -> object:
    """The call, with what must not be named in front."""
    kinds = inspect.signature(make).parameters.values()
    in_front = [one.name for one in kinds if one.kind is inspect.Parameter.POSITIONAL_ONLY]
    bare = [given.pop(one) for one in in_front if one in given]
    return make(*loose, *bare, **given)


def parameters(make: Make, given: Given) -> Iterator[str]:
    for one in inspect.signature(make).parameters.values():
        if one.kind is inspect.Parameter.VAR_KEYWORD:
            yield from (name for name in given if name not in inspect.signature(make).parameters)
        else:
            yield f"*{one.name}" if one.kind is inspect.Parameter.VAR_POSITIONAL else one.name


@pytest.mark.parametrize("name", [*STEPS, *PARTS])
def test_what_is_right_goes_through(name: str) -> None:
    make, given, loose = maker(name)
    survives(called(make, given, loose))


def ending(do: Callable[[], object]) -> str | None:
    """How it ended, if not with an error of ours that says something."""
    try:
        survives(do())
    except NurtureError as error:
        said = str(error)
        return None if said.strip() and " object at 0x" not in said else f"said {said!r}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


SHARES = [pytest.param(3, id="quick"), pytest.param(1, id="every", marks=pytest.mark.stress)]
"""Each parameter meets every third value, the next parameter the next third; in `make stress` each meets all."""


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("name", [*STEPS, *PARTS])
def test_what_is_strange_is_refused_by_an_error_of_ours_or_survives(name: str, share: int) -> None:
    make, right, loose = maker(name)
    ends: list[str] = []
    for place, parameter in enumerate(parameters(make, right)):
        for value in STRANGE[(place + len(name)) % share :: share]:
            given, bare = dict(right), loose
            if parameter.startswith("*"):
                bare = (*loose, value)
            else:
                given[parameter] = value
            if name == "wait" and parameter != "duration":
                del given["duration"]
            end = ending(partial(called, make, given, bare))
            ends += [] if end is None else [f"{name}({parameter}={value!r:.60}) → {end}"]
    assert ends == []


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("record", [*steps.STEPS, *RECORDS], ids=lambda record: record.__name__)
def test_a_record_of_a_step_that_was_written_by_itself_is_refused_or_survives(record: type[Step], share: int) -> None:
    """The classes are public, too; what stands in them is looked at when a scenario takes them."""
    fields = [one for one in attrs.fields(record) if one.init]
    ends: list[str] = []
    for place, field in enumerate(fields):
        for value in STRANGE[(place + len(record.__name__)) % share :: share]:
            needed = [one.name for one in fields if one.default is attrs.NOTHING]
            given = {name: RIGHT.get(name, "x") for name in needed} | {field.name: value}
            end = ending(partial(_held, record, given))
            ends += [] if end is None else [f"{record.__name__}({field.name}={value!r:.60}) → {end}"]
    assert ends == []


def _held(record: type[Any], given: Given) -> object:
    part: Any = record(**given)
    return RECORDS[record](part) if record in RECORDS else part


def test_every_public_constructor_is_walked() -> None:
    written = {name for name in program.__all__ if callable(getattr(program, name))}
    choices = {name for name in written if isinstance(getattr(program, name), EnumMeta)}
    assert written - choices - NOT_WRITTEN == set(PARTS) - {"GradeFrom"}
    functions = {name for name in steps.__all__ if inspect.isfunction(getattr(steps, name))}
    assert functions - {"lay_out"} == set(STEPS)


def test_all_that_is_wrong_in_a_scenario_is_told_at_once_with_its_place() -> None:
    with pytest.raises(DefinitionError) as caught:
        Scenario(
            "s",
            VIEW,
            [
                tag(5),  # type: ignore[arg-type]
                steps.split("n", a=("y", []), b=(0.5, "x")),  # type: ignore[arg-type]
                steps.branch(VIEW, then=[steps.assign(5), 7]),  # type: ignore[arg-type, list-item]
                steps.task("call", due=5, outcomes={"met": [steps.mark(1)]}),  # type: ignore[arg-type]
            ],
            priority="high",  # type: ignore[arg-type]
        )
    assert sorted(one.partition(": ")[0] for one in caught.value.problems) == [
        "scenarios.s.priority",
        "scenarios.s.steps.0.add[0]",
        "scenarios.s.steps.1.ways.a.weight",
        "scenarios.s.steps.1.ways.b.steps",
        "scenarios.s.steps.2.then.0.owner",
        "scenarios.s.steps.2.then.1",
        "scenarios.s.steps.3.due",
        "scenarios.s.steps.3.outcomes.met.steps.0.name",
    ]
