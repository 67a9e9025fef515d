"""What can be wrong with messages, layouts, blocks and the dates they invite to, short of templates. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from nurture.errors import unknown_name
from nurture.model import Purpose, SubjectKind
from nurture.predicates import check

if TYPE_CHECKING:
    from nurture.program.campaign import Campaign
    from nurture.program.content import Block
    from nurture.program.message import Message, Translation
    from nurture.program.program import Program

_TAG: Final = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")  # RFC 5646, as far as it is looked up


def message_problems(program: Program) -> Iterator[str]:
    """Every problem of what messages say, one sentence each."""
    for message in program.messages:
        where = f"messages.{message.name}"
        yield from _body_problems(message, where)
        for one in message.translations:
            if not _TAG.fullmatch(one.locale):
                yield f"{where}.translations: expected a language tag such as 'en' or 'zh-Hant', found {one.locale!r}"
            yield from _body_problems(one, f"{where}.translations.{one.locale}")
        for locale, count in Counter(one.locale for one in message.translations).items():
            if count > 1:
                yield f"{where}.translations: the locale {locale!r} stands {count} times"
        yield from _mention_problems(program, message, where)
    for campaign in program.campaigns:
        yield from _campaign_problems(campaign)
    for layout in program.layouts:
        if not layout.html.strip() and not layout.text.strip():
            yield f"layouts.{layout.name}: expected html or text around {{{{ content }}}}"
    for block in program.blocks:
        yield from _block_problems(program, block)


def _body_problems(body: Message | Translation, where: str) -> Iterator[str]:
    if not body.subject.strip():
        yield f"{where}.subject: expected a subject line"
    if not (body.text or "").strip() and not (body.html or "").strip():
        yield f"{where}: expected a text or an html body"


def _mention_problems(program: Program, message: Message, where: str) -> Iterator[str]:
    if message.purpose is Purpose.PROFILING:
        yield f"{where}.purpose: profiling is what people object to, not why a message is sent"
    if message.layout is not None and program.layout(message.layout) is None:
        yield unknown_name("layout", message.layout, [one.name for one in program.layouts], where=f"{where}.layout")
    topics = [one.name for one in program.topics if one.purpose is message.purpose]
    if program.topics and message.topic and message.topic not in topics:
        yield unknown_name("topic", message.topic, topics, where=f"{where}.topic")
    if message.invitation is not None:
        campaign = program.campaign(message.invitation)
        if campaign is None:
            names = [one.name for one in program.campaigns]
            yield unknown_name("campaign", message.invitation, names, where=f"{where}.invitation")
        elif campaign.starts_at is None:
            yield f"{where}.invitation: campaign {campaign.name!r} does not say when it starts"


def _campaign_problems(campaign: Campaign) -> Iterator[str]:
    """What no calendar takes."""
    where = f"campaigns.{campaign.name}"
    if campaign.starts_at is not None and campaign.ends_at is not None and campaign.ends_at <= campaign.starts_at:
        yield f"{where}.ends_at: expected an instant after starts_at"
    if not campaign.url.isprintable() or " " in campaign.url:
        yield f"{where}.url: expected an address without blanks and control signs"


def _block_problems(program: Program, block: Block) -> Iterator[str]:
    where = f"blocks.{block.name}"
    if not block.name.isidentifier():
        yield f"{where}: expected a name that templates can say: letters, digits and _"
    for name, count in Counter(one.name for one in block.choices).items():
        if count > 1:
            yield f"{where}.choices: the name {name!r} stands {count} times"
    for choice in block.choices:
        yield from check(choice.where, program.names(SubjectKind.LEAD), f"{where}.{choice.name}.where")
