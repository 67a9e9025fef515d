"""The purchase phases, and the guarded ways between them. Imports predicates only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import attrs

from nurture.model import SubjectKind
from nurture.predicates import Predicate
from nurture.predicates.tree import require_predicate
from nurture.program.choices import to_subject


@attrs.frozen(slots=True)
class Stage:
    """One phase of buying.

    Attributes:
        name: Names it in predicates and facts.
        title: For people to read.
        stale_after: After this time in the stage, `stage.stalled` is emitted once; None means never.
    """

    name: str
    title: str = ""
    stale_after: timedelta | None = None


def _a_predicate(one: Transition, field: attrs.Attribute[Predicate | None], given: object) -> None:
    if given is not None:
        require_predicate(given, f"the transition {one.source} → {one.target}: {field.name}")


@attrs.frozen(slots=True)
class Transition:
    """A way from one stage to another, forth or back.

    Attributes:
        source: From where.
        target: To where.
        when: Taken by itself as soon as this holds; None means only when somebody asks for it.
        guard: Must hold by whatever door the change comes; None means nothing.
        reason_required: Whether a request must give a reason.
    """

    source: str
    target: str
    when: Predicate | None = attrs.field(default=None, validator=_a_predicate)
    guard: Predicate | None = attrs.field(default=None, validator=_a_predicate)
    reason_required: bool = False


def _stages(given: Iterable[Stage]) -> tuple[Stage, ...]:
    return tuple(given)


def _transitions(given: Iterable[Transition]) -> tuple[Transition, ...]:
    return tuple(given)


@attrs.frozen(slots=True)
class Lifecycle:
    """The stages and the transitions between them; the first stage is where everybody begins.

    Attributes:
        stages: In the order of the funnel.
        transitions: The ways that exist; nothing else is allowed, by whatever door.
        subject: Whether leads or accounts go through it.
    """

    stages: tuple[Stage, ...] = attrs.field(converter=_stages)
    transitions: tuple[Transition, ...] = attrs.field(default=(), converter=_transitions)
    subject: SubjectKind = attrs.field(default=SubjectKind.LEAD, converter=to_subject)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the stages, in the order of the funnel."""
        return tuple(stage.name for stage in self.stages)
