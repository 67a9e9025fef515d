"""Which names a tenant may have, in every store. May import `nurture.errors`."""

from __future__ import annotations

from nurture.errors import StorageError


def checked_tenant(tenant: object) -> str:
    """The name, if every store can keep it.

    Raises:
        StorageError: It is no text, or holds half a surrogate pair or a NUL, which databases refuse.

    Example:
        >>> checked_tenant("acme")
        'acme'
    """
    if not isinstance(tenant, str):
        raise StorageError(f"tenant: expected text, found {type(tenant).__name__}")
    if "\0" in tenant or any("\ud800" <= sign <= "\udfff" for sign in tenant):
        raise StorageError("tenant: expected text without NUL and without lone surrogates")
    return tenant
