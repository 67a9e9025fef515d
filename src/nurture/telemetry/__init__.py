"""Metrics and traces of a running `Nurture`. Loaded when asked for; needs the extra `otel`.

May import the runtime and what lies below it, and OpenTelemetry's API package; never an SDK or an exporter,
which belong to the host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.telemetry.otel import OpenTelemetry

__all__ = ["OpenTelemetry"]


def __getattr__(name: str) -> object:
    """Load the adapter when it is asked for."""
    if name == "OpenTelemetry":
        try:
            import opentelemetry.metrics  # noqa: F401  # pyright: ignore[reportUnusedImport]
        except ModuleNotFoundError as missing:
            message = 'OpenTelemetry needs its API package: pip install "nurture-crm[otel]"'
            raise ImportError(message, name="opentelemetry") from missing
        from nurture.telemetry.otel import OpenTelemetry

        return OpenTelemetry
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
