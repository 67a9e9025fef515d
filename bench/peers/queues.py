"""The drip on job tools that keep their jobs in SQLite, each in a process of its own.

`python -m bench.peers.queues NAME FOLDER JOBS WAITING` fills a fresh store with so many waiting
jobs and so many due ones, runs the tool's own worker (one process) until the due ones are done,
and prints one line of JSON. A job renders the mail, hands it to nobody, and queues the lead's
next step with the tool's own API. None of them keeps facts, decisions or effects: the ratio
says what a host would get instead, not that the work is the same.
May import the workload; imports each peer only when it is run.
"""

# The peers are optional and mostly untyped; this folder is where that stays.
# mypy: disable-error-code="import-untyped, import-not-found, attr-defined"

from __future__ import annotations

import json
import logging
import os
import pickle
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import frozen

from bench.harness import Reading, UnavailableError
from bench.workload import ACCOUNT_VALUES, lead_values, renderer

NEXT = timedelta(days=3)
PATIENCE = 60.0  # seconds that a worker gets for its due jobs
BATCH = 100


class Counter:
    """Counts deliveries, and notes when the last expected one was done."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._done = 0
        self._lock = threading.Lock()
        self._all_done = threading.Event()
        self._render = renderer()

    def deliver(self, number: int) -> None:
        """Render the lead's mail and hand it to nobody."""
        self._render(lead_values(number), ACCOUNT_VALUES)

    def count(self) -> None:
        """One job is done, its next step queued."""
        with self._lock:
            self._done += 1
            if self._done == self._expected:
                self._all_done.set()

    def wait(self) -> int:
        """Wait until all are done, or patience ends; how many are."""
        self._all_done.wait(PATIENCE)
        return self._done


Timed = tuple[int, float]


def huey(folder: Path, jobs: int, waiting: int) -> Timed:
    """huey: `SqliteHuey`, committing to disk, two worker threads."""
    from huey import SqliteHuey

    path = folder / "huey.db"
    app: Any = SqliteHuey("bench", filename=str(path), fsync=True, results=False)
    counter = Counter(jobs)

    @app.task(name="drip")  # type: ignore[untyped-decorator]  # the peer is not typed
    def drip(number: int, step: int) -> None:
        counter.deliver(number)
        drip.schedule(args=(number, step + 1), delay=NEXT.total_seconds())
        counter.count()

    now = time.time()
    serialize = getattr(app, "serialize_task", None) or app.serialize
    later = serialize(drip.s(1, 0))
    insert = "insert into schedule(queue, data, timestamp) values ('bench', ?, ?)"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(insert, ((later, now + NEXT.total_seconds() + number) for number in range(waiting)))
        connection.executemany(insert, ((serialize(drip.s(n, 0)), now - 1_000) for n in range(jobs)))
    consumer = app.create_consumer(
        workers=2,
        periodic=False,
        initial_delay=0.01,
        backoff=1.15,
        max_delay=0.1,
        scheduler_interval=1,
        check_worker_health=False,
    )
    start = time.perf_counter()
    consumer.start()
    done = counter.wait()
    seconds = time.perf_counter() - start
    consumer.stop_flag.set()
    return done, seconds


_aps: Any = None
_aps_counter = Counter(0)


def aps_job(number: int, step: int) -> None:
    """APScheduler stores a job by its name, so that it has to be a module's function."""
    _aps_counter.deliver(number)
    _aps.add_job(
        aps_job,
        "date",
        run_date=datetime.now(UTC) + NEXT,
        args=(number, step + 1),
        misfire_grace_time=None,
    )
    _aps_counter.count()


def apscheduler(folder: Path, jobs: int, waiting: int) -> Timed:
    """APScheduler 3: SQLAlchemy job store on SQLite, ten threads."""
    global _aps, _aps_counter
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.background import BackgroundScheduler
    from sqlalchemy import create_engine, text

    engine = create_engine(f"sqlite:///{folder / 'aps.db'}")
    _aps_counter = Counter(jobs)
    _aps = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(engine=engine)},
        executors={"default": ThreadPoolExecutor(10)},
        job_defaults={"max_instances": 10**9},
        timezone=UTC,
    )
    _aps.start(paused=True)
    later, due = datetime.now(UTC) + NEXT, datetime.now(UTC) - timedelta(seconds=5)
    _aps.add_job(aps_job, "date", run_date=later, args=(1, 0), misfire_grace_time=None)
    insert = text("insert into apscheduler_jobs(id, next_run_time, job_state) values (:id, :at, :job)")
    with engine.begin() as connection:
        # One job added by its API is the pattern; its copies go in in bulk.
        blob = connection.execute(text("select job_state from apscheduler_jobs")).scalar_one()
        pattern = pickle.loads(blob)

        def row(name: str, number: int, at: datetime) -> dict[str, Any]:
            state = {**pattern, "id": name, "args": (number, 0), "next_run_time": at}
            return {"id": name, "at": at.timestamp(), "job": pickle.dumps(state)}

        waiting_rows = [row(f"waiting-{number}", number, later) for number in range(waiting)]
        if waiting_rows:
            connection.execute(insert, waiting_rows)
        connection.execute(insert, [row(f"due-{number}", number, due) for number in range(jobs)])
    start = time.perf_counter()
    _aps.resume()
    done = _aps_counter.wait()
    seconds = time.perf_counter() - start
    _aps.shutdown(wait=False)
    return done, seconds


