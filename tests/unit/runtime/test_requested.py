"""Sending one message by hand: once for a key, through the same gate, refused where it cannot be meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from nurture import Basis, Message, Program, hours
from nurture.errors import ConflictError, InvalidFactError, NotFoundError, UnknownNameError
from nurture.model import Changes, EffectState, Fact, LeadId, Origin, Repeat, SubjectId
from nurture.ports import Storage, Unit
from nurture.runtime.requested import ATTEMPTS, state
from nurture.storage import MemoryStorage
from tests.crash.seams import has_fact
from tests.stores import STORES, T0, House, store_maker

PROGRAM = Program(
    messages=[
        Message("receipt", "transactional", "Order {{ params.no }}", "Order {{ params.no }}"),
        Message("news", "marketing", "News", "News"),
        Message("owner", "internal", "Look", "Look"),
    ]
)


def house(kind: str, folder: Path) -> tuple[House, LeadId]:
    made = House(PROGRAM, store_maker(kind, folder))
    return made, made.crm.capture(email="a@example.com").id


@pytest.mark.parametrize("kind", STORES)
def test_a_message_by_hand_is_sent_once_for_a_key(kind: str, tmp_path: Path) -> None:
    here, lead = house(kind, tmp_path)
    key = here.crm.send(lead, "receipt", params={"no": 1}, key="o-1")
    assert here.crm.send(lead, "receipt", params={"no": 2}, key="o-1") == key
    here.tick_at(T0 + hours(1))
    assert here.crm.send(lead, "receipt", params={"no": 3}, key="o-1") == key
    here.tick_at(T0 + hours(2))
    (effect,) = here.crm.effects(lead)
    assert (effect.id, effect.state, effect.params) == (key, EffectState.ACCEPTED, {"no": 1})
    assert [fact.kind for fact in here.crm.timeline(lead)].count(Fact.EMAIL_SENT) == 1


def test_each_key_and_each_message_is_another_one(tmp_path: Path) -> None:
    here, lead = house("memory", tmp_path)
    keys = [here.crm.send(lead, "receipt", key="o-1"), here.crm.send(lead, "receipt", key="o-2")]
    keys += [here.crm.send(lead, "news", key="o-1"), here.crm.send(lead, "receipt"), here.crm.send(lead, "receipt")]
    assert len(set(keys)) == 5
    here.tick_at(T0 + hours(1))
    assert {one.id for one in here.crm.effects(lead)} == set(keys)


def test_the_gate_decides_as_ever(tmp_path: Path) -> None:
    here, lead = house("memory", tmp_path)
    here.crm.send(lead, "news")
    here.tick_at(T0 + hours(1))
    (effect,) = here.crm.effects(lead)
    assert (effect.state, effect.reason) == (EffectState.WITHHELD, "no_consent")


def test_the_request_says_how_it_is_repeated_and_who_asked(tmp_path: Path) -> None:
    here, lead = house("memory", tmp_path)
    here.crm.send(lead, "receipt", repeat="at_least_once")
    (fact,) = [one for one in here.crm.timeline(lead) if one.kind == Fact.MESSAGE_REQUESTED]
    assert fact.origin is Origin.HOST
    here.tick_at(T0 + hours(1))
    assert here.crm.effects(lead)[0].repeat is Repeat.AT_LEAST_ONCE


def test_what_cannot_be_meant_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    here, lead = house("memory", tmp_path)
    firm = here.crm.capture_account(name="Mihon").id
    with pytest.raises(UnknownNameError, match="did you mean 'receipt'"):
        here.crm.send(lead, "reciept")
    with pytest.raises(InvalidFactError, match="internal"):
        here.crm.send(lead, "owner")
    with pytest.raises(InvalidFactError, match="an account"):
        here.crm.send(firm, "receipt")  # type: ignore[arg-type]
    with pytest.raises(InvalidFactError, match=r"send\.repeat"):
        here.crm.send(lead, "receipt", repeat="often")
    with pytest.raises(InvalidFactError, match=r"send\.params"):
        here.crm.send(lead, "receipt", params={"no": object()})  # type: ignore[dict-item]
    with pytest.raises(NotFoundError, match="lead_none"):
        here.crm.send(LeadId(SubjectId("lead_none")), "receipt")
    assert [one.kind for one in here.crm.timeline(lead)] == [Fact.LEAD_CREATED]


def test_a_request_cannot_be_forged(tmp_path: Path) -> None:
    here, lead = house("memory", tmp_path)
    with pytest.raises(InvalidFactError, match="written by the library alone"):
        here.crm.record(lead, "message.requested", {"message": "receipt"})


def test_observers_hear_each_fact_once(tmp_path: Path) -> None:
    heard: list[str] = []
    made = House(PROGRAM, store_maker("memory", tmp_path), observers=[lambda fact: heard.append(fact.kind)])
    lead = made.crm.capture(email="a@example.com", consent=Basis.CONSENT).id
    for _ in range(3):
        made.crm.send(lead, "receipt", key="1")
    assert heard.count(Fact.MESSAGE_REQUESTED) == 1


class LeavingOut:
    """A store whose units leave out the first groups that state a fact, as when their subject is written by others."""

    def __init__(self, inner: Storage, times: int) -> None:
        self._inner, self.left = inner, times

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    @contextmanager
    def begin(self) -> Iterator[Unit]:
        with self._inner.begin() as unit:
            yield _Leaving(unit, self)  # type: ignore[misc]  # it hands on whatever it does not have


class _Leaving:
    def __init__(self, inner: Unit, store: LeavingOut) -> None:
        self._inner, self._store = inner, store

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def put(self, groups: Mapping[SubjectId, Changes]) -> frozenset[SubjectId]:
        if not has_fact("a.told")(groups) or not self._store.left:
            return self._inner.put(groups)
        self._store.left -= 1
        first = min(groups)
        rest = {one: changes for one, changes in groups.items() if one != first}
        return self._inner.put(rest) | {first} if rest else frozenset({first})


def test_whoever_is_left_out_is_told_by_another_unit(tmp_path: Path) -> None:
    heard: list[str] = []
    store = LeavingOut(MemoryStorage(through_codec=True), 3)
    made = House(PROGRAM, lambda _: store, observers=[lambda fact: heard.append(fact.id)])  # type: ignore[arg-type, return-value]
    leads = [made.crm.capture(email=f"a{number}@example.com").id for number in range(2)]
    heard.clear()
    assert state(made.crm._host, leads, "a.told", {}, key="1") == 2
    assert store.left == 0
    assert len(set(heard)) == len(heard) == 2
    assert all(made.crm.timeline(one)[0].kind == "a.told" for one in leads)


def test_whoever_is_left_out_for_ever_is_a_conflict(tmp_path: Path) -> None:
    store = LeavingOut(MemoryStorage(), ATTEMPTS)
    made = House(PROGRAM, lambda _: store)  # type: ignore[arg-type, return-value]
    lead = made.crm.capture(email="a@example.com").id
    with pytest.raises(ConflictError, match="doing it again is safe"):
        state(made.crm._host, [lead], "a.told", {}, key="1")
    assert state(made.crm._host, [lead], "a.told", {}, key="1") == 1
