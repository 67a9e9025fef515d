"""Finding the host's object by `module:name`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nurture import Program
from nurture.cli.answer import UsageError
from nurture.cli.loading import loaded
from nurture.errors import DefinitionError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder at hand, whose modules are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    return tmp_path


def written(folder: Path, text: str) -> None:
    (folder / "host_wiring.py").write_text(text, encoding="utf-8")


def test_a_module_of_the_folder_at_hand_is_found(here: Path) -> None:
    written(here, "from nurture import Program\nprogram = Program(name='here')\n")
    assert loaded("host_wiring:program", Program).name == "here"


def test_a_factory_is_called(here: Path) -> None:
    written(here, "from nurture import Program\ndef make():\n    return Program(name='made')\n")
    assert loaded("host_wiring:make", Program).name == "made"


def test_a_dotted_name_is_followed(here: Path) -> None:
    written(here, "from nurture import Program\nclass Settings:\n    program = Program(name='inner')\n")
    assert loaded("host_wiring:Settings.program", Program).name == "inner"


@pytest.mark.parametrize(
    ("text", "module", "message"),
    [
        ("host_wiring", "", "expected module:name, such as crm:crm"),
        (":crm", "", "expected module:name, such as crm:crm"),
        ("host_nowhere:crm", "", "there is no module 'host_nowhere' here"),
        ("host_wiring:crm", "import not_installed_here", "there is no module 'not_installed_here' here"),
        ("host_wiring:progam", "program = 1", "unknown name 'progam'; did you mean 'program'?"),
        ("host_wiring:program", "program = 1", "expected a Program, or what makes one, found int"),
        ("host_wiring:make", "def make():\n    return 1", "expected a Program, or what makes one, found int"),
        ("host_wiring:make", "def make(of):\n    return of", "calling host_wiring:make failed: TypeError"),
    ],
)
def test_what_is_wrong_is_said(here: Path, text: str, module: str, message: str) -> None:
    written(here, module)
    with pytest.raises(UsageError) as raised:
        loaded(text, Program)
    assert message in str(raised.value)


def test_the_text_of_the_hosts_own_errors_stays_inside(here: Path) -> None:
    written(here, "x = 1\nraise ValueError('ada@example.com')\n")
    with pytest.raises(UsageError) as raised:
        loaded("host_wiring:program", Program)
    assert "ada@example.com" not in str(raised.value)
    assert "ValueError at" in str(raised.value)
    assert "host_wiring.py:2" in str(raised.value)


def test_what_a_module_prints_is_no_answer(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(here, "from nurture import Program\nprint('hello')\nprogram = Program()\n")
    loaded("host_wiring:program", Program)
    assert capsys.readouterr() == ("", "hello\n")


@pytest.mark.parametrize("end", ["sys.exit(0)", "sys.exit('ada@example.com')", "raise SystemExit"])
@pytest.mark.parametrize("name", ["program", "make"])
def test_a_module_that_ends_the_process_is_wrong(here: Path, end: str, name: str) -> None:
    text = f"import sys\ndef make():\n    {end}\n" + ("make()\n" if name == "program" else "")
    written(here, text)
    with pytest.raises(UsageError, match=r"ended the process, at .*host_wiring\.py:3") as raised:
        loaded(f"host_wiring:{name}", Program)
    assert "ada@" not in str(raised.value)


def test_our_own_errors_pass(here: Path) -> None:
    written(here, "from nurture import Program\nprogram = Program(zone='Nowhere')\n")
    with pytest.raises(DefinitionError):
        loaded("host_wiring:program", Program)
