"""Where links lead, what signs them, and who sends. Imports errors and addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import attrs

from nurture.errors import DefinitionError, SendRefusedError
from nurture.mail.address import wire_address, wire_domain
from nurture.mail.headers import check_value

Secret: TypeAlias = str | bytes
_SHORTEST_SECRET: Final = 16
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def _secrets(secret: Secret | Sequence[Secret]) -> tuple[bytes, ...]:
    given: Sequence[Secret] = (secret,) if isinstance(secret, (str, bytes)) else secret
    return tuple(one.encode("utf-8") if isinstance(one, str) else bytes(one) for one in given)


def _check_secrets(_: object, __: object, secrets: tuple[bytes, ...]) -> None:
    if not secrets or any(len(one) < _SHORTEST_SECRET for one in secrets):
        raise DefinitionError(
            f"site.secret: expected at least {_SHORTEST_SECRET} bytes, as secrets.token_bytes(32) gives"
        )


def _without_slash(url: str) -> str:
    return url.rstrip("/")


def _check_base(_: object, __: object, base_url: str) -> None:
    problem = "site.base_url: expected https://host/path, without a query (http for localhost only)"
    if not base_url.isascii() or not base_url.isprintable() or any(sign in base_url for sign in ' <>"\\?#@'):
        raise DefinitionError(problem)
    try:
        parts = urlsplit(base_url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise DefinitionError(problem) from None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL)):
        raise DefinitionError(problem)


@attrs.frozen(slots=True)
class SenderIdentity:
    """Who writes: what the law wants a reader to see, and the address in `From`.

    Attributes:
        name: The legal entity or brand, as consent was given to it.
        address: The address in `From`, which is also the return path unless a sender sets another.
        reply_to: Where answers go; None means `address`.
        postal_address: Shown in marketing mail, which is refused without it.
        complaint_contact: An address, a telephone number or a page for complaints; marketing mail is
            refused without it.
    """

    name: str
    address: str
    reply_to: str | None = None
    postal_address: str = ""
    complaint_contact: str = ""

    def __attrs_post_init__(self) -> None:
        problems: list[str] = []
        if not self.name.strip():
            problems.append("identity.name: expected who sends")
        for field, check in (("name", check_value), ("address", _address), ("reply_to", _address)):
            value: str | None = getattr(self, field)
            try:
                if value is not None:
                    check(value, f"identity.{field}")
            except SendRefusedError as error:
                problems.append(f"identity.{field}: {error}")
        if problems:
            raise DefinitionError(problems)


def _address(address: str, _: str) -> str:
    return wire_address(address)


@attrs.frozen(slots=True)
class Site:
    """Where the host's pages are, what signs links to them, and who sends.

    Attributes:
        base_url: The host's `https` address, below which its web part answers; `http` for localhost only.
        secret: What signs links, at least 16 bytes. Several rotate: the newest, which signs, comes first;
            the others still verify. It is never shown.
        identity: Who sends.

    Example:
        >>> sender = SenderIdentity("見本", "info@example.jp")
        >>> Site("https://crm.example.jp/", secret="0123456789abcdef", identity=sender)
        Site(base_url='https://crm.example.jp', identity=SenderIdentity(name='見本', ...))
    """

    base_url: str = attrs.field(converter=_without_slash, validator=_check_base)
    secret: tuple[bytes, ...] = attrs.field(kw_only=True, converter=_secrets, validator=_check_secrets, repr=False)
    identity: SenderIdentity = attrs.field(kw_only=True)

    @property
    def host(self) -> str:
        """The host's name, without its port; the right side of every Message-ID."""
        return urlsplit(self.base_url).hostname or "localhost"


def message_id(key: str, site: Site) -> str:
    """The Message-ID of an effect: a function of its key and the site alone.

    Example:
        >>> sender = SenderIdentity("見本", "info@example.jp")
        >>> message_id("eff_abc", Site("https://crm.example.jp", secret="0123456789abcdef", identity=sender))
        '<eff_abc@crm.example.jp>'
    """
    host = site.host
    return f"<{key}@{'localhost' if host in _LOCAL else wire_domain(host)}>"
