"""Counting what the database visits: steps of SQLite's virtual machine, rows that PostgreSQL's scans read.

PostgreSQL says for every statement what `EXPLAIN (ANALYZE)` would say, by its own module auto_explain.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

_EXPLAIN = (
    "load 'auto_explain'",
    "set auto_explain.log_min_duration = 0",
    "set auto_explain.log_analyze = on",
    "set auto_explain.log_timing = off",
    "set auto_explain.log_format = json",
    "set auto_explain.log_level = notice",
    "set auto_explain.log_nested_statements = on",
)
_ROWS = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")


class Visits:
    """Counts on every driver connection that it is given.

    Args:
        by_index: PostgreSQL would rather read a small table whole; with this it goes by the indexes there, too, so that
            what it reads of a large one, as it likes, can be compared.
    """

    def __init__(self, *, by_index: bool) -> None:
        self.count = 0.0
        self._commands = (*_EXPLAIN, "set enable_seqscan = off") if by_index else _EXPLAIN

    def attach(self, connection: Any) -> None:
        """Count what this connection does from now on."""
        if hasattr(connection, "set_progress_handler"):
            connection.set_progress_handler(self._step, 1)
            return
        import psycopg

        try:
            for command in self._commands:
                connection.execute(command)
        except psycopg.Error:
            pytest.skip("PostgreSQL's module auto_explain is not installed")
        connection.commit()
        connection.add_notice_handler(self._explained)

    def _step(self) -> int:
        self.count += 1
        return 0  # go on

    def _explained(self, diagnostic: Any) -> None:
        _, found, plan = str(diagnostic.message_primary).partition("plan:")
        if found:
            self.count += _visited(json.loads(plan)["Plan"])


def _visited(node: Mapping[str, Any]) -> float:
    """Rows that the scans of tables and indexes in a plan read; each is an average over the node's loops."""
    rows = sum(map(_visited, node.get("Plans", ())))
    if ("Relation Name" in node or "Index Name" in node) and node["Node Type"] != "ModifyTable":
        rows += node.get("Actual Loops", 0) * sum(node.get(name, 0) for name in _ROWS)
    return float(rows)
