"""What a clause saw, in words: for `examine`. May import the nodes and the calendar's words.

What it saw may be personal, so the words may be, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from nurture.calendar import describe_length
from nurture.predicates.dates import Elapsed
from nurture.predicates.describe import language
from nurture.predicates.standing import Consented, InScenario, TimeInSegment, TimeInStage

if TYPE_CHECKING:
    from nurture.model import Value
    from nurture.predicates.tree import Predicate

_ENGLISH: Final[Mapping[str, str]] = MappingProxyType(
    {
        "saw": "saw {value}",
        "both": "saw {value}, against {against}",
        "and": ", ",
        "minus": "-{length}",
        "nothing": "nothing",
        "yes": "yes",
        "no": "no",
    }
)
_JAPANESE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "saw": "実際：{value}",
        "both": "実際：{value}、比較先：{against}",
        "and": "、",
        "minus": "マイナス{length}",
        "nothing": "なし",
        "yes": "はい",
        "no": "いいえ",
        "active": "進行中",
        "completed": "完了",
        "reached_goal": "目標達成",
        "exited": "途中終了",
        "withdrawn": "取り下げ",
        "restarted": "やり直し",
        "given": "同意あり",
        "refused": "拒否",
        "unsubscribed": "配信停止",
        "unsaid": "意思表示なし",
        "expired": "同意の期限切れ",
    }
)
WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({"en": _ENGLISH, "ja": _JAPANESE})
"""The words by language; those that are missing stand as they are."""
_OF_WORDS: Final = (InScenario, Consented)
"""What these saw are words of ours, and no text of a subject's."""
_LENGTHS: Final = (Elapsed, TimeInStage, TimeInSegment)
"""What these saw are seconds."""


def seen(node: Predicate, saw: Value, against: Value, lang: str) -> str:
    """What a clause saw, and what it was compared with.

    Args:
        node: The clause.
        saw: What it saw.
        against: The value of the other field; None when there is none.
        lang: `en` or `ja`.
    """
    words = WORDS[language(lang)]
    value = _in_words(node, saw, words, lang)
    if against is None:
        return words["saw"].format(value=value)
    return words["both"].format(value=value, against=_in_words(node, against, words, lang))


def _in_words(node: Predicate, value: Value, words: Mapping[str, str], lang: str) -> str:
    if value is None or value == ():
        return words["nothing"]
    if isinstance(value, tuple):
        return words["and"].join(_in_words(node, one, words, lang) for one in value)
    if isinstance(value, bool):
        return words["yes" if value else "no"]
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(node, _LENGTHS) and isinstance(value, (int, float)):
        length = describe_length(timedelta(seconds=round(value)), lang)
        return words["minus"].format(length=length) if value < 0 else length
    if isinstance(value, float):
        return f"{value:.10g}"
    return words.get(str(value), str(value)) if isinstance(node, _OF_WORDS) else str(value)
