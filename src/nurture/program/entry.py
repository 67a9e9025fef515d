"""Ways into a scenario that are no predicate: a date that comes near, and a schedule. Imports calendar and predicates.

A predicate as a scenario's `on` is read by its form. A plain clause about a fact enrolls with each such fact,
`q.segment(…)` and `q.stage == …` on entering; any other predicate whenever it begins to hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias, cast

import attrs

from nurture import calendar
from nurture.calendar import Recurrence
from nurture.errors import DefinitionError, InvalidFactError
from nurture.predicates import Predicate, describe
from nurture.predicates.terms import FieldTerm
from nurture.predicates.tree import Compare, Field, Owner
from nurture.steps import Duration
from nurture.steps.declaration import Declaration
from nurture.steps.step import LONGEST

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from nurture.calendar import BusinessCalendar
    from nurture.model import Value

GRACE: Final = timedelta(days=1)


@attrs.frozen(slots=True, kw_only=True)
class OnDate(Declaration):
    """Enrolls at a date of the lead or the account, or some time before or after it; once for each date.

    The date is the key of the run, so another date (the contract was renewed, the seminar was moved) is another run.

    Attributes:
        field: Which date or instant. A date begins at its midnight, where the subject is.
        offset: How long after it, elapsed or civil; negative ones lead before it.
        yearly: Whether its anniversaries count instead of the date itself.
        grace: So long after the instant somebody is still enrolled: a date may become known late.
    """

    stands_in: ClassVar[str] = "on_date"
    expected: ClassVar[str] = "on_date(...)"

    field: Field
    offset: Duration | None = None
    yearly: bool = False
    grace: timedelta = GRACE

    def predicates(self) -> Iterator[tuple[str, Predicate]]:
        """The field, as a question whether it is missing."""
        yield "on", Compare(self.field, "missing")

    def problems(self) -> Iterator[str]:
        """What is wrong with it by itself."""
        if self.field.owner not in (Owner.LEAD, Owner.ACCOUNT):
            yield f"on_date takes a field of the lead or the account, found q.{self.field}"
        if not timedelta(0) <= self.grace <= LONGEST:
            yield "on_date.grace: expected a time that is not negative, at most 100 years"
        if isinstance(self.offset, timedelta) and abs(self.offset) > LONGEST:
            yield "on_date.offset: expected at most 100 years either way"

    def appointments(
        self, value: Value, around: datetime, zone: ZoneInfo, business: BusinessCalendar
    ) -> list[tuple[datetime, str]]:
        """The instants at which the value enrolls, with the key of the run: around the given instant, in order.

        What lies beyond the years that can be counted is left out: such a date means never.
        """
        if not isinstance(value, date):
            return []
        try:
            starts = self._starts(value, calendar.to_local(around, zone).year, zone)
        except (OverflowError, InvalidFactError):
            return []
        meant = ((self._meant(start, zone, business), key) for start, key in starts)
        return [(at, key) for at, key in meant if at is not None]

    def _starts(self, value: date, year: int, zone: ZoneInfo) -> list[tuple[datetime, str]]:
        """What the value names, before the offset: an instant, or what the clocks of the zone show."""
        if isinstance(value, datetime):
            if not self.yearly:
                return [(value, value.astimezone(UTC).isoformat())]  # the same instant in every zone
            local = calendar.to_local(value, zone)
            return [(datetime.combine(day, local.time()), day.isoformat()) for day in self._days(local.date(), year)]
        days = self._days(value, year) if self.yearly else (value,)
        return [(datetime.combine(day, time(0)), day.isoformat()) for day in days]

    def _meant(self, start: datetime, zone: ZoneInfo, business: BusinessCalendar) -> datetime | None:
        try:
            instant = calendar.localize(start, zone) if start.tzinfo is None else start
            return instant if self.offset is None else self._after(self.offset, instant, zone, business)
        except (OverflowError, InvalidFactError):
            return None

    def _days(self, day: date, year: int) -> Iterator[date]:
        """Its anniversaries in the years around one, as far away as the offset may lead."""
        far = 2 + _years_of(self.offset)
        for one in range(max(day.year + 1, year - far), min(max(year, day.year) + far + 1, 9999)):
            yield calendar.anniversary_in(day, one)

    @staticmethod
    def _after(offset: Duration, start: datetime, zone: ZoneInfo, business: BusinessCalendar) -> datetime:
        return start + offset if isinstance(offset, timedelta) else calendar.add(offset, start, zone, business)

    def sentence(self, lang: str = "en") -> str:
        """When it enrolls, in words."""
        name = str(self.field)
        length = "" if self.offset is None else calendar.describe(self.offset, lang)
        if lang == "ja":
            each = "毎年の" if self.yearly else ""
            return f"{each}{name}の{length or '当日'}"
        each = "each anniversary of " if self.yearly else ""
        return f"{each}{name}, {length}" if length else f"on {each}{name}"


def _years_of(offset: Duration | None) -> int:
    """At most how many years an offset leads away."""
    if offset is None:
        return 0
    if isinstance(offset, timedelta):
        return abs(offset.days) // 365 + 1
    days = abs(offset.weeks) * 7 + abs(offset.days) + 3 * abs(offset.business_days or 0)
    return abs(offset.years) + abs(offset.months) // 12 + days // 365 + 1


@attrs.frozen(slots=True, kw_only=True)
class OnSchedule(Declaration):
    """Enrolls everybody of whom something holds, each time that a schedule says so; the day is the key of the run.

    Attributes:
        times: When.
        where: Whom; usually `q.segment(…)`.
    """

    stands_in: ClassVar[str] = "on_schedule"
    expected: ClassVar[str] = "on_schedule(...)"

    times: Recurrence
    where: Predicate

    def predicates(self) -> Iterator[tuple[str, Predicate]]:
        """Who is meant."""
        yield "on", self.where

    def problems(self) -> Iterator[str]:
        """A recurrence that can be made makes sense."""
        return iter(())

    def due(self, after: datetime, business: BusinessCalendar) -> datetime | None:
        """The first time after an instant."""
        return self.times.next_after(after, business)

    def sentence(self, lang: str = "en") -> str:
        """When it enrolls whom, in words."""
        times, where = calendar.describe_recurrence(self.times, lang), describe(self.where, lang)
        return f"{times}、対象: {where}" if lang == "ja" else f"{times}, whoever fits: {where}"


Entry: TypeAlias = Predicate | OnDate | OnSchedule
"""What may stand as a scenario's `on`."""


def on_date(
    field: FieldTerm, offset: Duration | None = None, /, *, yearly: bool = False, grace: timedelta = GRACE
) -> OnDate:
    """Enroll at a date: `on_date(q.account.renewal_date, civil(days=-120, at="10:00"))`.

    Args:
        field: A date or an instant of the lead or the account.
        offset: How long after it; negative ones lead before it.
        yearly: Whether its anniversaries count instead of the date itself, as for birthdays.
        grace: So long after the instant somebody is still enrolled.

    Raises:
        DefinitionError: The field or the offset is something else.
    """
    if not isinstance(cast("object", field), FieldTerm):
        raise DefinitionError(f"on_date: expected a field such as q.account.renewal_date, found {type(field).__name__}")
    return OnDate(field=field.field_, offset=offset, yearly=yearly, grace=grace)


def on_schedule(times: Recurrence, where: Predicate) -> OnSchedule:
    """Enroll by the calendar: `on_schedule(Recurrence("FREQ=MONTHLY;BYDAY=1MO", …), q.segment("subscribers"))`."""
    return OnSchedule(times=times, where=where)
