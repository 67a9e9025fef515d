"""Files that go along with a mail, and how they are written into it. Pure; imports errors, headers and the model.

RFC 2183 for `Content-Disposition`, RFC 2231 for names beyond ASCII. Bytes are the same for the same file.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Final, TypeAlias
from urllib.parse import quote

import attrs

from nurture.errors import DefinitionError, SendRefusedError
from nurture.model import Effect

LARGEST_TOTAL: Final = 10_000_000
"""The files of one mail have at most so many bytes together, before they are encoded."""

LONGEST_NAME: Final = 120

_TYPE: Final = re.compile(
    r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*(?:; [a-z-]+=[A-Za-z0-9._-]+)*", re.ASCII
)
_FOR_PARTS: Final = ("multipart/", "message/")  # they would be read as parts of the mail, not as files
_NO_NAME: Final = re.compile(r'[/\\:*?"<>|]')
_NO_TEXT: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNING: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)  # "gpj.exe" reads "exe.jpg"
_LONGEST_TYPE: Final = 200
_PLAIN: Final = re.compile(r"[A-Za-z0-9._ +-]+")
_ROOM: Final = 60


@attrs.frozen(slots=True)
class Attachment:
    """A file that goes along with a mail.

    Attributes:
        name: As the reader sees it, such as `講座のご案内.pdf`; without a path.
        data: Its bytes.
        content_type: Such as `application/pdf`.

    Raises:
        DefinitionError: The name or the type cannot stand in a mail.
    """

    name: str
    data: bytes = attrs.field(repr=False)
    content_type: str = "application/octet-stream"

    def __attrs_post_init__(self) -> None:
        problems: list[str] = []
        name, kind = self.name, self.content_type
        if len(name) > LONGEST_NAME or _NO_NAME.search(name) or not _can_be_read(name):
            problems.append(f"attachment.name: expected a file's name of at most {LONGEST_NAME} signs, without a path")
        if len(kind) > _LONGEST_TYPE or not _TYPE.fullmatch(kind) or kind.startswith(_FOR_PARTS):
            problems.append("attachment.content_type: expected a media type in lower case, such as 'application/pdf'")
        if not _is_bytes(self.data):
            problems.append("attachment.data: expected bytes")
        if problems:
            raise DefinitionError(problems)


def _can_be_read(name: str) -> bool:
    """Whether a name has a sign that is seen, and none that ends a line, turns it round or is no text.

    Wide blanks are in many Japanese names, and signs without width hold pictures of people together: both are fine.
    """
    if any(unicodedata.category(sign) in _NO_TEXT or sign in _TURNING for sign in name):
        return False
    return any(sign.isprintable() and not sign.isspace() and sign != "." for sign in name)


def _is_bytes(data: object) -> bool:
    return isinstance(data, bytes)  # hosts are not all typed


AttachmentSource: TypeAlias = Attachment | Callable[[Effect], Attachment]
"""A file, or what makes one for each mail."""


def attached(names: Sequence[str], sources: Mapping[str, AttachmentSource], effect: Effect) -> tuple[Attachment, ...]:
    """The files that a message names, for one mail.

    Args:
        names: What it names.
        sources: What the host gave.
        effect: The mail.

    Raises:
        SendRefusedError: `no_attachment`: nobody gave one of them; or what should make it failed, or made
            something else.
    """
    files: list[Attachment] = []
    for name in names:
        source = sources.get(name)
        try:
            made: object = source if isinstance(source, Attachment) or source is None else source(effect)
        except Exception as error:  # the host's own; its text may hold personal data
            raise SendRefusedError("no_attachment", f"making {name!r} raised {type(error).__name__}") from None
        if not isinstance(made, Attachment):
            raise SendRefusedError("no_attachment", f"{name!r} is no Attachment")
        files.append(made)
    return tuple(files)


def check_size(files: Sequence[Attachment]) -> None:
    """Refuse what most servers refuse.

    Raises:
        SendRefusedError: `attachment_too_large`: more than 10 MB together.
    """
    if sum(len(one.data) for one in files) > LARGEST_TOTAL:
        raise SendRefusedError("attachment_too_large", f"the files have more than {LARGEST_TOTAL} bytes together")


def part_of(file: Attachment) -> bytes:
    """The file as one part of a mail, without the boundaries: base64 in lines of 76 signs."""
    plain = file.name if _PLAIN.fullmatch(file.name) else _fallback(file.name)
    disposition = f'filename="{plain}"' if plain == file.name else ";\r\n ".join(_extended(file.name))
    head = (
        f'Content-Type: {file.content_type};\r\n name="{plain}"\r\n'
        f"Content-Disposition: attachment;\r\n {disposition}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode("ascii") + base64.encodebytes(file.data).replace(b"\n", b"\r\n")


def _fallback(name: str) -> str:
    """The name for readers that know ASCII only."""
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, ending) if dot and _PLAIN.fullmatch(ending) else (name, "")
    kept = "".join(sign if _PLAIN.fullmatch(sign) else "_" for sign in stem)
    return f"{kept}.{ending}" if ending else kept


def _extended(name: str) -> list[str]:
    """The name in UTF-8, cut into parameters that fit into lines (RFC 2231 section 4.1)."""
    pieces: list[str] = []
    rest = [quote(sign, safe="") for sign in name]
    for number in count():
        piece = "utf-8''" if number == 0 else ""
        while rest and len(piece) + len(rest[0]) <= _ROOM:
            piece += rest.pop(0)
        pieces.append(f"filename*{number}*={piece}")
        if not rest:
            break
    return pieces if len(pieces) > 1 else [pieces[0].replace("*0*", "*", 1)]
