"""The way in: find the command, run it, print what it answers, and turn errors into exit codes."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import closing, nullcontext, redirect_stdout
from typing import TYPE_CHECKING

from nurture.cli import mending, overlooking, running, switching, watching
from nurture.cli.answer import Answer, Exit, UsageError
from nurture.cli.arguments import Misused, parser
from nurture.cli.checking import check
from nurture.cli.wiring import Target, target_of
from nurture.errors import (
    DefinitionError,
    InvalidFactError,
    NotFoundError,
    NurtureError,
    ProgramMismatchError,
    StorageError,
)
from nurture.runtime.host import where

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

_COMMANDS: Mapping[str, Callable[[Target, argparse.Namespace], Answer]] = {
    "upgrade": mending.upgrade,
    "activate": mending.activate,
    "pause": switching.pause,
    "resume": switching.resume,
    "stop": switching.stop,
    "reopen": switching.reopen,
    "run": running.run,
    "status": watching.status,
    "due": watching.due,
    "stuck": watching.stuck,
    "overlooked": overlooking.overlooked,
    "migrate": switching.migrate,
    "retry": mending.retry,
    "dead": mending.dead,
    "clock": mending.clock,
}

_MAKING = frozenset({"upgrade", "activate", "run"})
"""These make the tables where there are none; the others only look, or mend what is there."""

_EXITS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Exit], ...] = (
    ((UsageError, NotFoundError, InvalidFactError), Exit.USAGE),
    (StorageError, Exit.STORE),
    ((DefinitionError, ProgramMismatchError), Exit.PROGRAM),
)
"""The first one that an error belongs to says how to end."""


def main(argv: Sequence[str] | None = None, environment: Mapping[str, str] | None = None) -> int:
    """Carry out one command, and answer its exit code.

    Args:
        argv: The command and its options; None means those of this process.
        environment: None means that of this process.
    """
    given = sys.argv[1:] if argv is None else argv
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter is no fault
    try:
        arguments = parser().parse_args(given)
    except Misused as error:
        document = {"error": error.message, "type": UsageError.__name__, "exit": int(Exit.USAGE)}
        return _print(Answer(document, (), Exit.USAGE), as_json=_wants_json(given))
    try:
        # What the host's code prints must not spoil the document.
        with redirect_stdout(sys.stderr) if arguments.json else nullcontext():
            answer = _answered(arguments, os.environ if environment is None else environment)
    except KeyboardInterrupt:
        return 130
    except (Exception, SystemExit) as error:
        answer = _failed(error)
    return _print(answer, as_json=arguments.json)


def _wants_json(argv: Sequence[str]) -> bool:
    """Whether it is asked for, perhaps in short, by a command line that could not be understood."""
    return any(len(one) > len("--") and "--json".startswith(one) for one in argv)


def _answered(arguments: argparse.Namespace, environment: Mapping[str, str]) -> Answer:
    if arguments.command == "check":
        return check(arguments, environment)
    with closing(target_of(arguments, environment)) as target:
        if arguments.command not in _MAKING:
            target.require_tables()
        return _COMMANDS[arguments.command](target, arguments)


def _failed(error: BaseException) -> Answer:
    """The errors of ours name no person; of another's only type and place are shown."""
    exit_ = next((exit_ for kinds, exit_ in _EXITS if isinstance(error, kinds)), Exit.FAULT)
    is_ours = isinstance(error, (NurtureError, UsageError))
    message = str(error) if is_ours else f"{type(error).__name__} at {where(error)}"
    print(f"nurture: {message}", file=sys.stderr)
    return Answer({"error": message, "type": type(error).__name__, "exit": int(exit_)}, (), exit_)


def _print(answer: Answer, *, as_json: bool) -> int:
    is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(answer.document, ensure_ascii=not is_utf8, indent=2) if as_json else "\n".join(answer.lines)
    try:
        if text:
            print(text, flush=True)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return int(answer.exit)
