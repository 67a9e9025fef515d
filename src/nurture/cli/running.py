"""`nurture run`: the worker as a process, with a log on stderr. May import the runtime."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import attrs

from nurture.cli.answer import Answer
from nurture.errors import ProgramMismatchError
from nurture.model import Activation
from nurture.runtime.host import log
from nurture.runtime.legs import ACTIVATION

if TYPE_CHECKING:
    import argparse

    from nurture.cli.wiring import Target
    from nurture.runtime import Nurture


class Formatter(logging.Formatter):
    """One line a record, with what the library adds: `… nurture: decided nurture_subjects=3`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        extras = [f"{key}={value}" for key, value in vars(record).items() if key.startswith("nurture_")]
        return " ".join([super().format(record), *extras])


def run(target: Target, arguments: argparse.Namespace) -> Answer:
    """Decide and deliver until SIGTERM or SIGINT, or with `--once` until nothing is due."""
    crm = target.app("run")
    _log_to_stderr(arguments.log_level.upper())
    _refuse_mismatch(crm)
    log.info("a worker began", extra={"nurture_tenant": crm.storage.tenant, "nurture_program": crm.program.fingerprint})
    done = crm.run(poll=arguments.poll, once=arguments.once)
    log.info("a worker ended", extra={"nurture_tenant": crm.storage.tenant})
    decided, delivered = attrs.asdict(done.decided), attrs.asdict(done.delivered)
    decided.pop("more")
    outcomes = [f"{number} {word}" for word, number in delivered.items() if number]
    lines = [f"{done.decided.subjects} subjects decided; effects: {', '.join(outcomes) or 'none'}"]
    return Answer({"decided": decided, "delivered": delivered}, lines)


def _log_to_stderr(level: str) -> None:
    """Log there, unless the host's wiring has set up logging already."""
    if not logging.getLogger().handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(Formatter())
        logging.getLogger().addHandler(handler)
    log.setLevel(level)


def _refuse_mismatch(crm: Nurture) -> None:
    """Refuse to begin with a program that is not the active one: nothing would be decided.

    Raises:
        ProgramMismatchError: It is not.
    """
    with crm.storage.view() as view:
        found = view.get(Activation, [ACTIVATION]).get(ACTIVATION)
    if found is not None and found.history[-1].program != crm.program.fingerprint:
        raise ProgramMismatchError(
            "the app's program is not the active one: run `nurture activate` to make it so, or start the active program"
            f" (active {found.history[-1].program}, here {crm.program.fingerprint})"
        )
