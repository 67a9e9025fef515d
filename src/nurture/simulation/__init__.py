"""The same runtime on a virtual clock: a year in seconds, and the same trace for the same seed.

Nothing here decides anything of its own. People who open, click, attend and buy are a seeded model that a host can
replace. May import the runtime and what lies below it. Each name is loaded when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.simulation.clock import VirtualClock
    from nurture.simulation.cohorts import SimulationOptions, Tally, simulate_cohorts
    from nurture.simulation.people import Arrival, Behaves, Behavior, Reaction
    from nurture.simulation.progress import Progress, ProgressBar
    from nurture.simulation.props import NullSender
    from nurture.simulation.run import Simulation, simulate
    from nurture.simulation.stage import Turn

__all__ = [
    "Arrival",
    "Behaves",
    "Behavior",
    "NullSender",
    "Progress",
    "ProgressBar",
    "Reaction",
    "Simulation",
    "SimulationOptions",
    "Tally",
    "Turn",
    "VirtualClock",
    "simulate",
    "simulate_cohorts",
]

_HOMES = {
    "clock": ("VirtualClock",),
    "cohorts": ("SimulationOptions", "Tally", "simulate_cohorts"),
    "people": ("Arrival", "Behaves", "Behavior", "Reaction"),
    "progress": ("Progress", "ProgressBar"),
    "props": ("NullSender",),
    "run": ("Simulation", "simulate"),
    "stage": ("Turn",),
}
"""In which file each public name lives."""


def __getattr__(name: str) -> object:
    for file, names in _HOMES.items():
        if name in names:
            found = globals()[name] = getattr(import_module(f"nurture.simulation.{file}"), name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
