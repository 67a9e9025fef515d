"""As known then: what was answered at an instant is answered again long after it, from the facts alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import attrs
import pytest

from nurture import Program, Scenario, ScoreModel, ScoreRule, Segment, days, q
from nurture.calendar import Recurrence
from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import EnrollmentState, Fact, FactId, Origin, SubjectId, Touchpoint, Value
from nurture.program import on_schedule
from nurture.runtime import Knowledge, Member
from nurture.runtime.hindsight import Past, folded_back, memberships_in
from nurture.steps import tag, wait
from nurture.storage import MemoryStorage
from tests.stores import T0, House
from tests.unit.runtime.audience import ASKED, PROGRAM, STORES, Audience

LOST = {"its people"}
ANSWERED = {name: predicate for name, predicate in ASKED.items() if name not in LOST}
SEGMENTS = [one.name for one in PROGRAM.segments]


@attrs.frozen
class Answers:
    """What was answered at an instant, fresh."""

    at: datetime
    members: dict[str, list[str]]
    segments: dict[str, dict[str, datetime | None]]
    order: list[tuple[str, object]]


class Remembering(Audience):
    """Writes down each third day what it was answered."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.answers: list[Answers] = []
        super().__init__(kind, folder)

    def _live(self, day: int) -> None:
        super()._live(day)
        if day % 3 == 0:
            self.tick_at(T0 + timedelta(days=day, hours=12))
            self.answers.append(self.now_answered())

    def now_answered(self) -> Answers:
        crm, at = self.crm, self.storage.now()
        return Answers(
            at,
            {name: [one.subject for one in crm.members(predicate)] for name, predicate in ANSWERED.items()},
            {name: {one.subject: one.since for one in crm.members(name)} for name in SEGMENTS},
            [(one.subject, one.value) for one in crm.members(q.everyone, order_by=q.lead.seats.desc())],
        )


@pytest.fixture(scope="module", params=STORES)
def audience(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remembering]:
    made = Remembering(request.param, tmp_path_factory.mktemp("then"))
    for day in (30, 60, 90):
        made.tick_at(T0 + timedelta(days=day))
    made.crm.update(made.leads[0], attributes={"seats": 99}, tags=["late"], title="CEO", account=made.accounts[1])
    made.crm.update(made.accounts[0], industry="retail", employees=5)
    made.crm.record(made.leads[3], "page.viewed", key="backdated", at=T0 + days(1))
    made.crm.add_to_list("late", made.leads)
    made.crm.capture(email="late@example.com", at=T0, source="seminar")
    made.tick_at(T0 + timedelta(days=91))
    yield made
    made.crm.close()


@pytest.mark.parametrize("name", ANSWERED)
def test_what_was_answered_is_answered_again(audience: Remembering, name: str) -> None:
    for answers in audience.answers:
        found = list(audience.crm.members(ANSWERED[name], at=answers.at))
        assert [one.subject for one in found] == answers.members[name], answers.at
        assert {(one.known, one.advanced_to, one.since) for one in found} <= {(Knowledge.THEN, None, None)}
        assert audience.crm.count(ANSWERED[name], at=answers.at) == len(found)


def test_the_answers_changed_meanwhile(audience: Remembering) -> None:
    """Else it would be no wonder that they are right."""
    first, last = audience.answers[1], audience.now_answered()
    changed = {name for name in ANSWERED if first.members[name] != last.members[name]}
    assert len(changed) > len(ANSWERED) / 2
    assert "nobody" not in changed


@pytest.mark.parametrize("segment", SEGMENTS)
def test_memberships_are_those_of_then_with_their_beginning(audience: Remembering, segment: str) -> None:
    for answers in audience.answers:
        found = {one.subject: one.since for one in audience.crm.members(segment, at=answers.at)}
        assert found == answers.segments[segment], answers.at


