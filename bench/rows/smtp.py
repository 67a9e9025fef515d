"""Row `smtp`: mails over one connection to a server on this machine, against a bare loop of `smtplib`.

The server is aiosmtpd in a process of its own, which counts what it took. Both sides send the same bytes, each mail
in a transaction of its own. The clock on the wall counts.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from bench import letters
from bench.harness import (
    SUBJECT,
    NotTheSameWorkError,
    Reading,
    Report,
    Scale,
    Side,
    compare,
    had,
    race,
    table,
    versions,
)
from bench.limits import mail as by_hand
from bench.workload import NOW
from nurture.mail import Rendered, message_id
from nurture.mail.compose import compose
from nurture.model import Purpose
from nurture.ports import Accepted, Envelope
from nurture.senders import SmtpSender

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Session
    from aiosmtpd.smtp import Envelope as Taken

ROW = "smtp"
LIMIT = "smtplib, one connection"
UNIT = "mails/s"
BODY = "これは見本です。\n" * 40


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report."""
    del scratch
    envelopes = [_envelope(number) for number in range(scale.pick(20, 1_000))]
    with _server() as (port, taken):
        sides = [
            Side(LIMIT, partial(_bare, port, envelopes, taken)),
            Side(SUBJECT, partial(_ours, port, envelopes, taken)),
        ]
        done = race(sides, scale.pick(3, 9))
    yield Report(
        title=f"{ROW}: {len(envelopes):,} mails to a server on the loopback",
        documents=(
            compare(ROW, done, LIMIT, measure="rate", unit=UNIT, used=versions("aiosmtpd"), goal=scale.goal(">=", 0.8)),
        ),
        lines=table(done, sides, LIMIT, UNIT),
        notes=(had(done, SUBJECT, LIMIT),),
    )


def _envelope(number: int) -> Envelope:
    return compose(
        Rendered("次のご案内です", BODY),
        key=f"eff_{number}",
        message_id=message_id(f"eff_{number}", letters.SITE),
        recipient=f"lead{number}@example.com",
        purpose=Purpose.TRANSACTIONAL,
        identity=letters.IDENTITY,
        now=NOW,
    )


def _bare(port: int, envelopes: Sequence[Envelope], taken: Callable[[], int]) -> Callable[[], Reading]:
    mails = [(one.sender, one.recipient, one.data) for one in envelopes]
    return partial(_timed, lambda: by_hand.sent(port, mails), len(mails), taken)


def _ours(port: int, envelopes: Sequence[Envelope], taken: Callable[[], int]) -> Callable[[], Reading]:
    def run() -> int:
        sender = SmtpSender(
            "127.0.0.1", port, tls="none", timeout=timedelta(seconds=30), per_connection=len(envelopes) + 1
        )
        try:
            return sum(isinstance(one, Accepted) for one in sender.send(envelopes))
        finally:
            sender.close()

    return partial(_timed, run, len(envelopes), taken)


def _timed(work: Callable[[], int], expected: int, taken: Callable[[], int]) -> Reading:
    before = taken()
    cpu, start = time.process_time(), time.perf_counter()
    found = work()
    seconds, used = time.perf_counter() - start, time.process_time() - cpu
    if found != expected or taken() - before != expected:
        raise NotTheSameWorkError(f"the server took {found} of {expected} mails")
    return Reading(expected, seconds, used)


class _Counter:
    """Takes every mail and counts it."""

    def __init__(self) -> None:
        self.taken = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Taken) -> str:
        """Take one mail."""
        self.taken += 1
        return "250 OK"


@contextmanager
def _server() -> Iterator[tuple[int, Callable[[], int]]]:
    """A server in a process of its own: its port, and how many mails it took so far."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        port = ours.recv()

        def taken() -> int:
            ours.send("how many")
            return int(ours.recv())

        yield port, taken
    finally:
        ours.send("end")
        process.join(10)
        process.kill()


def _serve(pipe: Connection) -> None:
    import socket

    from aiosmtpd.controller import Controller

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    counter = _Counter()
    controller = Controller(counter, hostname="127.0.0.1", port=port)
    controller.start()
    pipe.send(port)
    while pipe.recv() == "how many":
        pipe.send(counter.taken)
    controller.stop()
