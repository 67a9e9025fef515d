"""Counts what a run left in its store. Imports `nurture` and the demo's records.

What is counted is read back from the store, not from memory of the run, so that the figures also prove what was
stored.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from examples.demo.figures import (
    MAP_COLUMNS,
    MAP_ROWS,
    MAP_STEP,
    DayFigures,
    Figures,
    MessageFigures,
    ScenarioFigures,
    SegmentFigures,
    SourceFigures,
    StageFigures,
)
from examples.demo.people import FROM_FILE
from examples.demo.portraits import Habits, choose_portraits
from nurture import Account, Effect, Lead, Nurture, Program, Purpose, Standing, Touchpoint
from nurture.model import EffectKind, EffectState
from nurture.model.decay import value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nurture.ports import View

NO_SOURCE = "(none)"
"""Shown for leads whose source nobody stated; `unknown` would be somebody's answer."""

R = TypeVar("R", Account, Effect, Lead, Standing, Touchpoint)
_PAGE = 2_000


def gather(
    crm: Nurture, program: Program, *, name: str, seed: int, start: datetime, until: datetime, notes: Sequence[str]
) -> Figures:
    """Count what a run left in its store.

    Args:
        crm: The runtime of the run, with its store.
        program: Its program.
        name: What the people's file is called.
        seed: Of the run.
        start: When it began.
        until: When it ended.
        notes: What a reader must know.
    """
    count = _Count(program)
    with crm.storage.view() as view:
        for lead in walk(view, Lead):
            count.lead(lead)
        accounts = sum(1 for _ in walk(view, Account))
        for fact in walk(view, Touchpoint):
            count.fact(fact)
        for standing in walk(view, Standing):
            count.standing(standing, until)
        for effect in walk(view, Effect):
            count.effect(effect)
    mail = count.mail
    return Figures(
        name=name,
        program=program.hash,
        seed=seed,
        zone=program.zone,
        start=start,
        until=until,
        leads=len(count.sources),
        accounts=accounts,
        facts=count.facts,
        stages=tuple(count.stages()),
        sources=tuple(count.by_source()),
        messages=tuple(count.messages()),
        scenarios=tuple(count.scenarios()),
        segments=tuple(count.segments()),
        days=tuple(count.by_day(start, until)),
        sent=sum(mail.sent.values()),
        opened=len(mail.opened),
        clicked=len(mail.clicked),
        notices=mail.notices,
        tasks=mail.tasks,
        withheld=tuple(sorted(mail.withheld.items(), key=lambda one: (-one[1], one[0]))),
        failed=mail.failed,
        waiting=mail.waiting,
        unsubscribed=len(count.unsubscribed),
        map=tuple(tuple(row) for row in count.map),
        portraits=choose_portraits(crm, program, count.habits, start=start, until=until),
        notes=tuple(notes),
    )


def walk(view: View, kind: type[R]) -> Iterator[R]:
    """Every record of a kind, page by page."""
    after = ""
    while True:
        found = view.page(kind, after, _PAGE)
        yield from found
        if len(found) < _PAGE:
            return
        after = found[-1].id


