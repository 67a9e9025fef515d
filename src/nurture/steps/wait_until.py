"""The step that waits until an appointment: a date of somebody, or of what began the run, and some time around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final, cast

import attrs

from nurture.errors import DefinitionError
from nurture.predicates import Field, Predicate, Touched, describe
from nurture.predicates.terms import field_of
from nurture.steps.declaration import several
from nurture.steps.step import Duration, Go, Move, Scene, Stay, Step
from nurture.steps.waiting import (
    appointment_given,
    appointment_problems,
    appointment_words,
    asked_for,
    clause_problems,
    is_past,
    names_given,
    same_problems,
)

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.predicates.terms import FieldTerm

_NEXT: Final = {"en": "the next anniversary of {}", "ja": "{}の次の記念日"}


@attrs.frozen(slots=True)
class WaitUntil(Step):
    """Wait until an instant that a field names, some time before or after it.

    The instant is worked out anew with each fact that comes: a date that is moved moves the wait.

    It goes on by `past` when the instant lay before the run came here: somebody applied too late for this reminder. A
    run that was only held up (it was paused) is measured by when it would have come; then the wait is `reached`,
    the next step is as late as the instant is past, and its misfire policy decides. So it is when a date is moved to
    an instant that has gone by.

    With `yearly` it waits for the next anniversary, the first after the run came here (or would have come). So `past`
    never is the way, and a run that comes at the very instant waits for a year. That of 29 February is on the 28th in
    common years; the day itself is none of its anniversaries.

    Attributes:
        field: Which date or instant. A date begins at its midnight, where the subject is.
        offset: How long after it, elapsed or civil; negative ones lead before it.
        then: Steps when the instant came.
        past: Steps when it lay before the run came here.
        missing: Steps when there is no value, on arrival or later.
        ended_by: Which facts call it off; one that came earlier in the run does, too.
        ended: Steps when such a fact came.
        same: Properties that must be the same in that fact as in the one that began the run.
        yearly: Whether its anniversaries count instead of the date itself.
    """

    kind: ClassVar[str] = "wait_until"
    listens: ClassVar[bool] = True

    field: Field
    offset: Duration | None = None
    then: tuple[Step, ...] = ()
    past: tuple[Step, ...] = ()
    missing: tuple[Step, ...] = ()
    ended_by: Predicate | None = None
    ended: tuple[Step, ...] = ()
    same: tuple[str, ...] = ()
    yearly: bool = False

    def arrive(self, scene: Scene) -> Move:
        """See whether there is anything to wait for."""
        return self.resume(scene)

    def resume(self, scene: Scene) -> Move:
        """Go on by the edge that the appointment or a fact chose."""
        clause = self.ended_by
        fact = scene.first_fact(clause, whole_run=True, same=self.same) if isinstance(clause, Touched) else None
        if fact is not None:
            return Go("ended", saw={"fact": fact.id})
        at = self.appointment(scene)
        if at is None:
            return Go("missing")
        if at > scene.now:
            return Stay(until=at)
        return Go("past", saw={"at": at}) if is_past(scene, at) else Go("reached", saw={"at": at}, due=at)

    def appointment(self, scene: Scene) -> datetime | None:
        """The instant that the field names, with the offset."""
        return scene.anniversary(self.field, self.offset) if self.yearly else scene.appointment(self.field, self.offset)

    def edges(self) -> Mapping[str, Sequence[Step]]:
        """Reached and missing; past, where it can be; ended, where facts may end it."""
        past = {} if self.yearly else {"past": self.past}
        ended = {} if self.ended_by is None else {"ended": self.ended}
        return {"reached": self.then, **past, "missing": self.missing, **ended}

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The date."""
        return ((f"{self.field.owner} date", self.field.name),)

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """The field, and what calls it off."""
        yield "at", asked_for(self.field)
        if self.ended_by is not None:
            yield "ended_on", self.ended_by

    def compares(self) -> Iterable[str]:
        """What must be the same."""
        return self.same

    def problems(self) -> Iterable[str]:
        """The field is somebody's, and what calls it off is a plain clause."""
        yield from appointment_problems(self.field, self.offset, "wait_until")
        if self.yearly and self.past:
            yield "wait_until: a yearly wait is for the next anniversary, so that 'past' never is the way"
        if self.ended_by is not None:
            yield from clause_problems(self.ended_by, "wait_until.ended_by")
        elif self.ended or self.same:
            yield "wait_until: 'ended' and 'same' belong to 'ended_by', and that is missing"
        yield from same_problems(self.same, "wait_until.same")

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        when = appointment_words(self.field, self.offset, lang, _NEXT[lang] if self.yearly else "{}")
        end = "" if self.ended_by is None else describe(self.ended_by, lang)
        if lang == "ja":
            return f"{when}まで待つ{f'（中止: {end}）' if end else ''}"
        return f"wait until {when}{f' (called off by: {end})' if end else ''}"


def wait_until(
    field: FieldTerm | Field,
    offset: Duration | None = None,
    *,
    then: Sequence[Step] = (),
    past: Sequence[Step] = (),
    missing: Sequence[Step] = (),
    ended_by: Predicate | None = None,
    ended: Sequence[Step] = (),
    same: str | Sequence[str] = (),
    yearly: bool = False,
) -> WaitUntil:
    """Wait until an appointment: `wait_until(q.entry.campaign.starts_at, civil(business_days=-3, at="10:00"))`.

    Every way leads on to the step below when its own steps are done. So what is only for those who are in time stands
    in `then`.

    Args:
        field: A date or an instant of the lead, the account, the entry fact or its campaign.
        offset: How long after it, elapsed or civil; negative ones lead before it.
        then: Steps when the instant came.
        past: Steps when it lay before the run came here.
        missing: Steps when there is no value.
        ended_by: A plain clause about the facts that call it off, such as `q.touches("seminar.cancelled")`.
        ended: Steps when such a fact came, now or earlier in the run.
        same: Properties that must be the same in that fact as in the one that began the run, such as `"seminar"`.
        yearly: Wait for the next anniversary, as for birthdays and contracts.

    Raises:
        DefinitionError: Something of another type was given.
    """
    if ended_by is not None and not isinstance(cast("object", ended_by), Predicate):
        raise DefinitionError(
            f"wait_until.ended_by: expected a clause such as q.touches('seminar.cancelled'), "
            f"found {type(ended_by).__name__}"
        )
    return WaitUntil(
        field_of(field, "wait_until"),
        appointment_given(offset, "wait_until.offset"),
        several(then),
        several(past),
        several(missing),
        ended_by,
        several(ended),
        names_given(same, "wait_until.same"),
        yearly,
    )