def test_orders_pages_and_samples_are_of_then_too(audience: Remembering) -> None:
    crm, answers = audience.crm, audience.answers[2]
    order = q.lead.seats.desc()
    assert [(one.subject, one.value) for one in crm.members(q.everyone, order_by=order, at=answers.at)] == answers.order
    found: list[Member] = []
    cursor = None
    for _ in range(9):
        page = crm.page(q.everyone, limit=5, cursor=cursor, order_by=order, at=answers.at)
        assert (page.known, page.at) == (Knowledge.THEN, answers.at)
        found += page.members
        cursor = page.cursor
        if cursor is None:
            break
    assert [(one.subject, one.value) for one in found] == answers.order
    drawn = crm.sample(q.everyone, 5, seed=3, at=answers.at)
    assert {one.subject for one in drawn} < {one for one, _ in answers.order}
    assert {one.known for one in drawn} == {Knowledge.THEN}


def test_before_the_first_fact_nobody_was_known(audience: Remembering) -> None:
    assert audience.crm.count(q.everyone, at=T0 - days(1)) == 0
    assert audience.crm.count(q.everyone, subject="account", at=T0 - days(1)) == 0


def test_what_cannot_be_rebuilt_is_refused_clearly(audience: Remembering) -> None:
    crm, at = audience.crm, audience.answers[1].at
    with pytest.raises(DefinitionError, match=r"account\.leads.*known then"):
        crm.members(ASKED["its people"], at=at)
    nested = q.account.matches(~(q.account.leads.where(q.lead.seats >= 2).count() >= 2))
    with pytest.raises(DefinitionError, match="known then"):
        crm.count(q.lead.source.is_missing() | nested, at=at)
    with pytest.raises(DefinitionError, match="has been"):
        crm.members(q.everyone, at=audience.storage.now() + days(1))
    with pytest.raises(DefinitionError, match="fresh"):
        crm.members(q.everyone, at=at, fresh=True)
    with pytest.raises(UnknownNameError):
        crm.members("looki", at=at)


def test_people_are_refused_behind_segments_and_scores_too() -> None:
    crowded = q.account.leads.where(q.lead.source == "fair").count() >= 2
    program = Program(
        scores=[ScoreModel("size", [ScoreRule(q.account.industry == "SaaS", 1)])],
        segments=[
            Segment("crowded", crowded, subject="account"),
            Segment("of crowded", q.account.matches(q.segment("crowded"))),
        ],
    )
    house = House(program, lambda clock: MemoryStorage(clock=clock))
    at = house.storage.now()
    for asked in ("crowded", "of crowded"):
        with pytest.raises(DefinitionError, match="known then"):
            house.crm.members(asked, at=at)
    assert house.crm.count(q.score("size") >= 0, at=at) == 0


# -- the parts -----------------------------------------------------------------------------------------


def change(revision: int, **values: tuple[Value, Value]) -> Touchpoint:
    told: dict[str, Value] = {"revision": revision, "fields": tuple(values)}
    for name, (before, after) in values.items():
        told |= {f"before.{name}": before} if before is not None else {}
        told |= {f"after.{name}": after} if after is not None else {}
    return fact(Fact.LEAD_CHANGED, revision, **told)


def fact(kind: str, minute: int, name: str = "", **properties: Value) -> Touchpoint:
    at = T0 + timedelta(minutes=minute)
    return Touchpoint(
        id=FactId(name or f"fact_{minute}"),
        subject=SubjectId("lead_1"),
        kind=kind,
        at=at,
        received_at=at,
        origin=Origin.ENGINE,
        properties=properties,
    )


