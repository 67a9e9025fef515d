"""What OpenTelemetry hears: spans, counts by outcome and what waits; nobody's id, and no exception's text."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from nurture import NewFact, Program, hours, minutes
from nurture.errors import StorageError
from nurture.storage import MemoryStorage
from nurture.telemetry import OpenTelemetry
from nurture.testing import FakeSender, Lost
from tests.stores import T0, House
from tests.unit.cli.apps import PROGRAM, App

Labels = frozenset[tuple[str, object]]


class Watched(NamedTuple):
    """An app, and what was heard of it."""

    app: App
    telemetry: OpenTelemetry
    spans: InMemorySpanExporter
    reader: InMemoryMetricReader

    def numbers(self, name: str) -> dict[Labels, float]:
        """The points of a metric by their labels; of a histogram its count."""
        data = self.reader.get_metrics_data()
        found: dict[Labels, float] = {}
        for resource in data.resource_metrics if data else ():
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    if metric.name == name:
                        for point in metric.data.data_points:
                            value = point.value if hasattr(point, "value") else point.count
                            found[frozenset((point.attributes or {}).items())] = value
        return found


def labels(**more: str) -> Labels:
    return frozenset({"nurture.tenant": "default", **{f"nurture.{key}": value for key, value in more.items()}}.items())


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    app = App(monkeypatch, lambda clock: MemoryStorage(clock=clock))
    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    telemetry = OpenTelemetry(tracers=tracers, meters=MeterProvider([reader]))
    telemetry.watch(app.crm)
    return Watched(app, telemetry, spans, reader)


def test_spans_are_nested_and_say_whose_program(watched: Watched) -> None:
    watched.app.a_lead()
    watched.app.tick_at(T0 + minutes(1))
    spans = {span.name: span for span in watched.spans.get_finished_spans()}
    assert set(spans) == {"nurture.record", "nurture.tick", "nurture.decide", "nurture.deliver"}
    tick = spans["nurture.tick"].context
    for inner in ("nurture.decide", "nurture.deliver"):
        parent = spans[inner].parent
        assert tick is not None
        assert parent is not None
        assert parent.span_id == tick.span_id
    assert dict(spans["nurture.tick"].attributes or {}) == {
        "nurture.tenant": "default",
        "nurture.program": PROGRAM.fingerprint,
    }


def test_an_idle_tick_leaves_no_span(watched: Watched) -> None:
    watched.app.a_lead()
    watched.app.tick_at(T0 + minutes(1))
    watched.spans.clear()
    for minute in range(2, 10):
        watched.app.tick_at(T0 + minutes(minute))
    assert watched.spans.get_finished_spans() == ()


def test_counts_say_what_was_done(watched: Watched) -> None:
    watched.app.sender.then(Lost(delivered=False))
    for number in range(3):
        watched.app.a_lead(number)
    watched.app.tick_at(T0 + minutes(1))
    assert watched.numbers("nurture.facts") == {labels(): 3}
    assert watched.numbers("nurture.subjects") == {labels(): 6}  # for the mail, and for its receipt
    assert watched.numbers("nurture.moments") == {labels(): 9}  # the consent is a fact, too
    assert watched.numbers("nurture.effects") == {labels(outcome="accepted"): 2, labels(outcome="unknown"): 1}
    assert watched.numbers("nurture.conflicts") == {}
    assert watched.numbers("nurture.duration")[labels(span="tick")] == 1


def test_reasons_say_why_something_was_withheld(watched: Watched) -> None:
    lead = watched.app.a_lead()
    watched.app.crm.unsubscribe(lead.id)
    watched.app.tick_at(T0 + minutes(1))
    assert watched.numbers("nurture.reasons") == {labels(outcome="withheld", reason="unsubscribed"): 1}


def test_a_fact_that_was_recorded_before_is_not_counted_again(watched: Watched) -> None:
    lead = watched.app.crm.capture(email="a@example.com").id
    one = NewFact(subject=lead, kind="page.viewed", key="once")
    watched.app.crm.record_many([one, one])
    watched.app.crm.record(lead, "page.viewed", key="once")
    assert watched.numbers("nurture.facts") == {labels(): 1}


def test_watching_twice_is_harmless(watched: Watched) -> None:
    asked: list[object] = []
    watched.telemetry.watch(watched.app.crm)
    watched.app.a_lead()
    view = watched.app.storage.view
    watched.app.storage.view = lambda: asked.append(1) or view()  # type: ignore[method-assign,assignment,func-returns-value]
    assert watched.numbers("nurture.facts") == {labels(): 1}
    assert len(asked) == 2  # by the two gauges of one collection


def test_gauges_say_what_waits(watched: Watched) -> None:
    watched.app.in_doubt(0)
    watched.app.troubled(1, dead="failed: ValueError")
    began = watched.app.clock.now
    watched.app.a_lead(2)
    watched.app.clock.move_to(began + hours(1))
    backlog = watched.numbers("nurture.backlog")
    assert backlog == {
        labels(state=state): number
        for state, number in {"due": 1, "outbox": 0, "claimed": 0, "unknown": 1, "failing": 0, "dead": 1}.items()
    }
    lag = watched.numbers("nurture.lag")
    assert lag == {labels(state="due"): pytest.approx(3_600, abs=1), labels(state="outbox"): 0}
    watched.app.crm.tick()
    assert set(watched.numbers("nurture.lag").values()) == {0}


def test_several_tenants_are_told_apart(watched: Watched) -> None:
    other = House(Program(), lambda clock: MemoryStorage("north", clock=clock))
    watched.telemetry.watch(other.crm)
    watched.app.a_lead()
    other.crm.record(other.crm.capture(email="a@example.com").id, "page.viewed")
    other.clock.move_to(T0 + minutes(1))
    other.crm.tick()
    north = frozenset({("nurture.tenant", "north")})
    assert watched.numbers("nurture.facts") == {labels(): 1, north: 1}
    assert {dict(one)["nurture.tenant"] for one in watched.numbers("nurture.backlog")} == {"default", "north"}


def test_an_error_leaves_its_type_and_not_its_text(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.app.a_lead()
    watched.app.clock.move_to(T0 + minutes(1))
    watched.spans.clear()
    monkeypatch.setattr("nurture.runtime.probing.decide_due", gone_with(StorageError("canary")))
    with pytest.raises(StorageError):
        watched.app.crm.tick()
    spans = watched.spans.get_finished_spans()
    assert {span.name for span in spans} == {"nurture.tick", "nurture.decide"}
    for span in spans:
        assert (span.status.status_code, span.attributes["error.type"]) == (StatusCode.ERROR, "StorageError")  # type: ignore[index]
        assert "canary" not in span.to_json()
        assert span.events == ()
    failed = frozenset({*labels(span="decide"), ("error.type", "StorageError")})
    assert watched.numbers("nurture.duration")[failed] == 1


def test_a_store_that_is_gone_stops_no_collection(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.app.a_lead()
    monkeypatch.setattr(MemoryStorage, "now", gone_with(StorageError("gone")))
    assert watched.numbers("nurture.backlog") == {}
    assert watched.numbers("nurture.facts") == {labels(): 1}


def test_nobodys_id_is_told(watched: Watched) -> None:
    effect = watched.app.in_doubt()
    told = "".join(span.to_json() for span in watched.spans.get_finished_spans())
    data = watched.reader.get_metrics_data()
    told += data.to_json() if data else ""
    assert "nurture.effects" in told
    for secret in (effect.id, effect.subject, "a0@example.com", "lead_", "eff_"):
        assert secret not in told


def test_without_a_provider_it_is_quiet() -> None:
    house = House(PROGRAM, lambda clock: MemoryStorage(clock=clock), senders={"email": FakeSender()})
    OpenTelemetry().watch(house.crm)
    house.crm.record(house.crm.capture(email="a@example.com").id, "hello.wanted")
    house.tick_at(T0 + minutes(1))


def gone_with(error: Exception) -> Callable[..., object]:
    def gone(*_given: object) -> object:
        raise error

    return gone
