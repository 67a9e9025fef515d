"""The one policy of contact, which the gate applies. Imports calendar, model and predicates only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import ClassVar, TypeVar

import attrs

from nurture.calendar import Civil, Window
from nurture.model import Lead, Purpose
from nurture.predicates import Predicate
from nurture.program.choices import choose, choose_all
from nurture.program.jurisdiction import Jurisdiction
from nurture.program.pacing import Cap, Holdout, Rate, Spacing, WarmUp
from nurture.steps.declaration import Declaration, several_or_one

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
class Sharing(Declaration):
    """That a consent which was given to one sender also counts for another.

    Only a yes is shared. Whoever refused the giver has nothing to share, and a refusal towards the taker stands
    whatever was said to the giver.

    Attributes:
        giver: The entity to which the consent was given; `""` is the site's own.
        taker: The entity that may write because of it.
        ground: Why that is allowed.
        record: The document that says so, in the host's words.
    """

    stands_in: ClassVar[str] = "policy.sharing"

    giver: str
    taker: str
    ground: SharingGround = attrs.field(converter=_sharing_ground)
    record: str


def _purposes(given: Iterable[Purpose | str] | Purpose | str) -> tuple[Purpose, ...]:
    return choose_all(Purpose, given, "hold.purposes")


def _names(given: Iterable[str] | str) -> tuple[str, ...]:
    return several_or_one(given, str)


@attrs.frozen(slots=True)
class Hold(Declaration):
    """While something is so, messages to the lead wait: all of these purposes, or only what is named further.

    Where scenarios and topics are both named, either is enough.

    Attributes:
        name: Names it in the reason, `hold_<name>`: letters, digits and _.
        where: To whom nothing goes, such as `q.account.status == "in_dispute"` or an inquiry that is open.
        purposes: Which messages wait.
        scenarios: Only messages that these scenarios ask for.
        topics: Only messages of these topics.
    """

    stands_in: ClassVar[str] = "policy.holds"

    name: str
    where: Predicate
    purposes: tuple[Purpose, ...] = attrs.field(default=(Purpose.MARKETING,), converter=_purposes)
    scenarios: tuple[str, ...] = attrs.field(default=(), converter=_names)
    topics: tuple[str, ...] = attrs.field(default=(), converter=_names)

    def stops(self, purpose: Purpose, scenario: str, topic: str) -> bool:
        """Whether a message waits while it holds.

        Args:
            purpose: Of the message.
            scenario: Which asks for it; `""` for none.
            topic: Of the message; `""` for none.
        """
        is_all = not self.scenarios and not self.topics
        return purpose in self.purposes and (is_all or scenario in self.scenarios or topic in self.topics)


def _jurisdictions(given: Iterable[Jurisdiction] | Jurisdiction) -> tuple[Jurisdiction, ...]:
    return several_or_one(given, Jurisdiction)


def _sharings(given: Iterable[Sharing] | Sharing) -> tuple[Sharing, ...]:
    return several_or_one(given, Sharing)


def _holds(given: Iterable[Hold] | Hold) -> tuple[Hold, ...]:
    return several_or_one(given, Hold)


def _caps(given: Iterable[Cap] | Cap) -> tuple[Cap, ...]:
    return several_or_one(given, Cap)


def _rates(given: Iterable[Rate] | Rate) -> tuple[Rate, ...]:
    return several_or_one(given, Rate)


def _warm_ups(given: Iterable[WarmUp] | WarmUp) -> tuple[WarmUp, ...]:
    return several_or_one(given, WarmUp)


def _windows(given: Iterable[Window] | Window) -> tuple[Window, ...]:
    return several_or_one(given, Window)


def _spacing(given: Spacing | timedelta | Civil | None) -> Spacing | None:
    return Spacing(given) if isinstance(given, (timedelta, Civil)) else given


@attrs.frozen(slots=True, kw_only=True)
class ContactPolicy(Declaration):
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

    stands_in: ClassVar[str] = "policy"

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
