"""`MaildirSender` keeps the promises of a sender, on a real folder."""

import mailbox
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from nurture.ports import Sender
from nurture.senders import MaildirSender
from nurture.testing.sender_contract import Fault, SenderContract


class _Disturbed(MaildirSender):
    """A maildir whose `tmp` is missing at the first mail, as on a disk that went away and came back."""

    def send(self, envelopes, /):
        first, *others = envelopes
        tmp = self._path / "tmp"
        shutil.rmtree(tmp)
        receipts = super().send([first])
        tmp.mkdir()
        return receipts + (super().send(others) if others else ())


class MaildirWorld:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._made = MaildirSender

    def sender(self) -> Sender:
        made, self._made = self._made, MaildirSender
        return made(self._path)

    def received(self) -> Sequence[str]:
        if not self._path.exists():
            return []
        mails = mailbox.Maildir(self._path, create=False)
        in_order = sorted((self._path / "new").iterdir(), key=lambda file: (file.stat().st_mtime_ns, file.name))
        return [str(mails[file.name]["Message-ID"]).strip("<").partition("@")[0] for file in in_order]

    def arrange(self, fault: Fault) -> bool:
        self._made = _Disturbed
        return fault in (Fault.DEFER, Fault.BREAK_BEFORE)


class TestMaildirSender(SenderContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> MaildirWorld:
        return MaildirWorld(tmp_path / "mail")
