"""What is declared: segments, scores, the lifecycle, messages, scenarios, the contact policy, a program.

Pure data, checked when built. May import steps, predicates, calendar, model and errors.
"""

from nurture.program.attribute import Attribute
from nurture.program.broadcast import Broadcast
from nurture.program.campaign import Campaign
from nurture.program.content import Block, Choice, Layout
from nurture.program.double_opt_in import Asked, asked_in, double_opt_in
from nurture.program.entry import Entry, OnDate, OnSchedule, on_date, on_schedule
from nurture.program.jurisdiction import CAN_SPAM, CASL, GDPR, JAPAN, Ground, Jurisdiction, Shown
from nurture.program.lifecycle import Lifecycle, Stage, Transition
from nurture.program.message import Message, Translation
from nurture.program.pacing import Cap, CapScope, Holdout, Longer, Rate, Spacing, WarmUp
from nurture.program.policy import ConsentRule, ContactPolicy, Hold, Sharing, SharingGround
from nurture.program.program import Program
from nurture.program.scenario import Reentry, Scenario, all_steps
from nurture.program.score import ScoreModel, ScoreRule, Threshold
from nurture.program.segment import Segment
from nurture.program.topic import Topic

__all__ = [
    "CAN_SPAM",
    "CASL",
    "GDPR",
    "JAPAN",
    "Asked",
    "Attribute",
    "Block",
    "Broadcast",
    "Campaign",
    "Cap",
    "CapScope",
    "Choice",
    "ConsentRule",
    "ContactPolicy",
    "Entry",
    "Ground",
    "Hold",
    "Holdout",
    "Jurisdiction",
    "Layout",
    "Lifecycle",
    "Longer",
    "Message",
    "OnDate",
    "OnSchedule",
    "Program",
    "Rate",
    "Reentry",
    "Scenario",
    "ScoreModel",
    "ScoreRule",
    "Segment",
    "Sharing",
    "SharingGround",
    "Shown",
    "Spacing",
    "Stage",
    "Threshold",
    "Topic",
    "Transition",
    "Translation",
    "WarmUp",
    "all_steps",
    "asked_in",
    "double_opt_in",
    "on_date",
    "on_schedule",
]
