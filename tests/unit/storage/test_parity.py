"""The stores answer alike: seeded histories of random writes, read back in every way, on memory and on SQLite."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nurture.model import (
    AccountId,
    Allowance,
    Changes,
    Effect,
    EffectId,
    EffectKind,
    EffectState,
    EnrollmentId,
    FactId,
    InboxRow,
    Lead,
    LeadId,
    Record,
    Standing,
    SubjectId,
    Touchpoint,
)
from nurture.ports import Storage, View
from nurture.predicates import Need, Reach
from nurture.storage import MemoryStorage, SqlStorage

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SUBJECTS = [SubjectId(f"lead_{letter}") for letter in "abcd"]
KINDS = ["page.viewed", "form.submitted", "email.sent"]
ACCOUNTS = [AccountId(SubjectId(f"acct_{letter}")) for letter in "xy"]


class Scribe:
    """Draws batches of groups, some of which conflict."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)

    def at(self) -> datetime:
        return NOON + self.draw.randrange(48) * HOUR

    def record(self, subject: SubjectId) -> list[Record]:
        name = self.draw.choice("0123456789") + subject[-1]
        version = self.draw.choice([1, 1, 2, 2, 3, 4])
        fact = Touchpoint(
            id=FactId(name), subject=subject, kind=self.draw.choice(KINDS), at=self.at(), received_at=NOON
        )
        row = InboxRow(fact=fact.id, subject=subject, due_at=self.at())
        state = self.draw.choice([EffectState.PLANNED, EffectState.CLAIMED, EffectState.ACCEPTED])
        return self.draw.choice([
            [fact],
            [fact, row],
            [row, fact],
            [Standing(
                subject=subject, version=version, program="p", due_at=self.draw.choice([None, self.at()]),
                dead=self.draw.choice([None, None, None, "poison"]),
            )],
            [Lead(
                id=LeadId(subject), version=version, created_at=NOON, phone="0",
                account=self.draw.choice([None, *ACCOUNTS]),
            )],
            [Effect(
                id=EffectId(name), version=version, subject=subject, enrollment=EnrollmentId("e"), scenario="s",
                step="0", kind=EffectKind.ACTION, name="n", planned_at=self.at(), due_at=self.at(), state=state,
            )],
            [Allowance(id=self.draw.choice("pq"), version=version)],
        ])  # fmt: skip

    def group(self, subject: SubjectId) -> Changes:
        records = [one for _ in range(self.draw.randrange(4)) for one in self.record(subject)]
        folded = [self.draw.choice("0123456789") + subject[-1] for _ in range(self.draw.choice([0, 0, 0, 1, 2]))]
        quiet_until = self.draw.choice([None, None, None, self.at()])
        return Changes(records=tuple(records), folded=tuple(dict.fromkeys(folded)), quiet_until=quiet_until)

    def batch(self) -> dict[SubjectId, Changes]:
        subjects = self.draw.sample(SUBJECTS, self.draw.randrange(1, 5))
        return {subject: self.group(subject) for subject in subjects}


REACHES = [
    Reach(
        kinds={KINDS[0]: Need(window=10 * HOUR), KINDS[1]: Need(newest=2), KINDS[2]: Need(window=30 * HOUR, newest=1)}
    ),
    Reach(kinds={KINDS[0]: Need(newest=0), KINDS[1]: Need()}),
]


def reading(view: View, now: datetime) -> list[object]:
    """Everything that the view says."""
    since = {subject: now for subject in SUBJECTS[:3]} | {SUBJECTS[3]: None}
    return [
        *[view.page(kind, "", 99) for kind in (Lead, Touchpoint, InboxRow, Standing, Effect, Allowance)],
        *[sorted(view.due(now + hours * HOUR, limit)) for hours in (0, 24, 99) for limit in (2, 9)],
        *[{one.id for one in view.claimable(now + hours * HOUR, 9)} for hours in (0, 24, 99)],
        *[view.history(subject, before=now, limit=3) for subject in SUBJECTS],
        *[view.effects_of(subject) for subject in SUBJECTS],
        *[view.about(since, reach) for reach in REACHES],
        view.members_of(ACCOUNTS),
        view.existing(SUBJECTS),
        view.next_due_at(),
    ]


def histories(storage: Storage, seed: int) -> list[object]:
    scribe = Scribe(seed)
    told: list[object] = []
    for number in range(12):
        batches = [scribe.batch() for _ in range(scribe.draw.choice([1, 1, 2]))]
        now, erased = scribe.at(), scribe.draw.choice([None, None, None, None, *SUBJECTS])
        with storage.begin() as unit:
            told += [unit.put(batch) for batch in batches]
            if erased is not None and number > 4:
                unit.erase(erased)
            told.append(unit.now())
        with storage.view() as view:
            told += reading(view, now)
    return told


@pytest.mark.parametrize("seed", range(25))
def test_memory_and_sqlite_answer_alike(tmp_path: Path, seed: int) -> None:
    sql = SqlStorage(f"sqlite:///{tmp_path / 'crm.db'}", clock=lambda: NOON)
    memory = histories(MemoryStorage(clock=lambda: NOON), seed)
    assert histories(MemoryStorage(clock=lambda: NOON, through_codec=True), seed) == memory
    assert histories(sql, seed) == memory
    sql.close()


def test_the_histories_conflict_now_and_then() -> None:
    told = [one for seed in range(25) for one in histories(MemoryStorage(clock=lambda: NOON), seed)]
    left_out = [len(one) for one in told if isinstance(one, frozenset)]
    assert 0.1 < sum(one > 0 for one in left_out) / len(left_out) < 0.9
