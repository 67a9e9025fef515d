"""The report's pictures: SVG text that takes its colors from the page's style sheet. Imports the figures and words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from html import escape

from examples.demo.figures import MAP_STEP, DayFigures, Figures, StageFigures
from examples.demo.portraits import Lane, Portrait
from examples.demo.words import count, local, percent

WIDTH = 1040
_LANES = ((Lane.OURS, "we wrote"), (Lane.THEIRS, "they did"), (Lane.MEETING, "met"), (Lane.OUTCOME, "outcome"))
LONG_RUN = 130
"""Days; in a longer run a bar is a week."""


def svg(height: float, title: str, parts: Iterator[str], width: float = WIDTH) -> str:
    """A picture with a title for those who cannot see it."""
    body = "".join(parts)
    named = escape(title)
    return f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{named}"><title>{named}</title>{body}</svg>'


def text(x: float, y: float, said: str, style: str = "", anchor: str = "start") -> str:
    """A line of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" text-anchor="{anchor}">{escape(said)}</text>'


def box(x: float, y: float, wide: float, high: float, style: str, *, round_by: float = 0, told: str = "") -> str:
    """A rectangle; what is told shows when one points at it."""
    shape = f'<rect x="{x:.2f}" y="{y:.2f}" width="{wide:.2f}" height="{high:.2f}" rx="{round_by:g}" class="{style}"'
    return f"{shape}><title>{escape(told)}</title></rect>" if told else f"{shape}/>"


def rule(left: float, y: float) -> str:
    """A line to the right edge."""
    return f'<line x1="{left:.1f}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}" class="line"/>'


def funnel(stages: Sequence[StageFigures]) -> str:
    """How many leads came how far: a band that narrows from stage to stage."""
    return svg(300, "Funnel of leads by stage", _funnel(stages))


def _funnel(stages: Sequence[StageFigures]) -> Iterator[str]:
    slot, block, middle, tall = WIDTH / len(stages), 96.0, 166.0, 150.0
    most = max(stages[0].reached, 1)
    heights = [max(3.0, tall * stage.reached / most) for stage in stages]
    for index, stage in enumerate(stages):
        left = index * slot
        high = heights[index]
        if index + 1 < len(stages):
            yield _ribbon(left + block, left + slot, middle, high, heights[index + 1], f"s{index}")
        yield box(left, middle - high / 2, block, high, f"s{min(index, 4)}", round_by=3)
        yield text(left, 26, stage.title or stage.name)
        yield text(left, 44, stage.name, "soft")
        yield text(left, 80, count(stage.reached), "big")
        below = "everybody" if index == 0 else f"{percent(stage.reached, stages[index - 1].reached)} of those before"
        yield text(left, 270, below)
        yield text(left, 290, f"{count(stage.now)} there now", "soft")


def _ribbon(left: float, right: float, middle: float, before: float, after: float, style: str) -> str:
    bend = (left + right) / 2
    top, top_after, end, end_after = (middle + size / 2 for size in (-before, -after, before, after))
    there = f"M{left:.1f},{top:.1f} C{bend:.1f},{top:.1f} {bend:.1f},{top_after:.1f} {right:.1f},{top_after:.1f}"
    back = f"L{right:.1f},{end_after:.1f} C{bend:.1f},{end_after:.1f} {bend:.1f},{end:.1f} {left:.1f},{end:.1f} Z"
    return f'<path class="{style}" opacity=".28" d="{there} {back}"/>'


def sends(days: Sequence[DayFigures]) -> str:
    """Mails per day, by purpose, with the days on which the company is closed behind them."""
    bars = weekly(days) if len(days) > LONG_RUN else tuple(days)
    return svg(266, "Mails over time", _sends(bars, is_weekly=len(days) > LONG_RUN))


def weekly(days: Sequence[DayFigures]) -> tuple[DayFigures, ...]:
    """The days summed up by week; a week is named by its first day."""
    chunks = [days[at : at + 7] for at in range(0, len(days), 7)]
    return tuple(
        DayFigures(
            chunk[0].day,
            False,
            sum(one.marketing for one in chunk),
            sum(one.transactional for one in chunk),
            sum(one.internal for one in chunk),
        )
        for chunk in chunks
    )


def _sends(bars: Sequence[DayFigures], *, is_weekly: bool) -> Iterator[str]:
    left, top, bottom = 44.0, 16.0, 226.0
    slot = (WIDTH - left) / max(len(bars), 1)
    most = _round_up(max((bar.total for bar in bars), default=1))
    scale = (bottom - top) / most
    for index, bar in enumerate(bars):
        if bar.closed:
            yield box(left + index * slot, top, slot, bottom - top, "closed")
    for part in range(5):
        value = most * part / 4
        y = bottom - value * scale
        yield rule(left, y)
        yield text(left - 8, y + 4, count(round(value)), "soft", "end")
    for index, bar in enumerate(bars):
        x, y = left + index * slot, bottom
        told = f"{'week from ' if is_weekly else ''}{bar.day.isoformat()}: {count(bar.total)} mails"
        yield f"<g><title>{told}</title>"
        for style, number in (
            ("marketing", bar.marketing),
            ("transactional", bar.transactional),
            ("internal", bar.internal),
        ):
            high = number * scale
            if number:
                y -= high
                yield box(x + slot * 0.12, y, slot * 0.76, high, style)
        yield "</g>"
    yield from _months([bar.day for bar in bars], left, slot, bottom)


