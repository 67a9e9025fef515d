"""Where links lead, what signs them, and who sends. Imports errors, addresses and the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias, cast
from urllib.parse import urlsplit

import attrs

from nurture.errors import DefinitionError, SendRefusedError, shown_key, unknown_name
from nurture.mail.address import wire_address, wire_domain
from nurture.mail.headers import check_value
from nurture.model import Purpose, frozen
from nurture.steps.declaration import fit, mapping_given, several_or_one, wrong

Secret: TypeAlias = str | bytes
_SHORTEST_SECRET: Final = 16
LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts to which links may lead without TLS: this machine."""

LONGEST_RETURN_LOCAL: Final = 23
"""What a return path may have before its `@`: of 64 octets, a `+` and a signed key take 41."""


@attrs.frozen(slots=True)
class SenderIdentity:
    """Who writes: what the law wants a reader to see, and the address in `From`.

    Attributes:
        name: The legal entity or brand, as consent was given to it.
        address: The address in `From`, which is also the return path unless the site has another.
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
        fit(self, "identity")
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

    @property
    def domain(self) -> str:
        """The domain of the address in `From`, in lower case, as punycode."""
        return _domain_of(self.address)


def _address(address: str, _: str) -> str:
    return wire_address(address)


def _domain_of(address: str) -> str:
    return wire_address(address).rpartition("@")[2]


@attrs.frozen(slots=True, kw_only=True)
class Tracking:
    """What is counted about mails of one purpose; nothing, unless a host says so.

    Attributes:
        clicks: Whether links lead over the site, which records a click and leads on.
        opens: Whether HTML ends in a pixel. Machines open mail, too: an opening is a weak sign.
    """

    clicks: bool = False
    opens: bool = False

    def __attrs_post_init__(self) -> None:
        fit(self, "tracking")


_OFF: Final = Tracking()
_NOBODY_ELSE: Final[Mapping[str, SenderIdentity]] = frozen(None)
_NOTHING: Final[Mapping[Purpose, Tracking]] = {}


def _secrets(secret: Secret | Sequence[Secret]) -> tuple[bytes, ...]:
    given = cast("object", (secret,) if isinstance(secret, (str, bytes)) else secret)
    found = [_secret(one) for one in cast("Sequence[object]", given)] if isinstance(given, Sequence) else []
    return tuple(found) if all(found) else ()  # none is too few, and is refused as such


def _secret(given: object) -> bytes:
    """One as bytes; empty when it is neither text nor bytes, or text that has no bytes."""
    try:
        return given.encode("utf-8") if isinstance(given, str) else given if isinstance(given, bytes) else b""
    except UnicodeEncodeError:
        return b""


def _without_slash(url: str) -> str:
    return url.rstrip("/") if isinstance(cast("object", url), str) else ""


def _domains_given(given: Iterable[str] | str, where: str) -> frozenset[str]:
    many = cast("object", several_or_one(given, str))
    if not isinstance(many, tuple) or not all(isinstance(one, str) for one in cast("tuple[object, ...]", many)):
        raise wrong(where, "domains, such as 'mail.example.jp'", given)
    return frozenset(cast("tuple[str, ...]", many))


def _verified(given: Iterable[str] | str) -> frozenset[str]:
    return _domains_given(given, "site.verified")


def _own_hosts(given: Iterable[str] | str) -> frozenset[str]:
    return _domains_given(given, "site.own_hosts")


def _identities(given: Mapping[str, SenderIdentity]) -> Mapping[str, SenderIdentity]:
    return cast("Mapping[str, SenderIdentity]", frozen(dict(mapping_given(given, "site.identities"))))


def _tracking(given: Mapping[Purpose, Tracking]) -> Mapping[Purpose, Tracking]:
    said = frozen({str(purpose): one for purpose, one in mapping_given(given, "site.tracking").items()})
    return cast("Mapping[Purpose, Tracking]", said)  # a purpose is the text that it is


def _domains(site: Site) -> frozenset[str]:
    return frozenset(one.domain for one in _given_identities(site).values() if isinstance(one, SenderIdentity))


def _given_identities(site: Site) -> dict[str, object]:
    """Every identity with its field, whatever the host put there."""
    return {
        "identity": site.identity,
        **{f"identities[{shown_key(name)}]": one for name, one in site.identities.items()},
    }


def _own_host(site: Site) -> frozenset[str]:
    return frozenset((_host_of(site.base_url),))


@attrs.frozen(slots=True)
class Site:
    """Where the host's pages are, what signs links to them, and who sends.

    Attributes:
        base_url: The host's `https` address, below which its web part answers; `http` for localhost only.
        secret: What signs links, at least 16 bytes. Several rotate: the newest, which signs, comes first;
            the others still verify. It is never shown.
        identity: Who sends, unless a message names another entity.
        identities: Who else sends, by the name of the entity.
        verified: The domains from which the host may send, because SPF and DKIM say so; by default those of its
            identities. A subdomain is another domain: name it, too.
        return_path: The address that bounces come back to, with the mail's key behind a `+`; such as
            `bounces@mail.example.jp`, with at most 23 characters before the `@`. None means the sender's own.
        tracking: What is counted about mails, by purpose.
        own_hosts: The hosts to whose pages `utm_…` is added; by default that of `base_url`.

    Raises:
        DefinitionError: A field is wrong; all that are wrong at once.

    Example:
        >>> sender = SenderIdentity("見本", "info@example.jp")
        >>> site = Site("https://crm.example.jp/", secret="0123456789abcdef", identity=sender)
        >>> site.base_url, sorted(site.verified), sorted(site.own_hosts)
        ('https://crm.example.jp', ['example.jp'], ['crm.example.jp'])
        >>> site.is_verified("hanako@example.jp"), site.is_verified("hanako@news.example.jp")
        (True, False)
    """

    base_url: str = attrs.field(converter=_without_slash)
    secret: tuple[bytes, ...] = attrs.field(kw_only=True, converter=_secrets, repr=False)
    identity: SenderIdentity = attrs.field(kw_only=True)
    identities: Mapping[str, SenderIdentity] = attrs.field(default=_NOBODY_ELSE, kw_only=True, converter=_identities)
    verified: frozenset[str] = attrs.field(
        default=attrs.Factory(_domains, takes_self=True), kw_only=True, converter=_verified
    )
    return_path: str | None = attrs.field(default=None, kw_only=True)
    tracking: Mapping[Purpose, Tracking] = attrs.field(default=_NOTHING, kw_only=True, converter=_tracking)
    own_hosts: frozenset[str] = attrs.field(
        default=attrs.Factory(_own_host, takes_self=True), kw_only=True, converter=_own_hosts
    )

    def __attrs_post_init__(self) -> None:
        base = _base_problems(self.base_url)
        problems = [*base, *_secret_problems(self.secret), *_entity_problems(self)]
        problems += _tracking_problems(self.tracking)
        for field, read in (("verified", wire_domain), ("own_hosts", _host)):
            try:
                object.__setattr__(self, field, frozenset(map(read, getattr(self, field))))
            except SendRefusedError:
                if base and self.own_hosts == _own_host(self) and field == "own_hosts":
                    continue  # said of the base URL, from which they come
                problems.append(f"site.{field}: expected domains, such as 'mail.example.jp'")
        if self.return_path is not None and not isinstance(cast("object", self.return_path), str):
            problems.append("site.return_path: expected an address, such as 'bounces@mail.example.jp'")
        elif self.return_path is not None:
            try:
                object.__setattr__(self, "return_path", _return_path(self.return_path))
            except SendRefusedError as error:
                problems.append(f"site.return_path: {error}")
        if problems:
            raise DefinitionError(problems)

    @property
    def host(self) -> str:
        """The host's name, without its port; the right side of every Message-ID."""
        return _host_of(self.base_url)

    def identity_of(self, entity: str) -> SenderIdentity | None:
        """Who an entity is: `""` is the site's own identity; None for a name that nobody has."""
        return self.identities.get(entity) if entity else self.identity

    def is_verified(self, address: str) -> bool:
        """Whether the host may send from this address: its domain, exactly, is a verified one."""
        try:
            return _domain_of(address) in self.verified
        except SendRefusedError:
            return False

    def tracking_of(self, purpose: Purpose) -> Tracking:
        """What is counted about mails of this purpose."""
        return self.tracking.get(purpose, _OFF)


