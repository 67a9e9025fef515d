"""The `nurture` side of every row, one small function each.

They use what a host can use, nothing private, except where a docstring says so. What is timed is
only the callable that each returns: building is free, so everything that a host does once belongs
before the return. May import `nurture`, the store port of this folder and the workload.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.harness import SUBJECT, UnavailableError
from bench.stores import DripStore, OnConnect, Recorder, Worker
from bench.workload import Person

NOT_THERE = "not there yet"


def match(leads: Sequence[Person]) -> tuple[Callable[[Any], bool], Sequence[Any]]:
    """The benchmark's rule as a predicate, ready to be asked, and one subject a lead to ask it about.

    The rule is `workload`'s, written with `q`: `q.account.industry` in `TARGET`, `q.account.employees`
    at least `EMPLOYEES`, `q.score(…)` at least `SCORE`, not unsubscribed, and
    `q.touches("page.viewed").within(days=14).count() >= VIEWS`, asked at `workload.NOW`.

    Returns:
        A function of one subject that answers as the `match` reading does at `workload.NOW`, compiled as a
        program compiles it; and the subjects, in the order of `leads`, as `advance` holds them when it asks
        (what the store loads and lays out is charged in the `drip` row, not here). `Person.score` is the
        score as it reads at `NOW`; `Person.unsubscribed` becomes whatever the predicate language reads for
        it. Every touchpoint is given, with its own `at`.
    """
    raise UnavailableError(NOT_THERE)


class OurStore:
    """`nurture` on `SqlStorage`, as a side of the store rows (see `stores.DripStore` for what each must do)."""

    name = SUBJECT

    def prepare(self, path: Path, *, due: int, waiting: int) -> None:
        """Make the database with `nurture` itself, under the program that `worker` uses.

        The program: one scenario `send("hello"), wait(days=3), send("tips"), wait(days=3), …`, the message's
        subject, text and HTML from `workload`, purpose marketing, one frequency cap that never holds
        anybody back, one account with `workload.ACCOUNT_VALUES`. Leads consent, and are enrolled so that
        the wait before their *first* send is over for the first `due` leads and not for the others; so no
        allowance, effect or receipt is there yet. Large `waiting`: decide one waiting lead and copy its rows
        with SQL under new ids, since deciding 100,000 leads here takes minutes. Ends with
        `pragma wal_checkpoint(truncate)`, all connections closed, and no fact left in the inbox.
        """
        raise UnavailableError(NOT_THERE)

    @contextmanager
    def worker(self, path: Path, batch: int, on_connect: OnConnect | None = None) -> Iterator[Worker]:
        """A `Nurture` with a sender that renders what it is given and throws it away.

        Calling the worker is `crm.tick()` with batches of `batch`; it returns how many effects were accepted.
        Afterwards the receipts are decided, too (`tick` goes on until quiet). The store's clock stands at an
        instant when the first `due` leads of `prepare` are due and the others are not. Hand every
        `sqlite3.Connection` that the engine opens to `on_connect` (SQLAlchemy's `connect` event of
        `sqlalchemy.pool.Pool` hears them all). Closes all connections at the end.
        """
        raise UnavailableError(NOT_THERE)
        yield

    @contextmanager
    def recorder(self, path: Path) -> Iterator[Recorder]:
        """`crm.record_many` with each event's key, kind and properties, about the lead of its number.

        One call is one transaction. Recording the same events again changes nothing. One event alone goes
        through `crm.record`, since the `latency` row asks about that. The lead ids are looked up before the
        first call (say by `external_id` or by a mapping read from the file), so that only recording is timed.
        """
        raise UnavailableError(NOT_THERE)
        yield


def simulation(leads: int, *, steps: int, days: int) -> Callable[[], int]:
    """A simulation of `leads` leads over `days` virtual days, ready to run; calling it returns the moments decided.

    One scenario with `steps` sends, three days apart, that begins when a lead is captured at the start; rendering
    off, no behavior beyond the receipts. The moments counted are those that `advance` walked for all subjects.
    With more `days` the scenario starts again (`reentry="always"`, by a fact or at its end), so that there is
    something to do on every day and memory that grows with time would show. Each call starts afresh.
    """
    raise UnavailableError(NOT_THERE)


_fits: type[DripStore] = OurStore
