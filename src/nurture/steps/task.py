"""The step that gives a colleague something to do, and waits for what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

import attrs

from nurture.calendar import describe as describe_duration
from nurture.model import EMPTY, Fact, FrozenMapping, Value
from nurture.predicates import Field, Predicate, Touched
from nurture.predicates.describe import field_name
from nurture.predicates.terms import field_of
from nurture.steps.acting import NO_FIELDS, sorted_out
from nurture.steps.declaration import Declaration, mapping_given, several
from nurture.steps.step import Duration, FactOrder, Go, Move, Scene, Stay, Step, length_problems
from nurture.steps.waiting import asked_for, way_problems

if TYPE_CHECKING:
    from nurture.predicates.terms import FieldTerm
    from nurture.steps.acting import Given

DONE = "done"
"""The outcome of a task that declares none."""


@attrs.frozen(slots=True)
class Outcome(Declaration):
    """One way in which a task may end: its name and its steps."""

    is_part: ClassVar[bool] = True

    name: str
    steps: tuple[Step, ...] = ()


@attrs.frozen(slots=True)
class Task(Step):
    """Create a task, and wait until it is closed with one of its outcomes, or until the deadline.

    The task is a fact, `task.created`, under the id of this stop; closing it is a fact, `task.closed`, that names the
    task and the outcome. A task outlives its run: it stays open until somebody closes it.

    Attributes:
        title: What is to be done.
        due: Until when, counted from the arrival.
        outcomes: What may come of it, with the steps that follow; without any the run goes on at once.
        owner: Who is to do it.
        owner_from: The field that names who is to do it. Without either it is the subject's owner.
        deadline: So long the run waits, counted from the arrival; None means as long as the task is due.
        overdue: Steps when nobody closed it by then.
        params: What the task says besides.
        fill: The same, read from fields on arrival.
    """

    kind: ClassVar[str] = "task"
    listens: ClassVar[bool] = True

    title: str
    due: Duration
    outcomes: tuple[Outcome, ...] = ()
    owner: str | None = None
    owner_from: Field | None = None
    deadline: Duration | None = None
    overdue: tuple[Step, ...] = ()
    params: Mapping[str, Value] = EMPTY
    fill: Mapping[str, Field] = NO_FIELDS

    @property
    def names(self) -> tuple[str, ...]:
        """The outcomes' names."""
        return tuple(one.name for one in self.outcomes)

    def arrive(self, scene: Scene) -> Move:
        """Create the task."""
        order = FactOrder(Fact.TASK_CREATED, FrozenMapping(self._told(scene)), scene.stop)
        if not self.outcomes:
            return Go(orders=(order,), saw={"task": scene.stop})
        return Stay(until=scene.later(self.deadline or self.due), orders=(order,))

    def resume(self, scene: Scene) -> Move:
        """Go on by its outcome, or when the deadline came first."""
        word = scene.word_on(Fact.TASK_CLOSED, "task", scene.stop)
        outcome = None if word is None else word.properties.get("outcome")
        if word is not None and isinstance(outcome, str) and outcome in self.names:
            return Go(outcome, saw={"fact": word.id})
        until = scene.later(self.deadline or self.due)
        return Go("overdue") if until <= scene.now else Stay(until=until)

    def _told(self, scene: Scene) -> dict[str, Value]:
        told: dict[str, Value] = {
            "task": scene.stop,
            "title": self.title,
            "due_at": scene.later(self.due),
            "outcomes": self.names or (DONE,),
        }
        owner: Value = self.owner
        if owner is None:
            owner = scene.own("owner") if self.owner_from is None else scene.value(self.owner_from)
        if isinstance(owner, str) and owner:
            told["owner"] = owner
        given = {**self.params, **{name: scene.value(field) for name, field in self.fill.items()}}
        return {**told, **{f"params.{name}": value for name, value in given.items() if value is not None}}

    def edges(self) -> Mapping[str, Sequence[Step]]:
        """One edge an outcome, and overdue; none when it does not wait."""
        return {**{one.name: one.steps for one in self.outcomes}, "overdue": self.overdue} if self.outcomes else {}

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """The word that closes it, and the fields that it reads."""
        if self.outcomes:
            yield "closed_on", Touched(Fact.TASK_CLOSED.value)
        if self.owner_from is not None:
            yield "owner", asked_for(self.owner_from)
        for name, field in self.fill.items():
            yield f"params.{name}", asked_for(field)

    def problems(self) -> Iterable[str]:
        """It says what is to be done, and its outcomes have names of their own."""
        if not 1 <= len(self.title) <= 200:
            yield f"title: expected 1 to 200 characters, found {len(self.title)}"
        if self.outcomes:
            yield from way_problems(self.names, "overdue", "a task")
        elif self.overdue or self.deadline is not None:
            yield "a task without outcomes is not waited for; 'deadline' and 'overdue' belong to one with outcomes"
        if self.owner is not None and (self.owner_from is not None or not self.owner):
            yield "owner: expected either somebody's id or the field that holds it"
        for name in sorted(set(self.fill) & set(self.params)):
            yield f"params.{name}: is given, and filled from a field; expected one of them"
        yield from length_problems(self.due, "due")
        yield from length_problems(self.deadline, "deadline")

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        due = describe_duration(self.due, lang)
        who = field_name(self.owner_from, lang) if self.owner_from is not None else self.owner or ""
        ways = "・".join(self.names) if lang == "ja" else ", ".join(self.names)
        if lang == "ja":
            wait = f"、結果（{ways}）を待つ" if ways else ""
            return f"{f'{who}の' if who else ''}タスク「{self.title}」を作る（期限: {due}）{wait}"
        wait = f", and wait for its outcome ({ways})" if ways else ""
        return f"create the task {self.title!r}{f' for {who}' if who else ''} (due: {due}){wait}"


def task(
    title: str,
    *,
    due: Duration,
    owner: str | FieldTerm | Field | None = None,
    deadline: Duration | None = None,
    outcomes: Mapping[str, Sequence[Step]] | None = None,
    overdue: Sequence[Step] = (),
    params: Given | None = None,
) -> Task:
    """Give a colleague something to do: `task("Call", due=civil(business_days=2), outcomes={"met": [], "no": []})`.

    `crm.tasks(subject)` lists what is open, and `crm.close_task(subject, task, outcome)` closes it.

    Args:
        title: What is to be done; not personal.
        due: Until when, counted from the arrival; business hours included.
        owner: Whose task it is: an id, or a field that holds one, such as `q.account.owner`; None means the subject's
            owner.
        deadline: So long the run waits; None means as long as the task is due.
        outcomes: What may come of it, with the steps that follow; None means `done`. With `{}` the run goes on at once.
        overdue: Steps when nobody closed it by then.
        params: What the task says besides: values, or fields that are read on arrival.

    Raises:
        DefinitionError: Something of another type was given.
    """
    ways: Mapping[str, object] = {DONE: ()} if outcomes is None else mapping_given(outcomes, "task.outcomes")
    values, fields = sorted_out(params, "task.params")
    is_id = owner is None or isinstance(owner, str)
    return Task(
        title,
        due,
        tuple(Outcome(name, cast("tuple[Step, ...]", steps)) for name, steps in ways.items()),
        cast("str | None", owner) if is_id else None,
        None if is_id else field_of(owner, "task.owner"),
        deadline,
        several(overdue),
        values,
        fields,
    )
