"""The strategies give what they promise, reach the corners, and what they give passes the library's checks."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from nurture import NewFact, Nurture, Program
from nurture.model import IMMUTABLE, VERSIONED, Record, SubjectId, SubjectKind
from nurture.ports import Accepted
from nurture.predicates import Compare, Predicate, Touched, check, walk
from nurture.predicates.operators import OPERATORS
from nurture.program.scenario import all_steps
from nurture.simulation import VirtualClock
from nurture.steps import STEPS
from nurture.storage import MemoryStorage
from nurture.storage.codec import decode, encode
from nurture.testing import FakeSender, strategies
from tests.stores import SITE

T = TypeVar("T")
relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck))
first_found = settings(relaxed, max_examples=2_000, phases=[Phase.generate], database=None, derandomize=True)
ANN = SubjectId("lead_ann")


def reaches(strategy: st.SearchStrategy[object], wanted: Callable[[object], bool]) -> bool:
    """Whether the strategy gives such a thing; raises when it does not within 2,000 tries."""
    find(strategy, wanted, settings=first_found)
    return True


def drawn(strategy: st.SearchStrategy[T], count: int) -> list[T]:
    """So many draws, the same ones in every run."""
    found: list[T] = []

    @settings(first_found, max_examples=count)
    @given(strategy)
    def draw(one: T) -> None:
        found.append(one)

    draw()
    return found


@settings(relaxed)
@given(strategies.records())
def test_records_are_well_formed_and_go_through_json(record: Record) -> None:
    assert decode(type(record), encode(record)) == record
    assert getattr(record, "version", 1) == 1
    assert hash(record) == hash(decode(type(record), encode(record)))


def test_there_are_records_of_every_kind() -> None:
    wanted, found = {*VERSIONED, *IMMUTABLE}, set[type]()

    def complete(record: object) -> bool:
        found.add(type(record))
        return found >= wanted

    assert reaches(strategies.records(), complete)
    assert found == wanted


@pytest.mark.parametrize(
    "make",
    [
        strategies.touchpoints,
        strategies.inbox_rows,
        strategies.standings,
        strategies.effects,
        strategies.aliases,
        strategies.decision_records,
        strategies.new_facts,
    ],
    ids=lambda make: make.__name__,
)
def test_a_subject_can_be_given(make: Callable[..., st.SearchStrategy[object]]) -> None:
    @settings(relaxed, max_examples=10)
    @given(make(st.just(ANN)))
    def whose(one: object) -> None:
        assert one.subject == ANN  # type: ignore[attr-defined]

    whose()


def test_leads_reach_the_corners() -> None:
    leads = drawn(strategies.leads(), 100)
    assert any(one.email is None for one in leads)
    assert any(one.name and one.company for one in leads)
    assert any(not word.given for one in leads for word in one.consents)


def test_names_and_values_reach_the_corners() -> None:
    people, companies = drawn(strategies.people(), 300), drawn(strategies.companies(), 200)
    assert any(ord(sign) > 0xFFFF for one in people for sign in one.name)
    assert any("ｦ" <= one.family_kana[0] <= "ﾟ" for one in people)
    assert any(one.startswith("株式会社") for one in companies)
    assert any(one.endswith("株式会社") for one in companies)
    values = drawn(strategies.values(), 300)
    assert {type(one) for one in values} == {type(None), str, int, float, bool, datetime, date, tuple}


@pytest.mark.parametrize("at", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2038, 1, 19, 3, 14, 7, 999_999, tzinfo=UTC)])
def test_instants_reach_the_edges(at: datetime) -> None:
    assert reaches(strategies.instants(), lambda one: one == at)


@settings(relaxed)
@given(strategies.texts(min_size=1, max_size=9), strategies.emails(), strategies.kinds())
def test_texts_can_be_stored(text: str, email: str, kind: str) -> None:
    assert 1 <= len(text) <= 9
    assert "\x00" not in text
    text.encode()
    assert email.count("@") == 1
    assert kind == kind.lower()


@settings(relaxed, max_examples=15)
@given(strategies.programs(wide=True))
def test_wide_programs_are_valid_and_go_through_json(program: Program) -> None:
    back = Program.from_json(json.loads(json.dumps(program.to_json())))
    assert back == program
    assert back.hash == program.hash


def test_programs_have_every_kind_of_step() -> None:
    programs = drawn(strategies.programs(), 25)
    steps = [step for program in programs for one in program.scenarios for _, step in all_steps(one.steps)]
    assert {type(step) for step in steps} == set(STEPS)


WIDE = find(strategies.programs(wide=True), lambda _: True, settings=first_found)


@pytest.mark.parametrize("subject", SubjectKind)
def test_predicates_are_about_what_is_declared(subject: SubjectKind) -> None:
    @settings(relaxed)
    @given(strategies.predicates_for(WIDE, subject))
    def accepted(predicate: Predicate) -> None:
        assert check(predicate, WIDE.names(subject), "here") == []

    accepted()


def test_predicates_use_every_operator() -> None:
    found: set[str] = set()

    def complete(predicate: object) -> bool:
        found.update(node.op for node in walk(predicate) if isinstance(node, Compare))  # type: ignore[arg-type]
        return found >= set(OPERATORS)

    assert reaches(strategies.predicates_for(WIDE), complete)
    assert found == set(OPERATORS)


def test_clauses_ask_in_every_way() -> None:
    clauses = strategies.clauses_for(["a.b"])
    assert reaches(clauses, lambda one: one.kind is None and not one.is_plain)
    assert reaches(clauses, lambda one: one.having is not None and one.window is not None)


@settings(relaxed)
@given(strategies.clauses_for(["a.b"], plain=True))
def test_plain_clauses_ask_about_each_single_fact(clause: Touched) -> None:
    assert clause.is_plain
    assert clause.kind == "a.b"


@settings(relaxed, max_examples=10)
@given(st.data())
def test_facts_for_a_program_can_be_recorded_and_decided(data: st.DataObject) -> None:
    program = data.draw(strategies.programs(wide=True))
    clock = VirtualClock(strategies.START)
    storage, task = MemoryStorage(clock=clock), {"task": lambda *_: Accepted()}
    crm = Nurture(program, storage, senders={"email": FakeSender()}, site=SITE, actions=task)
    lead = crm.capture(**data.draw(strategies.lead_fields()))
    facts = data.draw(strategies.facts_for(program, lead.id, min_size=1))
    for fact in facts:
        assert strategies.START <= fact.at < strategies.HORIZON  # type: ignore[operator]
        clock.move_to(fact.at)  # type: ignore[arg-type]
        crm.record_many([fact])
    clock.move_to(strategies.HORIZON)
    crm.decide()
    standing = crm.standing(lead.id)
    assert standing is not None
    recorded = [one.at for one in crm.timeline(lead.id, limit=10_000) if one.kind in {fact.kind for fact in facts}]
    assert len(recorded) >= len(facts)


def test_facts_have_the_values_that_predicates_ask_for() -> None:
    def telling(facts: object) -> bool:
        return any(fact.properties.get("path") == "/a" for fact in facts)  # type: ignore[attr-defined]

    assert reaches(strategies.facts_for(WIDE, ANN), telling)


@settings(relaxed)
@given(st.lists(strategies.new_facts(), max_size=3))
def test_new_facts_are_new_facts(facts: list[NewFact]) -> None:
    assert all(isinstance(one, NewFact) for one in facts)


@settings(relaxed)
@given(strategies.clock_readings(back=False), strategies.clock_readings())
def test_clocks_go_on_or_back(onward: list[datetime], anyhow: list[datetime]) -> None:
    assert onward == sorted(onward)
    assert onward[0] == anyhow[0] == strategies.START


@pytest.mark.parametrize("leap", [timedelta(0), timedelta(days=30), timedelta(hours=-1)])
def test_clocks_stand_still_leap_and_go_back(leap: timedelta) -> None:
    def does(readings: object) -> bool:
        return leap in [later - earlier for earlier, later in pairwise(readings)]  # type: ignore[arg-type]

    assert reaches(strategies.clock_readings(), does)
