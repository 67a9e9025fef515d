"""When a message may go at the earliest: every rule of the contact policy that makes it wait, asked together. Pure.

Each rule says from when on it allows a message, as things stand. A slot is an instant at which all of them do, so they
are asked in turns until none of them moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, Protocol, cast
from zoneinfo import ZoneInfo

import attrs

from nurture import calendar
from nurture.calendar import BusinessCalendar, Duration
from nurture.decisions.compiling import Question
from nurture.decisions.counting import Entries, counted, free_from, label_of, labelled, longest
from nurture.decisions.holding import HOLD, held
from nurture.decisions.plan import plan_of
from nurture.decisions.zones import whose_zone
from nurture.model import Allowance, Effect, EffectKind, Lead, Purpose, SubjectKind
from nurture.model.dossier import Sight, sight_of
from nurture.program import Program
from nurture.program.pacing import Cap, CapScope

if TYPE_CHECKING:
    from nurture.calendar import Civil
    from nurture.decisions.gate import Request

MOST_TURNS: Final = 500
"""So often at most the rules are asked; then the message is looked at again at the instant that was found."""
FREQUENCY_CAP: Final = "frequency_cap"


class Rule(Protocol):
    """Something that may make a message wait."""

    @property
    def reason(self) -> str:
        """Why, in a word."""
        ...

    def next_free(self, at: datetime, /) -> datetime:
        """The first instant, not before the given one, at which it allows the message."""
        ...


@attrs.frozen(slots=True)
class Slot:
    """The first instant at which a message may go, and the rule that moved it there last; `""` when none did."""

    at: datetime
    reason: str = ""


def first_slot(rules: Sequence[Rule], now: datetime, last: datetime | None) -> Slot:
    """The first instant at which all rules allow a message.

    Args:
        rules: Where several move it to the same instant, the first one is named.
        now: From when on.
        last: Beyond this instant it does not matter any more; None means that it always does.
    """
    at, reason, turns, is_settled = now, "", 0, False
    while not is_settled and turns < MOST_TURNS:
        is_settled = True
        for rule in rules:
            free = rule.next_free(at)
            if free > at:
                at, reason, is_settled = free, rule.reason, False
                if last is not None and at > last:
                    return Slot(at, reason)
        turns += 1
    return Slot(at, reason)


@attrs.frozen(slots=True)
class Plain:
    """A rule that is a function of the instant."""

    reason: str
    next_free: Callable[[datetime], datetime]


@attrs.frozen(slots=True)
class LeadCap:
    """A cap per lead with what counts for it."""

    cap: Cap
    entries: Entries
    zone: ZoneInfo
    reason: str = FREQUENCY_CAP

    def next_free(self, at: datetime) -> datetime:
        """When the oldest that counts has left the span."""
        return free_from(self.entries, self.cap.count, self.cap.per, at, self.zone)

    def counts(self, effect: Effect) -> bool:
        """Whether it concerns a message of this lead."""
        return concerns(self.cap, effect)

    def after(self, now: datetime) -> LeadCap:
        """The same after one more message."""
        return attrs.evolve(self, entries=[*self.entries, (now, 1)])


@attrs.frozen(slots=True)
class Spaced:
    """The spacing of a lead with what its longer times ask."""

    least: Duration
    grows: Sequence[tuple[Duration, Question]]
    sight: Sight | None
    newest: datetime | None
    zone: ZoneInfo
    calendar: BusinessCalendar
    reason: str = "spacing"

    def next_free(self, at: datetime) -> datetime:
        """When enough time has passed since the last message, as long as nobody's answer changes before."""
        if self.newest is None:
            return at
        least, turns = self._least(self.sight, at) if self.sight is not None else (self.least, [])
        end = self._end(least, self.newest)
        return min([end, *turns]) if end > at else at

    def counts(self, effect: Effect) -> bool:
        """Whether it concerns a message of this lead."""
        return effect.kind is EffectKind.MESSAGE and effect.purpose is Purpose.MARKETING

    def after(self, now: datetime) -> Spaced:
        """The same after one more message."""
        return attrs.evolve(self, newest=now)

    def _least(self, sight: Sight, at: datetime) -> tuple[Duration, list[datetime]]:
        """The time that holds at an instant, and when the answers that say so can change."""
        turns: list[datetime] = []
        for longer, question in self.grows:
            turn = question.flips(sight, at)
            if turn is not None:
                turns.append(turn)
            if question.holds(sight, at):
                return longer, turns
        return self.least, turns

    def _end(self, least: timedelta | Civil, newest: datetime) -> datetime:
        if isinstance(least, timedelta):
            return newest + least
        return calendar.add(least, newest, self.zone, self.calendar)


@attrs.define(slots=True)
class Held:
    """The holds of the policy; each moves a message once, since a new fact may end it at any time."""

    program: Program
    sight: Sight
    effect: Effect
    reason: str = ""
    moved: set[str] = attrs.field(factory=set[str])

    def next_free(self, at: datetime) -> datetime:
        """When the first one that holds can end."""
        found = held(self.program, self.sight, self.effect, at, self.moved)
        if found is None:
            return at
        name, until = found
        self.moved.add(name)
        self.reason = f"{HOLD}{name}"
        last = self.effect.expires_at  # it is looked at once more then
        return until if last is None else max(at, min(until, last))