def _months(days: Sequence[date], left: float, slot: float, bottom: float) -> Iterator[str]:
    told = -60.0
    for index, day in enumerate(days):
        new = index == 0 or day.month != days[index - 1].month
        x = left + index * slot
        if new and x - told >= 48:
            told = x
            yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{bottom}" y2="{bottom + 8}" class="line"/>'
            yield text(x + 2, bottom + 24, f"{day:%b %Y}" if index == 0 or day.month == 1 else f"{day:%b}", "soft")


def _round_up(number: int) -> int:
    """A round number with four equal parts, not below the given one."""
    step = 4
    for factor in (4, 8, 12, 20, 40, 80, 120, 200, 400, 800, 1200, 2000, 4000, 8000, 12000, 20000, 40000):
        step = factor
        if factor >= number:
            break
    return step if step >= number else -(-number // 4) * 4


def score_map(figures: Figures) -> str:
    """Leads by what they are (to the right) and what they do (upwards)."""
    return svg(330, "Leads by fit and engagement", _score_map(figures.map), width=424)


def _score_map(cells: Sequence[Sequence[int]]) -> Iterator[str]:
    left, top, size = 44.0, 26.0, 37.0
    most = max((number for row in cells for number in row), default=0) or 1
    rows = len(cells)
    for row, numbers in enumerate(cells):
        y = top + (rows - 1 - row) * size
        yield text(left - 8, y + size + 4, str(row * MAP_STEP), "soft", "end")
        for column, number in enumerate(numbers):
            x = left + column * size
            strength = 0.0 if number == 0 else 0.16 + 0.84 * (number / most) ** 0.35
            yield box(x + 1, y + 1, size - 2, size - 2, "closed", round_by=4)
            if number:
                told = f"fit {column * MAP_STEP}+, engagement {row * MAP_STEP}+: {count(number)} leads"
                cell = box(x + 1, y + 1, size - 2, size - 2, "marketing", round_by=4, told=told)
                yield f'<g opacity="{strength:.2f}">{cell}</g>'
    for column in range(len(cells[0])):
        yield text(left + column * size, top + rows * size + 17, str(column * MAP_STEP), "soft", "middle")
    yield text(left + len(cells[0]) * size, top + rows * size + 36, "fit →", "soft", "end")
    yield text(left, 14, "↑ engagement", "soft")


def lifeline(person: Portrait, start: datetime, until: datetime, zone: str, stages: Sequence[StageFigures]) -> str:
    """One person's days: stages as a band above, what happened as dots below."""
    return svg(176, f"Timeline of {person.label}", _lifeline(person, start, until, zone, stages))


def _lifeline(
    person: Portrait, start: datetime, until: datetime, zone: str, stages: Sequence[StageFigures]
) -> Iterator[str]:
    left, band, first = 84.0, 26.0, 58.0
    start = min([start, *(event.at for event in person.events)])
    span = (until - start) / timedelta(seconds=1) or 1.0

    def across(at: datetime) -> float:
        return left + (WIDTH - left - 8) * ((min(at, until) - start) / timedelta(seconds=1)) / span

    order = {stage.name: index for index, stage in enumerate(stages)}
    free = 0.0
    for index, turn in enumerate(person.turns):
        x = across(turn.at)
        end = across(person.turns[index + 1].at) if index + 1 < len(person.turns) else across(until)
        style = f"s{min(order.get(turn.stage, 0), 4)}"
        yield box(x, 0, max(end - x, 2), band, style, round_by=3, told=turn.stage)
    for index, turn in enumerate(person.turns):
        x = max(across(turn.at), free)
        end = across(person.turns[index + 1].at) if index + 1 < len(person.turns) else across(until)
        if end - x > 14 + 8 * len(turn.stage):
            yield text(x + 8, 18, turn.stage, "on" if order.get(turn.stage, 0) > 1 else "")
            free = x + 14 + 8 * len(turn.stage)
    for index, (lane, name) in enumerate(_LANES):
        y = first + index * 26
        yield rule(left, y)
        yield text(left - 12, y + 4, name, "soft", "end")
        for event in person.events:
            if event.lane is lane:
                told = f"{local(event.at, zone):%Y-%m-%d %H:%M} {event.text}"
                dot = f'<circle cx="{across(event.at):.1f}" cy="{y}" r="5.5" class="{lane.value}">'
                yield f"{dot}<title>{escape(told)}</title></circle>"
    days = (until - start).days + 1
    dates = [local(start + timedelta(days=n), zone).date() for n in range(days)]
    yield from _months(dates, left, (WIDTH - left - 8) / max(span / 86_400, 1), 146)
