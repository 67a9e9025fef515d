"""The commands and their options. May import the answers."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import timedelta
from typing import NoReturn

from nurture import __version__

EXIT_CODES = """\
exit codes:
  0  fine
  1  something needs attention: stuck, dead, late, or not done
  2  the command, an id or the wiring is wrong
  3  the store cannot be reached or read
  4  the program is invalid, or not the active one
  5  a fault in the host's code or in this one

environment:
  NURTURE_APP  stands for --app
  NURTURE_URL  stands for --url
"""
_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|[smhd]?)")
_LONGEST = 36_525 * 86_400.0


class Misused(SystemExit):
    """The command line makes no sense.

    Attributes:
        message: What was expected. It does not repeat what was typed, which may be an address.
    """

    def __init__(self, message: str) -> None:
        super().__init__(2)
        self.message = message


class Parser(argparse.ArgumentParser):
    """Tells what is wrong, without what was typed, and ends with 2."""

    def error(self, message: str) -> NoReturn:
        """Show how the command is used, and end.

        Raises:
            Misused: Always.
        """
        told = re.sub(r"^(unrecognized arguments|ambiguous option):.*", r"\1", message, flags=re.DOTALL)
        told = re.sub(r"invalid choice: .* (\(choose from [^()]*\)).*$", r"invalid choice \1", told, flags=re.DOTALL)
        self.print_usage(sys.stderr)
        print(f"{self.prog}: error: {told}", file=sys.stderr)
        raise Misused(told)


def duration(text: str) -> timedelta:
    """A length of time as it is typed: `90`, `90s`, `5m`, `2h`, `1d`, `500ms`."""
    found = _LENGTH.fullmatch(text.strip())
    seconds = float(found[1]) * _UNITS[found[2]] if found else _LONGEST + 1
    if seconds > _LONGEST:
        raise argparse.ArgumentTypeError("expected a length of time, such as 90s, 5m, 2h or 1d")
    return timedelta(seconds=seconds)


def pause(text: str) -> timedelta:
    """A length of time that is not zero."""
    found = duration(text)
    if not found:
        raise argparse.ArgumentTypeError("expected more than no time at all")
    return found


def count(text: str) -> int:
    """A whole number, 1 or more."""
    if not re.fullmatch(r"[1-9]\d{0,8}", text):
        raise argparse.ArgumentTypeError("expected a whole number, 1 or more")
    return int(text)


def parser() -> Parser:
    """All commands; each sets `command`."""
    top = Parser(
        prog="nurture",
        description="Run and watch lead nurturing. Nothing that is printed names a person.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"nurture {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, meaning: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=meaning,
            description=meaning[0].upper() + meaning[1:] + ".",
            epilog=EXIT_CODES,
            parents=[_shared()],
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    add("upgrade", "make the tables, or bring them to this release")
    add("activate", "make the app's program the active one, and roll everything over to it")
    for name, meaning in (
        ("pause", "let a scenario stand still"),
        ("resume", "end the pause of a scenario"),
        ("stop", "let nobody enter a scenario any more, with a fate for those inside"),
        ("reopen", "let a scenario be as the program says again"),
    ):
        command = add(name, meaning)
        command.add_argument("scenario", metavar="SCENARIO", help="its name")
        if name == "stop":
            fates = ("finish", "withdraw", "hold")
            command.add_argument("--fate", choices=fates, required=True, help="go on to the end, leave, or stand still")
    _run(add("run", "decide and deliver until asked to stop"))
    _status(add("status", "show how much waits, and whether anything needs attention"))
    due = add("due", "list what is due next, subjects and effects")
    due.add_argument("--limit", type=count, default=20, help="at most so many (20)")
    stuck = add("stuck", "list what does not go on: effects in doubt, lost claims, failing and dead subjects")
    stuck.add_argument("--limit", type=count, default=1_000, help="at most so many (1000)")
    _overlooked(add("overlooked", "list who has nothing ahead, and whom nobody has touched for long"))
    _migrate(add("migrate", "move runs on older versions of a scenario to the active one, or show what that would do"))
    _retry(add("retry", "settle effects in doubt, or have failing and dead subjects decided again"))
    _dead(add("dead", "list the subjects that are not tried any more, or revive them"))
    _check(add("check", "check a program, and show all problems at once"))
    _clock(add("clock", "compare the store's clock with this machine's"))
    return top


def _shared() -> Parser:
    shared = Parser(add_help=False)
    wiring = shared.add_argument_group("where")
    wiring.add_argument(
        "--app",
        metavar="MODULE:NAME",
        help="the host's Nurture, or what makes one; also found in this folder",
    )
    wiring.add_argument("--url", help="a database, such as sqlite:///crm.db, for what needs no program")
    wiring.add_argument("--tenant", help="whose data, with --url ('default')")
    shared.add_argument("--json", action="store_true", help="one JSON document on stdout")
    return shared


def _run(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--poll", type=pause, default=timedelta(seconds=1), metavar="TIME", help="the longest sleep (1s)"
    )
    command.add_argument("--once", action="store_true", help="end as soon as nothing is due")
    command.add_argument(
        "--log-level", choices=("debug", "info", "warning", "error"), default="info", help="what is logged to stderr"
    )


def _status(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--max-lag",
        type=duration,
        default=timedelta(minutes=5),
        metavar="TIME",
        help="so late is late: exit code 1 (5m)",
    )
    command.add_argument("--upto", type=count, default=10_000, help="do not count beyond this (10000)")


def _overlooked(command: argparse.ArgumentParser) -> None:
    command.add_argument("--stage", action="append", metavar="STAGE", help="only who stands there; may be repeated")
    command.add_argument(
        "--untouched", type=count, metavar="DAYS", help="also whom nobody has touched for so many business days"
    )
    command.add_argument("--limit", type=count, default=1_000, help="at most so many (1000)")


def _migrate(command: argparse.ArgumentParser) -> None:
    command.add_argument("scenario", metavar="SCENARIO", help="its name")
    command.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="an address of an older version and the step that takes its place; OLD= lets runs there leave",
    )
    command.add_argument("--strict", action="store_true", help="do nothing when a single run is refused")
    command.add_argument("--write", action="store_true", help="do it; without, only what it would do is shown")


def _retry(command: argparse.ArgumentParser) -> None:
    command.add_argument("ids", nargs="+", metavar="ID", help="an effect (eff_…), a lead or an account")
    command.add_argument("--as", dest="verdict", choices=("sent", "not-sent"), help="what became of the effects")
    command.add_argument("--reason", default="", help="one word, kept with the effects")


def _dead(command: argparse.ArgumentParser) -> None:
    which = command.add_mutually_exclusive_group()
    which.add_argument("--revive", action="append", metavar="ID", help="have this one decided again")
    which.add_argument("--all", action="store_true", help="have all of them decided again")
    command.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="FACT",
        help="with --revive: leave this waiting fact undecided, such as the one in the reason",
    )
    command.add_argument("--limit", type=count, default=1_000, help="list at most so many (1000)")


def _check(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "target", nargs="?", metavar="PROGRAM", help="module:name, a file such as program.json, or - for stdin"
    )


def _clock(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--max-difference",
        type=duration,
        default=timedelta(minutes=1),
        metavar="TIME",
        help="so far apart is wrong: exit code 1 (1m)",
    )
    command.add_argument("--allow", action="store_true", help="accept the clock as it is now, once")
