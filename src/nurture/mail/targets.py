"""Where a link may lead: an absolute address on the web that every reader takes in the same way. Pure.

Imports errors and addresses. Browsers forgive a lot (one slash for two, a backslash for one, a control sign
in the middle), and attackers live on it: what is not plainly an address is none.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address
from typing import Final
from urllib.parse import quote

from nurture.errors import SendRefusedError
from nurture.mail.address import wire_domain

LONGEST_TARGET: Final = 2_000

_TARGET: Final = re.compile(r"(https?)://([^/?#@:]+)(?::([0-9]{1,5}))?([/?#].*)?", re.IGNORECASE | re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")  # a last label that makes browsers read a host as IPv4
_URI_SIGNS: Final = "%:/?#[]@!$&'()*+,;=-._~"
_LAST_PORT: Final = 65_535


@lru_cache(maxsize=1024)
def clean_target(target: str) -> str | None:
    """The address as a URI in ASCII, if a link may lead there; None otherwise.

    It is absolute, `http` or `https`, names a host by a domain (or an IPv4 address), and has neither user nor
    password, no blank, no control sign (U+2028 and signs without width among them), no backslash, and at most
    2,000 characters. Scheme and host come out in lower case, the host as punycode, and signs beyond ASCII
    percent-encoded as UTF-8 (RFC 3987 section 3.1). What comes out goes in unchanged.

    Example:
        >>> clean_target("HTTPS://例え.jp/資料?id=1#top")
        'https://xn--r8jz45g.jp/%E8%B3%87%E6%96%99?id=1#top'
        >>> clean_target("javascript:alert(1)") is None
        True
    """
    if len(target) > LONGEST_TARGET or not target.isprintable() or " " in target or "\\" in target:
        return None
    found = _TARGET.fullmatch(target)
    if found is None:
        return None
    scheme, host, port, rest = found.groups()
    if port is not None and int(port) > _LAST_PORT:
        return None
    where = _host(host)
    if where is None:
        return None
    uri = f"{scheme.lower()}://{where}{'' if port is None else f':{port}'}{quote(rest or '', safe=_URI_SIGNS)}"
    return uri if len(uri) <= LONGEST_TARGET else None


def _host(host: str) -> str | None:
    """The host in ASCII, unless it is none, or a number that readers take in different ways (`0x7f.1`)."""
    try:
        where = wire_domain(host)
        return str(IPv4Address(where)) if _NUMBER.fullmatch(where.rpartition(".")[2]) else where
    except (SendRefusedError, AddressValueError):
        return None
