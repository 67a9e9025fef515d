"""The `nurture` side of the row `year`: people who arrive over a year, three scenarios, and a model of what they do.

They use what a host can use, nothing private. May import `nurture` and the workload.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from attrs import frozen

from bench.workload import NOW
from nurture import Arrival, Basis, Cap, ContactPolicy, Message, Program, Reaction, Scenario, Segment, days, q
from nurture.program import Reentry
from nurture.simulation import Progress, Simulation, Tally, simulate_cohorts
from nurture.steps import branch, send, wait

DAYS = 365
ARRIVING = 300  # everybody has some weeks left
EVERY = timedelta(hours=1)
MESSAGES = ("hello", "tips", "case", "offer", "back")


@frozen
class Cohort:
    """People who arrive one after the other; each is made when its time comes.

    Args:
        first: The number of the first one.
        count: How many.
    """

    first: int
    count: int

    def __iter__(self) -> Iterator[Arrival]:
        for number in range(self.count):
            yield Arrival(
                at=NOW + number * days(ARRIVING) / self.count,
                lead={"email": f"lead{self.first + number}@example.com", "consent": Basis.CONSENT},
                facts=(Reaction(timedelta(minutes=1), "form.submitted"),),
            )


def cohorts(leads: int, size: int) -> list[Cohort]:
    """So many leads in cohorts of a size."""
    return [Cohort(first, min(size, leads - first)) for first in range(0, leads, size)]


def program() -> Program:
    """A welcome that asks for a click, an offer after each visit, and a mail to those who have been silent for long."""
    viewed, clicked = q.touches("page.viewed"), q.touches("email.clicked")
    return Program(
        name="year",
        segments=[Segment("silent", q.touches("form.submitted") & q.touches().within(days=90).never())],
        messages=[Message(name, "marketing", name.title(), f"{name.title()}.\n") for name in MESSAGES],
        scenarios=[
            Scenario(
                "welcome",
                on=q.touches("form.submitted"),
                steps=[
                    send("hello"),
                    wait(days=3),
                    branch(clicked.within(days=3), [send("case")], otherwise=[send("tips")]),
                    wait(days=4),
                    send("tips"),
                ],
            ),
            Scenario("interest", on=viewed, steps=[wait(days=1), send("offer")], reentry=Reentry.ALWAYS),
            Scenario(
                "again",
                on=q.segment("silent"),
                steps=[send("back"), wait(days=10), send("tips")],
                reentry=Reentry.ALWAYS,
            ),
        ],
        policy=ContactPolicy(caps=Cap(3, days(7))),
        zone="UTC",
    )


def year(
    leads: int,
    size: int,
    look: Callable[[Simulation], Tally] = Tally.of,
    progress: Callable[[Progress], object] | None = None,
) -> Iterator[Tally]:
    """A year of so many leads, cohort after cohort; nothing is rendered."""
    yield from simulate_cohorts(
        program(),
        cohorts(leads, size),
        look,
        until=NOW + days(DAYS),
        start=NOW,
        every=EVERY,
        render=False,
        seed=7,
        progress=progress,
    )
