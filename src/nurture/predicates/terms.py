"""What becomes a predicate when it is compared: values, amounts, lengths of time. May import the nodes.

A term has no truth value of its own; `bool(term)` raises, as `bool(predicate)` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from nurture.errors import DefinitionError, near_misses
from nurture.model import Fact, Scalar
from nurture.predicates.dates import Age, Anniversary, Elapsed, InPeriod
from nurture.predicates.tree import Compare, Field, Not, Owner, Predicate, Scaled, refuse_bool

if TYPE_CHECKING:
    from datetime import timedelta

    from nurture.calendar import Period
    from nurture.predicates.ordering import Order

Given: TypeAlias = "Scalar | FieldTerm | ScaledTerm"


class Term:
    """Something that becomes a predicate when it is compared; it has no truth value of its own."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]
    is_predicate_term = True

    def __bool__(self) -> NoReturn:
        refuse_bool()

    def __eq__(self, other: object) -> NoReturn:
        """Refused, unless a term says what it means; Python would answer with a bool that means nothing."""
        refuse_equality(self)

    def __ne__(self, other: object) -> NoReturn:
        """Refused likewise."""
        refuse_equality(self)


def refuse_equality(term: object) -> NoReturn:
    """Say that a term is not compared with `==` and `!=`.

    Raises:
        TypeError: Always.
    """
    raise TypeError(
        f"{type(term).__name__} cannot be compared with == or !=; see what it offers, such as >= or .is_in(...)"
    )


class ScaledTerm(Term):
    """A field times a constant, to compare another field with: `q.account.usage >= 0.8 * q.account.plan`."""

    __slots__ = ("_scaled",)

    def __init__(self, scaled: Scaled) -> None:
        self._scaled = scaled

    @property
    def scaled_(self) -> Scaled:
        """The node."""
        return self._scaled


