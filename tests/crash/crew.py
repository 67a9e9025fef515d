"""Worker and recorder processes for the tests that kill and freeze them: real ones, on one store.

They come from a fork server that has everything loaded, so that a killed worker is replaced in milliseconds.
What must outlive a process is noted in a file, line by line, each line in one write.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path

import attrs

from nurture import Basis, ContactPolicy, Lifecycle, Message, Nurture, Program, Scenario, Stage, Transition, days, q
from nurture.model import Repeat, SubjectId
from nurture.ports import Accepted, Receipt, Sender
from nurture.senders import MaildirSender, SmtpSender
from nurture.steps import act, change_stage, send
from nurture.storage import SqlStorage
from tests.stores import SITE

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.crash.warm"])

OFTEN = Repeat.AT_LEAST_ONCE
STEPS = 3
PROGRAM = Program(
    messages=[Message("hello", "marketing", "Hello", "Hello"), Message("tips", "transactional", "Tips", "Tips")],
    actions=["task"],
    lifecycle=Lifecycle([Stage("new"), Stage("mql")], [Transition("new", "mql")]),
    scenarios=[
        Scenario(
            "welcome", q.touches("form.submitted"), [send("hello"), send("tips", repeat=OFTEN), change_stage("mql")]
        ),
        Scenario("visit", q.touches("page.viewed"), [act("task")]),
    ],
    policy=ContactPolicy(max_attempts=1_000, max_lateness=days(3_000)),
)
LEASE = timedelta(seconds=5)
PATIENCE_SECONDS = 90.0
"""After so long what has not come to an end counts as stuck, in the quick sizes; no test waits for it otherwise."""


@attrs.frozen
class Place:
    """Where a crew works: all that a process must be told.

    Attributes:
        url: The store.
        folder: Where notes are kept, and the maildir.
        port: The mail server's; None sends into the maildir, which knows a key again.
        lease: How long a claim holds.
    """

    url: str
    folder: Path
    port: int | None = None
    lease: timedelta = LEASE

    def storage(self) -> SqlStorage:
        return SqlStorage(self.url)

    def sender(self) -> Sender:
        if self.port is None:
            return MaildirSender(self.folder / "maildir")
        return SmtpSender("127.0.0.1", self.port, tls="none", local_hostname=f"worker-{os.getpid()}")

    def act(self, key: str, _subject: SubjectId, _params: Mapping[str, object], /) -> Receipt:
        """The host's own action: it goes into the ledger, as mail does."""
        note(self.folder / "ledger", key, "", str(os.getpid()))
        return Accepted()

    def am_ready(self) -> None:
        """Say that this process has begun its work."""
        (self.folder / f"ready-{os.getpid()}").touch()

    def open(self, program: Program = PROGRAM, *, sender: Sender | None = None) -> Nurture:
        """A runtime of this process's own."""
        crm = Nurture(
            program,
            self.storage(),
            senders={"email": sender or self.sender()},
            actions={"task": self.act},
            site=SITE,
        )
        crm._host.lease = self.lease
        return crm


