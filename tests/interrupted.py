"""A store in which somebody may be faster: it calls back before each unit, after what is written was decided."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from nurture.ports import Storage, Unit


class Interrupted:
    """A store that calls back before each unit, as if another process had been faster.

    Attributes:
        inner: The store.
        before: What is called; it may use the store.
    """

    def __init__(self, inner: Storage) -> None:
        self.inner = inner
        self.before: Callable[[], None] = lambda: None

    def begin(self) -> AbstractContextManager[Unit]:
        self.before()
        return self.inner.begin()

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)
