"""The one policy of contact, which the gate applies. Imports calendar, model and predicates only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import TypeVar, cast

import attrs

from nurture.calendar import Civil, Window
from nurture.errors import DefinitionError
from nurture.model import Lead, Purpose
from nurture.predicates import Predicate
from nurture.predicates.tree import require_predicate
from nurture.program.choices import choose
from nurture.program.jurisdiction import Jurisdiction
from nurture.program.pacing import Cap, Holdout, Rate, Spacing, WarmUp

T = TypeVar("T")


class ConsentRule(StrEnum):
    """What marketing needs where no law is named: a live consent, or only that nobody refused."""

    REQUIRED = "required"
    NOT_REFUSED = "not_refused"


def _rule(value: ConsentRule | str) -> ConsentRule:
    return choose(ConsentRule, value, "policy.consent")


class SharingGround(StrEnum):
    """Why one company may use what was said to another.

    `joint_use` is 共同利用; `third_party` is a provision to a third party, 第三者提供.
    """

    JOINT_USE = "joint_use"
    THIRD_PARTY = "third_party"


def _sharing_ground(value: SharingGround | str) -> SharingGround:
    return choose(SharingGround, value, "sharing.ground")


@attrs.frozen(slots=True)
class Sharing:
    """That a consent which was given to one sender also counts for another.

    Only a yes is shared. Whoever refused the giver has nothing to share, and a refusal towards the taker stands
    whatever was said to the giver.

    Attributes:
        giver: The entity to which the consent was given; `""` is the site's own.
        taker: The entity that may write because of it.
        ground: Why that is allowed.
        record: The document that says so, in the host's words.
    """

    giver: str
    taker: str
    ground: SharingGround = attrs.field(converter=_sharing_ground)
    record: str


def _purposes(given: Iterable[Purpose | str] | Purpose | str) -> tuple[Purpose, ...]:
    return tuple(choose(Purpose, one, "hold.purposes") for one in ((given,) if isinstance(given, str) else given))


@attrs.frozen(slots=True)
class Hold:
    """While something is so, messages to the lead wait.

    Attributes:
        name: Names it in the reason, `hold_<name>`: letters, digits and _.
        where: To whom nothing goes, such as `q.account.status == "in_dispute"` or an inquiry that is open.
        purposes: Which messages wait.
    """

    name: str
    where: Predicate = attrs.field(validator=lambda one, _, where: require_predicate(where, f"hold {one.name!r}"))
    purposes: tuple[Purpose, ...] = attrs.field(default=(Purpose.MARKETING,), converter=_purposes)


def _jurisdictions(given: Iterable[Jurisdiction] | Jurisdiction) -> tuple[Jurisdiction, ...]:
    return (given,) if isinstance(given, Jurisdiction) else tuple(given)


def _sharings(given: Iterable[Sharing] | Sharing) -> tuple[Sharing, ...]:
    return (given,) if isinstance(given, Sharing) else tuple(given)


def _holds(given: Iterable[Hold] | Hold) -> tuple[Hold, ...]:
    return (given,) if isinstance(given, Hold) else tuple(given)


def _several(kind: type[T], given: object) -> tuple[T, ...]:
    """One by itself or several; what is neither is refused later, with its place."""
    is_one = isinstance(given, kind) or not isinstance(given, Iterable)
    return cast("tuple[T, ...]", (given,) if is_one else tuple(cast("Iterable[object]", given)))


def _caps(given: Iterable[Cap] | Cap) -> tuple[Cap, ...]:
    return _several(Cap, given)


def _rates(given: Iterable[Rate] | Rate) -> tuple[Rate, ...]:
    return _several(Rate, given)


def _warm_ups(given: Iterable[WarmUp] | WarmUp) -> tuple[WarmUp, ...]:
    return _several(WarmUp, given)


def _windows(given: Iterable[Window] | Window) -> tuple[Window, ...]:
    return _several(Window, given)


def _spacing(given: Spacing | timedelta | Civil | None) -> Spacing | None:
    return Spacing(given) if isinstance(given, (timedelta, Civil)) else given


def _require(kind: type, given: tuple[object, ...], field: str) -> None:
    for index, one in enumerate(given):
        if not isinstance(one, kind):
            raise DefinitionError(f"policy.{field}[{index}]: expected a {kind.__name__}, found {type(one).__name__}")


@attrs.frozen(slots=True, kw_only=True)
class ContactPolicy:
    """Who may be written to, how often, and at which hours. Where several are meant, one by itself is enough.

    Attributes:
        consent: What marketing needs where no law is named, or on a channel of which the law says nothing.
        caps: How many messages may go to a lead, an account, a mail domain, or in all.
        spacing: How long at least lies between two marketing messages to a lead; a length by itself is enough.
        rates: How many messages a sender may hand over.
        warm_ups: How many a new sender may hand over on its first days.
        holdout: Who gets no marketing at all, to compare with.
        quiet: Local hours in which no marketing goes to a lead; may span midnight.
        only: Local hours outside which no marketing goes to a lead; none named means at any hour.
        open_days_only: Whether marketing goes on open days of the program's calendar only.
        max_lateness: A message that could not go for so long is withheld.
        max_attempts: After so many deferrals by the other side, a message counts as rejected.
        jurisdiction: Whose law holds for leads of whom nothing else is known; `""` names none.
        jurisdiction_from: A field or attribute of leads whose value names the law, such as a country; what it does
            not name falls back to `jurisdiction`.
        jurisdictions: The laws that are known, such as `JAPAN` from `nurture.program`.
        sharing: Which entities may use what was said to others.
        holds: What makes messages wait.
    """

    consent: ConsentRule = attrs.field(default=ConsentRule.REQUIRED, converter=_rule)
    caps: tuple[Cap, ...] = attrs.field(default=(), converter=_caps)
    spacing: Spacing | None = attrs.field(default=None, converter=_spacing)
    rates: tuple[Rate, ...] = attrs.field(default=(), converter=_rates)
    warm_ups: tuple[WarmUp, ...] = attrs.field(default=(), converter=_warm_ups)
    holdout: Holdout | None = None
    quiet: Window | None = None
    only: tuple[Window, ...] = attrs.field(default=(), converter=_windows)
    open_days_only: bool = False
    max_lateness: timedelta = timedelta(days=7)
    max_attempts: int = 5
    jurisdiction: str = ""
    jurisdiction_from: str | None = None
    jurisdictions: tuple[Jurisdiction, ...] = attrs.field(default=(), converter=_jurisdictions)
    sharing: tuple[Sharing, ...] = attrs.field(default=(), converter=_sharings)
    holds: tuple[Hold, ...] = attrs.field(default=(), converter=_holds)

    def __attrs_post_init__(self) -> None:
        single: dict[str, type] = {"spacing": Spacing, "holdout": Holdout, "quiet": Window}
        for name, kind in single.items():
            value: object = getattr(self, name)
            if value is not None and not isinstance(value, kind):
                raise DefinitionError(f"policy.{name}: expected a {kind.__name__}, found {type(value).__name__}")
        several: dict[str, type] = {"caps": Cap, "rates": Rate, "warm_ups": WarmUp, "only": Window}
        for name, kind in several.items():
            _require(kind, getattr(self, name), name)
        _require(Jurisdiction, self.jurisdictions, "jurisdictions")
        _require(Sharing, self.sharing, "sharing")
        _require(Hold, self.holds, "holds")

    @cached_property
    def _laws(self) -> Mapping[str, Jurisdiction]:
        return {one.casefold(): law for law in self.jurisdictions for one in (law.name, *law.countries)}

    def law(self, name: str) -> Jurisdiction | None:
        """The law that a name or a country's code means, in any letter case; None when none of those that are known."""
        return self._laws.get(name.strip().casefold()) if name else None

    def law_for(self, lead: Lead | None) -> Jurisdiction | None:
        """The law under which a lead is written to: by its attribute, else the policy's own."""
        own = lead.values.get(self.jurisdiction_from) if lead is not None and self.jurisdiction_from else None
        return (self.law(own) if isinstance(own, str) else None) or self.law(self.jurisdiction)
