"""The step that sends the first of several messages that fits, such as the next one that nobody has read yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeAlias, cast

import attrs

from nurture.model import EffectKind, Repeat, is_kind
from nurture.predicates import AnyOf, Predicate, Touched, describe
from nurture.predicates.tree import Compare, Field, Owner
from nurture.steps.acting import Acting, Given, Misfire, sorted_out
from nurture.steps.declaration import Declaration, several, wrong
from nurture.steps.step import NEXT, EffectOrder, Scene, Step

if TYPE_CHECKING:
    from datetime import timedelta


@attrs.frozen(slots=True)
class Offer(Declaration):
    """A message that may be chosen, and for whom; without a condition for everybody."""

    is_part: ClassVar[bool] = True

    message: str
    where: Predicate | None = None


Choice: TypeAlias = str | tuple[str, Predicate | None] | Offer


def _offers(given: Iterable[Choice]) -> tuple[Offer, ...]:
    many = several(given)
    return tuple(map(_offer, many)) if isinstance(cast("object", many), tuple) else cast("tuple[Offer, ...]", many)


def _offer(given: Choice) -> Offer:
    if isinstance(given, Offer):
        return given
    if isinstance(given, str):
        return Offer(given)
    if isinstance(cast("object", given), tuple) and len(given) == 2:
        return Offer(*given)
    raise wrong("send_first", "names of messages, or pairs of a name and a predicate", given)


@attrs.frozen(slots=True)
class SendFirst(Acting):
    """Send the first message that fits the subject; with `unread`, that was not sent to it before.

    A message was sent when a sender accepted it, or when nobody knows whether it did, in whatever scenario that was;
    one that another run waits for at this moment counts, too. Only one is sent. When none is left, the run goes on by
    `otherwise`.

    Attributes:
        offers: The messages, the best first.
        unread: Whether only those that were not sent before may be chosen.
        channel: On which channel they go; what was sent there has been read.
        repeat: What to do when nobody knows whether it was sent.
        otherwise: Steps when none is left; none means to go on.
    """

    kind: ClassVar[str] = "send_first"

    offers: tuple[Offer, ...] = attrs.field(converter=_offers)
    unread: bool = True
    channel: str = "email"
    repeat: Repeat = Repeat.AT_MOST_ONCE
    otherwise: tuple[Step, ...] = ()

    def asks_for(self, scene: Scene) -> EffectOrder | None:
        """The first message that fits."""
        for offer in self.offers:
            if (offer.where is None or scene.holds(offer.where)) and not (self.unread and self._is_read(scene, offer)):
                return EffectOrder(EffectKind.MESSAGE, offer.message, self.filled(scene), self.repeat)
        return None

    def nothing(self) -> str:
        """The edge `none`, if steps were given for it."""
        return "none" if self.otherwise else NEXT

    def edges(self) -> Mapping[str, Sequence[Step]]:
        """None left, beside failed and withheld, as far as steps were given for them."""
        ways = super().edges()
        return {NEXT: (), **ways, "none": self.otherwise} if self.otherwise else ways

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The messages."""
        return [("message", offer.message) for offer in self.offers]

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """For whom each message is, and whether it was sent before."""
        yield from super().predicates()
        for index, offer in enumerate(self.offers):
            if offer.where is not None:
                yield f"offers.{index}.where", offer.where
            if self.unread:
                yield f"offers.{index}.read", self._was_sent(offer)

    def problems(self) -> Iterable[str]:
        """There is something to choose from, on a channel."""
        yield from super().problems()
        if not self.offers:
            yield "offers: expected at least one message"
        if len({offer.message for offer in self.offers}) < len(self.offers) and self.unread:
            yield "offers: a message stands twice, and is sent once; join its conditions with |"
        if not is_kind(f"{self.channel}.sent"):
            yield "channel: expected the name of a channel, such as 'email'"

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        named = [_named(offer, lang) for offer in self.offers]
        if lang == "ja":
            return f"{'未送信の' if self.unread else ''}最初に当てはまるものを送る: {'、'.join(named)}"
        return f"send the first that fits{' and was not sent before' if self.unread else ''}: {', '.join(named)}"

    def _is_read(self, scene: Scene, offer: Offer) -> bool:
        return scene.is_under_way(offer.message) or scene.holds(self._was_sent(offer))

    def _was_sent(self, offer: Offer) -> Predicate:
        named = Compare(Field(Owner.PROP, "name"), "eq", offer.message)
        return AnyOf([Touched(f"{self.channel}.{word}", having=named) for word in ("sent", "unknown")])


def _named(offer: Offer, lang: str) -> str:
    name = f"「{offer.message}」" if lang == "ja" else repr(offer.message)
    if offer.where is None:
        return name
    where = describe(offer.where, lang)
    return f"{name}（{where}）" if lang == "ja" else f"{name} ({where})"


def send_first(
    *choices: Choice,
    unread: bool = True,
    channel: str = "email",
    params: Given | None = None,
    repeat: Repeat = Repeat.AT_MOST_ONCE,
    misfire: Misfire | str = Misfire.SKIP,
    max_lateness: timedelta | None = None,
    otherwise: Sequence[Step] = (),
    if_failed: Sequence[Step] = (),
    if_withheld: Sequence[Step] = (),
) -> SendFirst:
    """Send the next message that the subject has not had yet: the best first, chosen by predicates.

    Args:
        choices: Names of messages, or pairs of a name and for whom it is; the first that fits is sent.
        unread: Whether only those are chosen that were not sent to the subject before, by any scenario.
        channel: On which channel the messages go.
        params: Extra values for the bodies; see `send`.
        repeat: What to do when a message's fate is unknown; see `send`.
        misfire: What becomes of it when it is late; see `send`.
        max_lateness: How much later than planned it may be sent; see `send`.
        otherwise: Steps when no message is left; none means to go on.
        if_failed: Steps when it was refused for good, or nobody knows what became of it; none means to go on.
        if_withheld: Steps when it may not go; none means to go on.

    Example:
        >>> from nurture import q
        >>> send_first(("case_b", q.lead.title == "CTO"), "case_a").sentence("ja")
        '未送信の最初に当てはまるものを送る: 「case_b」（「title」が「CTO」である）、「case_a」'
    """
    values, fields = sorted_out(params, "send_first.params")
    return SendFirst(
        choices,
        unread,
        channel,
        repeat,
        several(otherwise),
        params=values,
        fill=fields,
        misfire=misfire,
        max_lateness=max_lateness,
        if_failed=if_failed,
        if_withheld=if_withheld,
    )
