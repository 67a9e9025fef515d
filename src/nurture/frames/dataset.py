"""Frames as records of the domain, so that simulating, scoring and explaining run on them too.

Rows are read when somebody walks over them. A row that cannot be taken is not lost: it comes with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

import attrs

from nurture.errors import InvalidFactError, NurtureError
from nurture.frames.reading import account_of, fact_of, lead_of, rows_of
from nurture.frames.tables import made_tables
from nurture.model import Account, Lead, SubjectKind, Touchpoint, Value, clean_instant
from nurture.model.account import ACCOUNT_TEXT_FIELDS
from nurture.model.lead import TEXT_FIELDS

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.decisions import Explanation
    from nurture.predicates.frame import Table, Tables
    from nurture.predicates.frame.tables import Room
    from nurture.program import Program
    from nurture.simulation import Arrival

R = TypeVar("R", Lead, Account, Touchpoint)


@attrs.frozen(slots=True, kw_only=True)
class LeftOut:
    """A row that could not be taken.

    Attributes:
        frame: Of which frame.
        row: Its number, counted from zero.
        id: Its id, when it has one.
        reason: What is wrong, with the field's name; never a value.
    """

    frame: str
    row: int
    id: str | None
    reason: str


class Dataset:
    """Leads, accounts and facts that lie in frames; made with `Dataset.from_frames`.

    A lead whose row says no `created_at` was met with its first fact; without facts, at the beginning of 1970.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._left_out: dict[str, tuple[LeftOut, ...]] = {}
        self._facts: Mapping[str, tuple[Touchpoint, ...]] | None = None
        self._leads: tuple[Lead, ...] | None = None
        self._accounts: tuple[Account, ...] | None = None

    @classmethod
    def from_frames(
        cls,
        leads: object,
        touchpoints: object = None,
        accounts: object = None,
        *,
        columns: Mapping[str, str] | None = None,
        zone: str | None = None,
    ) -> Dataset:
        """Frames of pandas, Polars, PyArrow, DuckDB or Spark as a dataset; nothing is read yet.

        Args:
            leads: One row a lead. Columns that are no built-in field become custom attributes.
            touchpoints: One row a fact. Columns that are none of a fact's own become properties.
            accounts: One row an account.
            columns: Columns that are called otherwise than what they hold, by that.
            zone: Where wall clocks hang whose times have no zone.

        Raises:
            DefinitionError: One of them is no frame.

        Example:
            >>> import polars
            >>> people = polars.DataFrame({"id": ["a", "b"], "email": ["a@example.jp", None]})
            >>> some = Dataset.from_frames(people)
            >>> [one.id for one in some.leads], [one.reason for one in some.left_out]
            (['a'], ['lead: expected at least one identifier of email, phone, line, visitor or external_ids'])
        """
        tables = made_tables(
            SubjectKind.LEAD, leads, accounts=accounts, touchpoints=touchpoints, columns=columns, zone=zone
        )
        return cls(tables)

    @property
    def leads(self) -> tuple[Lead, ...]:
        """The leads."""
        if self._leads is None:
            self._leads = self._read("leads", self._lead)
        return self._leads

    @property
    def accounts(self) -> tuple[Account, ...]:
        """The accounts."""
        if self._accounts is None:
            self._accounts = self._read("accounts", account_of)
        return self._accounts

    @property
    def facts(self) -> Mapping[str, tuple[Touchpoint, ...]]:
        """The facts by subject, oldest first."""
        if self._facts is None:
            found: dict[str, list[Touchpoint]] = {}
            for fact in self._read("touchpoints", fact_of):
                found.setdefault(fact.subject, []).append(fact)
            self._facts = {
                subject: tuple(sorted(some, key=lambda fact: fact.sort_key)) for subject, some in found.items()
            }
        return self._facts

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The rows that could not be taken, and why; all frames are read for it."""
        _ = self.leads, self.accounts, self.facts
        return tuple(one for room in ("leads", "accounts", "touchpoints") for one in self._left_out.get(room, ()))

    def arrivals(self) -> Iterator[Arrival]:
        """The leads as people who arrive, with what they did, for `nurture.simulate`."""
        from nurture.simulation import Arrival, Reaction

        by_id = {one.id: one for one in self.accounts}
        for lead in self.leads:
            fields: dict[str, object] = {
                name: value for name in TEXT_FIELDS if name != "account" and (value := getattr(lead, name)) is not None
            }
            fields |= {"external_ids": lead.external_ids, "attributes": lead.attributes, "tags": lead.tags}
            company = by_id.get(lead.account) if lead.account is not None else None
            facts = tuple(
                Reaction(fact.at - lead.created_at, fact.kind, fact.properties, fact.origin, fact.channel)
                for fact in self.facts.get(lead.id, ())
            )
            yield Arrival(
                at=lead.created_at, lead=fields, account=None if company is None else _captured(company), facts=facts
            )

    def explain(self, program: Program, lead: str, *, now: datetime) -> Explanation:
        """Where a lead stands by what the frames say, and why: values, scores, segments, each clause.

        Stages, runs and kept memberships are no part of facts, so nothing is known about them here.

        Args:
            program: What should follow from facts.
            lead: Whose id.
            now: The instant to explain; facts after it are not seen.

        Raises:
            KeyError: No row that could be taken has this id.
        """
        from nurture.decisions import explain
        from nurture.frames.replaying import replayed

        found = next((one for one in self.leads if one.id == lead), None)
        if found is None:
            raise KeyError(lead)
        company = next((one for one in self.accounts if one.id == found.account), None)
        moment = clean_instant(now, "now")
        return explain(
            program, replayed(program, self._tables, found, company, self.facts.get(lead, ()), moment), moment
        )

    def _read(self, room: Room, make: Callable[[Mapping[str, Value], int], R]) -> tuple[R, ...]:
        table: Table | None = getattr(self._tables, room)
        if table is None:
            return ()
        made: dict[str, R] = {}
        left: list[LeftOut] = []
        for number, row in enumerate(rows_of(table)):
            known = row.get("id")
            try:
                record = make(row, number)
                if record.id in made:
                    raise InvalidFactError(f"{room}.id", "an id that no row above has")
                made[record.id] = record
            except NurtureError as error:
                name = known if isinstance(known, str) else None
                left.append(LeftOut(frame=room, row=number, id=name, reason=str(error)))
        self._left_out[room] = tuple(left)
        return tuple(made.values())

    def _lead(self, row: Mapping[str, Value], number: int) -> Lead:
        lead = lead_of(row, number)
        facts = self.facts.get(lead.id, ()) if row.get("created_at") is None else ()
        return attrs.evolve(lead, created_at=facts[0].at) if facts else lead


def _captured(company: Account) -> dict[str, object]:
    """An account as `Nurture.capture_account` takes it."""
    fields: dict[str, object] = {
        name: value for name in ACCOUNT_TEXT_FIELDS if (value := getattr(company, name)) is not None
    }
    return fields | {"key": company.id, "employees": company.employees, "attributes": company.attributes}
