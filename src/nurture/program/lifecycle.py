"""The purchase phases, and the guarded ways between them. Imports predicates only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar, cast

import attrs

from nurture.model import SubjectKind
from nurture.predicates import Predicate
from nurture.program.choices import to_subject
from nurture.steps.declaration import Declaration, several


@attrs.frozen(slots=True)
class Stage(Declaration):
    """One phase of buying.

    Attributes:
        name: Names it in predicates and facts.
        title: For people to read.
        stale_after: After this time in the stage, `stage.stalled` is emitted once; None means never.
    """

    stands_in: ClassVar[str] = "lifecycle.stages"

    name: str
    title: str = ""
    stale_after: timedelta | None = None


@attrs.frozen(slots=True)
class Transition(Declaration):
    """A way from one stage to another, forth or back.

    Attributes:
        source: From where.
        target: To where.
        when: Taken by itself as soon as this holds; None means only when somebody asks for it.
        guard: Must hold by whatever door the change comes; None means nothing.
        reason_required: Whether a request must give a reason.
    """

    stands_in: ClassVar[str] = "lifecycle.transitions"

    source: str
    target: str
    when: Predicate | None = None
    guard: Predicate | None = None
    reason_required: bool = False

    def called(self) -> str:
        """From where to where."""
        ends = cast("tuple[object, ...]", (self.source, self.target))
        return " → ".join(map(str, ends)) if all(isinstance(one, str) for one in ends) else ""


def _stages(given: Iterable[Stage]) -> tuple[Stage, ...]:
    return several(given)


def _transitions(given: Iterable[Transition]) -> tuple[Transition, ...]:
    return several(given)


@attrs.frozen(slots=True)
class Lifecycle(Declaration):
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
