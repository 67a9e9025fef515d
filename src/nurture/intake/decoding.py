"""From the bytes of a file to its text, and how the encoding was found. Standard library and errors only."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from typing import IO

import attrs

from nurture.errors import DefinitionError, InvalidFactError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_PROBE = 65_536
# What CP932 makes of a Western accent: one lone ideograph or half-width kana between Latin letters.
_WESTERN = re.compile(r"[A-Za-z][^\x00-\x7f][A-Za-z ,;\t\"\r\n]")
_DAMAGE = "\ufffd"
# Python's CP932 gives the bytes 80, A0 and FD to FF a place; no text has them.
_NOT_CP932: dict[int, str] = dict.fromkeys((0x80, 0xF8F0, 0xF8F1, 0xF8F2, 0xF8F3), _DAMAGE)


@attrs.frozen(slots=True, kw_only=True)
class Decoded:
    """The text of a file.

    Attributes:
        text: Everything, with U+FFFD where bytes could not be read.
        encoding: The Python codec that was used.
        why: How it was found, in words.
        damaged: Whether U+FFFD stands for broken bytes (else it was in the file).
        compressed: Whether the file was a gzip archive.
    """

    text: str
    encoding: str
    why: str
    damaged: bool = False
    compressed: bool = False


def read_bytes(stream: IO[bytes], name: str, max_bytes: int) -> tuple[bytes, bool]:
    """The content, unpacked when it is a gzip archive, and whether it was one.

    Raises:
        InvalidFactError: It is larger than allowed (unpacked), a broken archive, or no text at all.
    """
    raw = stream.read(max_bytes + 1)
    packed = raw.startswith(_GZIP)
    if packed:
        try:
            with gzip.open(io.BytesIO(raw)) as unpacked:
                raw = unpacked.read(max_bytes + 1)
        except (EOFError, OSError, zlib.error) as error:
            raise InvalidFactError(name, "a complete gzip archive", found="a broken one") from error
    if len(raw) > max_bytes:
        raise InvalidFactError(name, f"at most {max_bytes} bytes", found="more")
    if raw.startswith(_ZIP):
        raise InvalidFactError(name, "a CSV file", found="an Excel workbook or a zip archive; save it as CSV first")
    return raw, packed


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """The text of the bytes; rows that hold broken bytes stay recognisable, so that the others survive.

    Tried in this order: what the caller names, a byte order mark, UTF-16 by its zero bytes, UTF-8,
    CP932 (never `shift_jis`: it knows neither ㈱ nor 髙), and CP1252 where CP932 would make
    ideographs out of Western accents. When none fits everywhere, the one with the least damage wins.

    Raises:
        DefinitionError: The caller names an encoding that Python does not know.
    """
    if encoding is not None:
        try:
            known = codecs.lookup(encoding).name
            b"a".decode(known, "replace")  # some codecs are not about text
        except (LookupError, UnicodeError):
            raise DefinitionError(
                f"unknown encoding {encoding!r}; known are for instance utf-8, cp932, utf-16"
            ) from None
        return _settle(data, known, "given by the caller")
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _settle(data, name, "byte order mark")
    wide = _wide(data[:_PROBE])
    if wide:
        return _settle(data, wide, "zero bytes at every second place")
    if (text := _strictly(data, "utf-8")) is not None:
        return Decoded(text=text, encoding="utf-8", why="valid UTF-8")
    if (text := _strictly(data, "cp932")) is not None and _DAMAGE not in (text := text.translate(_NOT_CP932)):
        if _looks_western(text) and (western := _strictly(data, "cp1252")) is not None:
            return Decoded(text=western, encoding="cp1252", why="a guess: accents between Latin letters")
        return Decoded(text=text, encoding="cp932", why="not UTF-8, valid CP932")
    return _least_damage(data)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _settle(data: bytes, encoding: str, why: str) -> Decoded:
    if (text := _strictly(data, encoding)) is not None:
        return Decoded(text=text, encoding=encoding, why=why)
    return Decoded(
        text=data.decode(encoding, "replace"), encoding=encoding, why=f"{why}; some bytes are broken", damaged=True
    )


def _least_damage(data: bytes) -> Decoded:
    tried = {"utf-8": data.decode("utf-8", "replace"), "cp932": data.decode("cp932", "replace").translate(_NOT_CP932)}
    best = min(tried, key=lambda name: tried[name].count(_DAMAGE))
    return Decoded(text=tried[best], encoding=best, why="the least broken bytes", damaged=True)


def _wide(start: bytes) -> str | None:
    """UTF-16 without a mark: ASCII text has a zero byte at every second place."""
    pairs = len(start) // 2
    if pairs < 4:
        return None
    if start[1::2].count(0) > pairs * 0.4 and not start[::2].count(0):
        return "utf-16-le"
    if start[::2].count(0) > pairs * 0.4 and not start[1::2].count(0):
        return "utf-16-be"
    return None


def _looks_western(text: str) -> bool:
    beyond = sum(1 for ch in text[:_PROBE] if ch > "\x7f")
    return len(_WESTERN.findall(text[:_PROBE])) * 2 > beyond
