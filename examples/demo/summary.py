"""The readable summary of a run, for a terminal. Imports the figures and words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from examples.demo.words import WITHHELD, columns, count, local, moment, percent

if TYPE_CHECKING:
    from examples.demo.figures import Figures
    from examples.demo.portraits import Portrait

_BAR = 28
_WIDE = 100


def write_summary(figures: Figures) -> str:
    """The figures as text of at most a hundred columns, as far as words allow."""
    return "\n".join(_lines(figures)) + "\n"


def _lines(figures: Figures) -> Iterator[str]:
    first, last = (local(at, figures.zone).date().isoformat() for at in (figures.start, figures.until))
    companies = f" of {count(figures.accounts)} companies" if figures.accounts else ""
    yield f"{count(figures.leads)} leads{companies}, {first} to {last} ({figures.name})"
    yield f"{count(figures.facts)} facts, seed {figures.seed}, program {figures.program}"
    yield from _section("Leads per stage", _stages(figures))
    yield from _section("Conversion by source (leads who came this far or further)", _sources(figures))
    yield from _section("Mail", _mail(figures))
    yield from _section("Withheld, and why", _withheld(figures))
    yield from _section("Scenarios", _scenarios(figures))
    yield from _section("Segments", _segments(figures))
    yield from _section("Three people, explained", "\n\n".join(_person(one, figures) for one in figures.portraits))
    notes = "\n".join(
        textwrap.fill(note, _WIDE, initial_indent="  - ", subsequent_indent="    ") for note in figures.notes
    )
    yield from _section("What to know", notes)


def _section(title: str, body: str) -> Iterator[str]:
    yield ""
    yield title
    yield "─" * len(title)
    yield body or "  nothing"


def _stages(figures: Figures) -> str:
    most = max((stage.reached for stage in figures.stages), default=0) or 1
    head = ("", "", "now", "this far or further", "of all", "")
    rows = [
        (one.name, one.title, count(one.now), count(one.reached), percent(one.reached, figures.leads),
         ("█" * round(_BAR * one.reached / most)).ljust(_BAR))
        for one in figures.stages
    ]  # fmt: skip
    return columns([head, *rows], left=2)


def _sources(figures: Figures) -> str:
    names = [stage.name for stage in figures.stages]
    head = ("source", "leads", *names[1:], "conversion")
    rows = [(one.name, *map(count, one.reached), percent(one.customers, one.leads)) for one in figures.sources]
    return columns([head, *rows])


def _mail(figures: Figures) -> str:
    withheld = sum(number for _, number in figures.withheld)
    totals = [
        ("sent", count(figures.sent), "to leads"),
        ("opened", count(figures.opened), percent(figures.opened, figures.sent)),
        ("clicked", count(figures.clicked), percent(figures.clicked, figures.sent)),
        ("withheld", count(withheld), ""),
        ("failed", count(figures.failed), ""),
        ("unsubscribed", count(figures.unsubscribed), f"{percent(figures.unsubscribed, figures.leads)} of the leads"),
        ("to colleagues", count(figures.notices), f"and {count(figures.tasks)} tasks for sales"),
    ]
    head = ("message", "purpose", "sent", "opened", "clicked")
    rows = [
        (one.title, one.purpose.value, count(one.sent), percent(one.opened, one.sent), percent(one.clicked, one.sent))
        for one in figures.messages
    ]
    told = "\n".join(f"  {name:<14}{number:>8}  {more}".rstrip() for name, number, more in totals)
    return f"{told}\n\n{columns([head, *rows], left=2)}"


def _withheld(figures: Figures) -> str:
    return columns(((reason, WITHHELD.get(reason, ""), count(number)) for reason, number in figures.withheld), left=2)


def _scenarios(figures: Figures) -> str:
    return "\n".join(
        (
            f"  {one.name:<15}{count(one.started):>7} began   "
            + ", ".join(f"{count(number)} {state.replace('_', ' ')}" for state, number in one.states)
        ).rstrip()
        for one in figures.scenarios
    )


def _segments(figures: Figures) -> str:
    rows = [(one.name, one.title, count(one.now), count(one.ever)) for one in figures.segments]
    return columns([("", "", "now", "ever"), *rows], left=2)


def _person(one: Portrait, figures: Figures) -> str:
    scores = ", ".join(f"{name} {value:.0f}" for name, value in one.scores)
    lines = [f"  {one.label}: {one.name}", f"    {one.about}", f"    stage {one.stage}; {scores}"]
    for turn in one.turns:
        when = f"      {moment(turn.at, figures.zone, with_year=figures.needs_years)}  → "
        told = f"{turn.stage}: {turn.why}"
        lines.append(textwrap.fill(told, _WIDE, initial_indent=when, subsequent_indent=" " * (len(when) + 1)))
    lines += [textwrap.fill(told, _WIDE, initial_indent="    · ", subsequent_indent="      ") for told in one.now]
    return "\n".join(lines)
