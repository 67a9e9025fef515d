"""Tasks that steps gave to colleagues: which are open, and closing one. May import the ports and what lies below them.

A task is two facts about its subject: `task.created`, which deciding states, and `task.closed`, which the host does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from nurture.errors import ConflictError, NotFoundError, UnknownNameError
from nurture.model import (
    EMPTY,
    Changes,
    Fact,
    FactId,
    FrozenMapping,
    Standing,
    SubjectId,
    Touchpoint,
    Value,
    clean_values,
)
from nurture.model.ids import shown
from nurture.model.values import clean_text
from nurture.predicates import Need, Reach
from nurture.runtime.capturing import ATTEMPTS
from nurture.runtime.host import Host, with_inbox

if TYPE_CHECKING:
    from nurture.ports import View

PAGE = 500
"""So many subjects are asked at a time."""
PARAMS = "params."
"""What stands before the names of what a task says besides."""
_REACH = Reach(kinds={Fact.TASK_CREATED.value: Need(), Fact.TASK_CLOSED.value: Need()})


@attrs.frozen(slots=True, kw_only=True)
class OpenTask:
    """Something that a colleague is still to do.

    Attributes:
        id: Names it when it is closed.
        subject: About whom it is.
        title: What is to be done.
        due_at: Until when.
        created_at: Since when.
        owner: Who is to do it; None when nobody looks after the subject.
        outcomes: What may come of it.
        params: What it says besides.
    """

    id: str
    subject: SubjectId
    title: str
    due_at: datetime
    created_at: datetime
    owner: str | None = None
    outcomes: tuple[str, ...] = ()
    params: Mapping[str, Value] = EMPTY


def tasks_of(host: Host, subject: SubjectId) -> tuple[OpenTask, ...]:
    """The open tasks about a subject, the first due first.

    Raises:
        NotFoundError: There is no such subject.
    """
    with host.storage.view() as view:
        _require(view, subject)
        return _open(view, [subject])


def all_tasks(host: Host) -> Iterator[OpenTask]:
    """The open tasks about everybody, subject by subject in the order of their ids; it walks over all of them."""
    after = ""
    while True:
        with host.storage.view() as view:
            subjects = [one.subject for one in view.page(Standing, after, PAGE)]
            found = _open(view, subjects)
        yield from sorted(found, key=lambda task: (task.subject, task.due_at, task.id))
        if len(subjects) < PAGE:
            return
        after = subjects[-1]


def open_tasks(view: View, subjects: Iterable[SubjectId]) -> tuple[OpenTask, ...]:
    """The open tasks about some subjects, the first due first."""
    return _open(view, subjects)


def close_task(
    host: Host, subject: SubjectId, task: str, outcome: str, by: str, params: Mapping[str, object] | None
) -> FactId:
    """Write down that a task was done, and what came of it. Harmless twice.

    Raises:
        NotFoundError: There is no such subject or task; or it was closed with another outcome.
        UnknownNameError: The task declares no such outcome.
    """
    given = {f"{PARAMS}{name}": value for name, value in clean_values(params, "params").items()}
    told: dict[str, Value] = {"task": task, "outcome": outcome, **given}
    if by:
        told["by"] = clean_text(by, "by")
    for _ in range(ATTEMPTS):
        with host.storage.begin() as unit:
            _require(unit, subject)
            closed = _closed(unit, subject, task, outcome)
            if closed is not None:
                return closed.id
            fact = host.fact(subject, Fact.TASK_CLOSED, FrozenMapping(told), unit.now(), key=task)
            conflicts = unit.put({subject: Changes(records=with_inbox([fact]))})
        if conflicts:
            continue
        with host.storage.view() as view:
            stays = view.get(Touchpoint, [fact.id]).get(fact.id)
        if stays is not None and stays.properties.get("outcome") != outcome:
            raise _closed_before(task)  # somebody else was a little faster
        if stays == fact:
            host.tell([fact])
        return fact.id
    raise ConflictError(f"{subject} is being written by others all the time; closing the task again is safe")


def _closed(view: View, subject: SubjectId, task: str, outcome: str) -> Touchpoint | None:
    """The fact that closed a task already; None when it is open and may end like this."""
    facts = [one for one in _facts(view, [subject]) if one.properties.get("task") == task]
    created = next((one for one in facts if one.kind == Fact.TASK_CREATED), None)
    if created is None:
        raise NotFoundError(f"no such task about {shown(subject)}: {shown(task, 'task_…')}")
    outcomes = _texts(created.properties.get("outcomes"))
    if outcome not in outcomes:
        raise UnknownNameError("outcome", outcome, outcomes, where=f"task {task}")
    closed = next((one for one in facts if one.kind == Fact.TASK_CLOSED), None)
    if closed is not None and closed.properties.get("outcome") != outcome:
        raise _closed_before(task)
    return closed


def _closed_before(task: str) -> NotFoundError:
    return NotFoundError(f"the task {task} is not open any more: it was closed with another outcome")


def _require(view: View, subject: SubjectId) -> None:
    if subject not in view.existing([subject]):
        raise NotFoundError(f"no such lead or account: {shown(subject)}")


def _facts(view: View, subjects: Iterable[SubjectId]) -> Iterator[Touchpoint]:
    for known in view.about(dict.fromkeys(subjects), _REACH).values():
        yield from known.facts
        yield from (pending.fact for pending in known.inbox)


def _open(view: View, subjects: Iterable[SubjectId]) -> tuple[OpenTask, ...]:
    facts = list(_facts(view, subjects))
    closed = {fact.properties.get("task") for fact in facts if fact.kind == Fact.TASK_CLOSED}
    created = [fact for fact in facts if fact.kind == Fact.TASK_CREATED and fact.properties.get("task") not in closed]
    return tuple(sorted(map(_task, created), key=lambda task: (task.due_at, task.id)))


def _task(fact: Touchpoint) -> OpenTask:
    told = fact.properties
    due_at, owner = told.get("due_at"), told.get("owner")
    size = len(PARAMS)
    return OpenTask(
        id=str(told.get("task")),
        subject=fact.subject,
        title=str(told.get("title", "")),
        due_at=due_at if isinstance(due_at, datetime) else fact.at,
        created_at=fact.at,
        owner=owner if isinstance(owner, str) else None,
        outcomes=_texts(told.get("outcomes")),
        params=FrozenMapping({name[size:]: value for name, value in told.items() if name.startswith(PARAMS)}),
    )


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, tuple) else ()
