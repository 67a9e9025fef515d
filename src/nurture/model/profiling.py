"""What a person said about being scored, as a standing keeps it. Imports values only."""

from __future__ import annotations

from datetime import datetime

import attrs


@attrs.frozen(slots=True, kw_only=True)
class Profiling:
    """Whether a person is scored, and from when on facts count.

    An objection ends every score that was held, so nothing from before it ever counts again; nor does what happens
    until the person explicitly allows it.

    Attributes:
        objected_at: When the person last objected; None when never.
        allowed_at: When the person last allowed it explicitly; None when never.
        counts_after: Only what happens after this instant counts; None when everything does.
    """

    objected_at: datetime | None = None
    allowed_at: datetime | None = None
    counts_after: datetime | None = None

    @property
    def is_objected(self) -> bool:
        """Whether an objection holds: no newer explicit yes has lifted it. At one instant it wins."""
        if self.objected_at is None:
            return False
        return self.allowed_at is None or self.allowed_at <= self.objected_at

    def counts(self, at: datetime) -> bool:
        """Whether something that happened at this instant earns points."""
        return not self.is_objected and (self.counts_after is None or at > self.counts_after)

    def after(self, *, given: bool, explicit: bool, at: datetime, seen_at: datetime) -> Profiling:
        """The same after one more word.

        Args:
            given: Allowed, or objected.
            explicit: Whether it was said to us directly; only then does a yes lift an objection.
            at: When it was said.
            seen_at: From when on it can be known.
        """
        if not given:
            objected_at = at if self.objected_at is None else max(self.objected_at, at)
            return attrs.evolve(self, objected_at=objected_at, counts_after=_later(self.counts_after, seen_at))
        if not explicit:
            return self
        allowed = attrs.evolve(self, allowed_at=at if self.allowed_at is None else max(self.allowed_at, at))
        if self.is_objected and not allowed.is_objected:
            return attrs.evolve(allowed, counts_after=_later(self.counts_after, seen_at))
        return allowed


def _later(known: datetime | None, other: datetime) -> datetime:
    return other if known is None else max(known, other)


UNHEARD = Profiling()
"""Of somebody who never said anything about it."""
