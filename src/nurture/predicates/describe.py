"""A predicate as a sentence, in English and in Japanese. May import the tree and `nurture.model`.

Literals are said as they stand in the program: they are the program's words, not a person's data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar, cast

from nurture.errors import DefinitionError
from nurture.predicates.operators import OPERATORS, ORDER
from nurture.predicates.touches import Quantifier, Touched
from nurture.predicates.tree import (
    All,
    AnyOf,
    Compare,
    Everyone,
    InSegment,
    InStage,
    Not,
    Owner,
    Predicate,
    Score,
    TimeInStage,
)

if TYPE_CHECKING:
    from nurture.model import Scalar

Lang: TypeAlias = Literal["en", "ja"]
N = TypeVar("N", bound=Predicate)


def describe(predicate: Predicate, lang: str = "en") -> str:
    """The predicate as one readable phrase.

    Args:
        predicate: What to say.
        lang: `en` or `ja`; a longer tag such as `ja-JP` is read by its beginning, any other as English.

    Example:
        >>> from nurture.predicates import q
        >>> describe(q.touches("page.viewed").within(days=14).count() >= 3)
        'at least 3 page.viewed in the last 14 days'
    """
    return _say(predicate, "ja" if lang == "ja" or lang.startswith("ja-") else "en")


def _say(node: Predicate, lang: Lang) -> str:
    say = _SENTENCES.get(type(node))
    if say is None:
        raise DefinitionError(f"expected a predicate made with q, found {type(node).__name__}")
    return say(node, lang)


def _everyone(node: Everyone, lang: Lang) -> str:
    del node
    return "everyone" if lang == "en" else "全員"


def _all(node: All, lang: Lang) -> str:
    if not node.parts:
        return _everyone(Everyone(), lang)
    return (" and " if lang == "en" else "、かつ").join(_inner(part, lang) for part in node.parts)


def _any(node: AnyOf, lang: Lang) -> str:
    if not node.parts:
        return "nobody" if lang == "en" else "該当なし"
    return (" or " if lang == "en" else "、または").join(_inner(part, lang) for part in node.parts)


def _inner(node: Predicate, lang: Lang) -> str:
    said = _say(node, lang)
    if not isinstance(node, (All, AnyOf)) or len(node.parts) < 2:
        return said
    return f"({said})" if lang == "en" else f"（{said}）"


def _not(node: Not, lang: Lang) -> str:
    part = node.part
    if isinstance(part, Compare) and part.op == "missing":
        name = field_name(part, lang)
        return f"{name} is present" if lang == "en" else f"{name}が入力済みである"
    if isinstance(part, InStage):
        return _stage(part, lang, positive=False)
    if isinstance(part, InSegment):
        return f"not in the segment {part.name}" if lang == "en" else f"セグメント「{part.name}」に属さない"
    return f"not ({_say(part, lang)})" if lang == "en" else f"（{_say(part, lang)}）ではない"


def field_name(node: Compare, lang: Lang) -> str:
    """How a field is called in a sentence."""
    owners = {
        "en": {Owner.LEAD: "{}", Owner.ACCOUNT: "the account's {}", Owner.PROP: "{}"},
        "ja": {Owner.LEAD: "「{}」", Owner.ACCOUNT: "会社の「{}」", Owner.PROP: "「{}」"},
    }
    return owners[lang][node.field.owner].format(node.field.name)


def _compare(node: Compare, lang: Lang) -> str:
    row = OPERATORS[node.op]
    return (row.en if lang == "en" else row.ja).format(field=field_name(node, lang), value=_value(node.value, lang))


def _value(value: Scalar | tuple[Scalar, ...] | None, lang: Lang) -> str:
    if isinstance(value, tuple):
        return (", " if lang == "en" else "、").join(_value(item, lang) for item in value) or "–"
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "ja": ("いいえ", "はい")}[lang][value]
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return f'"{value}"' if lang == "en" else f"「{value}」"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _touched(node: Touched, lang: Lang) -> str:
    if node.quantifier is Quantifier.LAST:
        condition = _say(cast("Predicate", node.last_where), lang)
        if lang == "en":
            return f"the newest {_facts(node, lang)} has {condition}"
        return f"最新の{_facts(node, lang)}で{condition}"
    return _count_en(node) if lang == "en" else _count_ja(node)


def _count_en(node: Touched) -> str:
    facts, n = _facts(node, "en"), node.n
    if (node.op, n) in (("eq", 0), ("le", 0), ("lt", 1)):
        return f"no {facts}"
    words = {
        "eq": "exactly",
        "ne": "not exactly",
        "lt": "fewer than",
        "le": "at most",
        "gt": "more than",
        "ge": "at least",
    }
    return f"{words[node.op]} {n} {facts}"


def _count_ja(node: Touched) -> str:
    facts, n = _facts(node, "ja"), node.n
    if (node.op, n) in (("eq", 0), ("le", 0), ("lt", 1)):
        return f"{facts}が一度もない"
    words = {
        "eq": "ちょうど{}回",
        "ne": "{}回以外",
        "lt": "{}回未満",
        "le": "{}回以下",
        "gt": "{}回超",
        "ge": "{}回以上",
    }
    return f"{facts}が{words[node.op].format(n)}"


def _facts(node: Touched, lang: Lang) -> str:
    """Which facts the clause selects, as a noun phrase."""
    en = lang == "en"
    about = [] if node.having is None else [_say(node.having, lang)]
    by = node.origin if node.kind is not None or node.origin is not None else node.seen_origin
    for value, phrase in (
        (by, ("by the {}", "発生元が{}")),
        (node.channel, ("on {}", "経路が{}")),
        (node.campaign, ("of the campaign {}", "施策が{}")),
    ):
        if value is not None:
            about.append(phrase[0 if en else 1].format(value))
    if node.suspect:
        about.append("machines included" if en else "機械の疑いを含む")
    name = node.kind or ("fact" if en else "行動")
    said = name + (f" ({', '.join(about)})" if en and about else f"（{'、'.join(about)}）" if about else "")
    if node.window is None:
        return said
    length = length_words(node.window, lang)
    return f"{said} in the last {length}" if en else f"過去{length}以内の{said}"


def length_words(length: timedelta, lang: str = "en") -> str:
    """A length of time in words: the largest unit that is a whole number of it.

    Example:
        >>> length_words(timedelta(days=14)), length_words(timedelta(minutes=90), "ja")
        ('14 days', '90分')
    """
    for unit, en, ja in _UNITS:
        count, rest = divmod(length, unit)
        if not rest:
            return f"{count}{ja}" if lang == "ja" else f"{count} {en}{'' if count == 1 else 's'}"
    raise AssertionError("every length is a whole number of microseconds")


_UNITS = (
    (timedelta(days=1), "day", "日"), (timedelta(hours=1), "hour", "時間"), (timedelta(minutes=1), "minute", "分"),
    (timedelta(seconds=1), "second", "秒"), (timedelta(microseconds=1), "microsecond", "マイクロ秒"),
)  # fmt: skip


def _score(node: Score, lang: Lang) -> str:
    name = f"the score {node.model}" if lang == "en" else f"スコア「{node.model}」"
    return _ordered(name, node.op, _value(node.value, lang), lang)


def _ordered(name: str, op: str, value: str, lang: Lang) -> str:
    row = ORDER[op]
    return (row.en.replace("is known and is not", "is not") if lang == "en" else row.ja).format(field=name, value=value)


def _stage(node: InStage, lang: Lang, *, positive: bool = True) -> str:
    names = (" or " if lang == "en" else "か").join(
        node.names if lang == "en" else [f"「{one}」" for one in node.names]
    )
    if lang == "en":
        return f"the stage is {'' if positive else 'not '}{names or '–'}"
    return f"ステージが{names or '–'}{'である' if positive else 'ではない'}"


def _stage_time(node: TimeInStage, lang: Lang) -> str:
    name = "the time in the stage" if lang == "en" else "ステージの滞在期間"
    return _ordered(name, node.op, length_words(node.length, lang), lang)


def _segment(node: InSegment, lang: Lang) -> str:
    return f"in the segment {node.name}" if lang == "en" else f"セグメント「{node.name}」に属する"


def _entry(node: type[N], say: Callable[[N, Lang], str]) -> Callable[[Predicate, Lang], str]:
    del node  # it ties the two types together
    return cast("Callable[[Predicate, Lang], str]", say)


_SENTENCES: Mapping[type[Predicate], Callable[[Predicate, Lang], str]] = {
    Everyone: _entry(Everyone, _everyone),
    All: _entry(All, _all),
    AnyOf: _entry(AnyOf, _any),
    Not: _entry(Not, _not),
    Compare: _entry(Compare, _compare),
    Touched: _entry(Touched, _touched),
    Score: _entry(Score, _score),
    InStage: _entry(InStage, _stage),
    TimeInStage: _entry(TimeInStage, _stage_time),
    InSegment: _entry(InSegment, _segment),
}
