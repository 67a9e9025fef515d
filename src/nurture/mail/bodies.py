"""A message in the words for one person: its language, its layout, its blocks, its preheader. Pure.

Imports templates, what is shown, style sheets and the program's records. What was compiled for a message is kept in
the program's memo, so that a mail costs no more than its rendering.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, Final, cast

import attrs
from markupsafe import Markup

from nurture.errors import SendRefusedError
from nurture.mail._budget import BUDGET, Budget
from nurture.mail.places import check_links, links_vary, own_links
from nurture.mail.plaintext import text_from_html
from nurture.mail.preheader import with_preheader
from nurture.mail.templates import LONGEST_OUTPUT, CompiledTemplate, Kind, Rendered, compile_template
from nurture.model.values import EMPTY
from nurture.program import Layout, Message

if TYPE_CHECKING:
    from nurture.program import Block, Choice, Program, Translation

_TEXT_SIGNATURE: Final = "-- "  # RFC 3676 section 4.3


def bodies_for(
    program: Program,
    message: Message,
    *,
    locale: str,
    context: Mapping[str, object],
    choices: Mapping[str, object] = EMPTY,
) -> Rendered:
    """The message in the words for one person.

    Args:
        program: Declares layouts and blocks.
        message: What is said.
        locale: The reader's language; see `translation_for`.
        context: What the templates may mention, as `context_of` makes it.
        choices: For a block by its name, the choice that holds; a block shows its own content for any other name.

    Raises:
        SendRefusedError: A template fails for this person (`template_error`), prints too much (`too_big`), or
            has a style sheet that cannot be read (`bad_stylesheet`).
        DefinitionError: A template is wrong for everybody, or an extra is missing.
    """
    body = translation_for(message, locale, program.locale)
    plan = _plan_of(program, message, body)
    spoken = program.locale or locale if body is message else cast("Translation", body).locale
    return _Rendering(program, plan, {**context, "locale": spoken}, choices, f"message {message.name}").rendered()


def translation_for(message: Message, locale: str, fallback: str) -> Message | Translation:
    """The translation for a reader: the exact tag, then shorter ones, then those of the fall-back, then the message.

    Tags are compared as RFC 4647 section 3.4 looks them up: `zh-Hant-TW` is served by `zh-Hant`, then by `zh`.

    Args:
        message: What is said.
        locale: The reader's language.
        fallback: The language of those who have none that there is.
    """
    if not message.translations:
        return message
    known = {_tag(one.locale): one for one in message.translations}
    for wanted in (*_shortened(locale), *_shortened(fallback)):
        if wanted in known:
            return known[wanted]
    return message


def _tag(locale: str) -> str:
    return locale.replace("_", "-").lower()


def _shortened(locale: str) -> Iterator[str]:
    """The tag, and what is left of it as its parts are taken from the end; a single letter goes with its neighbor."""
    parts = _tag(locale).split("-")
    while parts and parts != [""]:
        yield "-".join(parts)
        parts.pop()
        if parts and len(parts[-1]) == 1:
            parts.pop()


def mentioned(program: Program, message: Message) -> frozenset[str]:
    """Every name and field that stands in a template of the message, in any language, its layout, or a block.

    Raises:
        DefinitionError: A template is wrong.
    """
    key = f"mentioned:{message.name}"
    known = program.memo.get(key)
    if isinstance(known, _Mentioned) and known.message is message:
        return known.names
    found: set[str] = set()
    for source, kind in _sources(program, message):
        found |= compile_template(source, kind).names
    program.memo[key] = _Mentioned(message, frozenset(found))
    return frozenset(found)


def _sources(program: Program, message: Message) -> Iterator[tuple[str, Kind]]:
    bodies: tuple[Message | Translation, ...] = (message, *message.translations)
    for body in bodies:
        yield from ((body.subject, Kind.SUBJECT), (body.preheader, Kind.SUBJECT))
        yield from ((body.text or "", Kind.TEXT), (body.html or "", Kind.HTML))
    layout = program.layout(message.layout) if message.layout is not None else None
    if layout is not None:
        yield from ((layout.text, Kind.TEXT), (layout.html, Kind.HTML))
    for block in program.blocks:
        contents: tuple[Block | Choice, ...] = (block, *block.choices)
        for one in contents:
            yield from ((one.text or "", Kind.TEXT), (one.html, Kind.HTML))


@attrs.frozen(slots=True, eq=False)
class _Mentioned:
    """The names that a message mentions."""

    message: Message
    names: frozenset[str]


@attrs.frozen(slots=True, eq=False)
class _Plan:
    """The compiled templates of one message in one language."""

    message: Message
    layout: Layout | None
    subject: CompiledTemplate
    preheader: CompiledTemplate | None
    text: CompiledTemplate | None
    html: CompiledTemplate | None
    frame_text: CompiledTemplate | None
    frame_html: CompiledTemplate | None
    frame_shows_preheader: bool
    own_links: frozenset[str] | None  # None: no link of the mail varies
    signs: bool


def _plan_of(program: Program, message: Message, body: Message | Translation) -> _Plan:
    """What was compiled for the message before, as long as it is the same one."""
    key = f"bodies:{message.name}:{'' if body is message else cast('Translation', body).locale}"
    known = program.memo.get(key)
    if isinstance(known, _Plan) and known.message is message:
        return known
    layout = program.layout(message.layout) if message.layout is not None else None
    text = compile_template(body.text, Kind.TEXT) if (body.text or "").strip() and body.text is not None else None
    html = compile_template(body.html, Kind.HTML) if body.html is not None else None
    frame_text = compile_template(layout.text, Kind.TEXT) if layout is not None and layout.text else None
    frame_html = compile_template(layout.html, Kind.HTML) if layout is not None and layout.html else None
    all_of_it = [one for one in (text, html, frame_text, frame_html) if one is not None]
    program.memo[key] = plan = _Plan(
        message,
        layout,
        compile_template(body.subject, Kind.SUBJECT),
        compile_template(body.preheader, Kind.SUBJECT) if body.preheader else None,
        text,
        html,
        frame_text,
        frame_html,
        frame_html is not None and frame_html.mentions("preheader"),
        _own_links(program, message),
        message.from_owner and not any(one.mentions("signature", "signature_html") for one in all_of_it),
    )
    return plan


def _own_links(program: Program, message: Message) -> frozenset[str] | None:
    """The links that the author wrote out; None where all links are such, and none has to be checked."""
    pages = [source for source, kind in _sources(program, message) if kind is Kind.HTML]
    if not any(links_vary(page) for page in pages):
        return None
    return frozenset(link for page in pages for link in own_links(page))


class _Blocks(dict[str, object]):
    """The blocks by name, each rendered when a template says it, and once."""

    def __init__(self, make: Callable[[str], object]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, name: str) -> object:
        made = self._make(name)
        if made is None:
            raise KeyError(name)
        self[name] = made
        return made


class _Rendering:
    """One mail on its way from templates to text and HTML."""

    def __init__(
        self, program: Program, plan: _Plan, context: dict[str, object], choices: Mapping[str, object], where: str
    ) -> None:
        self._program = program
        self._plan = plan
        self._choices = choices
        self._where = where
        self._budget = Budget()
        self._bare = context
        context[BUDGET] = self._budget
        self._said = context
        self._shown = context
        if program.blocks:
            self._said = {**context, "blocks": _Blocks(self._block_text)}
            self._shown = {**context, "blocks": _Blocks(self._block_html)}

    def rendered(self) -> Rendered:
        plan = self._plan
        subject = self._of(plan.subject, self._said, "subject").strip(" \t\r\n")
        preheader = (
            "" if plan.preheader is None else " ".join(self._of(plan.preheader, self._said, "preheader").split())
        )
        content = None if plan.html is None else self._of(plan.html, self._shown, "html")
        text = None if plan.text is None else self._of(plan.text, self._said, "text")
        if plan.signs:
            text, content = self._signed(text, content)
        html = None if content is None else self._framed(content, preheader)
        if text is None and (plan.frame_text is not None or html is None):
            text = text_from_html(content or "")
        if plan.frame_text is not None:
            text = self._of(plan.frame_text, {**self._said, "content": text, "preheader": preheader}, "layout")
        if text is None:
            text = text_from_html(html or "")
        if html is not None and plan.own_links is not None:
            check_links(html, plan.own_links)
        if html is not None and not plan.frame_shows_preheader:
            html = with_preheader(html, preheader)
        return Rendered(subject, text, html, preheader, str(self._bare["locale"]))

    def _framed(self, content: str, preheader: str) -> str:
        """The HTML in its layout, with its style sheets where the layout wants them."""
        plan = self._plan
        html = content
        if plan.frame_html is not None:
            put = {"content": Markup(content), "preheader": preheader}  # noqa: S704 -- it was escaped as it was made
            html = self._of(plan.frame_html, {**self._shown, **put}, "layout")
        if plan.layout is not None and plan.layout.inline_css:
            from nurture.mail.stylesheets import inlined  # it loads a library of an extra

            html = inlined(html)
            if len(html) > LONGEST_OUTPUT:
                raise SendRefusedError("too_big", f"{self._where}: more than {LONGEST_OUTPUT} characters of HTML")
        return html

    def _signed(self, text: str | None, html: str | None) -> tuple[str | None, str | None]:
        """The bodies with the owner's signature below them, where it has one."""
        owner = cast("Mapping[str, object]", self._bare.get("owner") or EMPTY)
        signature, written = owner.get("signature"), owner.get("signature_html")
        if not signature and not written:
            return text, html
        if text is not None:
            said = str(signature or text_from_html(str(written))).strip("\n")
            text = f"{text.rstrip()}\n\n{_TEXT_SIGNATURE}\n{said}\n"
        return text, html if html is None else f"{html}<p>{written}</p>"

    def _block_text(self, name: str) -> str | None:
        one = self._content(name)
        if one is None:
            return None
        if one.text is None:
            return text_from_html(self._block(one.html, Kind.HTML, name)).strip("\n")
        return self._block(one.text, Kind.TEXT, name)

    def _block_html(self, name: str) -> Markup | None:
        one = self._content(name)
        if one is None:
            return None
        if one.html or not one.text:
            written = self._block(one.html, Kind.HTML, name)
        else:
            written = "<br>\n".join(escape(self._block(one.text, Kind.TEXT, name)).splitlines())
        return Markup(written)  # noqa: S704 -- it was escaped as it was made

    def _content(self, name: str) -> Block | Choice | None:
        """The choice that holds, or the block's own content; None when there is no such block."""
        block = self._program.block(name)
        if block is None:
            return None
        taken = self._choices.get(name)
        return next((one for one in block.choices if one.name == taken), block)

    def _block(self, source: str, kind: Kind, name: str) -> str:
        return compile_template(source, kind).render_within(self._bare, self._budget, where=f"block {name}")

    def _of(self, template: CompiledTemplate, context: dict[str, object], part: str) -> str:
        return template.render_within(context, self._budget, where=f"{self._where}.{part}")
