"""The drip on job tools that run threads: huey, APScheduler 3 and django-post-office.

May import the standard library and `bench.peers.jobs`; imports each tool only when it is run.
"""

# The peers are optional and mostly untyped; this folder is where that stays.
# mypy: disable-error-code="import-untyped, import-not-found, attr-defined"

from __future__ import annotations

import pickle
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bench.peers.jobs import BATCH, NEXT, PATIENCE, Counter, Timed

_CHUNK = 20_000


def _chunks(count: int) -> Iterator[range]:
    for start in range(0, count, _CHUNK):
        yield range(start, min(count, start + _CHUNK))


# --- huey ----------------------------------------------------------------------------------------------------------


def _huey(place: str, counter: Counter) -> tuple[Any, Any]:
    from huey import SqliteHuey

    app: Any = SqliteHuey("bench", filename=place, fsync=True, results=False)

    @app.task(name="drip")  # type: ignore[untyped-decorator]  # the peer is not typed
    def drip(number: int, step: int) -> None:
        counter.deliver(number)
        drip.schedule(args=(number, step + 1), delay=NEXT.total_seconds())
        counter.count()

    return app, drip


def prepare_huey(place: str, jobs: int, waiting: int) -> None:
    """huey's tables are made by opening them; one serialized task is the pattern of those that wait."""
    app, drip = _huey(place, Counter(0))
    now = time.time()
    serialize = getattr(app, "serialize_task", None) or app.serialize
    later = serialize(drip.s(1, 0))
    insert = "insert into schedule(queue, data, timestamp) values ('bench', ?, ?)"
    with closing(sqlite3.connect(place)) as connection, connection:
        connection.executemany(insert, ((later, now + NEXT.total_seconds() + number) for number in range(waiting)))
        connection.executemany(insert, ((serialize(drip.s(n, 0)), now - 1_000) for n in range(jobs)))
    app.storage.close()
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")


def run_huey(place: str, jobs: int) -> Timed:
    """huey: `SqliteHuey`, committing to disk, two worker threads."""
    counter = Counter(jobs)
    app, _ = _huey(place, counter)
    consumer = app.create_consumer(
        workers=2,
        periodic=False,
        initial_delay=0.01,
        backoff=1.15,
        max_delay=0.1,
        scheduler_interval=1,
        check_worker_health=False,
    )
    counter.start()
    consumer.start()
    timed = counter.wait()
    consumer.stop_flag.set()
    return timed


# --- APScheduler 3 -------------------------------------------------------------------------------------------------

_aps: Any = None
_aps_counter = Counter(0)


def aps_job(number: int, step: int) -> None:
    """APScheduler stores a job by its name, so that it has to be a module's function."""
    _aps_counter.deliver(number)
    _aps.add_job(aps_job, "date", run_date=datetime.now(UTC) + NEXT, args=(number, step + 1), misfire_grace_time=None)
    _aps_counter.count()


@contextmanager
def _apscheduler(place: str) -> Iterator[tuple[Any, Any]]:
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.background import BackgroundScheduler
    from sqlalchemy import create_engine

    on_server = place.startswith("postgresql:")
    engine = create_engine(place.replace("postgresql:", "postgresql+psycopg:") if on_server else f"sqlite:///{place}")
    scheduler = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(engine=engine)},
        executors={"default": ThreadPoolExecutor(10)},
        job_defaults={"max_instances": 10**9},
        timezone=UTC,
    )
    scheduler.start(paused=True)
    yield scheduler, engine
    scheduler.shutdown(wait=False)
    engine.dispose()


