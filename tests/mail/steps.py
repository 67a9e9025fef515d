"""Costs are counted and not timed: how many lines of Python a call runs, so that a slow machine changes nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def steps_of(call: Callable[[], object], *modules: str) -> int:
    """How many lines of these modules are run by a call; a generator's rounds count each."""
    count = 0

    def line(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        count += event == "line"
        return line if frame.f_globals.get("__name__") in modules else None

    before = sys.gettrace()
    sys.settrace(line)
    try:
        call()
    finally:
        sys.settrace(before)
    return count
