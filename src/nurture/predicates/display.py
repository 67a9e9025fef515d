"""How notebooks show predicates and what is made of them: the sentence and the tree, as plain HTML. Pure.

No scripts, no styles from elsewhere: what is shown works offline and in exported pages. All that comes from
outside is escaped. Where no language is known, a sentence is shown in English and in Japanese.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Final

from nurture.predicates.describe import describe
from nurture.predicates.people import OfAccount, People
from nurture.predicates.tree import All, AnyOf, Not, Predicate

if TYPE_CHECKING:
    from nurture.predicates.examine import Clause

LANGUAGES: Final = ("en", "ja")
_JOINED: Final[Mapping[str, Mapping[type[Predicate], str]]] = {
    "en": {All: "all of", AnyOf: "any of", Not: "not", OfAccount: "its account", People: "people of the account"},
    "ja": {
        All: "次のすべて",
        AnyOf: "次のいずれか",
        Not: "次に当てはまらない",
        OfAccount: "所属する会社について",
        People: "会社の人々について",
    },
}
_NUMBERS: Final = {"en": "{count} of {total}", "ja": "{total}件中{count}件"}


def languages_of(locale: str | None) -> tuple[str, ...]:
    """The languages in which to show something: the one of the locale, or both when there is none."""
    if locale is None:
        return LANGUAGES
    return ("ja",) if locale.partition("-")[0].partition("_")[0] == "ja" else ("en",)


def bundle(plain: str, html: str) -> dict[str, str]:
    """What a notebook asks for: the same thing for terminals and for pages."""
    return {"text/plain": plain, "text/html": html}


def heading(kind: str, name: str, note: str = "") -> str:
    """A line that says what is shown."""
    extra = f" <small>{escape(note)}</small>" if note else ""
    return f"<p><strong>{escape(kind)} {escape(name)}</strong>{extra}</p>"


def counted(count: int, total: int, lang: str) -> str:
    """How many of how many."""
    return _NUMBERS[lang].format(count=f"{count:,}", total=f"{total:,}")


def sentences(predicate: Predicate, locale: str | None = None) -> str:
    """The predicate in words, a paragraph for each language."""
    return "".join(f'<p lang="{lang}">{escape(describe(predicate, lang))}</p>' for lang in languages_of(locale))


def tree(predicate: Predicate, lang: str = "en", note: Callable[[Predicate], str] | None = None) -> str:
    """The predicate clause by clause, as nested lists; with a note about each clause, if there is one."""
    return f'<ul lang="{lang}">{_branch(predicate, lang, note or (lambda _: ""))}</ul>'


def _branch(node: Predicate, lang: str, note: Callable[[Predicate], str]) -> str:
    word = _JOINED[lang].get(type(node))
    said = f"<em>{escape(word)}</em>" if word is not None else escape(describe(node, lang))
    extra = f" <small>{escape(text)}</small>" if (text := note(node)) else ""
    inside = "".join(_branch(part, lang, note) for part in node.children()) if word is not None else ""
    return f"<li>{said}{extra}{f'<ul>{inside}</ul>' if inside else ''}</li>"


def predicate_html(kind: str, name: str, predicate: Predicate, locale: str | None = None, note: str = "") -> str:
    """A named predicate: its sentence and its tree."""
    trees = "".join(tree(predicate, lang) for lang in languages_of(locale)[:1])
    return f"<div>{heading(kind, name, note)}{sentences(predicate, locale)}{trees}</div>"


def bare_html(predicate: Predicate, locale: str | None = None) -> str:
    """A predicate without a name: its sentence, and its tree when it has parts."""
    trees = tree(predicate, languages_of(locale)[0]) if predicate.children() else ""
    return f"<div>{sentences(predicate, locale)}{trees}</div>"


def clause_html(clause: Clause, lang: str = "en", note: Callable[[Clause], str] | None = None) -> str:
    """A clause as it answered of one subject: yes or no, whether it decides, what is inside it, and a note, if any."""
    return f'<ul lang="{lang}">{_answered(clause, lang, note or (lambda _: ""))}</ul>'


_ANSWERS: Final = {"en": ("yes", "no", "until"), "ja": ("はい", "いいえ", "期限")}


def _answered(clause: Clause, lang: str, note: Callable[[Clause], str]) -> str:
    yes, no, until = _ANSWERS[lang]
    answer = f"{'✓' if clause.answer else '✗'} {yes if clause.answer else no}"
    word = _JOINED[lang].get(type(clause.node))
    said = f"<em>{escape(word)}</em>" if word is not None and clause.parts else escape(describe(clause.node, lang))
    flips = f" <small>{until} {clause.flip_at:%Y-%m-%d %H:%M} UTC</small>" if clause.flip_at is not None else ""
    shown = f"<strong>{said}</strong>" if clause.decides else said
    extra = f" <small>{escape(text)}</small>" if (text := note(clause)) else ""
    inside = "".join(_answered(part, lang, note) for part in clause.parts)
    return f"<li>{answer} — {shown}{extra}{flips}{f'<ul>{inside}</ul>' if inside else ''}</li>"


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of texts."""
    head = "".join(f"<th>{escape(one)}</th>" for one in header)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
