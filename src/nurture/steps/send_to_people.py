"""The step that sends a message to people of an account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

import attrs

from nurture.model import Fact, FrozenMapping, Repeat, Value
from nurture.predicates import Everyone, Predicate
from nurture.steps.acting import Given, Misfire, sorted_out
from nurture.steps.relaying import Relaying, relay

if TYPE_CHECKING:
    from nurture.steps.step import EffectOrder, Scene, Step


@attrs.frozen(slots=True)
class SendToPeople(Relaying):
    """Ask for a message to people of the account, and go on once it was asked for.

    Each of them is a lead of its own: the gate decides for each, and the receipts are facts of each. The run does not
    wait for them; what somebody does about the mail can be told back with `tell`.

    Attributes:
        message: Name of the message.
        repeat: What to do when nobody knows whether it was sent.
    """

    kind: ClassVar[str] = "send_to_people"

    message: str
    repeat: Repeat = Repeat.AT_MOST_ONCE

    def asks_for(self, scene: Scene) -> EffectOrder:
        """The request for the message, about people."""
        asked: dict[str, Value] = {"message": self.message}
        if self.repeat is not Repeat.AT_MOST_ONCE:
            asked["repeat"] = self.repeat.value
        asked |= {f"params.{name}": value for name, value in self.filled(scene).items()}
        return relay(Fact.MESSAGE_REQUESTED, FrozenMapping(asked), people=self.people)

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The message."""
        return (("message", self.message),)

    def problems(self) -> Iterable[str]:
        """It says to whom."""
        yield from Relaying.problems(self)
        if self.people is None:
            yield "send_to_people: expected people=…, such as q.lead.role == 'IT', or q.everyone"

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        if lang == "ja":
            return f"{self.who(lang)}に「{self.message}」を送る"
        return f"send {self.message!r} to {self.who()}"


def send_to_people(
    message: str,
    where: Predicate | None = None,
    *,
    params: Given | None = None,
    repeat: Repeat = Repeat.AT_MOST_ONCE,
    if_failed: Sequence[Step] = (),
) -> SendToPeople:
    """On an account's run, send a message to its people: `send_to_people("security", q.lead.role == "IT")`.

    Args:
        message: Name of a message of the program.
        where: To which of them, by their fields; None is everybody.
        params: Extra values for its body, as `params.name`. A field such as `q.account.industry` is read on arrival.
        repeat: `at_most_once` (default) parks a message whose fate is unknown; `at_least_once` sends it again.
        if_failed: Steps when nobody could be asked; none means to go on.
    """
    values, fields = sorted_out(params, "send_to_people.params")
    return SendToPeople(
        message,
        repeat,
        people=Everyone() if where is None else where,
        params=values,
        fill=fields,
        misfire=Misfire.NOW,
        if_failed=if_failed,
    )
