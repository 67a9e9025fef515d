"""Which content each block of a message shows to one person: the first choice that holds. Pure.

It is decided at the claim and kept with the effect, so that a mail that is tried again says the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from nurture.decisions.plan import plan_of
from nurture.model import FrozenMapping, Lead, SubjectKind
from nurture.model.dossier import sight_of

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.decisions.compiling import Question
    from nurture.model import Dossier
    from nurture.program import Message, Program, Translation

_WORDS = re.compile(r"\w+")


def choose(program: Program, dossier: Dossier, message: Message, now: datetime) -> Mapping[str, str]:
    """Which choice each block takes that the message or its layout mentions; none means the block's own content.

    Args:
        program: Declares the blocks.
        dossier: Of the lead that reads the message, with the facts that `Plan.claim_reach` asks for. An account reads
            no mail, so a notice about one shows each block's own content.
        message: What is sent.
        now: The instant of the claim.

    Returns:
        The name of the choice, by the name of the block.
    """
    asked = choices_of(program, message)
    if not asked or not isinstance(dossier.subject, Lead):
        return FrozenMapping[str]()
    sight = sight_of(dossier)
    taken: dict[str, str] = {}
    for block, choices in asked.items():
        for name, question in choices:
            if question.holds(sight, now):
                taken[block] = name
                break
    return FrozenMapping(taken)


def choices_of(program: Program, message: Message) -> Mapping[str, tuple[tuple[str, Question], ...]]:
    """The choices of the blocks that a message or its layout mentions, ready to be asked; worked out once.

    A block counts as mentioned where its name stands in a text that speaks of `blocks`: asking one too many
    costs little, one too few would show the wrong content.
    """
    choices = plan_of(program, SubjectKind.LEAD).choices
    if not choices:
        return choices
    key = f"choices:{message.name}"
    memo = program.memo.get(key)
    if isinstance(memo, tuple):
        of, found = cast("tuple[Message, Mapping[str, tuple[tuple[str, Question], ...]]]", memo)
        if of == message:
            return found
    words = {word for text in _texts(program, message) if "blocks" in text for word in _WORDS.findall(text)}
    found = {block: some for block, some in choices.items() if block in words}
    program.memo[key] = (message, found)
    return found


def _texts(program: Program, message: Message) -> Iterator[str]:
    """Every template that goes into a message."""
    bodies: tuple[Message | Translation, ...] = (message, *message.translations)
    for body in bodies:
        yield from (one for one in (body.subject, body.text, body.html, body.preheader) if one)
    layout = program.layout(message.layout) if message.layout is not None else None
    if layout is not None:
        yield from (layout.html, layout.text)
