"""What is wrong with the messages of a program before anybody is written to: templates, extras, files, senders. Pure.

Imports templates, the context, style sheets, invitations and the program's records.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Final

from nurture.errors import DefinitionError, unknown_name
from nurture.mail.context import known_names
from nurture.mail.invitation import require_icalendar
from nurture.mail.places import place_problems
from nurture.mail.stylesheets import require_inliner
from nurture.mail.templates import Kind, check_template, compile_template
from nurture.model import SubjectKind

if TYPE_CHECKING:
    from nurture.mail.site import Site
    from nurture.program import Block, Choice, Layout, Message, Program, Translation

_CAMPAIGN: Final = "campaign"


def check_messages(program: Program, *, attachments: Collection[str] | None = None, site: Site | None = None) -> None:
    """Check everything that messages say before anybody is written to; arguments as in `content_problems`.

    Raises:
        DefinitionError: A template is broken or mentions what it will not be given; a file, a sender or an extra is
            missing; all problems at once.
    """
    problems = list(content_problems(program, attachments=attachments, site=site))
    if problems:
        raise DefinitionError(problems)


def content_problems(
    program: Program, *, attachments: Collection[str] | None = None, site: Site | None = None
) -> Iterator[str]:
    """Every problem of what messages say, one sentence each, with its place.

    Args:
        program: Declares them.
        attachments: The names of the files that the host gave; None when that is not known.
        site: Who sends; None when that is not known.
    """
    names = _names(program)
    blocks = {"blocks", *(f"blocks.{block.name}" for block in program.blocks)} if program.blocks else set[str]()
    known = names | blocks
    uninvited = frozenset(name for name in known if name.partition(".")[0] != _CAMPAIGN)
    for message in program.messages:
        yield from _message_problems(message, uninvited if message.invitation is None else known)
        yield from _given_problems(message, attachments, site)
    for layout in program.layouts:
        yield from _layout_problems(layout, known)
    for block in program.blocks:
        yield from _block_problems(block, names)
    yield from _extra_problems(program)


def _names(program: Program) -> frozenset[str]:
    of = {kind: [one.name for one in program.attributes if one.subject is kind] for kind in SubjectKind}
    return known_names(of[SubjectKind.LEAD], of[SubjectKind.ACCOUNT])


def _message_problems(message: Message, names: frozenset[str]) -> Iterator[str]:
    where = f"messages.{message.name}"
    yield from _body_problems(message, names, where)
    for one in message.translations:
        yield from _body_problems(one, names, f"{where}.translations.{one.locale}")


def _body_problems(body: Message | Translation, names: frozenset[str], where: str) -> Iterator[str]:
    yield from check_template(body.subject, names, kind=Kind.SUBJECT, where=f"{where}.subject")
    yield from check_template(body.text or "", names, kind=Kind.TEXT, where=f"{where}.text")
    yield from check_template(body.html or "", names, kind=Kind.HTML, where=f"{where}.html")
    yield from place_problems(body.html or "", f"{where}.html")
    yield from check_template(body.preheader, names, kind=Kind.SUBJECT, where=f"{where}.preheader")


def _given_problems(message: Message, attachments: Collection[str] | None, site: Site | None) -> Iterator[str]:
    where = f"messages.{message.name}"
    if attachments is not None:
        for name in message.attachments:
            if name not in attachments:
                yield unknown_name("attachment", name, sorted(attachments), where=f"{where}.attachments")
    if site is not None and site.identity_of(message.entity) is None:
        yield unknown_name("identity", message.entity, sorted(site.identities), where=f"{where}.entity")


def _layout_problems(layout: Layout, names: frozenset[str]) -> Iterator[str]:
    for part, source, kind in (("html", layout.html, Kind.HTML), ("text", layout.text, Kind.TEXT)):
        where = f"layouts.{layout.name}.{part}"
        problems = check_template(source, names | {"content", "preheader"}, kind=kind, where=where)
        yield from problems
        yield from place_problems(source if kind is Kind.HTML else "", where)
        if source and not problems and not compile_template(source, kind).mentions("content"):
            yield f"{where}: it does not show {{{{ content }}}}"


def _block_problems(block: Block, names: frozenset[str]) -> Iterator[str]:
    contents: tuple[Block | Choice, ...] = (block, *block.choices)
    for one in contents:
        where = f"blocks.{block.name}" if one is block else f"blocks.{block.name}.{one.name}"
        for part, source, kind in (("html", one.html, Kind.HTML), ("text", one.text or "", Kind.TEXT)):
            yield from check_template(source, names | {"blocks"}, kind=kind, where=f"{where}.{part}")
            yield from place_problems(source if kind is Kind.HTML else "", f"{where}.{part}")
            if _shows_blocks(source, names, kind):
                yield f"{where}.{part}: a block cannot show blocks"


def _shows_blocks(source: str, names: frozenset[str], kind: Kind) -> bool:
    """Whether `blocks` is what such a template lacks."""
    if "blocks" not in source or check_template(source, names | {"blocks"}, kind=kind):
        return False
    return bool(check_template(source, names, kind=kind))


def _extra_problems(program: Program) -> Iterator[str]:
    """What needs a library that is not installed."""
    for layout in program.layouts:
        if layout.inline_css:
            yield from _missing(f"layouts.{layout.name}.inline_css", require_inliner)
    for message in program.messages:
        if message.invitation is not None:
            yield from _missing(f"messages.{message.name}.invitation", require_icalendar)


def _missing(where: str, require: Callable[[], object]) -> Iterator[str]:
    try:
        require()
    except DefinitionError as error:
        yield f"{where}: {error}"
