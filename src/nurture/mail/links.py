"""Signed links: to unsubscribe, to choose, to confirm, to be counted. Imports the site and the model.

All are of one form: a path below the site's base URL, and a token that says for whom, and from which mail. A
token is bound to its kind and its tenant. Secrets rotate: the newest signs, all verify. Following a link
changes nothing; what acts is a POST by the page that it shows. Tokens do not expire but those that confirm,
and may be used again. Nobody's clock is read: the same arguments give the same link.

Whoever reads a token gets None for a bad, a forged and a foreign one alike, and answers all of them, and a lead
that is not known, in the same way. That holds for `TEST_LEAD`, too, which links in test mails name.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from nurture.errors import SendRefusedError
from nurture.mail._tokens import LONGEST_TOKEN, LinkKind, sign, unsign
from nurture.mail.link_records import Click, Confirm, Open, Preferences, Unsubscribe
from nurture.mail.targets import clean_target
from nurture.model import EffectId, LeadId, Purpose, SubjectId

if TYPE_CHECKING:
    from nurture.mail.site import Site

__all__ = [
    "CLICK_PATH",
    "CONFIRM_AGE",
    "CONFIRM_PATH",
    "OPEN_PATH",
    "PREFERENCES_PATH",
    "TEST_LEAD",
    "UNSUBSCRIBE_PATH",
    "Click",
    "Confirm",
    "Open",
    "Preferences",
    "Unsubscribe",
    "make_click_link",
    "make_confirm_link",
    "make_open_link",
    "make_preferences_link",
    "make_unsubscribe_link",
    "read_click_token",
    "read_confirm_token",
    "read_open_token",
    "read_preferences_token",
    "read_unsubscribe_token",
]

UNSUBSCRIBE_PATH: Final = "/unsubscribe/"
PREFERENCES_PATH: Final = "/preferences/"
CONFIRM_PATH: Final = "/confirm/"
CLICK_PATH: Final = "/c/"
OPEN_PATH: Final = "/o/"
"""What stands between the site's base URL and a token."""

TEST_LEAD: Final = LeadId(SubjectId("lead_test"))
"""Whom the links of a test mail name: nobody. Hosts answer them as they answer an unknown lead's."""