def _base_problems(base_url: str) -> list[str]:
    problem = ["site.base_url: expected https://host/path, without a query (http for localhost only)"]
    no_domain = ["site.base_url: expected a host that is a domain name, such as 'crm.example.jp'"]
    if not base_url.isascii() or not base_url.isprintable() or any(sign in base_url for sign in ' <>"\\?#@'):
        return problem
    try:
        parts = urlsplit(base_url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return problem
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOCAL_HOSTS)
    if not host or not is_safe:
        return problem
    try:
        _host(host)
    except SendRefusedError:
        return no_domain
    return []


def _secret_problems(secrets: tuple[bytes, ...]) -> list[str]:
    if secrets and all(len(one) >= _SHORTEST_SECRET for one in secrets):
        return []
    return [f"site.secret: expected at least {_SHORTEST_SECRET} bytes, as secrets.token_bytes(32) gives"]


def _entity_problems(site: Site) -> list[str]:
    given = _given_identities(site)
    wrong = [field for field, one in given.items() if not isinstance(one, SenderIdentity)]
    problems = [f"site.{field}: expected a SenderIdentity" for field in wrong]
    if not all(isinstance(name, str) for name in cast("Mapping[object, object]", site.identities)):
        problems.append("site.identities: expected texts as names")
    if "" in site.identities:
        problems.append("site.identities: expected names; '' is site.identity")
    return problems


def _tracking_problems(tracking: Mapping[Purpose, Tracking]) -> list[str]:
    known = [purpose.value for purpose in Purpose]
    given: dict[str, object] = {str(purpose): one for purpose, one in tracking.items()}
    problems = [unknown_name("purpose", name, known, where="site.tracking") for name in given if name not in known]
    return problems + [
        f"site.tracking[{shown_key(name)}]: expected a Tracking"
        for name, one in given.items()
        if not isinstance(one, Tracking)
    ]


def _host_of(base_url: str) -> str:
    try:
        return urlsplit(base_url).hostname or "localhost"
    except ValueError:
        return "localhost"


def _host(host: str) -> str:
    return host if host in LOCAL_HOSTS else wire_domain(host)


def _return_path(address: str) -> str:
    """The address in lower case, since relays fold it; it must leave room for a key."""
    wire = wire_address(address).lower()
    local = wire.rpartition("@")[0]
    if local.startswith('"') or len(local) > LONGEST_RETURN_LOCAL:
        raise SendRefusedError("bad_address", f"expected at most {LONGEST_RETURN_LOCAL} plain characters before the @")
    return wire


def message_id(key: str, site: Site) -> str:
    """The Message-ID of an effect: a function of its key and the site alone.

    Example:
        >>> sender = SenderIdentity("見本", "info@example.jp")
        >>> message_id("eff_abc", Site("https://crm.example.jp", secret="0123456789abcdef", identity=sender))
        '<eff_abc@crm.example.jp>'
    """
    host = site.host
    return f"<{key}@{'localhost' if host in LOCAL_HOSTS else wire_domain(host)}>"
