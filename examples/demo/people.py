"""The people of a run, and the bundled sample of them. Imports `nurture` and the standard library.

A `People` record is all that the rest of the demo needs to know about a file of leads, whether it is the
sample or a user's own (`own_files.py`).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs

from nurture import Arrival, Attribute, Basis, Campaign, Consent, Reaction, ScoreRule
from nurture.intake import BadRow, LeadRow, infer_mapping, read_csv, rows
from nurture.model import FrozenMapping

SAMPLE = Path(__file__).parent / "sample"
TOKYO = "Asia/Tokyo"
FROM_FILE = "file"
"""The source of a refusal that stood in the file; it is no unsubscribe."""
SYSTEM = "demo"
"""Under this name the ids of a file are kept as external ids of the leads."""

OWNERS = FrozenMapping(
    {
        "east": "east@mihon-systems.example",
        "west": "west@mihon-systems.example",
        "overseas": "overseas@mihon-systems.example",
    }
)
"""The company's salespeople, by the part of the world they look after."""

_WEST = frozenset("大阪府 京都府 兵庫県 広島県 福岡県 愛知県".split())
_RANKS = {"代表": 1.0, "取締役": 0.9, "部長": 0.8, "Director": 0.8, "VP": 0.9, "Head": 0.7, "課長": 0.5, "Manager": 0.5}
_SERVED = frozenset({"manufacturing", "construction", "wholesale", "food", "logistics"})


