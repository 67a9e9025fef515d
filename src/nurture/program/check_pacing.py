"""What can be wrong with caps, spacing, rates, warm-up and holdout. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from nurture.calendar import PeriodUnit
from nurture.calendar.period_units import longest
from nurture.errors import unknown_name
from nurture.model import Purpose, SubjectKind
from nurture.predicates import check
from nurture.program.pacing import EVERY, Cap, Rate, Span, WarmUp
from nurture.program.scenario import all_steps
from nurture.steps import Acting
from nurture.steps.step import length_problems

if TYPE_CHECKING:
    from nurture.calendar import Duration, Window
    from nurture.program.program import Program

UNITS: Final = tuple([one for one in PeriodUnit if longest(one)])
"""The periods of the calendar in which a cap may count."""
_LONGEST: Final = timedelta(days=36_525)
_ALLOWED: Final = frozenset({Purpose.MARKETING, Purpose.TRANSACTIONAL})
_DAY: Final = timedelta(days=1)


def pacing_problems(program: Program) -> Iterator[str]:
    """Every problem of how often messages may go, one sentence each."""
    policy = program.policy
    for index, cap in enumerate(policy.caps):
        yield from _cap_problems(program, cap, f"policy.caps[{index}]")
    yield from _same(
        "policy.caps", [(one.scope, one.per, one.channel, one.scenario, one.purposes) for one in policy.caps]
    )
    for index, rate in enumerate(policy.rates):
        yield from _rate_problems(program, rate, f"policy.rates[{index}]")
    yield from _same(
        "policy.rates",
        [(one.per, one.channel, one.domain.casefold(), one.entity, one.purposes) for one in policy.rates],
    )
    for index, warm_up in enumerate(policy.warm_ups):
        yield from _warm_up_problems(program, warm_up, f"policy.warm_ups[{index}]")
    yield from _overlaps(policy.warm_ups)
    yield from _spacing_problems(program)
    holdout = policy.holdout
    if holdout is not None and not 0 < holdout.share < 1:
        yield "policy.holdout.share: expected a share between 0 and 1"
    if holdout is not None and not holdout.name:
        yield "policy.holdout.name: expected a name"


def pacing_warnings(program: Program) -> Iterator[str]:
    """What is allowed, but lets no message go."""
    policy = program.policy
    steps = [step for one in program.scenarios for _, step in all_steps(one.steps) if isinstance(step, Acting)]
    latest = max([policy.max_lateness, *(one.max_lateness for one in steps if one.max_lateness is not None)])
    least = policy.spacing.least if policy.spacing is not None else None
    if isinstance(least, timedelta) and least > latest:
        yield (
            "policy.spacing.least: it is longer than max_lateness, so a message that has to wait for the one before it "
            "may be withheld before its time comes"
        )
    if policy.only and policy.quiet is not None and not _leaves_any(policy.only, policy.quiet):
        yield "policy.only: quiet hours leave nothing of it, so no marketing ever goes"


def _cap_problems(program: Program, cap: Cap, where: str) -> Iterator[str]:
    yield from _count_problem(cap.count, f"{where}.count")
    yield from _span_problem(cap.per, f"{where}.per")
    yield from _purpose_problem(cap.purposes, f"{where}.purposes")
    if cap.channel:
        yield from _channel_problem(program, cap.channel, f"{where}.channel")
    names = [one.name for one in program.scenarios]
    if cap.scenario and cap.scenario not in names:
        yield unknown_name("scenario", cap.scenario, names, where=f"{where}.scenario")


def _rate_problems(program: Program, rate: Rate, where: str) -> Iterator[str]:
    yield from _count_problem(rate.count, f"{where}.count")
    yield from _span_problem(rate.per, f"{where}.per")
    yield from _purpose_problem(rate.purposes, f"{where}.purposes")
    yield from _channel_problem(program, rate.channel, f"{where}.channel")
    yield from _entity_problem(program, rate.entity, f"{where}.entity")
    if rate.domain not in ("", EVERY) and ("@" in rate.domain or "." not in rate.domain.strip(".")):
        yield f"{where}.domain: expected a mail domain such as 'gmail.com', or '*' for each by itself"


def _warm_up_problems(program: Program, warm_up: WarmUp, where: str) -> Iterator[str]:
    if not warm_up.a_day:
        yield f"{where}.a_day: expected how many may go on each day, at least one day"
    for index, number in enumerate(warm_up.a_day):
        yield from _count_problem(number, f"{where}.a_day[{index}]")
    yield from _purpose_problem(warm_up.purposes, f"{where}.purposes")
    yield from _channel_problem(program, warm_up.channel, f"{where}.channel")
    yield from _entity_problem(program, warm_up.entity, f"{where}.entity")


def _overlaps(warm_ups: tuple[WarmUp, ...]) -> Iterator[str]:
    for index, one in enumerate(warm_ups):
        for place, other in enumerate(warm_ups[:index]):
            is_same = one.channel == other.channel and (
                one.entity == other.entity or None in (one.entity, other.entity)
            )
            try:
                is_apart = one.starts + len(one.a_day) * _DAY <= other.starts
                is_apart = is_apart or other.starts + len(other.a_day) * _DAY <= one.starts
            except OverflowError:  # it ends after the last year that can be counted
                continue
            if is_same and not is_apart:
                yield f"policy.warm_ups[{index}]: its days overlap those of policy.warm_ups[{place}]"


def _spacing_problems(program: Program) -> Iterator[str]:
    spacing = program.policy.spacing
    if spacing is None:
        return
    yield from _length_problem(spacing.least, "policy.spacing.least")
    for index, one in enumerate(spacing.grows):
        where = f"policy.spacing.grows[{index}]"
        yield from check(one.where, program.names(SubjectKind.LEAD), f"{where}.where")
        yield from _length_problem(one.least, f"{where}.least")
        both = isinstance(one.least, timedelta) and isinstance(spacing.least, timedelta)
        if both and cast("timedelta", one.least) <= cast("timedelta", spacing.least):
            yield f"{where}.least: expected a longer time than policy.spacing.least"


def _count_problem(count: int, where: str) -> Iterator[str]:
    if count < 1:
        yield f"{where}: expected a whole number of at least 1"


def _span_problem(per: Span, where: str) -> Iterator[str]:
    if isinstance(per, PeriodUnit):
        if per not in UNITS:
            yield unknown_name("period", per.value, [one.value for one in UNITS], where=where)
    elif not timedelta(0) < per <= _LONGEST:
        yield f"{where}: expected a positive span of at most 100 years"


def _length_problem(least: Duration, where: str) -> Iterator[str]:
    if isinstance(least, timedelta) and not timedelta(0) < least <= _LONGEST:
        yield f"{where}: expected a positive time of at most 100 years"
    else:
        yield from length_problems(least, where)


def _purpose_problem(purposes: tuple[Purpose, ...], where: str) -> Iterator[str]:
    if not purposes or not _ALLOWED.issuperset(purposes):
        yield f"{where}: expected 'marketing', 'transactional', or both"


def _channel_problem(program: Program, channel: str, where: str) -> Iterator[str]:
    known = sorted({"email", *(one.channel for one in program.messages)})
    if channel not in known:
        yield unknown_name("channel", channel, known, where=where)


def _entity_problem(program: Program, entity: str | None, where: str) -> Iterator[str]:
    known = {"", *(one.entity for one in program.messages), *(one.entity for one in program.topics)}
    if entity is not None and entity not in known:
        yield unknown_name("entity", entity, sorted(known), where=where)


def _same(where: str, rules: Iterable[tuple[object, ...]]) -> Iterator[str]:
    for count in Counter(rules).values():
        if count > 1:
            yield f"{where}: {count} of them count the same messages in the same span; the smallest one would do"


def _leaves_any(only: tuple[Window, ...], quiet: Window) -> bool:
    """Whether any minute of a week lies within hours and outside quiet hours; it can begin where one of them turns."""
    monday = datetime(2024, 1, 1)  # noqa: DTZ001 -- what a wall clock shows
    edges = {one.start for one in only} | {quiet.end}
    moments = [datetime.combine(monday + number * _DAY, edge) for number in range(7) for edge in edges]
    return any(not quiet.holds(at) and any(one.holds(at) for one in only) for at in moments)
