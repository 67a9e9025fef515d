"""How far a simulation has come: told seldom, the same each time, and without changing what happens."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from nurture import Arrival, Basis, Message, Program, Reaction, Scenario, days, hours, minutes, q, simulate
from nurture.simulation import Progress, ProgressBar, Simulation
from nurture.steps import send, wait
from tests.stores import T0

PROGRAM = Program(
    messages=[Message("hello", "marketing", "Hello", "Hello")],
    scenarios=[Scenario("welcome", q.touches("form.submitted"), [send("hello"), wait(days=1), send("hello")])],
)
PEOPLE = [
    Arrival(
        at=T0 + hours(number),
        lead={"email": f"a{number}@example.com", "consent": Basis.CONSENT},
        facts=(Reaction(minutes(1), "form.submitted"),),
    )
    for number in range(60)
]


def run(
    progress: Callable[[Progress], object] | None = None,
    span: timedelta = timedelta(days=10),
) -> Simulation:
    return simulate(PROGRAM, PEOPLE, until=T0 + span, seed=3, progress=progress)


def test_progress_says_when_it_is_and_what_was_done_and_ends_with_all_of_it() -> None:
    told: list[Progress] = []
    done = run(told.append)
    for name in ("now", "share", "moments", "sent"):
        values = [getattr(one, name) for one in told]
        assert values == sorted(values)
    assert all(one.share == (one.now - T0) / days(10) for one in told)
    assert told[0].share < 0.1
    assert told[0].moments > 0
    assert told[-1] == Progress(now=T0 + days(10), share=1.0, moments=done.moments, sent=done.sent)


def test_the_trace_does_not_depend_on_who_listens() -> None:
    first: list[Progress] = []
    again: list[Progress] = []
    assert run().trace == run(first.append).trace == run(again.append).trace
    assert first == again


def test_progress_is_told_once_an_hour_at_the_most_however_often_the_clock_moves() -> None:
    told: list[Progress] = []
    done = run(told.append, days(4))
    pauses = [later.now - one.now for one, later in pairwise(told)]
    assert done.ticks > len(told) > 24
    assert min(pauses[:-1]) >= hours(1)  # the last word comes when all is over


def test_a_long_run_tells_about_a_thousand_times() -> None:
    told: list[Progress] = []
    span = days(20_000)
    again = Program(
        messages=PROGRAM.messages,
        scenarios=[Scenario("s", q.touches("form.submitted"), [wait(days=10)] * 50 + [send("hello")])],
    )
    simulate(again, PEOPLE[:1], until=T0 + span, progress=told.append)
    assert [one.share >= (number + 1) / 1000 for number, one in enumerate(told)] == [True] * len(told)
    assert len(told) > 20


def test_nothing_to_do_is_all_done() -> None:
    told: list[Progress] = []
    simulate(PROGRAM, [], until=T0, progress=told.append)
    assert told == [Progress(now=T0, share=1.0, moments=0, sent=0)]


def test_who_raises_ends_the_run() -> None:
    class Enough(Exception):
        pass

    def stop(progress: Progress) -> None:
        if progress.share > 0.3:
            raise Enough

    with pytest.raises(Enough):
        run(stop)


# -- the bar -----------------------------------------------------------------------------------------


def test_the_bar_shows_the_day_and_the_numbers_and_leaves_its_line() -> None:
    shown = io.StringIO()
    done = run(ProgressBar(shown))
    text = shown.getvalue()
    assert "2026-04-11 100% |" in text
    assert f"{done.moments:,} moments, {done.sent:,} sent" in text
    assert text.endswith("\n")


def test_a_bar_that_nobody_sees_writes_nothing() -> None:
    shown = io.StringIO()
    run(ProgressBar(shown, hidden=None))
    assert shown.getvalue() == ""


def test_a_run_that_breaks_leaves_the_line_too() -> None:
    shown = io.StringIO()

    def broken() -> None:
        with ProgressBar(shown) as bar:
            bar(Progress(now=T0, share=0.5, moments=1, sent=0))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken()
    assert shown.getvalue().endswith("\n")


def test_a_bar_can_be_used_again() -> None:
    shown = io.StringIO()
    bar = ProgressBar(shown)
    for _ in range(2):
        run(bar)
    assert shown.getvalue().count("\n") == 2


def test_a_bar_without_its_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match=r"nurture-crm\[progress\]"):
        ProgressBar()
