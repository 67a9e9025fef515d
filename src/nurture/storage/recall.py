"""Records as JSON text and back, remembering those that were just written or read. May import `codec`.

A worker reads the same lead when it decides, when it claims and when it decides about the receipt, and it
reads the standing that it wrote a moment ago. Records never change, so a text that was seen before means
the record that it meant then. What is remembered is bounded; nothing is ever stale, since the text is the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar, cast

from nurture.model import Account, Activation, Allowance, Definition, Effect, Lead, Standing
from nurture.storage import codec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nurture.model import Record

T = TypeVar("T")

GENERATION: Final = 2048
"""So many records of a kind are remembered for sure, and at most twice as many."""


class _Memory:
    """The newest texts with their records, in two generations: what nobody asks for in one is gone with the next."""

    __slots__ = ("_old", "_young")

    def __init__(self) -> None:
        self._young: dict[str, object] = {}
        self._old: dict[str, object] = {}

    def find(self, text: str) -> object | None:
        """The record of a text; None when it is not remembered."""
        found = self._young.get(text)
        if found is None and (found := self._old.get(text)) is not None:
            self.keep(text, found)
        return found

    def keep(self, text: str, record: object) -> None:
        """Remember a record under its text."""
        if len(self._young) >= GENERATION:
            self._old, self._young = self._young, {}
        self._young[text] = record


_MEMORIES: Final[Mapping[object, _Memory]] = {
    kind: _Memory() for kind in (Lead, Account, Standing, Effect, Allowance, Activation, Definition)
}


def encode(record: Record) -> str:
    """The record as JSON text."""
    text = codec.encode(record)
    memory = _MEMORIES.get(record.__class__)
    if memory is not None:
        memory.keep(text, record)
    return text


def decode(kind: type[T], text: str) -> T:
    """The record of this kind that the text holds; the text must come from `encode`."""
    memory = _MEMORIES.get(kind)
    if memory is None:
        return codec.decode(kind, text)
    found = memory.find(text)
    if found is None:
        found = codec.decode(kind, text)
        memory.keep(text, found)
    return cast("T", found)
