"""Finding the host's wiring: an app by `module:name`, or a store by URL. May import the runtime and stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import attrs

from nurture.cli.answer import UsageError
from nurture.cli.loading import loaded
from nurture.errors import StorageError
from nurture.ports import Storage
from nurture.runtime import Nurture

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping


@runtime_checkable
class Upgrading(Protocol):
    """A store that has tables to make and to change."""

    def upgrade(self) -> None:
        """Bring them to this release."""
        ...


@runtime_checkable
class Versioned(Protocol):
    """A store that knows which schema it has."""

    @property
    def schema_version(self) -> int:
        """The version."""
        ...


@runtime_checkable
class Watchful(Protocol):
    """A store that refuses a clock that jumped, until an operator allows it."""

    def allow_clock(self) -> object:
        """Accept the clock as it is now."""
        ...


@runtime_checkable
class Tabled(Protocol):
    """A store whose tables may not be there yet."""

    def has_tables(self) -> bool:
        """Whether they are; makes none."""
        ...


@attrs.frozen(slots=True)
class Target:
    """What a command works on.

    Attributes:
        storage: The store.
        crm: The host's object; None when only a URL was given.
    """

    storage: Storage
    crm: Nurture | None = None

    def app(self, command: str) -> Nurture:
        """The host's object.

        Raises:
            UsageError: There is none.
        """
        if self.crm is None:
            raise UsageError(f"{command} needs the program: give --app module:name, or set NURTURE_APP")
        return self.crm

    def require_tables(self) -> None:
        """See that there is something to look at, for looking must not make it.

        Raises:
            StorageError: The store has no tables.
        """
        if isinstance(self.storage, Tabled) and not self.storage.has_tables():
            raise StorageError("no tables here: `nurture upgrade` makes them")

    def close(self) -> None:
        """Give back what is held."""
        (self.crm or self.storage).close()


def target_of(arguments: argparse.Namespace, environment: Mapping[str, str]) -> Target:
    """What the arguments, or else the environment, name.

    Raises:
        UsageError: Nothing, both, or something else than a `Nurture`.
    """
    app, url, tenant = arguments.app, arguments.url, arguments.tenant
    if app and url:
        raise UsageError("give --app or --url, not both")
    if not app and not url:
        app = environment.get("NURTURE_APP")
        url = None if app else environment.get("NURTURE_URL")
    if app:
        if tenant is not None:
            raise UsageError("--tenant goes with --url; an app is bound to its tenant already")
        crm = loaded(app, Nurture)
        return Target(crm.storage, crm)
    if not url:
        raise UsageError("give --app module:name or --url sqlite:///crm.db, or set NURTURE_APP or NURTURE_URL")
    try:
        from nurture.storage import SqlStorage
    except ImportError as error:
        raise UsageError(str(error)) from error
    return Target(SqlStorage(url, tenant="default" if tenant is None else tenant))
