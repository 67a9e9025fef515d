"""What is said, on which channel, and why. Imports the model only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import attrs

from nurture.model import EMPTY, Purpose, Value, clean_values
from nurture.program.choices import to_purpose
from nurture.steps.declaration import Declaration, mapping_given, several_or_one


@attrs.frozen(slots=True)
class Translation(Declaration):
    """A message in one more language.

    Attributes:
        locale: For whom: a language tag such as `en` or `zh-Hant`; `en` also serves `en-GB`.
        subject: Subject line, a template.
        text: Plain text, a template; None makes it from the HTML.
        html: HTML, a template; None sends plain text alone.
        preheader: The line that mail programs show beside the subject, a template.
    """

    stands_in: ClassVar[str] = "messages.translations"

    locale: str
    subject: str
    text: str | None = None
    html: str | None = None
    preheader: str = ""


def _translations(given: Translation | Iterable[Translation]) -> tuple[Translation, ...]:
    return several_or_one(given, Translation)


def _names(given: str | Iterable[str]) -> tuple[str, ...]:
    return several_or_one(given, str)


def _utm(given: Mapping[str, object]) -> Mapping[str, Value]:
    return clean_values(mapping_given(given, "message.utm"), "message.utm")


@attrs.frozen(slots=True)
class Message(Declaration):
    """A message that steps send by name.

    Bodies are Jinja templates; lead data is context, never template source. They are outside a
    scenario's version: mending a typo forks nothing.

    Attributes:
        name: Names it in steps.
        purpose: `marketing`, `transactional` or `internal`; there is no default, because the law asks.
        subject: Subject line, a template.
        text: Plain text, a template; None makes it from the HTML.
        html: HTML, a template; None sends plain text alone.
        channel: Such as `email`.
        topic: What it is about, for consent by topic; `""` is the whole purpose.
        title: For people to read.
        preheader: The line that mail programs show beside the subject, a template.
        layout: Name of the layout that the bodies stand in; None for none.
        translations: The same in other languages, or in another one. The bodies above are for everybody else.
        entity: Who sends: the name of one of the site's identities; `""` is the site's own.
        from_owner: Whether it comes from the lead's owner; when there is none, or its address is not verified, it comes
            from the entity, and answers go to the owner where there is one.
        attachments: Names of files that the host gave to its `Nurture`, or one name.
        invitation: Name of a campaign whose date goes along as a calendar file.
        utm: What is added to links to the host's own pages, such as `{"campaign": "spring"}` for `utm_campaign`.
    """

    stands_in: ClassVar[str] = "messages"

    name: str
    purpose: Purpose = attrs.field(converter=to_purpose)
    subject: str
    text: str | None = None
    html: str | None = None
    channel: str = "email"
    topic: str = ""
    title: str = ""
    preheader: str = attrs.field(default="", kw_only=True)
    layout: str | None = attrs.field(default=None, kw_only=True)
    translations: tuple[Translation, ...] = attrs.field(default=(), converter=_translations, kw_only=True)
    entity: str = attrs.field(default="", kw_only=True)
    from_owner: bool = attrs.field(default=False, kw_only=True)
    attachments: tuple[str, ...] = attrs.field(default=(), converter=_names, kw_only=True)
    invitation: str | None = attrs.field(default=None, kw_only=True)
    utm: Mapping[str, Value] = attrs.field(default=EMPTY, converter=_utm, kw_only=True)
