"""The numbers of a run, as one record that the summary and the report both print. Imports `nurture` and portraits."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from examples.demo.portraits import Portrait
from nurture import Purpose

MAP_COLUMNS, MAP_ROWS, MAP_STEP = 10, 7, 10
"""The map of fit and engagement: so many cells, each of so many points."""


@attrs.frozen
class StageFigures:
    """One stage: how many leads are in it now, and how many came so far or further."""

    name: str
    title: str
    now: int
    reached: int


@attrs.frozen
class SourceFigures:
    """One source: how many leads it brought, and how many of them came to each stage or further."""

    name: str
    reached: tuple[int, ...]

    @property
    def leads(self) -> int:
        """How many leads came from it."""
        return self.reached[0]

    @property
    def customers(self) -> int:
        """How many of them are customers."""
        return self.reached[-1]


@attrs.frozen
class MessageFigures:
    """One message: how often it was sent, and how many of these mails were opened and clicked at least once."""

    name: str
    title: str
    purpose: Purpose
    sent: int
    opened: int
    clicked: int


@attrs.frozen
class ScenarioFigures:
    """One scenario: how many runs began, and how they stand."""

    name: str
    title: str
    started: int
    states: tuple[tuple[str, int], ...]


@attrs.frozen
class SegmentFigures:
    """One segment: how many leads are in it now, and how many ever were."""

    name: str
    title: str
    now: int
    ever: int


@attrs.frozen
class DayFigures:
    """One local day: how many mails of each purpose went out."""

    day: date
    closed: bool
    marketing: int
    transactional: int
    internal: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.marketing + self.transactional + self.internal


@attrs.frozen(kw_only=True)
class Figures:
    """All numbers of a run.

    Attributes:
        name: What the people's file is called.
        program: Hash of the program.
        seed: Of the run.
        zone: In which days are counted.
        start: When the run began.
        until: When it ended.
        leads: How many people.
        accounts: How many companies.
        facts: How many facts were recorded, ours included.
        stages: In the order of the funnel.
        sources: The largest first.
        messages: In the order of the program.
        scenarios: Likewise.
        segments: In the order of the program.
        days: Every day of the run.
        sent: Mails to leads.
        opened: How many of them were opened at least once.
        clicked: How many were clicked at least once.
        notices: Mails to the owners of leads.
        tasks: Tasks for sales.
        withheld: Why something was not sent, and how often; the commonest first.
        failed: Refused by the other side, or in doubt.
        waiting: Planned, but not due before the end.
        unsubscribed: Leads who took their consent back during the run.
        map: Leads by fit (columns) and engagement (rows), in steps of `MAP_STEP` points.
        portraits: Three people, explained.
        notes: What a reader must know.
    """

    name: str
    program: str
    seed: int
    zone: str
    start: datetime
    until: datetime
    leads: int
    accounts: int
    facts: int
    stages: tuple[StageFigures, ...]
    sources: tuple[SourceFigures, ...]
    messages: tuple[MessageFigures, ...]
    scenarios: tuple[ScenarioFigures, ...]
    segments: tuple[SegmentFigures, ...]
    days: tuple[DayFigures, ...]
    sent: int
    opened: int
    clicked: int
    notices: int
    tasks: int
    withheld: tuple[tuple[str, int], ...]
    failed: int
    waiting: int
    unsubscribed: int
    map: tuple[tuple[int, ...], ...]
    portraits: tuple[Portrait, ...]
    notes: tuple[str, ...]

    @property
    def customers(self) -> int:
        """How many leads are customers."""
        return self.stages[-1].now

    @property
    def lived(self) -> int:
        """How many days the run lasted."""
        return (self.until - self.start).days

    @property
    def needs_years(self) -> bool:
        """Whether a day and a month alone could mean two days of the run."""
        return self.lived > 365
