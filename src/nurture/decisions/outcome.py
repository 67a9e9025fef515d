"""What one decision comes to, read off the workbench: the next standing, and all that is written with it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

import attrs

from nurture.decisions.run import Run
from nurture.model import (
    EMPTY,
    UNHEARD,
    Account,
    DecisionRecord,
    Effect,
    Enrollment,
    EnrollmentState,
    Fact,
    FrozenMapping,
    Lead,
    Standing,
    Touchpoint,
    Value,
)

if TYPE_CHECKING:
    from nurture.decisions.work import Work

V = TypeVar("V")
_CHANGES = frozenset({Fact.LEAD_CHANGED, Fact.ACCOUNT_CHANGED})


@attrs.frozen(slots=True, kw_only=True)
class Decision:
    """What was decided about a subject; committed together or not at all.

    Attributes:
        standing: Where the subject stands now; None when there was nothing to decide.
        subject: The changed lead or account; None when it did not change.
        facts: New facts, born seen.
        effects: New effects, and those that were cancelled.
        records: What was decided at each moment, and why.
        folded: The inbox rows that were taken in, by fact.
        moments: How many moments were decided.
        more: Whether it stopped at the stated number of moments, with others still before `now`.
    """

    standing: Standing | None
    subject: Lead | Account | None = None
    facts: tuple[Touchpoint, ...] = ()
    effects: tuple[Effect, ...] = ()
    records: tuple[DecisionRecord, ...] = ()
    folded: tuple[str, ...] = ()
    moments: int = 0
    more: bool = False


def outcome_of(work: Work, moments: int, *, more: bool = False) -> Decision:
    """What has been decided.

    Args:
        work: The workbench, at the end.
        moments: How many moments were decided.
        more: Whether others are left.
    """
    covered = _covered(work) if work.changed_fields or work.covered else EMPTY
    return Decision(
        standing=_standing(work, covered),
        subject=_changed_subject(work, covered),
        facts=tuple(work.facts),
        effects=tuple(work.effects.values()),
        records=tuple(work.records),
        folded=tuple(work.folded),
        moments=moments,
        more=more,
    )


def _covered(work: Work) -> Mapping[str, Value]:
    """What steps set and the record must not take over: it holds a later word, which waits in the inbox."""
    left = set(work.folded)
    changes = [one.fact for one in work.dossier.inbox if one.fact.kind in _CHANGES and one.fact.id not in left]
    if not changes:
        return EMPTY
    names = {str(name) for fact in changes for name in _names(fact.properties.get("fields"))}
    values = {**work.covered, **work.changed_fields}
    return FrozenMapping({name: value for name, value in values.items() if name in names})


def _names(fields: Value) -> tuple[object, ...]:
    return fields if isinstance(fields, tuple) else ()


def _standing(work: Work, covered: Mapping[str, Value]) -> Standing:
    old = work.dossier.standing
    due_at = min(work.agenda.values()) if work.agenda else None
    if work.telling is not None:
        due_at = work.moment if due_at is None else min(due_at, work.moment)
    return Standing(
        subject=work.dossier.subject.id,
        version=old.version + 1 if old else 1,
        program=work.plan.fingerprint,
        switches=work.switches,
        older=work.plan.older_versions,
        stage=work.stage,
        stage_since=work.sight.stage_since,
        scores=_same(old.scores if old else None, work.scores),
        profiling=None if work.profiling is UNHEARD else work.profiling,
        memberships=_same(old.memberships if old else None, work.memberships),
        entered=tuple(sorted(work.entered)),
        enrollments=_kept(work),
        past=work.past,
        covered=covered,
        account=_same(old.account if old else None, work.account),
        people=_same(old.people if old else None, work.people),
        said=work.said,
        agenda=FrozenMapping(work.agenda),
        advanced_to=work.moment,
        due_at=None if work.dead else due_at,
        echo=work.echo,
        telling=work.telling,
        dead=work.dead,
    )


def _changed_subject(work: Work, covered: Mapping[str, Value]) -> Lead | Account | None:
    changed = {name: value for name, value in work.changed_fields.items() if name not in covered}
    if not changed:
        return None
    subject = work.dossier.subject
    attributes = dict(subject.attributes)
    builtin: dict[str, Value] = {}
    for name, value in changed.items():
        if name in ("tags", "lists"):
            builtin[name] = value or ()
        elif name == "owner":
            builtin[name] = value
        elif value is None:
            attributes.pop(name, None)
        else:
            attributes[name] = value
    return attrs.evolve(subject, version=subject.version + 1, attributes=FrozenMapping(attributes), **builtin)  # type: ignore[arg-type]


def _same(old: Mapping[str, V] | None, new: dict[str, V]) -> Mapping[str, V]:
    """The old mapping when nothing in it changed, else the new one, frozen."""
    return old if old is not None and old == new else FrozenMapping(new)


def _kept(work: Work) -> tuple[Enrollment, ...]:
    """The active runs, and of the ended ones the newest of each line."""
    kept: list[Enrollment] = []
    ended: dict[tuple[str, str], Enrollment] = {}
    for one in work.runs:
        if one.state is EnrollmentState.ACTIVE:
            kept.append(one.frozen() if isinstance(one, Run) else one)
        else:
            ended[work.plan.line_of(one)] = one.frozen() if isinstance(one, Run) else one
    if not ended:
        return tuple(kept)
    return (*(ended[key] for key in sorted(ended)), *kept)
