"""The gate's reasons in words, English and Japanese: which rule it was, with what the program says of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from nurture.calendar import PeriodUnit, describe_length
from nurture.calendar import describe as describe_step
from nurture.decisions.holding import HOLD
from nurture.predicates import describe
from nurture.program.pacing import EVERY, CapScope

if TYPE_CHECKING:
    from nurture.program import Program

TOO_LATE: Final = "too_late"
_ENGLISH: Final[Mapping[str, str]] = {
    TOO_LATE: "its last instant has passed",
    "no_message": "the program declares no such message any more",
    "not_approved": "it says something else than what was approved",
    "broadcast_stopped": "the broadcast that asked for it was stopped",
    "no_address": "the lead has no address on the channel",
    "no_owner": "the lead has no owner, or the owner no address",
    "profiling_purpose": "profiling is no purpose of a message",
    "unsubscribed": "the person said no",
    "bounced": "the address is dead",
    "complained": "the person called it spam",
    "no_consent": "nobody agreed to it",
    "basis_not_allowed": "the law does not accept the basis of the consent",
    "consent_expired": "the consent has ended",
    "not_confirmed": "the consent was not confirmed",
    "holdout": "the lead belongs to those who get no marketing, to compare with",
    "quiet_hours": "no marketing goes in quiet hours",
    "outside_hours": "marketing goes at certain hours only",
    "closed_day": "marketing goes on open days only",
    "frequency_cap": "the lead has got as much as one may get: {rule}",
    "account_cap": "the company has got as much as one may get: {rule}",
    "domain_cap": "the mail domain has got as much as one may get: {rule}",
    "channel_cap": "the channel has carried as much as it may: {rule}",
    "scenario_cap": "the scenario has sent as much as it may: {rule}",
    "program_cap": "as much as may go in all has gone: {rule}",
    "spacing": "too little time has passed since the last message: {rule}",
    "rate": "the sender has handed over as much as it may: {rule}",
    "domain_rate": "the mail domain takes no more for now: {rule}",
    "warm_up": "a new sender hands over a few more each day",
    "priority": "a message that is more important goes first",
}
_JAPANESE: Final[Mapping[str, str]] = {
    TOO_LATE: "送信期限を過ぎました",
    "no_message": "このメッセージは、もうプログラムにありません",
    "not_approved": "承認された内容と異なります",
    "broadcast_stopped": "一斉配信が停止されました",
    "no_address": "このチャネルの宛先がありません",
    "no_owner": "担当者がいないか、担当者の宛先がありません",
    "profiling_purpose": "プロファイリングは送信の目的になりません",
    "unsubscribed": "本人が配信を停止しています",
    "bounced": "宛先が存在しません",
    "complained": "迷惑メールとして報告されました",
    "no_consent": "同意がありません",
    "basis_not_allowed": "この同意の根拠は、法令で認められていません",
    "consent_expired": "同意の期限が切れています",
    "not_confirmed": "同意が確認されていません",
    "holdout": "比較のため、マーケティングを送らない対象です",
    "quiet_hours": "送信を控える時間帯です",
    "outside_hours": "送信できる時間帯ではありません",
    "closed_day": "営業日ではありません",
    "frequency_cap": "この人への送信数が上限に達しています（{rule}）",
    "account_cap": "この会社への送信数が上限に達しています（{rule}）",
    "domain_cap": "このメールドメインへの送信数が上限に達しています（{rule}）",
    "channel_cap": "このチャネルの送信数が上限に達しています（{rule}）",
    "scenario_cap": "このシナリオの送信数が上限に達しています（{rule}）",
    "program_cap": "全体の送信数が上限に達しています（{rule}）",
    "spacing": "前回の送信から十分な間隔が空いていません（{rule}）",
    "rate": "送信速度の上限に達しています（{rule}）",
    "domain_rate": "このメールドメインへの送信速度の上限に達しています（{rule}）",
    "warm_up": "送信元のウォームアップ中です",
    "priority": "優先度の高いメッセージを先に送ります",
}
_UNITS: Final = {
    "en": {"day": "a calendar day", "week": "a calendar week", "month": "a calendar month", "quarter": "a quarter",
           "year": "a calendar year"},
    "ja": {"day": "1日", "week": "1週", "month": "1か月", "quarter": "1四半期", "year": "1年"},
}  # fmt: skip
_SCOPES: Final = {
    "frequency_cap": CapScope.LEAD,
    "account_cap": CapScope.ACCOUNT,
    "domain_cap": CapScope.DOMAIN,
    "channel_cap": CapScope.CHANNEL,
    "scenario_cap": CapScope.SCENARIO,
    "program_cap": CapScope.ALL,
}
_TOO_LATE_FOR: Final = {
    "en": "it could not go in time, because {because}",
    "ja": "期限までに送信できませんでした：{because}",
}
_HELD: Final = {"en": "it waits while {where}", "ja": "保留中：{where}"}
_OF: Final = {"en": ": ", "ja": "："}
_AND: Final = {"en": "; ", "ja": "、"}


def describe_reason(program: Program, reason: str, locale: str = "en") -> str:
    """Why the gate deferred or withheld a message, in words; `""` for a reason that is not the gate's.

    Args:
        program: Whose policy it was; what it says of the rule is told.
        reason: In a word, as it stands on the effect.
        locale: `en` or `ja`.

    Example:
        >>> from nurture import Cap, ContactPolicy, Program, days
        >>> program = Program(policy=ContactPolicy(caps=Cap(2, days(7))))
        >>> describe_reason(program, "frequency_cap")
        'the lead has got as much as one may get: 2 in 7 days'
    """
    language = "ja" if locale.startswith("ja") else "en"
    words = _JAPANESE if language == "ja" else _ENGLISH
    if reason.startswith(HOLD):
        name = reason.removeprefix(HOLD)
        where = next((one.where for one in program.policy.holds if one.name == name), None)
        return "" if where is None else _HELD[language].format(where=describe(where, language))
    if reason.startswith(f"{TOO_LATE}_"):
        because = describe_reason(program, reason.removeprefix(f"{TOO_LATE}_"), language)
        return _TOO_LATE_FOR[language].format(because=because) if because else words[TOO_LATE]
    rules = _AND[language].join(dict.fromkeys(_rules(program, reason, language)))
    said = words.get(reason, "")
    return said.format(rule=rules) if rules else said.removesuffix(": {rule}").removesuffix("（{rule}）")


def _rules(program: Program, reason: str, language: str) -> Iterator[str]:
    """What the policy says, rule by rule."""
    policy = program.policy
    for cap in policy.caps:
        if cap.scope is _SCOPES.get(reason):
            yield _so_many(cap.count, cap.per, language)
    for rate in policy.rates:
        if reason == ("domain_rate" if rate.domain else "rate"):
            where = f"{rate.domain}{_OF[language]}" if rate.domain not in ("", EVERY) else ""
            yield where + _so_many(rate.count, rate.per, language)
    if reason == "spacing" and policy.spacing is not None:
        least = policy.spacing.least  # the longer ones stand in the policy; which of them held is not kept
        yield describe_length(least, language) if isinstance(least, timedelta) else describe_step(least, language)


def _so_many(count: int, per: timedelta | PeriodUnit, language: str) -> str:
    span = _UNITS[language][per.value] if isinstance(per, PeriodUnit) else describe_length(per, language)
    return f"{span}に{count}通" if language == "ja" else f"{count} in {span}"