class FieldTerm(Term):
    """A value of the lead, the account, an entry or a fact. A comparison with a missing value is false.

    A nested value is reached by its path: `q.lead.plan.seats` is `q.lead["plan.seats"]`. A value whose name
    is that of a method here is reached with brackets.
    """

    __slots__ = ("_field",)

    def __init__(self, field: Field) -> None:
        self._field = field

    @property
    def field_(self) -> Field:
        """The field itself."""
        return self._field

    def __getattr__(self, name: str) -> FieldTerm:
        if name.startswith("_"):  # copy, pickle and notebooks ask for these
            raise AttributeError(name)
        return FieldTerm(Field(self._field.owner, f"{self._field.name}.{name}"))

    def __getitem__(self, name: str) -> FieldTerm:
        return FieldTerm(Field(self._field.owner, f"{self._field.name}.{name}"))

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Refuse, and name the nearest question that can be asked of a value."""
        asked = self._field.name.rpartition(".")[2]
        near = near_misses(asked, [name for name in dir(FieldTerm) if not name.startswith("_")])
        hint = f"; did you mean {' or '.join(f'.{name}(…)' for name in near)}?" if near else ""
        raise TypeError(f"q.{self._field} is a value and cannot be called{hint}")

    def __contains__(self, value: object) -> NoReturn:
        raise TypeError(f"'in' cannot ask a predicate; write q.{self._field}.contains(...) or .is_in([...])")

    def __iter__(self) -> NoReturn:
        raise TypeError(f"q.{self._field} is a single value in a predicate and cannot be walked")

    def _than(self, op: str, value: Given) -> Compare:
        return Compare(self._field, op, _given(value))

    def __eq__(self, value: Given) -> Compare:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return self._than("eq", value)

    def __ne__(self, value: Given) -> Compare:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return self._than("ne", value)

    def __lt__(self, value: Given) -> Compare:
        return self._than("lt", value)

    def __le__(self, value: Given) -> Compare:
        return self._than("le", value)

    def __gt__(self, value: Given) -> Compare:
        return self._than("gt", value)

    def __ge__(self, value: Given) -> Compare:
        return self._than("ge", value)

    def __mul__(self, factor: float) -> ScaledTerm:
        return ScaledTerm(Scaled(self._field, factor))

    __rmul__ = __mul__

    def equals(self, text: str, *, ignore_case: bool = False) -> Compare:
        """Whether it is this text; `ignore_case` takes A to Z as a to z."""
        return Compare(self._field, "eq_ci" if ignore_case else "eq", text)

    def between(self, low: Scalar, high: Scalar) -> Compare:
        """Whether it lies between two values, both included."""
        return Compare(self._field, "between", (low, high))

    def is_in(self, values: Iterable[Scalar], *, ignore_case: bool = False) -> Compare:
        """Whether it is one of these values."""
        return Compare(self._field, "is_in_ci" if ignore_case else "is_in", values)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the node makes a tuple of it

    def not_in(self, values: Iterable[Scalar]) -> Compare:
        """Whether it is known and none of these values."""
        return Compare(self._field, "not_in", values)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    def contains(self, text: str, *, ignore_case: bool = False) -> Compare:
        """Whether it contains this text; of a field with many values, whether this is one of them."""
        return Compare(self._field, "contains_ci" if ignore_case else "contains", text)

    includes = contains

    def starts_with(self, text: str, *, ignore_case: bool = False) -> Compare:
        """Whether it begins with this text."""
        return Compare(self._field, "starts_with_ci" if ignore_case else "starts_with", text)

    def ends_with(self, text: str, *, ignore_case: bool = False) -> Compare:
        """Whether it ends with this text."""
        return Compare(self._field, "ends_with_ci" if ignore_case else "ends_with", text)

    def like(self, pattern: str, *, ignore_case: bool = False) -> Compare:
        """Whether the whole text has this form: `%` is any run of characters, `_` any one, a backslash escapes."""
        return Compare(self._field, "like_ci" if ignore_case else "like", pattern)

    def matches(self, pattern: str) -> Compare:
        """Whether a regular expression of RE2 is found in it; needs the extra `regex`."""
        return Compare(self._field, "matches", pattern)

    def has_any(self, values: Iterable[str]) -> Compare:
        """Of a field with many values: whether at least one of these is among them."""
        return Compare(self._field, "has_any", values)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    def has_all(self, values: Iterable[str]) -> Compare:
        """Of a field with many values: whether all of these are among them."""
        return Compare(self._field, "has_all", values)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    def has_none(self, values: Iterable[str]) -> Compare:
        """Of a field with many values: whether it is known and none of these is among them."""
        return Compare(self._field, "has_none", values)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    def is_true(self) -> Compare:
        """Whether it is `True`: what linters do not let you write as `== True`."""
        return Compare(self._field, "eq", True)

    def is_false(self) -> Compare:
        """Whether it is known and `False`."""
        return Compare(self._field, "eq", False)

    def is_missing(self) -> Compare:
        """Whether there is no value."""
        return Compare(self._field, "missing")

    def is_present(self) -> Predicate:
        """Whether there is a value."""
        return Not(Compare(self._field, "missing"))

    def during(self, period: Period, *, starts: object = None) -> InPeriod:
        """Of a date or an instant: whether it lies in a period such as today or this fiscal year.

        Args:
            period: Made by `nurture.calendar`: `today()`, `last_week()`, `next_business_days(5)`, ….
            starts: The field that holds the month in which the fiscal year begins, such as `q.account.fiscal_month`.
        """
        return InPeriod(self._field, period, None if starts is None else field_of(starts, "during"))

    def anniversary(self, *, before: int = 0, after: int = 0, zone: str | None = None) -> Anniversary:
        """Of a date or an instant: whether today lies from so many days before an anniversary to so many after."""
        return Anniversary(self._field, before, after, zone)

    def age(self, *, zone: str | None = None) -> YearsTerm:
        """Of a date or an instant: how many years it is ago, completed ones."""
        return YearsTerm(self._field, zone)

    def ago(self, *, zone: str | None = None) -> LengthTerm:
        """Of a past date or instant: how long it is ago; false while it is still to come."""
        field = self._field
        return LengthTerm(lambda op, length: Elapsed(field, op, length, ahead=False, zone=zone))

    def ahead(self, *, zone: str | None = None) -> LengthTerm:
        """Of a coming date or instant: how long it is until then; false once it is over."""
        field = self._field
        return LengthTerm(lambda op, length: Elapsed(field, op, length, ahead=True, zone=zone))

    def asc(self) -> Order:
        """To list subjects by it, the smallest first; those without a value come last."""
        return _order(self._field, descending=False)

    def desc(self) -> Order:
        """To list subjects by it, the largest first; those without a value come last."""
        return _order(self._field, descending=True)

    def changed(self, *, within: timedelta) -> Predicate:
        """Whether the value was really changed within the last time."""
        from nurture.predicates.people import OfAccount
        from nurture.predicates.touches import Touched

        if self._field.owner in (Owner.PROP, Owner.ENTRY):
            raise DefinitionError(f"q.{self._field}.changed: asks about the lead or the account, not about a fact")
        named = Compare(Field(Owner.PROP, "fields"), "contains", self._field.name)
        kind = Fact.ACCOUNT_CHANGED if self._field.owner is Owner.ACCOUNT else Fact.LEAD_CHANGED
        facts = Touched(kind.value, having=named, window=within)
        return OfAccount(facts) if self._field.owner is Owner.ACCOUNT else facts

    def __dir__(self) -> Iterable[str]:
        return [name for name in dir(FieldTerm) if not name.startswith("_")]


def _order(field: Field, *, descending: bool) -> Order:
    from nurture.predicates.ordering import Order

    return Order(field, descending)


def _given(value: Given) -> Scalar | Scaled:
    if isinstance(value, FieldTerm):
        return Scaled(value.field_)
    return value.scaled_ if isinstance(value, ScaledTerm) else value


def field_of(term: object, where: str) -> Field:
    """The field that a term such as `q.lead.…` or `q.account.…` names.

    Raises:
        DefinitionError: It is something else.
    """
    field = term if isinstance(term, Field) else getattr(term, "field_", None)
    if not isinstance(field, Field):
        raise DefinitionError(f"{where}: expected a field such as q.account.fiscal_month, found {type(term).__name__}")
    return field


class YearsTerm(Term):
    """Completed years since a day; compare them with a whole number."""

    __slots__ = ("_field", "_zone")

    def __init__(self, field: Field, zone: str | None) -> None:
        self._field = field
        self._zone = zone

    def _than(self, op: str, years: int) -> Age:
        return Age(self._field, op, years, self._zone)

    def __eq__(self, years: int) -> Age:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return self._than("eq", years)

    def __ne__(self, years: int) -> Age:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return self._than("ne", years)

    def __lt__(self, years: int) -> Age:
        return self._than("lt", years)

    def __le__(self, years: int) -> Age:
        return self._than("le", years)

    def __gt__(self, years: int) -> Age:
        return self._than("gt", years)

    def __ge__(self, years: int) -> Age:
        return self._than("ge", years)


class LengthTerm(Term):
    """A length of time. Equality is not offered: it would hold for a microsecond."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[str, timedelta], Predicate]) -> None:
        self._make = make

    def __lt__(self, length: timedelta) -> Predicate:
        return self._make("lt", length)

    def __le__(self, length: timedelta) -> Predicate:
        return self._make("le", length)

    def __gt__(self, length: timedelta) -> Predicate:
        return self._make("gt", length)

    def __ge__(self, length: timedelta) -> Predicate:
        return self._make("ge", length)


class AmountTerm(Term):
    """An amount; compare it with a number to get a predicate."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[str, float], Predicate]) -> None:
        self._make = make

    def __eq__(self, n: float) -> Predicate:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return self._make("eq", n)

    def __ne__(self, n: float) -> Predicate:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return self._make("ne", n)

    def __lt__(self, n: float) -> Predicate:
        return self._make("lt", n)

    def __le__(self, n: float) -> Predicate:
        return self._make("le", n)

    def __gt__(self, n: float) -> Predicate:
        return self._make("gt", n)

    def __ge__(self, n: float) -> Predicate:
        return self._make("ge", n)
