"""Asking for a decision by hand: a request is written down like any fact, its subject decided, and the answer found.

May import deciding and what lies below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.errors import ConflictError, NotFoundError, UnknownNameError
from nurture.model import EnrollmentState, Fact, Standing, Touchpoint
from nurture.model.ids import shown
from nurture.runtime.deciding import decide_these, dossier_of
from nurture.runtime.histories import newest_first
from nurture.runtime.recording import request
from nurture.runtime.results import Enrolled, Moved, Refused, Withdrawn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nurture.model import FactId, SubjectId, Value
    from nurture.runtime.host import Host

ATTEMPTS = 20


def move(host: Host, subject: SubjectId, stage: str, reason: str) -> Moved | Refused:
    """Ask for another stage; the lifecycle has the last word.

    Raises:
        UnknownNameError: The program declares no such stage.
    """
    lifecycle = host.program.lifecycle
    if lifecycle is not None and stage not in lifecycle.names:
        raise UnknownNameError("stage", stage, lifecycle.names)
    answer = _answered(host, subject, Fact.STAGE_REQUESTED, {"stage": stage, "reason": reason})
    if isinstance(answer, Refused):
        return answer
    return Moved(stage) if answer.kind == Fact.STAGE_CHANGED else _refused(answer)


def enroll(host: Host, subject: SubjectId, scenario: str, key: str) -> Enrolled | Refused:
    """Begin a run of a scenario; its rules of re-entry hold.

    Raises:
        UnknownNameError: The program declares no such scenario.
    """
    _require_scenario(host, scenario)
    answer = _answered(host, subject, Fact.ENROLLMENT_REQUESTED, {"scenario": scenario, "key": key})
    if isinstance(answer, Refused):
        return answer
    if answer.kind == Fact.ENROLLMENT_STARTED:
        return Enrolled(scenario, str(answer.properties.get("enrollment")))
    return _refused(answer)


def withdraw(host: Host, subject: SubjectId, scenario: str, key: str, reason: str) -> Withdrawn | Refused:
    """End the active runs of a scenario, all of them or those with the key.

    Raises:
        UnknownNameError: The program declares no such scenario.
        NotFoundError: There is no such subject.
    """
    _require_scenario(host, scenario)
    if (trouble := trouble_of(host, subject)) is not None:
        return Refused(trouble)
    decide_these(host, [subject])  # what was recorded before may have begun a run
    active = _active_runs(host, subject, scenario, key)
    if not active:
        return Refused("not_enrolled")
    asked = request(host, subject, Fact.WITHDRAWAL_REQUESTED, {"scenario": scenario, "key": key, "reason": reason})
    if (trouble := decide_until(host, subject, asked)) is not None:
        return Refused(trouble)
    return Withdrawn(scenario, active - _active_runs(host, subject, scenario, key))


def _require_scenario(host: Host, name: str) -> None:
    if host.program.scenario(name) is None:
        raise UnknownNameError("scenario", name, [one.name for one in host.program.scenarios])


def standing_of(host: Host, subject: SubjectId) -> Standing | None:
    """Where a subject stands; None before its first decision."""
    with host.storage.view() as view:
        standing = view.get(Standing, [subject]).get(subject)
        if standing is None and subject not in view.existing([subject]):
            raise NotFoundError(f"no such lead or account: {shown(subject)}")
    return standing


def _active_runs(host: Host, subject: SubjectId, scenario: str, key: str) -> int:
    standing = standing_of(host, subject)
    return sum(
        one.state is EnrollmentState.ACTIVE and one.scenario == scenario and (not key or one.run_key == key)
        for one in (standing.enrollments if standing else ())
    )


def trouble_of(host: Host, subject: SubjectId) -> str | None:
    """Why a subject is not to be decided now, in a word: it is `dead`, or it is `failing` and waits."""
    standing = standing_of(host, subject)
    if standing is None:
        return None
    if standing.dead is not None:
        return "dead"
    waits = standing.failures and standing.due_at is not None and standing.due_at > host.storage.now()
    return "failing" if waits else None


def _answered(host: Host, subject: SubjectId, kind: Fact, properties: Mapping[str, Value]) -> Touchpoint | Refused:
    """Write a request down, decide the subject, and find the answer among its facts."""
    trouble = trouble_of(host, subject)
    if trouble is not None:
        return Refused(trouble)
    asked = request(host, subject, kind, properties)
    trouble = decide_until(host, subject, asked)
    if trouble is not None:
        return Refused(trouble)
    answer = _answer(host, subject, asked)
    if answer is None:
        raise NotFoundError(f"the request {asked} was not answered")
    return answer


def _answer(host: Host, subject: SubjectId, asked: FactId) -> Touchpoint | None:
    """The fact that answers a request: it came after it, so the walk back ends there."""
    with host.storage.view() as view:
        since = view.get(Touchpoint, [asked]).get(asked)
        for fact in newest_first(view, subject) if since is not None else ():
            if fact.properties.get("request") == asked:
                return fact
            if since is not None and fact.at < since.at:
                break
    return None


def decide_until(host: Host, subject: SubjectId, fact: FactId) -> str | None:
    """Decide one subject until a fact of its inbox was taken in; the answer is why that cannot be now."""
    for _ in range(ATTEMPTS):
        decide_these(host, [subject])
        with host.storage.view() as view:
            dossier = dossier_of(host, view, subject)
        if dossier is None or all(pending.fact.id != fact for pending in dossier.inbox):
            return None
        trouble = trouble_of(host, subject)
        if trouble is not None:
            return trouble
    raise ConflictError(f"the request {fact} could not be decided: others write the subject all the time")


def _refused(answer: Touchpoint) -> Refused:
    return Refused(str(answer.properties.get("reason", "refused")))
