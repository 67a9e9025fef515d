"""`nurture.testing` loads without its extra; what needs the extra says so."""

import subprocess
import sys

import pytest

BLOCKED = """
import sys
for name in ("hypothesis", "pytest"):
    sys.modules[name] = None  # as if it were not installed
import nurture.testing
nurture.testing.FakeSender, nurture.testing.FaultStorage, nurture.testing.sweep, nurture.testing.VirtualClock
try:
    {}
except ImportError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize(
    ("code", "library"),
    [
        ("nurture.testing.strategies", "Hypothesis"),
        ("from nurture.testing.strategies import leads", "Hypothesis"),
        ("nurture.testing.StorageContract", "pytest"),
        ("from nurture.testing import SenderContract", "pytest"),
    ],
)
def test_what_needs_the_extra_says_so(code: str, library: str) -> None:
    script = BLOCKED.format(code)
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("ImportError nurture.testing")
    assert f'needs {library}: pip install "nurture-crm[testing]"' in run.stdout


def test_every_public_name_is_there() -> None:
    import nurture.testing
    from nurture.testing import strategies

    for module in (nurture.testing, strategies):
        assert all(getattr(module, name) is not None for name in module.__all__)
        assert module.__all__ == sorted(module.__all__, key=lambda name: (not name.isupper(), name[0].islower(), name))
        assert set(module.__all__) <= set(dir(module))


def test_a_name_that_is_not_there_is_refused() -> None:
    import nurture.testing

    with pytest.raises(AttributeError, match="no attribute 'Mock'"):
        nurture.testing.Mock  # noqa: B018
