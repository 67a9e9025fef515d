"""What several messages share: the layout that they stand in, and blocks whose content a predicate chooses.

Imports predicates only. All of it is templates, outside any scenario's version.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import attrs

from nurture.predicates import Predicate
from nurture.steps.declaration import Declaration, several


@attrs.frozen(slots=True)
class Layout(Declaration):
    """What stands around the bodies of messages: the head, the frame, the signature, the footer.

    Attributes:
        name: Names it in messages.
        html: HTML, a template; `{{ content }}` is the message's own.
        text: Plain text, a template likewise; `""` leaves the text as it is.
        inline_css: Whether style sheets are written into the elements, for mail programs that drop them.
            It needs the extra `mail`.
    """

    stands_in: ClassVar[str] = "layouts"

    name: str
    html: str = ""
    text: str = ""
    inline_css: bool = False


@attrs.frozen(slots=True)
class Choice(Declaration):
    """One of the contents of a block.

    Attributes:
        name: Names it where a mail is explained.
        where: To whom it is shown.
        html: HTML, a template.
        text: Plain text, a template; None makes it from the HTML.
    """

    stands_in: ClassVar[str] = "blocks.choices"

    name: str
    where: Predicate
    html: str = ""
    text: str | None = None


def _choices(given: Iterable[Choice]) -> tuple[Choice, ...]:
    return several(given)


@attrs.frozen(slots=True)
class Block(Declaration):
    """A piece that messages and layouts show as `{{ blocks.name }}`.

    The first choice that holds is shown; which one is decided when the mail is claimed, and kept with it.

    Attributes:
        name: Names it in templates.
        html: HTML when no choice holds, a template.
        text: Plain text when none holds, a template; None makes it from the HTML.
        choices: Other contents, each with whom it is for.
    """

    stands_in: ClassVar[str] = "blocks"

    name: str
    html: str = ""
    text: str | None = None
    choices: tuple[Choice, ...] = attrs.field(default=(), converter=_choices)
