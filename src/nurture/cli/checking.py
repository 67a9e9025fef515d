"""`nurture check`: what is wrong with a program, all at once. May import the program and the runtime."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nurture.cli.answer import Answer, Exit, UsageError
from nurture.cli.loading import loaded
from nurture.cli.wiring import target_of
from nurture.errors import DefinitionError
from nurture.program import Program

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

PARTS = ("attributes", "scores", "segments", "messages", "scenarios", "campaigns", "actions")


def check(arguments: argparse.Namespace, environment: Mapping[str, str]) -> Answer:
    """Check a program, without a store: names, predicates, steps and templates."""
    try:
        program = _program(arguments, environment)
        _check_templates(program)
    except DefinitionError as error:
        problems = list(error.problems)
        lines = [*problems, f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"]
        return Answer({"valid": False, "problems": problems}, lines, Exit.PROGRAM)
    counts = {part: len(getattr(program, part)) for part in PARTS}
    stages = list(program.lifecycle.names) if program.lifecycle else []
    document: dict[str, object] = {
        "valid": True,
        "name": program.name,
        "hash": program.hash,
        "fingerprint": program.fingerprint,
        "zone": program.zone,
        "stages": stages,
        "counts": counts,
        "scenarios": {one.name: program.version_of(one) for one in program.scenarios},
        "warnings": list(program.warnings),
    }
    lines = [
        f"{program.name}: valid",
        f"hash {program.hash}",
        f"stages: {' → '.join(stages) or 'none'}",
        ", ".join(f"{number} {part}" for part, number in counts.items() if number) or "empty",
        *(f"warning: {one}" for one in program.warnings),
    ]
    return Answer(document, lines)


def _program(arguments: argparse.Namespace, environment: Mapping[str, str]) -> Program:
    text: str | None = arguments.target
    if text is None:
        target = target_of(arguments, environment)
        try:
            return target.app("check").program
        finally:
            target.close()
    if text == "-":
        return Program.from_json(sys.stdin.read())
    path = Path(text)
    if ":" in text and not path.exists():
        return loaded(text, Program)
    try:
        return Program.from_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{text} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DefinitionError(f"$: expected UTF-8; byte {error.start} is something else") from error


def _check_templates(program: Program) -> None:
    from nurture.mail.check import check_messages  # it loads Jinja

    check_messages(program)
