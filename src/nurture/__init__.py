"""Lead nurturing as a library: facts in, decisions and messages out.

The public names, sorted. Steps come from `nurture.steps`, stores from `nurture.storage`, senders from
`nurture.senders`; those with dependencies of their own are loaded when asked for.
"""

from nurture.calendar import BusinessCalendar, Civil, Window, civil, days, hours, minutes, weeks
from nurture.decisions import Explanation, advance, explain
from nurture.mail import SenderIdentity, Site
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
    Attribute,
    Campaign,
    Cap,
    ContactPolicy,
    Lifecycle,
    Message,
    Program,
    Scenario,
    ScoreModel,
    ScoreRule,
    Segment,
    Stage,
    Threshold,
    Transition,
)
from nurture.runtime import (
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
from nurture.simulate import Arrival, Behavior, Reaction, Simulation, simulate

__version__ = "0.1.0"

__all__ = [
    "Account",
    "Arrival",
    "Attribute",
    "Basis",
    "Behavior",
    "BusinessCalendar",
    "Campaign",
    "Cap",
    "Civil",
    "Consent",
    "ContactPolicy",
    "Decided",
    "Delivered",
    "Dossier",
    "Effect",
    "Enrolled",
    "Enrollment",
    "Explanation",
    "Lead",
    "Lifecycle",
    "Member",
    "Message",
    "Moved",
    "NewFact",
    "Nurture",
    "Origin",
    "Program",
    "Purpose",
    "Reaction",
    "Refused",
    "Scenario",
    "ScoreModel",
    "ScoreRule",
    "Segment",
    "SenderIdentity",
    "Simulation",
    "Site",
    "Stage",
    "Standing",
    "Threshold",
    "Ticked",
    "Touchpoint",
    "Transition",
    "Window",
    "Withdrawn",
    "__version__",
    "advance",
    "civil",
    "days",
    "explain",
    "hours",
    "minutes",
    "q",
    "simulate",
    "weeks",
]
