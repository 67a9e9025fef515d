"""What happens again and again on the wall clock of a zone, by a rule of RFC 5545. Imports dateutil and errors.

The rule finds local days, `dateutil` by its name; the time of day, the zone and the business calendar make instants
of them. A time that the zone skips moves forward by the gap; one that it shows twice fires once, the first time. Days
that become one by rolling fire once. As RFC 5545 says, the 31st is skipped in shorter months; the last day is
`BYMONTHDAY=-1`.

No rule costs more than its next hundred years: one that finds nothing in them never fires again. `dateutil` by
itself would look until the year 9999. So the search is moved there: the calendar repeats itself every 400 years,
weekdays included.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, cast

from attrs import evolve, field, frozen

from nurture.calendar.business import MONDAY_TO_FRIDAY
from nurture.calendar.durations import clock, clock_problem
from nurture.calendar.local_days import day_of
from nurture.calendar.recurrence_rules import Frequency, Rule, rule_of
from nurture.calendar.rolling import Roll, first_to_ask, roll_named, rolled
from nurture.calendar.zones import localize, zone_names
from nurture.calendar.zones import zone as zone_named
from nurture.errors import DefinitionError, InvalidFactError, unknown_name

if TYPE_CHECKING:
    from nurture.calendar.business import BusinessCalendar

_HORIZON: Final = timedelta(days=36_525)
_CYCLE: Final = timedelta(days=146_097)
_LATEST: Final = 9_799
"""A search begins at most here: an interval of a hundred years, and the horizon, still end by the year 9999."""
_MARGIN: Final = timedelta(days=2)  # a gap may move a time to the next day, and a zone once skipped a whole one


def _written(rule: str) -> str:
    return rule_of(rule).text()


def _clock(at: str | time | None) -> time | None:
    return clock(at, "recurrence.at") if isinstance(at, str) else at


def _roll(roll: str | None) -> Roll | None:
    return roll_named(roll, "recurrence.roll")


@frozen
class Recurrence:
    """A rule of RFC 5545 on the wall clock of a zone.

    Attributes:
        rule: Such as `FREQ=MONTHLY;BYDAY=1MO`; kept in one form, so that equal rules are equal. Days only.
        start: What the wall clock shows when it begins, a datetime without zone. No day before it is found; where the
            rule names no day or no weekday, it is the start's. It fires only if the rule finds it.
        zone: The name of the zone.
        at: The time of day, or a text such as `"10:00"`; None is the start's.
        roll: `"forward"` or `"back"` when a day is closed; what it finds may then lie before the start, or after the
            rule's end.

    Raises:
        DefinitionError: The rule is none that is known here, or another part is wrong; the part is named.

    Example:
        >>> first_mondays = Recurrence("FREQ=MONTHLY;BYDAY=1MO", start=datetime(2026, 4, 1, 10), zone="Asia/Tokyo")
        >>> first_mondays.next_after(datetime.fromisoformat("2026-04-06T10:00+09:00")).isoformat()
        '2026-05-04T01:00:00+00:00'
    """

    rule: str = field(converter=_written)
    start: datetime = field(kw_only=True)
    zone: str = field(kw_only=True)
    at: time | None = field(default=None, kw_only=True, converter=_clock)
    roll: Roll | None = field(default=None, kw_only=True, converter=_roll)

    def __attrs_post_init__(self) -> None:
        problems: list[str] = []
        start = cast("object", self.start)
        if not isinstance(start, datetime) or start.tzinfo is not None:
            problems.append("recurrence.start: expected a datetime without a zone; the zone is given beside it")
        if self.zone not in zone_names():
            problems.append(unknown_name("time zone", str(self.zone), sorted(zone_names()), where="recurrence.zone"))
        if self.at is not None and (problem := clock_problem(self.at, "recurrence.at")):
            problems.append(problem)
        if problems:
            raise DefinitionError(problems)

    @property
    def clock(self) -> time:
        """The time of day on the wall clock."""
        return self.start.time() if self.at is None else self.at

    def next_after(self, instant: datetime, calendar: BusinessCalendar = MONDAY_TO_FRIDAY) -> datetime | None:
        """The first time after an instant, in UTC; None when there is none within a hundred years.

        Args:
            instant: An aware datetime; the answer lies after it, never on it.
            calendar: Which days are open, where the recurrence rolls.

        Raises:
            InvalidFactError: The instant is naive.
        """
        return next(self._after(instant, calendar), None)

    def between(
        self, after: datetime, until: datetime, calendar: BusinessCalendar = MONDAY_TO_FRIDAY
    ) -> Iterator[datetime]:
        """Every time after an instant, up to another one and on it, in order, in UTC.

        Two such stretches that meet hold every time once.

        Args:
            after: An aware datetime.
            until: Another.
            calendar: Which days are open, where the recurrence rolls.

        Raises:
            InvalidFactError: An instant is naive.
        """
        if until.tzinfo is None:
            raise InvalidFactError("until", "a datetime with a time zone", found="a naive datetime")
        for found in self._after(after, calendar):
            if found > until:
                return
            yield found

    def _after(self, instant: datetime, calendar: BusinessCalendar) -> Iterator[datetime]:
        place, rule, start = zone_named(self.zone), rule_of(self.rule), self.start.date()
        today = day_of(instant, place)
        first = first_to_ask(max(today, date.min + _MARGIN) - _MARGIN, self.roll, calendar)
        end = _last_counted(rule, start) if rule.count is not None else None
        latest = instant
        for day in days_of(rule, start, first):
            try:
                if (end is not None and day > end) or self._is_over(rule, day):
                    return
                found = localize(datetime.combine(rolled(day, self.roll, calendar), self.clock), place)
            except (InvalidFactError, OverflowError):
                continue  # at one of the ends of the calendar
            if found > latest:
                latest = found
                yield found

    def _is_over(self, rule: Rule, day: date) -> bool:
        until = rule.until
        if until is None:
            return False
        if not isinstance(until, datetime):
            return day > until
        local = datetime.combine(day, self.clock)
        return local > until if until.tzinfo is None else localize(local, zone_named(self.zone)) > until


def meant_by(recurrence: Recurrence) -> Rule:
    """The rule with what it leaves to the start said: a rule that names no day means the start's."""
    return _completed(rule_of(recurrence.rule), recurrence.start.date())


