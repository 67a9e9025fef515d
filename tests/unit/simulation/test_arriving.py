"""Those who arrive: a list in any order, or an iterator that is read as its people come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import pytest

from nurture import Arrival, Basis, Message, Program, Reaction, Scenario, days, hours, minutes, q, simulate
from nurture.errors import DefinitionError
from nurture.model import Consent, Lead
from nurture.simulation import Progress, Simulation, Turn
from nurture.steps import send, wait
from tests.stores import T0

PROGRAM = Program(
    messages=[Message("hello", "marketing", "Hello", "Hello")],
    scenarios=[Scenario("welcome", q.touches("form.submitted"), [send("hello"), wait(days=1), send("hello")])],
)


def arrival(number: int, at: datetime) -> Arrival:
    word = Consent(at=at + hours(5), given=False)
    return Arrival(
        at=at,
        lead={"email": f"a{number}@example.com", "consent": Basis.CONSENT},
        facts=(Reaction(minutes(0), "form.submitted"),),
        words=(word,) if number % 3 == 0 else (),
    )


# Several at one instant, some on the instant at which others react or say no.
PEOPLE = [arrival(number, T0 + hours(number // 2)) for number in range(24)]


def run(people: Sequence[Arrival] | Iterator[Arrival], *, start: datetime | None = None) -> Simulation:
    pause = Turn(at=T0 + hours(4), scenario="welcome", to="pause")
    resume = Turn(at=T0 + hours(6), scenario="welcome", to="resume")
    return simulate(PROGRAM, people, until=T0 + days(20), start=start, seed=5, switches=[pause, resume])


@pytest.mark.parametrize("start", [None, T0 + hours(3), T0 - days(1)])
def test_an_iterator_in_order_gives_what_a_list_gives(start: datetime | None) -> None:
    listed = run(PEOPLE, start=start)
    assert run(iter(PEOPLE), start=start).trace == listed.trace
    assert listed.kinds["consent.withdrawn"] >= 8


def test_a_list_may_be_in_any_order() -> None:
    apart = [arrival(number, T0 + hours(number)) for number in range(24) if number % 3]
    assert run(apart[::-1]).trace == run(apart).trace


def test_an_iterator_out_of_order_is_refused_by_place() -> None:
    with pytest.raises(DefinitionError, match=r"arrivals\[2\]: expected people in order of time") as caught:
        run(iter([PEOPLE[0], PEOPLE[9], PEOPLE[1]]))
    assert "example.com" not in str(caught.value)


def test_an_iterator_is_read_as_its_people_come() -> None:
    made: list[int] = []

    def people() -> Iterator[Arrival]:
        for number in range(50):
            made.append(number)
            yield arrival(number, T0 + days(number))

    seen: list[tuple[int, int]] = []

    def look(progress: Progress) -> None:
        seen.append((len(made), (progress.now - T0) // days(1)))

    simulate(PROGRAM, people(), until=T0 + days(60), progress=look)
    assert len(seen) > 50
    assert all(count <= min(50, day + 2) for count, day in seen)


def test_leads_from_an_iterator_arrive_when_they_were_created() -> None:
    leads = [
        Lead(id=f"lead_{number}", email=f"b{number}@example.com", created_at=T0 + days(number))  # type: ignore[arg-type]
        for number in range(3)
    ]
    done = simulate(PROGRAM, iter(leads), until=T0 + days(5))
    assert [done.crm.lead(one).created_at for one in done.leads] == [one.created_at for one in leads]
