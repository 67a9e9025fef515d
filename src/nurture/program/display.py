"""How notebooks show a program: what it declares, in words of its own language. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture.predicates import describe
from nurture.predicates.display import heading, languages_of, table

if TYPE_CHECKING:
    from nurture.program.program import Program

_WORDS = {
    "en": {
        "segments": "segments",
        "scores": "score models",
        "scenarios": "scenarios",
        "messages": "messages",
        "who": "who belongs",
    },
    "ja": {
        "segments": "セグメント",
        "scores": "スコア",
        "scenarios": "シナリオ",
        "messages": "メッセージ",
        "who": "対象",
    },
}


def program_text(program: Program) -> str:
    """The program in one line."""
    words = _WORDS[languages_of(program.locale)[0]]
    return f"{program.name}: " + ", ".join(
        f"{words[name]} {len(group)}" for name, group in _groups(program).items() if group
    )


def program_html(program: Program) -> str:
    """The program: how much it declares, its segments each with its sentence, and the rest by name."""
    lang = languages_of(program.locale)[0]
    words = _WORDS[lang]
    counts = [(words[name], str(len(group)), ", ".join(group)) for name, group in _groups(program).items()]
    segments = [(one.name, describe(one.where, lang)) for one in program.segments]
    shown = table((words["segments"], words["who"]), segments) if segments else ""
    top = heading("program" if lang == "en" else "プログラム", program.name, program.hash)
    return f'<div lang="{lang}">{top}{table(("", "", ""), counts)}{shown}</div>'


def _groups(program: Program) -> dict[str, list[str]]:
    return {
        "segments": [one.name for one in program.segments],
        "scores": [one.name for one in program.scores],
        "scenarios": [one.name for one in program.scenarios],
        "messages": [one.name for one in program.messages],
    }
