"""Signs mail, so that a mailbox provider can tell whose it is (RFC 6376, RFC 8463). Imports the errors and the ports.

The library is dkimpy (extra `dkim`). A signature is added in front of the mail's bytes; nothing else changes.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from nurture.errors import DefinitionError
from nurture.ports import Rejected

if TYPE_CHECKING:
    from nurture.senders._dkimpy import Signing

Algorithm: TypeAlias = Literal["rsa-sha256", "ed25519-sha256"]

SIGNED_HEADERS: Final = (
    *("from", "to", "subject", "date", "message-id", "reply-to", "mime-version"),
    *("content-type", "content-transfer-encoding", "content-disposition", "content-language"),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post", "auto-submitted"),
)
"""What a signature covers, as far as the mail has it."""

SEALED_HEADERS: Final = frozenset(
    {"from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type"}
    | {"list-unsubscribe", "list-unsubscribe-post"}
)
"""What is signed once more than the mail has it: nobody can add another one, which a reader's program might show."""

_LABEL: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"
_NAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_ARMOR: Final = re.compile(r"-----BEGIN ([A-Z ]+)-----\s+(.*?)\s*-----END \1-----", re.DOTALL)
_ED25519_FRONT: Final = bytes.fromhex("302e020100300506032b657004220420")
"""How a PKCS #8 file with an Ed25519 key begins (RFC 8410 section 7); the seed follows."""
_FIELD: Final = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_UNSUBSCRIBE: Final = frozenset({"list-unsubscribe", "list-unsubscribe-post"})


class DkimSigner:
    """Signs each mail for one domain, with one key.

    The same mail gets the same signature: it holds no time unless a clock is given. What a reader's program shows or
    acts upon is signed once more than it is there, so that nobody can add a second one.

    Args:
        domain: Whose signature it is (`d=`). It signs mail from this domain and from those below it.
        selector: Names the key in the DNS, at `<selector>._domainkey.<domain>` (`s=`).
        private_key: RSA of at least 2048 bits, or Ed25519: a PEM file's text, or Ed25519's seed in base64.
        headers: What is covered, as far as the mail has it.
        clock: Gives the instant that a signature states (`t=`), aware; None states none.
        valid_for: For how long after that instant it is good (`x=`); None is for ever.

    Raises:
        DefinitionError: An argument cannot work, such as a key that is too short.
        ImportError: The extra `dkim` is not installed.
    """

    def __init__(
        self,
        domain: str,
        selector: str,
        private_key: str | bytes,
        *,
        headers: Sequence[str] = SIGNED_HEADERS,
        clock: Callable[[], datetime] | None = None,
        valid_for: timedelta | None = None,
    ) -> None:
        self._domain = domain.lower()
        self._selector = selector
        self._headers = tuple(name.lower() for name in headers)
        _check(self._domain, selector, self._headers, clock is not None, valid_for)
        self._clock = clock
        self._valid_for = valid_for
        algorithm, key = _key(private_key)
        self._algorithm: Algorithm = algorithm
        self._signing: Signing = _library()(self._domain, self._selector, self._algorithm, key)

    def __repr__(self) -> str:
        return f"DkimSigner({self._domain!r}, {self._selector!r}, {self._algorithm})"

    @property
    def domain(self) -> str:
        """Whose signature it is."""
        return self._domain

    @property
    def algorithm(self) -> Algorithm:
        """What it signs with."""
        return self._algorithm

    def fits(self, domain: str) -> bool:
        """Whether mail from this domain is its to sign: what DMARC calls aligned (RFC 7489 section 3.1.1).

        Example:
            >>> signer = DkimSigner("example.jp", "s1", "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
            >>> signer.fits("news.example.jp"), signer.fits("badexample.jp")
            (True, False)
        """
        return f".{domain.lower()}".endswith(f".{self._domain}")

    def sign(self, data: bytes) -> bytes:
        """The mail with its signature in front.

        Raises:
            ValueError: It is no mail that can be signed.
        """
        there = Counter(name for name, _ in _fields(data))
        covered = [name for name in self._headers for _ in range(there[name] + (name in SEALED_HEADERS))]
        return self._signing(data, covered, self._stamps()) + data

    def _stamps(self) -> dict[str, int]:
        if self._clock is None:
            return {}
        at = self._clock()
        if at.tzinfo is None:
            raise ValueError("clock: expected a datetime with a time zone")
        stamps = {"t": int(at.timestamp())}
        if self._valid_for is not None:
            stamps["x"] = int((at + self._valid_for).timestamp())
        return stamps


