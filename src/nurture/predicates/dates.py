"""The clauses about a date or an instant of the lead, the account or a run's entry, seen from today.

May import the tree.

Today is a day of some zone: by default the subject's own (the lead's, else the account's attribute `zone`,
else the program's); `"account"` means the account's, and the name of a zone means that one. An instant is
the local day on which it falls there; a date is the same day everywhere.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from nurture.calendar import Period
from nurture.calendar import zone as zone_named
from nurture.errors import DefinitionError
from nurture.predicates.literals import require_length, require_order
from nurture.predicates.standing import require_length_order
from nurture.predicates.tree import (
    All,
    AnyOf,
    Compare,
    Field,
    Not,
    Owner,
    Predicate,
    entry_names,
    require_predicate,
    walk,
)

MAX_DAYS = 366
"""The most days around an anniversary."""
MAX_YEARS = 1_000
"""The largest age that is compared."""


def require_zone(name: object, where: str) -> None:
    """Refuse what names no zone: None, `"lead"`, `"account"`, or a name of the IANA database.

    Raises:
        DefinitionError: It is something else; near misses are listed.
    """
    if name is None or name in ("lead", "account"):
        return
    if not isinstance(name, str):
        raise DefinitionError(f"{where}: expected the name of a time zone, found {type(name).__name__}")
    zone_named(name)


def _require_standing_field(field: object, where: str) -> None:
    if not isinstance(field, Field):
        raise DefinitionError(f"{where}: expected a field, found {type(field).__name__}")
    if field.owner is Owner.PROP:
        raise DefinitionError(f"{where}: asks about the lead, the account or q.entry, not about a fact's {field}")


@attrs.frozen(slots=True, cache_hash=True)
class InPeriod(Predicate):
    """Whether a date or an instant lies in a period such as today, last week, this fiscal year.

    Attributes:
        field: Which value; a date or an instant.
        period: Which period.
        starts: A field that holds the month in which the fiscal year begins (1 to 12), in place of the
            period's own; false while that value is missing.
    """

    field: Field
    period: Period
    starts: Field | None = None

    def __attrs_post_init__(self) -> None:
        _require_standing_field(self.field, "during")
        require_period(self.period, self.starts, str(self.field))

    @property
    def fields(self) -> tuple[Field, ...]:
        """The field whose day it asks about, and the one that holds a month, if there is one."""
        return (self.field,) if self.starts is None else (self.field, self.starts)


def require_period(period: object, starts: Field | None, where: str) -> None:
    """Refuse what is no period, and a starting month where no year is meant.

    Raises:
        DefinitionError: It is none.
    """
    if not isinstance(period, Period):
        raise DefinitionError(f"{where}.during: expected a period such as this_month(), found {type(period).__name__}")
    if starts is not None:
        _require_standing_field(starts, f"{where}.during")
        if starts.owner is Owner.ENTRY:
            raise DefinitionError(f"{where}.during: a fiscal year begins in a month that the lead or the account holds")
        if not period.has_start_month:
            raise DefinitionError(f"{where}.during: only a quarter or a year begins in a month that a field holds")


@attrs.frozen(slots=True, cache_hash=True)
class Anniversary(Predicate):
    """Whether today lies near an anniversary of a day, such as a birthday; that of 29 February is on the 28th.

    Attributes:
        field: Which value; a date or an instant.
        before: From so many days before the anniversary.
        after: To so many days after it.
        zone: Whose today.
    """

    field: Field
    before: int = 0
    after: int = 0
    zone: str | None = None

    def __attrs_post_init__(self) -> None:
        where = f"{self.field}.anniversary"
        _require_standing_field(self.field, where)
        for name in ("before", "after"):
            days: object = getattr(self, name)
            if days.__class__ is not int or not 0 <= getattr(self, name) <= MAX_DAYS:
                raise DefinitionError(f"{where}: {name} is a whole number of days from 0 to {MAX_DAYS}")
        require_zone(self.zone, where)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The field whose day it asks about."""
        return (self.field,)


@attrs.frozen(slots=True, cache_hash=True)
class Age(Predicate):
    """A comparison of the completed years since a day; false before that day.

    Attributes:
        field: Which value; a date or an instant.
        op: One of `eq ne lt le gt ge`.
        years: What it is compared with.
        zone: Whose today.
    """

    field: Field
    op: str
    years: int
    zone: str | None = None

    def __attrs_post_init__(self) -> None:
        where = f"{self.field}.age"
        _require_standing_field(self.field, where)
        require_order(self.op, where)
        years: object = self.years
        if years.__class__ is not int or not 0 <= self.years <= MAX_YEARS:
            raise DefinitionError(f"{where}: expected a whole number of years from 0 to {MAX_YEARS}")
        require_zone(self.zone, where)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The field whose day it asks about."""
        return (self.field,)


@attrs.frozen(slots=True, cache_hash=True)
class Elapsed(Predicate):
    """A comparison of the time since a past instant, or until a future one; false on the other side.

    A date counts from the start of that day.

    Attributes:
        field: Which value; a date or an instant.
        op: One of `lt le gt ge`.
        length: What it is compared with.
        ahead: Whether the time until it is meant, and not the time since.
        zone: Where a date begins.
    """

    field: Field
    op: str
    length: timedelta
    ahead: bool = False
    zone: str | None = None

    def __attrs_post_init__(self) -> None:
        where = f"{self.field}.{'ahead' if self.ahead else 'ago'}"
        _require_standing_field(self.field, where)
        require_length_order(self.op, where)
        require_length(self.length, where)
        require_zone(self.zone, where)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The field whose day it asks about."""
        return (self.field,)


@attrs.frozen(slots=True, cache_hash=True)
class Held(Predicate):
    """Whether a condition on values has been true without a break for at least a time, or for less.

    A change that leaves it true does not restart it. Both are false while it is not true now.

    Attributes:
        part: Comparisons of fields of the lead, or of the account, and `& | ~` of them.
        op: `ge` for at least, `lt` for less.
        length: How long.
    """

    part: Predicate
    op: str
    length: timedelta

    def __attrs_post_init__(self) -> None:
        if self.op not in ("ge", "lt"):
            raise DefinitionError("held: expected 'ge' (for at least) or 'lt' (for less)")
        require_length(self.length, "held")
        require_plain_values(self.part, "held")

    def children(self) -> tuple[Predicate, ...]:
        """The condition."""
        return (self.part,)


def require_plain_values(part: Predicate, where: str) -> None:
    """Refuse a condition on anything but the fields of one owner.

    Raises:
        DefinitionError: Something else is in it, or fields of both lead and account.
    """
    require_predicate(part, where)
    if entry_names(part):
        raise DefinitionError(f"{where}: nobody keeps since when a value of q.entry is so; ask it beside this, with &")
    owners: set[Owner] = set()
    for node in walk(part):
        if isinstance(node, Compare) and node.field.owner is not Owner.PROP:
            owners |= {one.owner for one in node.fields}
        elif not isinstance(node, (All, AnyOf, Not)):
            raise DefinitionError(f"{where}: only comparisons of fields and & | ~ of them, found {type(node).__name__}")
    if len(owners) > 1:
        raise DefinitionError(f"{where}: fields of the lead or of the account, not of both")
