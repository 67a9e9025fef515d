"""What operators look at: `status`, `due`, `stuck`, `dead`. Nothing here writes. May import the runtime."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from nurture.cli.answer import Answer, Exit, instant, length, plain, short, table
from nurture.cli.wiring import Versioned
from nurture.model import Activated, Activation, Effect, EffectState, Standing
from nurture.predicates import Reach
from nurture.runtime import operating
from nurture.runtime.legs import ACTIVATION

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from nurture.cli.wiring import Target
    from nurture.ports import Backlog, View

AHEAD = timedelta(days=36_525)
"""`due` looks so far ahead."""
STATES = ("due", "outbox", "claimed", "unknown", "failing", "dead")


def status(target: Target, arguments: argparse.Namespace) -> Answer:
    """How much waits, since when, under which program, by which clock."""
    storage = target.storage
    now = storage.now()
    with storage.view() as view:
        backlog = view.backlog(now, arguments.upto)
        next_due = view.next_due_at()
        active = _active(view)
    here = target.crm.program.fingerprint if target.crm else None
    schema = storage.schema_version if isinstance(storage, Versioned) else None
    lags = {name: _lag(since, now) for name, since in (("due", backlog.due_since), ("outbox", backlog.outbox_since))}
    mismatch = here is not None and active is not None and here != active.program
    attention = [*_troubles(backlog, arguments.upto), *_late(lags, arguments.max_lag)]
    if mismatch:
        attention.append("the app's program is not the active one: its workers do not decide")
    document: dict[str, object] = {
        "tenant": storage.tenant,
        "backlog": {name: getattr(backlog, name) for name in STATES} | {"counted_up_to": arguments.upto},
        "lag_seconds": {name: lag.total_seconds() for name, lag in lags.items()},
        "next_due_at": instant(next_due),
        "program": {
            "active": active.program if active else None,
            "activated_at": instant(active.at) if active else None,
            "here": here,
        },
        "schema": schema,
        "clock": {"store": instant(now), "machine": instant(datetime.now(UTC))},
        "attention": attention,
    }
    lines = [
        *table(
            ("tenant", storage.tenant),
            [
                ("due", f"{_number(backlog.due, arguments.upto)} subjects, oldest {length(lags['due'])}"),
                ("outbox", f"{_number(backlog.outbox, arguments.upto)} effects, oldest {length(lags['outbox'])}"),
                *((name, _number(getattr(backlog, name), arguments.upto)) for name in STATES[2:]),
                ("next due", short(next_due)),
                ("program", active.program if active else "none is active yet"),
                ("schema", "-" if schema is None else str(schema)),
                ("store's clock", short(now)),
            ],
        ),
        *(f"attention: {one}" for one in attention),
    ]
    return Answer(document, lines, Exit.PROGRAM if mismatch else Exit.ATTENTION if attention else Exit.FINE)


def due(target: Target, arguments: argparse.Namespace) -> Answer:
    """What is due next: subjects to decide and effects to carry out, earliest first."""
    storage = target.storage
    now = storage.now()
    with storage.view() as view:
        waiting = [*_subjects(view, now, arguments.limit), *_effects(view, now, arguments.limit)]
    waiting = sorted(waiting, key=lambda row: (row[0], row[2]))[: arguments.limit]
    document = {
        "tenant": storage.tenant,
        "now": instant(now),
        "due": [
            {"due_at": instant(at), "is_due": at < now, "kind": kind, "id": name, "subject": subject}
            for at, kind, name, subject in waiting
        ],
    }
    rows = [(short(at), _when(at, now), kind, name) for at, kind, name, _ in waiting]
    return Answer(document, table(("DUE AT", "WHEN", "KIND", "ID"), rows) if rows else ["nothing is due, ever"])


def stuck(target: Target, arguments: argparse.Namespace) -> Answer:
    """What does not go on: effects in doubt, lost claims, failing and dead subjects, with reasons."""
    return _troubled(target, operating.stuck(target.storage), arguments.limit, "stuck")


def dead(target: Target, arguments: argparse.Namespace) -> Answer:
    """The subjects that are not tried any more, with reasons."""
    found = (one for one in operating.troubled(target.storage) if one.dead is not None)
    return _troubled(target, found, arguments.limit, "dead")


def _troubled(target: Target, found: Iterable[Effect | Standing], limit: int, word: str) -> Answer:
    some = list(islice(found, limit + 1))
    listed = [_trouble(one) for one in some[:limit]]
    document = {"tenant": target.storage.tenant, word: listed, "more": len(some) > limit}
    columns = ("what", "id", "since", "reason")
    lines = table([one.upper() for one in columns], [[one[column] or "-" for column in columns] for one in listed])
    if len(some) > limit:
        lines.append(f"and more than these {limit}")
    return Answer(document, lines if some else [f"nothing is {word}"], Exit.ATTENTION if some else Exit.FINE)


def _trouble(one: Effect | Standing) -> dict[str, str | None]:
    if isinstance(one, Standing):
        what = "failing" if one.dead is None else "dead"
        reason = f"failed_{one.failures}_times" if one.dead is None else plain(one.dead)
        since = one.advanced_to
        return {"what": what, "id": one.subject, "subject": one.subject, "since": instant(since), "reason": reason}
    is_unknown = one.state is EffectState.UNKNOWN
    return {
        "what": "unknown" if is_unknown else "lost_claim",
        "id": one.id,
        "subject": one.subject,
        "since": instant(one.settled_at if is_unknown else one.due_at),
        "reason": plain(one.reason) if is_unknown else "lease_ran_out",
        "scenario": one.scenario,
        "name": one.name,
    }


def _active(view: View) -> Activated | None:
    found = view.get(Activation, [ACTIVATION]).get(ACTIVATION)
    return found.history[-1] if found else None


def _troubles(backlog: Backlog, upto: int) -> Iterator[str]:
    for name, meaning in (
        ("unknown", "effects in doubt; see `nurture stuck`, then `nurture retry`"),
        ("failing", "subjects that could not be decided lately; see `nurture stuck`"),
        ("dead", "subjects that are not tried any more; see `nurture dead`"),
    ):
        number = getattr(backlog, name)
        if number:
            yield f"{_number(number, upto)} {meaning}"


def _late(lags: dict[str, timedelta], most: timedelta) -> Iterator[str]:
    for name, lag in lags.items():
        if lag > most:
            yield f"the oldest of what is {name} waits for {length(lag)}; is a worker running?"


def _lag(since: datetime | None, now: datetime) -> timedelta:
    return timedelta(0) if since is None else max(timedelta(0), now - since)


def _number(number: int, upto: int) -> str:
    return f"{number} or more" if number >= upto else str(number)


def _when(at: datetime, now: datetime) -> str:
    return f"{length(now - at)} ago" if at < now else f"in {length(at - now)}"


def _subjects(view: View, now: datetime, limit: int) -> Iterator[tuple[datetime, str, str, str]]:
    subjects = view.due(now + AHEAD, limit)
    standings = view.get(Standing, subjects)
    known = view.about(dict.fromkeys(subjects, now), Reach.nothing())
    for subject in subjects:
        at = _due_at(standings.get(subject), [row.due_at for row in known[subject].inbox])
        if at is not None:
            yield at, "subject", subject, subject


def _due_at(standing: Standing | None, inbox: list[datetime]) -> datetime | None:
    own = [standing.due_at] if standing is not None and standing.due_at is not None else []
    is_failing = standing is not None and standing.failures > 0
    return min(own if is_failing else [*own, *inbox], default=None)


def _effects(view: View, now: datetime, limit: int) -> Iterator[tuple[datetime, str, str, str]]:
    for effect in view.claimable(now + AHEAD, limit):
        if effect.due_at is not None:
            yield effect.due_at, effect.kind.value, effect.id, effect.subject
