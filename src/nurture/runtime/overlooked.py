"""Nobody slips through: who is in a stage of nurturing, and has nothing ahead; and whom nobody has touched for long.

A walk by page: from each page of standings the answer is mostly there, and what it lacks is loaded for those in doubt,
in one go. May import the ports and what lies below them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import attrs

from nurture import calendar
from nurture.calendar import Civil, day_of, zone
from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import Origin, Standing, SubjectId, is_account
from nurture.predicates import Need, Reach
from nurture.runtime.histories import newest_first
from nurture.runtime.tasking import open_tasks
from nurture.steps.step import LONGEST

if TYPE_CHECKING:
    from nurture.calendar import Duration
    from nurture.model import Touchpoint
    from nurture.ports import View
    from nurture.runtime.host import Host

PAGE = 500
"""So many standings are looked at in one go."""
_SPARE: Final = timedelta(days=14)
_TOUCHES: Final = frozenset({Origin.LEAD, Origin.HOST})


class Because(StrEnum):
    """Why somebody is on the list.

    `nothing_ahead`: no run is under way, no task is open, and nothing changes by itself. `untouched`: neither the
    person nor the host did anything for so long. `dead`: nothing is decided any more, since that failed.
    """

    NOTHING_AHEAD = "nothing_ahead"
    UNTOUCHED = "untouched"
    DEAD = "dead"


_WHY: Final = {
    "en": {
        Because.NOTHING_AHEAD: "no run, no task and nothing else is ahead",
        Because.UNTOUCHED: "nobody has touched it since {touched}",
        Because.DEAD: "nothing is decided about it any more",
    },
    "ja": {
        Because.NOTHING_AHEAD: "進行中のシナリオもタスクも今後の予定もない",
        Because.UNTOUCHED: "{touched}から接触がない",
        Because.DEAD: "判定が停止している",
    },
}


@attrs.frozen(slots=True, kw_only=True)
class Overlooked:
    """Somebody who may slip through.

    Attributes:
        subject: Whom it is about.
        stage: In which stage; None for a program without a lifecycle.
        stage_since: Since when.
        because: Why it is listed.
        touched_at: When the person or the host did something last; None means never. Looked up only for the untouched.
        zone: The program's: by its clocks a sentence tells the day.
    """

    subject: SubjectId
    stage: str | None
    stage_since: datetime | None
    because: tuple[Because, ...]
    touched_at: datetime | None = None
    zone: str = "UTC"

    def sentence(self, lang: str = "en") -> str:
        """Why it is listed, in words."""
        never = "初回" if lang == "ja" else "the beginning"
        touched = never if self.touched_at is None else day_of(self.touched_at, zone(self.zone)).isoformat()
        return ("、" if lang == "ja" else "; ").join(_WHY[lang][one].format(touched=touched) for one in self.because)


def overlooked(
    host: Host, stages: Collection[str] | None, untouched: Duration | None, after: str = ""
) -> Iterator[Overlooked]:
    """Who may slip through, in the order of ids; for the arguments see `Nurture.no_next_step`."""
    wanted = _stages(host, stages)
    _require_ahead(untouched)
    return _walked(host, wanted, untouched, after)


def _walked(host: Host, wanted: frozenset[str] | None, untouched: Duration | None, after: str) -> Iterator[Overlooked]:
    while True:
        with host.storage.view() as view:
            page = view.page(Standing, after, PAGE)
            asked = [one for one in page if wanted is None or one.stage in wanted]
            found = _found(host, view, asked, untouched)
        yield from found
        if len(page) < PAGE:
            return
        after = page[-1].id


def _stages(host: Host, stages: Collection[str] | None) -> frozenset[str] | None:
    """The stages that are asked about; without any, those from which a way leads on."""
    lifecycle = host.program.lifecycle
    if stages is None:
        return None if lifecycle is None else frozenset(one.source for one in lifecycle.transitions)
    known = lifecycle.names if lifecycle is not None else ()
    given = [stages] if isinstance(stages, str) else list(stages)
    for name in given:
        if name not in known:
            raise UnknownNameError("stage", name, known)
    return frozenset(given)


def _require_ahead(untouched: object) -> None:
    if untouched is None:
        return
    is_ahead = (
        not untouched.reaches_back
        if isinstance(untouched, Civil)
        else isinstance(untouched, timedelta) and timedelta(0) < untouched <= LONGEST
    )
    if not is_ahead:
        raise DefinitionError("untouched: expected a length of time such as civil(business_days=5)")


def _found(host: Host, view: View, asked: Sequence[Standing], untouched: Duration | None) -> list[Overlooked]:
    idle = [one for one in asked if one.due_at is None and not any(run.is_active for run in one.enrollments)]
    busy = {task.subject for task in open_tasks(view, [one.subject for one in idle])} if idle else set[SubjectId]()
    nothing_ahead = {one.subject for one in idle if one.dead is None and one.subject not in busy}
    left_alone = _left_alone(host, view, asked, untouched) if untouched is not None else set[SubjectId]()
    found: list[Overlooked] = []
    for one in asked:
        reasons = (
            (Because.DEAD, one.dead is not None),
            (Because.NOTHING_AHEAD, one.subject in nothing_ahead),
            (Because.UNTOUCHED, one.subject in left_alone),
        )
        because = tuple(why for why, holds in reasons if holds)
        if because:
            touched_at = _touched_at(view, one.subject) if Because.UNTOUCHED in because else None
            found.append(
                Overlooked(
                    subject=one.subject,
                    stage=one.stage,
                    stage_since=one.stage_since,
                    because=because,
                    touched_at=touched_at,
                    zone=host.program.zone,
                )
            )
    return found


def _left_alone(host: Host, view: View, asked: Sequence[Standing], untouched: Duration) -> set[SubjectId]:
    """Those without a fact of their own or of the host within that time; only so much history is loaded."""
    now = host.storage.now()
    reach = Reach(any_kind=Need(2 * (_later(host, untouched, now) - now) + _SPARE, None))
    left = {one.subject for one in asked}
    for accounts in (True, False):
        some = [one.subject for one in asked if is_account(one.subject) is accounts]
        for subject, known in view.about(dict.fromkeys(some, now), reach).items() if some else ():
            facts = (*known.facts, *(pending.fact for pending in known.inbox))
            if any(_is_touch(fact) and _later(host, untouched, fact.at) > now for fact in facts):
                left.discard(subject)
    return left


def _later(host: Host, untouched: Duration, since: datetime) -> datetime:
    if isinstance(untouched, Civil):
        program = host.program
        return calendar.add(untouched, since, calendar.zone(program.zone), program.calendar)
    return since + untouched


def _is_touch(fact: Touchpoint) -> bool:
    return fact.origin in _TOUCHES


def _touched_at(view: View, subject: SubjectId) -> datetime | None:
    return next((fact.at for fact in newest_first(view, subject) if _is_touch(fact)), None)


__all__ = ["Because", "Overlooked", "overlooked"]