@attrs.frozen(kw_only=True)
class People:
    """Who comes, when, and what is known about the file they come from.

    Attributes:
        name: What the file is called in the summary.
        arrivals: Who arrives, in order of time.
        start: When the first one does.
        last: The last instant that the file itself speaks of.
        attributes: Custom attributes that the program must declare for them.
        campaigns: What they came by.
        fit: Rules about the file's own columns, for the score of who fits.
        owners: Addresses of the owners, by their ids.
        keenness: How likely each person is to react, from 0 to 1, by the id in the file.
        buys: Whether purchases are invented; False when the file itself knows who bought.
        locale: Language of those for whom the file states none.
        zone: Zone of those for whom the file states none.
        columns: How the columns were understood, as a table for people; empty for the sample.
        notes: What a reader must know to read the figures right.
        bad: What was wrong in the file.
        is_sample: Whether it is the bundled sample, of which a short run sees only the beginning.
    """

    name: str
    arrivals: tuple[Arrival, ...]
    start: datetime
    last: datetime
    attributes: tuple[Attribute, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    fit: tuple[ScoreRule, ...] = ()
    owners: Mapping[str, str] = OWNERS
    keenness: Mapping[str, float] = attrs.field(factory=FrozenMapping[float])
    buys: bool = True
    locale: str = "ja"
    zone: str = TOKYO
    columns: str = ""
    notes: tuple[str, ...] = ()
    bad: tuple[BadRow, ...] = ()
    is_sample: bool = False

    def ends_at(self, days: int) -> datetime:
        """When a run of so many days ends.

        A file that reaches further than that is lived through to its end: the last to arrive get their
        days, too, and no deal is left out.
        """
        until = self.start + timedelta(days=days)
        if self.is_sample or self.last <= until:
            return until
        return max(self.arrivals[-1].at + timedelta(days=days), self.last + timedelta(days=1))


def keenness(fit: float, share: float) -> float:
    """How keen somebody is who fits so well: half fit, half chance, never quite 0 or 1."""
    return 0.05 + 0.45 * fit + 0.5 * share


def luck_of(seed: int) -> Callable[[str], float]:
    """A number in [0, 1) for each id; the same for the same seed, in whatever order one asks."""

    def draw(key: str) -> float:
        return int.from_bytes(blake2b(f"{seed}:{key}".encode(), digest_size=6).digest(), "big") / 2**48

    return draw


def sample_people(limit: int | None, luck: Callable[[str], float]) -> People:
    """The bundled sample, through the same intake as anybody's file.

    Args:
        limit: Take every n-th lead, so that about so many are left; None takes all.
        luck: A number in [0, 1) for each lead's id: what nobody knows about a person.
    """
    table = read_csv(SAMPLE / "leads.csv")
    intake = rows(table, infer_mapping(table), TOKYO)
    companies = {row["name"]: row for row in _read("accounts.csv")}
    campaigns = {row["campaign_id"]: _campaign(row) for row in _read("campaigns.csv")}
    chosen = thinned(intake.good, limit)
    arrivals = tuple(_arrival(row, companies.get(row.known.get("company", "")), campaigns) for row in chosen)
    start = datetime(2026, 1, 5, tzinfo=ZoneInfo(TOKYO)).astimezone(UTC)
    return People(
        name="the bundled sample",
        arrivals=arrivals,
        start=start,
        last=arrivals[-1].at,
        campaigns=tuple(campaigns.values()),
        keenness=FrozenMapping(
            {
                row.id: keenness(_fit(row, companies.get(row.known.get("company", ""))), luck(row.id))
                for row in chosen
                if row.id
            }
        ),
        notes=(
            "Everybody in the sample is invented, and so is what they do: opens, clicks, visits, seminars, purchases.",
            "Consent is what the sample says; who gave none gets no marketing mail.",
        ),
        bad=intake.bad,
        is_sample=True,
    )


def thinned(chosen: Sequence[LeadRow], limit: int | None) -> tuple[LeadRow, ...]:
    """About so many of the rows, spread evenly over the file."""
    if limit is None or limit >= len(chosen):
        return tuple(chosen)
    return tuple(chosen[index * len(chosen) // limit] for index in range(limit))


def consents_of(row: LeadRow, at: datetime, assumed: Basis | None = None) -> tuple[Consent | None, bool]:
    """The consent that a row gives, or what is assumed when it says nothing; and whether it refuses.

    A refusal beats every basis.
    """
    if row.do_not_email:
        return Consent(at=at, given=False, source=FROM_FILE), True
    basis = row.consent or assumed
    return (Consent(at=at, basis=basis, source=row.source or FROM_FILE) if basis else None), False


def _arrival(row: LeadRow, company: Mapping[str, str] | None, campaigns: Mapping[str, Campaign]) -> Arrival:
    assert row.at is not None, "every lead of the sample has its moment"
    known = dict(row.known)
    lead: dict[str, object] = {
        **known,
        "external_ids": {SYSTEM: row.id or ""},
        "attributes": dict(row.attributes),
        "owner": _owner(company, known.get("locale", "")),
        "consent": consents_of(row, row.at)[0],
    }
    account: dict[str, object] | None = None
    if company is not None:
        account = {
            "name": company["name"],
            "key": company["account_id"],
            "domain": company["domain"],
            "industry": company["industry"],
            "employees": int(company["employees"]),
            "region": company["prefecture"] or company["country"],
            "attributes": {"fiscal_year_starts_in": int(company["fiscal_year_starts_in"])},
        }
    campaign = campaigns.get(known.get("campaign", ""))
    return Arrival(at=row.at, lead=lead, account=account, facts=_first_facts(row, campaign))


def _first_facts(row: LeadRow, campaign: Campaign | None) -> tuple[Reaction, ...]:
    """What somebody did to become a lead."""
    soon = timedelta(seconds=1)
    source, interest = row.source, row.attributes.get("interest", "")
    if source == "seminar" and campaign is not None:
        return (Reaction(soon, "seminar.applied", {"seminar": campaign.name}, channel="web"),)
    if source in ("web_form", "paid_search"):
        return (Reaction(soon, "form.submitted", {"form": "documents", "interest": interest}, channel="web"),)
    if source in ("fair", "card"):
        return (Reaction(soon, "card.exchanged", {"event": campaign.name if campaign else ""}, channel="event"),)
    return ()


def _owner(company: Mapping[str, str] | None, locale: str) -> str:
    if not locale.startswith("ja"):
        return "overseas"
    return "west" if company is not None and company["prefecture"] in _WEST else "east"


def _fit(row: LeadRow, company: Mapping[str, str] | None) -> float:
    title = row.known.get("title", "")
    rank = max((worth for word, worth in _RANKS.items() if word in title), default=0.2)
    served = 1.0 if company is not None and company["industry"] in _SERVED else 0.3
    return 0.6 * rank + 0.4 * served


def _campaign(row: Mapping[str, str]) -> Campaign:
    hour, length = (15, 2) if row["medium"] in ("seminar", "webinar") else (9, 8)
    zone = ZoneInfo(TOKYO)
    return Campaign(
        name=row["campaign_id"],
        medium=row["medium"],
        title=row["name"],
        starts_at=datetime.combine(datetime.fromisoformat(row["starts_on"]), time(hour), zone),
        ends_at=datetime.combine(datetime.fromisoformat(row["ends_on"]), time(hour + length), zone),
        capacity=int(row["capacity"]) if row["capacity"] else None,
        planned_cost=float(row["planned_cost"]),
        actual_cost=float(row["actual_cost"]),
    )


def _read(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


__all__ = [
    "FROM_FILE",
    "OWNERS",
    "SAMPLE",
    "SYSTEM",
    "TOKYO",
    "People",
    "consents_of",
    "keenness",
    "luck_of",
    "sample_people",
    "thinned",
]
