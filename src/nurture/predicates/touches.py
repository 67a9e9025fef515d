"""The clause about facts, and how it is narrowed step by step. May import the tree and `nurture.model`.

A clause is correlated: kind, properties, window and count belong to one clause, about the same facts.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import cast

import attrs

from nurture.calendar import Period
from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import Origin, is_kind
from nurture.predicates.dates import require_period
from nurture.predicates.literals import exact, require_length, require_name, require_order, type_of
from nurture.predicates.operators import FieldType
from nurture.predicates.standing import require_length_order
from nurture.predicates.terms import AmountTerm, LengthTerm, field_of
from nurture.predicates.tree import (
    All,
    AnyOf,
    Compare,
    Everyone,
    Field,
    Not,
    Owner,
    Predicate,
    walk,
)

MAX_COUNT = 1_000_000
"""The largest number that a count is compared with."""


class Quantifier(StrEnum):
    """What is asked about the facts that a clause selects.

    `count` how many there are; `distinct` how many values a property has; `sum`, `min`, `max`, `average` of a
    property that holds numbers; `trend` how many there are for one in the window before; `first`, `last` what the
    oldest or newest is like; `since_first`, `since_last` how long ago it was.
    """

    COUNT = "count"
    DISTINCT = "distinct"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    AVERAGE = "average"
    TREND = "trend"
    FIRST = "first"
    LAST = "last"
    SINCE_FIRST = "since_first"
    SINCE_LAST = "since_last"


WHOLE = frozenset({Quantifier.COUNT, Quantifier.DISTINCT})
"""The quantifiers that give a whole number, never missing: nothing counts zero."""
AMOUNTS = frozenset({Quantifier.SUM, Quantifier.MIN, Quantifier.MAX, Quantifier.AVERAGE})
"""The quantifiers over the numbers that a property holds. The sum of nothing is zero; the others are missing then."""
SINGLE = frozenset({Quantifier.FIRST, Quantifier.LAST})
"""The quantifiers that look at one fact."""
SINCE = frozenset({Quantifier.SINCE_FIRST, Quantifier.SINCE_LAST})
"""The quantifiers that give a length of time; missing when there is no fact."""
OF_PROPERTY = AMOUNTS | {Quantifier.DISTINCT}
"""The quantifiers that need a property."""
MAX_AMOUNT = 1e15
"""Numbers beyond this, either way, are not taken into sums and averages, so that sums are exact everywhere."""


@attrs.frozen(slots=True, cache_hash=True)
class Touched(Predicate):
    """A question about the facts of one subject; as made by `q.touches(...)`: is there at least one?

    A clause that names a kind, or a prefix of kinds, sees facts of every origin. A clause without a kind sees
    facts of origin *lead* only, unless `.by(...)` says otherwise: else our own `email.sent` would keep the
    silent from ever being silent. Facts that a machine may have made count only after
    `.including_suspect()`. An elapsed window is half-open, `(now - window, now - older]`, by the fact's own
    `at`; a period is that of whole local days. What has not happened yet is never seen.

    Attributes:
        kind: Facts of this kind; with a prefix such as `email.*` of every kind that begins so; None for any.
        having: What their properties must be.
        window: How far back; None for ever.
        older: Only those that are at least so old.
        period: Only those in this period.
        starts: The field that holds the month in which the period's fiscal year begins.
        origin: Made by whom.
        channel: On which channel.
        campaign: Of which campaign.
        suspect: Whether suspect facts count.
        per: Of the facts that share a value of this property only the newest is seen, before `having` and
            the window are asked: the present state of each deal, task or contract. Facts without it are not seen.
        quantifier: What is asked of them.
        of: The property whose values are counted or summed.
        op: How the amount is compared.
        n: With what; a whole number for counts.
        length: With which length of time, for `since_first` and `since_last`.
        single_where: What the first or last fact's properties must be.
    """

    kind: str | None = None
    having: Predicate | None = attrs.field(default=None, kw_only=True)
    window: timedelta | None = attrs.field(default=None, kw_only=True)
    older: timedelta | None = attrs.field(default=None, kw_only=True)
    period: Period | None = attrs.field(default=None, kw_only=True)
    starts: Field | None = attrs.field(default=None, kw_only=True)
    origin: Origin | None = attrs.field(default=None, kw_only=True, converter=attrs.converters.optional(Origin))
    channel: str | None = attrs.field(default=None, kw_only=True)
    campaign: str | None = attrs.field(default=None, kw_only=True)
    suspect: bool = attrs.field(default=False, kw_only=True)
    per: str | None = attrs.field(default=None, kw_only=True)
    quantifier: Quantifier = attrs.field(default=Quantifier.COUNT, kw_only=True, converter=Quantifier)
    of: str | None = attrs.field(default=None, kw_only=True)
    op: str = attrs.field(default="ge", kw_only=True)
    n: float = attrs.field(default=1, kw_only=True, eq=exact)
    length: timedelta | None = attrs.field(default=None, kw_only=True)
    single_where: Predicate | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        where = f"touches({self.kind or ''})"
        self._check_facts(where)
        self._check_window(where)
        self._check_amount(where)

    def _check_facts(self, where: str) -> None:
        if self.kind is not None and not _is_kind_or_prefix(self.kind):
            raise DefinitionError(
                f"{where}: expected a kind such as 'page.viewed' (lower case, object.past_participle), "
                "or a prefix such as 'email.*'"
            )
        if self.having is not None:
            require_on_fact(self.having, f"{where}.where")
        for name, value in (("on", self.channel), ("of_campaign", self.campaign), ("newest_per", self.per)):
            if value is not None:
                require_name(value, f"{where}.{name}")
        if not isinstance(cast("object", self.suspect), bool):
            raise DefinitionError(f"{where}: suspect is true or false")

    def _check_window(self, where: str) -> None:
        if self.window is not None:
            require_length(self.window, f"{where}.within")
        if self.older is not None:
            require_length(self.older, f"{where}.older_than")
            if self.window is not None and self.older >= self.window:
                raise DefinitionError(f"{where}: .older_than(...) leaves nothing of .within(...)")
        if self.period is not None:
            if self.window is not None or self.older is not None:
                raise DefinitionError(f"{where}: .during(...) stands alone, without .within(...) and .older_than(...)")
            require_period(self.period, self.starts, where)
        elif self.starts is not None:
            raise DefinitionError(f"{where}: a starting month belongs to .during(...)")

    def _check_amount(self, where: str) -> None:
        kind = self.quantifier
        where = f"{where}.{kind}"
        if (self.of is not None) != (kind in OF_PROPERTY):
            raise DefinitionError(
                f"{where}: a property belongs to distinct, sum, min, max and average, and they need one"
            )
        if (self.single_where is not None) != (kind in SINGLE):
            raise DefinitionError(f"{where}: a condition on one fact belongs to first and last, and they need one")
        if (self.length is not None) != (kind in SINCE):
            raise DefinitionError(f"{where}: a length of time belongs to since_first and since_last, and they need one")
        if self.of is not None:
            require_name(self.of, where)
        if self.single_where is not None:
            require_on_fact(self.single_where, where)
        if kind in SINCE:
            require_length_order(self.op, where)
            require_length(self.length, where)
        else:
            require_order(self.op, where)
        if kind in SINGLE and self.op != "ge":
            raise DefinitionError(f"{where}: takes no comparison")
        if (kind in SINGLE or kind in SINCE) and exact(self.n) != exact(1):
            raise DefinitionError(f"{where}: takes no number")
        if kind is Quantifier.TREND and (self.window is None or self.older is not None):
            raise DefinitionError(f"{where}: needs .within(...), and compares with the window of that length before it")
        self._check_number(where)

    def _check_number(self, where: str) -> None:
        n: object = self.n
        if self.quantifier in AMOUNTS or self.quantifier is Quantifier.TREND:
            if type_of(n) not in (FieldType.INTEGER, FieldType.NUMBER):
                raise DefinitionError(f"{where}: expected a number, found {type(n).__name__}")
            most = MAX_AMOUNT if self.quantifier in AMOUNTS else MAX_COUNT
            least = -MAX_AMOUNT if self.quantifier in AMOUNTS else 0
            if not least <= self.n <= most:
                raise DefinitionError(f"{where}: expected a number from {least:g} to {most:g}")
            object.__setattr__(self, "n", float(self.n) + 0.0)
            return
        if n.__class__ is not int:
            raise DefinitionError(f"{where}: expected a whole number, found {type(n).__name__}")
        if not 0 <= self.n <= MAX_COUNT:
            raise DefinitionError(f"{where}: expected a number from 0 to {MAX_COUNT}")

    def children(self) -> tuple[Predicate, ...]:
        """The predicates about properties."""
        return tuple(part for part in (self.having, self.single_where) if part is not None)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The field that holds the month in which a fiscal year begins."""
        return () if self.starts is None else (self.starts,)

    @property
    def asks_for_one(self) -> bool:
        """Whether it asks only that there is a fact."""
        return self.quantifier is Quantifier.COUNT and (self.op, self.n) == ("ge", 1)

    @property
    def is_plain(self) -> bool:
        """Whether it asks about each single fact: no count, no window, nothing about other facts."""
        return (
            self.asks_for_one
            and self.window is None
            and self.older is None
            and self.period is None
            and self.per is None
        )

    @property
    def prefix(self) -> str | None:
        """What the kinds begin with, such as `email.`; None when it names one kind or none."""
        return self.kind[:-1] if self.kind is not None and self.kind.endswith(".*") else None

    @property
    def exact_kind(self) -> str | None:
        """The one kind that it names; None when it names a prefix or nothing."""
        return self.kind if self.prefix is None else None

    def sees_kind(self, kind: str) -> bool:
        """Whether it sees facts of this kind."""
        prefix = self.prefix
        return self.kind is None or (kind == self.kind if prefix is None else kind.startswith(prefix))

    @property
    def seen_origin(self) -> Origin | None:
        """The one origin whose facts it sees; None when it sees every origin."""
        return Origin.LEAD if self.origin is None and self.kind is None else self.origin

    def _plain(self, method: str) -> Touched:
        if not self.asks_for_one:
            raise DefinitionError(
                f"touches(): .{method}(...) comes before what is asked, such as .count() or .last(...)"
            )
        return self

    def where(self, condition: Predicate) -> Touched:
        """Only facts whose properties satisfy this; several conditions add up."""
        plain = self._plain("where")
        return attrs.evolve(plain, having=condition if plain.having is None else plain.having & condition)

    def within(
        self,
        window: timedelta | None = None,
        *,
        weeks: float = 0,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
    ) -> Touched:
        """Only facts of the last so many days: those whose `at` lies in `(now - window, now]`.

        Example:
            >>> from nurture.predicates import q
            >>> q.touches("page.viewed").within(days=14) == q.touches("page.viewed").within(timedelta(days=14))
            True
        """
        parts = {"weeks": weeks, "days": days, "hours": hours, "minutes": minutes}
        return attrs.evolve(self._plain("within"), window=_window(window, parts, "within"))

    def older_than(
        self,
        length: timedelta | None = None,
        *,
        weeks: float = 0,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
    ) -> Touched:
        """Only facts that are at least so old: those whose `at` lies at or before `now - length`."""
        parts = {"weeks": weeks, "days": days, "hours": hours, "minutes": minutes}
        return attrs.evolve(self._plain("older_than"), older=_window(length, parts, "older_than"))

    def during(self, period: Period, *, starts: object = None) -> Touched:
        """Only facts of a period such as today, last week, this fiscal year.

        Args:
            period: Made by `nurture.calendar`: `today()`, `last_week()`, `this_fiscal_year()`, ….
            starts: The field that holds the month in which the fiscal year begins, such as `q.account.fiscal_month`.
        """
        field = None if starts is None else field_of(starts, "during")
        return attrs.evolve(self._plain("during"), period=period, starts=field)

    def by(self, origin: Origin | str) -> Touched:
        """Only facts made by the person (`lead`), the host application (`host`), or this library (`engine`)."""
        known = [one.value for one in Origin]
        if origin not in known:
            raise UnknownNameError("origin", str(origin), known, where="touches().by")
        return attrs.evolve(self._plain("by"), origin=Origin(origin))

    def on(self, channel: str) -> Touched:
        """Only facts on this channel."""
        return attrs.evolve(self._plain("on"), channel=channel)

    def of_campaign(self, name: str) -> Touched:
        """Only facts of this campaign."""
        return attrs.evolve(self._plain("of_campaign"), campaign=name)

    def including_suspect(self) -> Touched:
        """Count also facts that a machine may have made."""
        return attrs.evolve(self._plain("including_suspect"), suspect=True)

    def newest_per(self, prop: str) -> Touched:
        """Of the facts that share a value of this property only the newest: the present state of each deal or task.

        Facts are told apart and the newest (by `(at, id)`) found before `.where(...)` and the window are asked.

        Example:
            >>> from nurture.predicates import q
            >>> open_deals = q.touches("deal.changed").newest_per("deal").where(q.prop("state") == "open").count() >= 1
        """
        return attrs.evolve(self._plain("newest_per"), per=prop)

    def of_message(self, name: str) -> Touched:
        """Only what has to do with this message: what was sent, opened, clicked."""
        return self.where(Compare(Field(Owner.PROP, "name"), "eq", name))

    def of_step(self, scenario: str, step: str | None = None) -> Touched:
        """Only what has to do with this scenario, or with one of its steps by its address such as `2.then.0`."""
        found = self.where(Compare(Field(Owner.PROP, "scenario"), "eq", scenario))
        return found if step is None else found.where(Compare(Field(Owner.PROP, "step"), "eq", step))

    def count(self) -> AmountTerm:
        """How many there are, to be compared with a number."""
        return self._amount(Quantifier.COUNT)

    def distinct(self, prop: str) -> AmountTerm:
        """How many different values a property has, to be compared with a number."""
        return self._amount(Quantifier.DISTINCT, prop)

    def sum(self, prop: str) -> AmountTerm:
        """The sum of a property, to be compared with a number; zero when there is nothing to sum."""
        return self._amount(Quantifier.SUM, prop)

    def min(self, prop: str) -> AmountTerm:
        """The least value of a property, to be compared with a number; false when there is none."""
        return self._amount(Quantifier.MIN, prop)

    def max(self, prop: str) -> AmountTerm:
        """The greatest value of a property, to be compared with a number; false when there is none."""
        return self._amount(Quantifier.MAX, prop)

    def average(self, prop: str) -> AmountTerm:
        """The mean of a property, to be compared with a number; false when there is none."""
        return self._amount(Quantifier.AVERAGE, prop)

    def trend(self) -> AmountTerm:
        """How many there are for one in the window before, to be compared with a number.

        `trend() >= 2` holds when this window has at least twice as many; so it holds, too, when both have none.
        """
        return self._amount(Quantifier.TREND)

    def _amount(self, quantifier: Quantifier, prop: str | None = None) -> AmountTerm:
        plain = self._plain(quantifier.value)
        return AmountTerm(lambda op, n: attrs.evolve(plain, quantifier=quantifier, of=prop, op=op, n=n))

    def _since(self, quantifier: Quantifier) -> LengthTerm:
        plain = self._plain(quantifier.value)
        return LengthTerm(lambda op, length: attrs.evolve(plain, quantifier=quantifier, op=op, length=length))

    def never(self) -> Touched:
        """That there is none."""
        return attrs.evolve(self._plain("never"), op="eq", n=0)

    def first(self, condition: Predicate) -> Touched:
        """That there is one, and the oldest satisfies this; the oldest by `(at, id)`."""
        return attrs.evolve(self._plain("first"), quantifier=Quantifier.FIRST, single_where=condition)

    def last(self, condition: Predicate) -> Touched:
        """That there is one, and the newest satisfies this; the newest by `(at, id)`."""
        return attrs.evolve(self._plain("last"), quantifier=Quantifier.LAST, single_where=condition)

    def since_first(self) -> LengthTerm:
        """How long ago the oldest was, to be compared with a length of time; false when there is none."""
        return self._since(Quantifier.SINCE_FIRST)

    def since_last(self) -> LengthTerm:
        """How long ago the newest was, to be compared with a length of time; false when there is none."""
        return self._since(Quantifier.SINCE_LAST)

    def then(self, other: Touched, *, within: timedelta) -> Predicate:
        """That one of these was followed by one of the others within a time."""
        from nurture.predicates.sequences import Followed

        return Followed(self, other, within)

    def then_no(self, other: Touched, *, within: timedelta) -> Predicate:
        """That one of these was not followed by any of the others within a time, which is over."""
        from nurture.predicates.sequences import Followed

        return Followed(self, other, within, absent=True)


