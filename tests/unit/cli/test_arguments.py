"""How commands are typed."""

from datetime import timedelta

import pytest

from nurture.cli.arguments import Misused, duration, parser

EVERY = ("upgrade", "activate", "run", "status", "due", "stuck", "retry", "dead", "check", "clock")


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("90", timedelta(seconds=90)),
        ("1.5s", timedelta(seconds=1.5)),
        ("5m", timedelta(minutes=5)),
        ("2 h", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
        ("250ms", timedelta(milliseconds=250)),
        ("0", timedelta(0)),
    ],
)
def test_lengths_of_time(text: str, time: timedelta) -> None:
    assert duration(text) == time


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["fly"],
        ["run", "--poll", "soon"],
        ["run", "--poll", "0"],
        ["run", "--poll", "99999999999d"],
        ["status", "--max-lag", "-5m"],
        ["due", "--limit", "0"],
        ["due", "--limit", "many"],
        ["retry"],
        ["retry", "eff_1", "--as", "perhaps"],
        ["dead", "--all", "--revive", "lead_1"],
        ["run", "--log-level", "loud"],
    ],
)
def test_what_makes_no_sense_ends_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(argv)
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert "nurture" in said.err


@pytest.mark.parametrize(
    "argv",
    [
        ["dead", "--revive", "lead_1", "ada@example.com"],
        ["ada@example.com"],
        ["retry", "eff_1", "--as", "ada@example.com"],
        ["due", "--limit", "ada@example.com"],
        ["status", "--max-lag", "ada@example.com"],
    ],
)
def test_what_was_typed_is_not_repeated(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Misused) as ended:
        parser().parse_args(argv)
    said = capsys.readouterr()
    assert "ada@" not in said.out + said.err + ended.value.message
    assert ended.value.message in said.err


@pytest.mark.parametrize("command", EVERY)
def test_every_command_has_help_with_the_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([command, "--help"])
    assert ended.value.code == 0
    assert "  4  the program is invalid" in capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    from nurture import __version__

    with pytest.raises(SystemExit):
        parser().parse_args(["--version"])
    assert capsys.readouterr().out == f"nurture {__version__}\n"
