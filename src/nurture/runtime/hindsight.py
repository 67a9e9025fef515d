"""Subjects as they were known at an earlier instant, worked out from the facts that had come in by then.

Values are folded back by the facts of their changes; scores are counted anew; stages, memberships and runs of
scenarios are read off the facts of their changes. All of it as the program of today declares it. May import the
ports and what lies below them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

import attrs

from nurture.decisions import EVERYTHING, plan_of
from nurture.decisions.folding import AFTER, BEFORE, revision_of
from nurture.decisions.profiling import WORDS, heard_in
from nurture.decisions.scoring import NO_SCORE, counted
from nurture.errors import DefinitionError
from nurture.model import (
    EMPTY,
    Enrollment,
    EnrollmentId,
    EnrollmentState,
    Fact,
    Lead,
    Profiling,
    ScoreState,
    Sight,
    SubjectId,
    SubjectKind,
    Touchpoint,
    Value,
    account_values,
    is_account,
    subject_kind,
)
from nurture.model.dossier import by_kind
from nurture.predicates import Grade, InSegment, OfAccount, People, Predicate, Reach, Score
from nurture.program import Program

if TYPE_CHECKING:
    from nurture.decisions.compiling import CompiledModel
    from nurture.decisions.plan import Plan
    from nurture.model import Account
    from nurture.ports import View

_CREATED = frozenset({Fact.LEAD_CREATED, Fact.ACCOUNT_CREATED})
_CHANGED = frozenset({Fact.LEAD_CHANGED, Fact.ACCOUNT_CHANGED})


@attrs.frozen(slots=True)
class Past:
    """Subjects as they were known at an instant, had everything been decided by then.

    Attributes:
        program: Today's; what it declares is counted anew.
        now: The instant that is asked about.
    """

    program: Program
    now: datetime
    recounts = True

    def of(self, view: View, records: Mapping[SubjectId, Lead | Account], reach: Reach) -> dict[SubjectId, Sight]:
        """What could be seen of these subjects; who was not known yet is left out."""
        known = view.about(dict.fromkeys(records), EVERYTHING)
        found: dict[SubjectId, Sight] = {}
        for one, record in records.items():
            facts = sorted(
                (*known[one].facts, *(pending.fact for pending in known[one].inbox)), key=lambda fact: fact.sort_key
            )
            if any(fact.kind in _CREATED and fact.received_at <= self.now for fact in facts):
                found[one] = self._sight(record, facts)
        return found

    def complete(self, sights: Mapping[SubjectId, Sight], reach: Reach) -> None:
        """Count the scores that are asked for: what facts earned, and what the subject was."""
        for one, sight in sights.items():
            kind = SubjectKind.ACCOUNT if is_account(one) else SubjectKind.LEAD
            models = plan_of(self.program, kind).models
            profiling = heard_in(
                fact for word in WORDS for fact in sight.touches.get(word, ()) if _is_seen(fact, self.now)
            )
            if not profiling.is_objected:
                sight.scores = {
                    name: self._score(models[name], sight, profiling) for name in sorted(reach.scores) if name in models
                }

    def _sight(self, record: Lead | Account, facts: list[Touchpoint]) -> Sight:
        seen = [fact for fact in facts if fact.received_at <= self.now]
        later = [fact for fact in facts if fact.kind in _CHANGED and fact.received_at > self.now]
        decided = [fact for fact in seen if fact.at <= self.now]
        values = folded_back(record.values if isinstance(record, Lead) else account_values(record), later)
        stage, since = _stage(decided)
        return Sight(
            lead=values if isinstance(record, Lead) else EMPTY,
            account=EMPTY if isinstance(record, Lead) else values,
            touches=by_kind(seen),
            stage=stage,
            stage_since=since,
            memberships=memberships_in(decided),
            enrollments=_runs(decided, plan_of(self.program, subject_kind(record.id))),
            subject=record.id,
        )

    def _score(self, model: CompiledModel, sight: Sight, profiling: Profiling) -> ScoreState:
        state: ScoreState = NO_SCORE
        for kind, facts in sight.touches.items():
            is_asked = kind in model.by_kind or model.any_kind or kind == Fact.SCORE_ADJUSTED
            for fact in facts if is_asked else ():
                if fact.at <= self.now and profiling.counts(fact.at):
                    state = counted(state, model, fact)
        constant = sum(points for question, points in model.constants if question.holds(sight, self.now))
        return attrs.evolve(state, constant=constant)


def _is_seen(fact: Touchpoint, now: datetime) -> bool:
    return max(fact.at, fact.received_at) <= now


def folded_back(values: Mapping[str, Value], later: Iterable[Touchpoint]) -> dict[str, Value]:
    """The values before these changes, the newest undone first."""
    found = dict(values)
    for fact in sorted(later, key=lambda one: (revision_of(one), one.received_at, one.id), reverse=True):
        fields = fact.properties.get("fields")
        for name in fields if isinstance(fields, tuple) else _fields_of(fact):
            value = fact.properties.get(f"{BEFORE}{name}")
            if value is None:
                found.pop(str(name), None)
            else:
                found[str(name)] = value
    return found


def _fields_of(fact: Touchpoint) -> set[str]:
    """The fields that a change names by its values alone, as facts of early releases do."""
    names = fact.properties
    return {name.partition(".")[2] for name in names if name.startswith((BEFORE, AFTER))}


def memberships_in(facts: Iterable[Touchpoint]) -> dict[str, datetime]:
    """Which segments a subject had entered and not left, and since when; the facts come oldest first.

    Leaving and entering at one instant have no order of their own: whoever was in left first, and entered again.
    """
    found: dict[str, datetime] = {}
    flips = [fact for fact in facts if fact.kind in (Fact.SEGMENT_ENTERED, Fact.SEGMENT_LEFT)]
    for at, some in groupby(flips, key=lambda fact: fact.at):
        kinds: dict[str, set[str]] = {}
        for fact in some:
            kinds.setdefault(str(fact.properties.get("segment")), set()).add(fact.kind)
        for name, seen in kinds.items():
            was_in = name in found
            found.pop(name, None)
            if (was_in and len(seen) == 2) or seen == {Fact.SEGMENT_ENTERED.value}:
                found[name] = at
    return found


def _stage(facts: Iterable[Touchpoint]) -> tuple[str | None, datetime | None]:
    """The stage, and since when. Changes at one instant go on from one another."""
    stage: str | None = None
    since: datetime | None = None
    changes = [fact for fact in facts if fact.kind == Fact.STAGE_CHANGED]
    for at, some in groupby(changes, key=lambda fact: fact.at):
        ways = {fact.properties.get("from"): str(fact.properties.get("to")) for fact in some}
        if stage not in ways:  # what it left is not known, as after a roll-over
            stage = next((str(one) for one in ways if one is not None and one not in ways.values()), None)
        while stage in ways:
            stage, since = ways.pop(stage), at
    return stage, since


def _runs(facts: Iterable[Touchpoint], plan: Plan) -> tuple[Enrollment, ...]:
    """The runs of scenarios: the active ones, and the newest ended one of each line."""
    told = [fact for fact in facts if fact.kind in (Fact.ENROLLMENT_STARTED, Fact.ENROLLMENT_ENDED)]
    runs = {str(fact.properties.get("enrollment")): _run(fact) for fact in told if fact.kind == Fact.ENROLLMENT_STARTED}
    ended: dict[tuple[str, str], Enrollment] = {}
    for fact in told:
        run = runs.get(str(fact.properties.get("enrollment"))) if fact.kind == Fact.ENROLLMENT_ENDED else None
        if run is not None:
            del runs[run.id]
            state = EnrollmentState(str(fact.properties.get("state")))
            ended[plan.line_of(run)] = attrs.evolve(run, state=state, ended_at=fact.at)
    return (*ended.values(), *runs.values())


def _run(fact: Touchpoint) -> Enrollment:
    told = fact.properties
    return Enrollment(
        id=EnrollmentId(str(told.get("enrollment"))),
        scenario=str(told.get("scenario")),
        version=str(told.get("version")),
        run_key=str(told.get("key", "")),
        cause=fact.id,
        started_at=fact.at,
    )


def refuse_what_is_lost(program: Program, kind: SubjectKind, predicate: Predicate, scores: Iterable[str]) -> None:
    """Refuse what cannot be answered as it was known then.

    Raises:
        DefinitionError: It counts people of an account: who belonged to it then is kept nowhere.
    """
    rest: list[tuple[Predicate, SubjectKind]] = [(predicate, kind)]
    rest += [(Score(name, "ge", 0), kind) for name in scores]
    seen: set[tuple[SubjectKind, str]] = set()
    while rest:
        node, about = rest.pop()
        if isinstance(node, People):
            raise DefinitionError(
                "at: q.account.leads cannot be counted as known then, since nobody keeps who belonged to an account"
            )
        if isinstance(node, (Score, Grade)):
            model = program.score(node.model)
            rest += [(rule.when, about) for rule in model.rules] if model else []
        elif isinstance(node, InSegment):
            if (about, node.name) not in seen:
                seen.add((about, node.name))
                rest.append((program.names(about).segments[node.name], about))
        else:
            inner = SubjectKind.ACCOUNT if isinstance(node, OfAccount) else about
            rest += [(part, inner) for part in node.children()]
