"""A throw-away Postfix on loopback: Debian's programs, with folders of its own, until `stop`.

It takes mail for two domains and lays it into maildirs, so that a test reads what came through a real mail server.
Postfix is started by root and by nobody else.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

BOXES = {
    "taro@example.com": "taro/",
    "花子@example.com": "hanako/",
    "da..me.@docomo.ne.jp": "dame/",
}
"""Who is known, and in which maildir their mail is."""

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = /dev/stdout
myhostname = mail.example.jp
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
alias_maps =
notify_classes =
smtputf8_enable = yes
smtpd_relay_restrictions = reject_unauth_destination
message_size_limit = 1000000
virtual_mailbox_domains = example.com, docomo.ne.jp
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/boxes
virtual_uid_maps = static:{owner}
virtual_gid_maps = static:{group}
virtual_transport = virtual
"""

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

_PATIENCE = 60.0

try:  # looked up before the fork
    _prctl = ctypes.CDLL(None).prctl
except (AttributeError, OSError):
    _prctl = None


class Postfix:
    """A running server; raises when it does not come up."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="nurture-postfix-"))
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self.port = _free_port()
            self._furnish()
            self._start()
        except BaseException:
            self.stop()
            raise

    def mail(self, box: str) -> bytes:
        """The next mail in a maildir, as it was laid there; waits for it, and takes it out."""
        new = self._folder / "mail" / box / "new"
        deadline = time.monotonic() + _PATIENCE
        while not (found := sorted(new.glob("*"))):
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)
        data = found[0].read_bytes()
        found[0].unlink()
        return data

    def log(self) -> str:
        """What Postfix wrote of itself."""
        return (self._folder / "log").read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """Stop it, and delete everything."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(_PATIENCE)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _furnish(self) -> None:
        postman, reader = pwd.getpwnam("postfix"), pwd.getpwnam("nobody")
        self._folder.chmod(0o755)
        for name in ("etc", "queue", "data", "mail"):
            (self._folder / name).mkdir(mode=0o755)
        os.chown(self._folder / "data", postman.pw_uid, postman.pw_gid)
        os.chown(self._folder / "mail", reader.pw_uid, reader.pw_gid)
        values = {"folder": self._folder, "port": self.port, "owner": reader.pw_uid, "group": reader.pw_gid}
        (self._folder / "etc" / "main.cf").write_text(_MAIN.format(**values))
        (self._folder / "etc" / "master.cf").write_text(_MASTER.format(**values))
        (self._folder / "boxes").write_text("".join(f"{name} {box}\n" for name, box in BOXES.items()), encoding="utf-8")

    def _start(self) -> None:
        with open(self._folder / "log", "wb") as log:
            self._process = subprocess.Popen(
                [_program() or "postfix", "-c", str(self._folder / "etc"), "start-fg"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # it ends its whole group when it is told to stop
                preexec_fn=_die_with_parent,
            )
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self.log())
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as one:
                return one.recv(3) == b"220"
        except OSError:
            return False


def why_not() -> str:
    """Why there can be no Postfix here; empty when there can."""
    if _program() is None:
        return "Postfix is not installed (apt-get install postfix)"
    return "" if os.geteuid() == 0 else "only root can start Postfix"


def server() -> Postfix:
    """A server; the test is skipped when there can be none, but not where CI has to have one."""
    problem = why_not()
    if problem and "CI" in os.environ and os.geteuid() == 0:
        raise RuntimeError(problem)
    if problem:
        pytest.skip(problem)
    return Postfix()


def _program() -> str | None:
    """Where it is; not everybody's path leads there."""
    return shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port


def _die_with_parent() -> None:
    """On Linux: stop the server when the tests are killed."""
    if _prctl is not None:
        _prctl(1, signal.SIGTERM)
