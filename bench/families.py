"""Rules of other families than the benchmark's, for the row `match`: a rich clause about facts, and calendar dates.

Each is stated twice: with `q`, and as a careful person would write it by hand over frozen slotted leads. May import
`nurture`, the workload and `ours`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from types import FunctionType
from typing import Any, cast

from attrs import frozen

from bench.ours import TENANT
from bench.workload import KINDS, NOW
from nurture import Attribute, Program, q
from nurture.model import Sight, SubjectId, SubjectKind, Touchpoint, fact_id
from nurture.predicates import Predicate, compile_match

WINDOW = timedelta(days=30)
PATHS = ("/", "/blog", "/pricing", "/pricing/teams", "/pricing/large", "/jobs")
PRICING = "/pricing"
NEAR = 7  # days before and after a birthday
AGE = 30
RENEWAL = timedelta(days=60)


@frozen
class Visit:
    """One fact."""

    kind: str
    at: datetime
    path: str


@frozen
class Customer:
    """A lead with what these rules look at."""

    born: date
    renewal_at: datetime
    visits: tuple[Visit, ...]


@frozen
class Family:
    """A rule of a family: with `q`, and by hand.

    Args:
        name: The family.
        rule: The predicate.
        by_hand: The same, as a function.
    """

    name: str
    rule: Predicate
    by_hand: Callable[[Customer], bool]


def pricing_by_hand(lead: Customer) -> bool:
    """At least two different pages about prices, seen in the last 30 days."""
    since, seen = NOW - WINDOW, set[str]()
    for visit in lead.visits:
        if visit.kind == "page.viewed" and visit.at > since and visit.path.startswith(PRICING):
            seen.add(visit.path)
            if len(seen) >= 2:
                return True
    return False


_TODAY = NOW.date()
_LAST_BIRTH = date(_TODAY.year - AGE, _TODAY.month, _TODAY.day)


def dates_by_hand(lead: Customer) -> bool:
    """Thirty or older, and a birthday within a week or a renewal within sixty days."""
    if lead.born > _LAST_BIRTH:
        return False
    ahead = lead.renewal_at - NOW
    if timedelta() < ahead <= RENEWAL:
        return True
    day = 28 if lead.born.month == 2 and lead.born.day == 29 else lead.born.day
    return abs((date(_TODAY.year, lead.born.month, day) - _TODAY).days) <= NEAR


FAMILIES = (
    Family(
        "clause",
        q.touches("page.viewed").where(q.prop("path").starts_with(PRICING)).within(WINDOW).distinct("path") >= 2,
        pricing_by_hand,
    ),
    Family(
        "dates",
        (q.lead["born"].age(zone="UTC") >= AGE)
        & (
            q.lead["born"].anniversary(before=NEAR, after=NEAR, zone="UTC")
            | (q.lead["renewal_at"].ahead(zone="UTC") <= RENEWAL)
        ),
        dates_by_hand,
    ),
)


def customers(count: int, seed: int = 2) -> Iterator[Customer]:
    """Leads between 18 and 68 years old, with 5 to 15 visits over 45 days, oldest first."""
    dice = random.Random(seed)
    kinds, weights = list(KINDS), list(KINDS.values())
    for _ in range(count):
        visits = [
            Visit(kind, NOW - timedelta(seconds=int(dice.random() * 45 * 86_400)), dice.choice(PATHS))
            for kind in dice.choices(kinds, weights, k=dice.randint(5, 15))
        ]
        yield Customer(
            born=_TODAY - timedelta(days=dice.randint(18 * 365, 68 * 365)),
            renewal_at=NOW + timedelta(seconds=dice.randint(-200 * 86_400, 500 * 86_400)),
            visits=tuple(sorted(visits, key=lambda visit: visit.at)),
        )


def asked(family: Family, leads: Sequence[Customer]) -> tuple[Callable[[Any], bool], Sequence[Sight]]:
    """The rule ready to be asked at `NOW`, and one subject a lead, as `ours.match` makes them."""
    program = Program(attributes=[Attribute("born", "date"), Attribute("renewal_at", "instant")])
    answer = compile_match(family.rule, program.names(SubjectKind.LEAD))
    cast("FunctionType", answer).__defaults__ = (NOW,)
    touches = [_touches(number, lead) for number, lead in enumerate(leads)]
    sights = [
        Sight(lead={"born": lead.born, "renewal_at": lead.renewal_at, "created_at": NOW}, touches=facts)
        for lead, facts in zip(leads, touches, strict=True)
    ]
    return cast("Callable[[Any], bool]", answer), sights


def _touches(number: int, lead: Customer) -> dict[str, list[Touchpoint]]:
    subject = SubjectId(f"lead_{number}")
    touches: dict[str, list[Touchpoint]] = {}
    for place, visit in enumerate(lead.visits):
        touches.setdefault(visit.kind, []).append(
            Touchpoint(
                id=fact_id(TENANT, subject, str(place)),
                subject=subject,
                kind=visit.kind,
                at=visit.at,
                received_at=visit.at,
                properties={"path": visit.path},
            )
        )
    return touches
