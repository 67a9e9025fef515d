"""Who is in a segment, or satisfies a predicate: walked, counted, drawn by lot, in an order, page by page.

A segment's name reads the memberships that deciding keeps. A predicate is asked now: by the store itself where it
can (`Capability.FIND`), and by `match`, subject by subject, where it cannot; the answers are the same. May import the
ports and what lies below them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from hashlib import blake2b
from heapq import nsmallest
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeAlias, cast

import attrs

from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import Account, Lead, Sight, Standing, SubjectId, SubjectKind, clean_instant
from nurture.ports import Capability, FindingView, Place, Search
from nurture.predicates import Everyone, Names, Order, Predicate, TimeInSegment, check
from nurture.program import Segment
from nurture.runtime.asking import Inquiry, Present, Sights, fetched
from nurture.runtime.hindsight import Past, refuse_what_is_lost
from nurture.runtime.host import Host
from nurture.runtime.results import Knowledge, Member

if TYPE_CHECKING:
    from nurture.ports import View

PAGE = 500
"""So many subjects are looked at in one go."""
PAGES_AT_ONCE = 20
"""So many pages are looked at before whoever asked is given what was found."""
_SHORTEST = timedelta(microseconds=1)

Seen: TypeAlias = Mapping[SubjectId, Sight | None]
"""Members, with what was seen of each, if something was looked at."""
Step: TypeAlias = "Callable[[View, str], tuple[Seen, str | None]]"
"""Finds the next members after an id, and says after which id it goes on; None at the end."""


@attrs.frozen(slots=True, kw_only=True, eq=False)
class Selection:
    """What is asked for, checked: of whom, what, as of when, in which order.

    Attributes:
        host: The parts.
        kind: Leads or accounts.
        where: The predicate; of a segment that is kept, that there is a membership.
        segment: The segment whose memberships are read; None for a predicate.
        now: The instant that is asked about.
        known: What the answer rests on.
        order: In which order; None goes by id.
    """

    host: Host
    kind: SubjectKind
    where: Predicate
    segment: str | None
    now: datetime
    known: Knowledge
    order: Order | None

    @property
    def names(self) -> Names:
        """What names in the predicate mean."""
        return self.host.program.names(self.kind)

    @property
    def search(self) -> Search:
        """The same as a store is asked."""
        return Search(where=self.where, names=self.names, now=self.now)

    @property
    def is_for_store(self) -> bool:
        """Whether the store is asked first."""
        return self.known is not Knowledge.THEN and Capability.FIND in self.host.storage.capabilities

    def sights(self) -> Sights:
        """Where sights of subjects come from."""
        if self.known is Knowledge.THEN:
            return Past(self.host.program, self.now)
        return Present(self.host.tenant, self.now)

    def inquiry(self, where: Predicate) -> Inquiry:
        """The question whether this holds, ready to be asked; what the order looks at is seen, too."""
        return Inquiry(self.host.program, self.kind, where, self.sights(), self.order.reach if self.order else None)


def selected(
    host: Host,
    asked: object,
    *,
    subject: SubjectKind | str | None = None,
    order: object = None,
    at: datetime | None = None,
    now: datetime | None = None,
) -> Selection:
    """What the arguments ask for.

    Raises:
        UnknownNameError: The program declares no such segment, field or score model.
        DefinitionError: The predicate or the order is wrong; or it cannot be answered as known then.
    """
    present = now or host.storage.now()
    where, kind, segment = _asked(host, asked, subject)
    names = host.program.names(kind)
    problems = [] if segment is not None else check(where, names, "where")
    if order is not None and not isinstance(order, Order):
        raise DefinitionError(f"order_by: expected q.score(…).desc() or q.lead.….asc(), found {type(order).__name__}")
    if problems or (problems := order.problems(names) if order is not None else []):
        raise DefinitionError(problems)
    if at is None:
        kept = where if segment is None else TimeInSegment(segment, "ge", _SHORTEST)
        known = Knowledge.NOW if segment is None else Knowledge.KEPT
        return Selection(host=host, kind=kind, where=kept, segment=segment, now=present, known=known, order=order)
    then = clean_instant(at, "at")
    if then > present:
        raise DefinitionError("at: expected an instant that has been; crm.simulate and explain look ahead")
    refuse_what_is_lost(host.program, kind, where, order.reach.scores if order else ())
    return Selection(host=host, kind=kind, where=where, segment=segment, now=then, known=Knowledge.THEN, order=order)


def _asked(host: Host, asked: object, subject: SubjectKind | str | None) -> tuple[Predicate, SubjectKind, str | None]:
    """The predicate, about whom it is, and the segment that it belongs to."""
    if isinstance(asked, Predicate):
        return asked, _kind_of(subject), None
    name = asked.name if isinstance(asked, Segment) else asked
    if not isinstance(name, str):
        raise DefinitionError(f"members: expected a segment, its name or a predicate, found {type(asked).__name__}")
    found = host.program.segment(name)
    if found is None:
        raise UnknownNameError("segment", name, [one.name for one in host.program.segments])
    if isinstance(asked, Segment) and asked.where != found.where:
        raise DefinitionError(
            f"members: the program declares another segment {name!r}; give this one's predicate to ask it now: .where"
        )
    if subject is not None and _kind_of(subject) is not found.subject:
        raise DefinitionError(f"members: the segment {name!r} is about {found.subject}s")
    return found.where, found.subject, name


def require_whole(number: object, name: str, *, least: int) -> None:
    """Refuse what is no whole number, or too small a one.

    Raises:
        DefinitionError: It is none; the argument is named.
    """
    if isinstance(number, bool) or not isinstance(number, int):
        raise DefinitionError(f"{name}: expected a whole number, found {type(number).__name__}")
    if number < least:
        raise DefinitionError(f"{name}: expected at least {least}")


def _kind_of(subject: object) -> SubjectKind:
    """Whether leads or accounts are meant.

    Raises:
        UnknownNameError: Neither is.
    """
    if subject is None:
        return SubjectKind.LEAD
    known = [one.value for one in SubjectKind]
    if subject not in known:
        raise UnknownNameError("subject", str(subject), known)
    return SubjectKind(subject)


def members(asked: Selection, limit: int | None, after: str) -> Iterator[Member]:
    """The members, at most `limit`: in their order, or in the order of ids those after an id.

    Raises:
        DefinitionError: The limit is negative, or an id is given for another order.
    """
    if limit is not None:
        require_whole(limit, "limit", least=0)
    if not isinstance(cast("object", after), str):
        raise DefinitionError(f"after: expected the id of a subject, found {type(after).__name__}")
    if asked.order is None:
        return islice(chain.from_iterable(walked(asked, after)), limit)
    if after:
        raise DefinitionError("after: an id says where to go on in the order of ids; for another order, use page")
    return iter(ordered(asked, limit))


# --- who -----------------------------------------------------------------------------------------------------------


def walked(asked: Selection, after: str = "") -> Iterator[list[Member]]:
    """The members in the order of ids, some at a time, those whose ids come after `after`.

    Each time from a view of its own, which is closed before they are given out.
    """
    step = _step(asked)
    on: str | None = after
    while on is not None:
        with asked.host.storage.view() as view:
            found, on = step(view, on)
            members = _members(asked, view, found)
        yield members


def stretch(asked: Selection, after: str, enough: int) -> tuple[list[SubjectId], str | None]:
    """The next members in the order of ids, and after which id to go on; None when nobody is left.

    It ends once there are enough, or after so many pages that it stays short work however few belong.
    """
    step = _step(asked)
    found: list[SubjectId] = []
    on: str | None = after
    for _ in range(PAGES_AT_ONCE):
        with asked.host.storage.view() as view:
            some, on = step(view, on or "")
        found += some
        if on is None or len(found) >= enough:
            break
    return found, on


def _subjects(asked: Selection) -> Iterator[SubjectId]:
    """The ids of the members, in order."""
    step = _step(asked)
    on: str | None = ""
    while on is not None:
        with asked.host.storage.view() as view:
            found, on = step(view, on)
        yield from found


def _step(asked: Selection) -> Step:
    if asked.is_for_store:
        return partial(_by_store, asked, cache(asked.inquiry))
    if asked.known is Knowledge.KEPT:
        return partial(_by_standing, asked, asked.inquiry(Everyone()) if asked.order else None)
    return partial(_one_by_one, asked, asked.inquiry(asked.where))


def _by_store(
    asked: Selection, inquiry: Callable[[Predicate], Inquiry], view: View, after: str
) -> tuple[Seen, str | None]:
    """What the store finds; what it could not ask is asked of those alone."""
    found = cast("FindingView", view).find(asked.search, after, PAGE)
    ids = list(found.subjects)
    seen: Seen = dict.fromkeys(ids)
    if found.rest is not None or asked.order is not None:
        rest = Everyone() if found.rest is None else found.rest
        seen = inquiry(rest).yes(view, fetched(view, asked.kind, ids))
    return seen, ids[-1] if len(ids) == PAGE else None


def _by_standing(asked: Selection, inquiry: Inquiry | None, view: View, after: str) -> tuple[Seen, str | None]:
    """What the standings keep."""
    page = view.page(Standing, after, PAGE)
    name, now = asked.segment or "", asked.now
    ids = [one.subject for one in page if (since := one.memberships.get(name)) is not None and since < now]
    seen: Seen = dict.fromkeys(ids) if inquiry is None else inquiry.yes(view, fetched(view, asked.kind, ids))
    return seen, page[-1].id if len(page) == PAGE else None


def _one_by_one(asked: Selection, inquiry: Inquiry, view: View, after: str) -> tuple[Seen, str | None]:
    """Everybody, asked."""
    page: Sequence[Lead | Account]
    of_accounts = asked.kind is SubjectKind.ACCOUNT
    page = view.page(Account, after, PAGE) if of_accounts else view.page(Lead, after, PAGE)
    seen = inquiry.yes(view, {one.id: one for one in page})
    return seen, page[-1].id if len(page) == PAGE else None


def _members(asked: Selection, view: View, found: Seen) -> list[Member]:
    """The members, with what is kept about each."""
    if asked.known is Knowledge.THEN:
        return [_member(asked, one, None, sight) for one, sight in found.items()]
    standings = view.get(Standing, list(found))
    return [_member(asked, one, standings.get(one), sight) for one, sight in found.items()]


def _member(asked: Selection, subject: SubjectId, standing: Standing | None, sight: Sight | None) -> Member:
    kept = standing or sight  # of an earlier instant, what the facts say
    return Member(
        subject,
        kept.memberships.get(asked.segment) if kept and asked.segment is not None else None,
        standing.advanced_to if standing else None,
        asked.known,
        asked.order.value(sight, asked.now, asked.names) if asked.order and sight else None,
    )


# --- in an order ---------------------------------------------------------------------------------------------------


def ordered(asked: Selection, limit: int | None, after: Place | None = None) -> list[Member]:
    """The first of the members in their order, from its beginning or after a place; all when there is no limit."""
    order = asked.order
    if order is None:
        raise DefinitionError("order_by: expected an order")
    if limit is not None and asked.is_for_store:
        with asked.host.storage.view() as view:
            ids = cast("FindingView", view).best(asked.search, order, after, limit)
            if ids is not None:
                seen = asked.inquiry(Everyone()).seen(view, fetched(view, asked.kind, list(ids)))
                return _members(asked, view, seen)
    best: list[Member] = []
    for some in walked(asked):
        best += [one for one in some if after is None or comes_after(one, after, order)]
        if limit is not None and len(best) > 2 * limit + PAGE:
            best = in_order(best, order)[:limit]
    return in_order(best, order)[:limit]


def in_order(members: list[Member], order: Order) -> list[Member]:
    """The members by their values, those without one last; among equals by id."""
    known = [one for one in members if one.value is not None]
    known.sort(key=_subject_of)
    known.sort(key=partial(_rank, order), reverse=order.descending)  # a stable sort leaves equals by id, either way
    return known + sorted((one for one in members if one.value is None), key=_subject_of)


def comes_after(member: Member, place: Place, order: Order) -> bool:
    """Whether a member comes after a place in the order."""
    if member.value is None or place.value is None:
        return member.value is None and (place.value is not None or member.subject > place.subject)
    mine, other = _rank(order, member), _rank(order, place)
    if mine == other:
        return member.subject > place.subject
    return (mine < other) is order.descending


def _subject_of(member: Member) -> str:
    return member.subject


def _rank(order: Order, one: Member | Place) -> float:
    return cast("float", order.rank(cast("float", one.value)))  # or any other type, but one type for all members


# --- how many, and some of them ------------------------------------------------------------------------------------


def counted(asked: Selection) -> int:
    """How many members there are."""
    if asked.is_for_store:
        with asked.host.storage.view() as view:
            number = cast("FindingView", view).tally(asked.search)
        if number is not None:
            return number
    return sum(1 for _ in _subjects(asked))


def drawn(asked: Selection, n: int, seed: int | str) -> list[Member]:
    """So many of the members, chosen by a hash of their ids and the seed; in the order of ids."""
    if n < 1:
        return []
    chosen = sorted(nsmallest(n, _subjects(asked), key=partial(_lot, seed)))
    with asked.host.storage.view() as view:
        seen: Seen = dict.fromkeys(chosen)
        if asked.known is Knowledge.THEN:
            seen = asked.inquiry(Everyone()).yes(view, fetched(view, asked.kind, chosen))
        return _members(asked, view, seen)


def _lot(seed: int | str, subject: str) -> bytes:
    return blake2b(f"{seed}\x1f{subject}".encode(), digest_size=16).digest()
