"""The rows of the drip by hand: what the hand-written loops write, whichever database they write to.

A careful person's JSON, in like words to `nurture`'s, so that the rows are of a like size. May import the standard
library, attrs and the workload.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from attrs import frozen

from bench.stores import Event
from bench.workload import NOW, lead_values

TENANT = "default"
SCHEMA = Path(__file__).with_name("schema.sql")
NOW_US = int(NOW.timestamp() * 1_000_000)
LEASE = timedelta(minutes=5) // timedelta(microseconds=1)
WAIT = timedelta(days=3) // timedelta(microseconds=1)
_DAY = timedelta(days=1) // timedelta(microseconds=1)

# What nurture has written down about a lead before its first mail, in like words.
_KINDS = ("lead.created", "consent.given", "account.told", "enrollment.started", "segment.entered", "stage.changed")

# The columns that are written, in the order of the rows below.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "nurture_lead": ("tenant", "id", "version", "account", "body"),
    "nurture_standing": ("tenant", "id", "version", "due_at", "dead", "advanced_to", "failures", "body"),
    "nurture_touchpoint": ("tenant", "id", "subject", "kind", "at", "received_at", "origin", "body"),
    "nurture_inbox": ("tenant", "id", "subject", "due_at"),
    "nurture_effect": ("tenant", "id", "version", "subject", "state", "open", "planned_at", "due_at", "body"),
    "nurture_allowance": ("tenant", "id", "version", "body"),
    "nurture_decision": ("tenant", "id", "subject", "at", "body"),
}

Row = tuple[str | int | None, ...]
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def key(*parts: object) -> str:
    """An id that identity alone determines."""
    text = "\x1f".join(map(str, parts)).encode()
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def lead_id(number: int) -> str:
    """The lead's id."""
    return f"lead-{number:08d}"


@frozen
class Claimed:
    """One lead of a batch: its id, the effect that is planned for it, and what is known of it."""

    subject: str
    effect: str
    lead: Mapping[str, Any]
    standing: Mapping[str, Any]


def claimed(rows: Iterable[Sequence[Any]]) -> list[Claimed]:
    """Leads from rows of id, the standing's body and the lead's body."""
    found: list[Claimed] = []
    for subject, standing, lead in rows:
        state = json.loads(standing)
        run = state["enrollment"]
        found.append(Claimed(subject, key(TENANT, run["id"], run["step"], run["occurrence"]), json.loads(lead), state))
    return found


# --- the first transaction of a batch: plan and claim -----------------------------------------------------------


def planned_effects(batch: Sequence[Claimed]) -> list[Row]:
    """New effects."""
    return [
        (TENANT, one.effect, 1, one.subject, "planned", 1, NOW_US, NOW_US, _effect("planned", one)) for one in batch
    ]


def plan_decisions(batch: Sequence[Claimed]) -> list[Row]:
    """Why they were planned."""
    return [_decision(one.subject, "wait.ended", one.effect, one.standing) for one in batch]


def planned_standings(batch: Sequence[Claimed]) -> list[Row]:
    """`(due_at, body, id)`: the lease moves the lead on, so that a crash makes it due again."""
    return [(NOW_US + LEASE, _dumps({**one.standing, "open_effect": one.effect}), one.subject) for one in batch]


def allowances(batch: Sequence[Claimed]) -> list[Row]:
    """The counts of the addresses and of the leads."""
    names = [key("address", one.lead["email"]) for one in batch]
    names += [f"lead:{one.subject}" for one in batch]
    return [(TENANT, name, 1, _dumps({"id": name, "recent": [NOW_US]})) for name in names]


def claimed_effects(batch: Sequence[Claimed]) -> list[Row]:
    """`(due_at, body, id)`."""
    return [(NOW_US + LEASE, _effect("claimed", one), one.effect) for one in batch]


# --- the second: record, fold the receipt, move on -----------------------------------------------------------------


def settled_effects(batch: Sequence[Claimed]) -> list[Row]:
    """`(body, id)`."""
    return [(_effect("accepted", one), one.effect) for one in batch]


def receipts(batch: Sequence[Claimed]) -> list[Row]:
    """The facts that the mails were sent."""
    return [
        (TENANT, _receipt_id(one), one.subject, "email.sent", NOW_US, NOW_US, "engine", _receipt(one)) for one in batch
    ]


def receipt_rows(batch: Sequence[Claimed]) -> list[Row]:
    """Their inbox rows. They are deleted in the same transaction: the same rows, one transaction less."""
    return [(TENANT, _receipt_id(one), one.subject, NOW_US) for one in batch]


def moved_standings(batch: Sequence[Claimed]) -> list[Row]:
    """`(due_at, body, id)`."""
    return [(NOW_US + WAIT, _dumps(_moved(one.standing)), one.subject) for one in batch]


def receipt_decisions(batch: Sequence[Claimed]) -> list[Row]:
    """What the receipts led to."""
    return [_decision(one.subject, "email.sent", one.effect, _moved(one.standing)) for one in batch]


# --- recording -----------------------------------------------------------------------------------------------------


