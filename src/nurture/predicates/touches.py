"""The clause about facts, and how it is narrowed step by step. May import the tree and `nurture.model`.

A clause is correlated: kind, properties, window and count belong to one clause, about the same facts.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import NoReturn, cast

import attrs

from nurture.errors import DefinitionError
from nurture.model import Origin, is_kind
from nurture.predicates.literals import require_length, require_name, require_order
from nurture.predicates.tree import (
    All,
    AnyOf,
    Compare,
    Everyone,
    Not,
    Owner,
    Predicate,
    refuse_bool,
    walk,
)

MAX_COUNT = 1_000_000
"""The largest number that a count is compared with."""


class Quantifier(StrEnum):
    """What is asked about the facts that a clause selects."""

    COUNT = "count"
    LAST = "last"


@attrs.frozen(slots=True, cache_hash=True)
class Touched(Predicate):
    """A question about the facts of one subject; as made by `q.touches(...)`: is there at least one?

    A clause that names a kind sees facts of every origin. A clause without a kind sees facts of
    origin *lead* only, unless `.by(...)` says otherwise: else our own `email.sent` would keep the
    silent from ever being silent. Facts that a machine may have made count only after
    `.including_suspect()`. The window is half-open, `(now - window, now]`, by the fact's own `at`.

    Attributes:
        kind: Facts of this kind; None for any.
        having: What their properties must be.
        window: How far back; None for ever.
        origin: Made by whom.
        channel: On which channel.
        campaign: Of which campaign.
        suspect: Whether suspect facts count.
        quantifier: Whether they are counted, or the newest is looked at.
        op: How the count is compared.
        n: With what.
        last_where: What the newest fact's properties must be; for the quantifier `last` only.
    """

    kind: str | None = None
    having: Predicate | None = attrs.field(default=None, kw_only=True)
    window: timedelta | None = attrs.field(default=None, kw_only=True)
    origin: Origin | None = attrs.field(default=None, kw_only=True, converter=attrs.converters.optional(Origin))
    channel: str | None = attrs.field(default=None, kw_only=True)
    campaign: str | None = attrs.field(default=None, kw_only=True)
    suspect: bool = attrs.field(default=False, kw_only=True)
    quantifier: Quantifier = attrs.field(default=Quantifier.COUNT, kw_only=True, converter=Quantifier)
    op: str = attrs.field(default="ge", kw_only=True)
    n: int = attrs.field(default=1, kw_only=True)
    last_where: Predicate | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        where = f"touches({self.kind or ''})"
        self._check_facts(where)
        require_order(self.op, where)
        n: object = self.n
        if n.__class__ is not int:
            raise DefinitionError(f"{where}.count(): expected a whole number, found {type(n).__name__}")
        if not 0 <= self.n <= MAX_COUNT:
            raise DefinitionError(f"{where}.count(): expected a number from 0 to {MAX_COUNT}")
        if (self.quantifier is Quantifier.LAST) != (self.last_where is not None):
            raise DefinitionError(f"{where}: last_where belongs to the quantifier 'last', and it needs one")
        if self.last_where is not None:
            require_on_fact(self.last_where, f"{where}.last")
            if (self.op, self.n) != ("ge", 1):
                raise DefinitionError(f"{where}.last: takes no count")

    def _check_facts(self, where: str) -> None:
        if self.kind is not None and (not isinstance(cast("object", self.kind), str) or not is_kind(self.kind)):
            raise DefinitionError(f"{where}: expected a kind such as 'page.viewed': lower case, object.past_participle")
        if self.having is not None:
            require_on_fact(self.having, f"{where}.where")
        if self.window is not None:
            require_length(self.window, f"{where}.within")
        for name, value in (("on", self.channel), ("of_campaign", self.campaign)):
            if value is not None:
                require_name(value, f"{where}.{name}")
        if not isinstance(cast("object", self.suspect), bool):
            raise DefinitionError(f"{where}: suspect is true or false")

    def children(self) -> tuple[Predicate, ...]:
        """The predicates about properties."""
        return tuple(part for part in (self.having, self.last_where) if part is not None)

    @property
    def is_plain(self) -> bool:
        """Whether it asks about each single fact: no count, no window, no "newest"."""
        return self.quantifier is Quantifier.COUNT and (self.op, self.n) == ("ge", 1) and self.window is None

    @property
    def seen_origin(self) -> Origin | None:
        """The one origin whose facts it sees; None when it sees every origin."""
        return Origin.LEAD if self.origin is None and self.kind is None else self.origin

    def _plain(self, method: str) -> Touched:
        if self.quantifier is not Quantifier.COUNT or (self.op, self.n) != ("ge", 1):
            raise DefinitionError(f"touches(): .{method}(...) comes before .count(), .never() and .last(...)")
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
        return attrs.evolve(self._plain("within"), window=_window(window, parts))

    def by(self, origin: Origin) -> Touched:
        """Only facts made by the person (`lead`), the host application (`host`), or this library (`engine`)."""
        return attrs.evolve(self._plain("by"), origin=origin)

    def on(self, channel: str) -> Touched:
        """Only facts on this channel."""
        return attrs.evolve(self._plain("on"), channel=channel)

    def of_campaign(self, name: str) -> Touched:
        """Only facts of this campaign."""
        return attrs.evolve(self._plain("of_campaign"), campaign=name)

    def including_suspect(self) -> Touched:
        """Count also facts that a machine may have made."""
        return attrs.evolve(self._plain("including_suspect"), suspect=True)

    def count(self) -> CountTerm:
        """How many there are, to be compared with a number."""
        return CountTerm(self._plain("count"))

    def never(self) -> Touched:
        """That there is none."""
        return attrs.evolve(self._plain("never"), op="eq", n=0)

    def last(self, condition: Predicate) -> Touched:
        """That there is one, and the newest satisfies this; the newest by `(at, id)`."""
        return attrs.evolve(self._plain("last"), quantifier=Quantifier.LAST, last_where=condition)


def _window(window: object, parts: dict[str, float]) -> timedelta:
    given: dict[str, float] = {}
    for name, number in parts.items():
        if number.__class__ not in (int, float):
            raise DefinitionError(f"within: {name} is a number, found {type(number).__name__}")
        if number != 0:
            given[name] = number
    if window is None:
        try:
            window = timedelta(**given)
        except (OverflowError, ValueError):
            raise DefinitionError("within: expected a finite length of at most 100 years") from None
    elif given:
        raise DefinitionError("within: expected either a timedelta or named parts, found both")
    require_length(window, "within")
    return cast("timedelta", window)


def require_on_fact(predicate: object, where: str) -> None:
    """Refuse a condition on a fact that looks at anything but the fact's properties.

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


class CountTerm:
    """How many facts a clause selects; compare it with a number to get a predicate."""

    __slots__ = ("_clause",)
    __hash__ = None  # type: ignore[assignment]
    is_predicate_term = True

    def __init__(self, clause: Touched) -> None:
        self._clause = clause

    def _than(self, op: str, n: int) -> Touched:
        return attrs.evolve(self._clause, op=op, n=n)

    def __eq__(self, n: int) -> Touched:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return self._than("eq", n)

    def __ne__(self, n: int) -> Touched:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return self._than("ne", n)

    def __lt__(self, n: int) -> Touched:
        return self._than("lt", n)

    def __le__(self, n: int) -> Touched:
        return self._than("le", n)

    def __gt__(self, n: int) -> Touched:
        return self._than("gt", n)

    def __ge__(self, n: int) -> Touched:
        return self._than("ge", n)

    def __bool__(self) -> NoReturn:
        refuse_bool()
