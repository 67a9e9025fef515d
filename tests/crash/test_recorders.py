"""Invariant 28 at the level of the store: no fact is lost between committed recorders and a committed decider.

Real processes on one database: four record, one folds. Each fact ends as decided exactly once.
"""

import sys
from datetime import timedelta
from multiprocessing.synchronize import Event as EventType
from pathlib import Path

import pytest

from nurture.model import Changes, DecisionRecord, FactId, InboxRow, Standing, SubjectId, Touchpoint
from nurture.predicates import Reach
from nurture.storage import SqlStorage
from tests.crash.crew import FORKS
from tests.crash.places import PLACES, url_of

RECORDERS = 4
SUBJECTS = [SubjectId(f"lead_{number}") for number in range(7)]


def record(url: str, recorder: int, facts: int) -> None:
    """Record facts about all subjects in turn, each in a unit of its own."""
    storage = SqlStorage(url)
    for number in range(facts):
        subject, name = SUBJECTS[number % len(SUBJECTS)], FactId(f"fact_{recorder}_{number:05}")
        is_late = True
        while is_late:  # where units run side by side, its moment may have been decided already (U11)
            with storage.begin() as unit:
                now = unit.now()
                fact = Touchpoint(id=name, subject=subject, kind="page.viewed", at=now, received_at=now)
                row = InboxRow(fact=name, subject=subject, due_at=now)
                is_late = bool(unit.put({subject: Changes(records=(fact, row))}))
    storage.close()


def decide(url: str, stop: EventType) -> None:
    """Fold what is due, decided outside the write lock, until there is nothing left and recording is over."""
    storage = SqlStorage(url)
    while True:
        over = stop.is_set()
        now = storage.now()
        with storage.view() as view:
            due = view.due(now, 3)
            standings = view.get(Standing, due)
            known = view.about(dict.fromkeys(due), Reach.nothing())
        if not due and over:
            break
        groups: dict[SubjectId, Changes] = {}
        for subject in due:
            rows = [one for one in known[subject].inbox if one.due_at < now]
            before = standings.get(subject)
            version = before.version + 1 if before else 1
            advanced_to = now - timedelta(microseconds=1)  # as if a timer had gone off at the last moment there is
            if before is not None and before.advanced_to is not None:
                assert all(one.due_at > before.advanced_to for one in rows)  # nothing came for a moment already decided
            standing = Standing(subject=subject, version=version, program="p", advanced_to=advanced_to)
            causes = tuple(one.fact.id for one in rows)
            told = DecisionRecord(id=f"{subject}_{version:06}", subject=subject, at=advanced_to, causes=causes)
            groups[subject] = Changes(records=(standing, told), folded=causes, quiet_until=advanced_to)
        with storage.begin() as unit:
            unit.put(groups)
    storage.close()


def race(url: str, facts: int) -> None:
    """Run the processes to their end; each must succeed."""
    storage = SqlStorage(url)
    storage.upgrade()
    storage.close()
    stop = FORKS.Event()
    decider = FORKS.Process(target=decide, args=(url, stop))
    recorders = [FORKS.Process(target=record, args=(url, number, facts)) for number in range(RECORDERS)]
    for process in (decider, *recorders):
        process.start()
    for process in recorders:
        process.join(300)
    stop.set()
    decider.join(300)
    assert [process.exitcode for process in (decider, *recorders)] == [0] * (RECORDERS + 1)


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize(
    "facts", [pytest.param(250, id="quick"), pytest.param(25_000, id="stress", marks=pytest.mark.stress)]
)
def test_no_fact_is_lost_or_decided_twice(kind: str, tmp_path: Path, facts: int) -> None:
    url = url_of(kind, tmp_path)
    race(url, facts)
    storage = SqlStorage(url)
    with storage.view() as view:
        assert view.due(storage.now() + timedelta(days=1), 9) == ()
        decided = [cause for one in view.page(DecisionRecord, "", sys.maxsize) for cause in one.causes]
        standings = view.get(Standing, SUBJECTS)
    recorded = [f"fact_{recorder}_{number:05}" for recorder in range(RECORDERS) for number in range(facts)]
    assert sorted(decided) == recorded
    for subject in SUBJECTS:  # moments only go forward
        moments = _moments(storage, subject)
        assert moments == sorted(set(moments))
        assert moments[-1] == standings[subject].advanced_to
    storage.close()


def _moments(storage: SqlStorage, subject: SubjectId) -> list[object]:
    with storage.view() as view:
        found = view.decisions_of(subject, limit=10**9)
    return [one.at for one in sorted(found, key=lambda one: one.id)]
