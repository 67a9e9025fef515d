"""How often messages may go, as data: caps, spacing, rates, warm-up, holdout. Imports calendar, model and predicates.

Caps and spacing are about people: how much one of them, or one company, gets. Rates and warm-up are about
machines: how much a sender hands over, and a provider takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar, Final, TypeAlias, cast

import attrs

from nurture.calendar import Civil, PeriodUnit
from nurture.errors import DefinitionError
from nurture.model import Purpose
from nurture.predicates import Predicate
from nurture.program.choices import choose, choose_all
from nurture.steps.declaration import Declaration, several

Span: TypeAlias = timedelta | PeriodUnit
"""A sliding span such as `days(7)`, or the present day, week, month, quarter or year of the calendar."""

EVERY: Final = "*"
"""As the domain of a rate: each domain by itself."""


class CapScope(StrEnum):
    """What a cap counts together.

    One `lead`; everybody of one `account`; everybody at one mail `domain`; one `channel`; one `scenario`; or `all`.
    """

    LEAD = "lead"
    ACCOUNT = "account"
    DOMAIN = "domain"
    CHANNEL = "channel"
    SCENARIO = "scenario"
    ALL = "all"


def _scope(value: CapScope | str) -> CapScope:
    return choose(CapScope, value, "cap.scope")


def _span(value: Span | str) -> Span:
    return choose(PeriodUnit, value, "cap.per") if isinstance(value, str) else value


def _purposes(given: Iterable[Purpose | str] | Purpose | str) -> tuple[Purpose, ...]:
    return choose_all(Purpose, given, "purposes")


@attrs.frozen(slots=True)
class Cap(Declaration):
    """At most so many messages in any span of this length; claimed, accepted and unknown ones count.

    Attributes:
        count: How many.
        per: In which span: a length looks back from the claim, `(now - per, now]`; `"day"`, `"week"` (from Monday),
            `"month"`, `"quarter"` or `"year"` is the one of the calendar in the lead's zone, or in the program's
            where several leads are counted together.
        scope: What is counted together.
        channel: Only messages on this channel; `""` means on any.
        scenario: Only messages of this scenario; `""` means of any.
        purposes: Which messages count, and wait.
    """

    stands_in: ClassVar[str] = "policy.caps"

    count: int
    per: Span = attrs.field(converter=_span)
    scope: CapScope = attrs.field(default=CapScope.LEAD, converter=_scope)
    channel: str = ""
    scenario: str = ""
    purposes: tuple[Purpose, ...] = attrs.field(default=(Purpose.MARKETING,), converter=_purposes)


@attrs.frozen(slots=True)
class Longer(Declaration):
    """A longer spacing, for whom something holds.

    Attributes:
        where: For whom; asked when a message is claimed.
        least: At least so long between two messages.
    """

    stands_in: ClassVar[str] = "policy.spacing.grows"

    where: Predicate
    least: timedelta | Civil


def _longer(given: Iterable[Longer | tuple[Predicate, timedelta | Civil]]) -> tuple[Longer, ...]:
    many = several(given)
    if not isinstance(cast("object", many), tuple):
        return cast("tuple[Longer, ...]", many)  # refused with its place
    return tuple(map(_one_longer, many))


def _one_longer(given: Longer | tuple[Predicate, timedelta | Civil]) -> Longer:
    if isinstance(given, Longer):
        return given
    if not isinstance(cast("object", given), tuple) or len(given) != 2:
        raise DefinitionError("spacing.grows: expected pairs of a predicate and a longer time")
    return Longer(*given)


@attrs.frozen(slots=True)
class Spacing(Declaration):
    """At least so long between two marketing messages to a lead, counted from the claim of the last one.

    Attributes:
        least: An elapsed time, or a step of the calendar in the lead's zone, such as `civil(business_days=1)`.
        grows: Longer times for those who respond less, each with its predicate; the first that holds wins. It is
            read when a message is claimed: what the lead does while one waits does not shorten that wait.
    """

    stands_in: ClassVar[str] = "policy.spacing"

    least: timedelta | Civil
    grows: tuple[Longer, ...] = attrs.field(default=(), converter=_longer)


@attrs.frozen(slots=True)
class Rate(Declaration):
    """At most so many messages of one sender in any span of this length; whatever was handed over counts.

    Attributes:
        count: How many.
        per: In which span, looking back from the claim.
        channel: Of which sender.
        domain: Only to addresses of this mail domain, such as `gmail.com`; `"*"` counts each domain by itself, and
            `""` all of them together.
        entity: Only what this identity of the site sends; None counts all of them together.
        purposes: Which messages count, and wait.
    """

    stands_in: ClassVar[str] = "policy.rates"

    count: int
    per: timedelta
    channel: str = "email"
    domain: str = ""
    entity: str | None = None
    purposes: tuple[Purpose, ...] = attrs.field(default=(Purpose.MARKETING, Purpose.TRANSACTIONAL), converter=_purposes)


def _numbers(given: Iterable[int]) -> tuple[int, ...]:
    return several(given)


@attrs.frozen(slots=True)
class WarmUp(Declaration):
    """How much a new sender may hand over on each of its first days, so that providers learn to trust it.

    Attributes:
        starts: The first day, in the program's zone.
        a_day: How many on that day, on the next, and so on. Before and after these days it limits nothing.
        channel: Of which sender.
        entity: Only what this identity of the site sends; None counts all of them together.
        purposes: Which messages count, and wait.
    """

    stands_in: ClassVar[str] = "policy.warm_ups"

    starts: date
    a_day: tuple[int, ...] = attrs.field(converter=_numbers)
    channel: str = "email"
    entity: str | None = None
    purposes: tuple[Purpose, ...] = attrs.field(default=(Purpose.MARKETING, Purpose.TRANSACTIONAL), converter=_purposes)

    def on(self, day: date) -> int | None:
        """How many may go on a day; None when it limits nothing."""
        number = (day - self.starts).days
        return self.a_day[number] if 0 <= number < len(self.a_day) else None


@attrs.frozen(slots=True)
class Holdout(Declaration):
    """A share of the leads that gets no marketing at all, to see what marketing does to the others.

    Attributes:
        share: Between 0 and 1.
        name: The same leads are held out as long as the name stays; another one draws anew.
    """

    stands_in: ClassVar[str] = "policy.holdout"

    share: float
    name: str = "holdout"
