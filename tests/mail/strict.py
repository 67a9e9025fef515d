"""A reader of mail that forgives nothing: bytes are a mail by the letter of the RFCs, or an assertion fails.

Written for the tests alone and by hand, so that it shares no code with what composes, nor with the standard library's
parser, which repairs what is broken. RFC 5322 (lines, fields), 2045 (encodings), 2046 (parts), 2047 (words), 2231
(names of files), 6532 (addresses in UTF-8).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import attrs

LONGEST_LINE = 998
LINE = 78
LONGEST_WORD = 75
LONGEST_BASE64 = 76

_FIELD = re.compile(rb"([!-9;-~]+):(.*)", re.DOTALL)
_WORD = re.compile(r"=\?([A-Za-z0-9-]+)\?([bBqQ])\?([!->@-~]*)\?=")
_PARAMETER = re.compile(r';\s*([A-Za-z0-9!#$&+.^_`|~*-]+)=("(?:[^"\\\r\n]|\\[ -~])*"|[^\s;"(),/:<=>?@\[\\\]]+)')
_FOLDABLE = re.compile(rb"^\s*[^\s\"]+[ \t]+[^\s\"]+[ \t]+\S")  # names in quotation marks stay whole
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_QP_LINE = re.compile(rb"(?:[!-<>-~]|[ \t]|=[0-9A-F]{2})*=?")


@attrs.frozen
class Part:
    """A mail, or one part of it.

    Attributes:
        fields: Its header, unfolded but not decoded, in order.
        body: What stands behind the empty line, as it is sent.
        parts: What it is made of, when it is `multipart`.
    """

    fields: tuple[tuple[str, str], ...]
    body: bytes
    parts: tuple[Part, ...] = ()

    def all(self, name: str) -> list[str]:
        """Every value of a field, decoded."""
        return [decoded(value) for known, value in self.fields if known.lower() == name.lower()]

    def one(self, name: str) -> str:
        """The value of a field that stands exactly once."""
        (value,) = self.all(name)
        return value

    @property
    def type(self) -> str:
        """Its media type, such as `text/plain`."""
        return self.one("Content-Type").partition(";")[0].strip()

    def walk(self) -> Iterator[Part]:
        """It and all that is in it."""
        yield self
        for part in self.parts:
            yield from part.walk()

    @property
    def data(self) -> bytes:
        """The body without its transfer encoding."""
        encoding = self.one("Content-Transfer-Encoding")
        lines = self.body.split(b"\r\n")
        if encoding == "base64":
            lines = [line for line in lines if line]
            assert all(_BASE64_LINE.fullmatch(line) and len(line) <= LONGEST_BASE64 for line in lines)
            return binascii.a2b_base64(b"".join(lines), strict_mode=True) if lines else b""
        assert encoding == "quoted-printable", encoding
        for line in lines:
            assert _QP_LINE.fullmatch(line), "not quoted-printable"
            assert len(line) <= LONGEST_BASE64
            assert not line.endswith((b" ", b"\t")), "a blank at the end of a line gets lost"
        return binascii.a2b_qp(self.body)

    @property
    def text(self) -> str:
        """The body as text, its lines ended by `\\n`."""
        assert parameters(self.one("Content-Type"))["charset"] == "utf-8"
        return self.data.decode("utf-8").replace("\r\n", "\n")

    @property
    def file_name(self) -> str:
        """The name of an attached file (RFC 2231)."""
        given = parameters(self.one("Content-Disposition"))
        if "filename" in given:
            return given["filename"]
        pieces = [name for name in given if name.startswith("filename*")]
        if pieces == ["filename*"]:
            written = given["filename*"]
        else:
            assert pieces == [f"filename*{number}*" for number in range(len(pieces))]
            written = "".join(given[name] for name in pieces)
        charset, language, said = written.split("'", 2)
        assert (charset, language) == ("utf-8", "")
        assert re.fullmatch(r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+", said)
        return unquote_to_bytes(said).decode("utf-8")


def read(data: bytes, *, smtputf8: bool = False) -> Part:
    """The mail."""
    assert b"\r" not in data.replace(b"\r\n", b""), "a bare CR"
    assert b"\n" not in data.replace(b"\r\n", b""), "a bare LF"
    assert b"\x00" not in data
    assert max(map(len, data.split(b"\r\n"))) <= LONGEST_LINE
    if smtputf8:
        beyond = [line for line in data.split(b"\r\n") if not line.isascii()]
        assert all(line.startswith(b"To: ") for line in beyond)
    else:
        assert data.isascii()
    mail = _part(data)
    named = [parameters(one.one("Content-Type")).get("boundary") for one in mail.walk()]
    boundaries = [one for one in named if one is not None]
    assert len(boundaries) == len(set(boundaries)), "a boundary stands twice"
    for one in mail.walk():
        if not one.parts:
            assert not any(f"--{boundary}".encode() in one.body for boundary in boundaries), "a body holds a boundary"
    return mail


def _part(data: bytes) -> Part:
    head, empty, body = data.partition(b"\r\n\r\n")
    assert empty, "no empty line behind the header"
    fields = tuple(_fields(head))
    once = Counter(name.lower() for name, _ in fields)
    assert set(once.values()) == {1}, f"a field stands twice: {once}"
    kind = dict((name.lower(), value) for name, value in fields).get("content-type", "text/plain")
    if not kind.startswith("multipart/"):
        return Part(fields, body)
    assert "content-transfer-encoding" not in once  # RFC 2045 section 6.4 allows 7bit and nothing else
    return Part(fields, body, tuple(map(_part, _cut(body, parameters(kind)["boundary"]))))


def _cut(body: bytes, boundary: str) -> list[bytes]:
    assert 1 <= len(boundary) <= 70
    dashes = b"--" + boundary.encode("ascii")
    before, *parts, after = (b"\r\n" + body).split(b"\r\n" + dashes)
    assert before == b"", "something stands before the first part"
    assert after == b"--\r\n", "the last part has no end, or something stands behind it"
    assert parts, "no part"
    assert all(part.startswith(b"\r\n") for part in parts)
    return [part[2:] for part in parts]


def _fields(head: bytes) -> Iterator[tuple[str, str]]:
    """The fields, unfolded (RFC 5322 section 2.2.3)."""
    lines = head.split(b"\r\n")
    assert lines[0][:1] not in (b" ", b"\t"), "the header begins with a continuation"
    whole: list[bytes] = []
    for line in lines:
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line), "a control sign in a header"
        assert line.strip(b" \t"), "a line of blanks in a header"
        assert len(line) <= LINE or not _FOLDABLE.search(line), f"not folded: {len(line)}"
        if line[:1] in (b" ", b"\t"):
            whole[-1] += line
        else:
            whole.append(line)
    for one in whole:
        found = _FIELD.fullmatch(one)
        assert found, "a line that is no field"
        value = found[2].decode("utf-8").strip(" \t")
        _check_words(found[1].decode("ascii"), value)
        yield found[1].decode("ascii"), value


def _check_words(name: str, value: str) -> None:
    """RFC 2047 section 5: words stand by themselves, are short, whole, and never within quotation marks."""
    if "=?" not in value or name.lower() in ("content-type", "content-disposition"):
        return
    for token in re.split(r"[ \t]+", value):
        if "=?" in token:
            assert _WORD.fullmatch(token), "something that looks like an encoded word"
            assert len(token) <= LONGEST_WORD
    assert not re.search(r'"[^"]*=\?[^"]*"', value), "an encoded word within quotation marks"
    assert not re.search(r"<[^>]*=\?", value), "an encoded word in an address"


def decoded(value: str) -> str:
    """A field with its encoded words read; blanks between two of them vanish (RFC 2047 section 6.2)."""
    return _WORD.sub(_read_word, re.sub(r"\?=[ \t]+=\?", "?==?", value)) if "=?" in value else value


def _read_word(word: re.Match[str]) -> str:
    charset, encoding, said = word.groups()
    data = base64.b64decode(said, validate=True) if encoding in "bB" else binascii.a2b_qp(said, header=True)
    return data.decode(charset)  # each word is whole by itself: no sign is cut


def parameters(value: str) -> dict[str, str]:
    """The parameters of a field, each once."""
    kind, semicolon, rest = value.partition(";")
    found: dict[str, str] = {}
    place = 0
    rest = semicolon + rest
    while place < len(rest):
        one = _PARAMETER.match(rest, place)
        assert one, f"no parameter: {kind}"
        assert one[1] not in found
        said = one[2]
        found[one[1]] = re.sub(r"\\(.)", r"\1", said[1:-1]) if said.startswith('"') else said
        place = one.end()
    return found
