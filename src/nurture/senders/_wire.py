"""What may go over an SMTP connection, and in which form. Pure; imports the ports.

A sender does not trust its callers: an address or a mail that could be read as a command or as a second
mail is refused before the server sees anything of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from nurture.ports import Envelope, Rejected

_SIGNS: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]"
_ADDRESS: Final = re.compile(rf'(?:{_SIGNS}+|"{_SIGNS}+")@[A-Za-z0-9.-]+')
_WIDE_SIGNS: Final = rf"(?:{_SIGNS}|[^\x00-\xa0])"
_WIDE_ADDRESS: Final = re.compile(rf'(?:{_WIDE_SIGNS}+|"{_WIDE_SIGNS}+")@[A-Za-z0-9.-]+')
_NO_TEXT: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n|\0")
_LONGEST_LINE: Final = 998


class Command(NamedTuple):
    """One command of a transaction.

    Attributes:
        at: Its name in lower case, as `refusal` takes it.
        line: What is said, without the line end.
        expected: The replies that let the transaction go on.
    """

    at: str
    line: bytes
    expected: range


def refused_unseen(envelope: Envelope, *, takes_smtputf8: bool = True) -> Rejected | None:
    """Why an envelope cannot go over the wire at all; the server is not asked.

    Args:
        envelope: The mail. Only where its `smtputf8` is set may its addresses and its headers go beyond ASCII.
        takes_smtputf8: Whether this kind of sender knows RFC 6531 at all.
    """
    if envelope.smtputf8 and not takes_smtputf8:
        return Rejected("needs_smtputf8")
    if not _is_address(envelope.recipient, wide=envelope.smtputf8):
        return Rejected("bad_address")
    if not _is_address(envelope.sender, wide=envelope.smtputf8):
        return Rejected("bad_sender")
    if not envelope.data:
        return Rejected("no_mail")
    # Servers that take a lone line break for an end of line can be told a second mail (SMTP smuggling).
    # A NUL ends the text for some (RFC 5322 section 4), and a line that is too long is cut anywhere (section 2.1.1).
    if _NO_TEXT.search(envelope.data) or not _is_text(envelope.data, wide=envelope.smtputf8):
        return Rejected("bad_mail")
    if any(len(line) > _LONGEST_LINE for line in envelope.data.split(b"\r\n")):
        return Rejected("bad_mail")
    return None


def commands(envelope: Envelope, size: int, offers: Mapping[str, str]) -> tuple[Command, ...] | Rejected:
    """What is said before the data, or why this server cannot take the mail.

    RFC 1870 (SIZE), RFC 6531 section 3.4: a mail that needs SMTPUTF8 is offered only to a server that has both
    it and 8BITMIME.

    Args:
        envelope: Whose mail.
        size: Of the data, in bytes.
        offers: The server's extensions by their names in lower case, with what was said of each.
    """
    most = offers.get("size", "").strip()
    if most.isdigit() and 0 < int(most) < size:
        return Rejected("too_big")
    if envelope.smtputf8 and not {"smtputf8", "8bitmime"} <= offers.keys():
        return Rejected("needs_smtputf8")
    options = f" SIZE={size}" if "size" in offers else ""
    if envelope.smtputf8:
        options += " BODY=8BITMIME SMTPUTF8"
    return (
        Command("mail", f"MAIL FROM:<{envelope.sender}>{options}".encode(), range(200, 300)),
        Command("rcpt", f"RCPT TO:<{envelope.recipient}>".encode(), range(200, 300)),
        Command("data", b"DATA", range(354, 355)),
    )


def stuffed(data: bytes) -> bytes:
    """The mail with leading dots doubled (RFC 5321 section 4.5.2) and a line end at its end."""
    safe = data.replace(b"\r\n.", b"\r\n..")
    if safe.startswith(b"."):
        safe = b"." + safe
    return safe if safe.endswith(b"\r\n") else safe + b"\r\n"


def _is_address(text: str, *, wide: bool) -> bool:
    """Whether it is one address and nothing else. What cannot be seen (controls, marks of direction) is not in one."""
    if not wide:
        return _ADDRESS.fullmatch(text) is not None
    return _WIDE_ADDRESS.fullmatch(text) is not None and text.isprintable()


def _is_text(data: bytes, *, wide: bool) -> bool:
    if data.isascii():
        return True
    if not wide:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
