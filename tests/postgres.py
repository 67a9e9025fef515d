"""A throw-away PostgreSQL for tests: one server for each process that runs tests, started when first asked for.

The server's programs come from the system (Debian's `postgresql`). PostgreSQL refuses to run as root; so when the tests
do, the server runs as `postgres` or `nobody`. It keeps nothing: its folder vanishes with it, and it does not wait
for the disk. `NURTURE_PG_BINDIR` names the folder of other programs than the newest ones that are found.
"""

from __future__ import annotations

import atexit
import ctypes
import itertools
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_PREFIXES = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt")
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "deadlock_timeout": "200ms",
}
_SHORT = 107  # bytes that the path of a socket may have
_numbers = itertools.count(1)

try:  # looked up before the fork: afterwards the child may not read Python's own files
    _prctl = ctypes.CDLL(None).prctl
except (AttributeError, OSError):
    _prctl = None


class Server:
    """A running server.

    Args:
        programs: The folder of `initdb` and `postgres`.
        settings: Besides, or instead of, those that make it quick.
    """

    def __init__(self, programs: Path, **settings: str) -> None:
        self._programs = programs
        self._owner = _owner()
        self.folder = Path(tempfile.mkdtemp(prefix="nurture-pg-"))
        assert len(str(self.folder)) < _SHORT - 30
        self._settings = {**_SETTINGS, **settings, "unix_socket_directories": str(self.folder)}
        self._process: subprocess.Popen[bytes] | None = None
        try:
            if self._owner is not None:
                os.chown(self.folder, self._owner.pw_uid, self._owner.pw_gid)
            self._run("initdb", "-D", "data", "-U", "nurture", "-A", "trust", "-E", "UTF8", "--no-sync")
            self.port = _free_port()
            self.start()
        except BaseException:
            self.remove()
            raise

    def url(self, database: str = "postgres", driver: str = "psycopg") -> str:
        """Where SQLAlchemy finds a database of it."""
        return f"postgresql+{driver}://nurture@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = {**self._settings, "port": str(self.port)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", "data", *options],
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent,
                **self._how(),
            )
        deadline = time.monotonic() + 60
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT cuts all connections, SIGQUIT does so without tidying up."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def remove(self) -> None:
        """Stop it and delete everything."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement on a connection of its own; the rows, if it has any."""
        import psycopg

        with psycopg.connect(self.url(database).replace("+psycopg", ""), autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def _answers(self) -> bool:
        pid = self.folder / "data" / "postmaster.pid"
        return pid.exists() and pid.read_text().rstrip().endswith("ready")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run([self._programs / program, *arguments], capture_output=True, text=True, **self._how())
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")

    def _how(self) -> dict[str, Any]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        how: dict[str, Any] = {
            "cwd": self.folder,
            "env": {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(self.folder)},
            "stdin": subprocess.DEVNULL,
        }
        if self._owner is not None:
            how.update(user=self._owner.pw_uid, group=self._owner.pw_gid, extra_groups=[])
        return how


def server() -> Server:
    """This process's server; the test is skipped when there can be none."""
    found = _server()
    if isinstance(found, str):
        pytest.skip(found)
    return found


@contextmanager
def own_server(**settings: str) -> Iterator[Server]:
    """A server that the test may stop, start and fill up."""
    programs = _programs()
    if programs is None:
        pytest.skip(_MISSING)
    made = Server(programs, **settings)
    try:
        yield made
    finally:
        made.remove()


def fresh_url(driver: str = "psycopg") -> str:
    """A database of its own, with the tables already made."""
    return _database(_template(), driver)


def clean_url(driver: str = "psycopg") -> str:
    """A database with the tables and nothing in them, which this process's tests use one after the other."""
    try:
        empty(_shared())
    except Exception:  # an earlier test has left something open
        _shared.cache_clear()
    return server().url(_shared(), driver)


@cache
def _emptying(database: str) -> str:
    found = server().sql("SELECT tablename FROM pg_tables WHERE tablename LIKE 'nurture%'", database)
    kept = ("nurture_meta", "nurture_version")
    return "; ".join([f"DELETE FROM {name}" for (name,) in found if name not in kept])


@cache
def _shared() -> str:
    return fresh_url().rpartition("/")[2]


def partitioned_url() -> str:
    """A database whose touchpoints lie in four parts, made as `schema` tells a host to."""
    from sqlalchemy.dialects.postgresql import dialect

    from nurture.storage.sql import schema

    url = fresh_url()
    database = url.rpartition("/")[2]
    columns = ", ".join([f"{one.name} {one.type.compile(dialect=dialect())} NOT NULL" for one in schema.touchpoint.c])
    for statement in (
        "DROP TABLE nurture_touchpoint",
        f"CREATE TABLE nurture_touchpoint ({columns},"
        " CONSTRAINT nurture_touchpoint_pk PRIMARY KEY (tenant, id, subject)) PARTITION BY HASH (subject)",
        *[
            f"CREATE TABLE nurture_touchpoint_{part} PARTITION OF nurture_touchpoint"
            f" FOR VALUES WITH (MODULUS 4, REMAINDER {part})"
            for part in range(4)
        ],
        "CREATE INDEX nurture_touchpoint_by_subject ON nurture_touchpoint (tenant, subject, kind, at, id)",
    ):
        server().sql(statement, database)
    return url


def empty(url: str) -> None:
    """Delete everything in a database but its tables."""
    database = url.rpartition("/")[2]
    server().sql(f"SET lock_timeout = '1s'; {_emptying(database)}", database)


def empty_url(driver: str = "psycopg") -> str:
    """A database of its own, with nothing in it."""
    return _database("template0", driver)


def _database(template: str, driver: str) -> str:
    one = server()
    name = f"db_{next(_numbers)}"
    one.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    return one.url(name, driver)


_MISSING = "PostgreSQL's programs are not installed (apt-get install postgresql, or set NURTURE_PG_BINDIR)"


@cache
def _server() -> Server | str:
    try:
        import psycopg  # noqa: F401 -- only whether it is there
    except ImportError:
        return "psycopg is not installed (pip install 'nurture-crm[postgres]')"
    programs = _programs()
    if programs is None:
        return _MISSING
    made = Server(programs)
    atexit.register(made.remove)
    return made


@cache
def _template() -> str:
    from nurture.storage import SqlStorage

    one = server()
    one.sql("CREATE DATABASE made TEMPLATE template0")
    storage = SqlStorage(one.url("made"))
    storage.upgrade()
    storage.close()
    return "made"


def _programs() -> Path | None:
    named = os.environ.get("NURTURE_PG_BINDIR")
    found = [Path(named)] if named else sorted(_installed(), key=_version, reverse=True)
    return next((one for one in found if _runs(one)), None)


def _installed() -> Iterator[Path]:
    for prefix in _PREFIXES:
        yield from Path(prefix).glob("*/bin")
    program = shutil.which("initdb")
    if program:
        yield Path(program).resolve().parent


def _runs(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))


def _version(folder: Path) -> int:
    number = re.search(r"(\d+)", folder.parent.name)
    return int(number[1]) if number else 0


def _owner() -> pwd.struct_passwd | None:
    """As whom the server runs when we are root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("root cannot run PostgreSQL, and there is neither a user 'postgres' nor 'nobody'")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _die_with_parent() -> None:
    """On Linux: stop the server when the tests are killed. Runs in the child, after it gave up being root."""
    if _prctl is not None:
        _prctl(1, signal.SIGQUIT)
