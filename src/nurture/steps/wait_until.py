"""The step that waits until an appointment: a date of somebody, or of what began the run, and some time around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

import attrs

from nurture.calendar import Civil
from nurture.calendar import describe as describe_duration
from nurture.errors import DefinitionError
from nurture.predicates import Field, Owner, Predicate, Touched, describe
from nurture.predicates.describe import field_name
from nurture.predicates.terms import field_of
from nurture.steps.step import LONGEST, Duration, Go, Move, Scene, Stay, Step
from nurture.steps.waiting import asked_for, clause_problems, names_given, same_problems

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.predicates.terms import FieldTerm


@attrs.frozen(slots=True)
class WaitUntil(Step):
    """Wait until an instant that a field names, some time before or after it.

    The instant is worked out anew with each fact that comes: a date that is moved moves the wait.

    It goes on by `past` when the instant lay before the run came here: somebody applied too late for this reminder. A
    run that was only held up (it was paused) is measured by when it would have come; then the wait is `reached`,
    the next step is as late as the instant is past, and its misfire policy decides. So it is when a date is moved to
    an instant that has gone by.

    Attributes:
        field: Which date or instant. A date begins at its midnight, where the subject is.
        offset: How long after it, elapsed or civil; negative ones lead before it.
        then: Steps when the instant came.
        past: Steps when it lay before the run came here.
        missing: Steps when there is no value, on arrival or later.
        ended_by: Which facts call it off; one that came earlier in the run does, too.
        ended: Steps when such a fact came.
        same: Properties that must be the same in that fact as in the one that began the run.
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
        meant_to_come = scene.arrived_at - scene.late
        return Go("past", saw={"at": at}) if at < meant_to_come else Go("reached", saw={"at": at}, due=at)

    def appointment(self, scene: Scene) -> datetime | None:
        """The instant that the field names, with the offset."""
        return scene.appointment(self.field, self.offset)

    def edges(self) -> Mapping[str, Sequence[Step]]:
        """Reached, past and missing; ended, where facts may end it."""
        ways = {"reached": self.then, "past": self.past, "missing": self.missing}
        return ways if self.ended_by is None else {**ways, "ended": self.ended}

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The date."""
        return ((f"{self.field.owner} date", self.field.name),)

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """The field, and what calls it off."""
        yield "at", asked_for(self.field)
        if self.ended_by is not None:
            yield "ended_on", self.ended_by

    def problems(self) -> Iterable[str]:
        """The field is somebody's, and what calls it off is a plain clause."""
        if self.field.owner is Owner.PROP:
            yield "wait_until takes a field of the lead, the account or the entry; q.prop(…) is of which fact?"
        if not isinstance(self.offset, Civil) and self.offset is not None and abs(self.offset) > LONGEST:
            yield "offset: expected at most 100 years either way"
        if self.ended_by is not None:
            yield from clause_problems(self.ended_by, "wait_until.ended_by")
        elif self.ended or self.same:
            yield "wait_until: 'ended' and 'same' belong to 'ended_by', and that is missing"
        yield from same_problems(self.same, "wait_until.same")

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        when = field_name(self.field, lang)
        around = "" if self.offset is None else describe_duration(self.offset, lang)
        end = "" if self.ended_by is None else describe(self.ended_by, lang)
        if lang == "ja":
            return f"{when}{f'の{around}' if around else ''}まで待つ{f'（中止: {end}）' if end else ''}"
        return f"wait until {when}{f', {around}' if around else ''}{f' (called off by: {end})' if end else ''}"


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

    Raises:
        DefinitionError: Something of another type was given.
    """
    if offset is not None and not isinstance(cast("object", offset), Duration):
        raise DefinitionError(f"wait_until.offset: expected a timedelta or civil(...), found {type(offset).__name__}")
    if ended_by is not None and not isinstance(cast("object", ended_by), Predicate):
        raise DefinitionError(
            f"wait_until.ended_by: expected a clause such as q.touches('seminar.cancelled'), "
            f"found {type(ended_by).__name__}"
        )
    return WaitUntil(
        field_of(field, "wait_until"),
        offset,
        tuple(then),
        tuple(past),
        tuple(missing),
        ended_by,
        tuple(ended),
        names_given(same, "wait_until.same"),
    )
