"""The front door: `q`, with which hosts write predicates. May import the tree and `nurture.model`.

`q.lead.…`, `q.account.…`, `q.entry.…`, `q.prop("path")`, `q.touches(kind)`, `q.score(model)`, `q.grade(model)`,
`q.stage`, `q.time_in_stage`, `q.segment(name)`, `q.scenario(name)`, `q.consent(topic)`, `q.in_list(name)`.
Comparisons give predicates; predicates are joined with `& | ~`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn, Protocol

from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import ANY_CHANNEL, EnrollmentState, Purpose
from nurture.predicates.dates import Held
from nurture.predicates.literals import require_name
from nurture.predicates.names import ACCOUNT_FIELDS, LEAD_FIELDS
from nurture.predicates.ordering import Order
from nurture.predicates.people import OfAccount, PeopleTerm
from nurture.predicates.standing import (
    Consented,
    Grade,
    InBucket,
    InScenario,
    InSegment,
    InStage,
    Score,
    TimeInSegment,
    TimeInStage,
    Word,
)
from nurture.predicates.terms import FieldTerm, LengthTerm, Term
from nurture.predicates.touches import Touched
from nurture.predicates.tree import All, AnyOf, Compare, Everyone, Field, Not, Owner, Predicate, refuse_bool, walk

if TYPE_CHECKING:
    from datetime import timedelta


class Named(Protocol):
    """Anything that carries a name: a score model, a segment."""

    @property
    def name(self) -> str:
        """The name by which programs know it."""
        ...


class Fields:
    """The values of a lead, an account or an entry, by attribute or by item: `q.lead.title`, `q.lead["title"]`."""

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

    def __bool__(self) -> NoReturn:
        refuse_bool()

    def __dir__(self) -> Iterable[str]:
        return self._known


class AccountFields(Fields):
    """The account: its values by attribute or by item, its people, and any predicate about it.

    A custom attribute called `leads` or `matches` is reached with brackets.
    """

    __slots__ = ()

    @property
    def leads(self) -> PeopleTerm:
        """Its people: `q.account.leads.where(…).count() >= 3`."""
        return PeopleTerm(Everyone())

    def matches(self, part: Predicate) -> OfAccount:
        """Whether the account itself satisfies a predicate: about its facts, scores, stage, people."""
        return OfAccount(part)


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

    def asc(self) -> Order:
        """To list subjects by it, the lowest score first."""
        return Order(self._model)

    def desc(self) -> Order:
        """To list subjects by it, the highest score first."""
        return Order(self._model, descending=True)


class StageTerm(Term):
    """The present stage."""

    __slots__ = ()

    def __eq__(self, name: str) -> InStage:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        require_name(name, "stage")
        return InStage((name,))

    def __ne__(self, name: str) -> Predicate:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        """Not in this stage; true also while there is no stage, since `!=` is `~(==)` here."""
        return Not(InStage((name,)))

    def is_in(self, names: Iterable[str]) -> InStage:
        """Whether it is one of these."""
        if isinstance(names, str):
            raise DefinitionError("stage.is_in: expected a list of names, found str")
        return InStage(names)


class GradeTerm(Term):
    """The grade that a score model gives; A is the best."""

    __slots__ = ("_model",)

    def __init__(self, model: str) -> None:
        self._model = model

    def __eq__(self, grade: str) -> Grade:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return Grade(self._model, "eq", grade)

    def __ne__(self, grade: str) -> Grade:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return Grade(self._model, "ne", grade)

    def __lt__(self, grade: str) -> Grade:
        """Worse than this grade."""
        return Grade(self._model, "lt", grade)

    def __le__(self, grade: str) -> Grade:
        return Grade(self._model, "le", grade)

    def __gt__(self, grade: str) -> Grade:
        """Better than this grade."""
        return Grade(self._model, "gt", grade)

    def __ge__(self, grade: str) -> Grade:
        return Grade(self._model, "ge", grade)


class ConsentTerm(Term):
    """What the person's word is about a sender, channel, purpose and topic: four different questions."""

    __slots__ = ("_channel", "_entity", "_purpose", "_topic")

    def __init__(self, channel: str, purpose: Purpose, topic: str, entity: str) -> None:
        self._channel = channel
        self._purpose = purpose
        self._topic = topic
        self._entity = entity

    def _asked(self, word: Word) -> Consented:
        return Consented(word, channel=self._channel, purpose=self._purpose, topic=self._topic, entity=self._entity)

    def given(self) -> Consented:
        """Opted in: the word that holds is a yes, and it has not run out."""
        return self._asked(Word.GIVEN)

    def refused(self) -> Consented:
        """Opted out: the word that holds is a no, however we came to know."""
        return self._asked(Word.REFUSED)

    def unsubscribed(self) -> Consented:
        """Explicitly unsubscribed: the word that holds is a no that the person said to us."""
        return self._asked(Word.UNSUBSCRIBED)

    def unsaid(self) -> Consented:
        """That nobody said anything."""
        return self._asked(Word.UNSAID)


