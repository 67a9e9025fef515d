"""Templates of subjects and bodies: compiled once, checked early, rendered within bounds. Imports the sandbox.

Lead data is context and never template source. A template that fails for one lead refuses that one
message, and says which template, which line and which name, but no value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

import attrs
from jinja2 import Template, nodes
from jinja2.exceptions import SecurityError, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.meta import find_undeclared_variables

from nurture.errors import DefinitionError, SendRefusedError, unknown_name
from nurture.mail._budget import BUDGET, Budget
from nurture.mail._sandbox import HardenedEnvironment
from nurture.mail.filters import TemplateRefusedError
from nurture.mail.plaintext import text_from_html

if TYPE_CHECKING:
    from types import TracebackType

LONGEST_SOURCE: Final = 262_144
"""A template's source has at most so many characters."""

LONGEST_OUTPUT: Final = 1_048_576
"""What a template prints has at most so many characters (and bytes, once encoded)."""

_PIECES: Final = 64
_FILE: Final = "<template>"


class Kind(StrEnum):
    """What a template makes; only `html` escapes what is put in."""

    SUBJECT = "subject"
    TEXT = "text"
    HTML = "html"


class Body(Protocol):
    """What has a subject, a text and perhaps HTML, each a template: a `Message` is one."""

    @property
    def subject(self) -> str:
        """The subject line."""
        ...

    @property
    def text(self) -> str | None:
        """The plain text; None makes it from the HTML."""
        ...

    @property
    def html(self) -> str | None:
        """The HTML, if there is any."""
        ...


@attrs.frozen(slots=True)
class Rendered:
    """A message in the words for one person.

    Attributes:
        subject: The subject line, without white space around it.
        text: The plain text.
        html: The HTML, if there is any.
        preheader: The line that mail programs show beside the subject; it is in the HTML already, hidden.
        locale: The language in which it is written, as far as that is known.
    """

    subject: str
    text: str
    html: str | None = None
    preheader: str = ""
    locale: str = ""


@attrs.frozen(slots=True, eq=False)
class CompiledTemplate:
    """A template that is ready to be rendered; made by `compile_template`."""

    kind: Kind
    _template: Template
    _names: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        """Every name and field that stands in it."""
        return self._names

    def mentions(self, *names: str) -> bool:
        """Whether any of these stands in it, as a name or as a field of something."""
        return not self._names.isdisjoint(names)

    def render(self, context: Mapping[str, object], *, where: str = "template") -> str:
        """The template in the words for this context.

        Args:
            context: Plain data only: text, numbers, dates, tuples and dicts of these.
            where: Names the template in an error.

        Raises:
            SendRefusedError: `template_error` when it fails, with its line and the name that is missing;
                `too_big` when it prints more than 1 MiB.
        """
        budget = Budget()
        return self.render_within({**context, BUDGET: budget}, budget, where=where)

    def render_within(self, context: dict[str, object], budget: Budget, *, where: str) -> str:
        """Like `render`, with a budget that the templates of one mail share.

        Args:
            context: Plain data, with the budget under the name `BUDGET`; it is not copied.
            budget: What the mail may still take.
            where: Names the template in an error.
        """
        template = self._template
        try:
            text = _joined(template.root_render_func(template.new_context(context, shared=True)))
        except SendRefusedError:  # of a block in it, which says where itself
            raise
        except RecursionError:
            raise SendRefusedError("template_error", f"{where}: it is nested too deeply") from None
        except Exception as error:
            raise SendRefusedError("template_error", f"{where}, {self._told(error)}") from None
        if len(text) > LONGEST_OUTPUT or not budget.has_room_for(len(text)):
            raise SendRefusedError("too_big", f"{where}: it prints more than {LONGEST_OUTPUT} characters")
        return text

    def _told(self, error: Exception) -> str:
        """Where and why it failed. Messages of foreign exceptions may hold values, so they are left out."""
        line = _line_of(error.__traceback__, self._template)
        if isinstance(error, (UndefinedError, SecurityError)):
            name = next((name for name in sorted(self._names) if repr(name) in str(error)), None)
            problem = "is not known" if isinstance(error, UndefinedError) else "cannot be used"
            return f"line {line}: {repr(name) if name else 'a name'} {problem}"
        if isinstance(error, TemplateRefusedError):
            return f"line {line}: {error.message}"
        return f"line {line}: {type(error).__name__}"


def _joined(pieces: Iterator[str]) -> str:
    """The pieces as one text; stops soon after the text has become too long."""
    parts: list[str] = []
    size = 0
    while some := list(islice(pieces, _PIECES)):
        parts += some
        if len(some) < _PIECES:
            break
        size += sum(map(len, some))
        if size > LONGEST_OUTPUT:
            break
    return "".join(parts)


def _line_of(trace: TracebackType | None, template: Template) -> int:
    line = 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILE:
            line = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return line


def compile_template(source: str, kind: Kind = Kind.TEXT) -> CompiledTemplate:
    """The template, ready to be rendered; the same source is compiled once.

    Raises:
        DefinitionError: It is not a template, or says something that templates may not say; with its line.

    Example:
        >>> compile_template("{{ lead.name }} 様").render({"lead": {"name": "山田"}})
        '山田 様'
        >>> compile_template("{{ range(3) }}")
        Traceback (most recent call last):
        nurture.errors.DefinitionError: line 1: nothing can be called; use a filter, such as {{ lead|honorific }}
    """
    return _compiled(source, Kind(kind))


