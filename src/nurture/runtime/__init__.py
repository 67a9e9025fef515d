"""The host's object and what it does: capture, record, decide, deliver, tick, run.

May import mail, ports, decisions and what lies below; never a store or a sender.
"""

from nurture.runtime.nurture import Nurture
from nurture.runtime.overlooked import Overlooked
from nurture.runtime.probe import Probe
from nurture.runtime.proving import ConsentProof, Sent, Word
from nurture.runtime.results import (
    Answered,
    Approval,
    Decided,
    Delivered,
    Enrolled,
    Knowledge,
    Listed,
    Member,
    Moved,
    NewFact,
    Page,
    Reasons,
    Refused,
    RolledOver,
    Ticked,
    Withdrawn,
)
from nurture.runtime.tallying import BroadcastCounts, BroadcastState, BroadcastStatus
from nurture.runtime.tasking import OpenTask

__all__ = [
    "Answered",
    "Approval",
    "BroadcastCounts",
    "BroadcastState",
    "BroadcastStatus",
    "ConsentProof",
    "Decided",
    "Delivered",
    "Enrolled",
    "Knowledge",
    "Listed",
    "Member",
    "Moved",
    "NewFact",
    "Nurture",
    "OpenTask",
    "Overlooked",
    "Page",
    "Probe",
    "Reasons",
    "Refused",
    "RolledOver",
    "Sent",
    "Ticked",
    "Withdrawn",
    "Word",
]
