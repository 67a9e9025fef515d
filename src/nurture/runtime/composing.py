"""From a claimed effect to an envelope: the message's body in the words for one person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from nurture.errors import SendRefusedError
from nurture.mail.bodies import bodies_for, mentioned
from nurture.mail.compose import compose
from nurture.mail.context import context_of
from nurture.mail.files import Attachment, attached
from nurture.mail.links import make_confirm_link, make_preferences_link, make_unsubscribe_link
from nurture.mail.return_path import make_return_path
from nurture.model import EMPTY, Account, Effect, EffectKind, Lead, LeadId, Purpose, SubjectId, SubjectKind
from nurture.ports import Envelope
from nurture.program import Message, asked_in
from nurture.runtime.addresses import places_of
from nurture.runtime.owners import owner_of

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.mail.owner import Owner
    from nurture.mail.site import SenderIdentity, Site
    from nurture.mail.templates import Rendered
    from nurture.program import Campaign
    from nurture.runtime.claiming import Claim
    from nurture.runtime.host import Host


@attrs.frozen(slots=True, kw_only=True)
class Letter:
    """One mail that is to be written.

    Attributes:
        message: What is said.
        effect: The mail's key, purpose, topic, sender, parameters, and the choices of its blocks.
        lead: To whom, or about whom; None for a notice about an account.
        account: Its company.
        address: Where it goes.
        links_for: Whom its links name.
        locale: In which language; None means the lead's, or the program's.
        before_subject: Stands before the subject.
    """

    message: Message
    effect: Effect
    lead: Lead | None
    account: Account | None
    address: str
    links_for: SubjectId
    locale: str | None = None
    before_subject: str = ""


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
    if message is None:
        raise SendRefusedError("no_message")
    letter = Letter(
        message=message, effect=effect, lead=claim.lead, account=claim.account, address=claim.address,
        links_for=effect.subject,
    )  # fmt: skip
    return written(host, letter, now)[1]


def written(host: Host, letter: Letter, now: datetime) -> tuple[Rendered, Envelope]:
    """What a mail says, and its envelope.

    Raises:
        SendRefusedError: It cannot be composed for this person; the reason says why.
    """
    site, effect, message = host.site, letter.effect, letter.message
    if site is None:
        raise SendRefusedError("no_site")
    identity = site.identity_of(effect.entity)
    if identity is None:
        raise SendRefusedError("no_entity", f"the site has no identity {effect.entity!r}")
    owner = owner_of(host, letter.lead, letter.account)
    unsubscribe = _unsubscribe_link(site, host.tenant, letter)
    locale = letter.locale or (letter.lead.locale if letter.lead else None) or host.program.locale
    rendered = bodies_for(
        host.program,
        message,
        locale=locale,
        context=_context(host, site, letter, identity, owner, unsubscribe),
        choices=effect.choices,
    )
    if letter.before_subject:
        rendered = attrs.evolve(rendered, subject=f"{letter.before_subject}{rendered.subject}")
    if effect.channel != "email":
        return rendered, _plain(effect, letter.address, rendered)
    if effect.kind is EffectKind.MESSAGE:
        rendered = _counted(site, host.tenant, letter, rendered)
    author = owner if message.from_owner else None
    envelope = compose(
        rendered,
        key=effect.id,
        message_id=effect.message_id,
        recipient=letter.address,
        purpose=effect.purpose,
        identity=identity,
        now=now,
        unsubscribe_url=unsubscribe,
        return_path=make_return_path(site, host.tenant, effect.id),
        owner=author,
        is_verified=author is not None and site.is_verified(author.address),
        attachments=_files(host, site, letter, identity),
        locale=rendered.locale,
        channel=effect.channel,
    )
    if message.from_owner and author is None:
        envelope = attrs.evolve(envelope, fallback="no_owner")
    return rendered, envelope


def _unsubscribe_link(site: Site, tenant: str, letter: Letter) -> str | None:
    effect = letter.effect
    if effect.purpose is not Purpose.MARKETING or effect.kind is not EffectKind.MESSAGE:
        return None
    return make_unsubscribe_link(
        site, tenant, letter.links_for, effect.id, effect.purpose, effect.topic, effect.entity, effect.channel
    )


def _counted(site: Site, tenant: str, letter: Letter, rendered: Rendered) -> Rendered:
    """With parameters and counted links, where a host asks for them."""
    tracking = site.tracking_of(letter.effect.purpose)
    utm = letter.message.utm
    if not utm and not tracking.clicks and not tracking.opens:
        return rendered
    from nurture.mail.tracking import tracked_html, tracked_text

    html = rendered.html
    if html is not None:
        html = tracked_html(html, site, tenant, letter.links_for, letter.effect.id, tracking=tracking, utm=utm)
    return attrs.evolve(rendered, text=tracked_text(rendered.text, site, utm=utm), html=html)


def _files(host: Host, site: Site, letter: Letter, identity: SenderIdentity) -> tuple[Attachment, ...]:
    message = letter.message
    files = attached(message.attachments, host.attachments, letter.effect) if message.attachments else ()
    campaign = _invitation(host, message)
    if campaign is None:
        return files
    from nurture.mail.invitation import invitation_for  # it loads a library of an extra

    stamped_at = letter.effect.planned_at
    invitation = invitation_for(campaign, tenant=host.tenant, host=site.host, identity=identity, stamped_at=stamped_at)
    return (*files, invitation)


def _invitation(host: Host, message: Message) -> Campaign | None:
    return host.program.campaign(message.invitation) if message.invitation is not None else None


def _context(
    host: Host, site: Site, letter: Letter, identity: SenderIdentity, owner: Owner | None, unsubscribe: str | None
) -> dict[str, object]:
    program, effect = host.program, letter.effect
    names = mentioned(program, letter.message)  # a link that nobody shows is not signed
    preferences = confirm = None
    if "preferences_url" in names and effect.kind is EffectKind.MESSAGE:
        preferences = make_preferences_link(site, host.tenant, letter.links_for, effect.id, effect.entity)
    if "confirm_url" in names:
        confirm = _confirm_link(site, host.tenant, letter)
    return context_of(
        letter.lead or _nobody(effect),
        letter.account,
        effect.params,
        unsubscribe_url=unsubscribe,
        preferences_url=preferences,
        confirm_url=confirm,
        identity=identity,
        owner=owner,
        campaign=_invitation(host, letter.message),
        lead_attributes=[one.name for one in program.attributes if one.subject is SubjectKind.LEAD],
        account_attributes=[one.name for one in program.attributes if one.subject is SubjectKind.ACCOUNT],
        locale=program.locale,
        zone=program.zone,
    )


def _confirm_link(site: Site, tenant: str, letter: Letter) -> str | None:
    """The link that confirms what the effect asks for; None when it asks for nothing."""
    asked = asked_in(letter.effect)
    if asked is None:
        return None
    return make_confirm_link(
        site,
        tenant,
        letter.links_for,
        letter.effect.id,
        asked_at=letter.effect.planned_at,
        channel=asked.channel,
        purpose=asked.purpose,
        topic=asked.topic,
        entity=asked.entity,
        text_version=asked.text_version,
        places=places_of(tenant, letter.lead, (letter.effect.channel, asked.channel)),
    )


def _nobody(effect: Effect) -> Lead:
    """A lead without a name, for a notice about an account."""
    return Lead(id=LeadId(effect.subject), created_at=effect.planned_at, visitor="none", attributes=EMPTY)


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
