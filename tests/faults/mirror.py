"""What a tenant's records must be, kept beside the store by the same rules in their plainest form."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from nurture.model import (
    Account,
    Activation,
    Alias,
    Allowance,
    Changes,
    DecisionRecord,
    Definition,
    Effect,
    InboxRow,
    Lead,
    Record,
    Standing,
    SubjectId,
    Touchpoint,
)

KINDS: tuple[type[Record], ...] = (
    Lead, Account, Touchpoint, InboxRow, Standing, Effect, Alias, Allowance, Definition, Activation, DecisionRecord,
)  # fmt: skip
IMMUTABLE = (Touchpoint, InboxRow, Definition, DecisionRecord)


@attrs.define(eq=False)
class Mirror:
    """One tenant's records.

    Attributes:
        tables: By kind and id.
        rows: Every inbox row that ever was, by fact: what deciding was given.
    """

    tables: dict[type[Record], dict[str, Record]] = attrs.field(factory=lambda: {kind: {} for kind in KINDS})
    rows: dict[str, InboxRow] = attrs.field(factory=dict)

    def of(self, kind: type) -> dict:  # type: ignore[type-arg]
        """The records of a kind, by id."""
        return self.tables[kind]

    def inbox_of(self, subject: SubjectId) -> Iterator[InboxRow]:
        """The rows of a subject that wait."""
        return (one for one in self.of(InboxRow).values() if one.subject == subject)

    def new_facts(self, changes: Changes) -> list[Touchpoint]:
        """The facts that a group brings."""
        known = self.of(Touchpoint)
        return [one for one in changes.records if isinstance(one, Touchpoint) and one.id not in known]

    def new_rows(self, changes: Changes) -> list[InboxRow]:
        """The inbox rows that a group brings: those of facts that were not there."""
        known = self.of(Touchpoint)
        return [one for one in changes.records if isinstance(one, InboxRow) and one.fact not in known]

    def take(self, changes: Changes) -> None:
        """Take a committed group in."""
        rows = self.new_rows(changes)
        for fact in changes.folded:
            del self.of(InboxRow)[fact]
        for record in changes.records:
            if isinstance(record, InboxRow):
                continue
            table = self.of(type(record))
            if type(record) not in IMMUTABLE or record.id not in table:
                table[record.id] = record
        for row in rows:
            self.of(InboxRow)[row.fact] = row
            self.rows[row.fact] = row
