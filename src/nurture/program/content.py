"""What several messages share: the layout that they stand in, and blocks whose content a predicate chooses.

Imports predicates only. All of it is templates, outside any scenario's version.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from nurture.predicates import Predicate
from nurture.predicates.tree import require_predicate


@attrs.frozen(slots=True)
class Layout:
    """What stands around the bodies of messages: the head, the frame, the signature, the footer.

    Attributes:
        name: Names it in messages.
        html: HTML, a template; `{{ content }}` is the message's own.
        text: Plain text, a template likewise; `""` leaves the text as it is.
        inline_css: Whether style sheets are written into the elements, for mail programs that drop them.
            It needs the extra `mail`.
    """

    name: str
    html: str = ""
    text: str = ""
    inline_css: bool = False


@attrs.frozen(slots=True)
class Choice:
    """One of the contents of a block.

    Attributes:
        name: Names it where a mail is explained.
        where: To whom it is shown.
        html: HTML, a template.
        text: Plain text, a template; None makes it from the HTML.
    """

    name: str
    where: Predicate = attrs.field(validator=lambda one, _, where: require_predicate(where, f"choice {one.name!r}"))
    html: str = ""
    text: str | None = None


def _choices(given: Iterable[Choice]) -> tuple[Choice, ...]:
    return tuple(given)


@attrs.frozen(slots=True)
class Block:
    """A piece that messages and layouts show as `{{ blocks.name }}`.

    The first choice that holds is shown; which one is decided when the mail is claimed, and kept with it.

    Attributes:
        name: Names it in templates.
        html: HTML when no choice holds, a template.
        text: Plain text when none holds, a template; None makes it from the HTML.
        choices: Other contents, each with whom it is for.
    """

    name: str
    html: str = ""
    text: str | None = None
    choices: tuple[Choice, ...] = attrs.field(default=(), converter=_choices)
