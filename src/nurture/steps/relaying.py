"""What the steps share that state a fact about somebody else: one subject, or the people of an account.

A run never writes about another subject. It asks for a relay, which is an effect like any other; whoever delivers
records the fact in the other's inbox, once. May import predicates, model, errors and what acting steps are made of.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from nurture.model import EffectKind, FrozenMapping, Repeat, Value
from nurture.predicates import Everyone, Predicate, describe, to_json
from nurture.steps.acting import Acting
from nurture.steps.step import EffectOrder

TO: Final = "to"
"""The parameter of a relay that holds the id of the one subject that it is about."""
PEOPLE: Final = "people"
"""The parameter that says which people of the account it is about, as JSON text; `""` is all of them."""
SAID: Final = "said."
"""What stands before the names of the fact's properties among the parameters."""


@attrs.frozen(slots=True)
class Relaying(Acting):
    """A step that states a fact about others.

    Attributes:
        people: On an account's run: of which of its people; a predicate about their fields.
    """

    people: Predicate | None = attrs.field(default=None, kw_only=True)

    def asks_people(self) -> Iterable[tuple[str, Predicate]]:
        """The predicate about the account's people."""
        if self.people is not None:
            yield PEOPLE, self.people

    def who(self, lang: str = "en") -> str:
        """The people that it is about, in words."""
        if self.people is None or isinstance(self.people, Everyone):
            return "このアカウントの全員" if lang == "ja" else "everybody of the account"
        asked = describe(self.people, lang)
        return f"このアカウントの人（{asked}）" if lang == "ja" else f"the account's people ({asked})"


def relay(
    fact: str, properties: Mapping[str, Value], *, to: Value = None, people: Predicate | None = None
) -> EffectOrder:
    """The order to state a fact about others.

    Args:
        fact: Its kind.
        properties: Its properties.
        to: The id of the one subject that it is about; what is no text names nobody.
        people: Instead: which people of the account.
    """
    params: dict[str, Value] = {f"{SAID}{name}": value for name, value in properties.items()}
    if people is None:
        params[TO] = to if isinstance(to, str) else ""
    else:
        params[PEOPLE] = "" if isinstance(people, Everyone) else json.dumps(to_json(people), ensure_ascii=False)
    return EffectOrder(EffectKind.RELAY, fact, FrozenMapping(params), Repeat.AT_LEAST_ONCE)
