"""Mutants that mean the same as the source: the cases cannot tell them, and nobody could.

Each is known by its module, the change and the line, and says why. One that is no longer there is an error, too.
"""

from __future__ import annotations

from collections.abc import Mapping

EQUIVALENT: Mapping[str, Mapping[str, str]] = {}
"""By reading: the mutants, and why."""
