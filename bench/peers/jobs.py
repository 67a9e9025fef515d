"""What a job tool must do to take part, and how it is run: each in a process of its own.

A tool's database is prepared once, with so many jobs due and so many waiting, and copied for every run; its own worker
(one process) then runs until the due ones are done. A job renders the mail, hands it to nobody, and queues the
lead's next step with the tool's own API. None of them keeps facts, decisions or effects: the ratio
says what a host would get instead, not that the work is the same. May import the standard library, attrs, the harness
and the workload.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from attrs import frozen

from bench.harness import Reading, UnavailableError
from bench.workload import ACCOUNT_VALUES, lead_values, renderer

NEXT = timedelta(days=3)
PATIENCE = 90.0  # seconds that a worker gets for its due jobs
BATCH = 100

Timed = tuple[int, float]


class Counter:
    """Counts deliveries, and notes when the last expected one was done."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._done = 0
        self._lock = threading.Lock()
        self._all_done = threading.Event()
        self._render = renderer()
        self._began = self._ended = time.perf_counter()

    def start(self) -> None:
        """The worker starts now."""
        self._began = time.perf_counter()

    def deliver(self, number: int) -> None:
        """Render the lead's mail and hand it to nobody."""
        self._render(lead_values(number), ACCOUNT_VALUES)

    def count(self) -> bool:
        """One job is done, its next step queued; whether it was the last."""
        with self._lock:
            self._done += 1
            self._ended = time.perf_counter()
            if self._done >= self._expected:
                self._all_done.set()
                return True
            return False

    def wait(self) -> Timed:
        """Wait until all are done, or patience ends; how many are, and the seconds until the last one was."""
        self._all_done.wait(PATIENCE)
        return self.timed()

    def timed(self) -> Timed:
        """How many are done, and the seconds until the last one was."""
        return self._done, self._ended - self._began


@frozen
class JobTool:
    """One tool on one database.

    Args:
        name: What the child process knows it by.
        side: What the reader knows it by.
        distribution: The name it is installed by.
        modules: What it is imported by: tells quickly whether it is there.
        jobs: Due jobs of one full-size run: a few seconds of its work.
        prepare: Makes its database at a place: so many jobs due, so many waiting.
        run: Runs its worker on such a database, until so many jobs are done.
        advantage: `nurture` should be this many times as fast with 100,000 waiting; 0 for a tool that is only shown.
    """

    name: str
    side: str
    distribution: str
    modules: tuple[str, ...]
    jobs: int
    prepare: Callable[[str, int, int], None]
    run: Callable[[str, int], Timed]
    advantage: float

    def is_installed(self) -> None:
        """Raises ModuleNotFoundError when it is not."""
        for module in self.modules:
            if importlib.util.find_spec(module) is None:
                raise ModuleNotFoundError(name=module)


def prepare_in_child(tool: JobTool, place: str, *, jobs: int, waiting: int) -> None:
    """Make a tool's database."""
    _child(tool.name, "prepare", place, str(jobs), str(waiting))


def run_in_child(tool: JobTool, place: str, *, jobs: int) -> Reading:
    """Run a tool's worker: Django and the schedulers keep global state."""
    found = json.loads(_child(tool.name, "run", place, str(jobs)))
    if found["done"] < jobs:
        raise UnavailableError(f"failed: {found['done']} of {jobs} jobs done in {PATIENCE:.0f} s")
    return Reading(found["done"], found["seconds"])


def _child(*arguments: str) -> str:
    command = [sys.executable, "-m", "bench.peers.queues", *arguments]
    try:
        child = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired as error:
        raise UnavailableError("failed: took more than 300 s") from error
    lines = [line for line in child.stdout.splitlines() if line.startswith("{")]
    if not lines:
        last = child.stderr.strip().splitlines()[-1:] or ["no output"]
        raise UnavailableError(f"failed: {last[0][:160]}")
    return lines[-1]
