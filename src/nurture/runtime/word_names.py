"""Whether a word about consent names what exists: a sender, a topic, a channel. May import the ports and below.

A misspelt name would be a word about nothing: a refusal that stops no message.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nurture.errors import UnknownNameError
from nurture.model import ANY_CHANNEL, ANY_ENTITY, Consent, Purpose

if TYPE_CHECKING:
    from nurture.model import Lead
    from nurture.ports import View
    from nurture.program.double_opt_in import Asked
    from nurture.runtime.host import Host

CHANNELS = frozenset({"email", "sms", "call", "line"})
"""Channels on which a person may be reached although no message of the program goes there yet."""


def _entities(host: Host, said: Sequence[Consent]) -> set[str]:
    """The senders that the site and the program declare, and those towards whom something was said."""
    program = host.program
    known = {"", *(one.entity for one in program.messages), *(one.entity for one in program.topics)}
    known |= {end for one in program.policy.sharing for end in (one.giver, one.taker)}
    known |= {one.entity for one in said if one.entity != ANY_ENTITY}
    return known | set(host.site.identities) if host.site is not None else known


def _channels(host: Host, said: Sequence[Consent]) -> set[str]:
    """The channels that senders and messages name, the common ones, and those about which something was said."""
    known = {*CHANNELS, *host.senders, *(one.channel for one in host.program.messages)}
    return (known | {one.channel for one in said}) - {ANY_CHANNEL, ""}


def refuse_unknown_names(host: Host, view: View, lead: Lead | None, word: Consent | Asked) -> None:
    """Refuse a word whose sender, topic or channel nothing declares.

    Topics are free where the program declares none. What was said before, and what a message to the lead once named,
    is known for ever. A word about profiling and a refusal of everything name nothing.

    Args:
        host: The parts.
        view: Where messages to the lead are looked up.
        lead: Who said so, as it was before; None when it is not in the store yet.
        word: What was said.

    Raises:
        UnknownNameError: Nothing declares it; the near misses are listed.
    """
    if word.purpose is Purpose.PROFILING or (isinstance(word, Consent) and word.is_total):
        return
    said = lead.consents if lead is not None else ()
    known = [("entity", word.entity, _entities(host, said)), ("channel", word.channel, _channels(host, said))]
    if host.program.topics:
        topics = {"", *(one.name for one in host.program.topics), *(one.topic for one in host.program.messages)}
        known.append(("topic", word.topic, topics | {one.topic for one in said}))
    for what, name, names in known:
        if name in names:
            continue
        if lead is None or name not in {getattr(one, what) for one in view.effects_of(lead.id)}:
            raise UnknownNameError(what, name, names - {""})
