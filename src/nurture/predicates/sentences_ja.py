"""Predicates in Japanese, node by node. May import the nodes and the calendar's words.

Names stand in brackets as the program has them; whatever a sentence says about them comes after, so that
parts can be joined by 、かつ and 、または and stay readable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

import attrs

from nurture.calendar import Period, PeriodUnit, describe_length, describe_period
from nurture.model import EnrollmentState, Origin, Purpose, Scalar
from nurture.predicates.dates import Age, Anniversary, Elapsed, Held, InPeriod
from nurture.predicates.operators import OPERATORS, Operand
from nurture.predicates.people import OfAccount, People
from nurture.predicates.sentences import Say, Sentences, apart, asks_for_none, instant, listed, number
from nurture.predicates.sequences import Followed
from nurture.predicates.standing import (
    Consented,
    Grade,
    InBucket,
    InScenario,
    InSegment,
    InStage,
    Score,
    TimeInSegment,
    TimeInStage,
    Word,
)
from nurture.predicates.touches import Quantifier, Touched
from nurture.predicates.tree import All, AnyOf, Compare, Everyone, Field, Not, Owner, Scaled

_AMOUNT: Final[Mapping[str, str]] = MappingProxyType(
    {"eq": "ちょうど{}", "ne": "{}以外", "lt": "{}未満", "le": "{}以下", "gt": "{}超", "ge": "{}以上"}
)
_VALUE: Final[Mapping[str, str]] = MappingProxyType(
    {"eq": "{}である", "ne": "{}以外である", "lt": "{}より小さい", "le": "{}以下である", "gt": "{}より大きい",
     "ge": "{}以上である"}
)  # fmt: skip
_TIME: Final[Mapping[str, str]] = MappingProxyType(
    {"lt": "{}より前である", "le": "{}以前である", "gt": "{}より後である", "ge": "{}以降である"}
)
_GRADE: Final[Mapping[str, str]] = MappingProxyType({**_VALUE, "lt": "{}より低い", "gt": "{}より高い"})
_PASSED: Final[Mapping[str, str]] = MappingProxyType(
    {"lt": "まだ{}経っていない", "le": "{}以内である", "gt": "{}より長く経っている", "ge": "{}以上経っている"}
)
_LEFT: Final[Mapping[str, str]] = MappingProxyType(
    {"lt": "{}を切っている", "le": "{}以内である", "gt": "{}より長い", "ge": "{}以上ある"}
)
_OF_PROPERTY: Final[Mapping[Quantifier, str]] = MappingProxyType(
    {
        Quantifier.SUM: "{}の{}の合計",
        Quantifier.MIN: "{}の{}の最小値",
        Quantifier.MAX: "{}の{}の最大値",
        Quantifier.AVERAGE: "{}の{}の平均",
    }
)
_WHICH: Final[Mapping[Quantifier, str]] = MappingProxyType(
    {
        Quantifier.FIRST: "最初の",
        Quantifier.LAST: "最新の",
        Quantifier.SINCE_FIRST: "最初の",
        Quantifier.SINCE_LAST: "最新の",
    }
)
_ORIGIN: Final[Mapping[Origin, str]] = MappingProxyType(
    {Origin.LEAD: "本人による", Origin.HOST: "自社システムによる", Origin.ENGINE: "自動配信による"}
)
_CHANNEL: Final[Mapping[str, str]] = MappingProxyType(
    {"email": "メール", "sms": "SMS", "line": "LINE", "phone": "電話", "post": "郵送"}
)
_PURPOSE: Final[Mapping[Purpose, str]] = MappingProxyType(
    {
        Purpose.MARKETING: "販促案内",
        Purpose.TRANSACTIONAL: "取引連絡",
        Purpose.INTERNAL: "社内連絡",
        Purpose.PROFILING: "プロファイリング",
    }
)
_WORD: Final[Mapping[Word, str]] = MappingProxyType(
    {
        Word.GIVEN: "{}の受け取りに同意している",
        Word.REFUSED: "{}の受け取りを断っている",
        Word.UNSUBSCRIBED: "{}を本人が配信停止した",
        Word.UNSAID: "{}の受け取りについて意思表示がない",
    }
)
_WORD_ON_PROFILING: Final[Mapping[Word, str]] = MappingProxyType(
    {
        Word.GIVEN: "{}に同意している",
        Word.REFUSED: "{}を断っている",
        Word.UNSUBSCRIBED: "{}を本人が停止した",
        Word.UNSAID: "{}について意思表示がない",
    }
)
_STATE: Final[Mapping[EnrollmentState, str]] = MappingProxyType(
    {
        EnrollmentState.ACTIVE: "進行中",
        EnrollmentState.COMPLETED: "完了",
        EnrollmentState.REACHED_GOAL: "目標達成",
        EnrollmentState.EXITED: "途中終了",
        EnrollmentState.WITHDRAWN: "取り下げ",
        EnrollmentState.RESTARTED: "やり直し",
    }
)
_ZONE: Final[Mapping[str, str]] = MappingProxyType({"lead": "リードの現地時間", "account": "会社の現地時間"})
_WHOSE: Final[Mapping[Owner, str]] = MappingProxyType({Owner.ACCOUNT: "会社の", Owner.ENTRY: "開始時の"})
_BRACKETS: Final = "（{}）"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:/@+-]+")
"""A word that needs no quotes: nothing that a Japanese sentence could be made of."""
_ANY_MONTH: Final = 4  # a year that begins in April is called a fiscal year; the month itself is not said


def field_name(field: Field) -> str:
    """What a field is called in a sentence."""
    return f"{_WHOSE.get(field.owner, '')}{_quoted(field.name)}"


def _quoted(text: str) -> str:
    """Text between quotes; the closing one stands twice where it is part of the text."""
    return f"「{text.replace('」', '」」')}」"


def _word(word: str) -> str:
    """A word as it stands, or in quotes where it could be read as more than a word."""
    return word if _PLAIN.fullmatch(word) else _quoted(word)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _value(value: Scalar) -> str:
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, datetime):
        return instant(value, _day)
    if isinstance(value, date):
        return _day(value)
    return _quoted(value) if isinstance(value, str) else number(value)


def _operand(value: Scalar | tuple[Scalar, ...] | Scaled | None, operand: Operand) -> str:
    if isinstance(value, Scaled):
        name = field_name(value.field) if value.field.owner in _WHOSE else f"項目{field_name(value.field)}"
        return name if value.factor == 1.0 else f"{name}の{number(value.factor)}倍"
    if isinstance(value, tuple):
        said = [_value(one) for one in value]
        return "〜".join(said) if operand is Operand.RANGE else listed(said, "、", "ほか{n}件")
    return "" if value is None else _value(value)


def _everyone(_: Everyone, __: Say) -> str:
    return "全員"


def _all(node: All, say: Say) -> str:
    return "、かつ".join(apart(part, say, _BRACKETS) for part in node.parts) or "全員"


def _any(node: AnyOf, say: Say) -> str:
    return "、または".join(apart(part, say, _BRACKETS) for part in node.parts) or "該当なし"


def _not(node: Not, say: Say) -> str:
    part = node.part
    if isinstance(part, Compare) and part.op == "missing":
        return f"{field_name(part.field)}が入力済みである"
    if isinstance(part, InStage):
        return f"購買段階が{_names(part.names)}ではない"
    if isinstance(part, InSegment):
        return f"セグメント{_quoted(part.name)}に属さない"
    if isinstance(part, InScenario):
        return f"{_run(part)}ではない"
    return f"（{say(part)}）に当てはまらない"


def _compare(node: Compare, _: Say) -> str:
    row = OPERATORS[node.op]
    name, value = field_name(node.field), _operand(node.value, row.operand)
    if isinstance(node.value, date) and node.op in _TIME:
        return f"{name}が{_TIME[node.op].format(value)}"
    return row.ja.format(field=name, value=value)


def _touched(node: Touched, say: Say) -> str:
    kind, facts = node.quantifier, _facts(node, say, _WHICH.get(node.quantifier, ""))
    if kind is Quantifier.COUNT:
        times = _AMOUNT[node.op].format(f"{number(node.n)}回")
        return f"{facts}が一度もない" if asks_for_none(node) else f"{facts}が{times}"
    if kind is Quantifier.DISTINCT:
        return f"{facts}の{_quoted(node.of or '')}が{_AMOUNT[node.op].format(f'{number(node.n)}種類')}"
    if node.single_where is not None:
        return f"{facts}で{apart(node.single_where, say, _BRACKETS)}"
    if node.length is not None:
        return f"{facts}から{_PASSED[node.op].format(describe_length(node.length, 'ja'))}"
    if kind is Quantifier.TREND and node.window is not None:
        before = describe_length(node.window, "ja")
        return f"{facts}がその前の{before}の{_AMOUNT[node.op].format(f'{number(node.n)}倍')}"
    return f"{_OF_PROPERTY[kind].format(facts, _quoted(node.of or ''))}が{_VALUE[node.op].format(number(node.n))}"


def _facts(node: Touched, say: Say, which: str = "") -> str:
    """Which facts a clause selects, as a noun phrase."""
    about = [] if node.per is None else [f"{_quoted(node.per)}ごとに最新のもの"]
    if node.having is not None:
        about.append(say(node.having))
    by = node.origin or (node.seen_origin if node.kind is None else None)
    if by is not None:
        about.append(f"{_ORIGIN[by]}もの")
    if node.channel is not None:
        about.append(f"経路が{_word(node.channel)}")
    if node.campaign is not None:
        about.append(f"施策が{_word(node.campaign)}")
    if node.suspect:
        about.append("機械の疑いを含む")
    prefix = node.prefix
    name = "行動" if node.kind is None else node.kind if prefix is None else f"{prefix}で始まる行動"
    return _when(node) + which + name + (f"（{'、'.join(about)}）" if about else "")


def _when(node: Touched) -> str:
    if node.period is not None:
        return f"{_stretch(node.period, node.starts)}の"
    last = "" if node.window is None else f"過去{describe_length(node.window, 'ja')}以内"
    if node.older is None:
        return f"{last}の" if last else ""
    older = describe_length(node.older, "ja")
    return f"{last}（直近{older}を除く）の" if last else f"{older}以上前の"


def _stretch(period: Period, starts: Field | None) -> str:
    if starts is None:
        return describe_period(period, "ja")
    said, _, _ = describe_period(attrs.evolve(period.starting(_ANY_MONTH), zone=None), "ja").partition("（")
    return f"{said}（年度の開始月は{field_name(starts)}）{_in_zone(period.zone)}"


def _followed(node: Followed, say: Say) -> str:
    within = describe_length(node.within, "ja")
    return f"{_facts(node.first, say)}の後、{within}以内に{_facts(node.then, say)}が{'ない' if node.absent else 'ある'}"


def _score(node: Score, _: Say) -> str:
    return f"スコア{_quoted(node.model)}が{_VALUE[node.op].format(number(node.value))}"


def _grade(node: Grade, _: Say) -> str:
    return f"{_quoted(node.model)}の評価が{_GRADE[node.op].format(_word(node.grade))}"


def _names(names: tuple[str, ...]) -> str:
    return listed([_quoted(name) for name in names], "か", "ほか{n}件のいずれか")


def _stage(node: InStage, _: Say) -> str:
    return f"購買段階が{_names(node.names)}である"


def _stage_time(node: TimeInStage, _: Say) -> str:
    return f"今の購買段階になってから{_PASSED[node.op].format(describe_length(node.length, 'ja'))}"


def _segment(node: InSegment, _: Say) -> str:
    return f"セグメント{_quoted(node.name)}に属する"


def _segment_time(node: TimeInSegment, _: Say) -> str:
    passed = _PASSED[node.op].format(describe_length(node.length, "ja"))
    return f"セグメント{_quoted(node.name)}に入ってから{passed}"


def _run(node: InScenario) -> str:
    return f"シナリオ{_quoted(node.scenario)}が{'か'.join(_STATE[state] for state in node.states)}"


def _scenario(node: InScenario, _: Say) -> str:
    return f"{_run(node)}である"


def _consented(node: Consented, _: Say) -> str:
    if node.purpose is Purpose.PROFILING:  # on every channel, by every sender; and nothing that one receives
        return _WORD_ON_PROFILING[node.word].format(_PURPOSE[node.purpose])
    channel = _CHANNEL.get(node.channel, _quoted(node.channel))
    topic = f"（{_quoted(node.topic)}）" if node.topic else ""
    sender = f"{_quoted(node.entity)}からの" if node.entity else ""
    return _WORD[node.word].format(f"{sender}{channel}での{_PURPOSE[node.purpose]}{topic}")


def _bucket(node: InBucket, _: Say) -> str:
    return f"{_quoted(node.salt)}の無作為割り当てで{number(node.low)}%以上{number(node.high)}%未満に入る"


def _in_period(node: InPeriod, _: Say) -> str:
    single = node.period.unit in (PeriodUnit.DAY, PeriodUnit.DATE)
    return f"{field_name(node.field)}が{_stretch(node.period, node.starts)}{'である' if single else 'に含まれる'}"


def _anniversary(node: Anniversary, _: Say) -> str:
    day = f"今日{_in_zone(node.zone)}が{field_name(node.field)}の記念日"
    if not node.before and not node.after:
        return f"{day}である"
    if not node.after:
        return f"{day}の{node.before}日前から当日までに当たる"
    return f"{day}の{f'{node.before}日前' if node.before else '当日'}から{node.after}日後までに当たる"


def _age(node: Age, _: Say) -> str:
    return f"{field_name(node.field)}から{_AMOUNT[node.op].format(f'満{node.years}年')}である{_in_zone(node.zone)}"


def _elapsed(node: Elapsed, _: Say) -> str:
    length = describe_length(node.length, "ja")
    if node.ahead:
        return f"{field_name(node.field)}まで{_LEFT[node.op].format(length)}{_in_zone(node.zone)}"
    return f"{field_name(node.field)}から{_PASSED[node.op].format(length)}{_in_zone(node.zone)}"


def _in_zone(zone: str | None) -> str:
    return "" if zone is None else f"（{_ZONE.get(zone, zone)}）"


def _held(node: Held, say: Say) -> str:
    length = describe_length(node.length, "ja")
    lasts = f"が{length}以上続いている" if node.op == "ge" else f"になって{length}未満である"
    return f"（{say(node.part)}）の状態{lasts}"


def _of_account(node: OfAccount, say: Say) -> str:
    return f"会社が（{say(node.part)}）に当てはまる"


def _people(node: People, say: Say) -> str:
    who = "会社のリード"
    if not isinstance(node.where, Everyone):
        who = f"{who}のうち（{say(node.where)}）に当てはまる人"
    if asks_for_none(node):
        return f"{who}がいない"
    return f"{who}が{_AMOUNT[node.op].format(f'{node.n}人')}いる"


SENTENCES: Final[Sentences] = MappingProxyType(
    {
        Everyone: _everyone,
        All: _all,
        AnyOf: _any,
        Not: _not,
        Compare: _compare,
        Touched: _touched,
        Followed: _followed,
        Score: _score,
        Grade: _grade,
        InStage: _stage,
        TimeInStage: _stage_time,
        InSegment: _segment,
        TimeInSegment: _segment_time,
        InScenario: _scenario,
        Consented: _consented,
        InBucket: _bucket,
        InPeriod: _in_period,
        Anniversary: _anniversary,
        Age: _age,
        Elapsed: _elapsed,
        Held: _held,
        OfAccount: _of_account,
        People: _people,
    }
)
"""What says each kind of node in Japanese."""
