"""The same logic over the user's own frames: who is in a segment, what a score is, and records made of rows.

Frames of pandas, Polars, PyArrow, DuckDB and Spark go in, and the same kind comes back. Needs the extra `frames`. May
import what lies below it, the simulation included. Nothing here is loaded before it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.frames.dataset import Dataset, LeftOut
    from nurture.frames.filtering import filter
    from nurture.frames.previewing import Preview, preview
    from nurture.frames.scoring import score

__all__ = ["Dataset", "LeftOut", "Preview", "filter", "preview", "score"]


def __getattr__(name: str) -> object:
    """Load what is asked for, so that importing this package loads no Narwhals."""
    if name in ("Dataset", "LeftOut"):
        from nurture.frames import dataset

        return getattr(dataset, name)
    if name == "filter":
        from nurture.frames.filtering import filter

        return filter
    if name in ("Preview", "preview"):
        from nurture.frames import previewing

        return getattr(previewing, name)
    if name == "score":
        from nurture.frames.scoring import score

        return score
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
