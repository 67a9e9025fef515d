"""A drip: who enters, what happens step by step, when it ends. Imports steps and predicates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import cast

import attrs

from nurture.errors import DefinitionError
from nurture.model import SubjectKind
from nurture.predicates import InSegment, InStage, Predicate, Touched
from nurture.predicates.tree import require_predicate
from nurture.program.choices import choose, to_subject
from nurture.steps import Flow, Step, lay_out


class Reentry(StrEnum):
    """Whether a subject may run through a scenario again, with the same run key.

    `restart` ends a run that is still active and begins anew; the others leave it alone.
    """

    NEVER = "never"
    ALWAYS = "always"
    RESTART = "restart"


def _steps(given: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(given)


def _reentry(value: Reentry | str) -> Reentry:
    return choose(Reentry, value, "scenario.reentry")


@attrs.frozen(slots=True)
class Scenario:
    """A drip scenario.

    Attributes:
        name: Names it everywhere.
        on: What enrolls: a plain clause about a fact (each such fact), `q.segment(…)` (entering it),
            `q.stage == …` (entering it), or None (only by hand).
        steps: What happens, in order.
        only_if: Must hold at entry.
        key: Name of a property of the causing fact that tells several runs apart (a seminar's id).
        reentry: Whether the same key may run again.
        reentry_after: With `always`: not before this time after the last run ended.
        goal: Ends the run as successful: a plain clause counts facts after the start, anything else
            ends it as soon as it holds.
        exit: Ends the run, read like `goal`.
        subject: Whether leads or accounts run through it.
        title: For people to read.
    """

    name: str
    on: Predicate | None
    steps: tuple[Step, ...] = attrs.field(converter=_steps)
    only_if: Predicate | None = None
    key: str | None = None
    reentry: Reentry = attrs.field(default=Reentry.NEVER, converter=_reentry)
    reentry_after: timedelta | None = None
    goal: Predicate | None = None
    exit: Predicate | None = None
    subject: SubjectKind = attrs.field(default=SubjectKind.LEAD, converter=to_subject)
    title: str = ""

    def __attrs_post_init__(self) -> None:
        for index, step in enumerate(cast("tuple[object, ...]", self.steps)):
            if not isinstance(step, Step):
                raise DefinitionError(
                    f"scenarios.{self.name}.steps.{index}: expected a step such as send('hello'), "
                    f"found {type(step).__name__}"
                )
        for place, predicate in self.predicates():
            require_predicate(predicate, f"scenarios.{self.name}.{place}")

    @property
    def flow(self) -> Flow:
        """Its steps laid out by address."""
        return lay_out(self.steps)

    @property
    def has_trigger(self) -> bool:
        """Whether its `on` is one of the forms that can enroll."""
        if isinstance(self.on, Touched):
            return self.on.is_plain
        return self.on is None or isinstance(self.on, (InSegment, InStage))

    def predicates(self) -> Iterator[tuple[str, Predicate]]:
        """Every predicate in it, with its place."""
        for place in ("on", "only_if", "goal", "exit"):
            predicate: Predicate | None = getattr(self, place)
            if predicate is not None:
                yield place, predicate
        for address, node in self.flow.nodes.items():
            for field, predicate in node.step.predicates():
                yield f"steps.{address}.{field}", predicate


def all_steps(steps: Sequence[Step]) -> Iterator[tuple[str, Step]]:
    """Every step, nested ones too, with its address."""
    for address, node in lay_out(steps).nodes.items():
        yield address, node.step
