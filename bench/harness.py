"""Racing several ways to do the same work, and saying how they compare.

A *side* is one way to do the work. The sides of a row run interleaved, in one process run:
first to last, then last to first, and so on, so that a slow minute of the machine hits all of
them. Ratios are taken inside each repeat and their median is reported, so absolute speed
drops out. This module may import the standard library and attrs only.
"""

from __future__ import annotations

import gc
import importlib.metadata
import json
import os
import platform
import sqlite3
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from attrs import asdict, field, frozen

SUBJECT = "nurture"

Measure = Literal["time", "rate", "value"]


class UnavailableError(Exception):
    """A side cannot run here; its message says why. It is reported, never hidden."""


class NotTheSameWorkError(Exception):
    """Two sides of a row did different work, so their times cannot be compared."""


@frozen
class Scale:
    """How big a run is: the full size, or the quick one that shows only that all of it works.

    Args:
        quick: Small.
        database: Only this one, `sqlite` or `postgresql`; None for both.
    """

    quick: bool
    database: str | None = None

    def pick(self, quick: int, full: int, /) -> int:
        """The number for this run."""
        return quick if self.quick else full

    def goal(self, op: Literal["<=", ">="], bound: float, /) -> Goal:
        """A goal that holds at full size only; in a quick run it is an aim."""
        return Goal(op, bound, binding=not self.quick)


@frozen
class Reading:
    """What one run of a side did: an amount of work, and the seconds it took.

    Args:
        amount: Units of work.
        seconds: What is compared.
        cpu: The processors' seconds besides, over all threads, where the row asks for them, too.
    """

    amount: int
    seconds: float
    cpu: float | None = None

    @property
    def rate(self) -> float:
        """Work done per second."""
        return self.amount / self.seconds


@frozen
class Side:
    """One way to do a row's work.

    Args:
        name: What the reader knows it by.
        build: Makes everything ready and returns the run. May raise `UnavailableError` or
            `ModuleNotFoundError` when it cannot run here.
        is_peer: A foreign tool: whatever it raises is reported as its result, since its
            failure is not ours. What `nurture` or a limit raises ends the run.
    """

    name: str
    build: Callable[[], Callable[[], Reading]]
    is_peer: bool = False


@frozen
class Goal:
    """A bound on a ratio; only a binding goal can fail a run."""

    op: Literal["<=", ">="]
    bound: float
    binding: bool = True

    def is_met(self, ratio: float, /) -> bool:
        """Whether the ratio keeps the bound."""
        return ratio <= self.bound if self.op == "<=" else ratio >= self.bound

    def __str__(self) -> str:
        """The bound as a reader would write it."""
        return f"{self.op} {self.bound:g}"


@frozen
class Document:
    """One comparison, as it is printed: `subject` divided by `against`, in what `measure` says.

    Args:
        name: The row.
        ratio: The median ratio; none when a side is missing, and then `note` says why.
        against: What `nurture` is compared with.
        n: Units of work in one repeat of the subject.
        versions: Interpreter, libraries and peers that took part.
        goal: The bound, if there is one; `met` says whether the ratio keeps it, `binding`
            whether missing it fails the run.
        spread: The smallest and the largest ratio of the repeats.
        measure: `time` (less is better), `rate` (more is better) or `value` (a plain number).
        unit: What the two numbers count.
    """

    name: str
    ratio: float | None
    against: str
    n: int
    versions: Mapping[str, str]
    goal: str | None = None
    met: bool | None = None
    binding: bool = False
    spread: tuple[float, float] | None = None
    subject: str = SUBJECT
    measure: Measure = "rate"
    unit: str = ""
    subject_value: float | None = None
    against_value: float | None = None
    repeats: int = 0
    note: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether a binding goal was missed, or could not be measured."""
        return self.binding and self.met is not True

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


@frozen
class Report:
    """What a row says: documents for machines, lines of a table for people."""

    title: str
    documents: tuple[Document, ...]
    lines: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = field(default=())


@frozen
class Race:
    """What the sides did, repeat by repeat; and why the missing ones are missing."""

    readings: Mapping[str, tuple[Reading, ...]]
    missing: Mapping[str, str]

    def median_rate(self, name: str, /) -> float:
        """The median rate of a side that ran."""
        return statistics.median(reading.rate for reading in self.readings[name])

    def fastest(self, *names: str) -> str:
        """Which of these sides has the highest median rate, of those that ran."""
        return max((name for name in names if name in self.readings), key=self.median_rate)

    def processors(self, name: str, /) -> float:
        """How many processors a side had on average: well under one where others were using them."""
        return statistics.median((one.cpu or 0.0) / one.seconds for one in self.readings[name])

    def by_cpu(self) -> Race:
        """The same race, judged by the processors' seconds: what a busy machine cannot move much."""
        return Race(
            {
                name: tuple(Reading(one.amount, one.cpu) for one in found if one.cpu)
                for name, found in self.readings.items()
                if all(one.cpu for one in found)
            },
            self.missing,
        )


