"""What `advance` and every reading of a predicate look at. Imports the other records only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from nurture.model.account import ACCOUNT_TEXT_FIELDS, Account
from nurture.model.effect import Effect
from nurture.model.lead import Lead
from nurture.model.records import Definition
from nurture.model.standing import Enrollment, PastRuns, ScoreState, Standing, Switch
from nurture.model.touchpoint import Pending, Touchpoint
from nurture.model.values import EMPTY, FrozenMapping, Value

if TYPE_CHECKING:
    from datetime import datetime


@attrs.frozen(slots=True, kw_only=True)
class Dossier:
    """All that is known about one subject, from one snapshot.

    Attributes:
        tenant: Whose data it is; part of every derived id.
        subject: The lead or account as the store holds it now.
        standing: Where it stands; None before its first decision.
        facts: Facts that were decided already and that some predicate may still look at, oldest first.
        inbox: Facts that were not decided yet.
        effects: Effects that are still open.
        definitions: Pinned versions of scenarios that the active program does not hold itself, by hash.
        older: Those that may still run for anybody and that ask something of another subject, by hash: they are
            answered beside the program.
        switches: The scenarios that are switched by hand; asked of a subject without a standing only.
        told: What the lead's account has to say, looked up for a roll-over; None when nobody looked.
        people: Who says yes to questions about people that are new, by the name under which leads tell it, looked
            up for a roll-over: of an account, as its leads answer; of a lead, as its account counts.
    """

    tenant: str = "default"
    subject: Lead | Account
    standing: Standing | None = None
    facts: tuple[Touchpoint, ...] = ()
    inbox: tuple[Pending, ...] = ()
    effects: tuple[Effect, ...] = ()
    definitions: Mapping[str, Definition] = attrs.field(factory=FrozenMapping[Definition])
    older: Mapping[str, Definition] = attrs.field(factory=FrozenMapping[Definition])
    switches: Mapping[str, Switch] = attrs.field(factory=FrozenMapping[Switch])
    told: Mapping[str, Value] | None = None
    people: Mapping[str, frozenset[str]] = attrs.field(factory=FrozenMapping[frozenset[str]])

    @property
    def is_new(self) -> bool:
        """Whether the subject was never decided; one may have tried, and failed."""
        return self.standing is None or self.standing.advanced_to is None


class Sight:
    """What a predicate sees of a subject at a moment: plain mappings, laid out for speed.

    Mutable on purpose: `advance` keeps one and moves it on from fact to fact. Everywhere else it is
    made by `sight_of` and left alone.

    Attributes:
        lead: Values of the lead by field, custom attributes beside built-in ones; empty for an account.
        account: Values of the account: its own, or what it has told its lead.
        touches: Visible facts by kind, each list ordered by `(at, id)`.
        stage: The present stage.
        stage_since: Since when.
        scores: State of each score, by model.
        memberships: Segments it is in, and since when.
        enrollments: The runs of scenarios that are kept whole.
        past: What is kept of other runs that ended, by scenario, state and key.
        people: Of an account: its leads that say yes to a question, by the name under which they tell it.
        entry: What the run at hand began with, by name: properties of the fact, values of its campaign as
            `campaign.…`; empty wherever no run is at hand.
        subject: Whose sight it is; `""` when nobody said.
    """

    __slots__ = (
        "account",
        "enrollments",
        "entry",
        "lead",
        "memberships",
        "past",
        "people",
        "scores",
        "stage",
        "stage_since",
        "subject",
        "touches",
    )

    lead: Mapping[str, Value]
    account: Mapping[str, Value]
    touches: dict[str, list[Touchpoint]]
    stage: str | None
    stage_since: datetime | None
    scores: Mapping[str, ScoreState]
    memberships: Mapping[str, datetime]
    enrollments: Sequence[Enrollment]
    past: PastRuns
    people: Mapping[str, frozenset[str]]
    entry: Mapping[str, Value]
    subject: str

    def __init__(
        self,
        *,
        lead: Mapping[str, Value] = EMPTY,
        account: Mapping[str, Value] = EMPTY,
        touches: dict[str, list[Touchpoint]] | None = None,
        stage: str | None = None,
        stage_since: datetime | None = None,
        scores: Mapping[str, ScoreState] | None = None,
        memberships: Mapping[str, datetime] | None = None,
        enrollments: Sequence[Enrollment] = (),
        past: PastRuns | None = None,
        people: Mapping[str, frozenset[str]] | None = None,
        entry: Mapping[str, Value] = EMPTY,
        subject: str = "",
    ) -> None:
        self.lead = lead
        self.account = account
        self.touches = {} if touches is None else touches
        self.stage = stage
        self.stage_since = stage_since
        self.scores = {} if scores is None else scores
        self.memberships = {} if memberships is None else memberships
        self.enrollments = enrollments
        self.past = {} if past is None else past
        self.people = {} if people is None else people
        self.entry = entry
        self.subject = subject


def by_kind(facts: Iterable[Touchpoint]) -> dict[str, list[Touchpoint]]:
    """The facts by kind, each list ordered by `(at, id)`."""
    found = grouped(facts)
    for some in found.values():
        some.sort(key=_order)
    return found


def grouped(facts: Iterable[Touchpoint]) -> dict[str, list[Touchpoint]]:
    """The facts by kind; facts that come ordered, as stores give them, stay ordered."""
    found: dict[str, list[Touchpoint]] = {}
    for fact in facts:
        if fact.kind in found:
            found[fact.kind].append(fact)
        else:
            found[fact.kind] = [fact]
    return found


def _order(fact: Touchpoint) -> tuple[datetime, str]:
    return (fact.at, fact.id)


def account_values(account: Account) -> dict[str, Value]:
    """The account's values by field, as predicates see them."""
    values: dict[str, Value] = dict(account.attributes)
    for name in ACCOUNT_TEXT_FIELDS:
        value = getattr(account, name)
        if value is not None:
            values[name] = value
    if account.employees is not None:
        values["employees"] = account.employees
    values["created_at"] = account.created_at
    return values


def sight_of(dossier: Dossier) -> Sight:
    """What a predicate sees of this dossier: decided facts and facts still in the inbox alike."""
    standing = dossier.standing
    subject = dossier.subject
    return Sight(
        lead=subject.values if isinstance(subject, Lead) else EMPTY,
        account=account_values(subject) if isinstance(subject, Account) else standing.account if standing else EMPTY,
        touches=by_kind((*dossier.facts, *(pending.fact for pending in dossier.inbox))),
        stage=standing.stage if standing else None,
        stage_since=standing.stage_since if standing else None,
        scores=standing.scores if standing else {},
        memberships=standing.memberships if standing else {},
        enrollments=standing.enrollments if standing else (),
        past=standing.past if standing else None,
        people=standing.people if standing else {},
        subject=subject.id,
    )
