"""What can be wrong with scenarios: their ways in, their predicates, their steps and what these mention. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from nurture.errors import InvalidFactError, unknown_name
from nurture.model import EffectKind, Purpose, SubjectKind
from nurture.predicates import FieldType, Predicate, Touched, check
from nurture.program.check_people import people_problems
from nurture.program.check_policy import is_length
from nurture.program.entry import OnDate, OnSchedule
from nurture.program.scenario import Scenario, all_steps
from nurture.steps import SendFirst

if TYPE_CHECKING:
    from nurture.program.program import Program


def scenario_problems(program: Program) -> Iterator[str]:
    """Every problem of every scenario, one sentence each."""
    for scenario in program.scenarios:
        where = f"scenarios.{scenario.name}"
        names = program.names(scenario.subject)
        yield from _entry_problems(scenario, where)
        yield from _time_problems(scenario, where)
        for place, predicate in scenario.predicates():
            yield from check(predicate, names, f"{where}.{place}", entry=place != "on")
        if not scenario.steps:
            yield f"{where}.steps: expected at least one step"
        yield from _step_problems(program, scenario, where)


def _entry_problems(scenario: Scenario, where: str) -> Iterator[str]:
    on = scenario.on
    if isinstance(on, (OnDate, OnSchedule)):
        for problem in on.problems():
            yield f"{where}.on: {problem}"
        if scenario.key is not None:
            yield f"{where}.key: the day is the key of such a run; expected None"
    if scenario.key == "":
        yield f"{where}.key: expected the name of a property, or None"
    if scenario.max_runs is not None and scenario.max_runs < 1:
        yield f"{where}.max_runs: expected at least 1"
    for name in ("existing", "while_entered"):
        if getattr(scenario, name) and scenario.state is None:
            yield (
                f"{where}.{name}: expected an 'on' that holds or does not hold, such as q.segment(…); "
                "a fact happens, and a date comes"
            )


def _time_problems(scenario: Scenario, where: str) -> Iterator[str]:
    after, within = scenario.reentry_after, scenario.goal_within
    if after is not None and (scenario.reentry != "always" or after <= timedelta(0)):
        yield f"{where}.reentry_after: expected a positive time, together with reentry='always'"
    if within is not None and not (is_length(within) and _is_plain(scenario.goal)):
        yield f"{where}.goal_within: expected a positive time, together with a goal that is a plain clause about a fact"
    if scenario.moved_by is not None and not _is_plain(scenario.moved_by):
        yield f"{where}.moved_by: expected a plain clause about a fact, such as q.touches('seminar.rescheduled')"


def _is_plain(predicate: Predicate | None) -> bool:
    return isinstance(predicate, Touched) and predicate.is_plain


def _step_problems(program: Program, scenario: Scenario, where: str) -> Iterator[str]:
    for mark, count in Counter(scenario.flow.marks).items():
        if count > 1:
            yield f"{where}.steps: the mark {mark!r} stands {count} times"
    for address, step in all_steps(scenario.steps):
        place = f"{where}.steps.{address}"
        for problem in step.problems():
            yield f"{place}: {problem}"
        for what, name in step.mentions():
            yield from _mention_problems(program, scenario, what, name, place)
        yield from people_problems(program, scenario, step, place)
        if isinstance(step, SendFirst):
            yield from _channel_problems(program, step, place)
        for name, value in step.sets():
            attribute = program.attribute(name, scenario.subject)
            try:
                if attribute is not None:
                    attribute.fit(value)
            except InvalidFactError as error:
                yield f"{place}: {error}"


_CALLED = {"notice": "message", "content": "message", "lead_scenario": "scenario"}
"""How what a step mentions is called in errors, where that is not its own word."""


_DATES = frozenset({FieldType.DATE, FieldType.INSTANT})


def _date_problems(program: Program, scenario: Scenario, what: str, name: str, place: str) -> Iterator[str]:
    """What is wrong with a field that a step takes for a date; its question reports one that nobody declares."""
    names = program.names(scenario.subject)
    declared = {"lead date": names.lead_fields, "account date": names.account_fields}.get(what, {})
    if name in declared and declared[name] not in _DATES:
        dates = sorted(one for one, of_type in declared.items() if of_type in _DATES)
        yield (
            f"{place}: {name!r} holds {declared[name].value}; expected a field that holds a date or an instant: "
            f"{', '.join(dates)}"
        )


def _channel_problems(program: Program, step: SendFirst, place: str) -> Iterator[str]:
    """It looks on one channel for what was sent before, so that messages of another would never count as sent."""
    for offer in step.offers:
        message = program.message(offer.message)
        if message is not None and message.channel != step.channel:
            yield (
                f"{place}: message {offer.message!r} goes out on the channel {message.channel!r}, and the step looks "
                f"on {step.channel!r} for what was sent; expected one channel"
            )


def _mention_problems(program: Program, scenario: Scenario, what: str, name: str, place: str) -> Iterator[str]:
    if what.endswith(" date"):
        yield from _date_problems(program, scenario, what, name, place)
        return
    known: dict[str, list[str]] = {
        "message": [one.name for one in program.messages],
        "notice": [one.name for one in program.messages],
        "content": [one.name for one in program.messages],
        "stage": list(program.lifecycle.names) if program.lifecycle else [],
        "attribute": [one.name for one in program.attributes if one.subject is scenario.subject],
        "action": list(program.actions),
        "score": [one.name for one in program.scores if one.subject is scenario.subject],
        "mark": sorted(set(scenario.flow.marks)),
        "scenario": [one.name for one in program.scenarios if one.subject is scenario.subject],
        "lead_scenario": [one.name for one in program.scenarios if one.subject is SubjectKind.LEAD],
    }
    if name not in known.get(what, ()):
        yield unknown_name(_CALLED.get(what, what), name, known.get(what, []), where=place)
        return
    message = program.message(name) if what in ("message", "notice") else None
    if message is None:
        return
    if what == EffectKind.NOTICE and message.purpose is not Purpose.INTERNAL:
        yield f"{place}: a notice goes to a colleague; message {name!r} must have purpose 'internal'"
    if what == EffectKind.MESSAGE and message.purpose is Purpose.INTERNAL:
        yield f"{place}: message {name!r} is internal; send it with notify(…)"


def dropped_names(program: Program, scenario: Scenario) -> Iterator[str]:
    """What a version of a scenario that still runs needs and this program does not declare."""
    where = f"scenarios.{scenario.name} (a version that still runs)"
    names = program.names(scenario.subject)
    for place, predicate in scenario.predicates():
        yield from check(predicate, names, f"{where}.{place}", entry=place != "on")
    for address, step in all_steps(scenario.steps):
        for what, name in step.mentions():
            yield from _mention_problems(program, scenario, what, name, f"{where}.steps.{address}")
        yield from people_problems(program, scenario, step, f"{where}.steps.{address}")
