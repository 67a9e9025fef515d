"""Reasons in words, English and Japanese: which rule it was, with what the program says of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from nurture.calendar import PeriodUnit, describe_length
from nurture.calendar import describe as describe_step
from nurture.decisions import reasons_en, reasons_ja
from nurture.decisions.holding import HOLD
from nurture.predicates import describe
from nurture.program.pacing import EVERY, CapScope

if TYPE_CHECKING:
    from nurture.program import Program

TOO_LATE: Final = "too_late"
GAVE_UP: Final = "gave_up_"
"""How the reason of a message begins that was put off until nobody tried any more."""
REASONS: Final[Mapping[str, Mapping[str, str]]] = {"en": reasons_en.REASONS, "ja": reasons_ja.REASONS}
"""What each word means, by language."""
FAMILIES: Final[Mapping[str, Mapping[str, str]]] = {"en": reasons_en.FAMILIES, "ja": reasons_ja.FAMILIES}
"""What words mean that begin like this, by language."""
PARTS: Final[Mapping[str, Mapping[str, str]]] = {"en": reasons_en.PARTS, "ja": reasons_ja.PARTS}
"""What sentences about a rule are made of, by language."""
_SCOPES: Final = {
    "frequency_cap": CapScope.LEAD,
    "account_cap": CapScope.ACCOUNT,
    "domain_cap": CapScope.DOMAIN,
    "channel_cap": CapScope.CHANNEL,
    "scenario_cap": CapScope.SCENARIO,
    "program_cap": CapScope.ALL,
}
_AN_ERROR: Final = re.compile(r"[A-Z0-9]\w*|timeout|disconnected")
"""What follows in a reason that names an error or a status; a host's own words do not look like it."""


def describe_reason(program: Program, reason: str, locale: str = "en") -> str:
    """Why something went, waited, ended or was refused as it was, in words; `""` for a reason that is not ours.

    Args:
        program: Whose policy it was; what it says of the rule is told.
        reason: In a word, as it stands on the effect, the run or the decision.
        locale: `en` or `ja`.

    Example:
        >>> from nurture import Cap, ContactPolicy, Program, days
        >>> program = Program(policy=ContactPolicy(caps=Cap(2, days(7))))
        >>> describe_reason(program, "frequency_cap")
        'the lead has got as much as one may get: 2 in 7 days'
    """
    language = "ja" if locale.startswith("ja") else "en"
    words, parts = REASONS[language], PARTS[language]
    if reason.startswith(HOLD):
        name = reason.removeprefix(HOLD)
        where = next((one.where for one in program.policy.holds if one.name == name), None)
        return "" if where is None else parts["held"].format(where=describe(where, language))
    if reason.startswith(f"{TOO_LATE}_"):
        because = describe_reason(program, reason.removeprefix(f"{TOO_LATE}_"), language)
        return parts[TOO_LATE].format(because=because) if because else words[TOO_LATE]
    if reason.startswith(GAVE_UP):
        because = reason.removeprefix(GAVE_UP)
        return parts[GAVE_UP].format(because=describe_reason(program, because, language) or because)
    rules = parts["and"].join(dict.fromkeys(_rules(program, reason, language)))
    return words[reason].format(rule=rules) if rules else describe_word(reason, language)


def describe_word(reason: str, language: str) -> str:
    """As `describe_reason`, where no program is at hand: without what it says of a rule."""
    said = REASONS[language].get(reason)
    return of_family(reason, language) if said is None else said.removesuffix(PARTS[language]["rule"])


def of_family(reason: str, language: str) -> str:
    """What a reason means of which only the beginning is known, since the rest is a name; `""` for another one."""
    for beginning, said in FAMILIES[language].items():
        rest = reason.removeprefix(beginning)
        if reason.startswith(beginning) and rest and (not beginning.endswith("_") or _AN_ERROR.fullmatch(rest)):
            return said.format(rest=rest)
    return ""


def _rules(program: Program, reason: str, language: str) -> Iterator[str]:
    """What the policy says, rule by rule."""
    policy = program.policy
    for cap in policy.caps:
        if cap.scope is _SCOPES.get(reason):
            yield _so_many(cap.count, cap.per, language)
    for rate in policy.rates:
        if reason == ("domain_rate" if rate.domain else "rate"):
            rule = _so_many(rate.count, rate.per, language)
            is_named = rate.domain not in ("", EVERY)
            yield PARTS[language]["domain"].format(domain=rate.domain, rule=rule) if is_named else rule
    if reason == "spacing" and policy.spacing is not None:
        least = policy.spacing.least  # the longer ones stand in the policy; which of them held is not kept
        yield describe_length(least, language) if isinstance(least, timedelta) else describe_step(least, language)


def _so_many(count: int, per: timedelta | PeriodUnit, language: str) -> str:
    parts = PARTS[language]
    span = parts[per.value] if isinstance(per, PeriodUnit) else describe_length(per, language)
    return parts["so_many"].format(count=count, span=span)
