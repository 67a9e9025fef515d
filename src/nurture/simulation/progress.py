"""How far a simulation has come, and a bar that shows it. Needs the extra `progress` for the bar only."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, TextIO, cast

import attrs

if TYPE_CHECKING:
    from types import TracebackType

SHORTEST: Final = timedelta(hours=1)
"""Progress is told once in so much virtual time at the most, and about `PARTS` times in a longer run."""
PARTS: Final = 1000


@attrs.frozen(slots=True, kw_only=True)
class Progress:
    """How far a simulation has come.

    Attributes:
        now: The virtual instant.
        share: The share of the time that is over, from 0 to 1.
        moments: How many moments were decided so far.
        sent: How many messages the other side took over so far.
    """

    now: datetime
    share: float
    moments: int
    sent: int


class Tells(Protocol):
    """Is told how far a simulation has come."""

    def __call__(self, progress: Progress, /) -> object:
        """Look at it; what is raised here ends the run."""
        ...


class _Bar(Protocol):
    """As much of a bar of tqdm as is used here."""

    n: float

    def set_description_str(self, desc: str, refresh: bool) -> None: ...
    def set_postfix_str(self, s: str, refresh: bool) -> None: ...
    def refresh(self) -> object: ...
    def close(self) -> None: ...


class _MakesBar(Protocol):
    def __call__(
        self, *, total: float, bar_format: str, file: TextIO | None, disable: bool | None, leave: bool
    ) -> _Bar: ...


class ProgressBar:
    """Shows a simulation's progress in a terminal or a notebook, with the library tqdm.

    It begins when it is told something for the first time, and ends by itself when all is done. As a context manager
    it ends with its block, whatever happens there.

    Args:
        file: Where to; None is standard error, or the notebook.
        hidden: Whether to show nothing; None hides it where no terminal reads along.

    Raises:
        ImportError: The extra `progress` is missing.

    Example:
        >>> import io
        >>> from datetime import UTC, datetime
        >>> from nurture.simulation import Progress
        >>> shown = io.StringIO()
        >>> with ProgressBar(shown) as bar:
        ...     bar(Progress(now=datetime(2026, 4, 1, tzinfo=UTC), share=0.25, moments=1200, sent=300))
        >>> "2026-04-01" in shown.getvalue(), "300 sent" in shown.getvalue()
        (True, True)
    """

    def __init__(self, file: TextIO | None = None, *, hidden: bool | None = False) -> None:
        try:
            self._make = cast("_MakesBar", import_module("tqdm.auto").tqdm)
        except ImportError as missing:
            message = 'ProgressBar needs the library tqdm: pip install "nurture-crm[progress]"'
            raise ImportError(message, name="tqdm") from missing
        self._file = file
        self._hidden = hidden
        self._bar: _Bar | None = None

    def __call__(self, progress: Progress, /) -> None:
        """Show how far it has come."""
        bar = self._bar
        if bar is None:
            layout = "{desc} {percentage:3.0f}% |{bar}| {elapsed}<{remaining}{postfix}"
            bar = self._bar = self._make(
                total=1.0, bar_format=layout, file=self._file, disable=self._hidden, leave=True
            )
        bar.n = progress.share
        bar.set_description_str(progress.now.date().isoformat(), refresh=False)
        bar.set_postfix_str(f"{progress.moments:,} moments, {progress.sent:,} sent", refresh=False)
        bar.refresh()
        if progress.share >= 1.0:
            self.close()

    def close(self) -> None:
        """Leave the bar as it is, so that what follows begins on a line of its own."""
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.close()

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
