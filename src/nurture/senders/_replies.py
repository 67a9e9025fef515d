"""What an SMTP server's refusal means. Pure; imports the ports.

RFC 5321 section 4.2.1: 4yz is not now, 5yz is never. RFC 3463: the enhanced code says why. The
words of a reply may hold the address, so none of them gets into a receipt.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from nurture.ports import Accepted, Deferred, Envelope, Receipt, Rejected, Unknown
from nurture.senders._words import plain

_ENHANCED: Final = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})(?:\s|\Z)")
_ADDRESS_IS_DEAD: Final = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
_NO_SUCH_MAILBOX: Final = (550, 553)
_REASONS: Final = {
    "1.1": "no_such_mailbox",
    "1.2": "no_such_domain",
    "1.3": "bad_address",
    "1.6": "mailbox_moved",
    "1.7": "sender_refused",
    "1.8": "sender_refused",
    "1.10": "domain_takes_no_mail",
    "2.1": "mailbox_disabled",
    "2.2": "mailbox_full",
    "2.3": "too_big",
    "3.4": "too_big",
    "7.1": "policy",
}


def enhanced_code(reply: bytes) -> str:
    """The enhanced status code at the front of a reply, or `""`.

    Example:
        >>> enhanced_code(b"5.1.1 <who@example.jp>: no such user")
        '5.1.1'
    """
    found = _ENHANCED.match(reply)
    return found[1].decode("ascii") if found else ""


def refusal(code: int, reply: bytes, *, at: str, domain: str = "", lenient: Collection[str] = ()) -> Receipt:
    """The receipt for a reply that is not a yes; nothing was sent.

    Args:
        code: The reply's three digits.
        reply: Its text.
        at: The command that was refused, in lower case, such as `rcpt`.
        domain: The recipient's domain.
        lenient: Domains whose "no such mailbox" is not believed for good.

    Returns:
        `Rejected` for a 5yz; `Deferred` for anything else, as nothing was sent.
    """
    enhanced = enhanced_code(reply)
    said = f"{code} {enhanced}".strip()
    if not 500 <= code <= 599 or (code == 530 and at == "mail"):  # 530: we have not authenticated, which can be mended
        return Deferred(_reason(enhanced, f"{at}_deferred"), said)
    if enhanced.startswith("5."):
        is_dead = enhanced in _ADDRESS_IS_DEAD and at in ("rcpt", "data")
    else:
        is_dead = at == "rcpt" and code in _NO_SUCH_MAILBOX
    reason = _reason(enhanced, "no_such_mailbox" if is_dead else f"{at}_refused")
    return Rejected(reason, said, permanent_address=is_dead and not is_lenient(domain, lenient))


def refused_at(envelope: Envelope, code: int, reply: bytes, at: str, lenient: Collection[str]) -> Receipt:
    """The receipt of an envelope for a reply that is not a yes; arguments as in `refusal`."""
    return refusal(code, reply, at=at, domain=envelope.recipient.rpartition("@")[2], lenient=lenient)


def verdict(envelope: Envelope, code: int, reply: bytes, lenient: Collection[str]) -> Receipt:
    """What the reply to the dot that ends the data means; nobody knows when it makes no sense."""
    if 200 <= code <= 299:
        return Accepted(plain(reply))
    if 400 <= code <= 599:
        return refused_at(envelope, code, reply, "data", lenient)
    return Unknown("reply_makes_no_sense")


def is_lenient(domain: str, lenient: Collection[str]) -> bool:
    """Whether a domain, or one above it, is on the list."""
    labels = domain.lower().split(".")
    return any(".".join(labels[start:]) in lenient for start in range(len(labels)))


def _reason(enhanced: str, instead: str) -> str:
    kind = enhanced.partition(".")[2]
    return _REASONS.get(kind, "policy" if kind.startswith("7.") else instead)
