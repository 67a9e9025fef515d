"""How a database of an earlier release becomes one of this release: a step for each schema, run by Alembic.

Loaded only when there is something to upgrade. May import Alembic, SQLAlchemy and `nurture.errors`. A step is never
changed once it was released, so it imports nothing of the library, whose tables move on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import inspect

from nurture.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

VERSION_TABLE: Final = "nurture_version"
"""Where Alembic notes which step was the last; ours alone, so a host's own Alembic is not disturbed."""


def migrate(connection: Connection, found: str) -> None:
    """Take every step from the schema that was found to the newest one, in the transaction that is open.

    Args:
        connection: Of a transaction that may change tables and keeps everybody else from doing the same.
        found: Which schema the database has, as `nurture_meta` says; files of schema 1 say it nowhere else.

    Raises:
        StorageError: The database contradicts itself about where it stands.
    """
    config = Config()
    config.set_main_option("script_location", "nurture.storage.sql:migrations")
    config.attributes["connection"] = connection
    try:
        if not inspect(connection).has_table(VERSION_TABLE):
            command.stamp(config, found)
        command.upgrade(config, "head")
    except CommandError as error:
        raise StorageError(f"no way leads from schema {found!r}, which the database says it has") from error
