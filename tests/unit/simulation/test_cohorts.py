"""Cohorts: one after the other in memory, never two at a time, and refused where people concern each other."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from datetime import date

import pytest

from nurture import (
    Arrival,
    Basis,
    Broadcast,
    Cap,
    ContactPolicy,
    Message,
    Program,
    Rate,
    Reaction,
    Scenario,
    WarmUp,
    days,
    hours,
    minutes,
    q,
    simulate,
)
from nurture.errors import DefinitionError
from nurture.model import LeadId, SubjectId
from nurture.simulation import Progress, Simulation, Tally, simulate_cohorts
from nurture.steps import send, wait
from tests.stores import T0

UNTIL = T0 + days(20)


def program(policy: ContactPolicy | None = None) -> Program:
    return Program(
        messages=[Message("hello", "marketing", "Hello", "Hello")],
        scenarios=[Scenario("welcome", q.touches("form.submitted"), [send("hello"), wait(days=1), send("hello")])],
        policy=policy or ContactPolicy(),
    )


def cohort(first: int, count: int = 5, company: str | None = None) -> list[Arrival]:
    return [
        Arrival(
            at=T0 + hours(number),
            lead={"email": f"a{number}@example.com", "consent": Basis.CONSENT},
            account=None if company is None else {"name": company, "key": company},
            facts=(Reaction(minutes(1), "form.submitted"),),
        )
        for number in range(first, first + count)
    ]


COHORTS = [cohort(0), cohort(5), cohort(10)]


def test_what_the_cohorts_counted_can_be_added() -> None:
    whole = simulate(program(), [one for part in COHORTS for one in part], until=UNTIL)
    tally = sum(simulate_cohorts(program(), COHORTS, Tally.of, until=UNTIL), Tally())
    # who opens is chance; who arrives, enters and gets mail is not
    assert (tally.leads, tally.sent) == (len(whole.leads), whole.sent) == (15, 30)
    assert tally.kinds["enrollment.ended"] == whole.kinds["enrollment.ended"] == 15
    assert tally.moments >= 15 * 4
    assert tally.ticks >= 15


def test_the_same_seed_gives_the_same_traces_and_every_cohort_its_own_chance() -> None:
    def traces(seed: int) -> list[str]:
        return list(simulate_cohorts(program(), COHORTS, lambda one: one.trace, until=UNTIL, seed=seed))

    assert traces(1) == traces(1)
    assert not set(traces(1)) & set(traces(2))
    alike = [cohort(0, 40), cohort(40, 40)]
    opened = list(simulate_cohorts(program(), alike, lambda one: one.kinds["email.opened"], until=UNTIL))
    assert opened[0] != opened[1]


def test_a_cohort_is_gone_before_the_next_one_is_read() -> None:
    earlier: list[weakref.ref[object]] = []
    alive: list[int] = []

    class Watched:
        def __init__(self, first: int) -> None:
            self.first = first

        def __iter__(self) -> Iterator[Arrival]:
            alive.append(sum(one() is not None for one in earlier))
            return iter(cohort(self.first))

    def look(simulation: Simulation) -> int:
        gc.collect()
        earlier.append(weakref.ref(simulation.storage))
        return len(simulation.leads)

    found = list(simulate_cohorts(program(), [Watched(0), Watched(5), Watched(10)], look, until=UNTIL))
    assert found == [5, 5, 5]
    assert alive == [0, 0, 0]


def test_progress_is_that_of_all_cohorts() -> None:
    told: list[Progress] = []
    tally = sum(simulate_cohorts(program(), COHORTS, Tally.of, until=UNTIL, progress=told.append), Tally())
    for name in ("share", "moments", "sent"):
        values = [getattr(one, name) for one in told]
        assert values == sorted(values)
    of_the_first = max(one.moments for one in told if one.share <= 1 / 3)
    assert tally.moments / 5 < of_the_first < tally.moments / 2
    assert (told[-1].share, told[-1].moments, told[-1].sent) == (1.0, tally.moments, tally.sent)
    assert sum(one.share == 1.0 for one in told) == 1


def test_limits_of_one_person_or_company_are_no_hindrance() -> None:
    policy = ContactPolicy(caps=[Cap(1, days(7)), Cap(3, days(7), scope="account")])
    companies = [cohort(0, company="one"), cohort(5, company="two")]
    tally = sum(simulate_cohorts(program(policy), companies, Tally.of, until=UNTIL), Tally())
    assert 0 < tally.sent < 20


@pytest.mark.parametrize(
    ("policy", "word"),
    [
        (ContactPolicy(caps=[Cap(1, days(1)), Cap(9, days(1), scope="all")]), r"policy\.caps\[1\]: concerns"),
        (ContactPolicy(caps=Cap(9, days(1), scope="domain")), r"policy\.caps\[0\]: concerns"),
        (ContactPolicy(caps=Cap(9, days(1), scope="channel")), r"policy\.caps\[0\]: concerns"),
        (ContactPolicy(caps=Cap(9, days(1), scope="scenario")), r"policy\.caps\[0\]: concerns"),
        (
            ContactPolicy(rates=Rate(9, hours(1)), warm_ups=WarmUp(date(2026, 4, 1), [5])),
            r"policy\.rates\[0\], policy\.warm_ups\[0\]: concerns",
        ),
    ],
)
def test_limits_of_all_people_together_are_refused_before_anything_runs(policy: ContactPolicy, word: str) -> None:
    with pytest.raises(DefinitionError, match=word):
        simulate_cohorts(program(policy), COHORTS, Tally.of, until=UNTIL)


def test_a_broadcast_to_named_people_is_refused_and_one_to_a_predicate_reaches_every_cohort() -> None:
    named = Broadcast("news", "hello", [LeadId(SubjectId("lead_1"))])
    with pytest.raises(DefinitionError, match=r"broadcasts\[0\]\.to: concerns"):
        simulate_cohorts(program(), COHORTS, Tally.of, until=UNTIL, broadcasts=[named])
    everybody = Broadcast("news", "hello", q.everyone, at=T0 + days(10))
    found = simulate_cohorts(program(), COHORTS, lambda one: one.sent, until=UNTIL, broadcasts=iter([everybody]))
    assert list(found) == [15, 15, 15]


@pytest.mark.parametrize(
    ("cohorts", "word"),
    [
        ([cohort(0), cohort(3)], r"cohorts\[1\]: lead_\w+ was in an earlier cohort"),
        ([cohort(0, company="one"), cohort(5, company="one")], r"cohorts\[1\]: acct_\w+ was in an earlier cohort"),
    ],
)
def test_nobody_is_simulated_in_two_cohorts(cohorts: list[list[Arrival]], word: str) -> None:
    with pytest.raises(DefinitionError, match=word) as caught:
        list(simulate_cohorts(program(), cohorts, Tally.of, until=UNTIL))
    assert "example.com" not in str(caught.value)


def test_a_cohort_may_be_empty() -> None:
    assert list(simulate_cohorts(program(), [], Tally.of, until=UNTIL)) == []
    assert [one.leads for one in simulate_cohorts(program(), [[]], Tally.of, until=UNTIL)] == [0]
