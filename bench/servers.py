"""A throw-away PostgreSQL server with durable settings, from the programs that are installed.

`fsync`, `synchronous_commit` and `full_page_writes` stay on, as they are by default: what is timed is what a host
would have. The server listens on the loopback only, keeps its data in the run's scratch folder, and goes with the
process. As root it runs as another user, because PostgreSQL refuses root. May import the standard library,
the harness and psycopg.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.harness import UnavailableError

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "1GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "max_connections": "100",
}
PATIENCE = 60.0  # seconds to start or to stop
_FOLDERS = ("/usr/lib/postgresql", "/usr/local/opt/postgresql", "/opt/homebrew/opt/postgresql", "/usr/pgsql")
_NAME = re.compile(r"\W+")


class Server:
    """A running server, on which databases are made and copied.

    Args:
        port: Where it listens.
        version: As it says itself.
    """

    name = "postgresql"

    def __init__(self, port: int) -> None:
        self._port = port
        self._copies = 0
        self.version = self._ask("show server_version")

    def _url(self, database: str) -> str:
        return f"postgresql://bench@127.0.0.1:{self._port}/{database}"

    def _ask(self, sql: str) -> str:
        import psycopg

        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            done = connection.execute(sql.encode())
            return str((done.fetchone() or ("",))[0]) if done.description else ""

    def place(self, name: str) -> str:
        """A new, empty database."""
        database = _NAME.sub("_", name).lower()
        self._ask(f"create database {database}")
        return self._url(database)

    @contextmanager
    def copy(self, place: str) -> Iterator[str]:
        """A copy of a database that nobody has open, gone afterwards."""
        template = place.rpartition("/")[2]
        self._copies += 1
        database = f"copy_{self._copies}"
        # Copying the files costs two checkpoints, and none of them is left for what is timed.
        strategy = "strategy file_copy" if int(self.version.partition(".")[0]) >= 15 else ""
        self._ask(f"create database {database} template {template} {strategy}")
        try:
            yield self._url(database)
        finally:
            self._ask(f"drop database {database} with (force)")


@contextmanager
def postgres(scratch: Path) -> Iterator[Server]:
    """Start a server in the folder, and stop it.

    Raises:
        UnavailableError: PostgreSQL's programs or psycopg are not there, or the server does not start.
    """
    try:
        import psycopg  # noqa: F401
    except ModuleNotFoundError as error:
        raise UnavailableError(f"not installed ({error.name})") from error
    programs = _programs()
    root = scratch.resolve() / "postgresql"
    root.mkdir()
    user = _other_user(root)
    data = root / "data"
    _call([str(programs / "initdb"), "-D", str(data), "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C"], user)
    port = _free_port()
    options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    command = [str(programs / "postgres"), "-D", str(data), "-p", str(port), *options]
    with (root / "log").open("wb") as log:
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=root, preexec_fn=_with_parent(), **user
        )
    try:
        _wait(server, port, root / "log")
        yield Server(port)
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        shutil.rmtree(root, ignore_errors=True)


def _programs() -> Path:
    """The newest PostgreSQL's programs, or those that `NURTURE_PG_BINDIR` names."""
    named = os.environ.get("NURTURE_PG_BINDIR")
    found = [Path(named)] if named else []
    for folder in map(Path, _FOLDERS):
        found += sorted(folder.glob("*/bin"), key=lambda path: _number(path.parent.name), reverse=True)
        found.append(folder / "bin")
    initdb = shutil.which("initdb")
    if initdb:
        found.append(Path(initdb).resolve().parent)
    for path in found:
        if all(os.access(path / program, os.X_OK) for program in ("initdb", "postgres")):
            return path
    raise UnavailableError("not installed (PostgreSQL's programs: initdb, postgres)")


def _number(name: str) -> float:
    return float(name) if name.replace(".", "", 1).isdigit() else 0.0


def _other_user(root: Path) -> dict[str, Any]:
    """As whom to run: ourselves, but never root; the folder and the way to it are opened for them."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    keywords: dict[str, Any] = {"env": {**environment, "LC_ALL": "C", "TZ": "UTC", "HOME": str(root)}}
    if os.geteuid() != 0:
        return keywords
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(root, user.pw_uid, user.pw_gid)
        root.parent.chmod(0o711)
        return {**keywords, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise UnavailableError("PostgreSQL refuses root, and there is neither a user 'postgres' nor 'nobody'")


def _with_parent() -> Callable[[], None] | None:
    """On Linux the server is asked to stop when this process dies; looked up before the fork."""
    try:
        prctl = ctypes.CDLL(None).prctl
    except (AttributeError, OSError):
        return None
    return lambda: prctl(1, int(signal.SIGINT))


def _call(command: list[str], user: dict[str, Any]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **user)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no output"]
        raise UnavailableError(f"PostgreSQL's {Path(command[0]).name} failed: {last[0][:160]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + PATIENCE
    while True:
        if server.poll() is not None or time.monotonic() > deadline:
            last = log.read_text(errors="replace").strip().splitlines()[-1:] or ["no output"]
            raise UnavailableError(f"PostgreSQL does not start: {last[0][:160]}")
        try:
            psycopg.connect(f"postgresql://bench@127.0.0.1:{port}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
