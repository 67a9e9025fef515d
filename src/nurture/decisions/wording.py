"""What an explanation looks up in a language: reasons, the clauses of records, what is on the agenda. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from nurture.decisions.leaving import ENDINGS
from nurture.decisions.reasons import describe_reason
from nurture.decisions.saying import PHRASES, REFUSED
from nurture.predicates import Not, Predicate, describe

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.decisions.compiling import CompiledScenario
    from nurture.decisions.work import Work
    from nurture.model import DecisionRecord, Effect
    from nurture.program import Program

RECORDED: Final = "en"
"""The language in which decisions are written down."""


def reasons_of(
    program: Program, effects: Iterable[Effect], decisions: Iterable[DecisionRecord], lang: str
) -> dict[str, str]:
    """What every reason means that an effect has, or for which something was refused or put off."""
    notes = [note for record in decisions for note in record.notes]
    words = {one.reason for one in effects} | {note.outcome for note in notes if note.what == "deferred"}
    words |= {note.outcome.removeprefix(REFUSED) for note in notes if note.outcome.startswith(REFUSED)}
    found = {word: describe_reason(program, word, lang) for word in sorted(words)}
    return {word: sentence for word, sentence in found.items() if sentence}


def sentences_of(work: Work, decisions: Iterable[DecisionRecord], lang: str) -> dict[str, str]:
    """What the clauses say that decided, in another language than that of the records."""
    if lang == RECORDED:
        return {}
    wanted = {note.clause for record in decisions for note in record.notes} - {""}
    found = {describe(one): one for one in _asked(work)} if wanted else {}
    said = {clause: describe(found[clause], lang) for clause in wanted if clause in found}
    for compiled in _versions(work):
        for address, node in compiled.flow.nodes.items() if wanted else ():
            clause = compiled.sentence(address)
            if clause in wanted:
                said[clause] = node.step.sentence(lang)
    return said


def _asked(work: Work) -> Iterator[Predicate]:
    """Every predicate that may have decided."""
    plan = work.plan
    yield from (question.predicate for _, question in plan.segments.values())
    yield from (question.predicate for mark in plan.marks.values() for question in (mark.up, mark.down))
    ways = [way for some in plan.gateways.values() for way in some]
    yield from (asked.predicate for way in ways for asked in (way.auto, way.guard) if asked is not None)
    for scenario in (compiled.scenario for compiled in _versions(work)):
        yield from (one for one in (scenario.goal, scenario.exit) if one is not None)
        if scenario.state is not None:
            yield Not(scenario.state)


def _versions(work: Work) -> list[CompiledScenario]:
    """The scenarios of the program, and the older versions on which runs go or went."""
    older = [compiled for one in work.runs if (compiled := work.compiled(one)) is not None]
    return [*work.plan.current.values(), *older]


def agenda_in_words(work: Work, next_at: datetime | None, lang: str) -> Iterator[str]:
    """What is asked again at an instant, in words."""
    say, plan = PHRASES[lang], work.plan
    for watch, at in work.agenda.items():
        if next_at is None or at > next_at:
            continue
        kind, _, rest = watch.partition(":")
        if watch in plan.segments:
            yield say["agenda.segment"].format(name=rest, sentence=describe(plan.segments[watch][1].predicate, lang))
        elif watch in plan.answers:
            listener = say["agenda.asked.account" if work.is_lead else "agenda.asked.leads"]
            yield listener.format(sentence=describe(plan.answers[watch][1].predicate, lang))
        elif kind == "guard":
            ways = [one.transition for some in plan.gateways.values() for one in some if one.watch == watch]
            yield from (say["agenda.guard"].format(source=one.source, target=one.target) for one in ways)
        elif kind == "stale":
            yield say["agenda.stale"].format(name=work.stage)
        elif kind in ("step", *ENDINGS):
            names = [one.scenario for one in work.runs if one.id == rest]
            yield say[f"agenda.{kind}"].format(name=say["names"].join(names))
        elif watch in plan.marks:
            mark = plan.marks[watch]
            yield say["agenda.score"].format(model=mark.model, mark=mark.threshold.name)
        elif watch in plan.entries:
            yield say["agenda.entry"].format(name=rest)
        else:  # what an older program asked: it is asked no more
            yield watch.replace(":", " ")
