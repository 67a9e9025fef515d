"""Keys that are made for a test, and a DNS that knows them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache

import attrs
import dkim
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

SELECTOR = "s2026"
DOMAIN = "example.jp"


@attrs.frozen
class Pair:
    """A private key as its owner has it, and the record in the DNS."""

    private: str
    record: bytes


@cache
def rsa_pair(bits: int = 2048, form: PrivateFormat = PrivateFormat.PKCS8) -> Pair:
    key = rsa.generate_private_key(65537, bits)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()
    return Pair(private, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public))


@cache
def ed25519_pair(*, as_seed: bool = False) -> Pair:
    key = ed25519.Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    seed = base64.b64encode(key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())).decode()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return Pair(seed if as_seed else pem, b"v=DKIM1; k=ed25519; p=" + base64.b64encode(public))


def verifies(data: bytes, **records: bytes) -> bool:
    """Whether dkimpy believes every signature of a mail, with these records by their selectors."""
    verifier = dkim.DKIM(data)
    count = sum(name.lower() == b"dkim-signature" for name, _ in verifier.headers)
    return count > 0 and all(verifier.verify(idx=number, dnsfunc=_dns(records)) for number in range(count))


def _dns(records: dict[str, bytes]) -> Callable[..., bytes | None]:
    def answer(name: bytes, timeout: int = 5) -> bytes | None:
        selector, _, rest = name.decode().partition("._domainkey.")
        assert rest == f"{DOMAIN}.", rest
        return records.get(selector)

    return answer
