"""The reading of a predicate that says what it looks at. May import the tree and `nurture.model`.

It bounds what a store must load, and it says what can affect the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs

from nurture.errors import UnknownNameError
from nurture.model import Fact, FrozenMapping, frozen
from nurture.predicates.dates import Age, Anniversary, Elapsed, Held, InPeriod
from nurture.predicates.lower import lowered
from nurture.predicates.people import People
from nurture.predicates.sequences import Followed
from nurture.predicates.standing import (
    Consented,
    InScenario,
    InSegment,
    InStage,
    Score,
    TimeInSegment,
    TimeInStage,
)
from nurture.predicates.touches import Quantifier, Touched
from nurture.predicates.tree import Compare, Field, Owner, Predicate, entry_names, walk

if TYPE_CHECKING:
    from nurture.predicates.names import Names

_NO_TIME = timedelta(0)


def _frozen(kinds: Mapping[str, Need]) -> FrozenMapping[Need]:
    return frozen(kinds)


@attrs.frozen(slots=True)
class Need:
    """Which facts of a kind suffice for the answer.

    Attributes:
        window: How far back, by the fact's `at`; None means that there is no bound.
        newest: How many of the newest by `(at, id)`; None means that there is no bound. Zero means that
            none needs to be loaded: a new fact can change the answer, but old ones are in a score already.
    """

    window: timedelta | None = None
    newest: int | None = None

    def __or__(self, other: Need) -> Need:
        return Need(_wider(self.window, other.window), _more(self.newest, other.newest))

    @classmethod
    def nothing(cls) -> Need:
        """That no old fact is needed."""
        return cls(_NO_TIME, 0)


def _wider(left: timedelta | None, right: timedelta | None) -> timedelta | None:
    return None if left is None or right is None else max(left, right)


def _more(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else max(left, right)


@attrs.frozen(slots=True, kw_only=True)
class Reach:
    """What a predicate looks at, by name; two reaches are united with `|`.

    Attributes:
        kinds: Facts of these kinds, and how many of each.
        any_kind: Facts of kinds that it does not name, and how many of each kind; None when it asks about none.
        prefixes: What the kinds of these facts begin with; `""` for any kind whatever.
        lead_fields: Values of the lead.
        account_fields: Values of the account.
        stage: Whether it looks at the stage, or at how long it has lasted.
        scores: Score models.
        people: Questions about the account's people, by the names under which leads tell the answers.
        entry: Values of what the run at hand began with; the run keeps them, so that nothing is loaded for them.
    """

    kinds: Mapping[str, Need] = attrs.field(factory=FrozenMapping[Need], converter=_frozen)
    any_kind: Need | None = None
    prefixes: frozenset[str] = frozenset()
    lead_fields: frozenset[str] = frozenset()
    account_fields: frozenset[str] = frozenset()
    stage: bool = False
    scores: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    entry: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        if self.any_kind is not None and not self.prefixes:
            object.__setattr__(self, "prefixes", _ANY)

    @classmethod
    def nothing(cls) -> Reach:
        """The reach of a predicate that looks at nothing."""
        return _NOTHING

    def __or__(self, other: Reach) -> Reach:
        if self is other or other == _NOTHING:
            return self
        kinds = dict(self.kinds)
        for kind, need in other.kinds.items():
            kinds[kind] = kinds[kind] | need if kind in kinds else need
        any_kind = self.any_kind
        if other.any_kind is not None:
            any_kind = other.any_kind if any_kind is None else any_kind | other.any_kind
        return Reach(
            kinds=kinds,
            any_kind=any_kind,
            prefixes=self.prefixes | other.prefixes,
            lead_fields=self.lead_fields | other.lead_fields,
            account_fields=self.account_fields | other.account_fields,
            stage=self.stage or other.stage,
            scores=self.scores | other.scores,
            people=self.people | other.people,
            entry=self.entry | other.entry,
        )

    def touches_kind(self, kind: str) -> bool:
        """Whether a new fact of this kind can change the answer."""
        return kind in self.kinds or any(kind.startswith(prefix) for prefix in self.prefixes)

    def need(self, kind: str) -> Need | None:
        """Which facts of this kind must be loaded; None when none must."""
        named = self.kinds.get(kind)
        both = [need for need in (named, self.any_kind) if need is not None]
        found = both[0] | both[1] if len(both) == 2 else both[0] if both else None
        return None if found is None or found.newest == 0 else found

    def unloaded(self) -> Reach:
        """The same names, but with no old fact needed: what a score that is kept looks at."""
        return attrs.evolve(
            self,
            kinds={kind: Need.nothing() for kind in self.kinds},
            any_kind=None if self.any_kind is None else Need.nothing(),
        )


_ANY = frozenset({""})
_NOTHING = Reach()


def reach_of(predicate: Predicate, names: Names) -> Reach:
    """What the predicate looks at, with segments followed and scores expanded.

    Args:
        predicate: The question.
        names: What the names in it mean.

    Returns:
        The union over all clauses. Facts that only feed a score have a `Need` with `newest == 0`:
        the score is kept in the standing, so old facts are not read again.

    Raises:
        UnknownNameError: It names a segment that is not declared.
    """
    found = Reach()
    rest: list[Predicate] = [lowered(predicate, names)]
    seen: set[str] = set()
    while rest:
        node = rest.pop()
        if isinstance(node, InSegment):
            if node.name in seen:
                continue
            seen.add(node.name)
            if node.name not in names.segments:
                raise UnknownNameError("segment", node.name, names.segments)
            rest.append(lowered(names.segments[node.name], names))
            continue
        find = _LEAVES.get(type(node))
        if find is None:
            rest.extend(node.children())
        else:
            found |= find(node, names)
    return found


def _of_compare(node: Compare, _: Names) -> Reach:
    return _of_fields(node.fields)


def _of_fields(fields: Iterable[Field]) -> Reach:
    by_owner: dict[Owner, set[str]] = {owner: set() for owner in Owner}
    for field in fields:
        by_owner[field.owner].add(field.name)
    return Reach(
        lead_fields=frozenset(by_owner[Owner.LEAD]),
        account_fields=frozenset(by_owner[Owner.ACCOUNT]),
        entry=frozenset(by_owner[Owner.ENTRY]),
    )


def _of_date(node: InPeriod | Anniversary | Age | Elapsed, _: Names) -> Reach:
    zone = node.period.zone if isinstance(node, InPeriod) else node.zone
    return _of_fields([node.field, *zone_fields(zone)])


def zone_fields(zone: str | None) -> tuple[Field, ...]:
    """The fields that are looked at to know whose day it is."""
    of_lead, of_account = Field(Owner.LEAD, "zone"), Field(Owner.ACCOUNT, "zone")
    return {None: (of_lead, of_account), "lead": (of_lead,), "account": (of_account,)}.get(zone, ())


def _of_held(node: Held, _: Names) -> Reach:
    compared = [one for one in walk(node.part) if isinstance(one, Compare)]
    fields = [field for one in compared for field in one.fields]
    of_account = any(field.owner is Owner.ACCOUNT for field in fields)
    owner, kind = (Owner.ACCOUNT, Fact.ACCOUNT_CHANGED) if of_account else (Owner.LEAD, Fact.LEAD_CHANGED)
    return Reach(kinds={kind.value: Need(node.length, None)}) | _of_fields([*fields, Field(owner, "created_at")])


def _of_stage(_: InStage | TimeInStage, __: Names) -> Reach:
    return Reach(stage=True)


def _of_score(node: Score, names: Names) -> Reach:
    fed_by = names.score_reach.get(node.model, _NOTHING)
    return Reach(scores=frozenset({node.model})) | fed_by.unloaded()


def _of_scenario(_: InScenario, __: Names) -> Reach:
    nothing = Need.nothing()
    return Reach(kinds={Fact.ENROLLMENT_STARTED.value: nothing, Fact.ENROLLMENT_ENDED.value: nothing})


def _of_membership(_: TimeInSegment, __: Names) -> Reach:
    nothing = Need.nothing()
    return Reach(kinds={Fact.SEGMENT_ENTERED.value: nothing, Fact.SEGMENT_LEFT.value: nothing})


def _of_consent(_: Consented, __: Names) -> Reach:
    return Reach(kinds={Fact.CONSENT_GIVEN.value: Need(), Fact.CONSENT_WITHDRAWN.value: Need()})


def _of_people(node: People, _: Names) -> Reach:
    return Reach(people=frozenset({node.told_as}))


def _of_followed(node: Followed, names: Names) -> Reach:
    first = attrs.evolve(node.first, window=None if node.first.window is None else node.first.window + node.within)
    # What follows is looked at from the first fact on: it lies in that window, too.
    then = attrs.evolve(node.then, window=first.window)
    return _of_touched(first, names) | _of_touched(then, names)


def _of_touched(node: Touched, names: Names) -> Reach:
    need = Need(_window(node, names), _newest(node))
    of_period = node.period is not None
    fields = [*([node.starts] if node.starts else []), *(zone_fields(node.period.zone) if node.period else ())]
    where = _of_fields(fields) if of_period else _NOTHING
    if entry := entry_names(node):
        where |= Reach(entry=entry)
    if node.exact_kind is not None:
        return Reach(kinds={node.exact_kind: need}) | where
    return Reach(any_kind=need, prefixes=frozenset({node.prefix or ""})) | where


def _window(node: Touched, names: Names) -> timedelta | None:
    if node.per is not None:
        return None  # the newest of a key may be old
    if node.period is not None:
        return node.period.reach_back_on(names.calendar)
    if node.window is None:
        return None
    return 2 * node.window if node.quantifier is Quantifier.TREND else node.window


def _newest(node: Touched) -> int | None:
    """How many of the newest facts decide; None when a condition may skip some of them."""
    skips = (node.having, node.seen_origin, node.channel, node.campaign, node.older, node.period, node.per)
    if not node.suspect or any(one is not None for one in skips):
        return None
    if node.quantifier in (Quantifier.LAST, Quantifier.SINCE_LAST):
        return 1
    if node.quantifier is not Quantifier.COUNT:
        return None
    n = int(node.n)
    return n if node.op in ("ge", "lt") and n > 0 else n + 1


_LEAVES: Mapping[type[Predicate], Callable[[Any, Names], Reach]] = {
    Compare: _of_compare,
    InPeriod: _of_date,
    Anniversary: _of_date,
    Age: _of_date,
    Elapsed: _of_date,
    Held: _of_held,
    InStage: _of_stage,
    TimeInStage: _of_stage,
    Score: _of_score,
    InScenario: _of_scenario,
    TimeInSegment: _of_membership,
    Consented: _of_consent,
    People: _of_people,
    Followed: _of_followed,
    Touched: _of_touched,
}
"""What a leaf looks at, by its type; nodes that look at nothing themselves are missing."""
