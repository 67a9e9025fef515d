"""Writes each mail into a maildir, once for each key. Imports the ports."""

from __future__ import annotations

import itertools
import os
import re
import threading
import time
from collections.abc import Collection
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nurture.ports import Accepted, Deferred, Envelope, Receipt, Rejected, Unknown

_OUR_KEY: Final = re.compile(r"eff_[0-9a-f]{26}")
_COARSE_NS: Final = 2_000_000_000
_serial = itertools.count()


class MaildirSender:
    """Writes mails into a maildir that any mail program opens; for tests, demos, and hosts that pick mail up.

    A mail appears whole or not at all: it is written below `tmp` and then linked into `new`. Its file name is
    made of the key, so a key that was written before is known again, also after a mail program has moved the
    file to `cur`; only deleting the file makes it forgotten.

    Args:
        path: The maildir; made with its three folders when it is not there.
        durable: Whether a mail has reached the disk before it counts as accepted. False is quicker
            and loses mail only when the machine stops, not when the process does.
    """

    def __init__(self, path: str | os.PathLike[str], *, durable: bool = True) -> None:
        self._path = Path(path)
        self._durable = durable
        self._lock = threading.Lock()
        self._moved: frozenset[str] = frozenset()
        self._moved_as_of = -1
        for folder in ("tmp", "new", "cur"):
            (self._path / folder).mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def dedup_window(self) -> timedelta:
        """For ever, as long as the file is there."""
        return timedelta.max

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        """Write each mail; `Deferred` when the disk refuses."""
        receipts = tuple([self._settle(envelope) for envelope in envelopes])
        if self._durable:
            return self._flushed(receipts)
        return receipts

    def close(self) -> None:
        """Nothing is held."""

    def _settle(self, envelope: Envelope) -> Receipt:
        if not envelope.data:
            return Rejected("no_mail")
        name = file_name(envelope.key)
        try:
            if (self._path / "new" / name).exists() or name in self._names_in_cur():
                return Accepted(name)
            self._write(name, envelope.data)
        except OSError as error:
            return Deferred(f"disk_{type(error).__name__}", str(error.errno))
        return Accepted(name)

    def _write(self, name: str, data: bytes) -> None:
        draft = self._path / "tmp" / f"{name}.{os.getpid()}.{threading.get_ident()}.{next(_serial)}"
        try:
            with open(draft, "xb") as file:
                file.write(data.replace(b"\r\n", b"\n"))  # a maildir holds lines as its machine does
                if self._durable:
                    file.flush()
                    os.fsync(file.fileno())
            _publish(draft, self._path / "new" / name)
        finally:
            draft.unlink(missing_ok=True)

    def _names_in_cur(self) -> frozenset[str]:
        """The names in `cur` without a mail program's flags; read again only when the folder changed."""
        cur = self._path / "cur"
        with self._lock:
            changed_at = cur.stat().st_mtime_ns
            if changed_at != self._moved_as_of:
                self._moved = frozenset(name.partition(":")[0] for name in os.listdir(cur))
                # File times are coarse: what changed just now may change again and look the same.
                self._moved_as_of = changed_at if time.time_ns() - changed_at > _COARSE_NS else -1
            return self._moved

    def _flushed(self, receipts: tuple[Receipt, ...]) -> tuple[Receipt, ...]:
        """The receipts, once the folder itself is on the disk; nobody knows what is there when that fails."""
        if os.name != "posix":
            return receipts
        try:
            folder = os.open(self._path / "new", os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            doubt = Unknown(f"disk_{type(error).__name__}")  # sending again settles it, as the key is known again
            return tuple([doubt if isinstance(receipt, Accepted) else receipt for receipt in receipts])
        return receipts


def file_name(key: str) -> str:
    """The name of the file that holds the mail with this key.

    Example:
        >>> file_name("eff_0123456789abcdef0123456789")
        'eff_0123456789abcdef0123456789'
        >>> len(file_name("../../etc/passwd"))
        34
    """
    if _OUR_KEY.fullmatch(key):
        return key
    return f"h_{blake2b(key.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"


def _publish(draft: Path, final: Path) -> None:
    """Let the mail appear; another process that wrote the same key first has won."""
    try:
        os.link(draft, final)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        os.replace(draft, final)


if TYPE_CHECKING:
    from nurture.ports import Sender

    _fits: type[Sender] = MaildirSender
