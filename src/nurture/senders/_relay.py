"""What both SMTP senders are told, refuse and understand in the same way. Imports the errors and the ports."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from nurture.errors import DefinitionError
from nurture.senders._words import is_this_machine

if TYPE_CHECKING:
    from nurture.ports import Envelope, Rejected
    from nurture.senders.dkim import DkimSigner

Tls: TypeAlias = Literal["starttls", "implicit", "none"]

JAPANESE_CARRIERS: Final = frozenset(
    {"docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp", "vodafone.ne.jp", "ymobile.ne.jp"}
    | {"ymobile1.ne.jp", "y-mobile.ne.jp", "uqmobile.jp", "rakumail.jp", "disney.ne.jp", "willcom.com", "pdx.ne.jp"}
)
"""Mobile carriers whose filters may answer "user unknown" to mail that they only do not like."""

PORTS: Final = {"starttls": 587, "implicit": 465, "none": 25}
IDLE_SECONDS: Final = 30.0
"""After so long without work a connection is not used again."""
RESET_SHARE: Final = 0.25
"""Of the time for one mail, what may go by until a kept connection proves that it is alive."""

_GREETING: Final = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*|\[[A-Za-z0-9:.]+\]")
_LAST_PORT: Final = 65_535


def check(
    *,
    host: str,
    tls: str,
    username: str | None,
    password: str | None,
    timeout: timedelta,
    port: int | None,
    local_hostname: str | None,
    counts: Sequence[tuple[str, int, int]],
) -> None:
    """Refuse what cannot work, all problems at once.

    Args:
        host: The server.
        tls: How the connection is made secret.
        username: For authentication.
        password: For authentication.
        timeout: For one envelope.
        port: Of the server, if the host names one.
        local_hostname: How to say hello, if the host says how.
        counts: Name, value and least value of each number.

    Raises:
        DefinitionError: With every problem.
    """
    problems: list[str] = []
    if not host:
        problems.append("host: expected the name of a server")
    if tls not in PORTS:
        problems.append(f"tls: expected one of {', '.join(PORTS)}")
    if username is not None and tls == "none" and not is_this_machine(host):
        problems.append("username: a password goes out only under TLS, or to this machine")
    if (username is None) != (password is None):
        problems.append("username, password: expected both or neither")
    if port is not None and not 1 <= port <= _LAST_PORT:
        problems.append(f"port: expected 1 to {_LAST_PORT}")
    if local_hostname is not None and not _GREETING.fullmatch(local_hostname):
        problems.append("local_hostname: expected a name as the DNS has it, or an address in brackets")
    if timeout <= timedelta(0):
        problems.append("timeout: expected more than zero")
    problems += [f"{name}: expected at least {least}" for name, value, least in counts if value < least]
    if problems:
        raise DefinitionError(problems)


def signers_of(dkim: DkimSigner | Sequence[DkimSigner]) -> tuple[DkimSigner, ...]:
    """The signers, also when there is only one."""
    return tuple(dkim) if isinstance(dkim, Sequence) else (dkim,)


def ready(envelope: Envelope, signers: Sequence[DkimSigner]) -> bytes | Rejected:
    """The bytes that go over the wire, signed where signers are given; or why they must not."""
    if not signers:
        return envelope.data
    from nurture.senders.dkim import signed

    return signed(envelope.data, signers)
