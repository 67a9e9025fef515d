"""What several senders say of another machine, whatever protocol it speaks: words fit for receipts. Imports nothing."""

from __future__ import annotations

import ipaddress
from typing import Final

LONGEST_RECEIPT: Final = 200
_TIMEOUTS: Final = frozenset({"ConnectTimeout", "ReadTimeout", "Timeout", "ConnectTimeoutError", "ReadTimeoutError"})
"""Names of timeouts that are no `TimeoutError`: those of requests, urllib3 and botocore."""


def plain(reply: bytes) -> str:
    """What the other side said when it took over, fit to be kept: a word that may be an address is left out.

    Example:
        >>> plain(b"2.0.0 <hanako@example.com> x4711 Saved")
        '2.0.0 x4711 Saved'
    """
    text = reply.decode("ascii", "replace").replace("\n", " ")
    words = " ".join(one for one in text.split(" ") if "@" not in one)
    return "".join(sign for sign in words if sign.isprintable())[:LONGEST_RECEIPT]


def word(error: BaseException) -> str:
    """`timeout` or `disconnected`; libraries hide the first behind the second."""
    return "timeout" if is_timeout(error) else "disconnected"


def is_timeout(error: BaseException) -> bool:
    """Whether a wait that ran out lies behind an error."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, TimeoutError) or type(cause).__name__ in _TIMEOUTS:
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def is_this_machine(host: str) -> bool:
    """Whether nothing that is said to this host leaves the machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
