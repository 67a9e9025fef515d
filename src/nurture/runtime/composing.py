"""From a claimed effect to an envelope: the message's body in the words for one person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.errors import DefinitionError, SendRefusedError
from nurture.mail.compose import compose
from nurture.mail.context import context_of, known_names
from nurture.mail.links import make_unsubscribe_link
from nurture.mail.templates import Kind, Rendered, check_template, render
from nurture.model import EMPTY, Effect, EffectKind, Lead, LeadId, Purpose, SubjectKind
from nurture.ports import Envelope

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.program import Program
    from nurture.runtime.claiming import Claim
    from nurture.runtime.host import Host


def check_messages(program: Program) -> None:
    """Check the templates of every message before anybody is written to.

    Raises:
        DefinitionError: A template is broken or mentions what it will not be given; all problems at once.
    """
    attributes = {
        kind: [one.name for one in program.attributes if one.subject is kind]
        for kind in (SubjectKind.LEAD, SubjectKind.ACCOUNT)
    }
    known = known_names(attributes[SubjectKind.LEAD], attributes[SubjectKind.ACCOUNT])
    problems: list[str] = []
    for message in program.messages:
        for part, source, kind in (
            ("subject", message.subject, Kind.TEXT),
            ("text", message.text, Kind.TEXT),
            ("html", message.html or "", Kind.HTML),
        ):
            problems += check_template(source, known, kind=kind, where=f"messages.{message.name}.{part}")
    if problems:
        raise DefinitionError(problems)


def envelope_for(host: Host, claim: Claim, now: datetime) -> Envelope:
    """The envelope of a claimed message or notice.

    Raises:
        SendRefusedError: It cannot be composed for this person; the reason says why.
    """
    effect = claim.effect
    if claim.address is None:
        raise SendRefusedError("no_address")
    if not host.render:
        return _bare(effect, claim.address)
    message = host.program.message(effect.name)
    if message is None or host.site is None:
        raise SendRefusedError("no_message" if message is None else "no_site")
    unsubscribe = _unsubscribe_link(host, effect)
    rendered = render(message, _context(host, claim, unsubscribe), where=f"message {message.name}")
    if effect.channel != "email":
        return _plain(effect, claim.address, rendered)
    locale = (claim.lead.locale if claim.lead else None) or host.program.locale
    return compose(
        rendered,
        key=effect.id,
        message_id=effect.message_id,
        recipient=claim.address,
        purpose=effect.purpose,
        identity=host.site.identity,
        now=now,
        unsubscribe_url=unsubscribe,
        locale=locale,
        channel=effect.channel,
    )


def _unsubscribe_link(host: Host, effect: Effect) -> str | None:
    if effect.purpose is not Purpose.MARKETING or effect.kind is not EffectKind.MESSAGE or host.site is None:
        return None
    return make_unsubscribe_link(host.site, host.tenant, effect.subject, effect.id, effect.purpose, effect.topic)


def _context(host: Host, claim: Claim, unsubscribe: str | None) -> dict[str, object]:
    program = host.program
    lead = claim.lead or _nobody(claim)
    return context_of(
        lead,
        claim.account,
        claim.effect.params,
        unsubscribe_url=unsubscribe,
        identity=host.site.identity if host.site else None,
        lead_attributes=[one.name for one in program.attributes if one.subject is SubjectKind.LEAD],
        account_attributes=[one.name for one in program.attributes if one.subject is SubjectKind.ACCOUNT],
        locale=program.locale,
        zone=program.zone,
    )


def _nobody(claim: Claim) -> Lead:
    """A lead without a name, for a notice about an account."""
    return Lead(id=LeadId(claim.effect.subject), created_at=claim.effect.planned_at, visitor="none", attributes=EMPTY)


def _plain(effect: Effect, address: str, rendered: Rendered) -> Envelope:
    return Envelope(
        key=effect.id,
        channel=effect.channel,
        message_id=effect.message_id,
        sender="",
        recipient=address,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
    )


def _bare(effect: Effect, address: str) -> Envelope:
    return Envelope(
        key=effect.id,
        channel=effect.channel,
        message_id=effect.message_id,
        sender="",
        recipient=address,
        subject=effect.name,
        text="",
    )
