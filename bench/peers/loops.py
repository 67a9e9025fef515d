"""The drip on job tools that run an event loop on PostgreSQL: pgqueuer and procrastinate.

May import the standard library and `bench.peers.jobs`; imports each tool only when it is run.
"""

# The peers are optional; this folder is where that stays.
# mypy: disable-error-code="import-untyped, import-not-found, attr-defined"

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.peers.jobs import BATCH, NEXT, PATIENCE, Counter, Timed

_CHUNK = 20_000
CONCURRENCY = 20  # of procrastinate's one worker; twice as fast as one at a time


def _run(work: Coroutine[Any, Any, Timed]) -> Timed:
    return asyncio.run(work)


# --- pgqueuer ------------------------------------------------------------------------------------------------------


def prepare_pgqueuer(place: str, jobs: int, waiting: int) -> None:
    """Its own tables, filled by its own bulk call."""

    async def fill() -> Timed:
        import asyncpg
        from pgqueuer import PgQueuer
        from pgqueuer.db import AsyncpgPoolDriver

        async with asyncpg.create_pool(place, min_size=1, max_size=2) as pool:
            queue = PgQueuer(AsyncpgPoolDriver(pool)).qm.queries
            await queue.install()
            for start in range(0, waiting, _CHUNK):
                count = min(_CHUNK, waiting - start)
                await queue.enqueue(["drip"] * count, [b"[1,0]"] * count, [0] * count, execute_after=[NEXT] * count)
            await queue.enqueue(["drip"] * jobs, [_payload(number, 0) for number in range(jobs)], [0] * jobs)
            async with pool.acquire() as connection:
                await connection.execute("vacuum analyze")
        return 0, 0.0

    _run(fill())


def _payload(number: int, step: int) -> bytes:
    return json.dumps([number, step]).encode()


def run_pgqueuer(place: str, jobs: int) -> Timed:
    """pgqueuer: asyncpg's pool, batches of 100."""

    async def work() -> Timed:
        import asyncpg
        from pgqueuer import PgQueuer
        from pgqueuer.db import AsyncpgPoolDriver

        counter = Counter(jobs)
        async with asyncpg.create_pool(place, min_size=2, max_size=20) as pool:
            app = PgQueuer(AsyncpgPoolDriver(pool))

            @app.entrypoint("drip")
            async def drip(job: Any) -> None:
                number, step = json.loads(job.payload)
                counter.deliver(number)
                await app.qm.queries.enqueue("drip", _payload(number, step + 1), 0, execute_after=NEXT)
                if counter.count():
                    app.shutdown.set()

            counter.start()
            running = app.run(batch_size=BATCH, dequeue_timeout=timedelta(seconds=1))
            with suppress(TimeoutError):
                await asyncio.wait_for(running, PATIENCE)
            return counter.timed()

    return _run(work())


# --- procrastinate -------------------------------------------------------------------------------------------------


def prepare_procrastinate(place: str, jobs: int, waiting: int) -> None:
    """One job deferred by its API is the pattern; its copies go in in bulk, before the due ones, as in a drip."""

    async def fill() -> Timed:
        import procrastinate
        import psycopg

        app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=place))

        @app.task(name="drip")
        async def drip(number: int, step: int) -> None: ...

        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            await drip.configure(schedule_at=datetime.now(UTC) + NEXT).defer_async(number=0, step=0)
            with psycopg.connect(place) as connection:
                connection.execute("alter table procrastinate_jobs disable trigger user")
                connection.execute(
                    "insert into procrastinate_jobs"
                    "(queue_name, task_name, priority, lock, queueing_lock, args, status, scheduled_at) "
                    "select queue_name, task_name, priority, null, null, args, 'todo', scheduled_at "
                    "from procrastinate_jobs, generate_series(2, %s)",
                    (waiting,),
                )
                connection.execute("alter table procrastinate_jobs enable trigger user")
            due: list[dict[str, Any]] = [{"number": number, "step": 0} for number in range(jobs)]
            await drip.batch_defer_async(*due)
        with psycopg.connect(place, autocommit=True) as connection:
            connection.execute("vacuum analyze")
        return 0, 0.0

    _run(fill())


def run_procrastinate(place: str, jobs: int) -> Timed:
    """procrastinate: twenty jobs at a time, asking again every 50 ms."""

    async def work() -> Timed:
        import procrastinate

        counter = Counter(jobs)
        connector = procrastinate.PsycopgConnector(conninfo=place, min_size=2, max_size=CONCURRENCY + 4)
        app = procrastinate.App(connector=connector)

        @app.task(name="drip")
        async def drip(number: int, step: int) -> None:
            counter.deliver(number)
            await drip.configure(schedule_at=datetime.now(UTC) + NEXT).defer_async(number=number, step=step + 1)
            if counter.count():
                done.set()

        done = asyncio.Event()
        async with app.open_async():
            counter.start()
            worker = asyncio.create_task(
                app.run_worker_async(
                    concurrency=CONCURRENCY,
                    wait=True,
                    install_signal_handlers=False,
                    listen_notify=False,
                    fetch_job_polling_interval=0.05,
                )
            )
            with suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), PATIENCE)
            worker.cancel()
            with suppress(asyncio.CancelledError, TimeoutError):
                await asyncio.wait_for(worker, 10)
        return counter.timed()

    return _run(work())
