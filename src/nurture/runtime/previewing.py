"""Looking at a mail before it is sent, and sending it to a colleague. Nothing is recorded, and no caps are counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import attrs

from nurture.decisions import choose, plan_of
from nurture.errors import DefinitionError, NotFoundError, SendRefusedError, UnknownNameError
from nurture.mail.bodies import mentioned
from nurture.mail.links import TEST_LEAD
from nurture.mail.lint import lint
from nurture.mail.site import message_id
from nurture.model import (
    Account,
    Allowance,
    Dossier,
    Effect,
    EffectId,
    EffectKind,
    EffectState,
    EnrollmentId,
    FrozenMapping,
    Lead,
    LeadId,
    Standing,
    SubjectKind,
    Value,
    digest,
    frozen,
)
from nurture.model.ids import shown
from nurture.ports import Envelope, Receipt, Rejected
from nurture.predicates.describe import describe
from nurture.program import Asked, Message
from nurture.runtime.composing import Letter, written
from nurture.runtime.delivering import handed_over
from nurture.runtime.preview import Chosen, Preview
from nurture.runtime.samples import sample_account, sample_lead
from nurture.runtime.settling import address_allowance_id

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.mail.templates import Rendered
    from nurture.program import Program
    from nurture.runtime.host import Host

BEFORE_SUBJECT: Final = "[Test] "
"""Stands before the subject of a mail that is a test."""


@attrs.frozen(slots=True, kw_only=True)
class _Reader:
    """For whom a preview is made, and what is known of them."""

    lead: Lead
    account: Account | None
    dossier: Dossier


def preview(
    host: Host,
    message: str | Message,
    lead: LeadId | None,
    *,
    at: datetime | None,
    choices: Mapping[str, str] | None,
    locale: str | None,
    params: Mapping[str, Value] | None,
) -> Preview:
    """The mail as one person, or a sample of one, would get it; see `Nurture.preview`."""
    said = _message(host.program, message)
    now = at or host.storage.now()
    reader = _reader(host, lead, now)
    taken = _chosen(host.program, said, reader, now, choices)
    effect = _effect(host, said, "preview", taken, params, now)
    address = reader.lead.address(said.channel) or sample_lead(host.program, now).address(said.channel) or ""
    rendered, envelope = written(host, _letter(said, effect, reader, address, locale), now)
    return _shown(host, said, rendered, envelope, taken)


def send_test(
    host: Host,
    message: str | Message,
    to: str,
    lead: LeadId | None,
    *,
    choices: Mapping[str, str] | None,
    locale: str | None,
    params: Mapping[str, Value] | None,
) -> Receipt:
    """The same mail to a colleague; see `Nurture.test_send`."""
    if not _is_text(to):
        raise DefinitionError("test_send: expected an address to send to")
    said = _message(host.program, message)
    if said.channel not in host.senders:
        raise DefinitionError(f"test_send: there is no sender for the channel {said.channel!r}")
    now = host.storage.now()
    if _is_suppressed(host, said, to):
        return Rejected("suppressed")
    reader = _reader(host, lead, now)
    taken = _chosen(host.program, said, reader, now, choices)
    effect = _effect(host, said, digest("test", host.tenant, host.new_key()), taken, params, now)
    letter = attrs.evolve(_letter(said, effect, reader, to, locale), before_subject=BEFORE_SUBJECT)
    try:
        envelope = written(host, letter, now)[1]
    except SendRefusedError as error:
        return Rejected(error.reason)
    return handed_over(host, said.channel, [envelope])[0]


def _is_text(to: object) -> bool:
    return isinstance(to, str)  # hosts are not all typed


def _message(program: Program, message: str | Message) -> Message:
    if isinstance(message, Message):
        return message
    found = program.message(message)
    if found is None:
        raise UnknownNameError("message", message, [one.name for one in program.messages])
    return found


def _letter(message: Message, effect: Effect, reader: _Reader, address: str, locale: str | None) -> Letter:
    return Letter(
        message=message,
        effect=effect,
        lead=reader.lead,
        account=reader.account,
        address=address,
        links_for=TEST_LEAD,
        locale=locale,
    )


def _shown(host: Host, message: Message, rendered: Rendered, envelope: Envelope, taken: tuple[Chosen, ...]) -> Preview:
    site = host.site
    unsubscribe = envelope.headers.get("List-Unsubscribe", "").partition(">")[0].removeprefix("<")
    whole = attrs.evolve(rendered, subject=envelope.subject, text=envelope.text, html=envelope.html)
    findings = lint(
        whole,
        purpose=message.purpose,
        identity=site.identity_of(message.entity) if site is not None else None,
        unsubscribe_url=unsubscribe,
        own_hosts=site.own_hosts if site is not None and site.base_url.startswith("https:") else (),
    )
    return Preview(
        subject=envelope.subject,
        preheader=rendered.preheader,
        text=envelope.text,
        html=envelope.html,
        locale=rendered.locale,
        choices=taken,
        sender=envelope.headers.get("From", ""),
        fallback=envelope.fallback,
        headers=envelope.headers,
        source=envelope.data,
        findings=findings,
    )


def _reader(host: Host, lead: LeadId | None, now: datetime) -> _Reader:
    if lead is None:
        sample = sample_lead(host.program, now, owner=next(iter(host.owners), None))
        return _Reader(
            lead=sample,
            account=sample_account(host.program, now),
            dossier=Dossier(tenant=host.tenant, subject=sample, standing=None),
        )
    with host.storage.view() as view:
        known = view.get(Lead, [lead]).get(lead)
        if known is None:
            raise NotFoundError(f"no such lead: {shown(lead)}")
        account = view.get(Account, [known.account]).get(known.account) if known.account else None
        standing = view.get(Standing, [lead]).get(lead)
        dossier = Dossier(tenant=host.tenant, subject=known, standing=standing)
        reach = plan_of(host.program, SubjectKind.LEAD).claim_reach
        if reach.kinds or reach.any_kind is not None:
            since = standing.advanced_to if standing is not None else None
            found = view.about({lead: since if since is None else min(since, now)}, reach).get(lead)
            if found is not None:
                dossier = attrs.evolve(dossier, facts=found.facts, inbox=found.inbox)
    return _Reader(lead=known, account=account, dossier=dossier)


def _chosen(
    program: Program, message: Message, reader: _Reader, now: datetime, given: Mapping[str, str] | None
) -> tuple[Chosen, ...]:
    """What each block that the message mentions shows."""
    for name, choice in (given or {}).items():
        block = program.block(name)
        if block is None:
            raise UnknownNameError("block", name, [one.name for one in program.blocks])
        if choice and choice not in [one.name for one in block.choices]:
            raise UnknownNameError(f"choice of {name}", choice, [one.name for one in block.choices])
    held = choose(program, reader.dossier, message, now)
    names = mentioned(program, message)
    return tuple(
        _why(program, block.name, held.get(block.name, ""), (given or {}).get(block.name))
        for block in program.blocks
        if block.name in names
    )


def _why(program: Program, block: str, held: str, given: str | None) -> Chosen:
    if given is not None:
        return Chosen(block=block, choice=given, why="as asked for")
    of = program.block(block)
    where = next((one.where for one in (of.choices if of is not None else ()) if one.name == held), None)
    if where is None:
        return Chosen(block=block, choice="", why="no choice holds")
    return Chosen(block=block, choice=held, why=describe(where, program.locale))


def _effect(
    host: Host,
    message: Message,
    key: str,
    taken: tuple[Chosen, ...],
    params: Mapping[str, Value] | None,
    now: datetime,
) -> Effect:
    """What delivery would have at hand; it is never stored. A link that confirms has something to ask for."""
    given: dict[str, Value] = dict(params or {})
    if "confirm_url" in mentioned(host.program, message):
        given = {**Asked().properties(), **given}
    return Effect(
        id=EffectId(key),
        subject=TEST_LEAD,
        enrollment=EnrollmentId(""),
        scenario="",
        step="",
        kind=EffectKind.MESSAGE,
        name=message.name,
        channel=message.channel,
        purpose=message.purpose,
        topic=message.topic,
        entity=message.entity,
        params=frozen(given),
        state=EffectState.CLAIMED,
        planned_at=now,
        due_at=None,
        claimed_at=now,
        message_id=message_id(key, host.site) if host.site is not None else "",
        choices=FrozenMapping({one.block: one.choice for one in taken if one.choice}),
    )


def _is_suppressed(host: Host, message: Message, address: str) -> bool:
    key = address_allowance_id(host.tenant, message.channel, address)
    with host.storage.view() as view:
        known = view.get(Allowance, [key]).get(key)
    return known is not None and any(
        one.concerns(message.purpose, message.entity, message.topic) for one in known.suppressions
    )
