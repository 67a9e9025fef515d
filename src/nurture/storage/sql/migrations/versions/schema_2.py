"""Schema 2: a standing's moment and failures get columns; indexes for what is troubled or in doubt."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from alembic import op
from sqlalchemy import BigInteger, Column, SmallInteger, bindparam, column, select, table, tuple_, update
from sqlalchemy.sql.expression import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Executable

revision = "2"
down_revision = "1"
branch_labels = None
depends_on = None

_BATCH = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_meta = table("nurture_meta", column("name"), column("value"))
_standing = table(
    "nurture_standing", column("tenant"), column("id"), column("body"), column("advanced_to"), column("failures")
)


def upgrade() -> None:
    """Add what is new, and fill it from the records."""
    op.add_column("nurture_standing", Column("advanced_to", BigInteger, nullable=True))
    op.add_column("nurture_standing", Column("failures", SmallInteger, nullable=False, server_default="0"))
    _fill()
    op.drop_index("nurture_standing_dead", "nurture_standing")
    _index("standing_troubled", "standing", "tenant", "id", where="(dead = 1 OR failures > 0)")
    op.drop_index("nurture_standing_by_due", "nurture_standing")
    _index("standing_by_due", "standing", "tenant", "due_at", "id", where="due_at IS NOT NULL AND dead = 0")
    op.drop_index("nurture_effect_by_due", "nurture_effect")
    _index("effect_by_due", "effect", "tenant", "due_at", "id", where="due_at IS NOT NULL AND open = 1")
    _index("effect_in_doubt", "effect", "tenant", "state", "id", where="state IN ('claimed', 'unknown')")
    op.execute(_meta.update().where(_meta.c.name == "schema").values(value=revision))


def _index(name: str, of: str, *columns: str, where: str) -> None:
    condition = text(where)
    op.create_index(
        f"nurture_{name}", f"nurture_{of}", list(columns), sqlite_where=condition, postgresql_where=condition
    )


def _fill() -> None:
    """Copy what the records say into the columns, so many at a time that memory stays small."""
    connection = op.get_bind()
    key = tuple_(_standing.c.tenant, _standing.c.id)
    chosen = select(_standing.c.tenant, _standing.c.id, _standing.c.body).order_by(*key).limit(_BATCH)
    write = (
        update(_standing)
        .where(_standing.c.tenant == bindparam("the_tenant"), _standing.c.id == bindparam("the_id"))
        .values(advanced_to=bindparam("the_moment"), failures=bindparam("the_failures"))
    )
    batch = _rows(connection, chosen)
    while batch:
        if filled := _filled(batch):
            connection.execute(write, filled)
        tenant, name, _ = batch[-1]
        batch = _rows(connection, chosen.where(key > tuple_(tenant, name)))


def _rows(connection: Connection, statement: Executable) -> list[tuple[str, str, str]]:
    return [(str(tenant), str(name), str(body)) for tenant, name, body in connection.execute(statement)]


def _filled(batch: Sequence[tuple[str, str, str]]) -> list[dict[str, object]]:
    """The values of the standings that have any."""
    found: list[dict[str, object]] = []
    for tenant, name, body in batch:
        record = json.loads(body)
        moment, failures = record.get("advanced_to"), record.get("failures", 0)
        if moment is not None or failures:
            micros = None if moment is None else (datetime.fromisoformat(moment) - _EPOCH) // timedelta(microseconds=1)
            found.append({"the_tenant": tenant, "the_id": name, "the_moment": micros, "the_failures": failures})
    return found
