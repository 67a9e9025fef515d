"""The people of a broadcast, kept in chunks: a chunk that was written once stays as it is, whoever writes it again.

May import `selecting` and what lies below it.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from typing import TYPE_CHECKING, cast

import attrs

from nurture.model import Changes, Definition, EffectId, LeadId, SubjectId, SubjectKind, digest
from nurture.program.broadcast import audience_of
from nurture.runtime.selecting import selected, stretch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from nurture.predicates import Predicate
    from nurture.program.broadcast import Audience
    from nurture.runtime.host import Host

AT_ONCE = 500
"""So many people are in a chunk, or a few more where a store finds them in pages of its own."""


@attrs.frozen(slots=True)
class Chunk:
    """Some of the people of a broadcast.

    Attributes:
        leads: Who.
        after: After which id the next ones come; None when these are the last.
    """

    leads: tuple[LeadId, ...]
    after: str | None


def freeze(host: Host, to: Audience, identity: EffectId, edition: int) -> None:
    """Write down all chunks; those that were written before an interruption stay."""
    number, after = 0, ""
    now = host.storage.now()
    while True:
        chunk = stored(host, identity, edition, number)
        if chunk is None:
            made = _listed(to, after) if isinstance(to, tuple) else found(host, to, after, now)
            chunk = write(host, identity, edition, number, made)
        if chunk.after is None:
            return
        number, after = number + 1, chunk.after


def _listed(leads: tuple[LeadId, ...], after: str) -> Chunk:
    first = bisect_right(leads, after)  # a list is kept in the order of ids
    some = leads[first : first + AT_ONCE]
    return Chunk(some, some[-1] if first + AT_ONCE < len(leads) else None)


def found(host: Host, to: str | Predicate, after: str, now: datetime) -> Chunk:
    """The next people of an audience, as they are known now and asked about an instant."""
    asked = selected(host, audience_of(host.program, to), subject=SubjectKind.LEAD, now=now)
    some, last = stretch(asked, after, AT_ONCE)
    return Chunk(tuple([LeadId(one) for one in some]), last)


def write(host: Host, identity: EffectId, edition: int, number: int, chunk: Chunk) -> Chunk:
    """Write a chunk down, unless somebody was faster; the answer is the one that stands."""
    body = json.dumps({"leads": chunk.leads, "after": chunk.after})
    made = Definition(id=_id(host, identity, edition, number), what="list", body=body)
    with host.storage.begin() as unit:
        unit.put({SubjectId(identity): Changes(records=(made,))})
    return stored(host, identity, edition, number) or chunk


def stored(host: Host, identity: str, edition: int, number: int) -> Chunk | None:
    """The chunk of this number; None when it was not written yet."""
    name = _id(host, identity, edition, number)
    with host.storage.view() as view:
        kept = view.get(Definition, [name]).get(name)
    if kept is None:
        return None
    told = cast("dict[str, object]", json.loads(kept.body))
    return Chunk(tuple(cast("list[LeadId]", told["leads"])), cast("str | None", told["after"]))


def chunks(host: Host, identity: str, edition: int, upto: int) -> Iterator[Chunk]:
    """The chunks that were written, at most up to this number."""
    for number in range(upto + 1):
        chunk = stored(host, identity, edition, number)
        if chunk is not None:
            yield chunk


def _id(host: Host, identity: str, edition: int, number: int) -> str:
    return digest("list", host.tenant, identity, str(edition), str(number))
