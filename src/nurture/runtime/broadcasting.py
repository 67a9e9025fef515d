"""Carrying out broadcasts, chunk by chunk; and what forbids the messages that they asked for.

A broadcast is kept as an effect that is due at its instant, and is its own subject. Whoever claims it asks for the
messages of the next chunk of people, by facts whose keys are made of the broadcast and the person, and gives it back
with the chunk's number. So a worker that dies anywhere sends nobody two, and what became of everybody can be counted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

import attrs

from nurture.decisions.requested import PARAMS
from nurture.model import Definition, Effect, Fact, FrozenMapping, Value
from nurture.predicates import from_json
from nurture.program.broadcast import message_problem
from nurture.program.codec import content_of
from nurture.runtime.audiences import Chunk, found, stored, write
from nurture.runtime.requested import state

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.program import Program
    from nurture.runtime.host import Host

AWAITS: Final = "awaiting_approval"
"""The reason of a broadcast that waits to be approved."""
STOPPED: Final = "stopped"
"""The reason of one that was stopped by hand."""
CHANGED: Final = "content_changed"
"""The reason of one whose message does not say any more what was approved."""


@attrs.frozen(slots=True)
class Reached:
    """What carrying a broadcast on came to.

    Attributes:
        params: What its effect is to remember.
        is_done: Whether nobody is left.
    """

    params: Mapping[str, Value]
    is_done: bool


def carried_on(host: Host, effect: Effect) -> Reached | str:
    """Ask for the messages of the next chunk; the answer is how far it came, or in a word why it ends here."""
    refusal = objection(host.program, effect)
    if refusal is not None:
        return refusal
    params: dict[str, Value] = dict(effect.params)
    params.setdefault("began_at", effect.claimed_at)
    edition, number = number_of(effect, "edition"), number_of(effect, "chunk")
    chunk = stored(host, effect.id, edition, number)
    if chunk is None:
        live = _live(host, effect, str(params.get("after", "")), cast("datetime", params["began_at"]))
        chunk = write(host, effect.id, edition, number, live)
    there = state(host, chunk.leads, Fact.MESSAGE_REQUESTED, _asked(effect), key=effect.id) if chunk.leads else 0
    params |= {
        "chunk": number + 1,
        "asked": number_of(effect, "asked") + there,
        "gone": number_of(effect, "gone") + len(chunk.leads) - there,
        "after": chunk.after or "",
    }
    return Reached(FrozenMapping(params), chunk.after is None)


def _live(host: Host, effect: Effect, after: str, now: datetime) -> Chunk:
    """The next people as they are now; all chunks are asked about the instant at which it began."""
    name = str(effect.params.get("definition"))
    with host.storage.view() as view:
        body = view.get(Definition, [name])[name].body
    to = cast("dict[str, dict[str, object]]", json.loads(body))["to"]
    return found(host, str(to["segment"]) if "segment" in to else from_json(to["where"]), after, now)


def _asked(effect: Effect) -> Mapping[str, Value]:
    """What the fact says that asks one of them for the message."""
    said: dict[str, Value] = {"message": message_of(effect), "occasion": effect.id, "scenario": effect.name}
    said |= {name: value for name, value in effect.params.items() if name.startswith(PARAMS)}
    if number_of(effect, "priority"):
        said["priority"] = number_of(effect, "priority")
    approved = effect.params.get("approved")
    if approved is not None:
        said["content"] = approved
    if effect.expires_at is not None:
        said["not_after"] = effect.expires_at
    return FrozenMapping(said)


def objection(program: Program, effect: Effect) -> str | None:
    """Why a broadcast must not ask for more messages, in a word; None when nothing speaks against it."""
    if any(message_problem(program, message_of(effect), "")):
        return "unknown_message"
    approved = effect.params.get("approved")
    return CHANGED if approved is not None and approved != content_of(program, message_of(effect)) else None


def message_of(effect: Effect) -> str:
    """The message that a broadcast sends, by its name."""
    return str(effect.params.get("message"))


def number_of(effect: Effect, name: str) -> int:
    """A whole number that a broadcast remembers; nothing yet is 0."""
    value = effect.params.get(name)
    return value if isinstance(value, int) else 0
