"""A user's own files as the people of a run: any CSV file of leads, and perhaps one of deals.

Columns are guessed and shown; what is no field of a lead becomes a custom attribute with the type that its
values have. What a file does not say (dates, addresses, consent) is never made up in silence: each assumption
is a note in the summary. Imports `nurture` and the sample's record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from examples.demo.assumptions import FIRST_DAY, POINTS, Counts, assumptions
from examples.demo.own_deals import UnusableFileError, read_deals
from examples.demo.people import OWNERS, SYSTEM, People, consents_of, keenness, thinned
from examples.demo.program import OWN_ATTRIBUTES
from nurture import Arrival, Attribute, Basis, Origin, Reaction, ScoreRule, q
from nurture.intake import (
    BadRow,
    Column,
    Field,
    Intake,
    LeadRow,
    ValueType,
    infer_mapping,
    read_csv,
    rows,
)
from nurture.model import FrozenMapping, Identifier, Value, identifiers_of

if TYPE_CHECKING:
    from pathlib import Path

_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_NUMERIC = (ValueType.INTEGER, ValueType.NUMBER)
_MOST_RULES = 3


def own_people(
    leads: Path,
    deals: Path | None,
    *,
    zone: str,
    limit: int | None,
    invent_addresses: bool,
    luck: Callable[[str], float],
) -> tuple[People, tuple[BadRow, ...]]:
    """The people of a user's files, and what was wrong in the file of deals.

    Args:
        leads: A CSV file, plain or gzipped.
        deals: Another one whose id column names leads.
        zone: In which zone dates without an offset were written.
        limit: Take every n-th lead, so that about so many are left.
        invent_addresses: Whether a lead without an address gets one on a reserved domain.
        luck: A number in [0, 1) for each lead's id: what nobody knows about a person.

    Raises:
        DefinitionError: A file identifies nobody.
        UnusableFileError: No row of a file can be used.
        InvalidFactError: A file is no CSV file, or is empty.
        OSError: A file cannot be read.
    """
    table = read_csv(leads)
    mapping = infer_mapping(table)
    intake = rows(table, mapping, zone)
    if not intake.good:
        raise UnusableFileError(
            f"no row can be used; {intake.summary()}",
            reasons="rejected.csv",
            bad=intake.bad,
            columns=f"{leads.name}\n{mapping.describe()}",
        )
    known = read_deals(deals, {row_id(row) for row in intake.good}, zone) if deals else None
    chosen = thinned(intake.good, limit)
    start = _start(chosen, zone)
    names = _attribute_names(intake)
    marks = _upper_thirds(intake, mapping.columns)
    owners = _owners(chosen)
    maker = _Maker(
        start,
        names,
        owners,
        known.won if known else {},
        invent_addresses=invent_addresses,
        asks_for_consent=mapping.column(Field.CONSENT) is not None,
    )
    arrivals = tuple(sorted((maker.arrival(row) for row in chosen), key=lambda one: one.at))
    maker.counts.merged = _merged(arrivals)
    happened = [one.at + fact.after for one in arrivals for fact in one.facts]
    return People(
        name=leads.name,
        arrivals=arrivals,
        start=start,
        last=max([arrivals[-1].at, *happened]),
        attributes=tuple(Attribute(names[name], kind.value, title=name) for name, kind in mapping.attributes.items()),
        fit=tuple(
            ScoreRule(q.lead[names[name]] >= mark, POINTS, name=f"{names[name]} of at least {mark:g}")
            for name, mark in marks.items()
        ),
        owners={**OWNERS, **owners.addresses},
        keenness=FrozenMapping({row_id(row): _keenness(row, marks, luck(row_id(row))) for row in chosen}),
        buys=known is None,
        locale="ja" if any(_is_japanese(row) for row in intake.good[:500]) else "en",
        zone=zone,
        columns="\n\n".join(filter(None, (f"{leads.name}\n{mapping.describe()}", known.columns if known else ""))),
        notes=tuple(assumptions(intake, chosen, known, maker.counts, marks, zone)),
        bad=intake.bad,
    ), known.bad if known else ()


def row_id(row: LeadRow) -> str:
    """The id of a lead in its file, or the number of its row."""
    return row.id or f"row-{row.row}"


def _merged(arrivals: Iterable[Arrival]) -> int:
    """How many arrivals the library takes for somebody who arrived before."""
    seen: set[Identifier] = set()
    merged = 0
    for one in arrivals:
        known = {name: value for name, value in one.lead.items() if isinstance(value, str)}
        found = identifiers_of(known, {})
        merged += not seen.isdisjoint(found)
        seen.update(found)
    return merged


class _Owners:
    """The salespeople whom a file names, with an address each on a reserved domain."""

    def __init__(self, names: Iterable[str]) -> None:
        self._ids = {name: f"owner-{n}" for n, name in enumerate(sorted(set(names)), start=1)}
        self.addresses = {one: f"{one}@mihon-systems.example" for one in self._ids.values()}

    def of(self, row: LeadRow) -> str:
        return self._ids.get(row.known.get("owner", ""), next(iter(OWNERS)))


class _Maker:
    """Makes an arrival of each row, and counts what it had to assume."""

    def __init__(
        self,
        start: datetime,
        names: Mapping[str, str],
        owners: _Owners,
        won: Mapping[str, Sequence[LeadRow]],
        *,
        invent_addresses: bool,
        asks_for_consent: bool,
    ) -> None:
        self._start, self._names, self._owners, self._won = start, names, owners, won
        self._invents = invent_addresses
        self._asks = asks_for_consent
        self.counts = Counts()

    def arrival(self, row: LeadRow) -> Arrival:
        """The row as somebody who arrives."""
        at = row.at or self._start
        self.counts.dateless += row.at is None
        known: dict[str, object] = {name: value for name, value in row.known.items() if name != "account"}
        if row.email is None:
            self.counts.addressless += 1
            if self._invents:
                self.counts.invented += 1
                known["email"] = f"lead-{row.row}@people.example"
        consent, refuses = consents_of(row, at, assumed=None if self._asks else Basis.CONSENT)
        silent = not refuses and row.consent is None
        self.counts.refused += refuses
        self.counts.unsaid += silent and self._asks
        self.counts.assumed += silent and not self._asks
        lead = {
            **known,
            "external_ids": {SYSTEM: row_id(row)},
            "attributes": {self._names[name]: value for name, value in row.attributes.items()},
            "owner": self._owners.of(row),
            "consent": consent,
        }
        return Arrival(at=at, lead=lead, account=_account(row), facts=tuple(self._bought(row, at)))

    def _bought(self, row: LeadRow, at: datetime) -> Iterable[Reaction]:
        for deal in self._won.get(row_id(row), ()):
            assert deal.at is not None, "deals without a date were refused"
            after = deal.at - at
            self.counts.deals += 1
            self.counts.early += after < timedelta(0)
            yield Reaction(after, "purchase.made", dict(deal.attributes), origin=Origin.HOST)


def _account(row: LeadRow) -> dict[str, object] | None:
    """The company of a row, if it names one."""
    key, name = row.known.get("account"), row.known.get("company")
    if not key and not name:
        return None
    found: dict[str, object] = {"name": name or key}
    if key:
        found["key"] = key
    industry, employees = row.attributes.get("industry"), row.attributes.get("employees")
    if isinstance(industry, str):
        found["industry"] = industry
    if isinstance(employees, int):
        found["employees"] = employees
    return found


def _start(chosen: Sequence[LeadRow], zone: str) -> datetime:
    """The local midnight before the first arrival, or a Monday morning when there are no dates."""
    local = ZoneInfo(zone)
    moments = [row.at for row in chosen if row.at is not None]
    if not moments:
        return datetime.combine(FIRST_DAY, time(9), local).astimezone(UTC)
    return datetime.combine(min(moments).astimezone(local).date(), time(0), local).astimezone(UTC)


def _attribute_names(intake: Intake) -> dict[str, str]:
    """Under which names the file's attributes are declared: not those that the program has for something else."""
    own = {one.name for one in OWN_ATTRIBUTES if one.subject == "lead"}
    return {name: f"file_{name}" if name in own else name for name in intake.mapping.attributes}


