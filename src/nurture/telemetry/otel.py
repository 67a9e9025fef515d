"""Spans, counters and gauges through OpenTelemetry's API package. May import the runtime and that package.

Attributes name the tenant, the program and the outcome, and never a subject. An exception leaves its type in
the span and nothing else, since its text may hold personal data.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from importlib.metadata import version
from time import perf_counter
from typing import TYPE_CHECKING

from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation, get_meter
from opentelemetry.trace import Status, StatusCode, TracerProvider, get_tracer

from nurture.runtime.host import report

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from nurture.ports import Backlog
    from nurture.runtime import Nurture, Probe

SCOPE = "nurture"
PACKAGE = "nurture-crm"
TENANT = "nurture.tenant"
PROGRAM = "nurture.program"


class OpenTelemetry:
    """Watches any number of `Nurture`s; make one for each process, for its instruments have fixed names.

    What waits is asked of the store at each collection: counts up to `upto`, which cost little.

    Args:
        tracers: Where spans go; None means the host's global provider.
        meters: Where metrics go; None means the host's global provider.
        upto: No gauge counts beyond this.

    Example:
        >>> from nurture import Nurture, Program
        >>> from nurture.storage import MemoryStorage
        >>> crm = Nurture(Program(), MemoryStorage())
        >>> OpenTelemetry().watch(crm)
    """

    def __init__(
        self, *, tracers: TracerProvider | None = None, meters: MeterProvider | None = None, upto: int = 10_000
    ) -> None:
        release = version(PACKAGE)
        self._tracer = get_tracer(SCOPE, release, tracer_provider=tracers)
        meter = get_meter(SCOPE, release, meter_provider=meters)
        self._upto = upto
        self._watched: list[Nurture] = []
        self._duration = meter.create_histogram("nurture.duration", "s", "How long a span of work took")
        self._counters = {
            name: meter.create_counter(f"nurture.{name}", f"{{{unit}}}", meaning)
            for name, unit, meaning in (
                ("subjects", "subject", "Subjects that were moved on"),
                ("moments", "moment", "Moments that were decided"),
                ("conflicts", "subject", "Subjects that somebody else wrote first; they are decided again"),
                ("effects", "effect", "Effects that were looked at, by outcome"),
                ("facts", "fact", "Touchpoints that the host recorded"),
                ("reasons", "effect", "Effects that were put off or withheld, by outcome and reason"),
            )
        }
        meter.create_observable_gauge(
            "nurture.backlog", [self._observed(_counts)], "{item}", "What waits, by state; counts stop at a limit"
        )
        meter.create_observable_gauge(
            "nurture.lag", [self._observed(_lags)], "s", "For how long the oldest due subject or effect has waited"
        )

    def watch(self, crm: Nurture) -> None:
        """Attach to a `Nurture`, in place of the probe it had; it is held until this process ends. Harmless twice."""
        crm.attach(_Watching(self, crm))
        if not any(one is crm for one in self._watched):
            self._watched.append(crm)

    def _observed(
        self, read: Callable[[Nurture, Backlog], Iterable[tuple[str, float]]]
    ) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observe(_options: CallbackOptions) -> list[Observation]:
            found: list[Observation] = []
            for crm in self._watched:
                try:
                    values = read(crm, crm.backlog(self._upto))
                except Exception as error:
                    report("the backlog could not be read", error, nurture_tenant=crm.storage.tenant)
                    continue
                tenant = crm.storage.tenant
                found += [Observation(value, {TENANT: tenant, "nurture.state": state}) for state, value in values]
            return found

        return observe

    def count(self, crm: Nurture, name: str, number: int, labels: dict[str, str]) -> None:
        """Count what one of the watched did."""
        counter = self._counters.get(name)
        if counter is not None:
            attributes = {f"nurture.{label}": value for label, value in labels.items()}
            counter.add(number, {TENANT: crm.storage.tenant, **attributes})

    @contextmanager
    def span(self, crm: Nurture, name: str) -> Generator[None]:
        """A span about what one of the watched does."""
        tenant = crm.storage.tenant
        attributes = {TENANT: tenant, PROGRAM: crm.program.fingerprint}
        labels = {TENANT: tenant, "nurture.span": name}
        began = perf_counter()
        with self._tracer.start_as_current_span(
            f"nurture.{name}", attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                labels["error.type"] = type(error).__name__
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise
            finally:
                self._duration.record(perf_counter() - began, labels)


class _Watching:
    """The probe of one `Nurture`."""

    __slots__ = ("_crm", "_home")

    def __init__(self, home: OpenTelemetry, crm: Nurture) -> None:
        self._home = home
        self._crm = crm

    def span(self, name: str, /) -> AbstractContextManager[object]:
        return self._home.span(self._crm, name)

    def count(self, name: str, number: int, /, **labels: str) -> None:
        self._home.count(self._crm, name, number, labels)


def _counts(_crm: Nurture, backlog: Backlog) -> Iterable[tuple[str, float]]:
    for state in ("due", "outbox", "claimed", "unknown", "failing", "dead"):
        yield state, getattr(backlog, state)


def _lags(crm: Nurture, backlog: Backlog) -> Iterable[tuple[str, float]]:
    now = crm.storage.now()
    for state, since in (("due", backlog.due_since), ("outbox", backlog.outbox_since)):
        yield state, 0.0 if since is None else max(0.0, (now - since).total_seconds())


if TYPE_CHECKING:
    _fits: type[Probe] = _Watching