def rules_of(program: Program, request: Request) -> list[Rule]:
    """The rules that concern a message and nobody but its lead, in the order in which they are named."""
    effect, policy = request.effect, program.policy
    rules: list[Rule] = []
    if policy.holds and request.dossier is not None and isinstance(request.dossier.subject, Lead):
        rules.append(Held(program, sight_of(request.dossier), effect))
    if effect.purpose is Purpose.MARKETING:
        rules.extend(_hours(program, lead_zone(program, request)))
    rules.extend(lead_rules(program, request, effect))
    return rules


def _hours(program: Program, zone: ZoneInfo) -> tuple[Plain, ...]:
    """At which hours marketing goes, in this zone; worked out once for all leads there."""
    place = f"hours:{zone.key}"
    found = cast("tuple[Plain, ...] | None", program.memo.get(place))
    if found is None:
        program.memo[place] = found = tuple(_hours_of(program, zone))
    return found


def _hours_of(program: Program, zone: ZoneInfo) -> Iterator[Plain]:
    policy, only, quiet = program.policy, program.policy.only, program.policy.quiet
    if quiet is not None:
        yield Plain("quiet_hours", lambda at: quiet.next_outside(at, zone))
    if only:
        yield Plain("outside_hours", lambda at: min(one.next_inside(at, zone) for one in only))
    if policy.open_days_only:
        yield Plain("closed_day", lambda at: _open_day(program, zone, at))


def _open_day(program: Program, zone: ZoneInfo, at: datetime) -> datetime:
    day = calendar.day_of(at, zone)
    if program.calendar.is_open(day):
        return at
    return calendar.start_of_day(program.calendar.add_days(day, 1), zone)


def lead_rules(program: Program, request: Request, effect: Effect, room: int = 0) -> Iterator[LeadCap | Spaced]:
    """The caps per lead and the spacing, as far as they concern a message.

    Args:
        program: Its policy declares them.
        request: What was counted.
        effect: The message.
        room: Caps are left out that have more slots free than so many.
    """
    policy = program.policy
    if effect.kind is not EffectKind.MESSAGE or not (policy.caps or policy.spacing):
        return
    zone = lead_zone(program, request)
    number = len(request.of_lead.recent) if request.of_lead is not None else 0
    for cap in policy.caps:
        if number + room >= cap.count and cap.scope is CapScope.LEAD and concerns(cap, effect):
            yield LeadCap(cap, labelled(request.of_lead, cap.purposes, cap.channel, cap.scenario), zone)
    if policy.spacing is not None and effect.purpose is Purpose.MARKETING:
        known = labelled(request.of_lead, (Purpose.MARKETING,), "", "")
        sight = sight_of(request.dossier) if policy.spacing.grows and request.dossier is not None else None
        grows = plan_of(program, SubjectKind.LEAD).longer if sight is not None else ()
        newest = known[-1][0] if known else None
        yield Spaced(policy.spacing.least, grows, sight, newest, zone, program.calendar)


def concerns(cap: Cap, effect: Effect) -> bool:
    """Whether a message counts for a cap, and waits for it."""
    if effect.kind is not EffectKind.MESSAGE or effect.purpose not in cap.purposes:
        return False
    return cap.channel in ("", effect.channel) and cap.scenario in ("", effect.scenario)


def lead_zone(program: Program, request: Request) -> ZoneInfo:
    """The lead's zone, or else its account's, or else the program's."""
    own = request.lead.zone if request.lead is not None else None
    return whose_zone(own, request.told_zone, program.zone).zone


def is_counted(program: Program, effect: Effect) -> bool:
    """Whether a claim of this effect is counted with its lead."""
    policy = program.policy
    if policy.spacing is not None and effect.kind is EffectKind.MESSAGE and effect.purpose is Purpose.MARKETING:
        return True
    return any(cap.scope is CapScope.LEAD and concerns(cap, effect) for cap in policy.caps)


def counted_for_lead(program: Program, allowance: Allowance, effect: Effect, now: datetime) -> Allowance:
    """What is counted with the lead after the claim of this effect."""
    found = cast("tuple[timedelta, bool] | None", program.memo.get("counting"))
    if found is None:
        program.memo["counting"] = found = _counting(program)
    keep, asks = found
    # How long a step of the calendar is, nobody knows beforehand. The last message is what spacing asks for, and the
    # one before it, in case that the last one comes back.
    newest = 1 if program.policy.spacing is not None else 0
    return counted(allowance, now, keep, label=label_of(effect) if asks else "", newest=newest)


def _counting(program: Program) -> tuple[timedelta, bool]:
    """How far back the caps per lead look, and whether one of them asks what it was."""
    caps = [cap for cap in program.policy.caps if cap.scope is CapScope.LEAD]
    asks = any(cap.channel or cap.scenario or cap.purposes != (Purpose.MARKETING,) for cap in caps)
    return max([longest(cap.per) for cap in caps], default=timedelta(0)), asks


def is_held_out(program: Program, subject: str) -> bool:
    """Whether a lead belongs to those who get no marketing, to compare with."""
    holdout = program.policy.holdout
    if holdout is None:
        return False
    drawn = blake2b(f"{subject}\x1f{holdout.name}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn, "big") < holdout.share * 2**64
