"""A host that sends mail, for tests that look at the bytes: everything real but the world.

`MailHouse` checks a program as a host's `Nurture` does, and composes one mail for one lead as delivering does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

import attrs

from nurture import Message, Nurture, Program, SenderIdentity, Site
from nurture.errors import DefinitionError, InvalidFactError, SendRefusedError
from nurture.mail.owner import Owner
from nurture.mail.site import message_id
from nurture.model import (
    Account,
    Effect,
    EffectId,
    EffectKind,
    EffectState,
    EnrollmentId,
    Lead,
    LeadId,
    SubjectId,
    Value,
)
from nurture.ports import Envelope
from nurture.runtime.claiming import Claim
from nurture.runtime.composing import envelope_for
from nurture.storage import MemoryStorage
from nurture.testing import FakeSender

T = TypeVar("T")
AT = datetime(2026, 4, 1, 1, 30, tzinfo=UTC)
IDENTITY = SenderIdentity(
    "見本商事",
    "news@example.jp",
    reply_to="reply@example.jp",
    postal_address="東京都千代田区見本町1-1-1",
    complaint_contact="03-0000-0000",
)
SITE = Site(
    "https://crm.example.jp",
    secret=b"only-for-tests-0" * 2,
    identity=IDENTITY,
    return_path="bounces@mail.example.jp",
    own_hosts=frozenset({"shop.example.jp"}),
)
TYPED = (SendRefusedError, InvalidFactError, DefinitionError)
"""How bad input is refused; anything else is a bug."""


class MailHouse:
    """A program that a host accepted, with what it needs to send."""

    def __init__(
        self, program: Program, *, site: Site = SITE, owners: Mapping[str, str | Owner] | None = None, **given: object
    ) -> None:
        self.site = site
        self.sender = FakeSender()
        self.crm = Nurture(
            program,
            MemoryStorage(),
            senders={"email": self.sender},
            site=site,
            owners=owners,
            **given,  # type: ignore[arg-type]
        )

    def mail(
        self,
        lead: Lead,
        message: str | Message = "letter",
        *,
        number: int = 0,
        account: Account | None = None,
        **fields: object,
    ) -> Envelope:
        """The mail as it is handed over; refused with one of `TYPED`."""
        program = self.crm.program
        said = program.message(message if isinstance(message, str) else message.name)
        assert said is not None
        effect = an_effect(lead, said, number, site=self.site, **fields)
        return envelope_for(self.crm._host, Claim(effect, lead, account, lead.address("email")), AT)


def an_effect(lead: Lead, message: Message, number: int = 0, *, site: Site = SITE, **fields: object) -> Effect:
    """A claimed effect that sends the message to the lead."""
    key = EffectId(f"eff_{number:026x}")
    made: dict[str, object] = {
        "id": key,
        "subject": lead.id,
        "enrollment": EnrollmentId("enr_1"),
        "scenario": "s",
        "step": "0",
        "kind": EffectKind.MESSAGE,
        "name": message.name,
        "channel": message.channel,
        "purpose": message.purpose,
        "topic": message.topic,
        "entity": message.entity,
        "state": EffectState.CLAIMED,
        "planned_at": AT,
        "due_at": AT,
        "message_id": message_id(key, site),
    }
    return Effect(**{**made, **fields})  # type: ignore[arg-type]


def a_lead(attributes: Mapping[str, Value] | None = None, **fields: object) -> Lead:
    """Somebody; the fields as given."""
    given: dict[str, object] = {
        "id": LeadId(SubjectId("lead_1")),
        "created_at": AT,
        "email": "taro@example.jp",
        **fields,
    }
    return Lead(attributes=attributes or {}, **given)  # type: ignore[arg-type]


@attrs.frozen
class Refused:
    """That something was refused, and why."""

    reason: str


def tried(payload: str, make: Callable[..., T], *args: object, **given: object) -> T | Refused:
    """What became of it; a refusal is typed, has a reason in a word, and tells nothing of the payload."""
    try:
        return make(*args, **given)
    except SendRefusedError as refusal:
        told, reason = str(refusal), refusal.reason
    except InvalidFactError as refusal:
        told, reason = str(refusal), "invalid"
    except DefinitionError as refusal:
        told, reason = str(refusal), "definition"
    assert reason.replace("_", "").isalpha()
    if len(payload) > 3 and payload.strip() not in ("From", "name", "lead"):
        assert payload not in told, "a refusal tells what was given"
    return Refused(reason)
