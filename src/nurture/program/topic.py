"""What messages may be about, as people choose it. Imports nothing of ours but the model."""

from __future__ import annotations

from typing import ClassVar

import attrs

from nurture.model import Purpose
from nurture.program.choices import choose
from nurture.steps.declaration import Declaration


def _purpose(value: Purpose | str) -> Purpose:
    return choose(Purpose, value, "topic.purpose")


@attrs.frozen(slots=True)
class Topic(Declaration):
    """A subject that a person can ask for or refuse by itself, within a purpose.

    Attributes:
        name: Names it in messages, consents and predicates.
        title: As the person reads it on a page of preferences.
        purpose: Within which purpose.
        entity: Whose topic: the name of one of the site's identities; `""` is the site's own.
    """

    stands_in: ClassVar[str] = "topics"

    name: str
    title: str = ""
    purpose: Purpose = attrs.field(default=Purpose.MARKETING, converter=_purpose)
    entity: str = ""
