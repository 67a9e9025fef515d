"""The front door: `q`, with which hosts write predicates. May import the tree and `nurture.model`.

`q.lead.…`, `q.account.…`, `q.prop("path")`, `q.touches(kind)`, `q.score(model)`, `q.stage`,
`q.time_in_stage`, `q.segment(name)`. Comparisons give predicates; predicates are joined with `& | ~`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn, Protocol

from nurture.errors import DefinitionError
from nurture.predicates.names import ACCOUNT_FIELDS, LEAD_FIELDS
from nurture.predicates.touches import Touched
from nurture.predicates.tree import (
    Compare,
    Everyone,
    Field,
    InSegment,
    InStage,
    Not,
    Owner,
    Predicate,
    Score,
    TimeInStage,
    refuse_bool,
)

if TYPE_CHECKING:
    from datetime import timedelta

    from nurture.model import Scalar


class Named(Protocol):
    """Anything that carries a name: a score model, a segment."""

    @property
    def name(self) -> str:
        """The name by which programs know it."""
        ...


class Term:
    """Something that becomes a predicate when it is compared; it has no truth value of its own."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]
    is_predicate_term = True

    def __bool__(self) -> NoReturn:
        refuse_bool()


class FieldTerm(Term):
    """A value of the lead, the account or a fact. A comparison with a missing value is false."""

    __slots__ = ("_field",)

    def __init__(self, field: Field) -> None:
        self._field = field

    def __contains__(self, value: object) -> NoReturn:
        raise TypeError(f"'in' cannot ask a predicate; write q.{self._field}.contains(...) or .is_in([...])")

    def __eq__(self, value: Scalar) -> Compare:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return Compare(self._field, "eq", value)

    def __ne__(self, value: Scalar) -> Compare:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return Compare(self._field, "ne", value)

    def __lt__(self, value: Scalar) -> Compare:
        return Compare(self._field, "lt", value)

    def __le__(self, value: Scalar) -> Compare:
        return Compare(self._field, "le", value)

    def __gt__(self, value: Scalar) -> Compare:
        return Compare(self._field, "gt", value)

    def __ge__(self, value: Scalar) -> Compare:
        return Compare(self._field, "ge", value)

    def is_in(self, values: Iterable[Scalar]) -> Compare:
        """Whether it is one of these values."""
        return Compare(self._field, "is_in", values)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the node makes a tuple of it

    def contains(self, text: str) -> Compare:
        """Whether it contains this text; of a field with many values, whether this is one of them."""
        return Compare(self._field, "contains", text)

    def starts_with(self, text: str) -> Compare:
        """Whether it begins with this text."""
        return Compare(self._field, "starts_with", text)

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
        return ~Compare(self._field, "missing")


class Fields:
    """The values of a lead or of an account, by attribute or by item: `q.lead.title`, `q.lead["title"]`."""

    __slots__ = ("_known", "_owner")

    def __init__(self, owner: Owner, known: Iterable[str]) -> None:
        self._owner = owner
        self._known = tuple(sorted(known))

    def __getattr__(self, name: str) -> FieldTerm:
        if name.startswith("_"):  # copy, pickle and notebooks ask for these
            raise AttributeError(name)
        return FieldTerm(Field(self._owner, name))

    def __getitem__(self, name: str) -> FieldTerm:
        return FieldTerm(Field(self._owner, name))

    def __dir__(self) -> Iterable[str]:
        return self._known


class ScoreTerm(Term):
    """A score as it reads at the moment asked about."""

    __slots__ = ("_model",)

    def __init__(self, model: str) -> None:
        self._model = model

    def __eq__(self, value: float) -> Score:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return Score(self._model, "eq", value)

    def __ne__(self, value: float) -> Score:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return Score(self._model, "ne", value)

    def __lt__(self, value: float) -> Score:
        return Score(self._model, "lt", value)

    def __le__(self, value: float) -> Score:
        return Score(self._model, "le", value)

    def __gt__(self, value: float) -> Score:
        return Score(self._model, "gt", value)

    def __ge__(self, value: float) -> Score:
        return Score(self._model, "ge", value)


class StageTerm(Term):
    """The present stage."""

    __slots__ = ()

    def __eq__(self, name: str) -> InStage:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return InStage((name,))

    def __ne__(self, name: str) -> Predicate:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        """Not in this stage; true also while there is no stage, since `!=` is `~(==)` here."""
        return Not(InStage((name,)))

    def is_in(self, names: Iterable[str]) -> InStage:
        """Whether it is one of these."""
        if isinstance(names, str):
            raise DefinitionError("stage.is_in: expected a list of names, found str")
        return InStage(tuple(names))


class StageTimeTerm(Term):
    """How long the present stage has lasted. Equality is not offered: it would hold for a microsecond."""

    __slots__ = ()

    def __lt__(self, length: timedelta) -> TimeInStage:
        return TimeInStage("lt", length)

    def __le__(self, length: timedelta) -> TimeInStage:
        return TimeInStage("le", length)

    def __gt__(self, length: timedelta) -> TimeInStage:
        return TimeInStage("gt", length)

    def __ge__(self, length: timedelta) -> TimeInStage:
        return TimeInStage("ge", length)


class Q:
    """Where predicates begin.

    Example:
        >>> hot = (q.account.industry == "SaaS") & (q.touches("page.viewed").within(days=14).count() >= 3)
        >>> type(hot).__name__
        'All'
    """

    __slots__ = ()

    @property
    def lead(self) -> Fields:
        """The lead's values: built-in fields and custom attributes."""
        return _LEAD

    @property
    def account(self) -> Fields:
        """The account's values."""
        return _ACCOUNT

    @property
    def stage(self) -> StageTerm:
        """The present stage."""
        return StageTerm()

    @property
    def time_in_stage(self) -> StageTimeTerm:
        """How long the present stage has lasted."""
        return StageTimeTerm()

    @property
    def everyone(self) -> Everyone:
        """True of every subject."""
        return Everyone()

    def prop(self, name: str) -> FieldTerm:
        """A property of the fact at hand; used inside `.where(...)` and `.last(...)`."""
        return FieldTerm(Field(Owner.PROP, name))

    def touches(self, kind: str | None = None, where: Predicate | None = None) -> Touched:
        """That there is at least one fact of this kind; narrow it, or count, with its methods."""
        return Touched(kind, having=where)

    def score(self, model: str | Named) -> ScoreTerm:
        """A score, by its model or the model's name."""
        return ScoreTerm(_name_of(model))

    def segment(self, segment: str | Named) -> InSegment:
        """Whether the segment's predicate holds, by the segment or its name."""
        return InSegment(_name_of(segment))


def _name_of(thing: str | Named) -> str:
    return thing if isinstance(thing, str) else thing.name


_LEAD = Fields(Owner.LEAD, LEAD_FIELDS)
_ACCOUNT = Fields(Owner.ACCOUNT, ACCOUNT_FIELDS)
q = Q()
"""The one front door; it holds no state."""
