"""Invariants 28 and 29 with the whole runtime: real processes record on one database while a worker decides.

28: whatever a recorder committed is decided by the next tick, exactly once. 29: a worker that drains a
backlog never starves recorders; their times are reported by `make bench`, here none of them may fail.
"""

from multiprocessing.synchronize import Event as EventType
from pathlib import Path

import pytest

from nurture import Lifecycle, NewFact, Nurture, Program, ScoreModel, ScoreRule, Segment, Stage, q
from nurture.model import Changes, Fact, Lead, LeadId, Origin, SubjectId, Touchpoint, lead_id
from nurture.model.decay import value_at
from nurture.runtime.host import with_inbox
from nurture.storage import SqlStorage
from tests.crash.crew import FORKS
from tests.crash.places import PLACES, url_of

RECORDERS = 4
LEADS = 20
AT_ONCE = 10
VIEWS = ScoreModel("views", [ScoreRule(q.touches("page.viewed"), 1)])
PROGRAM = Program(
    scores=[VIEWS],
    lifecycle=Lifecycle([Stage("new")]),
    segments=[Segment("busy", q.touches("page.viewed").within(days=1).count() >= 3)],
)


def open_crm(url: str) -> Nurture:
    return Nurture(PROGRAM, SqlStorage(url))


def record(url: str, recorder: int, facts: int, leads: list[LeadId]) -> None:
    crm = open_crm(url)
    for start in range(0, facts, AT_ONCE):
        crm.record_many(
            NewFact(subject=leads[number % len(leads)], kind="page.viewed", key=f"{recorder}-{number}")
            for number in range(start, min(start + AT_ONCE, facts))
        )
    crm.close()


def work(url: str, stop: EventType) -> None:
    crm = open_crm(url)
    while not stop.is_set():
        crm.tick()
    crm.tick()
    crm.close()


def drain(url: str, started: EventType, done: EventType) -> None:
    crm = open_crm(url)
    started.set()
    crm.tick()
    done.set()
    crm.close()


def undecided(url: str) -> int:
    storage = SqlStorage(url)
    with storage.view() as view:
        found = len(view.due(storage.now(), 100_000))
    storage.close()
    return found


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize(
    "facts", [pytest.param(2_000, id="quick"), pytest.param(100_000, id="long", marks=pytest.mark.stress)]
)
def test_no_fact_is_lost_between_recorders_and_a_worker(kind: str, tmp_path: Path, facts: int) -> None:
    url = url_of(kind, tmp_path)
    crm = open_crm(url)
    leads = [crm.capture(email=f"a{number}@example.jp").id for number in range(LEADS)]
    stop = FORKS.Event()
    worker = FORKS.Process(target=work, args=(url, stop))
    recorders = [FORKS.Process(target=record, args=(url, number, facts, leads)) for number in range(RECORDERS)]
    for process in (worker, *recorders):
        process.start()
    for process in recorders:
        process.join()
    stop.set()
    worker.join()
    assert [process.exitcode for process in (worker, *recorders)] == [0] * (RECORDERS + 1)
    standings = [crm.standing(lead) for lead in leads]
    counted = sum(
        value_at(one.scores["views"], VIEWS.scale, one.advanced_to) for one in standings if one and one.advanced_to
    )
    assert counted == RECORDERS * facts
    assert undecided(url) == 0
    crm.close()


@pytest.mark.parametrize("rounds", [pytest.param(1, id="quick"), pytest.param(3, id="long", marks=pytest.mark.stress)])
def test_a_backlog_never_starves_recorders(tmp_path: Path, rounds: int) -> None:
    for number in range(rounds):
        starve(f"sqlite:///{tmp_path / str(number)}")


def starve(url: str) -> None:
    """Record while a worker drains a backlog; none of it may fail."""
    crm = open_crm(url)
    watched = crm.capture(email="recorder@example.jp").id
    backlog = fill(crm, 10_000)
    started, done = FORKS.Event(), FORKS.Event()
    worker = FORKS.Process(target=drain, args=(url, started, done))
    worker.start()
    started.wait()
    recorded = 0
    while not done.is_set():
        crm.record(watched, "page.viewed", key=str(recorded))
        recorded += 1
    worker.join()
    crm.tick()
    standing = crm.standing(watched)
    assert worker.exitcode == 0
    assert recorded > 0
    assert standing is not None
    assert value_at(standing.scores["views"], VIEWS.scale, standing.advanced_to) == recorded  # type: ignore[arg-type]
    assert all(crm.standing(one) is not None for one in backlog[::500])
    assert undecided(url) == 0
    crm.close()


def fill(crm: Nurture, count: int) -> list[LeadId]:
    """Leads whose first fact waits to be decided, put into the store in bulk."""
    made: list[LeadId] = []
    groups: dict[SubjectId, Changes] = {}
    with crm.storage.begin() as unit:
        now = unit.now()
        for number in range(count):
            lead = Lead(id=lead_id("default", f"bulk:{number}"), created_at=now, email=f"b{number}@example.jp")
            fact = Touchpoint(
                id=f"fact_bulk_{number}",
                subject=lead.id,
                kind=Fact.LEAD_CREATED,
                at=now,
                received_at=now,
                origin=Origin.HOST,
            )
            groups[lead.id] = Changes(records=(lead, *with_inbox([fact])))
            made.append(lead.id)
        assert not unit.put(groups)
    return made
