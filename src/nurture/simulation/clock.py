"""The clock of a simulation, which a test can have as well. Imports the model only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.model import clean_instant

if TYPE_CHECKING:
    from datetime import datetime


class VirtualClock:
    """A clock that stands still until it is told to move on."""

    def __init__(self, start: datetime) -> None:
        self.now = clean_instant(start, "start")

    def __call__(self) -> datetime:
        """The present instant."""
        return self.now

    def move_to(self, instant: datetime) -> None:
        """Move on; never back."""
        if instant > self.now:
            self.now = instant
