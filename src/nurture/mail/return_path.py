"""The keyed return path: a bounce comes back to an address that says, signed, which mail it is about. Pure.

Imports the site. Variable envelope return path (VERP) with HMAC-SHA256: `bounces+<key, secret's id, tag>@…`.
All of it is lower case and read in any case, because relays fold it. A key of ours (`eff_` and 26 digits) goes in
whole, as 13 bytes, so that the effect is found by its key alone and nothing is looked up; the tag has 80 bits.
"""

from __future__ import annotations

import base64
import binascii
from hmac import compare_digest
from typing import TYPE_CHECKING, Final

from nurture.errors import SendRefusedError
from nurture.mail._tokens import key_id, pack, signer, unpack

if TYPE_CHECKING:
    from itsdangerous import Signer

    from nurture.mail.site import Site

_TAG_BYTES: Final = 10
_LONGEST_LOCAL: Final = 64  # RFC 5321 section 4.5.3.1.1
_LONGEST: Final = 254


def make_return_path(site: Site, tenant: str, effect_key: str) -> str | None:
    """The envelope sender of a mail; None when the site has no return path.

    Args:
        site: Where bounces go, and what signs.
        tenant: Whose mail it is; to another the address says nothing.
        effect_key: The mail's key.

    Raises:
        SendRefusedError: `bad_return_path`: the key is not one of ours, and too long for an address.

    Example:
        >>> from nurture.mail import SenderIdentity, Site
        >>> sender = SenderIdentity("見本", "info@example.jp")
        >>> site = Site("https://a.jp", secret=b"golden--" * 4, identity=sender, return_path="b@mail.example.jp")
        >>> make_return_path(site, "t", "eff_00112233445566778899aabbcc")
        'b+aeabcirtirkwm54itgvlxtctvwzewlfuidc4q4ne@mail.example.jp'
    """
    if site.return_path is None:
        return None
    local, _, domain = site.return_path.rpartition("@")
    secret = site.secret[0]
    said = pack((effect_key,)) + _key_byte(secret)
    folded = base64.b32encode(said + _tag(signer(secret, "return_path", tenant), said))
    extended = f"{local}+{folded.rstrip(b'=').decode('ascii').lower()}"
    if len(extended) > _LONGEST_LOCAL:
        raise SendRefusedError("bad_return_path", "the effect's key is too long for a return path")
    return f"{extended}@{domain}"


def read_return_path(site: Site, tenant: str, address: str) -> str | None:
    """The key of the mail that an address is about; None when it was not signed here for this tenant.

    Args:
        site: What signed it.
        tenant: Whose handle asks.
        address: The recipient of the bounce, in any case.
    """
    if site.return_path is None or len(address) > _LONGEST or not address.isascii():
        return None
    local, _, domain = site.return_path.rpartition("@")
    extended, _, where = address.lower().rpartition("@")
    before, plus, folded = extended.rpartition("+")
    if where != domain or before != local or not plus:
        return None
    return _read(site, tenant, folded)


def _read(site: Site, tenant: str, folded: str) -> str | None:
    upper = folded.upper()
    try:
        data = base64.b32decode(upper + "=" * (-len(upper) % 8))
    except binascii.Error:
        return None
    if base64.b32encode(data).rstrip(b"=") != upper.encode("ascii"):
        return None  # bits that base32 leaves over were set: it was not written here
    said, tag = data[:-_TAG_BYTES], data[-_TAG_BYTES:]
    for secret in site.secret:
        if said[-1:] == _key_byte(secret) and _is_signed(signer(secret, "return_path", tenant), said, tag):
            return _key(said[:-1])
    return None


def _key(packed: bytes) -> str | None:
    try:
        parts = unpack(packed)
    except ValueError:
        return None
    return parts[0] if len(parts) == 1 else None


def _key_byte(secret: bytes) -> bytes:
    return bytes.fromhex(key_id(secret))[:1]


def _tag(signer: Signer, said: bytes) -> bytes:
    return signer.algorithm.get_signature(signer.derive_key(), said)[:_TAG_BYTES]


def _is_signed(signer: Signer, said: bytes, tag: bytes) -> bool:
    return compare_digest(_tag(signer, said), tag)
