"""Identity: what ids look like and how they are derived. Pure.

Every id is a function of what it names, so that the same thing gets the same id on
every machine and after every restart; no counter and no clock is ever part of one.
"""

from __future__ import annotations

import re
from enum import StrEnum
from hashlib import blake2b
from typing import NewType

SubjectId = NewType("SubjectId", str)
LeadId = NewType("LeadId", SubjectId)
AccountId = NewType("AccountId", SubjectId)
FactId = NewType("FactId", str)
EnrollmentId = NewType("EnrollmentId", str)
EffectId = NewType("EffectId", str)


class SubjectKind(StrEnum):
    """What a subject is: a person, or a company."""

    LEAD = "lead"
    ACCOUNT = "account"


_ID = re.compile(r"(?:acct|appr|cast|eff|enr|fact|lead|stop)_[0-9a-z]{1,32}")
_DIGEST_BYTES = 13  # 104 bits: a billion ids of a kind collide with a chance of one in 10^13


def digest(prefix: str, *parts: str) -> str:
    """An id made of the parts: `prefix_` and 26 hexadecimal digits.

    Each part is framed by its length, so that no two lists of parts share a frame.

    Args:
        prefix: What the id names, such as `lead`.
        parts: What determines it.

    Example:
        >>> digest("fact", "a", "bc") == digest("fact", "ab", "c")
        False
        >>> len(digest("fact", "a"))
        31
    """
    framed = "".join([f"{len(part)}:{part}" for part in (prefix, *parts)])
    return f"{prefix}_{blake2b(framed.encode('utf-8', 'surrogatepass'), digest_size=_DIGEST_BYTES).hexdigest()}"


def shown(identity: object, expected: str = "lead_…") -> str:
    """An id as an error may say it; anything else is not repeated, since it may be somebody's address.

    Args:
        identity: What was given as an id.
        expected: What ids look like there.

    Example:
        >>> shown("lead_1"), shown("ada@example.com")
        ('lead_1', 'expected an id such as lead_…, found another text')
    """
    is_id = isinstance(identity, str) and _ID.fullmatch(identity) is not None
    return str(identity) if is_id else f"expected an id such as {expected}, found another text"


def is_account(subject: str) -> bool:
    """Whether a subject is an account; it is a lead otherwise."""
    return subject.startswith("acct_")


def broadcast_id(tenant: str, name: str) -> EffectId:
    """The id of a broadcast: the effect that asks for its messages, which is its own subject."""
    return EffectId(digest("cast", tenant, name))


def is_broadcast(identity: str) -> bool:
    """Whether an id is that of a broadcast."""
    return identity.startswith("cast_")


def subject_kind(subject: str) -> SubjectKind:
    """What a subject is, as its id says."""
    return SubjectKind.ACCOUNT if is_account(subject) else SubjectKind.LEAD


def lead_id(tenant: str, identifier: str, salt: str = "") -> LeadId:
    """The id of the lead who was first met by this identifier."""
    return LeadId(SubjectId(digest("lead", tenant, identifier, salt)))


def account_id(tenant: str, identifier: str) -> AccountId:
    """The id of the account that was first met by this identifier."""
    return AccountId(SubjectId(digest("acct", tenant, identifier)))


def fact_id(tenant: str, subject: str, key: str) -> FactId:
    """The id of a fact: whose it is, and the key that makes recording it twice harmless."""
    return FactId(digest("fact", tenant, subject, key))


def enrollment_id(tenant: str, subject: str, scenario: str, run_key: str, cause: str) -> EnrollmentId:
    """The id of one run of a scenario: who, which, the run's key, and the fact that began it."""
    return EnrollmentId(digest("enr", tenant, subject, scenario, run_key, cause))


def effect_key(tenant: str, enrollment: str, step: str, occurrence: int) -> EffectId:
    """The key of one effect: which run, which step, and its index in the run's stored path."""
    return EffectId(digest("eff", tenant, enrollment, step, str(occurrence)))
