"""`import nurture` is light: no extra is loaded, and few modules are.

Each probe is a fresh interpreter, for this one has loaded nearly everything. Time is measured by
`make bench`; here only what was loaded counts, which is the same on every machine.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

# What only an extra brings, or what only a test or a notebook uses.
EXTRAS = frozenset(
    {"aiosmtplib", "alembic", "boto3", "django", "duckdb", "matplotlib", "narwhals", "numpy", "opentelemetry", "pandas"}
    | {"phonenumbers", "polars", "psycopg", "pyarrow", "rapidfuzz", "scipy", "sklearn", "sqlalchemy"}
    | {"hypothesis", "pytest", "tqdm"}
)
MOST_MODULES = 400
"""How many modules `import nurture` may add, our own and those of the standard library included."""


def modules_after(statement: str) -> frozenset[str]:
    probe = "\n".join(
        (
            "import json, sys; before = set(sys.modules)",
            statement,
            "print(json.dumps(sorted(set(sys.modules) - before)))",
        )
    )
    result = subprocess.run([sys.executable, "-I", "-c", probe], capture_output=True, text=True, check=True)
    return frozenset(json.loads(result.stdout))


def test_import_nurture_loads_no_extra() -> None:
    roots = {name.partition(".")[0] for name in modules_after("import nurture")}
    assert "nurture" in roots
    assert roots & EXTRAS == set()


def test_import_nurture_stays_small() -> None:
    assert len(modules_after("import nurture")) <= MOST_MODULES


def test_import_starts_no_thread() -> None:
    loaded = modules_after("import nurture, threading\nassert threading.active_count() == 1")
    assert "nurture" in loaded


@pytest.mark.parametrize("library", ["sqlalchemy"])
def test_the_probe_sees_what_is_loaded(library: str) -> None:
    assert library in modules_after(f"import {library}")


def test_every_extra_is_told_in_the_reference(checkout: Path) -> None:
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = (checkout / "docs/reference/index.md").read_text(encoding="utf-8")
    assert [one for one in project["optional-dependencies"] if f"`nurture-crm[{one}]`" not in told] == []