def post_office(folder: Path, jobs: int, waiting: int) -> Timed:
    """django-post-office: a mail queue; queueing the next step is written here, in bulk."""
    import django
    from django.conf import settings

    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(folder / "post_office.db"),
                "OPTIONS": {
                    "init_command": "pragma journal_mode=wal; pragma synchronous=full",
                    "transaction_mode": "IMMEDIATE",
                },
            }
        },
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        EMAIL_BACKEND="post_office.EmailBackend",
        USE_TZ=True,
        POST_OFFICE={
            "BACKENDS": {"default": "django.core.mail.backends.dummy.EmailBackend"},
            "BATCH_SIZE": BATCH,
            "LOG_LEVEL": 0,
            "MESSAGE_ID_ENABLED": False,
        },
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    )
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone
    from post_office import mail
    from post_office.models import STATUS, Email

    call_command("migrate", verbosity=0)
    counter = Counter(jobs)
    later = timezone.now() + NEXT

    def queued(number: int, at: datetime) -> Any:
        return Email(
            from_email="us@example.com",
            to=[f"lead{number}@example.com"],
            subject="Ada, the next step for Acme & Co",
            message="",
            html_message="x" * 400,
            status=STATUS.queued,
            scheduled_time=at,
            priority=2,
            backend_alias="default",
        )

    for start_at in range(0, waiting, 10_000):
        numbers = range(start_at, min(waiting, start_at + 10_000))
        Email.objects.bulk_create([queued(number, later) for number in numbers], batch_size=2_000)
    now = timezone.now()
    Email.objects.bulk_create([queued(number, now) for number in range(jobs)], batch_size=2_000)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    done = 0
    start = time.perf_counter()
    while done < jobs and time.perf_counter() - start < PATIENCE:
        sent, _, _ = mail.send_queued(1, log_level=0)
        if not sent:
            break
        following: list[Any] = []
        for number in range(done, done + sent):
            counter.deliver(number)
            following.append(queued(number, later))
        Email.objects.bulk_create(following, batch_size=2_000)
        done += sent
    return done, time.perf_counter() - start


@frozen
class QueuePeer:
    """One tool.

    Args:
        name: What the child process knows it by.
        distribution: The name it is installed by.
        module: What it is imported by: tells quickly whether it is there.
        jobs: Due jobs of one full-size run: about a second of its work.
        run: Does the work.
        advantage: `nurture` should be this many times as fast (an aim, not a binding goal).
    """

    name: str
    distribution: str
    module: str
    jobs: int
    run: Callable[[Path, int, int], Timed]
    advantage: float


PEERS = (
    QueuePeer("huey", "huey", "huey", 600, huey, 12),
    QueuePeer("apscheduler", "APScheduler", "apscheduler", 300, apscheduler, 40),
    QueuePeer("post_office", "django-post_office", "post_office", 3_000, post_office, 4),
)


def in_child(peer: QueuePeer, folder: Path, *, jobs: int, waiting: int) -> Reading:
    """Run one tool in a process of its own: Django and the schedulers keep global state."""
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", __name__, peer.name, str(folder), str(jobs), str(waiting)]
    try:
        child = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    except subprocess.TimeoutExpired as error:
        raise UnavailableError("failed: took more than 240 s") from error
    lines = [line for line in child.stdout.splitlines() if line.startswith("{")]
    if not lines:
        last = child.stderr.strip().splitlines()[-1:] or ["no output"]
        raise UnavailableError(f"failed: {last[0][:160]}")
    found = json.loads(lines[-1])
    if found["done"] < jobs:
        raise UnavailableError(f"failed: {found['done']} of {jobs} jobs done")
    return Reading(found["done"], found["seconds"])


def main() -> None:
    """Run the tool that the command line names."""
    logging.disable(logging.WARNING)
    name, folder, jobs, waiting = sys.argv[1:]
    peer = next(peer for peer in PEERS if peer.name == name)
    done, seconds = peer.run(Path(folder), int(jobs), int(waiting))
    print(json.dumps({"done": done, "seconds": seconds}), flush=True)
    # Some of them leave threads behind that wait for the next job; the answer is out.
    os._exit(0)


if __name__ == "__main__":
    main()
