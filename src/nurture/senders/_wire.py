"""What may go over an SMTP connection, and in which form. Pure; imports the ports.

A sender does not trust its callers: an address or a mail that could be read as a command or as a second
mail is refused before the server sees anything of it.
"""

from __future__ import annotations

import re
from typing import Final

from nurture.ports import Envelope, Rejected

_SIGNS: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+"
_ADDRESS: Final = re.compile(rf'(?:{_SIGNS}|"{_SIGNS}")@[A-Za-z0-9.-]+')
_LONE_BREAK: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n")


def refused_unseen(envelope: Envelope) -> Rejected | None:
    """Why an envelope cannot go over the wire at all; the server is not asked."""
    if not _ADDRESS.fullmatch(envelope.recipient):
        return Rejected("bad_address")
    if not _ADDRESS.fullmatch(envelope.sender):
        return Rejected("bad_sender")
    if not envelope.data:
        return Rejected("no_mail")
    # Servers that take a lone line break for an end of line can be told a second mail (SMTP smuggling).
    if _LONE_BREAK.search(envelope.data) or not envelope.data.isascii():
        return Rejected("bad_mail")
    return None


def stuffed(data: bytes) -> bytes:
    """The mail with leading dots doubled (RFC 5321 section 4.5.2) and a line end at its end."""
    safe = data.replace(b"\r\n.", b"\r\n..")
    if safe.startswith(b"."):
        safe = b"." + safe
    return safe if safe.endswith(b"\r\n") else safe + b"\r\n"
