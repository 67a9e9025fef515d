"""Working inside a transaction of the host's own: the same parts on a store that has joined it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

import attrs

from nurture.errors import JoinError

if TYPE_CHECKING:
    from nurture.model import Touchpoint
    from nurture.ports import Joinable, JoinedStorage
    from nurture.runtime.host import Host


def joined(host: Host, connection: object) -> Host:
    """The same parts, on the host's connection; observers are told once it has committed.

    Raises:
        JoinError: The store cannot join a transaction, or not this one.
    """
    storage = host.storage
    if not hasattr(storage, "joined"):
        raise JoinError(f"{type(storage).__name__} cannot join a transaction; SqlStorage can")
    within = cast("Joinable", storage).joined(connection)
    observers = (_Later(host, within),) if host.observers else ()
    return attrs.evolve(host, storage=within, observers=observers, is_joined=True)


def refuse_joined(host: Host, what: str) -> None:
    """Refuse what must not be undone by the host's rollback.

    Raises:
        JoinError: The parts are those of a joined transaction.
    """
    if host.is_joined:
        raise JoinError(f"{what} is for a worker, not for a transaction of the host's own: it might be rolled back")


class _Later:
    """Tells each fact once the host has committed.

    Each is kept by the host's transaction, and not here: with a savepoint of the host's, it is gone.
    """

    def __init__(self, host: Host, storage: JoinedStorage) -> None:
        self._host = host
        self._storage = storage

    def __call__(self, fact: Touchpoint) -> None:
        self._storage.after_commit(partial(self._host.tell, (fact,)))
