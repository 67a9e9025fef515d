"""What a link carries: a few short texts, packed, signed, and read again. Pure.

Imports nothing of ours. HMAC-SHA256 by itsdangerous, cut to 144 bits, under a key that is derived for each
kind of link and each tenant. A token names the secret that signed it, so that no other one is tried. Whoever
reads one gets the same answer to everything that was not signed here: None.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode
from itsdangerous.signer import SigningAlgorithm

LinkKind: TypeAlias = Literal["unsubscribe", "preferences", "confirm", "click", "open", "return_path"]

LONGEST_TOKEN: Final = 4_096
"""Longer ones are not made, and not read."""

TAG_BYTES: Final = 18
"""144 bits, and no bit is left over in base64: each token is written in one way only."""

_TOKEN: Final = re.compile(r"([A-Za-z0-9_-]+\.[A-Za-z0-9_-]{24})([0-9a-f]{4})")
_ID: Final = re.compile(r"(lead_|eff_|acct_|test_)([0-9a-f]{26})")

# What follows is written into tokens that never expire: add at the end only.
_PREFIXES: Final = ("lead_", "eff_", "acct_", "test_")
_WORDS: Final = ("", "email", "marketing", "transactional", "internal", "profiling")
_FIRST_WORD: Final = 8
_FIRST_TEXT: Final = 32
_HEADS: Final = {word: _FIRST_WORD + place for place, word in enumerate(_WORDS)}
_ID_BYTES: Final = 13


class _ShortTag(SigningAlgorithm):
    """HMAC-SHA256, cut as RFC 2104 section 5 allows it. Its base class compares in constant time."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha256")[:TAG_BYTES]


_ALGORITHM: Final = _ShortTag()


def sign(secrets: Sequence[bytes], kind: LinkKind, tenant: str, parts: Sequence[str]) -> str:
    """The token that says these parts; the first secret signs. It ends in a letter or a digit.

    Args:
        secrets: The site's, the newest first.
        kind: What the token is for; as another kind it says nothing.
        tenant: Whose it is; to another it says nothing.
        parts: What it says.
    """
    said = base64_encode(pack(parts))
    return f"{signer(secrets[0], kind, tenant).sign(said).decode('ascii')}{key_id(secrets[0])}"


def unsign(secrets: Sequence[bytes], kind: LinkKind, tenant: str, token: str, count: int) -> list[str] | None:
    """What a token says, as so many parts; None when it was not signed here for this kind and tenant."""
    found = _TOKEN.fullmatch(token) if len(token) <= LONGEST_TOKEN else None
    if found is None:
        return None
    for secret in secrets:
        if key_id(secret) == found[2]:
            try:
                parts = unpack(base64_decode(signer(secret, kind, tenant).unsign(found[1])))
            except (BadData, ValueError):
                continue
            return parts if len(parts) == count else None
    return None


@lru_cache(maxsize=1024)
def signer(secret: bytes, kind: LinkKind, tenant: str) -> Signer:
    """What signs and verifies tokens of one kind and tenant; its key is derived once."""
    salt = f"nurture.{kind}:{tenant}".encode("utf-8", "surrogatepass")
    key = Signer(secret, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256).derive_key()
    return Signer(key, key_derivation="none", algorithm=_ALGORITHM)


@lru_cache(maxsize=64)
def key_id(secret: bytes) -> str:
    """Four hexadecimal digits that name a secret and tell nothing of it."""
    return hmac.digest(secret, b"nurture.key_id", "sha256")[:2].hex()


def pack(parts: Sequence[str]) -> bytes:
    """The texts in few bytes: our ids as the number they are, frequent words as one byte."""
    packed = bytearray()
    for part in parts:
        if part in _HEADS:
            packed.append(_HEADS[part])
        elif (found := _ID.fullmatch(part)) is not None:
            packed.append(_PREFIXES.index(found[1]))
            packed += bytes.fromhex(found[2])
        else:
            text = part.encode("utf-8", "surrogatepass")
            packed += _varint(_FIRST_TEXT + len(text))
            packed += text
    return bytes(packed)


def _varint(number: int) -> bytes:
    """A number in groups of seven bits, the lowest first."""
    groups = bytearray()
    while number > 127:
        groups.append(number & 127 | 128)
        number >>= 7
    groups.append(number)
    return bytes(groups)


def unpack(packed: bytes) -> list[str]:
    """The texts that were packed.

    Raises:
        ValueError: It is not what `pack` writes.
    """
    parts: list[str] = []
    place = 0
    while place < len(packed):
        head, place = _read_varint(packed, place)
        if head < _FIRST_WORD:
            size = _ID_BYTES
        else:
            size = max(head - _FIRST_TEXT, 0)
        said = packed[place : place + size]
        place += size
        if len(said) < size:
            raise ValueError("it ends too early")
        parts.append(_read_part(head, said))
    return parts


def _read_part(head: int, said: bytes) -> str:
    if head >= _FIRST_TEXT:
        return said.decode("utf-8", "surrogatepass")
    if head < len(_PREFIXES):
        return _PREFIXES[head] + said.hex()
    if 0 <= head - _FIRST_WORD < len(_WORDS):
        return _WORDS[head - _FIRST_WORD]
    raise ValueError("it is of a kind that this release does not know")


def _read_varint(packed: bytes, place: int) -> tuple[int, int]:
    """A number and the place behind it."""
    number = 0
    for shift in range(0, 28, 7):
        if place >= len(packed):
            break
        group = packed[place]
        place += 1
        number |= (group & 127) << shift
        if group < 128:
            return number, place
    raise ValueError("a length that does not end")
