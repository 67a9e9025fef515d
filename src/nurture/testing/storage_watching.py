"""The promises of what operators watch, V11 to V14. May import the ports and pytest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

from nurture.model import Effect, EffectState, Lead, Standing, SubjectId
from nurture.ports import Backlog
from nurture.testing.storage_groups import (
    ACME,
    BEN,
    DAY,
    NOON,
    Clock,
    effect,
    fact,
    lead,
    row,
    save,
    standing,
)

if TYPE_CHECKING:
    from nurture.ports import Storage


class WatchingContract:
    """What a view counts and walks. Every test gets a fresh store whose clock stands still at noon."""

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        """A handle on the store under test; within one test every call reaches the same store."""
        raise NotImplementedError("define make_storage(tenant, clock), which returns a handle on the store under test")

    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        """A handle on an empty store."""
        made = self.make_storage("default", lambda: NOON)
        yield made
        made.close()

    def test_v11_backlog_counts_what_waits(self, storage: Storage) -> None:
        """V11: who is due and since when, what is to be sent, in doubt, failing and dead."""
        save(storage, standing(due_at=NOON), fact("1"), row("1", due_at=NOON - DAY), effect("p", due_at=NOON - DAY))
        save(storage, standing(BEN, failures=1), fact("2", BEN), row("2", BEN), subject=BEN)
        save(storage, standing(ACME, dead="poison", due_at=NOON), effect("late", ACME), subject=ACME)
        claimed, unknown = EffectState.CLAIMED, EffectState.UNKNOWN
        save(storage, effect("c", state=claimed, due_at=NOON - 2 * DAY), effect("u", state=unknown, due_at=None))
        with storage.view() as view:
            assert view.backlog(NOON + DAY, 9) == Backlog(
                due=1, due_since=NOON - DAY, outbox=2, outbox_since=NOON - DAY, claimed=1, unknown=1, failing=1, dead=1
            )
            assert view.backlog(NOON - DAY, 9) == Backlog(claimed=1, unknown=1, failing=1, dead=1)

    def test_v11_counts_stop_at_the_asked_number(self, storage: Storage) -> None:
        """V11: and are exact below it, although claimed effects are due before the planned ones."""
        for number in range(4):
            subject = SubjectId(f"lead_{number}")
            waiting = effect(f"p{number}", subject, due_at=NOON + number * DAY)
            claimed = effect(f"c{number}", subject, state=EffectState.CLAIMED, due_at=NOON - DAY)
            unknown = effect(f"u{number}", subject, state=EffectState.UNKNOWN, due_at=None)
            save(storage, standing(subject, due_at=NOON + number * DAY), waiting, claimed, unknown, subject=subject)
            save(storage, standing(SubjectId(f"lead_failing_{number}"), failures=1))
            save(storage, standing(SubjectId(f"lead_dead_{number}"), dead="poison"))
        with storage.view() as view:
            for upto in (2, 3):
                found = view.backlog(NOON + 9 * DAY, upto)
                assert (found.due, found.outbox, found.claimed) == (upto, upto, upto)
                assert (found.unknown, found.failing, found.dead) == (upto, upto, upto)
                assert (found.due_since, found.outbox_since) == (NOON, NOON)
            assert view.backlog(NOON + 2 * DAY, 9).outbox == 2

    @pytest.mark.parametrize("limit", [0, -1])
    def test_v11_to_v13_a_limit_below_one_asks_for_nothing(self, storage: Storage, limit: int) -> None:
        """V11, V12 and V13: no count is ever negative, and no page is read from its end."""
        for number in range(3):
            subject = SubjectId(f"lead_{number}")
            states = [
                effect(f"{one}{number}", subject, state=one) for one in (EffectState.PLANNED, EffectState.CLAIMED)
            ]
            unknown = effect(f"u{number}", subject, state=EffectState.UNKNOWN, due_at=None)
            save(storage, standing(subject, due_at=NOON), *states, unknown, subject=subject)
            save(storage, standing(SubjectId(f"lead_failing_{number}"), failures=1))
            save(storage, standing(SubjectId(f"lead_dead_{number}"), dead="poison"))
        with storage.view() as view:
            found = view.backlog(NOON + DAY, limit)
            assert (found.due, found.outbox, found.claimed, found.unknown, found.failing, found.dead) == (0,) * 6
            assert [view.effects_in(state, "", limit) for state in EffectState] == [()] * len(EffectState)
            assert view.troubled("", limit) == ()

    @pytest.mark.parametrize("state", EffectState)
    def test_v12_effects_in_walks_a_state_by_id(self, storage: Storage, state: EffectState) -> None:
        """V12: each once, and those of no other state."""
        save(storage, *[effect(name, state=state) for name in "cabEDあ"])
        save(storage, *[effect(f"x{other}", state=other) for other in EffectState if other is not state])
        with storage.view() as view:
            found = walked(lambda after: [one.id for one in view.effects_in(state, after, 2)])
            assert view.effects_in(state, "a", 1) == (effect("b", state=state),)
        assert found == ["D", "E", "a", "b", "c", "あ"]

    def test_v13_troubled_walks_the_dead_and_the_failing_by_id(self, storage: Storage) -> None:
        """V13: each once, until it is decided again."""
        names = [SubjectId(f"lead_{letter}") for letter in "caEb"]
        for number, name in enumerate(names):
            save(storage, standing(name, failures=number % 2, dead=None if number % 2 else "poison"), subject=name)
        save(storage, standing(), standing(BEN, failures=1))
        save(storage, standing(BEN, version=2))
        with storage.view() as view:
            found = walked(lambda after: [one.subject for one in view.troubled(after, 3)])
        assert found == ["lead_E", "lead_a", "lead_b", "lead_c"]

    def test_v14_count_says_how_many_follow_an_id(self, storage: Storage) -> None:
        """V14: of this kind, of this tenant, by code point as pages go."""
        names = [SubjectId(f"lead_{letter}") for letter in "cabEDあ"]
        for name in names:
            save(storage, lead(name), standing(name), subject=name)
        save(storage, standing(version=1), standing(version=2))
        save(self.make_storage("other", lambda: NOON), lead(), standing())
        with storage.view() as view:
            assert (view.count(Lead, ""), view.count(Standing, ""), view.count(Effect, "")) == (6, 7, 0)
            ids = sorted(names)
            assert [view.count(Lead, one) for one in ids] == [5, 4, 3, 2, 1, 0]
            assert view.count(Standing, ids[-2]) == 1


def walked(page: Callable[[str], Sequence[str]]) -> list[str]:
    """The ids of page after page; a walk without an end is cut short."""
    found: list[str] = []
    for _ in range(20):
        some = page(found[-1] if found else "")
        if not some:
            break
        found += some
    return found
