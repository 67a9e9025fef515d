"""The host's object and what it does: capture, record, decide, deliver, tick, run.

May import mail, ports, decisions and what lies below; never a store or a sender.
"""

from nurture.runtime.nurture import Nurture
from nurture.runtime.probe import Probe
from nurture.runtime.proving import ConsentProof, Sent, Word
from nurture.runtime.results import (
    Decided,
    Delivered,
    Enrolled,
    Knowledge,
    Listed,
    Member,
    Moved,
    NewFact,
    Page,
    Refused,
    RolledOver,
    Ticked,
    Withdrawn,
)

__all__ = [
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
    "Page",
    "Probe",
    "Refused",
    "RolledOver",
    "Sent",
    "Ticked",
    "Withdrawn",
    "Word",
]
