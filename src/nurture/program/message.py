"""What is said, on which channel, and why. Imports the model only."""

from __future__ import annotations

import attrs

from nurture.model import Purpose
from nurture.program.choices import to_purpose


@attrs.frozen(slots=True)
class Message:
    """A message that steps send by name.

    Bodies are Jinja templates; lead data is context, never template source. They are outside a
    scenario's version: mending a typo forks nothing.

    Attributes:
        name: Names it in steps.
        purpose: `marketing`, `transactional` or `internal`; there is no default, because the law asks.
        subject: Subject line, a template.
        text: Plain text, a template.
        html: HTML, a template; None sends plain text alone.
        channel: Such as `email`.
        topic: What it is about, for consent by topic; `""` is the whole purpose.
        title: For people to read.
    """

    name: str
    purpose: Purpose = attrs.field(converter=to_purpose)
    subject: str
    text: str
    html: str | None = None
    channel: str = "email"
    topic: str = ""
    title: str = ""
