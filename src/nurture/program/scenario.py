"""A drip: who enters, what happens step by step, when it ends. Imports steps and predicates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import ClassVar

import attrs

from nurture.errors import DefinitionError, InvalidFactError
from nurture.model import SubjectKind
from nurture.model.values import clean_text
from nurture.predicates import InSegment, InStage, Predicate, Touched
from nurture.program.choices import choose, to_subject
from nurture.program.entry import Entry
from nurture.steps import Flow, Step, lay_out
from nurture.steps.declaration import Declaration, place_of, several


class Reentry(StrEnum):
    """Whether a subject may run through a scenario again, with the same run key.

    `restart` ends a run that is still active and begins anew; the others leave it alone.
    """

    NEVER = "never"
    ALWAYS = "always"
    RESTART = "restart"


def _steps(given: Iterable[Step]) -> tuple[Step, ...]:
    return several(given)


def _reentry(value: Reentry | str) -> Reentry:
    return choose(Reentry, value, "scenario.reentry")


@attrs.frozen(slots=True)
class Scenario(Declaration):
    """A drip scenario.

    Attributes:
        name: Names it everywhere.
        on: What enrolls: a plain clause about a fact (each such fact), `q.segment(…)` and `q.stage == …` (entering
            it), any other predicate (whenever it begins to hold), `on_date(…)`, `on_schedule(…)`, or None (only by
            hand).
        steps: What happens, in order.
        only_if: Must hold at entry.
        key: Name of a property of the causing fact that tells several runs apart (a seminar's id, a contract's).
        reentry: Whether the same key may run again.
        reentry_after: With `always`: not before this time after the last run ended.
        max_runs: How many runs one subject may have in all, whatever their keys.
        existing: Whether those of whom `on` holds already are enrolled, too, when a program brings the scenario.
        group: Scenarios of one group exclude one another: a subject runs through one of them at a time.
        priority: In a group, the higher one takes the place of a lower one. Everywhere, the message of the higher one
            goes first where the policy leaves room for one only.
        goal: Ends the run as successful: a plain clause counts facts after the start, anything else
            ends it as soon as it holds.
        goal_within: So long after the end of a run a fact that is the goal still counts for it.
        exit: Ends the run, read like `goal`.
        while_entered: Whether a run also ends when what enrolled does not hold any more: a segment, a stage, or
            another predicate.
        moved_by: A clause about facts that renew what the run knows about its entry, such as
            `q.touches("seminar.rescheduled")`; with a `key`, those with the same one. Waits for such a date move.
        subject: Whether leads or accounts run through it.
        title: For people to read.
    """

    stands_in: ClassVar[str] = "scenarios"

    name: str
    on: Entry | None
    steps: tuple[Step, ...] = attrs.field(converter=_steps)
    only_if: Predicate | None = None
    key: str | None = None
    reentry: Reentry = attrs.field(default=Reentry.NEVER, converter=_reentry)
    reentry_after: timedelta | None = None
    max_runs: int | None = None
    existing: bool = False
    group: str = ""
    priority: int = 0
    goal: Predicate | None = None
    goal_within: timedelta | None = None
    exit: Predicate | None = None
    while_entered: bool = False
    moved_by: Predicate | None = None
    subject: SubjectKind = attrs.field(default=SubjectKind.LEAD, converter=to_subject)
    title: str = ""

    def __attrs_post_init__(self) -> None:
        Declaration.__attrs_post_init__(self)
        problems = list(_range_problems(self))
        if problems:
            raise DefinitionError(problems)

    @cached_property
    def flow(self) -> Flow:
        """Its steps laid out by address."""
        return lay_out(self.steps)

    @property
    def state(self) -> Predicate | None:
        """What `on` asks about how a subject is, rather than about what happens to it: it can also cease to hold."""
        if isinstance(self.on, Predicate) and not (isinstance(self.on, Touched) and self.on.is_plain):
            return self.on
        return None

    @property
    def begins(self) -> Predicate | None:
        """The predicate that enrolls whenever it begins to hold; None when it enrolls otherwise."""
        return None if isinstance(self.on, (InSegment, InStage)) else self.state

    def predicates(self) -> Iterator[tuple[str, Predicate]]:
        """Every predicate in it, with its place."""
        if isinstance(self.on, Predicate):
            yield "on", self.on
        elif self.on is not None:
            yield from self.on.predicates()
        for place in ("only_if", "goal", "exit", "moved_by"):
            predicate: Predicate | None = getattr(self, place)
            if predicate is not None:
                yield place, predicate
        for address, node in self.flow.nodes.items():
            for field, predicate in node.step.predicates():
                yield f"steps.{address}.{field}", predicate


_LONGEST = timedelta(days=36_525)
_MOST = 2**31 - 1


def _range_problems(scenario: Scenario) -> Iterator[str]:
    """What no store could hold, and what lies beyond any plan."""
    where = place_of(scenario)
    for field in ("name", "group", "title", "key"):
        text: object = getattr(scenario, field)
        try:
            clean_text("" if text is None else text, field)
        except InvalidFactError as error:
            yield f"{where}.{error}"
    for field in ("priority", "max_runs"):
        number: object = getattr(scenario, field)
        if isinstance(number, int) and abs(number) > _MOST:
            yield f"{where}.{field}: expected a whole number of at most {_MOST}"
    for field in ("reentry_after", "goal_within"):
        length: object = getattr(scenario, field)
        if isinstance(length, timedelta) and length > _LONGEST:
            yield f"{where}.{field}: expected elapsed time of at most 100 years"


def all_steps(steps: Sequence[Step]) -> Iterator[tuple[str, Step]]:
    """Every step, nested ones too, with its address."""
    for address, node in lay_out(steps).nodes.items():
        yield address, node.step
