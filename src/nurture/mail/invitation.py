"""A calendar file for the date of a campaign: a seminar goes into the reader's calendar with one click. Pure.

Imports files, the site and the program's records. `icalendar` does the work: the extra `mail`. RFC 5545, RFC 5546
section 3.2.1 (`PUBLISH`: nobody is asked to answer). Times are in UTC, so that no description of a zone is needed.
"""

from __future__ import annotations

from datetime import UTC
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

from nurture.errors import DefinitionError, SendRefusedError
from nurture.mail.address import wire_address
from nurture.mail.files import Attachment
from nurture.model import digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nurture.mail.site import SenderIdentity
    from nurture.program import Campaign

FILE_NAME: Final = "invite.ics"
"""What the file is called."""

_PRODUCT: Final = "-//nurture//mail//EN"


def invitation_for(
    campaign: Campaign, *, tenant: str, host: str, identity: SenderIdentity, stamped_at: datetime
) -> Attachment:
    """The calendar file; the same arguments give the same bytes.

    Args:
        campaign: What it invites to; it says when it starts.
        tenant: Whose campaign it is. With the campaign's name it makes the `UID`, so that a later mail about the
            same date moves it in the reader's calendar.
        host: The site's host, the right side of the `UID`.
        identity: Who invites.
        stamped_at: The instant in `DTSTAMP`: that of the mail.

    Raises:
        SendRefusedError: `no_date`: the campaign does not say when it starts; `bad_invitation`: it ends before
            it starts, or says something that cannot stand in a calendar.
        DefinitionError: The extra `mail` is not installed.
    """
    if campaign.starts_at is None:
        raise SendRefusedError("no_date", f"campaign {campaign.name!r} does not say when it starts")
    if campaign.ends_at is not None and campaign.ends_at <= campaign.starts_at:
        raise SendRefusedError("bad_invitation", f"campaign {campaign.name!r} ends before it starts")
    library = require_icalendar()
    try:
        data = _calendar(library, campaign, f"{digest('cal', tenant, campaign.name)}@{host}", identity, stamped_at)
    except ValueError:  # the library's own; its text quotes what it was given
        raise SendRefusedError("bad_invitation", f"campaign {campaign.name!r} cannot stand in a calendar") from None
    return Attachment(FILE_NAME, data, "text/calendar; method=PUBLISH; charset=utf-8")


def _calendar(library: _Library, campaign: Campaign, uid: str, identity: SenderIdentity, stamped_at: datetime) -> bytes:
    event = library.Event()
    event.add("uid", uid)
    for name, at in (("dtstamp", stamped_at), ("dtstart", campaign.starts_at), ("dtend", campaign.ends_at)):
        if at is not None:
            event.add(name, at.astimezone(UTC).replace(microsecond=0))
    event.add("summary", campaign.title or campaign.name)
    if campaign.place:
        event.add("location", campaign.place)
    if campaign.url:
        event.add("url", campaign.url)
    event.add("organizer", f"mailto:{wire_address(identity.address)}", parameters={"cn": identity.name})
    calendar = library.Calendar()
    for name, said in (("prodid", _PRODUCT), ("version", "2.0"), ("method", "PUBLISH")):
        calendar.add(name, said)
    calendar.add_component(event)
    return calendar.to_ical()


class _Component(Protocol):
    def add(self, name: str, value: object, /, parameters: Mapping[str, str] | None = None) -> None: ...

    def add_component(self, component: _Component, /) -> None: ...

    def to_ical(self) -> bytes: ...


class _Library(Protocol):
    def Calendar(self) -> _Component: ...

    def Event(self) -> _Component: ...


def require_icalendar() -> _Library:
    """The library.

    Raises:
        DefinitionError: The extra `mail` is not installed.
    """
    try:
        return cast("_Library", import_module("icalendar"))
    except ImportError:
        raise DefinitionError('calendar files need the extra mail: pip install "nurture-crm[mail]"') from None
