"""Where code runs: in a thread, or in a task of an event loop that shares its thread with others.

On an asynchronous driver the same code runs in greenlets (SQLAlchemy's `greenlet_spawn`): what waits there must let
the other tasks of the thread run. May import SQLAlchemy.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Hashable
from typing import cast

from sqlalchemy.util import concurrency


def here() -> Hashable:
    """What tells the place where code runs from every other place: the greenlet, else the thread."""
    greenlet = sys.modules.get("greenlet")
    return threading.get_ident() if greenlet is None else cast("Hashable", greenlet.getcurrent())


def in_task() -> bool:
    """Whether this is a task's greenlet, in which waiting goes through the event loop."""
    return "greenlet" in sys.modules and concurrency.in_greenlet()
