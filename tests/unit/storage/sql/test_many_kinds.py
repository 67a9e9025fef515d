"""Facts of many kinds: those of which there is none cost nothing, and the answer is that of the reference."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from nurture.model import Changes, SubjectId, Touchpoint
from nurture.ports import Storage
from nurture.predicates import Need, Reach
from nurture.simulation import VirtualClock
from nurture.storage.sql.view import MANY_KINDS
from nurture.testing.storage_groups import ANN, BEN, fact, lead
from tests.stores import STORES, T0, store_maker

REACH = Reach(
    kinds={
        f"kind.k{number}": Need(None if number % 2 else timedelta(hours=5), 3 if number % 3 else None)
        for number in range(2 * MANY_KINDS)
    }
)


def filled(kind: str, folder: Path) -> Storage:
    """Facts of every fifth kind of the reach, every hour; and of a kind that it does not ask for."""
    storage = store_maker(kind, folder)(VirtualClock(T0))
    facts: dict[SubjectId, list[Touchpoint]] = {ANN: [], BEN: []}
    for number in range(0, 2 * MANY_KINDS, 5):
        for hour in range(10):
            subject, at = (ANN, BEN)[number % 2], T0 + timedelta(hours=hour)
            facts[subject].append(fact(f"{number}_{hour}", subject, at=at, kind=f"kind.k{number}"))
            facts[subject].append(fact(f"{number}_{hour}_other", subject, at=at, kind="unasked.for"))
    with storage.begin() as unit:
        unit.put({one: Changes(records=(lead(one), *some)) for one, some in facts.items()})
    return storage


@pytest.mark.parametrize("kind", [one for one in STORES if one != "memory"])
def test_many_kinds_are_answered_as_in_memory(kind: str, tmp_path: Path) -> None:
    answers = []
    for one in ("memory", kind):
        storage = filled(one, tmp_path)
        with storage.view() as view:
            known = view.about({ANN: T0 + timedelta(hours=9), BEN: T0 + timedelta(hours=7)}, REACH)
        answers.append({subject: _in_reach(found.facts) for subject, found in known.items()})
        storage.close()
    assert answers[0] == answers[1]
    assert all(answers[0].values())


def _in_reach(facts: tuple[Touchpoint, ...]) -> dict[str, list[Touchpoint]]:
    """The facts by kind: of each at least those that the reach asks for, and here the newest three of them."""
    found: dict[str, list[Touchpoint]] = {}
    for one in facts:
        if one.kind in REACH.kinds:
            found.setdefault(one.kind, []).append(one)
    return {name: some[-3:] for name, some in found.items()}
