"""The step that lets time pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import ClassVar, cast

import attrs

from nurture.calendar import Civil, describe
from nurture.errors import DefinitionError
from nurture.steps.declaration import wrong
from nurture.steps.step import GO, LONGEST, Duration, Go, Move, Scene, Stay, Step, length_problems
from nurture.steps.waiting import meant_at


@attrs.frozen(slots=True)
class Wait(Step):
    """Wait for a length of time, elapsed or civil, counted from the arrival.

    Attributes:
        duration: How long.
    """

    kind: ClassVar[str] = "wait"

    duration: Duration

    def arrive(self, scene: Scene) -> Move:
        """Wait until the time has come."""
        return self.resume(scene)

    def resume(self, scene: Scene) -> Move:
        """Go on when the time has come."""
        until = scene.later(self.duration)
        if until > scene.now:
            return Stay(until=until)
        return GO if until == scene.now else Go(due=meant_at(scene, until))

    def problems(self) -> Iterable[str]:
        """A wait leads forward, and ends."""
        return length_problems(self.duration, "duration")

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        return f"{describe(self.duration, lang)}まで待つ" if lang == "ja" else f"wait {describe(self.duration, lang)}"


def wait(
    duration: Duration | None = None,
    /,
    *,
    days: float = 0,
    hours: float = 0,
    minutes: float = 0,
    weeks: float = 0,
) -> Wait:
    """Wait: `wait(days=3)` counts elapsed time, `wait(civil(days=1, at="10:00"))` counts calendar days.

    Args:
        duration: A `timedelta`, or a civil duration.
        days: Elapsed days of 24 hours.
        hours: Elapsed hours.
        minutes: Elapsed minutes.
        weeks: Elapsed weeks.

    Raises:
        DefinitionError: Both or neither were given, or something of another type.
    """
    elapsed = _elapsed({"days": days, "hours": hours, "minutes": minutes, "weeks": weeks})
    if (duration is None) == (elapsed == timedelta(0)):
        raise DefinitionError("wait: expected either a duration or days/hours/minutes/weeks, for instance wait(days=3)")
    if duration is not None and not isinstance(cast("object", duration), (timedelta, Civil)):
        raise DefinitionError(f"wait: expected a timedelta or civil(...), found {type(duration).__name__}")
    return Wait(elapsed if duration is None else duration)


def _elapsed(parts: Mapping[str, float]) -> timedelta:
    for name, part in parts.items():
        if isinstance(part, bool) or not isinstance(cast("object", part), (int, float)):
            raise wrong(f"wait.{name}", "a number", part)
    try:
        return timedelta(**parts)
    except (OverflowError, ValueError):  # what is not a number, too
        raise DefinitionError(f"wait: expected at most {LONGEST.days} days") from None
