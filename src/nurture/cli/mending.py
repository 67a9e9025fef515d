"""What operators do: `upgrade`, `activate`, `retry`, `dead --revive`, `clock`. May import the runtime."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nurture.cli.answer import Answer, Exit, UsageError, instant, length, plain
from nurture.cli.watching import dead as listed
from nurture.cli.wiring import Upgrading, Versioned, Watchful
from nurture.errors import ClockJumpError, NotFoundError
from nurture.model import EffectId, SubjectId
from nurture.runtime import operating

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from nurture.cli.wiring import Target
    from nurture.runtime import Nurture


def upgrade(target: Target, _arguments: argparse.Namespace) -> Answer:
    """Make the tables, or bring them to this release; harmless when there is nothing to do."""
    storage = target.storage
    if not isinstance(storage, Upgrading):
        return Answer({"schema": None}, ["this store has nothing to upgrade"])
    storage.upgrade()
    schema = storage.schema_version if isinstance(storage, Versioned) else None
    known = "" if schema is None else f": version {schema}"
    return Answer({"schema": schema}, [f"the schema is that of this release{known}"])


def activate(target: Target, _arguments: argparse.Namespace) -> Answer:
    """Make the app's program the active one, and roll everything over to it."""
    crm = target.app("activate")
    rolled = crm.activate()
    fingerprint = crm.program.fingerprint
    return Answer(
        {"program": fingerprint, "rolled_over": rolled},
        [f"{fingerprint} is active", f"{rolled} subjects were rolled over to it"],
    )


def retry(target: Target, arguments: argparse.Namespace) -> Answer:
    """Settle effects in doubt as the operator says; have failing and dead subjects decided again."""
    crm = target.app("retry")
    effects = [one for one in arguments.ids if one.startswith("eff_")]
    strange = [one for one in arguments.ids if not one.startswith(("eff_", "lead_", "acct_"))]
    if strange:
        raise UsageError("expected ids that begin with eff_, lead_ or acct_")
    if effects and arguments.verdict is None:
        raise UsageError("say what became of the effects: --as sent, or --as not-sent")
    if arguments.verdict is not None and len(effects) < len(arguments.ids):
        raise UsageError("--as is about effects; retry leads and accounts without it")
    if plain(arguments.reason) != arguments.reason:
        raise UsageError("--reason: expected one word, such as asked_the_provider; it is kept, so name nobody")
    done = {one: _retried(crm, one, arguments) for one in arguments.ids}
    return _done(done, "retried")


def _retried(crm: Nurture, name: str, arguments: argparse.Namespace) -> str:
    try:
        if name.startswith("eff_"):
            is_done = crm.resolve(EffectId(name), sent=arguments.verdict == "sent", reason=arguments.reason)
            return "done" if is_done else "not_in_doubt"
        return "done" if crm.revive(SubjectId(name)) else "not_failing"
    except NotFoundError:
        return "not_found"


def dead(target: Target, arguments: argparse.Namespace) -> Answer:
    """List the subjects that are not tried any more, or revive them."""
    if not arguments.all and not arguments.revive:
        return listed(target, arguments)
    crm = target.app("dead --revive")
    names: Sequence[str] = arguments.revive or [
        one.subject for one in operating.troubled(target.storage) if one.dead is not None
    ]
    return _done({name: _retried(crm, name, arguments) for name in names}, "revived")


def _done(done: dict[str, str], word: str) -> Answer:
    is_whole = all(what == "done" for what in done.values())
    number = sum(what == "done" for what in done.values())
    lines = [f"{name}: {what.replace('_', ' ')}" for name, what in done.items() if what != "done"]
    answer = {word: [{"id": name, "answer": what} for name, what in done.items()]}
    return Answer(answer, [*lines, f"{number} {word}"], Exit.FINE if is_whole else Exit.ATTENTION)


def clock(target: Target, arguments: argparse.Namespace) -> Answer:
    """Compare the store's clock with this machine's; with `--allow`, accept it as it is."""
    storage = target.storage
    if arguments.allow:
        if not isinstance(storage, Watchful):
            raise UsageError("this store does not watch its clock, so there is nothing to allow")
        storage.allow_clock()
    try:
        storage.now()
    except ClockJumpError as error:
        return Answer({"jumped": str(error), "allowed": False}, [str(error)], Exit.ATTENTION)
    store, machine = storage.now(), datetime.now(UTC)
    difference = store - machine
    is_wrong = abs(difference) > arguments.max_difference and not arguments.allow
    document = {
        "store": instant(store),
        "machine": instant(machine),
        "difference_seconds": difference.total_seconds(),
        "allowed": bool(arguments.allow),
    }
    side = "behind" if store < machine else "ahead of"
    lines = [f"the store's clock is {length(abs(difference))} {side} this machine's"]
    return Answer(document, lines, Exit.ATTENTION if is_wrong else Exit.FINE)
