"""An address as it goes over the wire: one mailbox, quoted where it must be, the domain as punycode. Pure.

Imports errors only. RFC 5321 section 4.1.2; RFC 5890 for domains.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from nurture.errors import SendRefusedError

_DOT_ATOM: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_ATOMS_AND_DOTS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
_HOST: Final = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    r"(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
)
_DEVIATIONS: Final = frozenset("ßẞς\u200c\u200d")
_LONGEST_LOCAL: Final = 64
_LONGEST: Final = 254


def wire_address(address: str, *, smtputf8: bool = False) -> str:
    """The one address, as RCPT and headers carry it.

    Japanese carriers gave out local parts that no dot-atom can hold; they are quoted.

    Args:
        address: As it is known.
        smtputf8: Whether a local part beyond ASCII may stand as it is (RFC 6531); the domain is punycode all the same.

    Raises:
        SendRefusedError: `several_recipients`, `needs_smtputf8` (a local part beyond ASCII), or `bad_address`.

    Example:
        >>> wire_address("da..me.@docomo.ne.jp")
        '"da..me."@docomo.ne.jp'
        >>> wire_address("info@例え.jp")
        'info@xn--r8jz45g.jp'
    """
    stripped = address.strip(" ")
    local, at, domain = stripped.rpartition("@")
    if not at or not local or not domain:
        raise SendRefusedError("bad_address", "an address has a local part, an @ and a domain")
    if any(sign in stripped for sign in ",;") or "@" in local:
        raise SendRefusedError("several_recipients", "an envelope has one recipient")
    if len(local) >= 2 and local[0] == local[-1] == '"':
        local = local[1:-1]
    if "=?" in local:  # some readers would decode it
        raise SendRefusedError("bad_address", "the local part looks like an encoded word")
    if not local.isascii() and local.isprintable() and " " not in local:
        if not smtputf8:
            raise SendRefusedError("needs_smtputf8", "the local part is not ASCII")
        return _internationalized(local, wire_domain(domain))
    if not _ATOMS_AND_DOTS.fullmatch(local) or len(local) > _LONGEST_LOCAL:
        raise SendRefusedError("bad_address", "the local part has a sign that it cannot have, or is too long")
    written = local if _DOT_ATOM.fullmatch(local) else f'"{local}"'
    wire = f"{written}@{wire_domain(domain)}"
    if len(wire) > _LONGEST:
        raise SendRefusedError("bad_address", f"an address has at most {_LONGEST} characters")
    return wire


def _internationalized(local: str, domain: str) -> str:
    """The address with its local part in UTF-8 (RFC 6531 section 3.3); sizes count octets."""
    ascii_part = "".join(sign for sign in local if sign.isascii())
    atoms = local.split(".")
    is_plain = not ascii_part or _ATOMS_AND_DOTS.fullmatch(ascii_part)
    if not is_plain or not all(atoms) or len(local.encode("utf-8", "replace")) > _LONGEST_LOCAL:
        raise SendRefusedError("bad_address", "the local part has a sign that it cannot have, or is too long")
    wire = f"{local}@{domain}"
    if len(wire.encode("utf-8")) > _LONGEST:
        raise SendRefusedError("bad_address", f"an address has at most {_LONGEST} octets")
    return wire


@lru_cache(maxsize=4096)
def wire_domain(domain: str) -> str:
    """The domain in lower case, as punycode where it is not ASCII.

    Signs that the two generations of IDNA read differently (ß among them) are refused: the mail
    would go to somebody else's domain.

    Raises:
        SendRefusedError: `bad_address`: it is no domain name.
    """
    if _DEVIATIONS.isdisjoint(domain) and domain.isprintable() and " " not in domain:
        try:
            wire = domain.lower() if domain.isascii() else domain.encode("idna").decode("ascii").lower()
        except UnicodeError:
            wire = ""
        if _HOST.fullmatch(wire):
            return wire
    raise SendRefusedError("bad_address", "the domain is not a domain name")
