"""How the demo's people behave: a seeded guess at who opens, clicks, visits, attends, unsubscribes and buys.

Nothing here is decided by the library, and the library sees nothing of it but facts. The rates are
believable for mail between businesses, and rise with how keen a person is. Imports `nurture` only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from nurture import Campaign, Lead, Origin, Reaction, Touchpoint

if TYPE_CHECKING:
    from random import Random

PAGES = ("/", "/features", "/cases", "/cases/lead-time", "/pricing", "/pricing/plans", "/security", "/company")
_THURSDAY = 3
_APPEAL = {
    "document": 1.9,
    "seminar_confirmation": 1.7,
    "seminar_thanks": 2.0,
    "seminar_recording": 1.3,
    "last_letter": 0.8,
}


class DemoBehavior:
    """Answers each new fact of a lead with what the person, or a colleague in sales, does next.

    Args:
        keenness: How likely each person is to react, from 0 to 1, by the id in the file.
        system: The name under which those ids are kept.
        campaigns: Seminars have their dates here.
        zone: Where the company is: working hours are there.
        buys: Whether purchases are made up, too.
    """

    def __init__(
        self, keenness: Mapping[str, float], system: str, campaigns: Iterable[Campaign], zone: str, *, buys: bool
    ) -> None:
        self._keenness = keenness
        self._system = system
        self._seminars = {one.name: one for one in campaigns if one.medium in ("seminar", "webinar")}
        self._zone = ZoneInfo(zone)
        self._buys = buys
        self._answers: Mapping[str, Callable[[Touchpoint, float, Random], Iterator[Reaction]]] = {
            "lead.created": self._looks_around,
            "email.sent": self._reads,
            "email.clicked": self._follows,
            "page.viewed": self._comes_back,
            "seminar.applied": self._attends,
            "stage.changed": self._is_called,
            "meeting.held": self._makes_up_its_mind,
        }

    def react(self, fact: Touchpoint, lead: Lead, random: Random) -> Iterable[Reaction]:
        """What follows from one fact, and after how long."""
        answer = self._answers.get(fact.kind)
        if answer is None:
            return ()
        return tuple(answer(fact, self._keenness.get(lead.external_ids.get(self._system, ""), 0.3), random))

    def _looks_around(self, fact: Touchpoint, keen: float, random: Random) -> Iterator[Reaction]:
        if random.random() < 0.25 + 0.5 * keen:
            yield from _visits(_within(random, hours=30), 1 + int(3 * keen * random.random()), random)

    def _reads(self, fact: Touchpoint, keen: float, random: Random) -> Iterator[Reaction]:
        name = str(fact.properties.get("name", ""))
        appeal = _APPEAL.get(name, 1.0)
        about = {"message": name}
        if random.random() >= min(0.95, (0.14 + 0.32 * keen) * appeal):
            return
        opened = _within(random, hours=26)
        yield Reaction(opened, "email.opened", about, channel="email")
        read = opened + timedelta(seconds=random.randrange(8, 240))
        if random.random() < min(0.8, (0.05 + 0.34 * keen) * appeal):
            yield Reaction(read, "email.clicked", about, channel="email")
        elif random.random() < 0.018 * (1.2 - keen):
            yield Reaction(read, "unsubscribe")

    def _follows(self, fact: Touchpoint, keen: float, random: Random) -> Iterator[Reaction]:
        yield from _visits(timedelta(seconds=20), 1 + int(4 * keen * random.random()), random)
        if fact.properties.get("message") == "webinar_invitation" and random.random() < 0.3 + 0.4 * keen:
            starts_at = self._next_webinar(fact.at)
            key = f"webinar-{starts_at.astimezone(self._zone):%Y-%m-%d}"
            yield Reaction(timedelta(minutes=3), "seminar.applied", {"seminar": key}, channel="web")

    def _comes_back(self, fact: Touchpoint, keen: float, random: Random) -> Iterator[Reaction]:
        if random.random() < 0.3 * keen:
            yield from _visits(timedelta(days=random.uniform(2, 32)), 1 + int(2.4 * random.random()), random)

    def _attends(self, fact: Touchpoint, keen: float, random: Random) -> Iterator[Reaction]:
        name = str(fact.properties.get("seminar", ""))
        known = self._seminars.get(name)
        if known is not None and known.starts_at is not None and known.ends_at is not None:
            starts_at, ends_at = known.starts_at, known.ends_at
        elif name.startswith("webinar-"):
            starts_at = datetime.combine(datetime.fromisoformat(name[8:]), time(15), self._zone)
            ends_at = starts_at + timedelta(minutes=45)
        else:
            return
        if starts_at <= fact.at:  # signed up too late
            return
        seminar = {"seminar": name}
        if random.random() < 0.5 + 0.4 * keen:
            yield Reaction(
                starts_at - fact.at + _within(random, hours=0.2), "seminar.attended", seminar, channel="event"
            )
        yield Reaction(ends_at - fact.at, "seminar.ended", seminar, origin=Origin.HOST)

    def _is_called(self, fact: Touchpoint, keen: float, random: Random) -> Iterator[Reaction]:
        if fact.properties.get("to") != "mql":
            return
        called = self._at_work(fact.at + timedelta(days=random.uniform(0.2, 2.5)), random) - fact.at
        reached = random.random() < 0.75
        outcome = "connected" if reached else "no_answer"
        yield Reaction(called, "call.made", {"outcome": outcome}, origin=Origin.HOST, channel="phone")
        if reached and random.random() < 0.2 + 0.5 * keen:
            met = self._at_work(fact.at + called + timedelta(days=random.uniform(3, 12)), random) - fact.at
            yield Reaction(met, "meeting.held", {"place": "online"}, origin=Origin.HOST, channel="meeting")

    def _makes_up_its_mind(self, fact: Touchpoint, keen: float, random: Random) -> Iterator[Reaction]:
        if not self._buys:
            return
        decided = self._at_work(fact.at + timedelta(days=random.uniform(7, 32)), random) - fact.at
        if random.random() < 0.15 + 0.45 * keen:
            amount = 10_000 * random.randrange(30, 400)
            yield Reaction(decided, "purchase.made", {"amount": amount, "currency": "JPY"}, origin=Origin.HOST)
        else:
            yield Reaction(
                decided, "deal.lost", {"reason": random.choice(("timing", "budget", "competitor"))}, origin=Origin.HOST
            )

    def _next_webinar(self, after: datetime) -> datetime:
        """The next Thursday at 15:00 that leaves a day to prepare."""
        local = after.astimezone(self._zone) + timedelta(days=1)
        day = local.date() + timedelta(days=(_THURSDAY - local.weekday()) % 7)
        starts_at = datetime.combine(day, time(15), self._zone)
        return starts_at if starts_at > local else starts_at + timedelta(days=7)

    def _at_work(self, when: datetime, random: Random) -> datetime:
        """A moment in working hours: that day if it is still to come, or the next one; never a weekend."""
        minute = timedelta(minutes=random.randrange(0, 8 * 60))
        day = when.astimezone(self._zone).date()
        while day.weekday() > 4 or (at := datetime.combine(day, time(9, 30), self._zone) + minute) < when:
            day += timedelta(days=1)
        return at


def _within(random: Random, *, hours: float) -> timedelta:
    """Soon, mostly: the square of a draw."""
    return timedelta(hours=hours * random.random() ** 2, seconds=random.randrange(5, 60))


def _visits(first: timedelta, pages: int, random: Random) -> Iterator[Reaction]:
    after = first
    for _ in range(pages):
        yield Reaction(after, "page.viewed", {"path": PAGES[int(len(PAGES) * random.random())]}, channel="web")
        after += timedelta(seconds=random.randrange(15, 200))
