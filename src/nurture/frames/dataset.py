"""Frames as records of the domain, so that simulating, scoring and explaining run on them too.

Rows are read when somebody walks over them. A row that cannot be taken is not lost: it comes with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

import attrs
import narwhals.stable.v2 as nw

from nurture.errors import InvalidFactError, NurtureError
from nurture.frames.reading import account_of, fact_of, lead_of, rows_of
from nurture.frames.tables import made_tables, tables_in
from nurture.model import Account, Lead, SubjectKind, Touchpoint, Value, clean_instant
from nurture.model.account import ACCOUNT_TEXT_FIELDS
from nurture.model.lead import TEXT_FIELDS
from nurture.predicates import FieldType
from nurture.predicates.display import bundle
from nurture.predicates.display import table as display_table

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
    """A row, or a column, that could not be taken.

    Attributes:
        frame: Of which frame.
        row: Its number, counted from zero; None when it is about a column.
        id: Its id, when it has one.
        reason: What is wrong, with the field's name; never a value.
        column: The column that holds nothing a record can hold.
    """

    frame: str
    row: int | None
    id: str | None
    reason: str
    column: str | None = None


class Dataset:
    """Leads, accounts and facts that lie in frames; made with `Dataset.from_frames`.

    A lead whose row says no `created_at` was met with its first fact; without facts, at the beginning of 1970.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._left_out: dict[str, tuple[LeftOut, ...]] = {}
        self._facts: Mapping[str, tuple[Touchpoint, ...]] | None = None
        self._by_account: Mapping[str, tuple[Touchpoint, ...]] | None = None
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
            DefinitionError: One of them is no frame, or they are of several libraries.
            UnknownNameError: `columns` names a column that there is not.

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
            self._facts = _by_subject(self._read("touchpoints", fact_of))
        return self._facts

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The rows and columns that could not be taken, and why; all frames are read for it."""
        _ = self.leads, self.accounts, self.facts
        return tuple(one for room in ("leads", "accounts", "touchpoints") for one in self._left_out.get(room, ()))

    def __repr__(self) -> str:
        return f"Dataset({', '.join(f'{room}: {size}' for room, size in self._sizes())})"

    def _repr_html_(self) -> str:
        return f"<div>{display_table(('dataset', ''), self._sizes())}</div>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return bundle(repr(self), self._repr_html_())

    def _sizes(self) -> Iterator[tuple[str, str]]:
        """Each frame with its size; what is lazy is not asked how long it is."""
        for one in tables_in(self._tables):
            frame, width = one.original, len(one.original.columns)
            rows = f"{len(frame):,} rows × " if isinstance(frame, nw.DataFrame) else ""
            left = len(self._left_out.get(one.room, ()))
            yield one.room, f"{rows}{width} columns of {one.made_by}{f', {left} left out' if left else ''}"

    def arrivals(self, program: Program | None = None) -> Iterator[Arrival]:
        """The leads as people who arrive, in order of time, with what they did, for `nurture.simulate`.

        Args:
            program: The program that will be simulated: then attributes that it does not declare stay behind, and
                whole numbers that are held as floats fit attributes that are integers.
        """
        from nurture.simulation import Arrival, Reaction

        by_id = {one.id: one for one in self.accounts}
        for lead in sorted(self.leads, key=lambda one: one.created_at):
            fields: dict[str, object] = {
                name: value for name in TEXT_FIELDS if name != "account" and (value := getattr(lead, name)) is not None
            }
            attributes = _declared(lead.attributes, program, SubjectKind.LEAD)
            fields |= {"external_ids": lead.external_ids, "attributes": attributes, "tags": lead.tags}
            company = by_id.get(lead.account) if lead.account is not None else None
            facts = tuple(
                Reaction(fact.at - lead.created_at, fact.kind, fact.properties, fact.origin, fact.channel)
                for fact in self.facts.get(lead.id, ())
            )
            yield Arrival(
                at=lead.created_at,
                lead=fields,
                account=None if company is None else _captured(company, program),
                facts=facts,
            )

    def explain(self, program: Program, lead: str, *, now: datetime, lang: str | None = None) -> Explanation:
        """Where a lead stands by what the frames say, and why: values, scores, segments, each clause.

        Stages, runs and kept memberships are no part of facts, so nothing is known about them here.

        Args:
            program: What should follow from facts.
            lead: Whose id.
            now: The instant to explain; facts after it are not seen.
            lang: `en` or `ja`; None means the program's own language, and English where that is neither.

        Raises:
            KeyError: No row that could be taken has this id.
            DefinitionError: The language is none of these.
        """
        from nurture.decisions import explain
        from nurture.frames.replaying import Known, replayed

        found = next((one for one in self.leads if one.id == lead), None)
        if found is None:
            raise KeyError(lead)
        company = next((one for one in self.accounts if one.id == found.account), None)
        moment = clean_instant(now, "now")
        known = Known(self._tables, self.leads, self.facts, self._facts_of_accounts)
        return explain(program, replayed(program, known, found, company, moment), moment, lang=lang)

    def _facts_of_accounts(self) -> Mapping[str, tuple[Touchpoint, ...]]:
        """The facts by the account that they name, which rows may do beside the lead."""
        table = self._tables.touchpoints
        if table is None or self._by_account is not None:
            return self._by_account or {}
        found: list[Touchpoint] = []
        for number, row in enumerate(rows_of(table, SubjectKind.ACCOUNT)):
            try:
                found.append(fact_of(row, number))
            except NurtureError:  # `left_out` tells of it, or the row names no account
                continue
        self._by_account = _by_subject(found)
        return self._by_account

    def _read(self, room: Room, make: Callable[[Mapping[str, Value], int], R]) -> tuple[R, ...]:
        table: Table | None = getattr(self._tables, room)
        if table is None:
            return ()
        made: dict[str, R] = {}
        left: list[LeftOut] = []
        skipped: dict[str, str] = {}
        for number, row in enumerate(rows_of(table, skipped=skipped)):
            known = row.get("id")
            try:
                record = make(row, number)
                if record.id in made:
                    raise InvalidFactError(f"{room}.id", "an id that no row above has")
                made[record.id] = record
            except NurtureError as error:
                name = known if isinstance(known, str) else None
                left.append(LeftOut(frame=room, row=number, id=name, reason=str(error)))
        self._left_out[room] = (*_unread(room, skipped), *left)
        return tuple(made.values())

    def _lead(self, row: Mapping[str, Value], number: int) -> Lead:
        lead = lead_of(row, number)
        facts = self.facts.get(lead.id, ()) if row.get("created_at") is None else ()
        return attrs.evolve(lead, created_at=facts[0].at) if facts else lead


def _unread(room: Room, skipped: Mapping[str, str]) -> tuple[LeftOut, ...]:
    return tuple(LeftOut(frame=room, row=None, id=None, reason=why, column=one) for one, why in skipped.items())


def _by_subject(facts: Iterable[Touchpoint]) -> dict[str, tuple[Touchpoint, ...]]:
    found: dict[str, list[Touchpoint]] = {}
    for fact in facts:
        found.setdefault(fact.subject, []).append(fact)
    return {subject: tuple(sorted(some, key=lambda fact: fact.sort_key)) for subject, some in found.items()}


def _declared(values: Mapping[str, Value], program: Program | None, subject: SubjectKind) -> Mapping[str, Value]:
    """The attributes that a program declares, as it declares them; all of them where there is no program."""
    if program is None:
        return values
    found: dict[str, Value] = {}
    for name, value in values.items():
        attribute = program.attribute(name, subject)
        if attribute is not None:
            is_whole = attribute.type is FieldType.INTEGER and isinstance(value, float) and value.is_integer()
            found[name] = int(cast("float", value)) if is_whole else value
    return found


def _captured(company: Account, program: Program | None) -> dict[str, object]:
    """An account as `Nurture.capture_account` takes it."""
    fields: dict[str, object] = {
        name: value for name in ACCOUNT_TEXT_FIELDS if (value := getattr(company, name)) is not None
    }
    return (
        fields
        | {"key": company.id, "employees": company.employees}
        | {"attributes": _declared(company.attributes, program, SubjectKind.ACCOUNT)}
    )
