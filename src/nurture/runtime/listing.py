"""Static lists: who stands on a list because somebody put them there. May import what `selecting` may.

A list is no record of its own: each lead carries the names of its lists, and every change is a fact with before and
after. So lists need no declaration, and predicates read them like any other field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias, cast

from nurture.errors import ConflictError, InvalidFactError, NotFoundError
from nurture.model import Changes, Lead, LeadId, Record, SubjectId, Touchpoint, is_account
from nurture.model.ids import shown
from nurture.model.values import clean_text
from nurture.predicates import q
from nurture.runtime.capturing import ATTEMPTS
from nurture.runtime.changing import changed
from nurture.runtime.host import with_inbox
from nurture.runtime.results import Listed
from nurture.runtime.selecting import selected, walked

if TYPE_CHECKING:
    from nurture.runtime.host import Host

BATCH = 200
"""So many leads are changed in one unit."""
PAGE = 500
LONGEST_NAME = 100

Lists: TypeAlias = tuple[str, ...]
_Change: TypeAlias = Callable[[Lists], Lists]


def add(host: Host, name: str, leads: Iterable[LeadId]) -> Listed:
    """Put leads on a list; see `Nurture.add_to_list`."""
    name, wanted = _name(name), _existing(host, leads)
    added = _change(host, wanted, _with(name))
    return Listed(name, added=added, unchanged=len(wanted) - added)


def remove(host: Host, name: str, leads: Iterable[LeadId]) -> Listed:
    """Take leads off a list; see `Nurture.remove_from_list`."""
    name, wanted = _name(name), _existing(host, leads)
    removed = _change(host, wanted, _without(name))
    return Listed(name, removed=removed, unchanged=len(wanted) - removed)


def replace(host: Host, name: str, leads: Iterable[LeadId]) -> Listed:
    """Let exactly these leads stand on a list; see `Nurture.replace_list`."""
    name, wanted = _name(name), _existing(host, leads)
    on_it = [LeadId(one.subject) for some in walked(selected(host, q.in_list(name))) for one in some]
    kept = set(wanted)
    removed = _change(host, [one for one in on_it if one not in kept], _without(name))
    added = _change(host, wanted, _with(name))
    return Listed(name, added=added, removed=removed, unchanged=len(wanted) - added)


def counts(host: Host) -> Mapping[str, int]:
    """How many leads stand on each list, by its name."""
    found: Counter[str] = Counter()
    after = ""
    while True:
        with host.storage.view() as view:
            page = view.page(Lead, after, PAGE)
        for lead in page:
            found.update(lead.lists)
        if len(page) < PAGE:
            return dict(sorted(found.items()))
        after = page[-1].id


def _name(name: object) -> str:
    clean = clean_text(name, "list")
    if not clean.strip() or len(clean) > LONGEST_NAME:
        raise InvalidFactError("list", f"a name of 1 to {LONGEST_NAME} characters")
    return clean


def _existing(host: Host, leads: Iterable[LeadId]) -> list[LeadId]:
    """The leads, each once, in the order of ids; nothing is written unless all of them exist.

    Raises:
        NotFoundError: Some do not; they are named.
        InvalidFactError: Something is no lead's id.
    """
    given = cast("object", leads)
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InvalidFactError(
            "leads", "a list of ids", found="one text" if isinstance(given, str) else type(given).__name__
        )
    wanted = sorted({_lead_id(one, index) for index, one in enumerate(leads)})
    missing: list[SubjectId] = []
    with host.storage.view() as view:
        for some in _batches(wanted, PAGE):
            there = view.existing([SubjectId(one) for one in some])
            missing += [one for one in some if one not in there]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise NotFoundError(f"no such lead: {', '.join(map(shown, missing[:3]))}{more}; nothing was changed")
    return wanted


def _lead_id(given: object, index: int) -> LeadId:
    one = given.id if isinstance(given, Lead) else given
    if not isinstance(one, str):
        raise InvalidFactError(f"leads[{index}]", "the id of a lead", found=type(one).__name__)
    if is_account(one):
        raise InvalidFactError(f"leads[{index}]", "the id of a lead", found="an account")
    return LeadId(SubjectId(one))


def _with(name: str) -> _Change:
    return lambda lists: lists if name in lists else tuple(sorted((*lists, name)))


def _without(name: str) -> _Change:
    return lambda lists: tuple([one for one in lists if one != name])


def _change(host: Host, leads: Collection[LeadId], change: _Change) -> int:
    """Change the lists of these leads, a batch in a unit; the answer is how many changed."""
    return sum(_change_some(host, some, change) for some in _batches(leads, BATCH))


def _change_some(host: Host, leads: list[LeadId], change: _Change) -> int:
    """Change one batch; those that somebody else wrote first are tried again."""
    done = 0
    for _ in range(ATTEMPTS):
        facts: dict[SubjectId, list[Touchpoint]] = {}
        groups: dict[SubjectId, Changes] = {}
        with host.storage.begin() as unit:
            now = unit.now()
            for one, lead in unit.get(Lead, leads).items():
                made, told = changed(host, lead, {"lists": change(lead.lists)}, {}, now)
                if told:
                    records: tuple[Record, ...] = (*with_inbox(told), made)
                    groups[SubjectId(one)], facts[SubjectId(one)] = Changes(records=records), told
            conflicts = unit.put(groups) if groups else frozenset[SubjectId]()
        for one, told in facts.items():
            if one not in conflicts:
                host.tell(told)
        done += len(groups) - len(conflicts)
        if not conflicts:
            return done
        leads = [LeadId(one) for one in sorted(conflicts)]
    raise ConflictError("these leads are being written by others all the time; doing it again is safe")


def _batches(ids: Collection[LeadId], size: int) -> Iterator[list[LeadId]]:
    rest = iter(ids)
    while some := list(islice(rest, size)):
        yield some
