"""One run of a scenario while it is on the workbench: an `Enrollment` that may be changed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.model import EMPTY, Enrollment, EnrollmentState, Visit
from nurture.model.standing import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nurture.model import EffectId, EnrollmentId, FactId, Value


class Run:
    """An enrollment in work; the attributes are those of `Enrollment`, and `watch` names its step on the agenda."""

    __slots__ = (
        "approved", "asked", "cause", "effect", "ended_at", "entry", "held", "hops", "id", "late", "moved", "number",
        "path", "reason", "run_key", "scenario", "shift", "since", "started_at", "state", "stop", "turns", "until",
        "version", "was", "watch",
    )  # fmt: skip

    def __init__(
        self,
        identity: EnrollmentId,
        scenario: str,
        version: str,
        run_key: str,
        cause: FactId,
        started_at: datetime,
        entry: Mapping[str, Value] = EMPTY,
        number: int = 1,
        hops: int = 0,
    ) -> None:
        self.id = identity
        self.watch = f"step:{identity}"
        self.scenario = scenario
        self.version = version
        self.run_key = run_key
        self.cause = cause
        self.started_at = started_at
        self.state = EnrollmentState.ACTIVE
        self.ended_at: datetime | None = None
        self.reason = ""
        self.path: tuple[Visit, ...] = ()
        self.moved = 0
        self.asked: tuple[str, ...] = ()
        self.stop = ""
        self.until: datetime | None = None
        self.effect: EffectId | None = None
        self.since: datetime | None = None
        self.entry: Mapping[str, Value] = entry
        self.turns = 0
        self.late = NOTHING
        self.shift = NOTHING
        self.number = number
        self.held = False
        self.hops = hops
        self.approved: Mapping[str, Value] = EMPTY
        self.was: Enrollment | None = None

    @classmethod
    def of(cls, enrollment: Enrollment) -> Run:
        """The enrollment, put on the workbench."""
        run = cls.__new__(cls)
        run.id = enrollment.id
        run.watch = f"step:{enrollment.id}"
        run.scenario = enrollment.scenario
        run.version = enrollment.version
        run.run_key = enrollment.run_key
        run.cause = enrollment.cause
        run.started_at = enrollment.started_at
        run.state = enrollment.state
        run.ended_at = enrollment.ended_at
        run.reason = enrollment.reason
        run.path = enrollment.path
        run.moved = enrollment.moved
        run.asked = enrollment.asked
        run.stop = enrollment.stop
        run.until = enrollment.until
        run.effect = enrollment.effect
        run.since = enrollment.since
        run.entry = enrollment.entry
        run.turns = enrollment.turns
        run.late = enrollment.late
        run.shift = enrollment.shift
        run.number = enrollment.number
        run.held = enrollment.held
        run.hops = enrollment.hops
        run.approved = enrollment.approved
        run.was = enrollment
        return run

    @property
    def is_active(self) -> bool:
        """Whether it still runs."""
        return self.state is EnrollmentState.ACTIVE

    @property
    def step(self) -> str | None:
        """Address of the step at which it is or ended."""
        return self.path[-1].step if self.path else None

    def touch(self) -> None:
        """Say that it is about to be changed."""
        self.was = None

    def frozen(self) -> Enrollment:
        """The enrollment as it is now; the same object when nothing was touched."""
        if self.was is not None:
            return self.was
        return Enrollment(
            id=self.id,
            scenario=self.scenario,
            version=self.version,
            run_key=self.run_key,
            cause=self.cause,
            state=self.state,
            started_at=self.started_at,
            ended_at=self.ended_at,
            reason=self.reason,
            path=self.path,
            moved=self.moved,
            asked=self.asked,
            stop=self.stop,
            until=self.until,
            effect=self.effect,
            since=self.since,
            entry=self.entry,
            turns=self.turns,
            late=self.late,
            shift=self.shift,
            number=self.number,
            held=self.held,
            hops=self.hops,
            approved=self.approved,
        )
