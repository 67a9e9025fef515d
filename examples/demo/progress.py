"""A progress bar for people, on standard error; plain lines where no terminal is. Standard library only."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TextIO
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from nurture.simulation import Progress

_CELLS = 34
_PARTS = " ▏▎▍▌▋▊▉█"


class ProgressBar:
    """Shows how far the virtual time has come.

    Args:
        zone: In which the day is shown.
        stream: Where; standard error by default.
    """

    def __init__(self, zone: str, stream: TextIO = sys.stderr) -> None:
        self._zone = ZoneInfo(zone)
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._told = -1
        self._began = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        """Show the virtual time, and which share of the run is done."""
        now, share = progress.now, progress.share
        step = int(share * (200 if self._is_terminal else 10))
        if step == self._told:
            return
        self._told = step
        day = now.astimezone(self._zone).date().isoformat()
        seconds = time.monotonic() - self._began
        if self._is_terminal:
            self._stream.write(f"\r  {_bar(share)} {share:4.0%}  {day}  {seconds:3.0f} s ")
        else:
            self._stream.write(f"  {share:4.0%}  {day}  {seconds:.0f} s\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the line, so that what follows begins on its own."""
        if self._is_terminal and self._told >= 0:
            self._stream.write("\n")
            self._stream.flush()


def _bar(share: float) -> str:
    eighths = round(max(0.0, min(1.0, share)) * _CELLS * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_PARTS[rest] if rest else "")).ljust(_CELLS, "·")