class _Mail:
    """What became of the effects."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        self.opened: set[str] = set()
        self.clicked: set[str] = set()
        self.names: dict[str, str] = {}
        self.days: dict[date, Counter[Purpose]] = defaultdict(Counter)
        self.withheld: Counter[str] = Counter()
        self.notices = self.tasks = self.failed = self.waiting = 0


class _Count:
    """Counts record by record."""

    def __init__(self, program: Program) -> None:
        assert program.lifecycle is not None
        self._program = program
        self._lifecycle = program.lifecycle
        self._order = {name: index for index, name in enumerate(program.lifecycle.names)}
        self._zone = ZoneInfo(program.zone)
        self.sources: dict[str, str] = {}
        self.furthest: dict[str, int] = {}
        self.habits: dict[str, Habits] = {}
        self.now: Counter[str] = Counter()
        self.members: Counter[str] = Counter()
        self.entered: dict[str, set[str]] = defaultdict(set)
        self.runs: dict[str, Counter[str]] = defaultdict(Counter)
        self.unsubscribed: set[str] = set()
        self.mail = _Mail()
        self.facts = 0
        self.map = [[0] * MAP_COLUMNS for _ in range(MAP_ROWS)]

    def lead(self, lead: Lead) -> None:
        self.sources[lead.id] = lead.source or NO_SOURCE
        self.furthest[lead.id] = 0
        self.habits[lead.id] = Habits(lead.id)

    def fact(self, fact: Touchpoint) -> None:
        self.facts += 1
        habits = self.habits.get(fact.subject)
        if habits is None:
            return
        habits.kinds[fact.kind] += 1
        if fact.kind == "stage.changed":
            reached = self._order.get(str(fact.properties.get("to")), 0)
            self.furthest[fact.subject] = max(self.furthest[fact.subject], reached)
        elif fact.kind == "consent.withdrawn" and fact.properties.get("source") != FROM_FILE:
            self.unsubscribed.add(fact.subject)
        elif fact.kind in ("email.opened", "email.clicked") and fact.cause is not None:
            (self.mail.opened if fact.kind == "email.opened" else self.mail.clicked).add(fact.cause)
        elif fact.kind == "segment.entered":
            self.entered[str(fact.properties.get("segment"))].add(fact.subject)
        elif fact.kind == "enrollment.started":
            self.runs[str(fact.properties.get("scenario"))]["started"] += 1
        elif fact.kind == "enrollment.ended":
            self.runs[str(fact.properties.get("scenario"))][str(fact.properties.get("state"))] += 1

    def standing(self, standing: Standing, until: datetime) -> None:
        habits = self.habits.get(standing.subject)
        if habits is None:
            return
        habits.stage = standing.stage or ""
        self.now[standing.stage or ""] += 1
        for name in standing.memberships:
            self.members[name] += 1
        for run in standing.enrollments:
            if run.is_active:
                self.runs[run.scenario]["active"] += 1
        values = {
            model.name: value_at(standing.scores.get(model.name), model.scale, until) for model in self._program.scores
        }
        column = min(MAP_COLUMNS - 1, max(0, int(values["fit"] // MAP_STEP)))
        row = min(MAP_ROWS - 1, int(values["engagement"] // MAP_STEP))
        self.map[row][column] += 1

    def effect(self, effect: Effect) -> None:
        mail = self.mail
        if effect.state is EffectState.ACCEPTED:
            self._accepted(effect)
        elif effect.state is EffectState.WITHHELD:
            mail.withheld[effect.reason] += 1
            if effect.subject in self.habits:
                self.habits[effect.subject].withheld += 1
        elif effect.state in (EffectState.REJECTED, EffectState.UNKNOWN):
            mail.failed += 1
        elif effect.is_open:
            mail.waiting += 1

    def _accepted(self, effect: Effect) -> None:
        mail = self.mail
        if effect.kind is EffectKind.ACTION:
            mail.tasks += 1
            return
        if effect.kind is EffectKind.MESSAGE:
            mail.sent[effect.name] += 1
            mail.names[effect.id] = effect.name
        else:
            mail.notices += 1
        if effect.settled_at is not None:
            mail.days[effect.settled_at.astimezone(self._zone).date()][effect.purpose] += 1

    def stages(self) -> Iterator[StageFigures]:
        for index, stage in enumerate(self._lifecycle.stages):
            reached = sum(furthest >= index for furthest in self.furthest.values())
            yield StageFigures(stage.name, stage.title, self.now[stage.name], reached)

    def segments(self) -> Iterator[SegmentFigures]:
        for one in self._program.segments:
            yield SegmentFigures(one.name, one.title, self.members[one.name], len(self.entered[one.name]))

    def by_source(self) -> Iterator[SourceFigures]:
        reached: dict[str, list[int]] = defaultdict(lambda: [0] * len(self._order))
        for lead, source in self.sources.items():
            for index in range(self.furthest[lead] + 1):
                reached[source][index] += 1
        for source, counts in sorted(reached.items(), key=lambda one: (-one[1][0], one[0])):
            yield SourceFigures(source, tuple(counts))

    def messages(self) -> Iterator[MessageFigures]:
        opened, clicked = (Counter(self._names(effects)) for effects in (self.mail.opened, self.mail.clicked))
        for one in self._program.messages:
            if one.purpose is Purpose.INTERNAL:
                continue
            sent = self.mail.sent[one.name]
            yield MessageFigures(one.name, one.title, one.purpose, sent, opened[one.name], clicked[one.name])

    def _names(self, effects: Iterable[str]) -> Iterator[str]:
        return (self.mail.names[effect] for effect in effects if effect in self.mail.names)

    def scenarios(self) -> Iterator[ScenarioFigures]:
        for one in self._program.scenarios:
            runs: Mapping[str, int] = self.runs[one.name]
            states = tuple(sorted((state, n) for state, n in runs.items() if state != "started"))
            yield ScenarioFigures(one.name, one.title, runs.get("started", 0), states)

    def by_day(self, start: datetime, until: datetime) -> Iterator[DayFigures]:
        first, last = start.astimezone(self._zone).date(), until.astimezone(self._zone).date()
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            sent = self.mail.days[day]
            closed = not self._program.calendar.is_open(day)
            yield DayFigures(day, closed, sent[Purpose.MARKETING], sent[Purpose.TRANSACTIONAL], sent[Purpose.INTERNAL])
