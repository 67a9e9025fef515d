"""The instants of an SQL store: later than every committed one, from a clock that is believed within limits.

May import what the other modules of this room import.
"""

from __future__ import annotations

import json
import math
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

import attrs

from nurture.errors import ClockJumpError
from nurture.storage.clock import Accepted, Ticker, from_micros, to_micros

if TYPE_CHECKING:
    from nurture.storage.sql.session import Session
    from nurture.storage.sql.statements import Statements


_OFTEN_ENOUGH: Final = timedelta(seconds=1)
_LONG_AGO: Final = timedelta(days=1)
"""After so long without a commit, whoever asks for the time writes it down: that time went on was seen."""
_NOT_AGAIN: Final = timedelta(hours=1)


@attrs.frozen(slots=True)
class Instant:
    """When a unit happens.

    Attributes:
        now: The unit's instant.
        last: That of the last committed unit that was written down; None when there was none.
    """

    now: datetime
    last: datetime | None


class Instants:
    """One tenant's source of instants in this process.

    Args:
        ticker: Makes them increase, and holds the clock's limit.
        of_server: Whether the database's own clock counts, where it has one; else the ticker's.
    """

    __slots__ = ("_kept_at", "_noted", "_of_server", "_ticker")

    def __init__(self, ticker: Ticker, *, of_server: bool) -> None:
        self._ticker = ticker
        self._of_server = of_server
        self._kept_at = -math.inf
        self._noted: datetime | None = None

    def next(self, session: Session, statements: Statements) -> Instant:
        """A new instant; the last committed one is read together with the server's clock.

        Raises:
            ClockJumpError: The clock lies too far from the last instant.
        """
        present, last = self._read(session, statements)
        # A tenant that has written nothing yet is judged by the others, else its wrong clock would speak for them.
        after = last if last is not None else _newest(session, statements)
        try:
            return Instant(self._ticker.tick(after=after, present=present), last)
        except ClockJumpError:
            accepted, newest = _accepted(session, statements), _newest(session, statements)
            if accepted is None and newest is None:
                raise
        if accepted is not None:
            self._ticker.accept(accepted)  # another process was told, and wrote it down
        # This tenant may have been quiet for long, while others were not: the clock is judged by all of them.
        return Instant(self._ticker.tick(after=after, present=present, seen=newest), last)

    def must_note(self, instant: Instant) -> bool:
        """Whether nobody committed for so long that the instant should be written down; true once in a while only."""
        now, noted = instant.now, self._noted
        if instant.last is None or now - instant.last < _LONG_AGO or (noted is not None and now - noted < _NOT_AGAIN):
            return False
        self._noted = now
        return True

    def note(self, session: Session, statements: Statements, instant: Instant) -> None:
        """Write an instant down without a commit of a unit, and without waiting for who has the row locked."""
        session.run(statements.nudge_clock, {"the_tenant": session.tenant, "the_last": to_micros(instant.now)})

    @property
    def must_keep(self) -> bool:
        """Whether a unit must write down its instant; with the server's clock, not when this process just did."""
        return not self._of_server or time.monotonic() - self._kept_at >= _OFTEN_ENOUGH.total_seconds()

    def keep(self, session: Session, statements: Statements, instant: Instant) -> None:
        """Write down the instant of a unit that is about to commit.

        With the server's clock once a second is enough, and by whoever comes first: the clock itself makes later
        units have later instants, and so no unit waits there for another one.
        """
        values = {"the_tenant": session.tenant, "the_last": to_micros(instant.now)}
        if instant.last is None:
            session.run(statements.start_clock, {"last": to_micros(instant.now)})
        if not self._of_server:
            session.run(statements.set_clock, values)
            return
        if instant.last is None or instant.now - instant.last >= _OFTEN_ENOUGH:
            session.run(statements.nudge_clock, values)
        self._kept_at = time.monotonic()

    def allow(self, session: Session, statements: Statements) -> None:
        """Accept the clock as it is, for every process that uses this database; to be called within a unit."""
        present, last = self._read(session, statements)
        accepted = self._ticker.allow(after=last, present=present)
        if last is None:
            return
        if accepted.floor > last:
            values = {"the_tenant": session.tenant, "the_last": to_micros(accepted.floor)}
            session.run(statements.set_clock, values)
        name, noted = _name(session.tenant), json.dumps([to_micros(accepted.floor), to_micros(last)])
        session.run(statements.forget, {"name": name})
        session.run(statements.note, {"name": name, "value": noted})

    def _read(self, session: Session, statements: Statements) -> tuple[datetime | None, datetime | None]:
        present, last = cast("tuple[int | None, int | None]", session.rows(statements.clock, {})[0])
        if not self._of_server:
            present = None
        return None if present is None else from_micros(present), None if last is None else from_micros(last)


def _accepted(session: Session, statements: Statements) -> Accepted | None:
    rows = session.rows(statements.noted, {"name": _name(session.tenant)})
    if not rows:
        return None
    floor, until = json.loads(cast("str", rows[0][0]))
    return Accepted(from_micros(floor), from_micros(until))


def _newest(session: Session, statements: Statements) -> datetime | None:
    """The newest committed instant of all tenants."""
    newest = cast("int | None", session.rows(statements.newest, {})[0][0])
    return None if newest is None else from_micros(newest)


def _name(tenant: str) -> str:
    return f"clock accepted:{tenant}"
