"""Approvals: which of them somebody waits for, and what was answered. May import requesting and what lies below it.

A request, a yes and a no are facts. What is approved is the content that the request names; the step that asked
decides what an answer means, and this room only writes it down and tells how it turned out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import attrs

from nurture.decisions.scene import stop_of
from nurture.errors import InvalidFactError, NotFoundError
from nurture.model import Enrollment, Fact, FrozenMapping, Touchpoint
from nurture.model.ids import shown
from nurture.model.values import clean_text
from nurture.predicates import Need, Reach
from nurture.runtime.deciding import decide_these
from nurture.runtime.recording import request
from nurture.runtime.requesting import decide_until, standing_of, trouble_of
from nurture.runtime.results import Answered, Approval, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nurture.model import Standing, SubjectId, Value
    from nurture.runtime.host import Host

_ALL: Final = Need()
_REACH: Final = Reach(
    kinds=FrozenMapping(dict.fromkeys((Fact.APPROVAL_REQUESTED, Fact.APPROVAL_GIVEN, Fact.APPROVAL_REFUSED), _ALL))
)
_ANSWERS: Final = frozenset({Fact.APPROVAL_GIVEN, Fact.APPROVAL_REFUSED})
_LONGEST: Final = 1000


@attrs.frozen(slots=True)
class _Requests:
    """What was asked about a subject, and what was answered.

    Attributes:
        asked: The requests by the approval's id, oldest first.
        answers: The answer that counts, by the approval's id.
        waiting: The runs that wait, by the stop's id.
    """

    asked: Mapping[str, Touchpoint]
    answers: Mapping[str, Touchpoint]
    waiting: Mapping[str, Enrollment]

    def awaits(self, asked: Touchpoint) -> bool:
        """Whether the run that made the request still waits there."""
        return asked.properties.get("stop") in self.waiting


def approvals(host: Host, subject: SubjectId) -> tuple[Approval, ...]:
    """The approvals that runs of a subject wait for, oldest first; see `Nurture.approvals`."""
    found = _requests(host, subject)
    chosen: dict[Value, Touchpoint] = {}
    for fact in found.asked.values():
        stop = fact.properties.get("stop")
        if found.awaits(fact) and not (stop in chosen and _is_of_today(host, chosen[stop])):
            chosen[stop] = fact
    return tuple(_approval(fact, found.waiting[str(stop)]) for stop, fact in chosen.items())


def answer(
    host: Host, subject: SubjectId, approval: str, *, role: str, by: str, given: bool, reason: str
) -> Answered | Refused:
    """Say yes or no to an approval; see `Nurture.approve`."""
    by, reason = _note(by, "by"), _note(reason, "reason")
    if not by.strip():
        raise InvalidFactError("by", "who says so")
    if (trouble := trouble_of(host, subject)) is not None:
        return Refused(trouble)
    decide_these(host, [subject])  # what was recorded before may have ended the waiting
    found = _requests(host, subject)
    asked = found.asked.get(approval)
    if asked is None:
        raise NotFoundError(f"no such approval was asked of {subject}: {shown(approval, 'appr_…')}")
    if asked.properties.get("role") != role:
        return Refused("wrong_role")
    if approval in found.answers or not found.awaits(asked):
        return _told(found, asked, given=given)
    about = {name: value for name, value in asked.properties.items() if name != "reason"}
    kind = Fact.APPROVAL_GIVEN if given else Fact.APPROVAL_REFUSED
    written = request(host, subject, kind, {**about, "by": by, **({"reason": reason} if reason else {})})
    if (trouble := decide_until(host, subject, written)) is not None:
        return Refused(trouble)
    return _told(_requests(host, subject), asked, given=given)


def _told(found: _Requests, asked: Touchpoint, *, given: bool) -> Answered | Refused:
    approval = _id_of(asked)
    if found.awaits(asked):  # the answer changed nothing: the message says something else by now, and is asked for anew
        return Refused("content_changed")
    said = found.answers.get(approval)
    if said is None:
        return Refused("not_open")
    is_yes = said.kind == Fact.APPROVAL_GIVEN
    return Answered(approval, given) if is_yes == given else Refused("answered_before")


def _requests(host: Host, subject: SubjectId) -> _Requests:
    standing = standing_of(host, subject)
    since = None if standing is None else standing.advanced_to
    with host.storage.view() as view:
        known = view.about({subject: since}, _REACH)[subject]
    facts = [*known.facts, *(pending.fact for pending in known.inbox)]
    facts.sort(key=lambda fact: (max(fact.at, fact.received_at), fact.kind == Fact.APPROVAL_GIVEN, fact.id))
    answers: dict[str, Touchpoint] = {}
    for fact in facts:
        if fact.kind in _ANSWERS:
            answers.setdefault(_id_of(fact), fact)
    asked = {_id_of(fact): fact for fact in facts if fact.kind == Fact.APPROVAL_REQUESTED}
    return _Requests(asked, answers, dict(_waiting(host, standing)))


def _waiting(host: Host, standing: Standing | None) -> Iterable[tuple[str, Enrollment]]:
    for run in standing.enrollments if standing is not None else ():
        if run.is_active and run.path:
            yield stop_of(host.tenant, run), run


def _is_of_today(host: Host, asked: Touchpoint) -> bool:
    """Whether the message still says what is asked about."""
    from nurture.program.codec import content_of  # it loads cattrs, which few need

    message = asked.properties.get("message")
    return not isinstance(message, str) or asked.properties.get("content") == content_of(host.program, message)


def _id_of(fact: Touchpoint) -> str:
    return str(fact.properties.get("approval"))


def _approval(fact: Touchpoint, run: Enrollment) -> Approval:
    said: Mapping[str, Value] = fact.properties
    return Approval(
        id=_id_of(fact),
        subject=fact.subject,
        scenario=run.scenario,
        role=str(said.get("role", "")),
        message=str(said.get("message", "")),
        content=str(said.get("content", "")),
        asked_at=fact.at,
        until=run.until,
    )


def _note(text: str, field: str) -> str:
    clean = clean_text(text, field)
    if len(clean) > _LONGEST:
        raise InvalidFactError(field, f"at most {_LONGEST} characters", found=f"{len(clean)} characters")
    return clean
