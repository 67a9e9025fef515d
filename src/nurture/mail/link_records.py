"""What the tokens of links say, one record for each kind. Imports the model only."""

from __future__ import annotations

from datetime import datetime

import attrs

from nurture.model import EffectId, LeadId, Purpose


@attrs.frozen(slots=True, kw_only=True)
class Unsubscribe:
    """What the token of an unsubscribe link says.

    Attributes:
        lead: Who unsubscribes.
        effect: The key of the mail that carried the link.
        purpose: From what.
        topic: From which topic of it; `""` is all of it.
        entity: From whose messages: the name of one of the site's identities; `""` is the site's own.
        channel: On which channel.
    """

    lead: LeadId
    effect: EffectId
    purpose: Purpose
    topic: str
    entity: str = ""
    channel: str = "email"


@attrs.frozen(slots=True, kw_only=True)
class Preferences:
    """What the token of a link to the page of preferences says.

    Attributes:
        lead: Whose preferences.
        effect: The key of the mail that carried the link.
        entity: Towards whom: the name of one of the site's identities; `""` is the site's own.
    """

    lead: LeadId
    effect: EffectId
    entity: str = ""


@attrs.frozen(slots=True, kw_only=True)
class Confirm:
    """What the token of a double opt-in says: the consent that was asked for, word for word.

    Attributes:
        lead: Who confirms.
        effect: The key of the mail that carried the link, which is the proof.
        channel: For which channel.
        purpose: What for.
        topic: Which topic of it; `""` is all of it.
        entity: Towards whom: the name of one of the site's identities; `""` is the site's own.
        text_version: Which wording the person saw.
        asked_at: When consent was asked for.
        places: What tells at which addresses the person was asked; opaque.
    """

    lead: LeadId
    effect: EffectId
    channel: str
    purpose: Purpose
    topic: str
    entity: str
    text_version: str
    asked_at: datetime
    places: str = ""


@attrs.frozen(slots=True, kw_only=True)
class Click:
    """What the token of a tracked link says.

    Attributes:
        lead: Who clicked.
        effect: The key of the mail that carried the link.
        target: Where to go: an absolute `http` or `https` URI in ASCII, without user and password.
        made_at: When the link was made, if that was said.
    """

    lead: LeadId
    effect: EffectId
    target: str
    made_at: datetime | None = None


@attrs.frozen(slots=True, kw_only=True)
class Open:
    """What the token of an open pixel says.

    Attributes:
        lead: Who opened.
        effect: The key of the mail that carried the pixel.
        made_at: When the link was made, if that was said.
    """

    lead: LeadId
    effect: EffectId
    made_at: datetime | None = None