def facts(recorded: Sequence[Event]) -> list[Row]:
    """The facts."""
    return [
        (
            TENANT, key("fact", one.key), lead_id(one.lead), one.kind, NOW_US, NOW_US, "lead",
            _dumps({"properties": dict(one.properties)}),
        )
        for one in recorded
    ]  # fmt: skip


def arrivals(rows: Sequence[Row]) -> list[Row]:
    """The inbox rows of these facts."""
    return [(TENANT, row[1], row[2], NOW_US) for row in rows]


# --- what is there at first ----------------------------------------------------------------------------------------


def prepared(due: int, waiting: int) -> Iterator[tuple[str, Iterator[Row]]]:
    """The rows of each table."""
    numbers = range(due + waiting)
    yield (
        "nurture_lead",
        ((TENANT, lead_id(number), 1, "acme", _dumps(_lead(number))) for number in numbers),
    )
    yield (
        "nurture_standing",
        (
            (TENANT, lead_id(number), 1, _due_at(number, due), 0, NOW_US - _DAY, 0, _dumps(_standing(number)))
            for number in numbers
        ),
    )
    yield "nurture_touchpoint", (_past(lead_id(number), kind) for number in numbers for kind in _KINDS)
    yield (
        "nurture_decision",
        (_decision(lead_id(number), "lead.created", key("none", number), _standing(number)) for number in numbers),
    )


def _due_at(number: int, due: int) -> int:
    # The due ones lie in the past, one microsecond apart; the waiting ones wait one to ten days.
    return NOW_US - due + number if number < due else NOW_US + _DAY * (1 + number % 10)


def _lead(number: int) -> dict[str, object]:
    consent = {"at": NOW_US, "channel": "email", "purpose": "marketing", "source": "seminar"}
    return {"id": lead_id(number), **lead_values(number), "account": "acme", "consents": [consent]}


def _standing(number: int) -> dict[str, object]:
    run = key(TENANT, lead_id(number), "welcome")
    return {
        "subject": lead_id(number),
        "program": key("program"),
        "stage": "prospect",
        "stage_since": NOW_US,
        "scores": {"engagement": {"landmark": 768, "sum": 12.5}, "fit": {"constant": 30.0}},
        "segments": {"fitting": NOW_US},
        "enrollment": {
            "id": run,
            "scenario": "welcome",
            "version": key("welcome"),
            "cause": key(run, "cause"),
            "started_at": NOW_US,
            "step": "1",
            "occurrence": 0,
            "path": [{"step": "0", "at": NOW_US}],
        },
        "account": {"industry": "saas"},
        "agenda": {f"step:{run}": NOW_US},
        "advanced_to": NOW_US,
        "due_at": NOW_US,
    }


def _past(subject: str, kind: str) -> Row:
    """A fact about a lead from before."""
    name = key("past", subject, kind)
    body = _dumps({"properties": {"source": "seminar", "about": name}})
    return TENANT, name, subject, kind, NOW_US, NOW_US, "engine", body


def _moved(state: Mapping[str, Any]) -> dict[str, Any]:
    run = state["enrollment"]
    path = [*run["path"], {"step": run["step"], "at": NOW_US, "edge": "next"}]
    enrollment = {**run, "step": "2", "occurrence": run["occurrence"] + 1, "path": path}
    return {
        **state,
        "enrollment": enrollment,
        "agenda": {f"step:{run['id']}": NOW_US + WAIT},
        "advanced_to": NOW_US,
        "due_at": NOW_US + WAIT,
    }


def _effect(state: str, one: Claimed) -> str:
    run = one.standing["enrollment"]
    body: dict[str, object] = {
        "id": one.effect,
        "subject": one.lead["id"],
        "enrollment": run["id"],
        "scenario": run["scenario"],
        "step": run["step"],
        "kind": "message",
        "state": state,
        "channel": "email",
        "message": "hello",
        "purpose": "marketing",
        "address": one.lead["email"],
        "message_id": f"<{one.effect}@example.com>",
        "planned_at": NOW_US,
        "expires_at": NOW_US + 7 * LEASE,
    }
    if state != "planned":
        body |= {"fence": 1, "attempts": 1, "claimed_at": NOW_US}
    if state == "accepted":
        body |= {"settled_at": NOW_US, "due_at": None}
    return _dumps(body)


def _receipt_id(one: Claimed) -> str:
    return key("receipt", one.effect)


def _receipt(one: Claimed) -> str:
    run = one.standing["enrollment"]
    properties = {
        "effect": one.effect,
        "name": "hello",
        "scenario": run["scenario"],
        "step": run["step"],
        "attempts": 1,
        "claimed_at": NOW_US,
    }
    return _dumps({"properties": properties, "channel": "email", "cause": one.effect})


def _decision(subject: str, cause: str, effect: str, state: Mapping[str, Any]) -> Row:
    run = state["enrollment"]
    name = key("decision", subject, cause, run["occurrence"])
    body = {
        "id": name,
        "subject": subject,
        "at": NOW_US,
        "causes": [cause],
        "notes": [
            {"what": "step", "name": run["scenario"], "outcome": run["step"], "clause": "send 'hello'"},
            {"what": "effect", "name": "hello", "outcome": "planned", "saw": {"key": effect, "stage": state["stage"]}},
        ],
    }
    return TENANT, name, subject, NOW_US, _dumps(body)
