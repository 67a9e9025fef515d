"""Where everything lies that a predicate asks about: what whoever owns the tables tells this reading.

May import SQLAlchemy. `columns` makes layouts for tables with plain columns; the store of this library brings one of
its own. What a layout does not say (`None`) cannot be asked of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import attrs
from sqlalchemy import Interval, literal
from sqlalchemy.sql.selectable import FromClause

from nurture.errors import NotCompilableError
from nurture.model import SubjectKind
from nurture.predicates.sql.cells import Cell, InstantForm, Reading
from nurture.predicates.sql.speech import Bool, Expr, Speech, whole
from nurture.predicates.tree import Field

if TYPE_CHECKING:
    from typing import TypeAlias

    from nurture.model.decay import Scale

_MICROSECOND = timedelta(microseconds=1)


@attrs.frozen(slots=True, kw_only=True, eq=False)
class FactRow:
    """One alias of the table of facts.

    Attributes:
        speech: How the database speaks.
        source: The alias.
        subject: Whom the fact is about; never NULL.
        kind: Its kind.
        at: When it happened.
        id: What tells facts of one instant apart; texts are ordered by code point.
        origin: Who made it; None when all facts are the person's own.
        channel: On which channel; None when facts have none.
        campaign: Of which campaign; None when facts have none.
        suspect: Whether a machine may have done it; never NULL; None when no fact is suspect.
        prop: Where a property lies.
        where: What else each row must be.
    """

    speech: Speech
    source: FromClause
    subject: Expr
    kind: Expr
    at: Reading
    id: Expr
    origin: Expr | None = None
    channel: Expr | None = None
    campaign: Expr | None = None
    suspect: Bool | None = None
    prop: Callable[[str], Cell]
    where: Bool | None = None

    def later(self, length: timedelta) -> Expr:
        """The instant so much later than the fact.

        Raises:
            NotCompilableError: The database cannot calculate exactly with instants that are written so.
        """
        if self.at.form is InstantForm.MICROS:
            return self.at.value + whole(length // _MICROSECOND)
        if self.at.form is InstantForm.TEXT or self.speech.name != "postgresql":
            raise NotCompilableError("sql", "Followed", "it needs the instants of facts as whole microseconds")
        return self.at.value + literal(length, Interval())


@attrs.frozen(slots=True, kw_only=True, eq=False)
class Facts:
    """The table of facts.

    Attributes:
        row: Makes an alias of its own.
        indexed: Whether there is an index on subject, kind and instant, in this order.
    """

    row: Callable[[], FactRow]
    indexed: bool = True


@attrs.frozen(slots=True, kw_only=True, eq=False)
class Layout:
    """Where the values of leads, or of accounts, lie.

    Attributes:
        speech: How the database speaks.
        subject: Whether leads or accounts are asked about.
        source: The table with one row for each of them.
        id: The column that tells them apart.
        field: Where a field lies; None when it does not lie with the subject. A lead's layout may know fields of
            the account, too; else they are looked up in the account's.
        where: What else each row must be.
        facts: Where the facts are.
        account_id: Of leads: the column that holds the account's id.
        account: Of leads: makes a layout of accounts with aliases of its own.
        people: Of accounts: makes a layout of leads with aliases of its own.
        stage: Where the present stage lies.
        stage_since: Where it lies since when.
        score: What a score reads at an instant, given its model and scale; never NULL. Floor and ceiling may be
            left to the caller.
        since: Where it lies since when the subject is a member of a segment.
        runs: Whether a kept run of a scenario is in one of some states; never NULL.
        zones: The only zones that occur, which keeps conditions short; None for any zone.
    """

    speech: Speech
    subject: SubjectKind
    source: FromClause
    id: Expr
    field: Callable[[Field], Cell | None]
    where: Bool | None = None
    facts: Facts | None = None
    account_id: Expr | None = None
    account: Callable[[], Layout] | None = None
    people: Callable[[], Layout] | None = None
    stage: Cell | None = None
    stage_since: Cell | None = None
    score: ReadScore | None = None
    since: Callable[[str], Cell] | None = None
    runs: Callable[[str, Sequence[str]], Bool] | None = None
    zones: Collection[str] | None = None


if TYPE_CHECKING:
    ReadScore: TypeAlias = Callable[[str, Scale, datetime], Expr]
