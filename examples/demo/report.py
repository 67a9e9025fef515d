"""The report of a run: one HTML page that needs no network and no script. Imports figures, charts and words."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from examples.demo.charts import LONG_RUN, funnel, lifeline, score_map, sends
from examples.demo.words import WITHHELD, count, local, moment, percent

if TYPE_CHECKING:
    from datetime import datetime

    from examples.demo.figures import Figures, MessageFigures, SourceFigures
    from examples.demo.portraits import Portrait

_STYLE = Path(__file__).with_name("report.css")


def write_report(figures: Figures) -> str:
    """The figures as a page: inline style and pictures, light and dark, nothing from elsewhere."""
    body = "\n".join(_body(figures))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{escape(_title(figures))}</title>
<link rel="icon" href="data:,">
<style>
{_STYLE.read_text(encoding="utf-8")}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def _title(figures: Figures) -> str:
    return f"{figures.lived} days with {count(figures.leads)} people"


def _body(figures: Figures) -> Iterator[str]:
    first, last = (local(at, figures.zone) for at in (figures.start, figures.until))
    is_long = len(figures.days) > LONG_RUN
    companies = f"{count(figures.accounts)} companies, " if figures.accounts else ""
    yield (
        f'<header><p class="eyebrow">nurture · demo report</p><h1>{escape(_title(figures))}</h1>'
        f'<p class="lead">{_day(first)} to {_day(last)}, {escape(figures.zone)}. '
        f"{companies}{count(figures.facts)} facts, from {escape(figures.name)}.</p>{_tiles(figures)}</header>"
    )
    yield _section(
        "How far they came",
        "Everyone who came to a stage or further. The band narrows where people stay behind.",
        f'<div class="card wide">{funnel(figures.stages)}</div>',
    )
    yield _section(
        "Where they came from",
        "Under each stage: who came this far or further.",
        f'<div class="card wide">{_sources(figures)}</div>',
    )
    yield _section(
        f"What was sent, {'week by week' if is_long else 'day by day'}",
        "Scenarios wait for ten o'clock on business days. No marketing goes at night, nor more than two mails in any "
        "week; what was asked for goes at once.",
        f'<div class="card wide">{sends(figures.days)}</div>{_legend(is_long)}',
    )
    yield _section("What was read", "", f'<div class="card wide">{_messages(figures)}</div>')
    withheld = f'<div class="card wide">{_withheld(figures)}</div>'
    scored = f'<div class="card">{score_map(figures)}</div>'
    yield '<div class="two">'
    yield _section("What was not sent, and why", "The one gate said no. It is asked at the last moment.", withheld)
    yield _section("Who fits, and who is keen", "Every lead on the last day; the darker, the more.", scored)
    yield "</div>"
    yield '<div class="two">'
    yield _section("Scenarios", "", f'<div class="card wide">{_scenarios(figures)}</div>')
    yield _section(
        "Segments",
        "How many are in it on the last day, and how many ever were.",
        f'<div class="card wide">{_segments(figures)}</div>',
    )
    yield "</div>"
    people = "".join(_person(one, figures) for one in figures.portraits)
    yield _section(
        "Three people", "What happened to them, what was decided, and why. Point at a dot to read it.", people
    )
    notes = "".join(f"<li>{escape(note)}</li>" for note in figures.notes)
    yield _section("What to know", "", f'<ul class="notes">{notes}</ul>')
    made = f"Program {escape(figures.program)} · seed {figures.seed}"
    yield f"<footer>{made} · the same seed gives the same page.</footer>"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def _section(title: str, say: str, inside: str) -> str:
    said = f'<p class="say">{escape(say)}</p>' if say else '<p class="say"></p>'
    return f"<section><h2>{escape(title)}</h2>{said}{inside}</section>"


def _tiles(figures: Figures) -> str:
    withheld = sum(number for _, number in figures.withheld)
    tiles = (
        (count(figures.customers), f"customers, {percent(figures.customers, figures.leads)} of all leads"),
        (count(figures.sent), "mails sent to leads"),
        (count(figures.opened), f"opened, {percent(figures.opened, figures.sent)}"),
        (count(figures.clicked), f"clicked, {percent(figures.clicked, figures.sent)}"),
        (count(withheld), "withheld, each with its reason"),
        (count(figures.unsubscribed), f"unsubscribed, {percent(figures.unsubscribed, figures.leads)} of the leads"),
    )
    return (
        '<div class="tiles">'
        + "".join(f'<div class="tile"><b>{a}</b><span>{b}</span></div>' for a, b in tiles)
        + "</div>"
    )


def _legend(is_long: bool) -> str:
    """What the colors of the mails mean; the closed days are shown in a picture by day only."""
    named = {"marketing": "marketing", "transactional": "transactional", "internal": "to colleagues"}
    if not is_long:
        named["closed"] = "the company is closed"
    return '<ul class="legend">' + "".join(f'<li><i class="{a}"></i>{b}</li>' for a, b in named.items()) + "</ul>"


def _bar(style: str, share: float) -> str:
    """A bar in a table's cell; nothing for nothing."""
    inside = f'<i class="{style}" style="width:{100 * share:.2f}%"></i>' if share else ""
    return f'<td class="bar"><div>{inside}</div></td>'