def days_of(rule: Rule, start: date, first: date) -> Iterator[date]:
    """The days of a rule from a day on, in order, whatever its COUNT and UNTIL; none after a hundred years of nothing.

    Args:
        rule: Which days.
        start: The first day that it may find, from which intervals are counted.
        first: From which day on they are asked for.
    """
    first, found = max(first, start), True
    while found:
        found = False
        for day in _some_days(rule, start, first):
            yield day
            if day == date.max:
                return
            first, found = day + timedelta(days=1), True


def _some_days(rule: Rule, start: date, first: date) -> Iterator[date]:
    """The days of the hundred years from a day on."""
    limit = min(first.toordinal() + _HORIZON.days, date.max.toordinal())
    if rule.freq is Frequency.DAILY:
        return _single_days(rule, start, first, limit)
    return _days_in_periods(_completed(rule, start), _aligned(rule, start, first), first, limit)


def _single_days(rule: Rule, start: date, first: date, limit: int) -> Iterator[date]:
    """Every so many days, those that fit: here the period is one day, and nothing has to be looked for in it."""
    if rule.by_set_pos and not {1, -1} & {*rule.by_set_pos}:
        return
    weekdays = {weekday for _, weekday in rule.by_day}
    behind = (first - start).days % rule.interval
    for ordinal in range(first.toordinal() + (rule.interval - behind) % rule.interval, limit + 1, rule.interval):
        day = date.fromordinal(ordinal)
        if rule.by_month and day.month not in rule.by_month:
            continue
        if weekdays and day.weekday() not in weekdays:
            continue
        if rule.by_month_day and not {day.day, day.day - monthrange(day.year, day.month)[1] - 1} & {*rule.by_month_day}:
            continue
        yield day


def _days_in_periods(rule: Rule, begins: date, first: date, limit: int) -> Iterator[date]:
    """What `dateutil` finds in weeks, months or years; it begins at most an interval before the first day."""
    from dateutil.rrule import rrule, weekday  # no program without a schedule needs it

    moved = _CYCLE * ((_LATEST - begins.year) // 400)
    found = rrule(
        _FREQUENCIES[rule.freq],
        dtstart=datetime.combine(begins + moved, time(0)),
        interval=rule.interval,
        wkst=rule.week_start,
        bymonth=rule.by_month or None,
        bymonthday=rule.by_month_day or None,
        byyearday=rule.by_year_day or None,
        byweekno=rule.by_week_no or None,
        byweekday=[weekday(day, nth or None) for nth, day in rule.by_day] or None,
        bysetpos=rule.by_set_pos or None,
    )
    for moment in found:
        ordinal = moment.toordinal() - moved.days
        if ordinal > limit:
            return
        if ordinal >= first.toordinal():
            yield date.fromordinal(ordinal)


_FREQUENCIES: Final[Mapping[Frequency, Literal[0, 1, 2]]] = MappingProxyType(
    {Frequency.YEARLY: 0, Frequency.MONTHLY: 1, Frequency.WEEKLY: 2}
)
"""As `dateutil` numbers them."""


def _completed(rule: Rule, start: date) -> Rule:
    """The rule with what it leaves to its start; a daily one leaves nothing."""
    if rule.by_month_day or rule.by_year_day or rule.by_week_no or rule.by_day or rule.freq is Frequency.DAILY:
        return rule
    if rule.freq is Frequency.WEEKLY:
        return evolve(rule, by_day=((0, start.weekday()),))
    if rule.freq is Frequency.YEARLY and not rule.by_month:
        return evolve(rule, by_month=(start.month,), by_month_day=(start.day,))
    return evolve(rule, by_month_day=(start.day,))


def _aligned(rule: Rule, start: date, first: date) -> date:
    """The beginning of the last period up to a day that the rule looks at; of the first one, the start."""
    begins = _period(rule, start)
    skipped = (_period(rule, first) - begins) // rule.interval
    if skipped == 0:
        return start
    period = begins + skipped * rule.interval
    if rule.freq is Frequency.YEARLY:
        return date(period, 1, 1)
    if rule.freq is Frequency.MONTHLY:
        return date(period // 12, period % 12 + 1, 1)
    return date.fromordinal(period * 7 + 1 + rule.week_start)


def _period(rule: Rule, day: date) -> int:
    """The number of the year, the month or the week in which a day lies."""
    if rule.freq is Frequency.YEARLY:
        return day.year
    if rule.freq is Frequency.MONTHLY:
        return day.year * 12 + day.month - 1
    return (day.toordinal() - 1 - rule.week_start) // 7


@lru_cache(maxsize=1024)
def _last_counted(rule: Rule, start: date) -> date | None:
    """The last day of a rule with COUNT; None when it never gets so far."""
    return next(islice(days_of(rule, start, start), (rule.count or 1) - 1, None), None)