def note(path: Path, *words: str) -> None:
    """Append a line that is whole, or not there, whoever writes and dies besides."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, ("\t".join(words) + "\n").encode())
        os.fsync(file)
    finally:
        os.close(file)


def notes(path: Path) -> list[list[str]]:
    """The lines so far."""
    return [line.split("\t") for line in path.read_text().splitlines()] if path.exists() else []


def work(place: Place) -> None:
    """A worker; it ends only by being killed."""
    logging.getLogger("nurture").addHandler(logging.FileHandler(place.folder / "log"))
    crm = place.open()
    crm.decide(1)
    place.am_ready()
    crm.run(poll=timedelta(milliseconds=20))


def record(place: Place, name: str, pause: float) -> None:
    """A recorder; what was acknowledged is noted after each call returned."""
    crm = place.open()
    acknowledged, number = place.folder / "acknowledged", 0
    place.am_ready()
    while True:
        number += 1
        lead = crm.capture(email=f"{name}-{number}@example.jp", consent=Basis.CONSENT).id
        note(acknowledged, lead)
        for kind in ("form.submitted", "page.viewed"):
            note(acknowledged, lead, crm.record(lead, kind, key=f"{name}-{number}"))
        time.sleep(pause)


@attrs.define
class Crew:
    """Processes that are started again whenever they die.

    Attributes:
        jobs: What to run, by the name of the job; each is told its name, made new for every process.
        dead: The processes that died, as long as the crew was watched.
        frozen: Those that are stopped right now, each with what wakes it.
        ever_frozen: All that were stopped at some time.
    """

    jobs: Mapping[str, Callable[[str], BaseProcess]]
    running: dict[str, BaseProcess] = attrs.field(factory=dict)
    started: int = 0
    dead: list[int] = attrs.field(factory=list)
    frozen: dict[int, threading.Timer] = attrs.field(factory=dict)
    ever_frozen: list[int] = attrs.field(factory=list)

    def fill(self, names: Collection[str]) -> None:
        """Have exactly these jobs done by a living process."""
        for name, process in list(self.running.items()):
            if not process.is_alive():
                self._bury(name)
        for name in names:
            if name not in self.running:
                self.started += 1
                process = self.jobs[name](f"{name}-{self.started}")
                process.start()
                self.running[name] = process

    def is_ready(self, name: str, place: Place) -> bool:
        """Whether the process that does this job lives, has begun and is not frozen."""
        process = self.running.get(name)
        if process is None or process.pid in self.frozen or not process.is_alive():
            return False
        return (place.folder / f"ready-{process.pid}").exists()

    def kill(self, name: str) -> None:
        """SIGKILL: nothing of it runs on."""
        process = self.running[name]
        process.kill()
        process.join(60)
        self._bury(name)

    def freeze(self, name: str, seconds: float) -> None:
        """SIGSTOP, and SIGCONT so long after: it knows nothing of the time that passes.

        Whoever wakes it waits for nobody, as the frozen one may hold the database's lock.
        """
        process = self.running[name].pid
        if process is not None and process not in self.frozen and self.running[name].is_alive():
            os.kill(process, signal.SIGSTOP)
            self.ever_frozen.append(process)
            self.frozen[process] = threading.Timer(seconds, self._thaw, [process])
            self.frozen[process].start()

    def _thaw(self, process: int) -> None:
        os.kill(process, signal.SIGCONT)
        del self.frozen[process]

    def wait(self, seconds: float) -> None:
        """Sleep, or until one of them died."""
        wait([one.sentinel for one in self.running.values()], timeout=seconds)

    def stop(self) -> None:
        """Nobody works any more."""
        for timer in list(self.frozen.values()):
            timer.cancel()
            timer.join()
        for name in list(self.running):
            self.running[name].kill()
            self.running[name].join(60)
            self.running.pop(name).close()

    def _bury(self, name: str) -> None:
        process = self.running.pop(name)
        process.join(60)
        assert process.pid is not None
        assert process.exitcode == -signal.SIGKILL, f"{name} ended by itself: {process.exitcode}"
        self.dead.append(process.pid)
        process.close()


@contextmanager
def crew(jobs: Mapping[str, Callable[[str], BaseProcess]]) -> Iterator[Crew]:
    """A crew that is gone at the end, whatever happens."""
    made = Crew(jobs)
    try:
        yield made
    finally:
        made.stop()


def until(what: str, done: Callable[[], bool], beat: Callable[[], None], place: Place, patience: float) -> None:
    """Let time pass in beats until something is so.

    Raises:
        AssertionError: It did not become so; what the workers logged last is told.
    """
    end = time.monotonic() + patience
    while not done():
        if time.monotonic() > end:
            log = place.folder / "log"
            said = log.read_text().splitlines()[-20:] if log.exists() else []
            raise AssertionError("\n".join([f"stuck: {what}", *said]))
        beat()
