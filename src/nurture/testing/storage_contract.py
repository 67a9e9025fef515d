"""What every store must do: one test for each numbered promise of `nurture.ports`.

An adapter's author subclasses `StorageContract`, says how a store is made, and runs pytest:

    class TestMyStorage(StorageContract):
        def make_storage(self, tenant: str, clock: Clock) -> Storage:
            return MyStorage(tenant, clock=clock)

May import the ports and pytest. Nothing here sleeps, reads a clock or looks at private attributes.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import attrs
import pytest

from nurture.model import (
    Alias,
    Allowance,
    Changes,
    DecisionRecord,
    Definition,
    Effect,
    InboxRow,
    Lead,
    LeadId,
    Standing,
    Touchpoint,
)
from nurture.testing.records import SAMPLES
from nurture.testing.storage_folding import FoldingContract
from nurture.testing.storage_groups import (
    ACME,
    ANN,
    BEN,
    DAY,
    NOON,
    WINDOW,
    decision,
    effect,
    fact,
    lead,
    row,
    save,
    standing,
    with_fields,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nurture.ports import Storage


class StopError(Exception):
    """Raised inside a unit to see that nothing of it stays."""


class StorageContract(FoldingContract):
    """The core profile: what views answer, what units write, what the store itself promises."""

    # --- writing ------------------------------------------------------------------------------------------------

    def test_u1_a_unit_is_seen_after_its_end(self, storage: Storage) -> None:
        """U1: from then on by every view; meanwhile by the unit itself."""
        with storage.begin() as unit:
            write(unit, ANN, lead())
            assert unit.existing([ANN]) == {ANN}
        with storage.view() as view:
            assert view.existing([ANN]) == {ANN}

    def test_u1_nobody_sees_half_a_unit(self, storage: Storage) -> None:
        """U1: another thread that looks meanwhile sees nothing yet, or waits for the end."""
        with ThreadPoolExecutor(1) as pool:
            with storage.begin() as unit:
                write(unit, ANN, lead())
                looking = pool.submit(_how_many, storage)
                write(unit, BEN, lead(BEN))
            assert looking.result(timeout=60) in (0, 2)

    def test_u2_an_error_leaves_everything_as_it_was(self, storage: Storage) -> None:
        """U2: puts, folds and erasures alike."""
        save(storage, lead(), standing(due_at=NOON), fact("1"), row("1"), effect("e"))
        before = _everything(storage)
        with pytest.raises(StopError):
            _stop_halfway(storage)
        assert _everything(storage) == before

    @pytest.mark.parametrize(("stored", "written"), [(0, 2), (0, 0), (1, 1), (1, 3), (2, 1)])
    def test_u3_a_version_must_follow_the_stored_one(self, storage: Storage, stored: int, written: int) -> None:
        """U3: anything else is a conflict, and changes nothing."""
        for version in range(1, stored + 1):
            assert save(storage, standing(version=version, stage="kept"))
        assert not save(storage, standing(version=written, stage="new"))
        with storage.view() as view:
            found = view.get(Standing, [ANN])
        assert found == ({ANN: standing(version=stored, stage="kept")} if stored else {})

    def test_u3_versions_are_compared_group_by_group(self, storage: Storage) -> None:
        """U3: of two groups of one batch that write the same record, the second conflicts."""
        save(storage, Allowance(id="cap"))
        change = Changes(records=(Allowance(id="cap", version=2),))
        with storage.begin() as unit:
            assert unit.put({ANN: change, BEN: change}) == {BEN}
            assert unit.put({BEN: Changes(records=(Allowance(id="cap", version=3),))}) == frozenset()

    def test_u3_a_record_may_come_twice_in_a_group(self, storage: Storage) -> None:
        """U3: in the order given, each version following the one before; else the whole group conflicts."""
        assert save(storage, standing(stage="a"), lead(), standing(version=2, stage="b"))
        assert not save(storage, standing(version=3), lead(version=2), standing(version=3))
        assert not save(storage, standing(version=3), standing(version=5))
        assert save(storage, standing(version=3, stage="c"), standing(version=4, stage="d", due_at=NOON))
        with storage.view() as view:
            assert view.get(Standing, [ANN])[ANN] == standing(version=4, stage="d", due_at=NOON)
            assert view.get(Lead, [ANN])[LeadId(ANN)].version == 1
            assert view.due(NOON + DAY, 9) == (ANN,)

    def test_u4_of_two_in_one_group_the_first_wins(self, storage: Storage) -> None:
        """U4: a fact that comes twice at once is one fact, waits once, and is found once."""
        again = attrs.evolve(fact("1"), campaign="other")
        assert save(
            storage, fact("1"), row("1"), again, row("1", due_at=NOON - DAY), decision("d"), decision("d", NOON)
        )
        with storage.view() as view:
            assert (view.history(ANN), view.decisions_of(ANN)) == ((fact("1"),), (decision("d"),))
            assert [one.due_at for one in view.about({ANN: NOON}, WINDOW)[ANN].inbox] == [NOON]
            assert view.due(NOON, 9) == ()

    def test_u4_the_first_put_of_an_immutable_record_wins(self, storage: Storage) -> None:
        """U4: the second is no error and changes nothing."""
        first, again = fact("1"), attrs.evolve(fact("1"), kind="form.submitted")
        assert save(storage, first, Definition(id="d", what="program", body="1"))
        assert save(storage, again, Definition(id="d", what="program", body="2"), fact("2"))
        with storage.view() as view:
            assert view.get(Touchpoint, ["1", "2"]) == {"1": first, "2": fact("2")}
            assert view.get(Definition, ["d"])["d"].body == "1"

    def test_u5_a_group_is_written_whole_or_not_at_all(self, storage: Storage) -> None:
        """U5: a conflict of one record leaves out its group and no other."""
        bad = Changes(records=(fact("1"), row("1"), lead(), standing(version=7), effect("e")))
        good = Changes(records=(lead(BEN), standing(BEN)))
        with storage.begin() as unit:
            assert unit.put({ANN: bad, BEN: good}) == {ANN}
        with storage.view() as view:
            assert view.existing([ANN, BEN]) == {BEN}
            assert (view.history(ANN), view.effects_of(ANN), view.due(NOON + DAY, 9)) == ((), (), ())

    def test_u8_now_is_later_than_every_committed_unit(self, storage: Storage) -> None:
        """U8: though the clock stands still; and the same at every call."""
        instants: list[datetime] = []
        for number in range(3):
            with storage.begin() as unit:
                instants.append(unit.now())
                assert unit.now() == instants[-1]
                write(unit, ANN, fact(f"{number}"))
        assert instants == sorted(set(instants))
        with self.make_storage("default", lambda: NOON).begin() as unit:
            assert unit.now() > instants[-1]

    def test_u9_erase_removes_all_but_allowances(self, storage: Storage) -> None:
        """U9: nothing of the subject is found in any way; others stay."""
        save(storage, *[with_fields(one, {"subject": ANN}) if hasattr(one, "subject") else one for one in SAMPLES])
        save(storage, lead(account=ACME), standing(due_at=NOON), effect("e"), fact("f"), row("f"), decision("d"))
        save(storage, lead(BEN), Alias(id="alias_ben", subject=BEN), subject=BEN)
        with storage.begin() as unit:
            unit.erase(ANN)
        with storage.view() as view:
            assert (view.history(ANN), view.effects_of(ANN), view.decisions_of(ANN)) == ((), (), ())
            assert (view.due(NOON + DAY, 9), view.claimable(NOON + DAY, 9)) == ((), ())
            assert view.members_of([ACME]) == {ACME: frozenset()}
            assert view.existing([ANN, BEN]) == {BEN}
            assert len(view.page(Allowance, "", 9)) == 1
            for kind in (Touchpoint, InboxRow, Standing, Effect, DecisionRecord, Alias):
                owned = cast("Sequence[Touchpoint]", view.page(cast("type[Touchpoint]", kind), "", 99))
                assert [one.id for one in owned if one.subject == ANN] == []
            assert view.get(Alias, ["alias_sample", "alias_ben"]).keys() == {"alias_ben"}

    # --- the store ------------------------------------------------------------------------------------------------

    def test_s1_now_increases_strictly(self, storage: Storage) -> None:
        """S1: though the clock stands still; and it is aware UTC."""
        instants = [storage.now() for _ in range(3)]
        with storage.begin() as unit:
            write(unit, ANN, fact("1"))
            instants.append(unit.now())
        instants.append(storage.now())
        assert instants == sorted(set(instants))
        assert {one.tzinfo for one in instants} == {UTC}
        assert self.make_storage("default", lambda: NOON - DAY).now() >= instants[-2]

    def test_s2_tenants_never_see_each_other(self, storage: Storage) -> None:
        """S2: the same ids may mean different things, and erasing one leaves the other."""
        other = self.make_storage("other", lambda: NOON)
        for one, company in ((storage, "here"), (other, "there")):
            assert save(one, lead(company=company), standing(due_at=NOON), fact("1"), row("1"), effect("e"))
        with other.begin() as unit:
            unit.erase(ANN)
        with storage.view() as mine, other.view() as theirs:
            assert mine.get(Lead, [ANN])[LeadId(ANN)].company == "here"
            assert (mine.due(NOON + DAY, 9), len(mine.claimable(NOON + DAY, 9))) == ((ANN,), 1)
            assert (theirs.existing([ANN]), theirs.history(ANN), theirs.page(Touchpoint, "", 9)) == (
                frozenset(),
                (),
                (),
            )

    def test_s3_each_unit_is_as_if_alone(self, storage: Storage) -> None:
        """S3: eight threads that count together lose no count; one that conflicts counts again."""
        save(storage, Allowance(id="count"))

        def count(_: int) -> None:
            counted = False
            while not counted:
                with storage.begin() as unit:
                    seen = unit.get(Allowance, ["count"])["count"]
                    counted = write(unit, ANN, attrs.evolve(seen, version=seen.version + 1))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(count, range(40)))
        with storage.view() as view:
            assert view.get(Allowance, ["count"])["count"].version == 41


def _stop_halfway(storage: Storage) -> None:
    with storage.begin() as unit:
        assert write(unit, ANN, standing(version=2), lead(version=2, account=ACME), decision("d"), folded=["1"])
        unit.erase(ANN)
        assert write(unit, BEN, lead(BEN), effect("f", BEN))
        raise StopError


def _how_many(storage: Storage) -> int:
    with storage.view() as view:
        return len(view.existing([ANN, BEN]))


def _everything(storage: Storage) -> list[tuple[object, ...]]:
    kinds = cast("list[type[Lead]]", list(dict.fromkeys(type(one) for one in SAMPLES)))
    with storage.view() as view:
        ways = (view.due(NOON + DAY, 9), view.claimable(NOON + DAY, 9), view.members_of([ACME]), view.next_due_at())
        return [*[view.page(kind, "", 99) for kind in kinds], ways, (view.about({ANN: None, BEN: None}, WINDOW),)]
