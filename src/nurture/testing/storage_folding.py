"""The promises that keep facts from being passed over or counted twice: U6, U7, U10 and U11.

May import the ports and pytest.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from nurture.model import Changes, InboxRow, Standing
from nurture.testing.storage_groups import (
    ANN,
    BEN,
    DAY,
    NOON,
    decision,
    fact,
    row,
    save,
    standing,
)
from nurture.testing.storage_reading import ReadingContract

if TYPE_CHECKING:
    from nurture.ports import Storage


class FoldingContract(ReadingContract):
    """What a unit does about inbox rows: those that it folds, those that wait, and those that it brings."""

    def test_u6_folding_a_row_that_is_gone_conflicts(self, storage: Storage) -> None:
        """U6: another decider was quicker."""
        save(storage, fact("1"), row("1"))
        assert save(storage, standing(), folded=["1"])
        assert not save(storage, standing(version=2), folded=["1"])
        with storage.view() as view:
            assert view.get(Standing, [ANN])[ANN].version == 1
            assert view.get(InboxRow, ["1"]) == {}

    @pytest.mark.parametrize("folded", [("1", "2"), ("2", "1"), ("2", "absent")])
    def test_u6_folding_some_rows_that_are_gone_conflicts(self, storage: Storage, folded: tuple[str, ...]) -> None:
        """U6: one that is gone is enough; those that are there go on waiting."""
        save(storage, fact("1"), row("1"), fact("2"), row("2"))
        assert save(storage, standing(), folded=["1"])
        assert not save(storage, standing(version=2), decision("d"), folded=folded)
        with storage.view() as view:
            assert view.get(InboxRow, ["1", "2"]) == {"2": row("2")}
            assert (view.get(Standing, [ANN])[ANN].version, view.decisions_of(ANN)) == (1, ())

    @pytest.mark.parametrize(("quiet_until", "folded", "written"), [
        (NOON, (), False), (NOON, ("1",), True), (NOON - timedelta(microseconds=1), (), True), (None, (), True),
    ])  # fmt: skip
    def test_u7_an_unfolded_row_due_by_then_conflicts(
        self, storage: Storage, quiet_until: datetime | None, folded: tuple[str, ...], written: bool
    ) -> None:
        """U7: a fact that came while the subject was being decided is decided, not passed over."""
        save(storage, fact("1"), row("1"))
        save(storage, fact("b", BEN), row("b", BEN), subject=BEN)
        changes = Changes(records=(standing(),), folded=folded, quiet_until=quiet_until)
        with storage.begin() as unit:
            assert (ANN not in unit.put({ANN: changes})) is written

    def test_u10_a_row_of_a_known_fact_brings_nothing(self, storage: Storage) -> None:
        """U10: neither while it waits, nor after it was decided."""
        for _ in range(2):
            assert save(storage, row("1"), fact("1"))
        assert save(storage, standing(), folded=["1"])
        assert save(storage, fact("1"), row("1"))
        assert save(storage, row("1"))
        with storage.view() as view:
            assert view.get(InboxRow, ["1"]) == {}
            assert view.due(NOON + DAY, 9) == ()

    @pytest.mark.parametrize(("due_at", "written"), [(NOON, False), (NOON - DAY, False), (NOON + DAY, True)])
    def test_u11_a_row_that_is_due_before_what_was_decided_conflicts(
        self, storage: Storage, due_at: datetime, written: bool
    ) -> None:
        """U11: by the instant up to which *its* subject was decided; others are written."""
        save(storage, standing(advanced_to=NOON), standing(BEN))
        late = Changes(records=(fact("1"), row("1", due_at=due_at), decision("d")))
        other = Changes(records=(fact("2", BEN), row("2", BEN, due_at=due_at)))
        with storage.begin() as unit:
            assert (ANN not in unit.put({ANN: late, BEN: other})) is written
        with storage.view() as view:
            assert (len(view.history(ANN)), len(view.decisions_of(ANN))) == (written, written)
            assert len(view.history(BEN)) == 1

    def test_u11_a_late_row_about_somebody_else_conflicts(self, storage: Storage) -> None:
        """U11: the row's own subject counts, not the group's."""
        save(storage, standing(BEN, advanced_to=NOON), subject=BEN)
        assert not save(storage, fact("1", BEN), row("1", BEN), standing())
        assert save(storage, fact("1", BEN), row("1", BEN, due_at=NOON + DAY), standing())

    def test_u11_a_row_of_a_known_fact_is_never_late(self, storage: Storage) -> None:
        """U11: recording again what was decided long ago stays harmless (U10)."""
        save(storage, fact("1"), row("1"))
        save(storage, standing(advanced_to=NOON), folded=["1"])
        assert save(storage, fact("1"), row("1"))
