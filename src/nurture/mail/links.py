"""Signed links that change nothing until they are posted. Imports the site and the model.

A token names a lead, the effect that carried it, a purpose and a topic. HMAC-SHA256 with a salt for each
purpose of a link and each tenant; secrets rotate; tokens do not expire and may be used again. Whoever reads
one gives the same answer to a forged token and to an unknown one.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

import attrs
from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from nurture.model import LeadId, Purpose, SubjectId

if TYPE_CHECKING:
    from nurture.mail.site import Site

UNSUBSCRIBE_PATH: Final = "/unsubscribe/"
"""Between the site's base URL and the token."""

_LONGEST_TOKEN: Final = 4_096


@attrs.frozen(slots=True, kw_only=True)
class Unsubscribe:
    """What a token of an unsubscribe link says.

    Attributes:
        lead: Who unsubscribes.
        effect: The key of the mail that carried the link.
        purpose: From what.
        topic: From which topic of it; `""` is all of it.
    """

    lead: LeadId
    effect: str
    purpose: Purpose
    topic: str


def make_unsubscribe_link(site: Site, tenant: str, lead_id: str, effect_key: str, purpose: Purpose, topic: str) -> str:
    """The link by which a reader unsubscribes; the same arguments give the same link.

    Args:
        site: Where it leads, and what signs it.
        tenant: Whose lead it is; a token of one tenant says nothing to another.
        lead_id: Who.
        effect_key: The mail that carries it.
        purpose: From what.
        topic: From which topic of it; `""` is all of it.
    """
    said = base64_encode(_written([lead_id, effect_key, purpose.value, topic]))
    return f"{site.base_url}{UNSUBSCRIBE_PATH}{_signer(site.secret, tenant).sign(said).decode('ascii')}"


def read_unsubscribe_token(site: Site, tenant: str, token: str) -> Unsubscribe | None:
    """What a token says; None when it was not signed here for this tenant, whatever is wrong with it.

    Args:
        site: What signed it.
        tenant: Whose handle asks.
        token: The last part of the link's path.
    """
    if len(token) > _LONGEST_TOKEN:
        return None
    try:
        said: object = json.loads(base64_decode(_signer(site.secret, tenant).unsign(token)))
    except (BadData, ValueError, RecursionError):
        return None
    if not isinstance(said, list):
        return None
    parts = cast("list[object]", said)
    if len(parts) != 4 or not all(isinstance(part, str) for part in parts):
        return None
    lead, effect, purpose, topic = cast("list[str]", parts)
    if purpose not in frozenset(Purpose):
        return None
    return Unsubscribe(lead=LeadId(SubjectId(lead)), effect=effect, purpose=Purpose(purpose), topic=topic)


@lru_cache(maxsize=256)
def _signer(secrets: tuple[bytes, ...], tenant: str) -> Signer:
    return Signer(
        list(reversed(secrets)),  # the last one signs
        salt=f"nurture.unsubscribe:{tenant}".encode(),
        digest_method=hashlib.sha256,
        key_derivation="hmac",
    )


_written = json.JSONEncoder(separators=(",", ":")).encode