@lru_cache(maxsize=1024)
def _compiled(source: str, kind: Kind) -> CompiledTemplate:
    environment = _environment(kind is Kind.HTML)
    tree = _parsed(source, environment)
    try:
        template = environment.from_string(source)
    except TemplateSyntaxError as error:  # unknown filters and tests are found when code is made
        raise DefinitionError(_told(error)) from None
    except (RecursionError, MemoryError, SyntaxError, ValueError):
        raise DefinitionError("line 1: it is nested too deeply") from None
    return CompiledTemplate(kind, template, frozenset(_names_in(tree)))


@lru_cache(maxsize=2)
def _environment(html: bool) -> HardenedEnvironment:
    return HardenedEnvironment(html=html)


def _parsed(source: str, environment: HardenedEnvironment) -> nodes.Template:
    if len(source) > LONGEST_SOURCE:
        raise DefinitionError(f"line 1: a template has at most {LONGEST_SOURCE} characters")
    try:
        return environment.parse(source)
    except TemplateSyntaxError as error:
        raise DefinitionError(_told(error)) from None
    except (RecursionError, MemoryError, ValueError):
        raise DefinitionError("line 1: it is nested too deeply, or a number is too long") from None


def _told(error: TemplateSyntaxError) -> str:
    return f"line {error.lineno}: {error.message}"


def _names_in(tree: nodes.Template) -> Iterator[str]:
    for name in tree.find_all(nodes.Name):
        yield name.name
    for attribute in tree.find_all(nodes.Getattr):
        yield attribute.attr
    for item in tree.find_all(nodes.Getitem):
        if isinstance(item.arg, nodes.Const) and isinstance(item.arg.value, str):
            yield item.arg.value


def check_template(
    source: str, known_names: Collection[str], *, kind: Kind = Kind.TEXT, where: str = ""
) -> tuple[str, ...]:
    """What is wrong with a template before anybody is written to, one sentence for each problem.

    Args:
        source: The template.
        known_names: What it may mention: names such as `lead`, and dotted ones such as `lead.company`. When no
            dotted name of an object is given, its fields are not checked.
        kind: What it makes.
        where: Names the template in the sentences.

    Example:
        >>> check_template("{{ lead.nam }}", {"lead", "lead.name"}, where="hello.text")
        ("hello.text: line 1: unknown field of lead 'nam'; did you mean 'name'?",)
    """
    place = f"{where}: " if where else ""
    try:
        asked = _asked(source, Kind(kind))
    except (DefinitionError, TemplateError) as error:
        return (f"{place}{error}",)
    if not asked.free:
        return ()
    known = sorted(known_names)
    objects = [name for name in known if "." not in name]
    problems = [unknown_name("name", name, objects) for name in sorted(asked.free.difference(known))]
    for line, head, field in asked.fields:
        fields = [name.partition(".")[2] for name in known if name.startswith(f"{head}.")]
        if fields and field not in fields:
            problems.append(unknown_name(f"field of {head}", field, fields, where=f"line {line}"))
    return tuple(dict.fromkeys(f"{place}{problem}" for problem in problems))


@attrs.frozen(slots=True)
class _Asked:
    """What a template asks of its context.

    Attributes:
        free: The names that it does not set itself.
        fields: The fields of these, each with its line and its name before it.
    """

    free: frozenset[str]
    fields: tuple[tuple[int, str, str], ...]


@lru_cache(maxsize=1024)  # a program is checked again by every worker that starts, and whenever it is activated
def _asked(source: str, kind: Kind) -> _Asked:
    _compiled(source, kind)  # refuses what is no template
    tree = _environment(kind is Kind.HTML).parse(source)
    free = frozenset(find_undeclared_variables(tree))
    nodes_of = [(node.lineno, *_field(node)) for node in tree.find_all((nodes.Getattr, nodes.Getitem))]
    return _Asked(free, tuple(one for one in nodes_of if one[1] in free))


def _field(node: nodes.Node) -> tuple[str, str]:
    """A plain name and the field of it that is meant; nothing when it is something else."""
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return node.node.name, node.attr
    if isinstance(node, nodes.Getitem) and isinstance(node.node, nodes.Name):
        argument = node.arg
        if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
            return node.node.name, argument.value
    return "", ""


def render(body: Body, context: Mapping[str, object], *, where: str = "message") -> Rendered:
    """The message in the words for one person, as it stands: without layout, blocks or translations.

    Args:
        body: Its templates.
        context: What the templates may mention, as `context_of` makes it.
        where: Names the message in an error.

    Raises:
        SendRefusedError: A template fails for this person (`template_error`), or prints too much (`too_big`).
        DefinitionError: A template is wrong for everybody.
    """
    budget = Budget()
    names: dict[str, object] = {**context, BUDGET: budget}

    def said(source: str, kind: Kind, part: str) -> str:
        return _compiled(source, kind).render_within(names, budget, where=f"{where}.{part}")

    subject = said(body.subject, Kind.SUBJECT, "subject").strip(" \t\r\n")
    html = None if body.html is None else said(body.html, Kind.HTML, "html")
    text = text_from_html(html or "") if body.text is None else said(body.text, Kind.TEXT, "text")
    return Rendered(subject, text, html)
