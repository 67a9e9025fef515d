"""What became of an effect: its last state, and the receipt that is a fact like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.decisions.hops import HOPS, hops_settled
from nurture.model import (
    Effect,
    EffectKind,
    EffectState,
    FactId,
    FrozenMapping,
    Origin,
    Touchpoint,
    Value,
    address_kind,
    digest,
    identifier_key,
)
from nurture.predicates import Reach

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from nurture.model import LeadId
    from nurture.ports import Unit

_LONGEST_RECEIPT = 200
_AT = frozenset("@＠")
_WORDS = {
    EffectState.ACCEPTED: "sent",
    EffectState.REJECTED: "failed",
    EffectState.WITHHELD: "withheld",
    EffectState.UNKNOWN: "unknown",
}


def settled(
    effect: Effect, state: EffectState, reason: str, now: datetime, *, receipt: str = "", fallback: str = ""
) -> tuple[Effect, Touchpoint]:
    """The effect as it ends, and the fact that says so, such as `email.sent`.

    Args:
        effect: What ends.
        state: As what.
        reason: In a word; `""` for none.
        now: When.
        receipt: The other side's id for it, so that its own records can be found; `""` for none.
        fallback: Why the mail did not come from the lead's owner though its message says so; `""` otherwise.
    """
    ended = effect.moved(state=state, due_at=None, settled_at=now, reason=reason)
    properties: dict[str, Value] = {
        "effect": effect.id,
        **origin_of(effect),
        "attempts": effect.attempts,
    }
    if reason:
        properties["reason"] = reason
    kept = _kept(receipt)
    if kept:
        properties["receipt"] = kept
    if fallback:
        properties["fallback"] = fallback
    if effect.claimed_at is not None:
        properties["claimed_at"] = effect.claimed_at
    hops = hops_settled(effect, now)
    if hops:
        properties[HOPS] = hops
    fact = Touchpoint(
        id=_receipt_id(effect),
        subject=effect.subject,
        kind=receipt_kind(effect, state),
        at=now,
        received_at=now,
        origin=Origin.ENGINE,
        channel=effect.channel or None,
        properties=FrozenMapping(properties),
        cause=effect.id,
    )
    return ended, fact


def withheld(
    unit: Unit, lead: LeadId, reason: str, now: datetime, is_meant: Callable[[Effect], bool]
) -> tuple[list[Effect], list[Touchpoint]]:
    """The messages that are planned for a lead and do not go now; and the facts that say so.

    Args:
        unit: Where it will be written.
        lead: For whom they are planned.
        reason: In a word, such as `unsubscribed`.
        now: The present.
        is_meant: Which of them.
    """
    effects: list[Effect] = []
    facts: list[Touchpoint] = []
    for effect in unit.about({lead: None}, Reach.nothing())[lead].effects:
        if effect.state is EffectState.PLANNED and effect.kind is EffectKind.MESSAGE and is_meant(effect):
            ended, fact = settled(effect, EffectState.WITHHELD, reason, now)
            effects.append(ended)
            facts.append(fact)
    return effects, facts


def _kept(said: object) -> str:
    """The other side's id, as long as it may be kept, and without what may be an address."""
    words = said.split() if isinstance(said, str) else []  # a sender may be anybody's
    words = [word for word in words if _AT.isdisjoint(word)]
    return "".join(sign for sign in " ".join(words) if sign.isprintable())[:_LONGEST_RECEIPT]


def origin_of(effect: Effect) -> dict[str, Value]:
    """What a fact that an effect brought about says of it: the message's name, the scenario, the step."""
    return {"name": effect.name, "scenario": effect.scenario, "step": effect.step}


def _receipt_id(effect: Effect) -> FactId:
    """An effect settles once, so its id says enough; one that an operator resolved settles again."""
    return FactId(f"fact_{effect.id}" if effect.settled_at is None else f"fact_{effect.id}_{effect.version}")


def receipt_kind(effect: Effect, state: EffectState) -> str:
    """The kind of the fact that tells what became of an effect."""
    if not effect.is_message:
        return f"{effect.kind}.{'done' if state is EffectState.ACCEPTED else _WORDS[state]}"
    return f"{'notice' if effect.kind is EffectKind.NOTICE else effect.channel or 'message'}.{_WORDS[state]}"


def address_allowance_id(tenant: str, channel: str, address: str) -> str:
    """Under which id an address is counted and refused; it outlives the lead and does not show the address."""
    kind = address_kind(channel)
    return digest("address", tenant, kind, identifier_key(kind, address))


def lead_allowance_id(lead: str) -> str:
    """Under which id the caps per lead are counted."""
    return f"lead:{lead}"