def _sources(figures: Figures) -> str:
    stages = figures.stages
    most = max((one.leads for one in figures.sources), default=1)
    head = "".join(f"<th>{escape(stage.name)}<br>{escape(stage.title)}</th>" for stage in stages[1:])
    rows = "".join(
        f'<tr><td>{escape(one.name)}</td><td>{count(one.leads)}</td><td class="bar">{_stacked(one, most)}</td>'
        + "".join(f"<td>{count(number)}</td>" for number in one.reached[1:])
        + f"<td><b>{percent(one.customers, one.leads)}</b></td></tr>"
        for one in figures.sources
    )
    legend = "".join(f'<li><i class="s{min(at, 4)}"></i>{escape(one.name)}</li>' for at, one in enumerate(stages))
    return (
        f"<table><thead><tr><th>source</th><th>leads</th><th></th>{head}<th>conversion</th></tr></thead><tbody>{rows}</tbody></table>"
        f'<ul class="legend"><li>furthest stage:</li>{legend}</ul>'
    )


def _stacked(source: SourceFigures, most: int) -> str:
    """The leads of a source by the furthest stage they came to."""
    reached = (*source.reached, 0)
    parts = "".join(
        f'<i class="s{min(at, 4)}" style="width:{100 * (reached[at] - reached[at + 1]) / most:.2f}%"></i>'
        for at in range(len(source.reached))
        if reached[at] > reached[at + 1]
    )
    return f"<div>{parts}</div>"


def _messages(figures: Figures) -> str:
    most = max((one.sent for one in figures.messages), default=1) or 1
    rows = "".join(_message(one, most) for one in figures.messages)
    return (
        "<table><thead><tr><th>message</th><th></th><th>sent</th><th></th><th>opened</th><th>clicked</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _message(one: MessageFigures, most: int) -> str:
    purpose = one.purpose.value
    return (
        f'<tr><td>{escape(one.title)}</td><td><span class="chip {purpose}">{purpose}</span></td>'
        f"<td>{count(one.sent)}</td>"
        f"{_bar(purpose, one.sent / most)}"
        f"<td>{percent(one.opened, one.sent)}</td><td>{percent(one.clicked, one.sent)}</td></tr>"
    )


def _withheld(figures: Figures) -> str:
    if not figures.withheld:
        return "<p>Nothing was withheld.</p>"
    most = figures.withheld[0][1]
    rows = "".join(
        f'<tr><td>{escape(reason)}</td><td class="words">{escape(WITHHELD.get(reason, ""))}</td>'
        f"<td>{count(number)}</td>{_bar('s3', number / most)}</tr>"
        for reason, number in figures.withheld
    )
    return f"<table><tbody>{rows}</tbody></table>"


def _scenarios(figures: Figures) -> str:
    rows: list[str] = []
    for one in figures.scenarios:
        states = "<br>".join(f"{count(number)} {state.replace('_', ' ')}" for state, number in one.states)
        rows.append(
            f'<tr><td>{escape(one.title)}</td><td>{count(one.started)} began</td><td class="words">{states}</td></tr>'
        )
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def _segments(figures: Figures) -> str:
    rows = "".join(
        f"<tr><td>{escape(one.title or one.name)}</td><td>{count(one.now)}</td>"
        f"<td>{percent(one.now, figures.leads)}</td><td>{count(one.ever)}</td></tr>"
        for one in figures.segments
    )
    head = "<tr><th></th><th>now</th><th>of all</th><th>ever</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def _person(one: Portrait, figures: Figures) -> str:
    zone, years = figures.zone, figures.needs_years
    titles = {stage.name: f"{stage.name} {stage.title}".strip() for stage in figures.stages}
    scores = "".join(f"<li><b>{value:.0f}</b>{escape(name)}</li>" for name, value in one.scores)
    turns = "".join(
        f"<li><time>{moment(turn.at, zone, with_year=years)}</time>"
        f"<div>{escape(titles.get(turn.stage, turn.stage))}</div><span>{escape(turn.why)}</span></li>"
        for turn in one.turns
    )
    now = "".join(f"<li>{escape(told)}</li>" for told in one.now)
    events = "".join(
        f"<li><time>{moment(event.at, zone, with_year=years)}</time><span>{escape(event.text)}</span></li>"
        for event in one.events
    )
    return (
        f'<article class="card person"><p class="label">{escape(one.label)}</p><h3>{escape(one.name)}</h3>'
        f'<p class="about">{escape(one.about)}</p>'
        f'<ul class="facts"><li><b>{escape(titles.get(one.stage, one.stage))}</b>stage</li>{scores}</ul>'
        f'<div class="wide">{lifeline(one, figures.start, figures.until, zone, figures.stages)}</div>'
        f'<h4>Stages, and the clause that decided</h4><ol class="turns">{turns}</ol>'
        f'<h4>On the last day</h4><ul class="now">{now}</ul>'
        f'<details><summary>All {len(one.events)} events</summary><ol class="events">{events}</ol></details></article>'
    )
