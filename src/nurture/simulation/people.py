"""What people do: they arrive, and react by chance to what reaches them. Imports the model and the errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import attrs

from nurture.errors import DefinitionError
from nurture.model import EMPTY, Consent, Fact, Lead, Origin, Touchpoint, Value

if TYPE_CHECKING:
    from random import Random


@attrs.frozen(slots=True)
class Reaction:
    """Something that a person will do after a while.

    Attributes:
        after: How long after what caused it.
        kind: Kind of the fact, such as `email.opened`; `unsubscribe` takes consent back instead.
        properties: What else is known.
        origin: Who does it.
        channel: On which channel.
    """

    after: timedelta
    kind: str
    properties: Mapping[str, Value] = EMPTY
    origin: Origin = Origin.LEAD
    channel: str | None = None


@attrs.frozen(slots=True, kw_only=True)
class Arrival:
    """A person who arrives.

    Attributes:
        at: When.
        lead: What `Nurture.capture` takes.
        account: What `Nurture.capture_account` takes; None for somebody without a company.
        facts: What the person will do, counted from the arrival. A negative time is in the past.
        words: What the person allowed and refused by then; one that is dated later arrives then.
    """

    at: datetime
    lead: Mapping[str, object]
    account: Mapping[str, object] | None = None
    facts: tuple[Reaction, ...] = ()
    words: tuple[Consent, ...] = ()


class Behaves(Protocol):
    """A model of people: what somebody does about a fact."""

    def react(self, fact: Touchpoint, lead: Lead, random: Random) -> Iterable[Reaction]:
        """What this person will do about this fact; draws only from `random`."""
        ...


@attrs.frozen(slots=True, kw_only=True)
class Behavior:
    """People who open, click, look around, leave and buy, by chance.

    Attributes:
        open_rate: Share of mails that are opened.
        click_rate: Share of opened mails in which something is clicked.
        visit_rate: Share of clicks after which the person looks at the prices, too.
        buy_rate: Share of price visits that end in a purchase.
        unsubscribe_rate: Share of opened mails after which the person unsubscribes.
        delay: Mean time from a mail to its opening.
    """

    open_rate: float = 0.35
    click_rate: float = 0.25
    visit_rate: float = 0.4
    buy_rate: float = 0.15
    unsubscribe_rate: float = 0.01
    delay: timedelta = timedelta(hours=6)

    def __attrs_post_init__(self) -> None:
        for name in ("open_rate", "click_rate", "visit_rate", "buy_rate", "unsubscribe_rate"):
            if not 0 <= getattr(self, name) <= 1:
                raise DefinitionError(f"behavior.{name}: expected a share between 0 and 1")

    def react(self, fact: Touchpoint, lead: Lead, random: Random) -> Iterable[Reaction]:
        """React to a mail that was sent."""
        if fact.kind != Fact.EMAIL_SENT or random.random() >= self.open_rate:
            return
        opened = self.delay * random.expovariate(1.0) + timedelta(seconds=30)
        yield Reaction(opened, Fact.EMAIL_OPENED, channel="email")
        if random.random() < self.unsubscribe_rate:
            yield Reaction(opened + timedelta(seconds=40), "unsubscribe")
        if random.random() >= self.click_rate:
            return
        clicked = opened + timedelta(seconds=random.uniform(5, 120))
        yield Reaction(clicked, Fact.EMAIL_CLICKED, channel="email")
        if random.random() >= self.visit_rate:
            return
        visited = clicked + timedelta(seconds=random.uniform(10, 600))
        yield Reaction(visited, "page.viewed", {"path": "/pricing"}, channel="web")
        if random.random() < self.buy_rate:
            yield Reaction(visited + timedelta(days=random.uniform(1, 14)), "purchase.made")