class ScenarioTerm(Term):
    """The runs of a scenario."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def is_active(self) -> InScenario:
        """Whether one is under way."""
        return InScenario(self._name)

    def is_in(self, states: Iterable[EnrollmentState | str]) -> InScenario:
        """Whether one is in one of these states, such as `completed` or `reached_goal`."""
        if isinstance(states, str):
            raise DefinitionError("scenario.is_in: expected a list of states, found str")
        return InScenario(self._name, states)


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
    def account(self) -> AccountFields:
        """The account: its values, its people, and what else it can be asked about."""
        return _ACCOUNT

    @property
    def entry(self) -> Fields:
        """What the run at hand began with: properties of its fact, and values of the fact's campaign.

        Known only inside a run: in a scenario's steps, `only_if`, `goal` and `exit`. Its names are not declared, so a
        misspelled one is a missing value. A property of a fact is compared with it property first.

        Example:
            >>> from datetime import timedelta
            >>> came = q.touches("seminar.attended").where(q.prop("seminar") == q.entry.seminar)
            >>> soon = q.entry.campaign.starts_at.ahead() <= timedelta(days=3)
        """
        return _ENTRY

    @property
    def stage(self) -> StageTerm:
        """The present stage."""
        return StageTerm()

    @property
    def time_in_stage(self) -> LengthTerm:
        """How long the present stage has lasted."""
        return LengthTerm(TimeInStage)

    @property
    def everyone(self) -> Everyone:
        """True of every subject."""
        return Everyone()

    def prop(self, name: str) -> FieldTerm:
        """A property of the fact at hand; used inside `.where(...)` and `.last(...)`."""
        return FieldTerm(Field(Owner.PROP, name))

    def touches(self, kind: str | None = None, where: Predicate | None = None) -> Touched:
        """That there is at least one fact of this kind; narrow it, or count, with its methods.

        Args:
            kind: Such as `page.viewed`; `email.*` for every kind that begins so; None for any kind.
            where: What the facts' properties must be.
        """
        return Touched(kind, having=where)

    def grade(self, model: str | Named) -> GradeTerm:
        """The grade that a score model gives, by the model or its name."""
        return GradeTerm(_name_of(model))

    def time_in_segment(self, segment: str | Named) -> LengthTerm:
        """How long the subject has been a member of a segment."""
        name = _name_of(segment)
        return LengthTerm(lambda op, length: TimeInSegment(name, op, length))

    def scenario(self, scenario: str | Named) -> ScenarioTerm:
        """The runs of a scenario, by the scenario or its name."""
        return ScenarioTerm(_name_of(scenario))

    def consent(
        self,
        topic: str = "",
        *,
        channel: str | None = None,
        purpose: Purpose | str = Purpose.MARKETING,
        entity: str = "",
    ) -> ConsentTerm:
        """What the person's word is about a channel, purpose and topic.

        Args:
            topic: A subject within the purpose; `""` is all of it.
            channel: On which channel; None is `email`, or with the purpose `profiling` all of them.
            purpose: What for.
            entity: Towards which sender, by the name of the site's identity; `""` is the site's own.
        """
        if purpose not in [one.value for one in Purpose]:
            raise UnknownNameError("purpose", str(purpose), [one.value for one in Purpose], where="consent")
        if channel is None:
            channel = ANY_CHANNEL if purpose == Purpose.PROFILING else "email"
        return ConsentTerm(channel, Purpose(purpose), topic, entity)

    def in_list(self, name: str) -> Compare:
        """Whether the lead stands on a static list."""
        return Compare(Field(Owner.LEAD, "lists"), "contains", name)

    def bucket(self, salt: str, low: float, high: float) -> InBucket:
        """Whether the subject falls into a share of everybody, from `low` to below `high` percent.

        Example:
            >>> holdout = q.bucket("spring", 0, 10)
        """
        return InBucket(salt, low, high)

    def held(
        self, part: Predicate, *, at_least: timedelta | None = None, less_than: timedelta | None = None
    ) -> Predicate:
        """Whether a condition on values has been true without a break for at least, or for less than, a time."""
        if (at_least is None) == (less_than is None):
            raise DefinitionError("held: expected either at_least or less_than")
        length = at_least if less_than is None else less_than
        held = Held(part, "ge" if less_than is None else "lt", length)  # type: ignore[arg-type]  # one of them is given
        is_of_account = any(isinstance(node, Compare) and node.field.owner is Owner.ACCOUNT for node in walk(part))
        return OfAccount(held) if is_of_account else held

    def all_of(self, *parts: Predicate) -> All:
        """That every part holds; of no parts, always."""
        return All(parts)

    def any_of(self, *parts: Predicate) -> AnyOf:
        """That at least one part holds; of no parts, never."""
        return AnyOf(parts)

    def none_of(self, *parts: Predicate) -> Not:
        """That no part holds; of no parts, always."""
        return Not(AnyOf(parts))

    def score(self, model: str | Named) -> ScoreTerm:
        """A score, by its model or the model's name."""
        return ScoreTerm(_name_of(model))

    def segment(self, segment: str | Named) -> InSegment:
        """Whether the segment's predicate holds, by the segment or its name."""
        return InSegment(_name_of(segment))


def _name_of(thing: str | Named) -> str:
    name: object = thing if isinstance(thing, str) else getattr(thing, "name", None)
    if not isinstance(name, str):
        raise DefinitionError(f"expected a name or something that has one, found {type(thing).__name__}")
    return name


_LEAD = Fields(Owner.LEAD, LEAD_FIELDS)
_ACCOUNT = AccountFields(Owner.ACCOUNT, ACCOUNT_FIELDS)
_ENTRY = Fields(Owner.ENTRY, ())
q = Q()
"""The one front door; it holds no state."""