def _is_kind_or_prefix(kind: object) -> bool:
    if not isinstance(kind, str):
        return False
    return is_kind(f"{kind[:-1]}x") if kind.endswith(".*") else is_kind(kind)


def _window(window: object, parts: dict[str, float], where: str) -> timedelta:
    given: dict[str, float] = {}
    for name, number in parts.items():
        if number.__class__ not in (int, float):
            raise DefinitionError(f"{where}: {name} is a number, found {type(number).__name__}")
        if number != 0:
            given[name] = number
    if window is None:
        try:
            window = timedelta(**given)
        except (OverflowError, ValueError):
            raise DefinitionError(f"{where}: expected a finite length of at most 100 years") from None
    elif given:
        raise DefinitionError(f"{where}: expected either a timedelta or named parts, found both")
    require_length(window, where)
    return cast("timedelta", window)


def require_on_fact(predicate: object, where: str) -> None:
    """Refuse a condition on a fact that begins with anything but one of the fact's properties.

    Raises:
        DefinitionError: Something else is in it.
    """
    if not isinstance(predicate, Predicate):
        raise DefinitionError(f"{where}: expected a predicate on q.prop(...), found {type(predicate).__name__}")
    for node in walk(predicate):
        allowed = isinstance(node, (All, AnyOf, Not, Everyone)) or (
            isinstance(node, Compare) and node.field.owner is Owner.PROP
        )
        if not allowed:
            raise DefinitionError(
                f"{where}: only comparisons of q.prop(...) and & | ~ of them, found {type(node).__name__}"
            )
