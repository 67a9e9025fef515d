"""Runs the simulator on a planted bug: in a process of its own, forked from one that has the foreign libraries loaded.

Nothing of ours is loaded before the fork, so each process takes `nurture` from the folder that it is told. Loading the
libraries took longer than finding the bug.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NoReturn

HERE = Path(__file__).resolve().parent
WORLDS = 30
"""So many seeds are tried, from the known one on."""
PATIENCE_SECONDS = 300
LIBRARIES = (
    *("asyncio", "attrs", "cattrs", "email.message", "email.policy", "greenlet", "hashlib", "http.server", "jinja2"),
    *("jinja2.sandbox", "logging", "orjson", "pytest", "smtplib", "sqlalchemy", "sqlite3", "ssl", "zoneinfo"),
    "sqlalchemy.dialects.sqlite",
)


class Hunters:
    """Where the processes come from; as a context manager."""

    def __enter__(self) -> Hunters:
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent.parent)}
        environment.pop("PYTHONPYCACHEPREFIX", None)  # else it would not look beside the copies
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.hunters"],
            cwd=HERE.parent.parent,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.communicate()

    def hunt(self, source: Path, seed: int, worlds: int = WORLDS) -> subprocess.CompletedProcess[str]:
        """Run the simulator on this source until the audit fails; its exit status is `CAUGHT` then."""
        asked = ["--seed", str(seed), "--count", str(worlds), "--store", "memory", "--days", "2.5"]
        job = {"source": str(source), "arguments": [*asked, "--source", str(source)]}
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(job) + "\n")
        self._server.stdin.flush()
        status = int(self._server.stdout.readline())
        told = [(source / name).read_text(encoding="utf-8") for name in ("stdout", "stderr")]
        return subprocess.CompletedProcess(job["arguments"], status, *told)


def main() -> None:
    """Fork a process for each line that comes in, and answer with its exit status."""
    for name in LIBRARIES:
        with suppress(ImportError):
            importlib.import_module(name)
    assert "nurture" not in sys.modules
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _hunt(**json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _hunt(source: str, arguments: list[str]) -> NoReturn:
    signal.alarm(PATIENCE_SECONDS)
    os.chdir(source)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    sys.path.insert(0, source)
    sys.argv[1:] = arguments
    status: object = 1
    try:
        from tests.faults.__main__ import main as simulate

        status = simulate()
    except SystemExit as error:
        status = error.code
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 1)


if __name__ == "__main__":
    main()
