"""Static lists: every change is a fact, doing it twice changes nothing, and nothing is written for an unknown id."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture import Nurture, Program, Scenario, Segment, days, q
from nurture.errors import InvalidFactError, NotFoundError, StorageError
from nurture.model import Changes, Fact, LeadId, SubjectId, Touchpoint
from nurture.runtime import Listed, listing
from nurture.steps import tag
from nurture.storage import MemoryStorage
from tests.stores import T0, House
from tests.unit.runtime.audience import STORES, maker

PROGRAM = Program(
    segments=[Segment("invited", q.in_list("spring 2026"))],
    scenarios=[Scenario("invite", q.segment("invited"), [tag("asked")], reentry="always")],
)
SPRING = "spring 2026"


@pytest.fixture(params=STORES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    house = House(PROGRAM, maker(request.param, tmp_path))
    yield house
    house.crm.close()


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "BATCH", 2)
    monkeypatch.setattr(listing, "PAGE", 2)


def leads_of(house: House, count: int = 5) -> list[LeadId]:
    return sorted(house.crm.capture(email=f"{number}@example.com").id for number in range(count))


def changes(house: House, lead: LeadId) -> list[Touchpoint]:
    return [one for one in house.crm.timeline(lead) if one.kind == Fact.LEAD_CHANGED]


def on_it(house: House, name: str = SPRING) -> list[str]:
    return [one.subject for one in house.crm.members(q.in_list(name))]


def test_adding_is_a_fact_with_before_and_after(house: House) -> None:
    leads = leads_of(house)
    assert house.crm.add_to_list(SPRING, leads[:3]) == Listed(SPRING, added=3)
    assert on_it(house) == leads[:3]
    house.crm.add_to_list("a", [leads[0]])
    newest, oldest = changes(house, leads[0])
    assert (oldest.properties["fields"], oldest.properties["after.lists"]) == (("lists",), (SPRING,))
    assert "before.lists" not in oldest.properties
    assert (newest.properties["before.lists"], newest.properties["after.lists"]) == ((SPRING,), ("a", SPRING))
    assert house.crm.lead(leads[0]).lists == ("a", SPRING)
    assert changes(house, leads[4]) == []


def test_doing_it_twice_changes_nothing(house: House) -> None:
    leads = leads_of(house)
    house.crm.add_to_list(SPRING, leads)
    assert house.crm.add_to_list(SPRING, [*leads, leads[0]]) == Listed(SPRING, unchanged=5)
    assert house.crm.remove_from_list(SPRING, leads[:2]) == Listed(SPRING, removed=2)
    assert house.crm.remove_from_list(SPRING, leads[:3]) == Listed(SPRING, removed=1, unchanged=2)
    assert [len(changes(house, one)) for one in leads] == [2, 2, 2, 1, 1]


def test_replacing_changes_only_those_who_differ(house: House) -> None:
    leads = leads_of(house)
    house.crm.add_to_list(SPRING, leads[:3])
    house.crm.add_to_list("other", leads)
    before = [len(changes(house, one)) for one in leads]
    assert house.crm.replace_list(SPRING, leads[2:]) == Listed(SPRING, added=2, removed=2, unchanged=1)
    assert on_it(house) == leads[2:]
    assert [len(changes(house, one)) - had for one, had in zip(leads, before, strict=True)] == [1, 1, 0, 1, 1]
    assert house.crm.replace_list(SPRING, []) == Listed(SPRING, removed=3)
    assert on_it(house) == []
    assert on_it(house, "other") == leads


def test_lists_are_counted_by_name(house: House) -> None:
    leads = leads_of(house)
    assert house.crm.lists() == {}
    house.crm.add_to_list("b", leads)
    house.crm.add_to_list("a", leads[:1])
    assert list(house.crm.lists().items()) == [("a", 1), ("b", 5)]


def test_an_unknown_id_is_refused_before_anything_is_written(house: House) -> None:
    leads = leads_of(house)
    wrong = [LeadId(SubjectId(f"lead_{number}")) for number in range(5)]
    for change in (house.crm.add_to_list, house.crm.replace_list, house.crm.remove_from_list):
        with pytest.raises(NotFoundError, match=r"lead_0, lead_1, lead_2 and 2 more; nothing was changed"):
            change(SPRING, [*leads, *wrong])
    assert house.crm.lists() == {}
    assert [changes(house, one) for one in leads] == [[]] * 5


def test_what_is_no_lead_is_refused(house: House) -> None:
    account = house.crm.capture_account(name="Acme").id
    with pytest.raises(InvalidFactError, match=r"leads\[0\].*an account"):
        house.crm.add_to_list(SPRING, [account])  # type: ignore[list-item]
    with pytest.raises(InvalidFactError, match=r"leads\[1\].*int"):
        house.crm.add_to_list(SPRING, [LeadId(SubjectId("lead_1")), 3])  # type: ignore[list-item]
    with pytest.raises(InvalidFactError, match="leads"):
        house.crm.add_to_list(SPRING, "lead_1")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\x00b", "\ud800", 3, None])
def test_a_name_that_no_list_can_have_is_refused(name: object) -> None:
    house = House(PROGRAM, lambda clock: MemoryStorage(clock=clock))
    with pytest.raises(InvalidFactError, match="list"):
        house.crm.add_to_list(name, leads_of(house, 1))  # type: ignore[arg-type]


def test_a_list_feeds_segments_and_scenarios(house: House) -> None:
    leads = leads_of(house)
    house.tick_at(T0 + days(1))
    house.crm.add_to_list(SPRING, leads[:2])
    house.tick_at(T0 + days(2))
    assert [one.subject for one in house.crm.members("invited")] == leads[:2]
    assert [house.crm.lead(one).tags for one in leads[:3]] == [("asked",), ("asked",), ()]
    assert house.crm.lead(leads[0]).lists == (SPRING,)
    house.crm.remove_from_list(SPRING, leads[:1])
    house.tick_at(T0 + days(3))
    assert [one.subject for one in house.crm.members("invited")] == leads[1:2]
    kinds = [one.kind for one in house.crm.timeline(leads[0])]
    assert kinds.count(Fact.SEGMENT_LEFT) == 1


def test_lists_changed_and_changed_back_before_anybody_decides_are_two_moments(house: House) -> None:
    [lead] = leads_of(house, 1)
    house.tick_at(T0 + days(1))
    house.crm.add_to_list(SPRING, [lead])
    house.crm.remove_from_list(SPRING, [lead])
    house.tick_at(T0 + days(2))
    kinds = [one.kind for one in house.crm.timeline(lead)]
    assert (kinds.count(Fact.SEGMENT_ENTERED), kinds.count(Fact.SEGMENT_LEFT)) == (1, 1)
    assert house.crm.lead(lead).lists == ()


def test_whoever_was_written_meanwhile_is_tried_again_and_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = MemoryStorage(clock=lambda: T0)
    crm = Nurture(PROGRAM, storage)
    told: list[Touchpoint] = []
    watched = Nurture(PROGRAM, storage, observers=[told.append])
    leads = sorted(crm.capture(email=f"{number}@example.com").id for number in range(2))
    unit_type = type(storage.begin())
    real, refused = unit_type.put, [leads[0]]

    def put(self: object, groups: dict[SubjectId, Changes]) -> frozenset[SubjectId]:
        out = frozenset(one for one in groups if one in refused)
        refused.clear()
        return real(self, {one: some for one, some in groups.items() if one not in out}) | out  # type: ignore[arg-type]

    monkeypatch.setattr(unit_type, "put", put)
    assert watched.add_to_list(SPRING, leads) == Listed(SPRING, added=2)
    assert sorted(one.subject for one in told) == leads
    assert [len(crm.timeline(one)) for one in leads] == [2, 2]


def test_leads_that_others_write_all_the_time_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = MemoryStorage(clock=lambda: T0)
    crm = Nurture(PROGRAM, storage)
    lead = crm.capture(email="a@example.com").id
    monkeypatch.setattr(type(storage.begin()), "put", lambda self, groups: frozenset(groups))
    with pytest.raises(StorageError, match="safe"):
        crm.add_to_list(SPRING, [lead])