def prepare_apscheduler(place: str, jobs: int, waiting: int) -> None:
    """One job added by its API is the pattern; its copies go in in bulk."""
    from sqlalchemy import text

    later, due = datetime.now(UTC) + NEXT, datetime.now(UTC) - timedelta(seconds=5)
    insert = text("insert into apscheduler_jobs(id, next_run_time, job_state) values (:id, :at, :job)")
    with _apscheduler(place) as (scheduler, engine):
        scheduler.add_job(aps_job, "date", run_date=later, args=(1, 0), misfire_grace_time=None)
        with engine.begin() as connection:
            blob = connection.execute(text("select job_state from apscheduler_jobs")).scalar_one()
            pattern = pickle.loads(blob)

            def row(name: str, number: int, at: datetime) -> dict[str, Any]:
                state = {**pattern, "id": name, "args": (number, 0), "next_run_time": at}
                return {"id": name, "at": at.timestamp(), "job": pickle.dumps(state)}

            for chunk in _chunks(waiting):
                rows = [row(f"waiting-{n}", n, later + timedelta(seconds=n % 1_000)) for n in chunk]
                connection.execute(insert, rows)
            connection.execute(insert, [row(f"due-{number}", number, due) for number in range(jobs)])
        with engine.connect() as connection:
            connection.execute(text("analyze"))


def run_apscheduler(place: str, jobs: int) -> Timed:
    """APScheduler 3: SQLAlchemy job store, ten threads."""
    global _aps, _aps_counter
    _aps_counter = Counter(jobs)
    with _apscheduler(place) as (_aps, _):
        _aps_counter.start()
        _aps.resume()
        return _aps_counter.wait()


# --- django-post-office --------------------------------------------------------------------------------------------


def _django(place: str, backend: str = "django.core.mail.backends.dummy.EmailBackend") -> None:
    import django
    from django.conf import settings

    if place.startswith("postgresql:"):
        url = urlsplit(place)
        database: dict[str, Any] = {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path.lstrip("/"),
            "USER": url.username,
            "HOST": url.hostname,
            "PORT": url.port,
        }
    else:
        database = {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": place,
            "OPTIONS": {
                "init_command": "pragma journal_mode=wal; pragma synchronous=full",
                "transaction_mode": "IMMEDIATE",
            },
        }
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        EMAIL_BACKEND="post_office.EmailBackend",
        USE_TZ=True,
        POST_OFFICE={
            "BACKENDS": {"default": backend},
            "BATCH_SIZE": BATCH,
            "LOG_LEVEL": 0,
            "MESSAGE_ID_ENABLED": False,
        },
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    )
    django.setup()


def _queued(number: int, at: datetime) -> Any:
    from post_office.models import STATUS, Email

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


def prepare_post_office(place: str, jobs: int, waiting: int) -> None:
    """Its own models, in bulk; one mail that waits is the pattern of the others."""
    _django(place)
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone
    from post_office.models import Email

    call_command("migrate", verbosity=0)
    later, now = timezone.now() + NEXT, timezone.now()
    Email.objects.bulk_create([_queued(0, later)])
    columns = ", ".join(f'"{column.column}"' for column in Email._meta.concrete_fields if not column.primary_key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"with recursive n(i) as (select 2 union all select i + 1 from n where i < {waiting}) "
            f"insert into post_office_email({columns}) select {columns} from post_office_email cross join n"
        )
    Email.objects.bulk_create([_queued(number, now) for number in range(jobs)], batch_size=2_000)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
        if not place.startswith("postgresql:"):
            cursor.execute("pragma wal_checkpoint(truncate)")
    connection.close()


def run_post_office_composing(place: str, jobs: int) -> Timed:
    """The same with a mail that is put together, as Django's SMTP backend does and `nurture` does."""
    return run_post_office(place, jobs, "bench.peers.null_mail.EmailBackend")


def run_post_office(place: str, jobs: int, backend: str = "django.core.mail.backends.dummy.EmailBackend") -> Timed:
    """django-post-office: a mail queue; queueing the next step is written here, in bulk."""
    _django(place, backend)
    from django.utils import timezone
    from post_office import mail
    from post_office.models import Email

    counter = Counter(jobs)
    later = timezone.now() + NEXT
    done = 0
    counter.start()
    began = time.perf_counter()
    while done < jobs and time.perf_counter() - began < PATIENCE:
        sent, _, _ = mail.send_queued(1, log_level=0)
        if not sent:
            break
        following: list[Any] = []
        for number in range(done, done + sent):
            counter.deliver(number)
            following.append(_queued(number, later))
        Email.objects.bulk_create(following, batch_size=2_000)
        for _ in following:
            counter.count()
        done += sent
    return counter.timed()
