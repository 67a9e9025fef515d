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

from bench.stores import DripStore, Event, OnConnect, Recorder, Worker
from bench.workload import ACCOUNT_VALUES, NOW, lead_values, renderer

TENANT = "default"
SCHEMA = Path(__file__).with_name("schema.sql")
NOW_US = int(NOW.timestamp() * 1_000_000)
LEASE = timedelta(minutes=5) // timedelta(microseconds=1)
WAIT = timedelta(days=3) // timedelta(microseconds=1)

Claimed = tuple[str, str, Mapping[str, object], Mapping[str, object]]  # lead id, effect, lead, standing


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
            "insert into nurture_lead values (?, ?, 1, ?)",
            ((TENANT, _lead_id(number), json.dumps(lead_values(number))) for number in range(count)),
        )
        connection.executemany(
            "insert into nurture_standing values (?, ?, 1, ?, ?)",
            (
                (TENANT, _lead_id(number), _due_at(number, due), json.dumps(_standing(number)))
                for number in range(count)
            ),
        )
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
        "and l.id = s.id where s.tenant = ? and s.due_at < ? order by s.due_at limit ?",
        (TENANT, NOW_US, batch),
    ).fetchall()
    claimed: list[Claimed] = []
    for subject, standing, lead in rows:
        state = json.loads(standing)
        effect = key(TENANT, state["enrollment"], state["step"], state["occurrence"])
        claimed.append((subject, effect, json.loads(lead), state))
    connection.executemany(
        "insert into nurture_effect values (?, ?, 1, ?, 'planned', ?, ?)",
        [
            (TENANT, effect, subject, NOW_US, json.dumps(_effect("planned", effect, lead, state)))
            for subject, effect, lead, state in claimed
        ],
    )
    connection.executemany(
        "insert into nurture_decision values (?, ?, ?, ?, ?)",
        [_decision(subject, "wait.ended", state) for subject, _, _, state in claimed],
    )
    connection.executemany(
        "update nurture_standing set version = version + 1, due_at = ?, body = ? where tenant = ? and id = ?",
        [
            (NOW_US + LEASE, json.dumps({**state, "open_effect": effect}), TENANT, subject)
            for subject, effect, _, state in claimed
        ],
    )
    connection.executemany(
        "insert into nurture_allowance values (?, ?, 1, ?) on conflict (tenant, id) do update "
        "set version = version + 1, body = excluded.body",
        [
            (TENANT, key("address", lead["email"]), json.dumps({"claims": [[effect, NOW_US]]}))
            for _, effect, lead, _ in claimed
        ],
    )
    connection.executemany(
        "update nurture_effect set version = version + 1, state = 'claimed', due_at = ?, body = ? where tenant = ? and id = ?",
        [
            (NOW_US + LEASE, json.dumps(_effect("claimed", effect, lead, state)), TENANT, effect)
            for _, effect, lead, state in claimed
        ],
    )
    connection.execute("commit")
    return claimed


def _settle(connection: sqlite3.Connection, claimed: Sequence[Claimed]) -> None:
    connection.execute("begin immediate")
    connection.executemany(
        "update nurture_effect set version = version + 1, state = 'accepted', body = ? where tenant = ? and id = ?",
        [(json.dumps(_effect("accepted", effect, lead, state)), TENANT, effect) for _, effect, lead, state in claimed],
    )
    receipts = [(key("receipt", effect), subject, effect) for subject, effect, _, _ in claimed]
    connection.executemany(
        "insert into nurture_touchpoint values (?, ?, ?, 'email.sent', ?, ?, ?)",
        [
            (TENANT, fact, subject, NOW_US, NOW_US, json.dumps(_fact("email.sent", {"effect": effect})))
            for fact, subject, effect in receipts
        ],
    )
    connection.executemany(
        "insert into nurture_inbox values (?, ?, ?, ?, ?)",
        [(TENANT, fact, subject, NOW_US, json.dumps({"fact": fact})) for fact, subject, _ in receipts],
    )
    # The receipt is folded at once: the same rows, one transaction less.
    connection.executemany(
        "delete from nurture_inbox where tenant = ? and id = ?",
        [(TENANT, fact) for fact, _, _ in receipts],
    )
    moved = [(subject, _moved(state)) for subject, _, _, state in claimed]
    connection.executemany(
        "update nurture_standing set version = version + 1, due_at = ?, body = ? where tenant = ? and id = ?",
        [(NOW_US + WAIT, json.dumps(state), TENANT, subject) for subject, state in moved],
    )
    connection.executemany(
        "insert into nurture_decision values (?, ?, ?, ?, ?)",
        [_decision(subject, "email.sent", state) for subject, state in moved],
    )
    connection.execute("commit")


def _record(connection: sqlite3.Connection, facts: Sequence[Event]) -> None:
    rows = [(key("fact", fact.key), _lead_id(fact.lead), fact) for fact in facts]
    connection.execute("begin immediate")
    connection.executemany(
        "insert into nurture_touchpoint values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
        [
            (TENANT, name, subject, fact.kind, NOW_US, NOW_US, json.dumps(_fact(fact.kind, fact.properties)))
            for name, subject, fact in rows
        ],
    )
    connection.executemany(
        "insert into nurture_inbox values (?, ?, ?, ?, ?) on conflict do nothing",
        [(TENANT, name, subject, NOW_US, json.dumps({"fact": name})) for name, subject, _ in rows],
    )
    connection.execute("commit")


def _lead_id(number: int) -> str:
    return f"lead-{number:08d}"


def _due_at(number: int, due: int) -> int:
    # The due ones lie in the past, one microsecond apart; the waiting ones wait one to ten days.
    if number < due:
        return NOW_US - due + number
    return NOW_US + 86_400_000_000 * (1 + number % 10)


def _standing(number: int) -> dict[str, object]:
    return {
        "stage": "prospect",
        "stage_since": NOW_US,
        "scores": {"engagement": 12.5, "fit": 30.0},
        "segments": ["everyone"],
        "enrollment": key(TENANT, _lead_id(number), "welcome"),
        "step": "hello",
        "occurrence": 0,
        "advanced_to": NOW_US,
    }


def _moved(state: Mapping[str, object]) -> dict[str, object]:
    return {**state, "step": "wait", "waits_until": NOW_US + WAIT, "advanced_to": NOW_US}


def _effect(state: str, effect: str, lead: Mapping[str, object], standing: Mapping[str, object]) -> dict[str, object]:
    return {
        "state": state,
        "channel": "email",
        "message": "hello",
        "purpose": "marketing",
        "address": lead["email"],
        "message_id": f"<{effect}@example.com>",
        "enrollment": standing["enrollment"],
        "step": standing["step"],
        "fence": 0 if state == "planned" else 1,
        "planned_at": NOW_US,
    }


def _fact(kind: str, values: Mapping[str, object]) -> dict[str, object]:
    return {"kind": kind, "at": NOW_US, "received_at": NOW_US, "origin": "lead", "properties": values}


def _decision(subject: str, cause: str, state: Mapping[str, object]) -> tuple[str, str, str, int, str]:
    body = {"cause": cause, "moment": NOW_US, "step": state["step"], "stage": state["stage"], "saw": {}}
    return TENANT, key("decision", subject, cause, state["occurrence"]), subject, NOW_US, json.dumps(body)


_fits: type[DripStore] = HandStore
