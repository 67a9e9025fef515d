"""Until when a step waits for something to come, and what it does then. May import predicates, calendar and errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from nurture.calendar import describe as describe_duration
from nurture.predicates import Field
from nurture.steps.step import Duration, Go, Scene, Step, length_problems
from nurture.steps.waiting import appointment_problems, appointment_words, asked_for, is_past, meant_at

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.predicates import Predicate

_UNTIL: Final = {"en": "until {} at most", "ja": "期限: {}"}
_AT_MOST: Final = {"en": "at most {}", "ja": "期限: {}"}


@attrs.frozen(slots=True)
class Limit:
    """Until when a step waits for something: a time from the arrival, or a date and some time around it.

    Attributes:
        deadline: How long, counted from the arrival; None where a date says it.
        until: Which date; None where the deadline says it.
        offset: How long after the date.
        past: Steps when that lay before the run came here.
        missing: Steps when there is no date.
    """

    deadline: Duration | None
    until: Field | None
    offset: Duration | None
    past: Sequence[Step]
    missing: Sequence[Step]

    def at(self, scene: Scene) -> datetime | None:
        """The last instant; None where there is no date."""
        if self.until is not None:
            return scene.appointment(self.until, self.offset)
        return None if self.deadline is None else scene.later(self.deadline)

    def reached(self, scene: Scene, at: datetime) -> Go:
        """Where to go when nothing came by then."""
        if self.until is not None and is_past(scene, at):
            return Go("past", saw={"at": at})
        return Go("timeout", due=meant_at(scene, at))

    def edges(self) -> Mapping[str, Sequence[Step]]:
        """Those that a date has besides the timeout."""
        return {} if self.until is None else {"past": self.past, "missing": self.missing}

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The date."""
        return () if self.until is None else ((f"{self.until.owner} date", self.until.name),)

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """The date, as a question."""
        return () if self.until is None else (("until", asked_for(self.until)),)

    def problems(self, what: str) -> Iterable[str]:
        """There is one limit, and what belongs to a date stands with one."""
        if (self.deadline is None) == (self.until is None):
            yield f"{what}: expected either a deadline or 'until', a date"
        yield from length_problems(self.deadline, "deadline")
        if self.until is not None:
            yield from appointment_problems(self.until, self.offset, f"{what}.until")
        elif self.offset is not None or self.past or self.missing:
            yield f"{what}: 'offset', 'past' and 'missing' belong to 'until', and that is missing"

    def words(self, lang: str) -> str:
        """The limit, in words."""
        if self.until is not None:
            return _UNTIL[lang].format(appointment_words(self.until, self.offset, lang))
        return _AT_MOST[lang].format("" if self.deadline is None else describe_duration(self.deadline, lang))
