"""Lead nurturing as a library: facts in, decisions and messages out.

The public names, sorted. Each is loaded when it is asked for, so that importing the library costs next
to nothing. Steps come from `nurture.steps`, stores from `nurture.storage`, senders from `nurture.senders`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.calendar import BusinessCalendar, Civil, Window, civil, days, hours, minutes, weeks
    from nurture.decisions.advance import advance
    from nurture.decisions.explain import Explanation, explain
    from nurture.mail import Attachment, Owner, SenderIdentity, Site, Tracking
    from nurture.model import (
        Account,
        Basis,
        Consent,
        Dossier,
        Effect,
        Enrollment,
        Lead,
        Origin,
        Purpose,
        Standing,
        Touchpoint,
    )
    from nurture.predicates import q
    from nurture.program import (
        CAN_SPAM,
        CASL,
        GDPR,
        JAPAN,
        Attribute,
        Block,
        Campaign,
        Cap,
        Choice,
        ContactPolicy,
        Ground,
        Hold,
        Jurisdiction,
        Layout,
        Lifecycle,
        Message,
        Program,
        Scenario,
        ScoreModel,
        ScoreRule,
        Segment,
        Sharing,
        Stage,
        Threshold,
        Topic,
        Transition,
        Translation,
    )
    from nurture.program.double_opt_in import double_opt_in
    from nurture.runtime import (
        ConsentProof,
        Decided,
        Delivered,
        Enrolled,
        Member,
        Moved,
        NewFact,
        Nurture,
        Refused,
        Ticked,
        Withdrawn,
    )
    from nurture.runtime.asynchronous import AsyncNurture
    from nurture.simulation import Arrival, Behavior, Reaction, Simulation, simulate

__version__ = "0.1.0"

__all__ = [
    "CAN_SPAM",
    "CASL",
    "GDPR",
    "JAPAN",
    "Account",
    "Arrival",
    "AsyncNurture",
    "Attachment",
    "Attribute",
    "Basis",
    "Behavior",
    "Block",
    "BusinessCalendar",
    "Campaign",
    "Cap",
    "Choice",
    "Civil",
    "Consent",
    "ConsentProof",
    "ContactPolicy",
    "Decided",
    "Delivered",
    "Dossier",
    "Effect",
    "Enrolled",
    "Enrollment",
    "Explanation",
    "Ground",
    "Hold",
    "Jurisdiction",
    "Layout",
    "Lead",
    "Lifecycle",
    "Member",
    "Message",
    "Moved",
    "NewFact",
    "Nurture",
    "Origin",
    "Owner",
    "Program",
    "Purpose",
    "Reaction",
    "Refused",
    "Scenario",
    "ScoreModel",
    "ScoreRule",
    "Segment",
    "SenderIdentity",
    "Sharing",
    "Simulation",
    "Site",
    "Stage",
    "Standing",
    "Threshold",
    "Ticked",
    "Topic",
    "Touchpoint",
    "Tracking",
    "Transition",
    "Translation",
    "Window",
    "Withdrawn",
    "__version__",
    "advance",
    "civil",
    "days",
    "double_opt_in",
    "explain",
    "hours",
    "minutes",
    "q",
    "simulate",
    "weeks",
]

_HOMES = {
    "calendar": ("BusinessCalendar", "Civil", "Window", "civil", "days", "hours", "minutes", "weeks"),
    "decisions": ("Explanation", "advance", "explain"),
    "mail": ("Attachment", "Owner", "SenderIdentity", "Site", "Tracking"),
    "model": (
        "Account",
        "Basis",
        "Consent",
        "Dossier",
        "Effect",
        "Enrollment",
        "Lead",
        "Origin",
        "Purpose",
        "Standing",
        "Touchpoint",
    ),
    "predicates": ("q",),
    "program": (
        "CAN_SPAM",
        "CASL",
        "GDPR",
        "JAPAN",
        "Attribute",
        "Block",
        "Campaign",
        "Cap",
        "Choice",
        "ContactPolicy",
        "Ground",
        "Hold",
        "Jurisdiction",
        "Layout",
        "Lifecycle",
        "Message",
        "Program",
        "Scenario",
        "ScoreModel",
        "ScoreRule",
        "Segment",
        "Sharing",
        "Stage",
        "Threshold",
        "Topic",
        "Transition",
        "Translation",
        "double_opt_in",
    ),
    "runtime": (
        "ConsentProof",
        "Decided",
        "Delivered",
        "Enrolled",
        "Member",
        "Moved",
        "NewFact",
        "Nurture",
        "Refused",
        "Ticked",
        "Withdrawn",
    ),
    "runtime.asynchronous": ("AsyncNurture",),
    "simulation": ("Arrival", "Behavior", "Reaction", "Simulation", "simulate"),
}
"""In which room each public name lives."""


def __getattr__(name: str) -> object:
    for room, names in _HOMES.items():
        if name in names:
            found = globals()[name] = getattr(import_module(f"nurture.{room}"), name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
