"""The contract of finding can fail: a double that finds passes, and with one planted fault it is caught."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import cast

import attrs
import pytest

from nurture.model import Account, Lead, SubjectId, SubjectKind
from nurture.ports import Capability, Found, Place, Search, Storage, View
from nurture.predicates import Order
from nurture.runtime.asking import Inquiry, Present
from nurture.runtime.results import Member
from nurture.runtime.selecting import comes_after, in_order
from nurture.storage import MemoryStorage
from nurture.testing import FindingContract
from nurture.testing.storage_finding import ASKED, NOW, PROGRAM
from nurture.testing.storage_groups import Clock


class Finder:
    """A view that finds, by walking over everybody."""

    def __init__(self, inner: View) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def members(self, search: Search, order: Order | None = None) -> list[Member]:
        kind = search.names.subject
        of_accounts = kind is SubjectKind.ACCOUNT
        everybody = self._inner.page(Account, "", 999) if of_accounts else self._inner.page(Lead, "", 999)
        inquiry = Inquiry(PROGRAM, kind, search.where, Present("default", search.now), order.reach if order else None)
        return [
            Member(one, None, None, value=order.value(sight, search.now, search.names) if order else None)
            for one, sight in inquiry.yes(self._inner, {one.id: one for one in everybody}).items()
        ]

    def find(self, search: Search, after: str, limit: int) -> Found:
        ids = [one.subject for one in self.members(search) if one.subject > after]
        return Found(subjects=tuple(ids[: max(0, limit)]))

    def tally(self, search: Search) -> int | None:
        return len(self.members(search))

    def best(self, search: Search, order: Order, after: Place | None, limit: int) -> tuple[SubjectId, ...] | None:
        found = in_order(self.members(search, order), order)
        later = [one.subject for one in found if after is None or comes_after(one, after, order)]
        return tuple(later[: max(0, limit)])


class LosesTheLast(Finder):
    def find(self, search: Search, after: str, limit: int) -> Found:
        found = super().find(search, after, limit)
        return attrs.evolve(found, subjects=found.subjects[:-1]) if len(found.subjects) < limit else found


class ForgetsTheRest(Finder):
    def find(self, search: Search, after: str, limit: int) -> Found:
        return super().find(attrs.evolve(search, where=ASKED["everybody"]), after, limit)


class GivesTooMany(Finder):
    def find(self, search: Search, after: str, limit: int) -> Found:
        return super().find(search, after, limit + 1)


class BeginsAnew(Finder):
    def find(self, search: Search, after: str, limit: int) -> Found:
        return super().find(search, "", limit)


class AsksAboutToday(Finder):
    def find(self, search: Search, after: str, limit: int) -> Found:
        return super().find(attrs.evolve(search, now=NOW), after, limit)


class ReadsFromTheEnd(Finder):
    def find(self, search: Search, after: str, limit: int) -> Found:
        return Found(subjects=tuple([one.subject for one in self.members(search)][:limit]))


class FindsNoAccounts(Finder):
    def members(self, search: Search, order: Order | None = None) -> list[Member]:
        return [] if search.names.subject is SubjectKind.ACCOUNT else super().members(search, order)


class CountsOneMore(Finder):
    def tally(self, search: Search) -> int | None:
        return len(self.members(search)) + 1


class PutsTheMissingFirst(Finder):
    def best(self, search: Search, order: Order, after: Place | None, limit: int) -> tuple[SubjectId, ...] | None:
        found = in_order(self.members(search, order), order)
        found.sort(key=lambda one: one.value is not None)
        later = [one.subject for one in found if after is None or comes_after(one, after, order)]
        return tuple(later[: max(0, limit)])


class TurnsEqualsAround(Finder):
    def best(self, search: Search, order: Order, after: Place | None, limit: int) -> tuple[SubjectId, ...] | None:
        found = in_order(self.members(search, order), attrs.evolve(order, descending=not order.descending))[::-1]
        later = [one.subject for one in found if after is None or comes_after(one, after, order)]
        return tuple(later[: max(0, limit)])


class IgnoresThePlace(Finder):
    def best(self, search: Search, order: Order, after: Place | None, limit: int) -> tuple[SubjectId, ...] | None:
        return super().best(search, order, None, limit)


class SeesNoUnit(Finder):
    def find(self, search: Search, after: str, limit: int) -> Found:
        found = super().find(search, after, limit)
        return attrs.evolve(found, subjects=tuple(one for one in found.subjects if one != "lead_z"))


class FindingStorage:
    """A store in memory whose views find."""

    def __init__(self, inner: MemoryStorage, finder: type[Finder], *, says_so: bool = True) -> None:
        self._inner, self._finder = inner, finder
        self.capabilities = frozenset({Capability.FIND} if says_so else ())

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    @contextmanager
    def view(self) -> Generator[Finder]:
        with self._inner.view() as view:
            yield self._finder(view)

    @contextmanager
    def begin(self) -> Generator[Finder]:
        with self._inner.begin() as unit:
            yield self._finder(unit)


class TestSoundFinder(FindingContract):
    finder: type[Finder] = Finder
    says_so = True
    first: MemoryStorage | None = None

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        self.first = self.first or MemoryStorage(tenant, clock=clock)
        inner = self.first.for_tenant(tenant)
        return cast("Storage", FindingStorage(inner, self.finder, says_so=self.says_so))


CAUGHT: list[tuple[type[Finder], str, tuple[object, ...]]] = [
    (LosesTheLast, "test_f1_find_names_everybody_of_whom_it_holds", ("a whole number",)),
    (ForgetsTheRest, "test_f1_find_names_everybody_of_whom_it_holds", ("lots",)),
    (GivesTooMany, "test_f1_find_names_everybody_of_whom_it_holds", ("everybody",)),
    (BeginsAnew, "test_f1_find_names_everybody_of_whom_it_holds", ("everybody",)),
    (AsksAboutToday, "test_f1_find_is_about_the_instant_that_is_asked", ()),
    (FindsNoAccounts, "test_f1_accounts_are_found_as_leads_are", ()),
    (ReadsFromTheEnd, "test_f1_to_f3_a_limit_below_one_asks_for_nothing", (-1,)),
    (CountsOneMore, "test_f2_tally_counts_them", ()),
    (PutsTheMissingFirst, "test_f3_best_names_the_first_in_an_order", ("whole",)),
    (TurnsEqualsAround, "test_f3_best_names_the_first_in_an_order", ("boolean",)),
    (IgnoresThePlace, "test_f3_best_names_the_first_in_an_order", ("text",)),
    (SeesNoUnit, "test_f1_a_unit_finds_what_it_wrote", ()),
]


@pytest.mark.parametrize(("fault", "test", "given"), CAUGHT, ids=lambda one: getattr(one, "__name__", str(one)))
def test_a_planted_fault_is_caught(fault: type[Finder], test: str, given: tuple[object, ...]) -> None:
    contract = TestSoundFinder()
    contract.finder = fault
    with pytest.raises(AssertionError):
        _run(contract, test, given)


def test_a_store_that_does_not_say_so_is_caught() -> None:
    contract = TestSoundFinder()
    contract.says_so = False
    with pytest.raises(AssertionError):
        _run(contract, "test_f_the_capability_is_declared", ())


def test_every_clause_has_a_fault_that_it_catches() -> None:
    clauses = {name for name in dir(FindingContract) if name.startswith("test_f")}
    assert {test for _, test, _ in CAUGHT} | {"test_f_the_capability_is_declared"} == clauses


def _run(contract: FindingContract, test: str, given: tuple[object, ...]) -> None:
    getattr(contract, test)(contract.filled(), *given)