def test_values_fold_back_by_revision_the_newest_first() -> None:
    later = [change(3, title=("b", "c")), change(2, title=("a", "b"), plan=(None, "x")), change(4, plan=("x", None))]
    assert folded_back({"title": "c", "name": "n"}, later) == {"title": "a", "name": "n"}
    assert folded_back({"title": "c"}, []) == {"title": "c"}
    assert folded_back({}, [change(2, seats=(5, None))]) == {"seats": 5}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], {}),
        ([("entered", 1)], {"s": 1}),
        ([("entered", 1), ("left", 2)], {}),
        ([("entered", 1), ("left", 2), ("entered", 3)], {"s": 3}),
        ([("left", 1)], {}),
        ([("entered", 1), ("left", 2), ("entered", 2)], {"s": 2}),
        ([("entered", 2), ("left", 2)], {}),
    ],
)
def test_memberships_are_read_off_their_facts(facts: list[tuple[str, int]], expected: dict[str, int]) -> None:
    made = [fact(f"segment.{kind}", minute, f"{index}", segment="s") for index, (kind, minute) in enumerate(facts)]
    for some in (made, sorted(made, key=lambda one: (one.at, one.kind))):
        found = memberships_in(some)
        assert found == {name: T0 + timedelta(minutes=minute) for name, minute in expected.items()}


def of_past(facts: list[Touchpoint], minute: int) -> object:
    """What is seen of a lead with these facts at a minute."""
    house = House(Program(), lambda clock: MemoryStorage(clock=clock))
    lead = house.crm.lead(house.crm.capture(email="a@example.com").id)
    past = Past(house.crm.program, T0 + timedelta(minutes=minute))
    return past._sight(lead, facts)


def test_stages_of_one_instant_go_on_from_one_another() -> None:
    first = fact(Fact.STAGE_CHANGED, 1, "z", to="new")
    chain = [
        fact(Fact.STAGE_CHANGED, 5, "a", **{"from": "mql", "to": "won"}),
        fact(Fact.STAGE_CHANGED, 5, "b", **{"from": "new", "to": "mql"}),
    ]
    sight = of_past([first, *chain], 9)
    assert (sight.stage, sight.stage_since) == ("won", T0 + timedelta(minutes=5))  # type: ignore[attr-defined]
    assert of_past([first, *chain], 4).stage == "new"  # type: ignore[attr-defined]
    assert of_past([], 4).stage is None  # type: ignore[attr-defined]
    lost = fact(Fact.STAGE_CHANGED, 6, "c", to="new", rolled_over=True)
    assert of_past([first, *chain, lost], 9).stage == "new"  # type: ignore[attr-defined]


def test_runs_are_the_active_ones_and_the_newest_ended_one_of_each_key() -> None:
    def run(name: str, minute: int, ended: int | None) -> list[Touchpoint]:
        begun = fact(Fact.ENROLLMENT_STARTED, minute, f"y{name}", enrollment=name, scenario="s", version="v")
        if ended is None:
            return [begun]
        state = EnrollmentState.COMPLETED.value
        return [begun, fact(Fact.ENROLLMENT_ENDED, ended, f"x{name}", enrollment=name, scenario="s", state=state)]

    facts = sorted([*run("a", 1, 2), *run("b", 3, 3), *run("c", 5, None)], key=lambda one: one.sort_key)
    runs = of_past(facts, 9).enrollments  # type: ignore[attr-defined]
    assert [(one.id, one.state) for one in runs] == [("b", EnrollmentState.COMPLETED), ("c", EnrollmentState.ACTIVE)]


def test_the_runs_of_a_schedule_are_one_line_then_as_now() -> None:
    times = Recurrence("FREQ=WEEKLY", start=datetime(2026, 4, 6, 10), zone="Asia/Tokyo")  # noqa: DTZ001
    weekly = Scenario("weekly", on_schedule(times, q.lead.source != "nobody"), [wait(days(2)), tag("x")])
    house = House(Program(scenarios=[weekly]), lambda clock: MemoryStorage(clock=clock))
    lead = house.crm.capture(email="a@example.com", source="web").id
    house.tick_at(T0 + days(6))
    house.crm.withdraw(lead, "weekly")
    house.tick_at(T0 + days(16))
    for state, expected in (("withdrawn", []), ("completed", [lead])):
        asked = q.scenario("weekly").is_in([state])
        assert [one.subject for one in house.crm.members(asked)] == expected
        assert [one.subject for one in house.crm.members(asked, at=house.clock.now)] == expected
