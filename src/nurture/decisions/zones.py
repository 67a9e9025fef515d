"""In whose time zone a civil time is read: the lead's, else the account's, else the program's. Pure.

A lead never reads its account's record: it knows the account's zone by what it was told. Leads are told it when
something about them is civil: a step, an entry or the contact policy. What is a predicate asks for its own zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import TYPE_CHECKING, Final, cast

import attrs

from nurture import calendar
from nurture.calendar import Civil, PeriodUnit, Recurrence, Window
from nurture.model import FrozenMapping, SubjectKind, Value
from nurture.predicates import Predicate
from nurture.predicates.tree import Field

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from nurture.model import Standing
    from nurture.program import Program, Scenario

ZONE: Final = "zone"
"""The value of a lead and of an account that names their zone."""
_CIVIL: Final = (Civil, Recurrence, Window, PeriodUnit, time, Field)
"""What needs a zone to mean an instant. A field may hold a date."""


@attrs.frozen(slots=True)
class Whose:
    """A time zone, and whose it is.

    Attributes:
        name: Of the zone.
        of: `lead`, `account` or `program`.
    """

    name: str
    of: str

    @property
    def zone(self) -> ZoneInfo:
        """The zone itself."""
        return calendar.zone(self.name)

    def saw(self) -> Mapping[str, Value]:
        """What a decision record keeps of it."""
        return FrozenMapping[Value]({ZONE: self.name, "zone_of": self.of})


def whose_zone(lead: object, account: object, default: str) -> Whose:
    """The zone of a subject: the lead's, else the account's, else the program's.

    Args:
        lead: What the lead has as its zone, if the subject is one; a value that names no zone counts as missing.
        account: Likewise the account; for a lead this is what its account told it.
        default: The program's zone.

    Example:
        >>> whose_zone(None, "Asia/Tokyo", "UTC")
        Whose(name='Asia/Tokyo', of='account')
    """
    for of, name in (("lead", lead), ("account", account)):
        if isinstance(name, str) and name in calendar.zone_names():
            return Whose(name, of)
    return Whose(default, "program")


def told_zone(standing: Standing | None) -> Value:
    """The zone that a lead's account told it; None when it told none."""
    return None if standing is None else standing.account.get(ZONE)


def needs_zone(scenario: Scenario) -> bool:
    """Whether something in a scenario, besides its predicates, is civil."""
    return _is_civil(scenario)


def leads_need_zone(program: Program) -> bool:
    """Whether leads must be told the zone of their account."""
    about_leads = [one for one in program.scenarios if one.subject is SubjectKind.LEAD]
    return _is_civil(program.policy) or any(needs_zone(one) for one in about_leads)


def _is_civil(value: object) -> bool:
    if isinstance(value, _CIVIL):
        return True
    if isinstance(value, Predicate):
        return False
    if isinstance(value, (tuple, frozenset)):
        return any(map(_is_civil, cast("tuple[object, ...]", value)))
    kind = type(value)
    return attrs.has(kind) and any(_is_civil(getattr(value, field.name)) for field in attrs.fields(kind))