def _upper_thirds(intake: Intake, columns: Iterable[Column]) -> dict[str, float]:
    """For each column of amounts, the value that a third of the leads reach.

    Columns that are often empty are left out, since sales tends to fill them in after the fact; so are yes
    and no written as 1 and 0, and numbers that only name a row.
    """
    marks: dict[str, float] = {}
    for column in columns:
        if column.attribute is None or column.type not in _NUMERIC or len(marks) == _MOST_RULES:
            continue
        values = sorted(_numbers(intake.good, column.attribute))
        distinct = len(set(values))
        if len(values) * 10 < len(intake.good) * 8 or not 3 <= distinct <= len(values) * 0.9:
            continue
        mark = values[len(values) * 2 // 3]
        if mark > values[0]:
            marks[column.attribute] = mark
    return marks


def _numbers(good: Iterable[LeadRow], name: str) -> Iterable[float]:
    for row in good:
        value: Value = row.attributes.get(name)
        if isinstance(value, (int, float)):
            yield value


def _keenness(row: LeadRow, marks: Mapping[str, float], share: float) -> float:
    if not marks:
        return keenness(0.5, share)
    reached = sum(any(value >= mark for value in _numbers([row], name)) for name, mark in marks.items())
    return keenness(reached / len(marks), share)


def _owners(chosen: Iterable[LeadRow]) -> _Owners:
    return _Owners(row.known["owner"] for row in chosen if "owner" in row.known)


def _is_japanese(row: LeadRow) -> bool:
    return any(_JAPANESE.search(row.known.get(name, "")) for name in ("name", "family_name", "company", "title"))
