"""Those who arrive, in order of time: a list is sorted, an iterator is read one by one as its people come.

Imports the people, the model, and the runtime, whose `capture` says what can be known about somebody.
"""

from __future__ import annotations

import heapq
import inspect
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import attrs

from nurture.errors import DefinitionError, InvalidFactError, UnknownNameError
from nurture.model import Lead
from nurture.model.lead import IDENTIFIERS, TEXT_FIELDS
from nurture.runtime import Nurture
from nurture.simulation.people import Arrival

if TYPE_CHECKING:
    from datetime import datetime

_CAPTURED = frozenset(inspect.signature(Nurture.capture).parameters) - {"self"}


def in_order(arrivals: Iterable[Arrival | Lead]) -> Iterator[Arrival]:
    """The arrivals by their time, and one more for each word that somebody said after the arrival.

    Raises:
        DefinitionError: An iterator gives somebody who arrives before the one it gave last.
        InvalidFactError: One of them is neither an `Arrival` nor a `Lead`.
        UnknownNameError: One of them has a field that nobody knows.
    """
    if isinstance(arrivals, Iterator):
        return _as_they_come(arrivals)
    every = [one for index, given in enumerate(arrivals) for one in _parts(index, given)]
    return iter(sorted(every, key=_time_of))


def _time_of(arrival: Arrival) -> datetime:
    return arrival.at


def _as_they_come(arrivals: Iterator[Arrival | Lead]) -> Iterator[Arrival]:
    """The same for people who come in order: only what was said later is kept until then."""
    later: list[tuple[datetime, int, Arrival]] = []
    last: datetime | None = None
    count = 0
    for index, given in enumerate(arrivals):
        first, *words = _parts(index, given)
        if last is not None and first.at < last:
            raise DefinitionError(
                f"arrivals[{index}]: expected people in order of time from an iterator; a list may be in any order"
            )
        last = first.at
        while later and later[0][0] <= last:
            yield heapq.heappop(later)[2]
        yield first
        for word in words:
            count += 1
            heapq.heappush(later, (word.at, count, word))
    while later:
        yield heapq.heappop(later)[2]


def _parts(index: int, given: object) -> Iterator[Arrival]:
    """The arrival, and one more for each word that was said later; then the person is known already."""
    arrival = _arrival(index, given)
    later = [word for word in arrival.words if word.at > arrival.at]
    yield attrs.evolve(arrival, words=tuple(word for word in arrival.words if word.at <= arrival.at))
    known = {name: value for name, value in arrival.lead.items() if name in (*IDENTIFIERS, "external_ids") and value}
    for word in later:
        yield Arrival(at=word.at, lead=known, words=(word,))


def _arrival(index: int, given: object) -> Arrival:
    if isinstance(given, Lead):
        fields: dict[str, object] = {name: getattr(given, name) for name in TEXT_FIELDS if name != "account"}
        fields |= {"external_ids": given.external_ids, "attributes": given.attributes, "tags": given.tags}
        words = tuple(sorted(given.consents, key=lambda word: word.at))
        return Arrival(at=given.created_at, lead=fields, words=words)
    if not isinstance(given, Arrival):
        raise InvalidFactError(f"arrivals[{index}]", "an Arrival or a Lead", found=type(given).__name__)
    unknown = sorted(set(given.lead) - _CAPTURED)
    if unknown:
        raise UnknownNameError("field", unknown[0], _CAPTURED, where=f"arrivals[{index}].lead")
    return given
