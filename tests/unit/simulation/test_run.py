"""The same runtime on a virtual clock: the same seed gives the same trace, whatever the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from nurture import (
    Arrival,
    Basis,
    Message,
    Program,
    Reaction,
    Scenario,
    ScoreModel,
    ScoreRule,
    Segment,
    days,
    hours,
    minutes,
    q,
    simulate,
)
from nurture.errors import DefinitionError, InvalidFactError, NurtureError, UnknownNameError
from nurture.model import Consent, Fact, Lead, Touchpoint
from nurture.simulation import Behavior, Simulation, Turn
from nurture.steps import send, tag, wait, wait_for
from tests.stores import GROUP_SITE, STORES, T0, store_maker

PROGRAM = Program(
    messages=[Message("hello", "marketing", "Hello", "Hello {{ lead.name }}")],
    segments=[Segment("quiet", q.touches().within(days=5).never() & q.touches("form.submitted"))],
    scenarios=[
        Scenario(
            "welcome",
            q.touches("form.submitted"),
            [send("hello"), wait_for(q.touches("email.clicked"), days(2), [tag("keen")]), wait(days=1), send("hello")],
        )
    ],
)


def people(count: int) -> list[Arrival]:
    fact = Reaction(timedelta(minutes=1), "form.submitted")
    return [
        Arrival(
            at=T0 + hours(n), lead={"email": f"a{n}@example.com", "name": "N", "consent": Basis.CONSENT}, facts=(fact,)
        )
        for n in range(count)
    ]


def run(seed: int = 1, **given: object) -> Simulation:
    return simulate(PROGRAM, people(12), until=T0 + days(30), seed=seed, **given)  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_trace_and_another_seed_another_one() -> None:
    one, again, other = run(), run(), run(seed=2)
    assert one.trace == again.trace
    assert one.kinds == again.kinds
    assert one.trace != other.trace


def test_every_store_lets_the_same_things_happen(tmp_path: Path) -> None:
    one, *others = (run(storage=store_maker(kind, tmp_path)) for kind in STORES)
    for other in others:
        assert one.leads == other.leads
        for lead in one.leads:  # stores give out their microseconds differently, so that traces differ
            mine, theirs = one.crm.timeline(lead, limit=1000), other.crm.timeline(lead, limit=1000)
            assert sorted(fact.kind for fact in mine) == sorted(fact.kind for fact in theirs)
            assert all(abs(a.at - b.at) < timedelta(seconds=1) for a, b in zip(mine, theirs, strict=True))


def test_bodies_need_not_be_rendered() -> None:
    assert run(render=False).trace == run(render=True).trace


def test_what_is_counted_is_what_is_there() -> None:
    simulation = run()
    facts = [fact for lead in simulation.leads for fact in simulation.crm.timeline(lead, limit=1000)]
    assert sum(simulation.kinds.values()) == len(facts)
    assert simulation.sent == sum(fact.kind == Fact.EMAIL_SENT for fact in facts) > 12
    assert len(simulation.leads) == 12


def test_a_worker_that_ticks_seldom_decides_about_the_same_people() -> None:
    seldom = run(every=days(1))
    assert len(seldom.leads) == 12
    assert seldom.ticks <= 32
    assert seldom.kinds[Fact.ENROLLMENT_STARTED] == 12


# -- inputs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "word"),
    [
        (lambda: simulate(PROGRAM, [], until=datetime(2026, 5, 1)), InvalidFactError, "until"),  # noqa: DTZ001
        (lambda: simulate(PROGRAM, [], until=T0, start=datetime(2026, 4, 1)), InvalidFactError, "start"),  # noqa: DTZ001
        (lambda: run(every=timedelta(0)), DefinitionError, "every"),
        (lambda: run(every=timedelta(-1)), DefinitionError, "every"),
        (lambda: run(behavior=Behavior(open_rate=5)), DefinitionError, r"behavior\.open_rate"),
        (lambda: run(behavior=Behavior(buy_rate=-0.1)), DefinitionError, r"behavior\.buy_rate"),
        (
            lambda: simulate(PROGRAM, [*people(1), Arrival(at=T0, lead={"emial": "x@example.com"})], until=T0),
            UnknownNameError,
            r"arrivals\[1\]\.lead.*'email'",
        ),
        (
            lambda: simulate(PROGRAM, [{"email": "x@example.com"}], until=T0),  # type: ignore[list-item]
            InvalidFactError,
            r"arrivals\[0\]: expected an Arrival or a Lead, found dict",
        ),
    ],
)
def test_what_cannot_be_simulated_is_refused_by_field(
    call: Callable[[], object], error: type[NurtureError], word: str
) -> None:
    with pytest.raises(error, match=word) as caught:
        call()
    assert "example.com" not in str(caught.value)


def test_leads_arrive_as_they_are_when_they_were_created() -> None:
    program = Program(
        messages=PROGRAM.messages, scenarios=[Scenario("s", q.touches(Fact.LEAD_CREATED), [send("hello")])]
    )
    leads = [
        Lead(id="lead_1", email="a@example.com", created_at=T0 + days(2), title="x", tags=("vip",)),  # type: ignore[arg-type]
        Lead(id="lead_2", email="b@example.com", name="B", created_at=T0, consents=(Consent(at=T0),)),  # type: ignore[arg-type]
    ]
    simulation = simulate(program, leads, until=T0 + days(5))
    second, first = (simulation.crm.lead(one) for one in simulation.leads)
    assert (first.email, first.title, first.tags, first.created_at) == ("a@example.com", "x", ("vip",), T0 + days(2))
    assert (second.email, second.created_at) == ("b@example.com", T0)
    became = [simulation.crm.effects(one)[0].state.value for one in (first.id, second.id)]
    assert became == ["withheld", "accepted"]  # only one of them agreed to anything


def test_what_a_lead_said_holds_from_when_it_was_said() -> None:
    scored = Program(
        scores=[ScoreModel("interest", [ScoreRule(q.touches("page.viewed"), 1)])],
        messages=[Message("m", "marketing", "s", "x", entity="brand")],
    )
    objection = Consent(at=T0 + days(2), given=False, purpose="profiling", explicit=True)
    brand = Consent(at=T0, entity="brand", explicit=True)
    refused = Consent(at=T0 - days(1), given=False, channel="sms")
    unknown = [Consent(at=T0, entity="other", explicit=explicit) for explicit in (True, False)]
    lead = Lead(id="lead_1", email="ada@example.com", created_at=T0, consents=(objection, brand, refused, *unknown))
    until = {day: simulate(scored, [lead], until=T0 + days(day), site=GROUP_SITE) for day in (1, 3)}
    kept = [sorted((one.at, one.given) for one in run.crm.lead(run.leads[0]).consents) for run in until.values()]
    assert kept == [[(refused.at, False), (T0, True)], [(refused.at, False), (T0, True), (objection.at, False)]]
    assert [run.crm.explain(run.leads[0]).objected_at for run in until.values()] == [None, objection.at]


def test_who_unsubscribes_does_so_from_the_sender_of_the_mail() -> None:
    program = Program(
        messages=[Message("m", "marketing", "s", "x", entity="brand")],
        scenarios=[Scenario("s", q.touches("form.submitted"), [send("m")])],
    )
    word = Consent(at=T0, entity="brand")
    came = Arrival(
        at=T0, lead={"email": "ada@example.com", "consent": word}, facts=(Reaction(minutes(1), "form.submitted"),)
    )
    leaving = Behavior(open_rate=1.0, unsubscribe_rate=1.0, click_rate=0.0)
    done = simulate(program, [came], until=T0 + days(9), behavior=leaving, site=GROUP_SITE)
    assert done.sent == 1
    assert [one.entity for one in done.crm.lead(done.leads[0]).consents if not one.given] == ["brand"]


class Clumsy(Behavior):
    """People who cannot say what they do about a mail."""

    def react(self, fact: Touchpoint, lead: Lead, random: Random) -> Iterator[Reaction]:
        if fact.kind == "email.sent":
            raise ZeroDivisionError("nobody may miss this")
        yield from super().react(fact, lead, random)


@pytest.mark.parametrize("moment", [None, hours(1)])
def test_what_the_behavior_raises_ends_the_run(moment: timedelta | None) -> None:
    with pytest.raises(ZeroDivisionError):
        run(behavior=Clumsy(), every=moment)


def test_scenarios_are_switched_on_the_way() -> None:
    program = Program(
        messages=[Message("hello", "marketing", "Hello", "Hello")],
        scenarios=[Scenario("s", q.touches("form.submitted"), [wait(days=1), send("hello")], reentry="always")],
    )
    facts = (Reaction(days(0), "form.submitted"), Reaction(days(10), "form.submitted"))
    came = Arrival(at=T0, lead={"email": "a@example.com", "consent": Basis.CONSENT}, facts=facts)
    quiet = Behavior(open_rate=0)

    def sent_on(*switches: Turn) -> list[float]:
        done = simulate(program, [came], until=T0 + days(30), behavior=quiet, switches=switches, every=None)
        claims = [one.claimed_at for one in done.crm.effects(done.leads[0]) if one.claimed_at is not None]
        return sorted(round((at - T0) / days(1), 3) for at in claims)

    assert sent_on() == [1, 11]
    paused = Turn(at=T0 + days(0.5), scenario="s", to="pause")
    assert sent_on(paused) == []
    assert sent_on(paused, Turn(at=T0 + days(3), scenario="s", to="resume")) == [3, 11]
    assert sent_on(Turn(at=T0 + days(5), scenario="s", to="finish")) == [1]
    with pytest.raises(UnknownNameError):
        sent_on(Turn(at=T0, scenario="t", to="pause"))
