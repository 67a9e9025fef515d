"""What statements visit while a worker runs: counted by the database itself, so that a noisy machine cannot move it.

SQLite counts the steps of its virtual machine, by a progress handler. PostgreSQL says for every statement what
`EXPLAIN (ANALYZE, BUFFERS)` would say, by its own module auto_explain: how many rows each scan read, those that a
filter threw away included, and how many pages. May import the standard library; gets its connections from the sides.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from bench.harness import UnavailableError

_EXPLAIN = (
    "load 'auto_explain'",
    "set auto_explain.log_min_duration = 0",
    "set auto_explain.log_analyze = on",
    "set auto_explain.log_buffers = on",
    "set auto_explain.log_timing = off",
    "set auto_explain.log_format = json",
    "set auto_explain.log_level = notice",
    "set auto_explain.log_nested_statements = on",
)
_ROWS = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
_VERBS = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")
_PAGES = ("Shared Hit Blocks", "Shared Read Blocks")


class Visits(Protocol):
    """Counts on every connection that it is given.

    Attributes:
        unit: What is counted.
        count: How many so far.
        pages: Pages of the database that were looked at, where it says so.
        statements: Statements that read or write rows.
    """

    unit: str
    count: float
    pages: float
    statements: int

    def attach(self, connection: Any, /) -> None:
        """Count what this connection does from now on."""
        ...


class SqliteVisits:
    """Steps of SQLite's virtual machine."""

    unit = "vm steps"

    def __init__(self, *, by_index: bool = False) -> None:
        del by_index  # it always does
        self.count = 0.0
        self.pages = 0.0
        self.statements = 0

    def attach(self, connection: Any, /) -> None:
        """Count this connection's steps."""
        connection.set_progress_handler(self._one, 1)
        connection.set_trace_callback(self._statement)

    def _one(self) -> int:
        self.count += 1
        return 0  # go on

    def _statement(self, text: str) -> None:
        self.statements += text.lstrip().upper().startswith(_VERBS)


class PostgresVisits:
    """Rows that PostgreSQL's scans visited.

    Args:
        by_index: PostgreSQL would rather read a small table whole; with this it goes by the indexes there, too, so that
            what it reads of a large one, as it likes, can be compared.
    """

    unit = "rows visited"

    def __init__(self, *, by_index: bool = False) -> None:
        self._commands = (*_EXPLAIN, "set enable_seqscan = off") if by_index else _EXPLAIN
        self.count = 0.0
        self.pages = 0.0
        self.statements = 0
        self._by_statement: dict[str, float] = {}

    def attach(self, connection: Any, /) -> None:
        """Have this connection's statements explained; the answers come as notices."""
        import psycopg

        try:
            for command in self._commands:
                connection.execute(command)
        except psycopg.Error as error:
            raise UnavailableError("PostgreSQL's module auto_explain is not installed") from error
        connection.commit()
        connection.add_notice_handler(self._one)

    @property
    def heaviest(self) -> tuple[tuple[str, float], ...]:
        """The statements that visited the most rows."""
        return tuple(sorted(self._by_statement.items(), key=lambda item: -item[1])[:5])

    def _one(self, diagnostic: Any) -> None:
        _, found, plan = str(diagnostic.message_primary).partition("plan:")
        if not found:
            return
        explained = json.loads(plan)
        rows = _visited(explained["Plan"])
        self.statements += 1
        self.count += rows
        self.pages += sum(explained["Plan"].get(name, 0) for name in _PAGES)
        text = " ".join(str(explained.get("Query Text", "")).split())[:120]
        self._by_statement[text] = self._by_statement.get(text, 0.0) + rows


def _visited(node: Mapping[str, Any]) -> float:
    """Rows that the scans of tables and indexes in a plan read; each is an average over the node's loops."""
    rows = sum(_visited(child) for child in node.get("Plans", ()))
    if ("Relation Name" in node or "Index Name" in node) and node["Node Type"] != "ModifyTable":
        rows += node.get("Actual Loops", 0) * sum(node.get(name, 0) for name in _ROWS)
    return rows


VISITS: Mapping[str, type[SqliteVisits] | type[PostgresVisits]] = {"sqlite": SqliteVisits, "postgresql": PostgresVisits}
