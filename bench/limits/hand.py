"""The drip by hand: a lease loop over `sqlite3`, WAL, `synchronous=FULL`.

Two transactions a batch, which is what a safe loop needs at the least: one plans and claims
(it moves `due_at` on, so that a crash makes the lead due again), then the mails are rendered and
sent outside any transaction, and one records, folds the receipt and moves the lead on. It writes
the rows that `bench/limits/writes.py` describes. No gate, no predicates, no program: those are
what the library's price is for. May import the standard library, attrs and the workload.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.stores import DripStore, Event, OnConnect, Recorder, Worker
from bench.workload import ACCOUNT_VALUES, NOW, lead_values, renderer

TENANT = "default"
SCHEMA = Path(__file__).with_name("schema.sql")
NOW_US = int(NOW.timestamp() * 1_000_000)
LEASE = timedelta(minutes=5) // timedelta(microseconds=1)
WAIT = timedelta(days=3) // timedelta(microseconds=1)

# What nurture has written down about a lead before its first mail, in like words.
KINDS = ("lead.created", "consent.given", "account.told", "enrollment.started", "segment.entered", "stage.changed")

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
Claimed = tuple[str, str, Mapping[str, Any], Mapping[str, Any]]  # lead id, effect, lead, standing


def connect(path: Path) -> sqlite3.Connection:
    """A connection as durable as `nurture`'s own."""
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    return connection


def key(*parts: object) -> str:
    """An id that identity alone determines."""
    text = "\x1f".join(map(str, parts)).encode()
    return hashlib.blake2b(text, digest_size=16).hexdigest()


class HandStore:
    """The hand-written loop as a side of the store rows."""

    name = "hand-written loop"

    def prepare(self, path: Path, *, due: int, waiting: int) -> None:
        """Make a database with so many leads whose next mail is due, and so many that wait."""
        connection = connect(path)
        connection.executescript(SCHEMA.read_text(encoding="utf-8"))
        connection.execute("begin immediate")
        count = due + waiting
        connection.executemany(
            "insert into nurture_lead values (?, ?, 1, 'acme', ?)",
            ((TENANT, _lead_id(number), _dumps(_lead(number))) for number in range(count)),
        )
        connection.executemany(
            "insert into nurture_standing values (?, ?, 1, ?, 0, ?)",
            ((TENANT, _lead_id(number), _due_at(number, due), _dumps(_standing(number))) for number in range(count)),
        )
        connection.executemany(
            "insert into nurture_touchpoint values (?, ?, ?, ?, ?, ?, 'engine', ?)",
            (_past(_lead_id(number), kind) for number in range(count) for kind in KINDS),
        )
        connection.executemany(
            "insert into nurture_decision values (?, ?, ?, ?, ?)",
            (
                _decision(_lead_id(number), "lead.created", key("none", number), _standing(number))
                for number in range(count)
            ),
        )
        connection.execute("insert into nurture_clock values (?, ?)", (TENANT, NOW_US))
        connection.execute("commit")
        connection.execute("analyze")
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.close()

    @contextmanager
    def worker(self, path: Path, batch: int, on_connect: OnConnect | None = None) -> Iterator[Worker]:
        """The lease loop."""
        connection = connect(path)
        if on_connect is not None:
            on_connect(connection)
        render = renderer()

        def work() -> int:
            done = 0
            while claimed := _claim(connection, batch):
                for _, _, lead, _ in claimed:
                    render(lead, ACCOUNT_VALUES)
                _settle(connection, claimed)
                done += len(claimed)
            return done

        yield work
        connection.close()

    @contextmanager
    def recorder(self, path: Path) -> Iterator[Recorder]:
        """`executemany` into the facts and the inbox; a repeat is a no-op."""
        connection = connect(path)
        yield lambda facts: _record(connection, facts)
        connection.close()


def _claim(connection: sqlite3.Connection, batch: int) -> Sequence[Claimed]:
    connection.execute("begin immediate")
    rows = connection.execute(
        "select s.id, s.body, l.body from nurture_standing s join nurture_lead l on l.tenant = s.tenant "
        "and l.id = s.id where s.tenant = ? and s.due_at < ? and s.dead = 0 order by s.due_at limit ?",
        (TENANT, NOW_US, batch),
    ).fetchall()
    claimed: list[Claimed] = []
    for subject, standing, lead in rows:
        state = json.loads(standing)
        effect = key(TENANT, state["enrollment"]["id"], state["enrollment"]["step"], state["enrollment"]["occurrence"])
        claimed.append((subject, effect, json.loads(lead), state))
    connection.executemany(
        "insert into nurture_effect values (?, ?, 1, ?, 'planned', 1, ?, ?, ?)",
        [
            (TENANT, effect, subject, NOW_US, NOW_US, _dumps(_effect("planned", effect, lead, state)))
            for subject, effect, lead, state in claimed
        ],
    )
    connection.executemany(
        "insert into nurture_decision values (?, ?, ?, ?, ?)",
        [_decision(subject, "wait.ended", effect, state) for subject, effect, _, state in claimed],
    )
    connection.executemany(
        "update nurture_standing set version = version + 1, due_at = ?, body = ? where tenant = ? and id = ?",
        [
            (NOW_US + LEASE, _dumps({**state, "open_effect": effect}), TENANT, subject)
            for subject, effect, _, state in claimed
        ],
    )
    allowances = [key("address", lead["email"]) for _, _, lead, _ in claimed]
    allowances += [f"lead:{subject}" for subject, _, _, _ in claimed]
    connection.executemany(
        "insert into nurture_allowance values (?, ?, 1, ?) on conflict (tenant, id) do update "
        "set version = version + 1, body = excluded.body",
        [(TENANT, name, _dumps({"id": name, "recent": [NOW_US]})) for name in allowances],
    )
    connection.executemany(
        "update nurture_effect set version = version + 1, state = 'claimed', due_at = ?, body = ? "
        "where tenant = ? and id = ?",
        [
            (NOW_US + LEASE, _dumps(_effect("claimed", effect, lead, state)), TENANT, effect)
            for _, effect, lead, state in claimed
        ],
    )
    _commit(connection)
    return claimed


