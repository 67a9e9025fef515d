"""What operators do: `upgrade`, `activate`, `retry`, `dead --revive`, `clock`. May import the runtime."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nurture.cli.answer import Answer, Exit, UsageError, instant, is_fact, is_id, is_word, length
from nurture.cli.watching import dead as listed
from nurture.cli.wiring import Upgrading, Versioned, Watchful
from nurture.errors import (
    ClockJumpError,
    ConflictError,
    NotFoundError,
    ProgramMismatchError,
    RecordRefusedError,
    StorageError,
)
from nurture.model import Effect, EffectId, EffectState, FactId, Standing, SubjectId
from nurture.runtime import operating
from nurture.runtime.host import where

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from nurture.cli.wiring import Target
    from nurture.ports import Storage


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
    if not all(map(is_id, arguments.ids)):
        raise UsageError("expected ids of effects, leads or accounts, whole, as the other commands show them")
    if effects and arguments.verdict is None:
        raise UsageError("say what became of the effects: --as sent, or --as not-sent")
    if arguments.verdict is not None and len(effects) < len(arguments.ids):
        raise UsageError("--as is about effects; retry leads and accounts without it")
    if arguments.reason and not is_word(arguments.reason):
        raise UsageError("--reason: expected one word, such as asked_the_provider; it is kept, so name nobody")

    def retried(name: str) -> str:
        if name.startswith("eff_"):
            is_done = crm.resolve(EffectId(name), sent=arguments.verdict == "sent", reason=arguments.reason)
            return "done" if is_done else "not_in_doubt"
        return "done" if crm.revive(SubjectId(name)) else "not_failing"

    return _done({one: _attempted(target.storage, one, retried) for one in arguments.ids}, "retried")


def _attempted(storage: Storage, name: str, work: Callable[[str], str]) -> str:
    """What came of one id; one that fails stops no other, but a store that is away does."""
    try:
        return _idle(storage, name) or work(name)
    except NotFoundError:
        return "not_found"
    except Exception as error:
        is_away = isinstance(error, (StorageError, ProgramMismatchError))
        if is_away and not isinstance(error, (ConflictError, RecordRefusedError)):
            raise
        print(f"nurture: {name}: {type(error).__name__} at {where(error)}", file=sys.stderr)
        return "failed"


def _idle(storage: Storage, name: str) -> str | None:
    """Why there is nothing to do. Asked first, for the work would make the app's program active where none is."""
    with storage.view() as view:
        if name.startswith("eff_"):
            effect = view.get(Effect, [name]).get(name)
            if effect is None:
                return "not_found"
            return None if effect.state is EffectState.UNKNOWN else "not_in_doubt"
        if not view.existing([SubjectId(name)]):
            return "not_found"
        standing = view.get(Standing, [name]).get(name)
    is_troubled = standing is not None and (standing.dead is not None or standing.failures > 0)
    return None if is_troubled else "not_failing"


def dead(target: Target, arguments: argparse.Namespace) -> Answer:
    """List the subjects that are not tried any more, or revive them."""
    if not arguments.all and not arguments.revive:
        if arguments.without:
            raise UsageError("--without goes with --revive")
        return listed(target, arguments)
    crm = target.app("dead --revive")
    if not all(is_id(one) and not one.startswith("eff_") for one in arguments.revive or ()):
        raise UsageError("--revive: expected the id of a lead or an account, whole, as `nurture dead` shows it")
    if arguments.without and len(arguments.revive or ()) != 1:
        raise UsageError("--without names facts of one subject: give one --revive")
    if not all(map(is_fact, arguments.without)):
        raise UsageError("--without: expected the id of a fact, whole, as `nurture dead` shows it")
    without = [FactId(one) for one in arguments.without]

    def revived(name: str) -> str:
        try:
            return "done" if crm.revive(SubjectId(name), without=without) else "not_failing"
        except NotFoundError:
            return "fact_not_waiting" if without else "not_found"

    names: Sequence[str] = arguments.revive or [
        one.subject for one in operating.troubled(target.storage) if one.dead is not None
    ]
    return _done({name: _attempted(target.storage, name, revived) for name in names}, "revived")


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
