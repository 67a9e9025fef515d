"""The step that states a fact about somebody else: another lead, an account, or people of an account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

import attrs

from nurture.errors import DefinitionError
from nurture.model import Fact, is_kind
from nurture.predicates.terms import FieldTerm, field_of
from nurture.predicates.tree import Compare, Field, Owner
from nurture.steps.acting import Given, Misfire, sorted_out
from nurture.steps.relaying import Relaying, relay

if TYPE_CHECKING:
    from nurture.predicates import Predicate
    from nurture.steps.step import EffectOrder, Scene, Step

OWN_ACCOUNT = Field(Owner.LEAD, "account")
"""Where a lead's account stands."""
_RECEIPTS = frozenset({"sent", "done", "failed", "withheld", "unknown"})


@attrs.frozen(slots=True)
class Tell(Relaying):
    """State a fact about another subject, through its inbox; its own scenarios decide what follows.

    The fact is made by the engine, and says in `told_by` who told it. It goes on once the fact stands. A subject that
    does not exist leaves by the edge `failed`, with the reason `no_such_subject`.

    Attributes:
        fact: Its kind, `object.past_participle`; one of the host's own.
        to: The field that holds the id of the other subject.
    """

    kind: ClassVar[str] = "tell"

    fact: str
    to: Field | None = None

    def asks_for(self, scene: Scene) -> EffectOrder:
        """The fact, and whom it is about."""
        to = None if self.to is None else scene.value(self.to)
        return relay(self.fact, self.filled(scene), to=to, people=self.people)

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """The field that names the other one, besides those that fill properties."""
        yield from Relaying.predicates(self)
        if self.to is not None:
            yield "to", Compare(self.to, "missing")

    def problems(self) -> Iterable[str]:
        """It is about one or about people, and the kind is the host's own."""
        yield from Relaying.problems(self)
        if (self.to is None) == (self.people is None):
            yield "tell: expected either to=…, such as q.entry.referrer, or people=…"
        if not is_kind(self.fact):
            yield "tell: expected a kind such as 'referral.thanked': lower case, object.past_participle"
        elif self.fact in set(Fact) or self.fact.rpartition(".")[2] in _RECEIPTS:
            yield f"tell: {self.fact!r} is a kind that this library writes itself; expected one of the host's own"

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        if lang == "ja":
            whom = self.who(lang) if self.to is None else "アカウント" if self.to == OWN_ACCOUNT else str(self.to)
            return f"{whom}に「{self.fact}」を伝える"
        whom = self.who() if self.to is None else "the account" if self.to == OWN_ACCOUNT else str(self.to)
        return f"tell {whom}: {self.fact!r}"


def tell(
    fact: str,
    *,
    to: FieldTerm | Field | str | None = None,
    people: Predicate | None = None,
    properties: Given | None = None,
    if_failed: Sequence[Step] = (),
) -> Tell:
    """State a fact about another lead or account: `tell("referral.arrived", to=q.entry.referrer)`.

    Args:
        fact: Its kind, one of the host's own.
        to: A field that holds the other's id, or `"account"` for the lead's own account.
        people: On an account's run, instead: which of its people, such as `q.lead.role == "IT"`, or `q.everyone`.
        properties: What else the fact says. A field such as `q.lead.title` is read on arrival.
        if_failed: Steps when there is no such subject; none means to go on.
    """
    if isinstance(to, str) and to != "account":
        raise DefinitionError("tell.to: expected a field such as q.entry.referrer, or 'account'")
    values, fields = sorted_out(properties, "tell.properties")
    field = OWN_ACCOUNT if isinstance(to, str) else None if to is None else field_of(to, "tell.to")
    return Tell(fact, field, people=people, params=values, fill=fields, misfire=Misfire.NOW, if_failed=if_failed)