def _settle(connection: sqlite3.Connection, claimed: Sequence[Claimed]) -> None:
    connection.execute("begin immediate")
    connection.executemany(
        "update nurture_effect set version = version + 1, state = 'accepted', open = 0, due_at = null, body = ? "
        "where tenant = ? and id = ?",
        [(_dumps(_effect("accepted", effect, lead, state)), TENANT, effect) for _, effect, lead, state in claimed],
    )
    receipts = [(key("receipt", effect), subject, effect, state) for subject, effect, _, state in claimed]
    connection.executemany(
        "insert into nurture_touchpoint values (?, ?, ?, 'email.sent', ?, ?, 'engine', ?)",
        [
            (TENANT, fact, subject, NOW_US, NOW_US, _dumps(_receipt(effect, state)))
            for fact, subject, effect, state in receipts
        ],
    )
    connection.executemany(
        "insert into nurture_inbox values (?, ?, ?, ?)",
        [(TENANT, fact, subject, NOW_US) for fact, subject, _, _ in receipts],
    )
    # The receipt is folded at once: the same rows, one transaction less.
    connection.executemany(
        "delete from nurture_inbox where tenant = ? and id = ?",
        [(TENANT, fact) for fact, _, _, _ in receipts],
    )
    moved = [(subject, effect, _moved(state)) for subject, effect, _, state in claimed]
    connection.executemany(
        "update nurture_standing set version = version + 1, due_at = ?, body = ? where tenant = ? and id = ?",
        [(NOW_US + WAIT, _dumps(state), TENANT, subject) for subject, _, state in moved],
    )
    connection.executemany(
        "insert into nurture_decision values (?, ?, ?, ?, ?)",
        [_decision(subject, "email.sent", effect, state) for subject, effect, state in moved],
    )
    _commit(connection)


def _record(connection: sqlite3.Connection, facts: Sequence[Event]) -> None:
    rows = [(key("fact", fact.key), _lead_id(fact.lead), fact) for fact in facts]
    connection.execute("begin immediate")
    # The inbox first: a fact that is there already waits there, or was decided long ago.
    connection.executemany(
        "insert into nurture_inbox select ?1, ?2, ?3, ?4 "
        "where not exists (select 1 from nurture_touchpoint where tenant = ?1 and id = ?2)",
        [(TENANT, name, subject, NOW_US) for name, subject, _ in rows],
    )
    connection.executemany(
        "insert into nurture_touchpoint values (?, ?, ?, ?, ?, ?, 'lead', ?) on conflict do nothing",
        [
            (TENANT, name, subject, fact.kind, NOW_US, NOW_US, _dumps({"properties": dict(fact.properties)}))
            for name, subject, fact in rows
        ],
    )
    _commit(connection)


def _commit(connection: sqlite3.Connection) -> None:
    connection.execute("update nurture_clock set last = last + 1 where tenant = ?", (TENANT,))
    connection.execute("commit")


def _lead_id(number: int) -> str:
    return f"lead-{number:08d}"


def _lead(number: int) -> dict[str, object]:
    consent = {"at": NOW_US, "channel": "email", "purpose": "marketing", "source": "seminar"}
    return {"id": _lead_id(number), **lead_values(number), "account": "acme", "consents": [consent]}


def _due_at(number: int, due: int) -> int:
    # The due ones lie in the past, one microsecond apart; the waiting ones wait one to ten days.
    if number < due:
        return NOW_US - due + number
    return NOW_US + 86_400_000_000 * (1 + number % 10)


def _standing(number: int) -> dict[str, object]:
    run = key(TENANT, _lead_id(number), "welcome")
    return {
        "subject": _lead_id(number),
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


def _past(subject: str, kind: str) -> tuple[str, str, str, str, int, int, str]:
    """A fact about a lead from before."""
    name = key("past", subject, kind)
    return TENANT, name, subject, kind, NOW_US, NOW_US, _dumps({"properties": {"source": "seminar", "about": name}})


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


def _effect(state: str, effect: str, lead: Mapping[str, Any], standing: Mapping[str, Any]) -> dict[str, object]:
    run = standing["enrollment"]
    body: dict[str, object] = {
        "id": effect,
        "subject": lead["id"],
        "enrollment": run["id"],
        "scenario": run["scenario"],
        "step": run["step"],
        "kind": "message",
        "state": state,
        "channel": "email",
        "message": "hello",
        "purpose": "marketing",
        "address": lead["email"],
        "message_id": f"<{effect}@example.com>",
        "planned_at": NOW_US,
        "expires_at": NOW_US + 7 * LEASE,
    }
    if state != "planned":
        body |= {"fence": 1, "attempts": 1, "claimed_at": NOW_US}
    if state == "accepted":
        body |= {"settled_at": NOW_US, "due_at": None}
    return body


def _receipt(effect: str, standing: Mapping[str, Any]) -> dict[str, object]:
    run = standing["enrollment"]
    properties = {"effect": effect, "name": "hello", "scenario": run["scenario"], "step": run["step"], "attempts": 1}
    return {"properties": {**properties, "claimed_at": NOW_US}, "channel": "email", "cause": effect}


def _decision(subject: str, cause: str, effect: str, state: Mapping[str, Any]) -> tuple[str, str, str, int, str]:
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


_fits: type[DripStore] = HandStore
