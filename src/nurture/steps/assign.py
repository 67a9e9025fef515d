"""The step that gives the subject an owner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite, log
from typing import TYPE_CHECKING, ClassVar, cast

import attrs

from nurture.errors import DefinitionError
from nurture.model import Value
from nurture.predicates import Field, Owner, Predicate
from nurture.predicates.describe import field_name
from nurture.predicates.terms import field_of
from nurture.steps.declaration import Declaration, mapping_given, several, wrong
from nurture.steps.step import Go, Move, Scene, Step, ValueOrder
from nurture.steps.waiting import asked_for

if TYPE_CHECKING:
    from nurture.predicates.terms import FieldTerm


@attrs.frozen(slots=True)
class Share(Declaration):
    """Somebody who takes a share of the subjects, by a weight against the others."""

    is_part: ClassVar[bool] = True

    owner: str
    weight: float = 1.0


@attrs.frozen(slots=True)
class Territory(Declaration):
    """A value of a field, and who looks after the subjects that have it."""

    is_part: ClassVar[bool] = True

    value: Value
    owner: str


@attrs.frozen(slots=True)
class Assign(Step):
    """Set the owner of the lead or the account: one person, one of several by a sticky draw, or by a value.

    The draw is a weighted rendezvous hash (Schindelhauer and Schomaker, "Weighted Distributed Hash Tables", SPAA
    2005): when somebody joins or leaves the team, only that person's share is dealt anew.

    Attributes:
        owner: This one.
        among: One of these.
        by: The field by whose value the owner is found in `to`.
        to: Who looks after which value.
        otherwise: Who gets those whose value is missing or not in `to`; None leaves the owner as it is.
        keep: Whether an owner who is there already stays.
    """

    kind: ClassVar[str] = "assign"

    owner: str | None = None
    among: tuple[Share, ...] = ()
    by: Field | None = None
    to: tuple[Territory, ...] = ()
    otherwise: str | None = None
    keep: bool = False

    def arrive(self, scene: Scene) -> Move:
        """Set the owner and go on."""
        if self.keep and scene.own("owner") is not None:
            return Go(saw={"kept": True})
        owner = self._chosen(scene)
        orders = () if owner is None else (ValueOrder("owner", owner),)
        return Go(orders=orders, saw={"owner": owner or ""})

    def _chosen(self, scene: Scene) -> str | None:
        if self.among:
            return min(self.among, key=lambda one: -log(1 - scene.share(f"assign:{one.owner}")) / one.weight).owner
        if self.by is None:
            return self.owner
        value = scene.value(self.by)
        return next((one.owner for one in self.to if _is_same(one.value, value)), self.otherwise)

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """The field by whose value it goes."""
        return () if self.by is None else (("by", asked_for(self.by)),)

    def problems(self) -> Iterable[str]:
        """It goes by one of the three, and names somebody."""
        if (self.owner is not None) + bool(self.among) + (self.by is not None) != 1:
            yield "assign takes one of 'owner', 'among' and 'by'"
        if (self.by is None) != (not self.to) or (self.by is None and self.otherwise is not None):
            yield "assign: 'by', 'to' and 'otherwise' belong together: by=q.lead.prefecture, to={'Tokyo': 'tanaka'}"
        if self.by is not None and self.by.owner is Owner.PROP:
            yield "assign takes a field of the lead, the account or the entry; q.prop(…) is of which fact?"
        names = [self.owner, self.otherwise, *(one.owner for one in self.among), *(one.owner for one in self.to)]
        if any(name == "" for name in names):
            yield "assign: expected owners' ids, found an empty one"
        if len({one.owner for one in self.among}) < len(self.among):
            yield "assign.among: each owner stands once; a weight gives more"
        if any(not (isfinite(one.weight) and one.weight > 0) for one in self.among):
            yield "assign.among: the weights must be positive numbers"
        if any(_is_same(one.value, other.value) for place, one in enumerate(self.to) for other in self.to[:place]):
            yield "assign.to: each value stands once"

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        field = "" if self.by is None else field_name(self.by, lang)
        among = (" / " if lang == "en" else "・").join(f"{one.owner} {one.weight:g}" for one in self.among)
        if lang == "ja":
            who = f"{field}によって決める" if field else f"{among}から決める" if among else f"{self.owner}にする"
            return f"担当者を{who}{'（いれば変えない）' if self.keep else ''}"
        who = f"by {field}" if field else f"to one of {among}" if among else f"to {self.owner}"
        return f"assign {who}{', unless there is an owner' if self.keep else ''}"


def _is_same(known: Value, value: Value) -> bool:
    """Whether two values are the same; `True` is not 1."""
    return known is not None and known == value and isinstance(known, bool) == isinstance(value, bool)


def assign(
    owner: str | None = None,
    *,
    among: Sequence[str] | Mapping[str, float] | None = None,
    by: FieldTerm | Field | None = None,
    to: Mapping[str, str] | Mapping[int, str] | None = None,
    otherwise: str | None = None,
    keep: bool = False,
) -> Assign:
    """Give the subject an owner: `assign("tanaka")`, `assign(among=["tanaka", "sato"])`, `assign(by=…, to={…})`.

    Args:
        owner: This one.
        among: One of these, always the same for the same subject and scenario; a mapping gives weights.
        by: A field, such as `q.lead.prefecture`.
        to: Who looks after which of its values, as in `{"東京都": "tanaka"}`.
        otherwise: Who gets the rest; None leaves the owner as it is.
        keep: Whether an owner who is there already stays.

    Raises:
        DefinitionError: Something of another type was given.
    """
    given = cast("Mapping[Value, str]", mapping_given(to, "assign.to"))
    return Assign(
        owner,
        _shares(among),
        None if by is None else field_of(by, "assign.by"),
        tuple(Territory(value, name) for value, name in given.items()),
        otherwise,
        keep,
    )


def _shares(among: Sequence[str] | Mapping[str, float] | None) -> tuple[Share, ...]:
    if isinstance(among, str):
        raise DefinitionError("assign.among: expected several owners, found one; write assign('…')")
    if isinstance(among, Mapping):
        return tuple(Share(name, weight) for name, weight in among.items())
    names = () if among is None else several(among)
    if not isinstance(cast("object", names), tuple):
        raise wrong("assign.among", "owners, or weights by owner", among)
    return tuple(map(Share, names))
