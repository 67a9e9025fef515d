"""Prints messages for people who develop. Imports the ports."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TextIO

from nurture.ports import Accepted, Envelope, Receipt, Unknown

_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_RULE: Final = "─" * 72


class ConsoleSender:
    """Prints each message as people read it; for development, as it masks nothing.

    Control signs are shown as escapes, so that no message can steer a terminal. It does not know
    a key again.

    Args:
        stream: Where to print; None means standard output, looked up at each sending.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    @property
    def dedup_window(self) -> timedelta:
        """Zero: a message that is sent twice is printed twice."""
        return timedelta(0)

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        """Print each envelope; `Unknown` when the stream failed, for a part may have been printed."""
        return tuple([self._print(envelope) for envelope in envelopes])

    def close(self) -> None:
        """Nothing is held; the stream stays open, as it belongs to the host."""

    def _print(self, envelope: Envelope) -> Receipt:
        stream = self._stream if self._stream is not None else sys.stdout
        page = _page(envelope)
        encoding = getattr(stream, "encoding", None) or "utf-8"
        try:
            with self._lock:
                stream.write(page.encode(encoding, "backslashreplace").decode(encoding))
                stream.flush()
        except (OSError, ValueError, LookupError) as error:
            return Unknown(f"stream_failed_{type(error).__name__}")
        return Accepted()


def _page(envelope: Envelope) -> str:
    head = (("to", f"{envelope.recipient} ({envelope.channel})"), ("subject", envelope.subject), ("key", envelope.key))
    lines = [_RULE, *(f"{name}: {_shown(value, keep_lines=False)}" for name, value in head), ""]
    lines.append(_shown(envelope.text.replace("\r\n", "\n"), keep_lines=True).rstrip("\n"))
    if envelope.html is not None:
        lines += ["", f"(and {len(envelope.html)} characters of HTML)"]
    return "\n".join((*lines, ""))


def _shown(text: str, *, keep_lines: bool) -> str:
    escaped = _CONTROL.sub(lambda sign: sign[0].encode("unicode_escape").decode("ascii"), text)
    return escaped if keep_lines else escaped.replace("\n", "\\n")


if TYPE_CHECKING:
    from nurture.ports import Sender

    _fits: type[Sender] = ConsoleSender
