"""The promises of reading, V1 to V10. May import the ports and pytest."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from nurture.model import (
    Account,
    AccountId,
    Allowance,
    Effect,
    EffectState,
    Lead,
    Record,
    SubjectId,
)
from nurture.predicates import Need, Reach
from nurture.testing.records import SAMPLES
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
)
from nurture.testing.storage_watching import WatchingContract, walked

if TYPE_CHECKING:
    from nurture.ports import Storage


class ReadingContract(WatchingContract):
    """What a view answers to those who decide and send, besides what operators watch."""

    @pytest.mark.parametrize("record", SAMPLES, ids=lambda one: type(one).__name__)
    def test_v1_get_finds_what_was_put(self, storage: Storage, record: Record) -> None:
        """V1, for every kind of record with every field filled."""
        assert save(storage, record)
        with storage.view() as view:
            found = view.get(cast("type[Lead]", type(record)), [record.id, "absent"])
        assert cast("object", found) == {record.id: record}
        assert type(found[record.id]) is type(record)
        assert hash(found[record.id]) == hash(record)

    def test_v2_due_names_each_due_subject_once(self, storage: Storage) -> None:
        """V2: each once, by standing or row, earliest first, strictly before, at most so many."""
        early, late = NOON - 2 * DAY, NOON - DAY
        save(storage, standing(due_at=late), fact("1"), row("1", due_at=early), fact("2"), row("2", due_at=late))
        save(storage, standing(BEN, due_at=late), subject=BEN)
        save(storage, standing(ACME, due_at=NOON), subject=ACME)
        with storage.view() as view:
            assert view.due(NOON, 10) == (ANN, BEN)
            assert view.due(NOON, 1) == (ANN,)
            assert view.due(early, 10) == ()
            assert view.due(NOON + DAY, 10) == (ANN, BEN, ACME)

    def test_v2_a_subject_with_many_rows_hides_nobody(self, storage: Storage) -> None:
        """V2: `limit` counts subjects, not rows."""
        for number in range(9):
            save(storage, fact(f"{number}"), row(f"{number}"))
        save(storage, fact("x", BEN), row("x", BEN, due_at=NOON + DAY), subject=BEN)
        with storage.view() as view:
            assert view.due(NOON + 2 * DAY, 2) == (ANN, BEN)

    @pytest.mark.parametrize("row_at", [NOON - DAY, NOON + DAY], ids=["due", "not due"])
    def test_v2_the_earlier_of_standing_and_row_counts(self, storage: Storage, row_at: datetime) -> None:
        """V2: a fact that waits puts off nothing that is due before it."""
        save(storage, standing(due_at=NOON - 3 * DAY), fact("1"), row("1", due_at=row_at))
        save(storage, standing(BEN, due_at=NOON - 2 * DAY), subject=BEN)
        with storage.view() as view:
            assert view.due(NOON, 10) == (ANN, BEN)
            assert view.due(NOON - 2 * DAY, 10) == (ANN,)
            assert view.next_due_at() == view.backlog(NOON, 9).due_since == NOON - 3 * DAY

    @pytest.mark.parametrize("limit", [0, -1])
    def test_v2_to_v9_a_limit_below_one_asks_for_nothing(self, storage: Storage, limit: int) -> None:
        """V2, V3, V5, V6 and V9: also one that a sum of the caller's made negative."""
        for name in "123":
            waiting = (fact(name), row(name, due_at=NOON - DAY), effect(name, due_at=NOON - DAY), decision(name))
            save(storage, *waiting)
        save(storage, standing(BEN, due_at=NOON - DAY), subject=BEN)
        with storage.view() as view:
            assert (view.due(NOON, limit), view.claimable(NOON, limit), view.page(Effect, "", limit)) == ((), (), ())
            assert (view.history(ANN, limit=limit), view.decisions_of(ANN, limit=limit)) == ((), ())

    def test_v2_dead_standings_are_left_out(self, storage: Storage) -> None:
        """V2: what failed for good is not due, not even by new facts."""
        save(storage, standing(due_at=NOON, dead="poison"), fact("1"), row("1"))
        with storage.view() as view:
            assert view.due(NOON + DAY, 10) == ()

    def test_v2_failing_standings_are_due_by_their_own_instant(self, storage: Storage) -> None:
        """V2: what could not be decided is tried again when its standing says so, whatever comes in meanwhile."""
        save(storage, standing(due_at=NOON, failures=1), fact("1"), row("1", due_at=NOON - DAY))
        save(storage, standing(BEN, failures=2), fact("2", BEN), row("2", BEN), subject=BEN)
        with storage.view() as view:
            assert view.due(NOON, 10) == ()
            assert view.due(NOON + DAY, 10) == (ANN,)
        save(storage, standing(version=2), standing(BEN, version=2))
        with storage.view() as view:
            assert view.due(NOON + DAY, 10) == (ANN, BEN)

    def test_v2_what_was_decided_is_due_no_more(self, storage: Storage) -> None:
        """V2: `due` follows the standing as it moves on."""
        save(storage, standing(due_at=NOON), fact("1"), row("1"))
        save(storage, standing(version=2, due_at=NOON + DAY), folded=["1"])
        with storage.view() as view:
            assert view.due(NOON + DAY, 10) == ()
            assert view.due(NOON + 2 * DAY, 10) == (ANN,)

    def test_v3_claimable_gives_open_effects_that_are_due(self, storage: Storage) -> None:
        """V3: earliest first, strictly before, at most so many; settled ones are left out."""
        late, early = effect("late", due_at=NOON - DAY), effect("early", due_at=NOON - 2 * DAY)
        claimed = effect("claimed", due_at=NOON - 3 * DAY, state=EffectState.CLAIMED)
        settled = effect("settled", due_at=None, state=EffectState.ACCEPTED)
        save(storage, late, early, claimed, settled, effect("next", due_at=NOON))
        with storage.view() as view:
            assert view.claimable(NOON, 10) == (claimed, early, late)
            assert view.claimable(NOON, 1) == (claimed,)

    def test_v4_about_gives_decided_facts_in_reach(self, storage: Storage) -> None:
        """V4: all in the window (it is open at its beginning), oldest first, of the kinds asked for."""
        inside = [fact(name, at=NOON - 2 * DAY) for name in ("a", "b")]
        edge, other = fact("edge", at=NOON - 3 * DAY + timedelta(microseconds=1)), fact("o", kind="form.submitted")
        save(storage, *inside, edge, other)
        with storage.view() as view:
            known = view.about({ANN: NOON, BEN: NOON}, WINDOW)
        assert [one for one in known[ANN].facts if one.kind == "page.viewed"] == [edge, *inside]
        assert known[BEN].facts == ()

    def test_v4_about_looks_back_from_each_subjects_own_instant(self, storage: Storage) -> None:
        """V4: a subject that was decided long ago needs older facts."""
        old = fact("old", at=NOON - 9 * DAY)
        save(storage, old)
        with storage.view() as view:
            assert view.about({BEN: NOON, ANN: NOON - 8 * DAY}, WINDOW)[ANN].facts == (old,)

    def test_v4_about_gives_the_newest_decided_facts(self, storage: Storage) -> None:
        """V4: where the newest n suffice they are there, though newer ones still wait."""
        for number in range(4):
            save(storage, fact(f"{number}", at=NOON - number * DAY))
        save(storage, fact("w", at=NOON + DAY), row("w", due_at=NOON + DAY))
        reach = Reach(kinds={"page.viewed": Need(newest=2)})
        with storage.view() as view:
            assert [one.id for one in view.about({ANN: NOON}, reach)[ANN].facts][-2:] == ["1", "0"]

    def test_v4_about_orders_facts_across_kinds(self, storage: Storage) -> None:
        """V4: oldest first by `(at, id)`, whatever their kind and the order in which they came."""
        given = [("d", 1, "page.viewed"), ("b", 2, "form.submitted"), ("c", 2, "page.viewed"), ("a", 1, "page.viewed"),
                 ("e", 3, "page.viewed"), ("f", 1, "form.submitted")]  # fmt: skip
        save(storage, *[fact(name, at=NOON - ago * DAY / 2, kind=kind) for name, ago, kind in given])
        reach = Reach(kinds={"page.viewed": Need(window=3 * DAY), "form.submitted": Need(window=9 * DAY)})
        with storage.view() as view:
            assert "".join(one.id for one in view.about({ANN: NOON}, reach)[ANN].facts) == "ebcadf"

    def test_v4_about_orders_rows_and_effects(self, storage: Storage) -> None:
        """V4: rows by `(due_at, id)`, open effects by `(planned_at, id)`, in whatever order they came."""
        for name, late in (("c", 0), ("a", 1), ("d", 1), ("b", 0)):
            at = NOON + late * DAY
            save(storage, fact(name, at=NOON - late * DAY), row(name, due_at=at), effect(name, planned_at=at))
        with storage.view() as view:
            known = view.about({ANN: NOON}, WINDOW)[ANN]
        assert "".join(one.fact.id for one in known.inbox) == "bcad"
        assert "".join(one.id for one in known.effects) == "bcad"

    def test_v4_about_gives_facts_of_any_kind(self, storage: Storage) -> None:
        """V4: a clause may name no kind; a kind that is named besides keeps its own, wider window."""
        old, new = fact("old", at=NOON - 5 * DAY, kind="form.submitted"), fact("new", at=NOON - DAY / 2)
        save(storage, old, new)
        reach = Reach(kinds={"form.submitted": Need(window=9 * DAY)}, any_kind=Need(window=DAY))
        with storage.view() as view:
            assert view.about({ANN: NOON}, reach)[ANN].facts == (old, new)

    def test_v4_about_gives_every_inbox_row_and_open_effect(self, storage: Storage) -> None:
        """V4: rows with their facts, due or not, by when they are due; and no waiting fact counts as decided."""
        first, second, opened = fact("1"), fact("2", at=NOON + DAY), effect("open")
        save(storage, second, row("2", due_at=NOON + DAY), first, row("1"), opened)
        save(storage, effect("done", due_at=None, state=EffectState.CANCELLED))
        with storage.view() as view:
            known = view.about({ANN: None}, WINDOW)[ANN]
        assert [(one.due_at, one.fact) for one in known.inbox] == [(NOON, first), (NOON + DAY, second)]
        assert (known.facts, known.effects) == ((), (opened,))

    def test_v5_history_gives_facts_newest_first(self, storage: Storage) -> None:
        """V5: seen or not, strictly before an instant, at most so many."""
        one, two, three = fact("b"), fact("a"), fact("c", at=NOON - DAY, kind="form.submitted")
        save(storage, one, two, three, row("c"))
        with storage.view() as view:
            assert view.history(ANN) == (one, two, three)
            assert view.history(ANN, limit=2) == (one, two)
            assert view.history(ANN, before=NOON) == (three,)
            assert view.history(ANN, before=NOON, before_id="b") == (two, three)
            assert view.history(BEN) == ()

    def test_v6_page_walks_all_records_by_id(self, storage: Storage) -> None:
        """V6: in the order of ids, each once."""
        names = [f"{number:02}" for number in range(7)]
        save(storage, *[Allowance(id=name) for name in reversed(names)])
        with storage.view() as view:
            found = walked(lambda after: [one.id for one in view.page(Allowance, after, 3)])
            assert len(view.page(Allowance, "", 3)) == 3
        assert found == names

    def test_v7_members_of_follows_the_projections(self, storage: Storage) -> None:
        """V7: a lead that moves is a member of the new account alone."""
        save(storage, lead(account=ACME))
        save(storage, lead(BEN, account="acct_old"), subject=BEN)
        save(storage, lead(BEN, account=ACME, version=2), subject=BEN)
        with storage.view() as view:
            members = view.members_of([ACME, AccountId(SubjectId("acct_old"))])
        assert members == {ACME: {ANN, BEN}, "acct_old": frozenset()}

    def test_v8_next_due_at_is_the_earliest(self, storage: Storage) -> None:
        """V8: of standings, rows and effects, without the dead."""
        with storage.view() as view:
            assert view.next_due_at() is None
        save(storage, standing(ACME, due_at=NOON - 9 * DAY, dead="poison"), subject=ACME)
        for due, record in ((9, standing(due_at=NOON + 9 * DAY)), (8, effect("e", due_at=NOON + 8 * DAY))):
            save(storage, record)
            with storage.view() as view:
                assert view.next_due_at() == NOON + due * DAY
        save(storage, fact("1"), row("1", due_at=NOON + 7 * DAY))
        with storage.view() as view:
            assert view.next_due_at() == NOON + 7 * DAY

    def test_v9_effects_and_decisions_of_a_subject(self, storage: Storage) -> None:
        """V9: newest first, settled ones too."""
        old = effect("old", due_at=None, state=EffectState.ACCEPTED, planned_at=NOON - DAY)
        decisions = [decision(f"{number}", NOON + number * DAY) for number in range(3)]
        save(storage, old, effect("new"), *decisions)
        with storage.view() as view:
            assert view.effects_of(ANN) == (effect("new"), old)
            assert view.decisions_of(ANN, limit=2) == (decisions[2], decisions[1])
            assert (view.effects_of(BEN), view.decisions_of(BEN)) == ((), ())

    def test_v10_existing_names_leads_and_accounts(self, storage: Storage) -> None:
        """V10: a standing alone stands for nobody."""
        save(storage, lead(), standing(BEN))
        save(storage, Account(id=ACME, created_at=NOON, name="Acme"), subject=ACME)
        with storage.view() as view:
            assert view.existing([ANN, BEN, ACME]) == {ANN, ACME}
