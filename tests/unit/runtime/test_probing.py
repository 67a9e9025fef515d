"""A probe hears what is done; without one nothing is spent, and its own failures stop nobody."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import pytest

from nurture import Basis, minutes
from nurture.errors import StorageError
from nurture.runtime import Probe
from nurture.storage import MemoryStorage
from nurture.testing import FakeSender
from tests.stores import T0, House
from tests.unit.cli.apps import PROGRAM


class Listener:
    """Writes down what it hears, in order."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.counts: dict[str, int] = {}

    @contextmanager
    def span(self, name: str, /) -> Generator[None]:
        self.heard.append(f"{name} begins")
        try:
            yield
        except Exception as error:
            self.heard.append(f"{name} fails: {type(error).__name__}")
            raise
        self.heard.append(f"{name} ends")

    def count(self, name: str, number: int, /, **labels: str) -> None:
        key = " ".join([name, *labels.values()])
        self.counts[key] = self.counts.get(key, 0) + number


class Bad(Listener):
    """Fails at one of its moments."""

    def __init__(self, moment: str) -> None:
        super().__init__()
        self.moment = moment

    @contextmanager
    def span(self, name: str, /) -> Generator[None]:
        if self.moment == "enter":
            raise ValueError("enter")
        yield
        if self.moment == "leave":
            raise ValueError("leave")

    def count(self, name: str, number: int, /, **labels: str) -> None:
        super().count(name, number, **labels)
        if self.moment == "count":
            raise ValueError("count")


def house_with(probe: Probe | None) -> House:
    house = House(PROGRAM, lambda clock: MemoryStorage(clock=clock), senders={"email": FakeSender()}, probe=probe)
    lead = house.crm.capture(email="a@example.com", consent=Basis.CONSENT)
    house.crm.record(lead.id, "hello.wanted")
    return house


def test_each_step_has_its_span_within_the_tick() -> None:
    listener = Listener()
    house_with(listener).tick_at(T0 + minutes(1))
    assert listener.heard[:3] == ["record begins", "record ends", "tick begins"]
    assert listener.heard[-1] == "tick ends"
    assert set(listener.heard[3:-1]) == {"decide begins", "decide ends", "deliver begins", "deliver ends"}
    assert listener.counts == {"facts": 1, "subjects": 2, "moments": 3, "effects accepted": 1}


def test_a_probe_can_be_attached_and_taken_away() -> None:
    house, listener = house_with(None), Listener()
    house.crm.attach(listener)
    house.clock.move_to(T0 + minutes(1))
    house.crm.decide()
    house.crm.attach(None)
    house.crm.tick()
    assert listener.heard == ["decide begins", "decide ends"]


def test_a_failure_is_seen_by_the_spans_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_given: object) -> object:
        raise StorageError("gone")

    listener = Listener()
    house = house_with(listener)
    monkeypatch.setattr("nurture.runtime.probing.deliver_due", gone)
    with pytest.raises(StorageError):
        house.tick_at(T0 + minutes(1))
    assert listener.heard[-2:] == ["deliver fails: StorageError", "tick fails: StorageError"]


@pytest.mark.parametrize("moment", ["enter", "leave", "count"])
def test_a_bad_probe_stops_nobody(moment: str, caplog: pytest.LogCaptureFixture) -> None:
    house = house_with(Bad(moment))
    house.clock.move_to(T0 + minutes(1))
    done = house.crm.tick()
    assert (done.decided.subjects, done.delivered.accepted) == (2, 1)
    assert "a probe failed: ValueError at" in caplog.text


def test_numbers_are_logged_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "nurture")
    house_with(None).tick_at(T0 + minutes(1))
    decided = [one for one in caplog.records if one.getMessage() == "decided"]
    assert [(one.nurture_subjects, one.nurture_moments) for one in decided] == [(1, 2), (1, 1)]  # type: ignore[attr-defined]
    delivered = [one for one in caplog.records if one.getMessage() == "delivered"]
    assert [one.nurture_accepted for one in delivered] == [1]  # type: ignore[attr-defined]
