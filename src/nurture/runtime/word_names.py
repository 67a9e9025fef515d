"""Whether a word about consent names what exists: a sender, a topic, a channel. May import the ports and below.

A misspelt name would be a word about nothing: a refusal that stops no message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.errors import UnknownNameError
from nurture.model import ANY_CHANNEL, Purpose

if TYPE_CHECKING:
    from nurture.model import Consent, Lead
    from nurture.ports import View
    from nurture.program.double_opt_in import Asked
    from nurture.runtime.host import Host

CHANNELS = frozenset({"email", "sms", "call", "line"})
"""Channels on which a person may be reached although no message of the program goes there yet."""


def entities_of(host: Host, lead: Lead) -> set[str]:
    """The senders that the site and the program declare, and those towards whom the lead said something."""
    program = host.program
    known = {"", *(one.entity for one in program.messages), *(one.entity for one in program.topics)}
    known |= {end for one in program.policy.sharing for end in (one.giver, one.taker)}
    known |= {one.entity for one in lead.consents}
    return known | set(host.site.identities) if host.site is not None else known


def channels_of(host: Host, lead: Lead) -> set[str]:
    """The channels that senders and messages name, the common ones, and those about which the lead said something."""
    known = {*CHANNELS, *host.senders, *(one.channel for one in host.program.messages)}
    return (known | {one.channel for one in lead.consents}) - {ANY_CHANNEL, ""}


def refuse_unknown_names(host: Host, view: View, lead: Lead, word: Consent | Asked) -> None:
    """Refuse a word whose sender, topic or channel nothing declares.

    Topics are free where the program declares none. What a message to the lead once named is known for ever: the links
    of old mails must go on working. A word about profiling names nothing.

    Raises:
        UnknownNameError: Nothing declares it; the near misses are listed.
    """
    if word.purpose is Purpose.PROFILING:
        return
    known = [("entity", word.entity, entities_of(host, lead)), ("channel", word.channel, channels_of(host, lead))]
    if host.program.topics:
        topics = {"", *(one.name for one in host.program.topics), *(one.topic for one in host.program.messages)}
        known.append(("topic", word.topic, topics | {one.topic for one in lead.consents}))
    for what, name, names in known:
        if name not in names and name not in {getattr(one, what) for one in view.effects_of(lead.id)}:
            raise UnknownNameError(what, name, names - {""})