def versions(*distributions: str) -> dict[str, str]:
    """The interpreter's and SQLite's version, and those of the distributions that are installed."""
    found = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    for name in distributions:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def race(sides: Sequence[Side], repeats: int) -> Race:
    """Run every side `repeats` times, interleaved, each repeat in the other direction."""
    runs: dict[str, Callable[[], Reading]] = {}
    missing: dict[str, str] = {}
    readings: dict[str, list[Reading]] = {}
    for side in sides:
        with _missing_into(missing, side):
            runs[side.name] = side.build()
            readings[side.name] = []
    order = [side for side in sides if side.name in runs]
    for _ in range(repeats):
        for side in order:
            if side.name in missing:
                continue
            gc.collect()
            with _missing_into(missing, side):
                readings[side.name].append(runs[side.name]())
        order.reverse()
    return Race({name: tuple(found) for name, found in readings.items() if name not in missing}, missing)


@contextmanager
def _missing_into(missing: dict[str, str], side: Side) -> Iterator[None]:
    """Write down why a side cannot run, where that is no fault of ours."""
    try:
        yield
    except ModuleNotFoundError as error:
        missing[side.name] = f"not installed ({error.name})"
    except UnavailableError as error:
        missing[side.name] = str(error)
    except Exception as error:
        if not side.is_peer:
            raise
        missing[side.name] = f"failed: {type(error).__name__}: {error}"


def compare(
    name: str,
    done: Race,
    against: str,
    *,
    measure: Measure,
    unit: str,
    used: Mapping[str, str],
    goal: Goal | None = None,
    subject: str = SUBJECT,
) -> Document:
    """`nurture`, or another side in its place, against one other side of a race."""
    binding = goal is not None and goal.binding
    gone = [f"{side}: {done.missing[side]}" for side in (subject, against) if side in done.missing]
    if gone:
        return Document(
            name=name,
            subject=subject,
            ratio=None,
            against=against,
            n=0,
            versions=used,
            goal=None if goal is None else str(goal),
            # A peer that is not installed cannot fail the run; our own absence does.
            binding=binding and subject in done.missing,
            measure=measure,
            unit=unit,
            against_value=None if against in done.missing else round(done.median_rate(against), 1),
            note="; ".join(gone),
        )
    ours, theirs = done.readings[subject], done.readings[against]
    ratios = [mine.rate / other.rate for mine, other in zip(ours, theirs, strict=True)]
    if measure == "time":
        ratios = [1 / ratio for ratio in ratios]
    ratio = statistics.median(ratios)
    return Document(
        name=name,
        subject=subject,
        ratio=round(ratio, 4),
        against=against,
        n=ours[0].amount,
        versions=used,
        goal=None if goal is None else str(goal),
        met=None if goal is None else goal.is_met(ratio),
        binding=binding,
        spread=(round(min(ratios), 4), round(max(ratios), 4)),
        measure=measure,
        unit=unit,
        subject_value=round(done.median_rate(subject), 1),
        against_value=round(done.median_rate(against), 1),
        repeats=len(ratios),
    )


def skipped(name: str, against: str, why: str, *, goal: Goal | None = None, used: Mapping[str, str]) -> Document:
    """A comparison that could not be made, through no fault of ours."""
    return Document(
        name=name, ratio=None, against=against, n=0, versions=used, goal=None if goal is None else str(goal), note=why
    )


def had(done: Race, *names: str) -> str:
    """A note that says how many processors some sides had."""
    parts = [f"{name} {done.processors(name):.2f}" for name in names if name in done.readings]
    return f"processors had, of {os.cpu_count()}: {', '.join(parts)}"


def table(done: Race, sides: Sequence[Side], limit: str, unit: str) -> tuple[tuple[str, ...], ...]:
    """Every side's median rate, its spread, and how many times the limit's time it takes."""
    lines: list[tuple[str, ...]] = [("side", unit, "slowest..fastest", "x limit's time")]
    for side in sides:
        if side.name in done.missing:
            lines.append((side.name, "-", done.missing[side.name], "-"))
            continue
        rates = [reading.rate for reading in done.readings[side.name]]
        ratio = "-"
        if limit in done.readings:
            ratio = f"{done.median_rate(limit) / done.median_rate(side.name):,.2f}"
        spread = f"{min(rates):,.0f}..{max(rates):,.0f}"
        lines.append((side.name, f"{statistics.median(rates):,.0f}", spread, ratio))
    return tuple(lines)


def show(report: Report) -> str:
    """A report as text: its table, its notes, its ratios."""
    text = [f"== {report.title}"]
    if report.lines:
        widths = [max(len(cell) for cell in column) for column in zip(*report.lines, strict=True)]
        for line in report.lines:
            first, *rest = (
                cell.rjust(width) if at else cell.ljust(width)
                for at, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
            text.append("  " + "  ".join((first, *rest)).rstrip())
    text.extend(f"  {note}" for note in report.notes)
    for document in report.documents:
        if document.goal is None:
            continue
        verdict = "not measured" if document.met is None else "met" if document.met else "MISSED"
        kind = "goal" if document.binding else "aim"
        ratio = "-" if document.ratio is None else f"{document.ratio:g}"
        text.append(
            f"  {document.subject} / {document.against} ({document.measure}): {ratio}, "
            f"{kind} {document.goal}: {verdict}" + (f" ({document.note})" if document.note else "")
        )
    return "\n".join(text)


def write(reports: Sequence[Report], folder: Path) -> Path:
    """Write all documents as JSON lines into `folder`, and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "results.jsonl"
    lines = [document.to_json() for report in reports for document in report.documents]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path
