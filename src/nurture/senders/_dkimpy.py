"""dkimpy, so that its signatures hold no time of their own. Imports the errors; needs the extra `dkim`."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Final

from nurture.errors import DefinitionError

LEAST_RSA_BITS: Final = 2048
"""RFC 8301 section 3.2 asks signers for as many."""

# Without types. PyNaCl is what dkimpy needs for Ed25519, and goes without silently.
_dkim: Any = import_module("dkim")
_crypto: Any = import_module("dkim.crypto")
_nacl: Any = import_module("nacl.signing")


class Signing:
    """Makes one `DKIM-Signature` field with what stays the same from mail to mail.

    Args:
        domain: `d=`.
        selector: `s=`.
        algorithm: `a=`.
        key: PEM for RSA, a seed in base64 for Ed25519.

    Raises:
        DefinitionError: The key cannot be read, or is too short.
    """

    def __init__(self, domain: str, selector: str, algorithm: str, key: bytes) -> None:
        self._names = (selector.encode("ascii"), domain.encode("ascii"), key)
        self._algorithm = algorithm.encode("ascii")
        _check(algorithm, key)

    def __call__(self, data: bytes, headers: Sequence[str], stamps: Mapping[str, int]) -> bytes:
        """The field with its line end, for a mail, the headers to be covered, and `t=` and `x=` where wanted.

        Raises:
            ValueError: It is no mail that can be signed.
        """
        maker = _dkim.DKIM()
        maker.gen_header = _stamped(maker.gen_header, stamps)
        try:
            maker.set_message(data)
            field: bytes = maker.sign(
                *self._names,
                self._algorithm,
                canonicalize=(b"relaxed", b"relaxed"),
                include_headers=[name.encode("ascii") for name in headers],
            )
        except _dkim.DKIMException as error:
            raise ValueError(f"cannot be signed: {type(error).__name__}") from error
        return field


def _stamped(generate: Any, stamps: Mapping[str, int]) -> Any:  # noqa: ANN401 -- dkimpy has no types
    """With the stamps that were given: dkimpy itself reads the clock for `t=`."""
    said = [(name.encode("ascii"), str(value).encode("ascii")) for name, value in stamps.items()]

    def generated(fields: list[tuple[bytes, bytes]], *arguments: object) -> object:
        at = [name for name, _ in fields].index(b"t")
        fields[at : at + 1] = said
        return generate(fields, *arguments)

    return generated


def _check(algorithm: str, key: bytes) -> None:
    if algorithm == "ed25519-sha256":
        _nacl.SigningKey(base64.b64decode(key))
        return
    try:
        bits: int = _crypto.parse_pem_private_key(key)["modulus"].bit_length()
    except (_crypto.UnparsableKeyError, IndexError, KeyError, TypeError, ValueError):
        raise DefinitionError(["private_key: expected a key for RSA (PKCS #1 or #8) or Ed25519 (PKCS #8)"]) from None
    if bits < LEAST_RSA_BITS:
        raise DefinitionError([f"private_key: expected at least {LEAST_RSA_BITS} bits for RSA"])
