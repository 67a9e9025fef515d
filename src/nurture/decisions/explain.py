"""Why a subject stands where it stands, and what comes next. Pure: the present and the future are recomputed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast

import attrs

from nurture.decisions.past import past_runs
from nurture.decisions.plan import plan_of
from nurture.decisions.run import Run
from nurture.decisions.saying import lines_of, page_of
from nurture.decisions.scoring import NO_SCORE
from nurture.decisions.wording import agenda_in_words, reasons_of, sentences_of
from nurture.decisions.work import Work
from nurture.errors import DefinitionError
from nurture.model import DecisionRecord, Dossier, Effect, Enrollment, FrozenMapping, SubjectKind, subject_kind
from nurture.model.decay import value_at
from nurture.predicates import Change, Clause, examine, flippers
from nurture.predicates.describe import language
from nurture.predicates.display import bundle, languages_of

if TYPE_CHECKING:
    from nurture.program import Program

EMPTY_TEXTS: Final[FrozenMapping[str]] = FrozenMapping()


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
        enrollments: Each run of a scenario that is kept whole.
        past: How many others there were that ended, by scenario.
        effects: What was to be done in the world, newest first.
        decisions: What was decided lately, newest first.
        next_at: When something can change with no new fact; None means never.
        next_what: Which questions are asked again then.
        dead: Why deciding this subject failed, if it did.
        objected_at: When the person objected to being scored, if that holds: then there are no scores.
        reasons: What the reasons of the effects and of what was decided mean, as far as they are ours.
        lang: The language of all that is said: `en` or `ja`.
        zone: The program's: its clocks show the instants in the text. The instants themselves are in UTC.
        sentences: What the clauses that decided say in this language, by how the records have them, which is English;
            those that the program, or a version on which a run goes, still declares.
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
    lang: str = "en"
    zone: str = "UTC"
    sentences: Mapping[str, str] = EMPTY_TEXTS
    past: Mapping[str, int] = attrs.field(factory=FrozenMapping[int])

    def __str__(self) -> str:
        return "\n".join(lines_of(self))

    def _repr_html_(self) -> str:
        return page_of(self)

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
    lang: str | None = None,
) -> Explanation:
    """Explain a subject as its dossier shows it at `now`.

    Args:
        program: What should follow from facts.
        dossier: What is known about the subject.
        now: The instant to explain.
        effects: All of its effects, to tell what became of them.
        decisions: What was decided lately.
        lang: `en` or `ja`, in which everything is said; a longer tag such as `ja-JP` is read by its beginning. None
            means the program's own language, and English where that is neither.

    Raises:
        DefinitionError: The language is none of these.
    """
    spoken = _spoken(program, lang)
    plan = plan_of(program, subject_kind(dossier.subject.id), dossier.older)
    work = Work(plan, dossier)
    work.moment = now
    effects, decisions = tuple(effects), tuple(decisions)
    standing = dossier.standing
    next_at = standing.due_at if standing else None
    return Explanation(
        subject=dossier.subject.id,
        at=now,
        stage=work.stage,
        stage_since=work.sight.stage_since,
        scores=tuple(_scores(work, now)),
        segments=tuple(sorted(_segments(work, now), key=lambda one: (not one.belongs, one.name))),
        enrollments=tuple(
            _enrollment(work, one.frozen() if isinstance(one, Run) else one, spoken) for one in work.runs
        ),
        past=FrozenMapping({name: sum(1 for _ in past_runs(work.past, name)) for name in work.past}),
        effects=effects,
        decisions=decisions,
        next_at=next_at,
        next_what=tuple(sorted(agenda_in_words(work, next_at, spoken))),
        dead=standing.dead if standing else None,
        objected_at=work.profiling.objected_at if work.profiling.is_objected else None,
        reasons=FrozenMapping(reasons_of(program, effects, decisions, spoken)),
        lang=spoken,
        zone=program.zone,
        sentences=FrozenMapping(sentences_of(work, decisions, spoken)),
    )


def _spoken(program: Program, lang: str | None) -> str:
    """The language in which to explain."""
    if lang is None:
        return languages_of(program.locale)[0]
    if not isinstance(cast("object", lang), str):
        raise DefinitionError(f"lang: expected 'en' or 'ja', found {type(lang).__name__}")
    return language(lang)


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


def _enrollment(work: Work, enrollment: Enrollment, lang: str) -> EnrollmentExplained:
    compiled = work.plan.scenario(enrollment.version, work.dossier.definitions)
    node = compiled.flow.nodes.get(enrollment.step or "") if compiled else None
    return EnrollmentExplained(
        scenario=enrollment.scenario,
        state=enrollment.state.value,
        step=enrollment.step,
        sentence=node.step.sentence(lang) if node else "",
        until=enrollment.until,
        waits_for_effect=enrollment.effect,
        reason=enrollment.reason,
        switch=work.switches.get(enrollment.scenario, ""),
    )