def covers_unsubscribe(data: bytes) -> bool:
    r"""Whether one signature covers all headers that let the reader unsubscribe (RFC 8058 section 4).

    Only `h=` is read; whether the signature is good is for who verifies it.

    Example:
        >>> covers_unsubscribe(b"List-Unsubscribe: <https://example.jp/u>\r\n\r\nbody")
        False
        >>> covers_unsubscribe(b"Subject: a mail that has none\r\n\r\nbody")
        True
    """
    return _covers(data, data)


def _covers(signatures: bytes, data: bytes) -> bool:
    """Whether one of some signatures covers all headers of a mail that let the reader unsubscribe."""
    needed = Counter(name for name, _ in _fields(data) if name in _UNSUBSCRIBE)
    made = [value for name, value in _fields(signatures) if name == "dkim-signature"]
    return not needed or any(needed <= Counter(_covered(value)) for value in made)


def signed(data: bytes, signers: Iterable[DkimSigner]) -> bytes | Rejected:
    """The mail with the signature of each signer that fits its `From`; or why it must not go out.

    `dkim_no_key`: no signer fits. `dkim_incomplete`: no signature that was made here covers how to unsubscribe.
    `dkim_failed`: the library cannot sign it.
    """
    domain = _from_domain(data)
    fitting = [signer for signer in signers if signer.fits(domain)]
    if not fitting:
        return Rejected("dkim_no_key")
    made = data
    try:
        for signer in fitting:
            made = signer.sign(made)
    except ValueError:
        return Rejected("dkim_failed")
    # One that stood there before may be anybody's.
    return made if _covers(made[: len(made) - len(data)], data) else Rejected("dkim_incomplete")


def _fields(data: bytes) -> list[tuple[str, bytes]]:
    """The header fields: names in lower case, values as they are folded."""
    head = data.partition(b"\r\n\r\n")[0]
    found = (_FIELD.match(line) for line in re.split(rb"\r\n(?![ \t])", head))
    return [(one[1].decode("ascii").lower(), one[2]) for one in found if one is not None]


def _covered(value: bytes) -> list[str]:
    """The names in `h=` of one signature."""
    for tag in value.decode("utf-8", "replace").split(";"):
        name, _, listed = tag.partition("=")
        if name.strip() == "h":
            return [one.strip().lower() for one in listed.split(":")]
    return []


def _from_domain(data: bytes) -> str:
    written = next((value for name, value in _fields(data) if name == "from"), b"")
    return written.rpartition(b"@")[2].strip().rstrip(b">").decode("utf-8", "replace")


def _check(domain: str, selector: str, headers: tuple[str, ...], has_clock: bool, valid_for: timedelta | None) -> None:
    problems = [
        f"{name}: expected a name as the DNS has it"
        for name, value in (("domain", domain), ("selector", selector))
        if not _NAME.fullmatch(value)
    ]
    if "from" not in headers:
        problems.append("headers: 'from' must be signed")
    if not all(re.fullmatch(r"[!-9;-~]+", name) for name in headers) or "dkim-signature" in headers:
        problems.append("headers: expected names of header fields")
    if valid_for is not None and (not has_clock or valid_for < timedelta(seconds=1)):
        problems.append("valid_for: expected a second or more, with a clock")
    if problems:
        raise DefinitionError(problems)


def _key(private_key: str | bytes) -> tuple[Algorithm, bytes]:
    """The algorithm, and the key as the library takes it: PEM for RSA, the seed in base64 for Ed25519."""
    text = private_key if isinstance(private_key, str) else private_key.decode("ascii", "replace")
    armored = _ARMOR.search(text)
    try:
        der = base64.b64decode(re.sub(r"\s+", "", armored[2] if armored else text), validate=True)
    except (binascii.Error, ValueError):
        raise DefinitionError(["private_key: expected a PEM file's text, or a seed in base64"]) from None
    if armored is None or der.startswith(_ED25519_FRONT):
        seed = der.removeprefix(_ED25519_FRONT)
        if len(seed) != 32:
            raise DefinitionError(["private_key: expected 32 bytes for Ed25519"])
        return "ed25519-sha256", base64.b64encode(seed)
    lines = (f"-----BEGIN {armored[1]}-----", base64.b64encode(der).decode("ascii"), f"-----END {armored[1]}-----")
    return "rsa-sha256", "\n".join((*lines, "")).encode("ascii")


def _library() -> type[Signing]:
    try:
        from nurture.senders._dkimpy import Signing
    except ImportError as error:
        raise ImportError('DKIM needs dkimpy: pip install "nurture-crm[dkim]"') from error
    return Signing
