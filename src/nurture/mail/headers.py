"""Header fields: what may become one, how it is written, and an independent reading of what was written. Pure.

Imports errors only. RFC 5322 for lines, RFC 2047 for words beyond ASCII. The standard library's writer is not
used on the way out: it lets an encoded newline through as a header of its own, and it is slow. Tests read
everything that is written here with the standard library's parser.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from email.errors import HeaderParseError
from email.header import decode_header
from typing import Final

from nurture.errors import SendRefusedError

LONGEST_VALUE: Final = 998
"""A header value has at most so many characters before it is encoded."""

_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_WORD: Final = re.compile(r"=\?utf-8\?b\?([A-Za-z0-9+/=]*)\?=")
_FIELD: Final = re.compile(r"([!-9;-~]+): (.*)", re.DOTALL)
_BYTES_PER_WORD: Final = 42  # with its frame an encoded word has 68 characters; 75 are allowed
_LINE: Final = 78
_LONGEST_LINE: Final = 998  # RFC 5322 section 2.1.1, without CRLF
_DECODINGS: Final = 3


def check_value(value: str, name: str) -> str:
    """The value, if it may become part of a header.

    No control sign (C0, C1, U+2028, U+2029) and no lone surrogate may be in it, neither as it stands nor after
    decoding what looks like an encoded word, also when that hides another one.

    Raises:
        SendRefusedError: `unsafe_header` or `too_big`; the header is named, its value is not.
    """
    if len(value) > LONGEST_VALUE:
        raise SendRefusedError("too_big", f"{name}: at most {LONGEST_VALUE} characters")
    seen = value
    for _ in range(_DECODINGS):
        if _UNSAFE.search(seen):
            raise SendRefusedError("unsafe_header", f"{name}: a control sign")
        if "=?" not in seen:
            return value
        decoded = _decoded(seen, name)
        if decoded == seen:
            return value
        seen = decoded
    raise SendRefusedError("unsafe_header", f"{name}: it is encoded too often")


def _decoded(value: str, name: str) -> str:
    try:
        pieces: Sequence[tuple[bytes | str, str | None]] = decode_header(value)
        return "".join(
            piece if isinstance(piece, str) else piece.decode(charset or "ascii", "replace")
            for piece, charset in pieces
        )
    except (HeaderParseError, LookupError, ValueError):
        raise SendRefusedError("unsafe_header", f"{name}: a broken encoded word") from None


def encode_text(value: str) -> str:
    """Free text as it stands in a header, folded; encoded words where it is not plain ASCII.

    Example:
        >>> encode_text("Hello")
        'Hello'
        >>> encode_text("こんにちは")
        '=?utf-8?b?44GT44KT44Gr44Gh44Gv?='
    """
    if value.isascii() and "=?" not in value and len(value) <= LONGEST_VALUE and value == value.strip():
        return _folded_text(value)
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(chunk).decode('ascii')}?=" for chunk in _chunks(value))


def _folded_text(value: str) -> str:
    return value if len(value) < _LINE - 20 else "\r\n ".join(_folded(value))


def _chunks(value: str) -> Iterator[bytes]:
    """The text in UTF-8, cut between signs."""
    data = value.encode("utf-8")
    start = 0
    while start < len(data):
        end = min(start + _BYTES_PER_WORD, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        yield data[start:end]
        start = end


def _folded(value: str) -> Iterator[str]:
    """The text in lines that break at a single space, so that unfolding gives it back."""
    line = ""
    for word in re.split(r"(?<=\S) (?=\S)", value):
        if line and len(line) + len(word) > _LINE - 20:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def encode_mailbox(name: str, address: str) -> str:
    """A display name and an address as they stand in `From`."""
    if not name:
        return address
    if name.isascii() and "=?" not in name:
        plain = _PLAIN_NAME.fullmatch(name)
        shown = _folded_text(name) if plain else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return f"{shown}\r\n <{address}>" if len(shown) + len(address) > _LINE - 10 else f"{shown} <{address}>"
    return f"{encode_text(name)}\r\n <{address}>"


def write_fields(fields: Sequence[tuple[str, str]], *, smtputf8: bool = False) -> bytes:
    """The header block without its empty line; values are encoded and folded already.

    Args:
        fields: Name and value of each.
        smtputf8: Whether addresses may stand in UTF-8 (RFC 6532).
    """
    return "".join([f"{name}: {value}\r\n" for name, value in fields]).encode("utf-8" if smtputf8 else "ascii")


def read_fields(block: bytes, *, smtputf8: bool = False) -> list[tuple[str, str]]:
    """The fields of a header block as a reader of mail sees them: unfolded, with encoded words decoded.

    Args:
        block: As it is sent.
        smtputf8: Whether `To` may stand in UTF-8 (RFC 6532); all else is ASCII.

    Raises:
        SendRefusedError: `unsafe_header`: it is not a clean list of fields in lines of at most 998 octets.
    """
    try:
        text = block.decode("utf-8" if smtputf8 else "ascii")
    except UnicodeDecodeError:
        raise SendRefusedError("unsafe_header", "a header beyond ASCII") from None
    if smtputf8 and not all(line.isascii() or line.startswith("To: ") for line in text.split("\r\n")):
        raise SendRefusedError("unsafe_header", "a header beyond ASCII")
    if not text.endswith("\r\n") or max(map(len, text.split("\r\n"))) > _LONGEST_LINE:
        raise SendRefusedError("unsafe_header", "a header line is too long or has no end")
    fields: list[tuple[str, str]] = []
    lines = text[:-2].replace("?=\r\n =?", "?==?").replace("\r\n ", " ").split("\r\n")
    if _UNSAFE.search("".join(lines)):
        raise SendRefusedError("unsafe_header", "a control sign")
    for unfolded in lines:
        found = _FIELD.fullmatch(unfolded)
        if found is None:
            raise SendRefusedError("unsafe_header", "a line that is no header field")
        fields.append((found[1], _read_words(found[2])))
    return fields


def _read_words(value: str) -> str:
    """The value with its encoded words decoded; neighbors are joined first, for a sign may not be cut."""
    if "=?" not in value:
        return value
    try:
        return _WORD.sub(lambda word: binascii.a2b_base64(word[1]).decode("utf-8"), value)
    except ValueError:
        raise SendRefusedError("unsafe_header", "a broken encoded word") from None
