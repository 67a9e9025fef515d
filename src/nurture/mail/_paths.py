"""Where in HTML each thing that a template prints may stand, on every way through its statements. Pure.

Imports marks and states. All places at which a template may be are kept at once: each arm of an `if` is gone through,
a loop no times, once and more often. So a quotation mark, a comment or an element that only one arm opens is seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from nurture.mail._marks import Branch, Marked, Part, TooManyWaysError
from nurture.mail._states import DATA, At, behind_printed, behind_text

MOST_WAYS: Final = 32
"""At so many places at once it may be, and no more."""

MOST_READ: Final = 1_048_576
"""So many signs are read, each way counted by itself."""


class Paths(NamedTuple):
    """Where a template leads.

    Attributes:
        prints: For each thing that is printed, all places where it may stand.
        ends: All places where the template may end.
    """

    prints: tuple[frozenset[At], ...]
    ends: frozenset[At]


def paths(one: Marked) -> Paths:
    """Where a template leads, from between tags.

    Raises:
        TooManyWaysError: Its statements stand in the middle of markup too often.
    """
    walk = _Walk([bool(printed.names) for printed in one.printed])
    ends = walk.along(one.parts, frozenset({DATA}))
    return Paths(tuple(frozenset(places) for places in walk.prints), ends)


class _Walk:
    """Goes along the parts; what one part makes of one place is found out once."""

    def __init__(self, are_data: list[bool]) -> None:
        self.prints: list[set[At]] = [set() for _ in are_data]
        self._are_data = are_data
        self._known: dict[tuple[object, At], frozenset[At]] = {}
        self._left = MOST_READ

    def along(self, parts: Iterable[Part], places: frozenset[At]) -> frozenset[At]:
        for part in parts:
            if isinstance(part, int):
                self.prints[part] |= places
            places = _all(self._through(part, at) for at in places)
        return places

    def _through(self, part: Part, at: At) -> frozenset[At]:
        if isinstance(part, int):
            return behind_printed(at, is_data=self._are_data[part])
        key = (id(part) if isinstance(part, Branch) else part, at)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._read(part, at) if isinstance(part, str) else self._branch(part, at)
        return found

    def _read(self, text: str, at: At) -> frozenset[At]:
        self._left -= len(text)
        if self._left < 0:
            raise TooManyWaysError
        return behind_text(text, at)

    def _branch(self, branch: Branch, at: At) -> frozenset[At]:
        start = frozenset({at})
        if not branch.is_loop:
            return _all(self.along(arm, start) for arm in branch.arms)
        body, otherwise = branch.arms
        reached: frozenset[At] = frozenset()
        new = start
        while new:
            new = self.along(body, new) - reached
            reached = _all((reached, new))
        return _all((reached, self.along(otherwise, start)))


def _all(some: Iterable[frozenset[At]]) -> frozenset[At]:
    places: set[At] = set()
    for one in some:
        places |= one
    if len(places) > MOST_WAYS:
        raise TooManyWaysError
    return frozenset(places)
