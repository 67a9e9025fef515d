"""What can be wrong with a contact policy and with topics. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.program.program import Program

LONGEST = timedelta(days=36_525)
"""A hundred years: beyond it lies a mistake, not a plan."""


def is_length(length: timedelta | None) -> bool:
    """Whether it is a time that a plan may have, or none at all."""
    return length is None or timedelta(0) < length <= LONGEST


def policy_problems(program: Program) -> Iterator[str]:
    """Every problem of the contact policy and of the topics, one sentence each."""
    policy = program.policy
    if policy.cap is not None and (policy.cap.count < 1 or not is_length(policy.cap.per)):
        yield "policy.cap: expected a count of at least 1 and a positive span"
    if not is_length(policy.max_lateness):
        yield "policy.max_lateness: expected a positive time"
    if policy.max_attempts < 1:
        yield "policy.max_attempts: expected at least 1"