CONFIRM_AGE: Final = timedelta(days=7)
"""How long a link that confirms can be followed, unless its reader says otherwise."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_PURPOSES: Final = frozenset(Purpose)


def make_unsubscribe_link(
    site: Site,
    tenant: str,
    lead: str,
    effect: str,
    purpose: Purpose,
    topic: str = "",
    entity: str = "",
    channel: str = "email",
) -> str:
    """The link by which a reader unsubscribes.

    Args:
        site: Where it leads, and what signs it.
        tenant: Whose lead it is; a token of one tenant says nothing to another.
        lead: Who.
        effect: The key of the mail that carries it.
        purpose: From what.
        topic: From which topic of it; `""` is all of it.
        entity: From whose messages; `""` is the site's own.
        channel: On which channel.

    Raises:
        SendRefusedError: `bad_link`: it would be too long to be read again.
    """
    parts = (lead, effect, purpose.value, topic, entity, channel)
    return _link(site, "unsubscribe", UNSUBSCRIBE_PATH, tenant, parts)


def read_unsubscribe_token(site: Site, tenant: str, token: str) -> Unsubscribe | None:
    """What a token says; None when it was not signed here for this tenant, whatever is wrong with it.

    Args:
        site: What signed it.
        tenant: Whose handle asks.
        token: The last part of the link's path.
    """
    parts = unsign(site.secret, "unsubscribe", tenant, token, 6)
    if parts is None or parts[2] not in _PURPOSES:
        return None
    lead, effect, purpose, topic, entity, channel = parts
    return Unsubscribe(
        lead=_lead(lead), effect=EffectId(effect), purpose=Purpose(purpose), topic=topic, entity=entity, channel=channel
    )


def make_preferences_link(site: Site, tenant: str, lead: str, effect: str, entity: str = "") -> str:
    """The link to the page where a reader chooses topics; arguments as in `make_unsubscribe_link`."""
    return _link(site, "preferences", PREFERENCES_PATH, tenant, (lead, effect, entity))


def read_preferences_token(site: Site, tenant: str, token: str) -> Preferences | None:
    """What a token says; None as in `read_unsubscribe_token`."""
    parts = unsign(site.secret, "preferences", tenant, token, 3)
    return None if parts is None else Preferences(lead=_lead(parts[0]), effect=EffectId(parts[1]), entity=parts[2])


def make_confirm_link(
    site: Site,
    tenant: str,
    lead: str,
    effect: str,
    *,
    asked_at: datetime,
    channel: str = "email",
    purpose: Purpose = Purpose.MARKETING,
    topic: str = "",
    entity: str = "",
    text_version: str = "",
    places: str = "",
) -> str:
    """The link by which a person confirms a consent; see `Confirm` for what it says.

    Raises:
        SendRefusedError: `bad_link`: it would be too long to be read again.
    """
    parts = (lead, effect, channel, purpose.value, topic, entity, text_version, _written(asked_at), places)
    return _link(site, "confirm", CONFIRM_PATH, tenant, parts)


def read_confirm_token(
    site: Site, tenant: str, token: str, now: datetime, *, max_age: timedelta = CONFIRM_AGE
) -> Confirm | None:
    """What a token says; None as in `read_unsubscribe_token`, and when it was asked for too long ago.

    Args:
        site: What signed it.
        tenant: Whose handle asks.
        token: The last part of the link's path.
        now: The present.
        max_age: From `asked_at` on, how long it is valid; the end is outside.
    """
    parts = unsign(site.secret, "confirm", tenant, token, 9)
    if parts is None or parts[3] not in _PURPOSES:
        return None
    lead, effect, channel, purpose, topic, entity, text_version, asked, places = parts
    asked_at = _read_instant(asked)
    if asked_at is None or now - asked_at >= max_age:
        return None
    return Confirm(
        lead=_lead(lead), effect=EffectId(effect), channel=channel, purpose=Purpose(purpose), topic=topic,
        entity=entity, text_version=text_version, asked_at=asked_at, places=places,
    )  # fmt: skip


def make_click_link(
    site: Site, tenant: str, lead: str, effect: str, target: str, *, made_at: datetime | None = None
) -> str:
    """The link that counts a click and leads on to its target, which it carries signed.

    Args:
        site: Where it leads first, and what signs it.
        tenant: Whose lead it is.
        lead: Who will click.
        effect: The key of the mail that carries it.
        target: Where it leads then; see `clean_target` for what is allowed.
        made_at: When it is made, for readers that ask for a `max_age`.

    Raises:
        SendRefusedError: `bad_target`: nothing may redirect there.
    """
    cleaned = clean_target(target)
    if cleaned is None:
        raise SendRefusedError("bad_target", "a tracked link leads to an absolute http or https address")
    return _link(site, "click", CLICK_PATH, tenant, (lead, effect, cleaned, _written(made_at)))


def read_click_token(
    site: Site, tenant: str, token: str, *, now: datetime | None = None, max_age: timedelta | None = None
) -> Click | None:
    """What a token says; None as in `read_unsubscribe_token`, and when it is older than a reader wants.

    Args:
        site: What signed it.
        tenant: Whose handle asks.
        token: The last part of the link's path.
        now: The present, when there is a `max_age`.
        max_age: How long it is valid; None means for ever. A link that does not say when it was made is too old.
    """
    parts = unsign(site.secret, "click", tenant, token, 4)
    if parts is None or clean_target(parts[2]) != parts[2]:
        return None
    lead, effect, target, made = parts
    made_at = _read_instant(made)
    if not _is_fresh(made_at, now, max_age):
        return None
    return Click(lead=_lead(lead), effect=EffectId(effect), target=target, made_at=made_at)


def make_open_link(site: Site, tenant: str, lead: str, effect: str, *, made_at: datetime | None = None) -> str:
    """The address of the pixel that counts an opening; arguments as in `make_click_link`."""
    return _link(site, "open", OPEN_PATH, tenant, (lead, effect, _written(made_at)))


def read_open_token(
    site: Site, tenant: str, token: str, *, now: datetime | None = None, max_age: timedelta | None = None
) -> Open | None:
    """What a token says; None as in `read_click_token`."""
    parts = unsign(site.secret, "open", tenant, token, 3)
    if parts is None:
        return None
    lead, effect, made = parts
    made_at = _read_instant(made)
    if not _is_fresh(made_at, now, max_age):
        return None
    return Open(lead=_lead(lead), effect=EffectId(effect), made_at=made_at)


def _link(site: Site, kind: LinkKind, path: str, tenant: str, parts: tuple[str, ...]) -> str:
    token = sign(site.secret, kind, tenant, parts)
    if len(token) > LONGEST_TOKEN:
        raise SendRefusedError("bad_link", f"{kind}: what the link says is too long")
    return f"{site.base_url}{path}{token}"


def _lead(lead: str) -> LeadId:
    return LeadId(SubjectId(lead))


def _is_fresh(made_at: datetime | None, now: datetime | None, max_age: timedelta | None) -> bool:
    if max_age is None:
        return True
    if now is None:
        raise ValueError("now: expected the present, since there is a max_age")
    return made_at is not None and now - made_at < max_age


def _written(instant: datetime | None) -> str:
    """Microseconds since 1970; `""` for none."""
    if instant is None:
        return ""
    if instant.utcoffset() is None:
        raise ValueError("expected a datetime with a time zone")
    return f"{(instant - _EPOCH) // _MICROSECOND:x}"


def _read_instant(text: str) -> datetime | None:
    try:
        return _EPOCH + timedelta(microseconds=int(text, 16)) if text else None
    except (ValueError, OverflowError):
        return None
