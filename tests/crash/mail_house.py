"""The far side of the real-process tests: an SMTP server in a process of its own that keeps a ledger.

It outlives every worker. Each mail that it took is in the ledger before the answer goes out, with the key, the
Message-ID and the process that sent it (workers say `worker-<pid>` in EHLO). Now and then it kills the sender
between the two: the moment in which nobody can know whether the mail went.
"""

from __future__ import annotations

import asyncio
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

import attrs
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.crash.crew import FORKS, note, notes

GREETING = "worker-"


@attrs.frozen
class Copy:
    """One mail, or one call of an action, that the world took over; its key, its Message-ID, who sent it."""

    key: str
    message_id: str
    process: int


class _Post:
    """Takes every mail."""

    def __init__(self, folder: Path, seed: int, trap: float) -> None:
        self._ledger, self._killed = folder / "ledger", folder / "killed"
        self._dice, self._trap = Random(seed), trap

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        lines = (envelope.original_content or b"").decode("ascii").split("\r\n")
        message_id = next(one.partition(": ")[2] for one in lines if one.startswith("Message-ID: "))
        process = int((session.host_name or "").removeprefix(GREETING))
        note(self._ledger, message_id.partition("@")[0].removeprefix("<"), message_id, str(process))
        if self._dice.random() < self._trap:
            note(self._killed, str(process))
            os.kill(process, signal.SIGKILL)
        return "250 2.0.0 taken"


def _serve(folder: str, seed: int, trap: float, told: Connection) -> None:
    async def live() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda *_: None)  # clients die here: that is the point
        post = _Post(Path(folder), seed, trap)
        server = await loop.create_server(lambda: SMTP(post, hostname="mail.example.jp", loop=loop), "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        async with server:
            await server.serve_forever()

    asyncio.run(live())


class MailHouse:
    """The server's process.

    Args:
        folder: Where the ledger is kept.
        seed: Decides whom it kills.
        trap: The share of mails whose sender dies before it hears the answer.
    """

    def __init__(self, folder: Path, *, seed: int = 0, trap: float = 0.0) -> None:
        ours, theirs = FORKS.Pipe(duplex=False)
        self._process = FORKS.Process(target=_serve, args=(str(folder), seed, trap, theirs), daemon=True)
        self._process.start()
        assert ours.poll(60), "the mail server did not start"
        self.port: int = ours.recv()
        ours.close()
        theirs.close()

    def close(self) -> None:
        """No more mail is taken."""
        self._process.kill()
        self._process.join(60)
        self._process.close()


def copies(folder: Path) -> list[Copy]:
    """Everything that the world took over, in order."""
    return [Copy(key, message_id, int(process)) for key, message_id, process in notes(folder / "ledger")]


def killed(folder: Path) -> list[int]:
    """The processes that the mail server killed."""
    return [int(process) for (process,) in notes(folder / "killed")]
