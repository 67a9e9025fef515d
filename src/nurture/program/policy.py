"""The one policy of contact, which the gate applies. Imports calendar and model only."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

import attrs

from nurture.calendar import Window
from nurture.errors import DefinitionError
from nurture.program.choices import choose


class ConsentRule(StrEnum):
    """What marketing needs: a live consent, or only that nobody refused."""

    REQUIRED = "required"
    NOT_REFUSED = "not_refused"


def _rule(value: ConsentRule | str) -> ConsentRule:
    return choose(ConsentRule, value, "policy.consent")


@attrs.frozen(slots=True)
class Cap:
    """At most so many marketing messages to one lead in any span of this length.

    Attributes:
        count: How many.
        per: In which span, looking back from the claim: `(now - per, now]`.
    """

    count: int
    per: timedelta


@attrs.frozen(slots=True, kw_only=True)
class ContactPolicy:
    """Who may be written to, how often, and at which hours.

    Attributes:
        consent: What marketing needs.
        cap: Frequency cap for marketing; claimed, accepted and unknown messages count.
        quiet: Local hours in which nothing goes to a lead; may span midnight.
        max_lateness: A message that could not go for so long is withheld.
        max_attempts: After so many deferrals by the other side, a message counts as rejected.
    """

    consent: ConsentRule = attrs.field(default=ConsentRule.REQUIRED, converter=_rule)
    cap: Cap | None = None
    quiet: Window | None = None
    max_lateness: timedelta = timedelta(days=7)
    max_attempts: int = 5

    def __attrs_post_init__(self) -> None:
        for name, kind in (("cap", Cap), ("quiet", Window)):
            value: object = getattr(self, name)
            if value is not None and not isinstance(value, kind):
                raise DefinitionError(f"policy.{name}: expected a {kind.__name__}, found {type(value).__name__}")
