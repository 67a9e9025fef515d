"""What Alembic runs to take steps: on the connection that is handed over, in its transaction. Reads no file."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from alembic import context

from nurture.storage.sql.migrations import VERSION_TABLE

if TYPE_CHECKING:
    from sqlalchemy import Connection

context.configure(
    connection=cast("Connection", context.config.attributes["connection"]),
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
