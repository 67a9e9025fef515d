"""Circles that lead from people to companies and back: refused when a program is built, with their path. Pure.

A person who asks about the company is told, and so is a company that asks about its people. If what is asked rested in
the end on the answer, the two would go on telling each other without end. Within one subject such circles come to
rest within a moment, or are noticed there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

import attrs

from nurture.model import SubjectKind
from nurture.predicates import (
    Grade,
    InScenario,
    InSegment,
    InStage,
    OfAccount,
    People,
    Predicate,
    Score,
    TimeInSegment,
    TimeInStage,
)
from nurture.program.scenario import all_steps

if TYPE_CHECKING:
    from nurture.program.program import Program

Thing: TypeAlias = tuple[SubjectKind, str]
"""What is kept of subjects of a kind and rests on questions: a stage, a score, a segment, a scenario's run."""


_CHANGED = ("stage", "score")
"""What steps mention because they change it."""


@attrs.frozen(slots=True)
class _Look:
    """That a thing looks at another one; `across` says whether that leads over the other kind of subject."""

    at: Thing
    across: bool


def circles_across(program: Program) -> Iterator[str]:
    """Every circle that goes over both kinds of subject, once, as a sentence with its path."""
    looks = _looks_of(program)
    seen: set[frozenset[Thing]] = set()
    for thing, some in looks.items():
        for look in some:
            way = _way(looks, look.at, thing) if look.across else None
            if way is None or frozenset(way) in seen:
                continue
            seen.add(frozenset(way))
            path = " → ".join(f"{kind} {name}" for kind, name in (thing, *way))
            yield f"leads and their accounts go in a circle: {path}"


def _way(looks: Mapping[Thing, Iterable[_Look]], start: Thing, end: Thing) -> tuple[Thing, ...] | None:
    """The shortest way from one thing to another, both included; None when there is none."""
    ways: dict[Thing, tuple[Thing, ...]] = {start: (start,)}
    rest = [start]
    for thing in rest:  # it grows under way: nearest first
        if thing == end:
            return ways[thing]
        for look in looks.get(thing, ()):
            if look.at not in ways:
                ways[look.at] = (*ways[thing], look.at)
                rest.append(look.at)
    return None


def _looks_of(program: Program) -> dict[Thing, list[_Look]]:
    looks: dict[Thing, list[_Look]] = {}
    for thing, predicate in _questions(program):
        looks.setdefault(thing, []).extend(_seen_by(predicate, thing[0]))
    for scenario in program.scenarios:  # a stage and a score also rest on the scenarios that change them
        mentioned = {one for _, step in all_steps(scenario.steps) for one in step.mentions()}
        changed = {"stage" if what == "stage" else f"score {name!r}" for what, name in mentioned if what in _CHANGED}
        for name in sorted(changed):
            run = _Look((scenario.subject, f"scenario {scenario.name!r}"), across=False)
            looks.setdefault((scenario.subject, name), []).append(run)
    return looks


def _questions(program: Program) -> Iterator[tuple[Thing, Predicate]]:
    """Every predicate of a program, with what rests on its answer."""
    for segment in program.segments:
        yield (segment.subject, f"segment {segment.name!r}"), segment.where
    for model in program.scores:
        for rule in model.rules:
            yield (model.subject, f"score {model.name!r}"), rule.when
    for scenario in program.scenarios:
        for _, predicate in scenario.predicates():
            yield (scenario.subject, f"scenario {scenario.name!r}"), predicate
    lifecycle = program.lifecycle
    for transition in lifecycle.transitions if lifecycle is not None else ():
        for part in (transition.when, transition.guard):
            if lifecycle is not None and part is not None:
                yield (lifecycle.subject, "stage"), part


def _seen_by(predicate: Predicate, subject: SubjectKind) -> Iterator[_Look]:
    """What a predicate about such a subject looks at."""
    rest = [(predicate, subject, False)]
    while rest:
        node, kind, across = rest.pop()
        name = _name_of(node)
        if name is not None:
            yield _Look((kind, name), across)
        elif isinstance(node, OfAccount):
            rest.append((node.part, SubjectKind.ACCOUNT, across or kind is SubjectKind.LEAD))
        elif isinstance(node, People):
            rest.append((node.where, SubjectKind.LEAD, True))
        else:
            rest.extend((child, kind, across) for child in reversed(node.children()))


def _name_of(node: Predicate) -> str | None:
    """What a leaf asks about, if that rests on other questions."""
    if isinstance(node, (InSegment, TimeInSegment)):
        return f"segment {node.name!r}"
    if isinstance(node, (InStage, TimeInStage)):
        return "stage"
    if isinstance(node, (Score, Grade)):
        return f"score {node.model!r}"
    return f"scenario {node.scenario!r}" if isinstance(node, InScenario) else None
