"""How an audit fails: with the numbers of the invariants that broke, and past everything that catches errors."""

from __future__ import annotations


class AuditError(BaseException):
    """Something that must never break broke; the message begins with the numbers of the invariants.

    No ordinary error, because workers go on after those, and must not go on after this one.
    """


def require(holds: object, invariants: str, what: str) -> None:
    """Fail the audit unless it holds."""
    if not holds:
        raise AuditError(f"invariant {invariants}: {what}")
