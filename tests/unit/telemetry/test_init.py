"""The adapter is loaded when it is asked for, and says which extra is missing."""

import builtins
import subprocess
import sys

import pytest

import nurture.telemetry


def test_importing_the_room_loads_nothing() -> None:
    probe = "import sys, nurture.telemetry; sys.exit('opentelemetry' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *more: object) -> object:
        if name.startswith("opentelemetry"):
            raise ModuleNotFoundError("no", name=name)
        return real(name, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ImportError, match=r"nurture-crm\[otel\]"):
        _ = nurture.telemetry.OpenTelemetry


def test_its_names_are_listed() -> None:
    assert "OpenTelemetry" in dir(nurture.telemetry)
    with pytest.raises(AttributeError):
        _ = nurture.telemetry.Prometheus  # type: ignore[attr-defined]
