"""Why a subject stands where it stands, and what comes next. Pure: the present and the future are recomputed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Final

import attrs

from nurture.decisions.plan import Plan, plan_of
from nurture.decisions.reasons import describe_reason
from nurture.decisions.run import Run
from nurture.decisions.scoring import NO_SCORE
from nurture.decisions.work import Work
from nurture.model import DecisionRecord, Dossier, Effect, Enrollment, FrozenMapping, SubjectKind, Value, subject_kind
from nurture.model.decay import value_at
from nurture.predicates import Change, Clause, examine, flippers
from nurture.predicates.display import bundle, clause_html, heading, table

if TYPE_CHECKING:
    from nurture.program import Program

EMPTY_TEXTS: Final[FrozenMapping[str]] = FrozenMapping()
_TURNS: Final = {True: "would not hold", False: "would hold"}


@attrs.frozen(slots=True)
class ScoreExplained:
    """One score: what it reads now, and which part of that does not fade."""

    model: str
    value: float
    constant: float
    above: tuple[str, ...]


@attrs.frozen(slots=True)
class SegmentExplained:
    """One segment: whether the subject belongs, since when, and every clause with what it saw.

    Attributes:
        name: Which segment.
        belongs: Whether the subject is kept as a member.
        since: Since when.
        clause: What each clause of its predicate answers now; what it saw may be personal.
        flips_at: When the answer can change with no new fact; None means never.
        changes: Which single changes would turn the answer over, the smallest first: at most five. What takes two
            changes is not among them.
    """

    name: str
    belongs: bool
    since: datetime | None
    clause: Clause
    flips_at: datetime | None
    changes: tuple[Change, ...] = ()


@attrs.frozen(slots=True)
class EnrollmentExplained:
    """One run of a scenario: where it is, what it waits for, and until when.

    `switch` tells how the scenario is switched by hand, such as `paused`: then the run stands still. `""`: not at all.
    """

    scenario: str
    state: str
    step: str | None
    sentence: str
    until: datetime | None
    waits_for_effect: str | None
    reason: str
    switch: str = ""


@attrs.frozen(slots=True, kw_only=True)
class Explanation:
    """Where a subject stands at an instant, why, and what comes next; `str()` gives it as text.

    It holds values of the subject, and so does its text: it is for people who may see them, not for logs.

    Attributes:
        subject: About whom.
        at: The instant asked about.
        stage: The stage, and since when.
        stage_since: Since when.
        scores: Each score.
        segments: Each segment, those it belongs to first.
        enrollments: Each run of a scenario that is kept.
        effects: What was to be done in the world, newest first.
        decisions: What was decided lately, newest first.
        next_at: When something can change with no new fact; None means never.
        next_what: Which questions are asked again then.
        dead: Why deciding this subject failed, if it did.
        objected_at: When the person objected to being scored, if that holds: then there are no scores.
        reasons: What the reasons of the effects mean, in the program's language; those of the gate.
    """

    subject: str
    at: datetime
    stage: str | None
    stage_since: datetime | None
    scores: tuple[ScoreExplained, ...]
    segments: tuple[SegmentExplained, ...]
    enrollments: tuple[EnrollmentExplained, ...]
    effects: tuple[Effect, ...]
    decisions: tuple[DecisionRecord, ...]
    next_at: datetime | None
    next_what: tuple[str, ...]
    dead: str | None
    objected_at: datetime | None = None
    reasons: Mapping[str, str] = EMPTY_TEXTS

    def __str__(self) -> str:
        return "\n".join(_lines(self))

    def _repr_html_(self) -> str:
        scores = table(
            ("score", "", ""), [(one.model, f"{one.value:.1f}", ", ".join(one.above)) for one in self.scores]
        )
        segments = "".join(_segment_html(one) for one in self.segments)
        stage = f"{self.stage} since {_short(self.stage_since)}" if self.stage else ""
        top = heading("lead" if self.subject_is_lead else "account", self.subject, stage)
        return f"<div>{top}{scores if self.scores else ''}{segments}</div>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return bundle(str(self), self._repr_html_())

    @property
    def subject_is_lead(self) -> bool:
        """Whether it is about a lead, and not about an account."""
        return subject_kind(self.subject) is SubjectKind.LEAD


def explain(
    program: Program,
    dossier: Dossier,
    now: datetime,
    *,
    effects: Iterable[Effect] = (),
    decisions: Iterable[DecisionRecord] = (),
) -> Explanation:
    """Explain a subject as its dossier shows it at `now`.

    Args:
        program: What should follow from facts.
        dossier: What is known about the subject.
        now: The instant to explain.
        effects: All of its effects, to tell what became of them.
        decisions: What was decided lately.
    """
    plan = plan_of(program, subject_kind(dossier.subject.id), dossier.older)
    work = Work(plan, dossier)
    work.moment = now
    effects = tuple(effects)
    standing = dossier.standing
    next_at = standing.due_at if standing else None
    return Explanation(
        subject=dossier.subject.id,
        at=now,
        stage=work.stage,
        stage_since=work.sight.stage_since,
        scores=tuple(_scores(work, now)),
        segments=tuple(sorted(_segments(work, now), key=lambda one: (not one.belongs, one.name))),
        enrollments=tuple(_enrollment(work, one.frozen() if isinstance(one, Run) else one) for one in work.runs),
        effects=effects,
        decisions=tuple(decisions),
        next_at=next_at,
        next_what=tuple(sorted(_agenda_in_words(plan, work, next_at))),
        dead=standing.dead if standing else None,
        objected_at=work.profiling.objected_at if work.profiling.is_objected else None,
        reasons=FrozenMapping(_reasons(program, effects)),
    )


def _reasons(program: Program, effects: Iterable[Effect]) -> dict[str, str]:
    found = {one.reason: describe_reason(program, one.reason, program.locale) for one in effects if one.reason}
    return {reason: sentence for reason, sentence in found.items() if sentence}


def _scores(work: Work, now: datetime) -> Iterator[ScoreExplained]:
    for name, model in work.plan.models.items() if not work.profiling.is_objected else ():
        state = work.scores.get(name, NO_SCORE)
        yield ScoreExplained(name, value_at(state, model.scale, now), state.constant, state.above)


def _segments(work: Work, now: datetime) -> Iterator[SegmentExplained]:
    for name, question in work.plan.segments.values():
        clause = examine(question.predicate, work.sight, now, work.plan.names)
        flips_at = question.flips(work.sight, now)
        changes = flippers(question.predicate, work.sight, now, work.plan.names)
        yield SegmentExplained(name, name in work.memberships, work.memberships.get(name), clause, flips_at, changes)


def _enrollment(work: Work, enrollment: Enrollment) -> EnrollmentExplained:
    compiled = work.plan.scenario(enrollment.version, work.dossier.definitions)
    node = compiled.flow.nodes.get(enrollment.step or "") if compiled else None
    return EnrollmentExplained(
        scenario=enrollment.scenario,
        state=enrollment.state.value,
        step=enrollment.step,
        sentence=node.step.sentence() if node else "",
        until=enrollment.until,
        waits_for_effect=enrollment.effect,
        reason=enrollment.reason,
        switch=work.switches.get(enrollment.scenario, ""),
    )


def _agenda_in_words(plan: Plan, work: Work, next_at: datetime | None) -> Iterator[str]:
    for watch, at in work.agenda.items():
        if next_at is None or at > next_at:
            continue
        kind, _, rest = watch.partition(":")
        if watch in plan.segments:
            yield f"segment {rest}: {plan.segments[watch][1].sentence}"
        elif watch in plan.answers:
            listener = "its account" if work.is_lead else "its leads"
            yield f"what it tells {listener}: {plan.answers[watch][1].sentence}"
        elif kind == "guard":
            ways = [one for some in plan.gateways.values() for one in some if one.watch == watch]
            yield from (f"{one.transition.source} → {one.transition.target}" for one in ways)
        elif kind == "stale":
            yield f"stage {work.stage} goes stale"
        elif kind in ("step", "goal", "exit"):
            names = [one.scenario for one in work.runs if one.id == rest]
            yield f"scenario {', '.join(names)}: {'its next step' if kind == 'step' else kind}"
        else:
            yield watch.replace(":", " ")


def _lines(explained: Explanation) -> Iterator[str]:
    yield f"{explained.subject} at {_short(explained.at)}"
    if explained.stage:
        yield f"  stage {explained.stage} since {_short(explained.stage_since)}"
    yield from _score_lines(explained)
    for segment in explained.segments:
        yield from _segment_lines(segment)
    for run in explained.enrollments:
        until = f", until {_short(run.until)}" if run.until else ""
        where = f" at step {run.step} ({run.sentence}{until})" if run.state == "active" else f" ({run.reason})"
        switched = f", the scenario is {run.switch}" if run.switch and run.state == "active" else ""
        still = ": it stands still" if run.switch == "paused" and run.state == "active" else ""
        yield f"  scenario {run.scenario}: {run.state}{where}{switched}{still}"
    for effect in explained.effects:
        sentence = explained.reasons.get(effect.reason)
        reason = f" ({effect.reason}{f': {sentence}' if sentence else ''})" if effect.reason else ""
        yield f"  {effect.kind.value} {effect.name}: {effect.state.value}{reason}"
    for record in explained.decisions[:5]:
        for note in record.notes:
            because = f" because {note.clause}" if note.clause else ""
            saw = f" [{', '.join(f'{name}={_plain(value)}' for name, value in note.saw.items())}]" if note.saw else ""
            yield f"  {_short(record.at)} {note.what} {note.name}: {note.outcome}{because}{saw}"
    if explained.dead:
        yield f"  dead: {explained.dead}"
    elif explained.next_at:
        yield f"  next at {_short(explained.next_at)}: {'; '.join(explained.next_what) or 'what waits in the inbox'}"
    else:
        yield "  nothing changes until a new fact comes"


def _score_lines(explained: Explanation) -> Iterator[str]:
    if explained.objected_at is not None:
        yield f"  not scored: objected to profiling on {_short(explained.objected_at)}"
    for score in explained.scores:
        fixed = f" (of which {score.constant:g} for what it is)" if score.constant else ""
        marks = f", above {', '.join(score.above)}" if score.above else ""
        yield f"  score {score.model} = {score.value:.1f}{fixed}{marks}"


def _segment_lines(segment: SegmentExplained) -> Iterator[str]:
    clause = segment.clause
    since = f" since {_short(segment.since)}" if segment.since else ""
    within = "in" if segment.belongs else "not in"
    yield f"  {within} segment {segment.name}{since}: {describe_clause(clause)}{_seen(clause)}"
    if clause.parts:
        yield from (f"    {describe_clause(leaf)}{_seen(leaf)}" for leaf in clause.leaves())
    if segment.changes:
        yield f"    {_TURNS[clause.answer]} {'; '.join(one.sentence for one in segment.changes)}"


def describe_clause(clause: Clause) -> str:
    """A clause in words, with its answer."""
    return f"{clause.sentence} → {'yes' if clause.answer else 'no'}"


def _seen(clause: Clause) -> str:
    seen = clause.seen()
    return f" [{seen}]" if seen else ""


def _segment_html(segment: SegmentExplained) -> str:
    answers = clause_html(segment.clause, note=Clause.seen)
    items = "".join(f"<li>{escape(one.sentence)}</li>" for one in segment.changes)
    changes = f"<p>{_TURNS[segment.clause.answer]}</p><ul>{items}</ul>" if items else ""
    return heading("segment", segment.name) + answers + changes


def _short(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M") if at else "-"


def _plain(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
