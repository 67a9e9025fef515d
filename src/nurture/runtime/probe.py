"""What watches the runtime at work: the port through which metrics and traces get out. Imports nothing of ours.

`nurture.telemetry.OpenTelemetry` is one; for another system, such as StatsD, write a class with these two methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


class Probe(Protocol):
    """Hears how long things take and how often they happen; never about whom.

    Names are dotted words, and labels hold outcomes. What a probe raises is logged, and stops nobody.
    """

    def span(self, name: str, /) -> AbstractContextManager[object]:
        """Something begins that lasts until the block ends: `tick`, `decide`, `deliver`, `record`."""
        ...

    def count(self, name: str, number: int, /, **labels: str) -> None:
        """So many of these happened.

        They are `subjects`, `moments`, `conflicts`, `effects` (by `outcome`), `facts`, and `reasons` (by `outcome` and
        `reason`: what was deferred or withheld, and why).
        """
        ...
