"""What the readings of the nodes share: the cells of one kind of subject, and sets of subjects joined to its rows.

May import the tables and the names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, cast

import attrs
import narwhals.stable.v2 as nw

from nurture.errors import DefinitionError
from nurture.model import SubjectKind
from nurture.predicates.frame.cells import Cell, micros
from nurture.predicates.frame.edges import native_of
from nurture.predicates.frame.tables import OURS, Frame, Table, Tables, find_property, property_cell
from nurture.predicates.frame.truth import Truth, at_leaf
from nurture.predicates.operators import FieldType
from nurture.predicates.rows import require_in_rows
from nurture.predicates.tree import Field, Owner

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.predicates.names import Names

KEY = f"{OURS}key"
"""The id of the subject of a row."""
ACCOUNT = f"{OURS}account"
"""The id of the account of a lead's row."""
ROW = f"{OURS}row"
"""The number of a row, in frames in memory."""

Of: TypeAlias = Literal["subject", "account"]


@attrs.frozen(slots=True, eq=False)
class Members:
    """A set of subjects, or of the accounts of subjects.

    Attributes:
        frame: One column, called `KEY`, without missing values.
        once: Whether each stands in it once.
        but: Whether all others are meant.
        of: Whose ids they are.
    """

    frame: Frame
    once: bool
    but: bool = False
    of: Of = "subject"


class Reader:
    """Reads predicates about one kind of subject: finds cells, and remembers what must be joined to the rows.

    Args:
        tables: The user's frames.
        names: What names mean; about which kind of subject.
        now: The moment asked about.
        around: What names mean in the predicate that asks, when it is about the other kind of subject.
    """

    def __init__(self, tables: Tables, names: Names, now: datetime, *, around: Names | None = None) -> None:
        self.tables = tables
        self._around = names if around is None else around
        self.names = names
        self.now = now
        self.micros = micros(now)
        self.subject = names.subject
        self.table: Table = tables.of_subject(names.subject, "a predicate")
        self.flags: list[tuple[str, Members]] = []
        self.values: list[tuple[str, Frame]] = []
        self._of_account: dict[str, Cell] = {}
        self._beforehand: list[nw.Expr] = []
        self._far_values: list[tuple[str, nw.Expr]] = []
        self._worked_out: list[tuple[str, nw.Expr]] = []
        self._used: set[str] = set()
        self.asked = 0  # how often something was asked for that must be joined to the rows
        self.needs_account = False  # whether the ids of the leads' accounts are asked for

    def about(self, subject: SubjectKind) -> Reader:
        """A reader of predicates about the other kind of subject.

        Raises:
            DefinitionError: Nobody said what names mean there.
        """
        names = self.names.about(subject) or self._around.about(subject)
        if names is None:
            raise DefinitionError(f"a predicate asks about {subject}s, about which nothing is declared")
        return Reader(self.tables, names, self.now, around=self.names)

    def key_of(self, table: Table, column: str, subject: SubjectKind | None = None) -> tuple[nw.Expr, str]:
        """The ids of subjects in another frame than their own, such that they can be joined, and the column read.

        Args:
            table: The other frame.
            column: Its column.
            subject: Of which kind of subject; None for the one that is asked about.

        Raises:
            DefinitionError: The ones are whole numbers and the others text.
        """
        kind = self.subject if subject is None else subject
        own = self.tables.leads if kind is SubjectKind.LEAD else self.tables.accounts
        if own is None or own is table:
            return table.key(column), table.key_source(column)
        name = own.need("id", asked=str(kind))
        ids, found = own.id_type(name), table.id_type(column)
        if ids is not None and found not in (None, ids):
            words = {FieldType.INTEGER: "whole numbers", FieldType.TEXT: "text"}
            raise DefinitionError(
                f"{table.room}: the ids in {column!r} are {words[found or ids]}, and those in {own.room}, {name!r}, "
                f"are {words[ids]}; make both the same"
            )
        key, source = table.key(column, ids), table.key_source(column, ids)
        return (key.cast(nw.String) if ids is None and found is FieldType.INTEGER else key), source

    # -- cells ------------------------------------------------------------------------------------

    def field(self, field: Field) -> Cell:
        """A value of the lead or the account.

        Raises:
            UnknownNameError: No column holds it.
            DefinitionError: It is a property of a fact.
            NotCompilableError: It is what a run began with.
        """
        require_in_rows("frame", (field,))
        if field.owner is Owner.PROP:
            raise DefinitionError(f"{field} is asked outside q.touches(...).where(...)")
        declared = self.names.fields_of(field.owner).get(field.name)
        if (field.owner is Owner.ACCOUNT) is (self.subject is SubjectKind.ACCOUNT):
            return self._own(field.name, declared, str(field))
        if field.owner is Owner.ACCOUNT:
            return self._account_value(field.name, declared)
        return Cell(nw.col(KEY), None)  # an account has no values of a lead

    def own(self, name: str, *more: str, declared: FieldType, asked: str) -> Cell:
        """A value that is kept beside the subject: its stage, a score."""
        return self._using(self.table.cell(self.table.need(name, *more, asked=asked), declared, asked=asked))

    def _using(self, cell: Cell) -> Cell:
        if cell.type is not FieldType.TEXTS:  # lists are asked beforehand
            self._used.update(cell.columns)
        return cell

    def type_of(self, field: Field) -> FieldType | None:
        """What a value of the lead or the account is."""
        if self._is_far(field):
            return self._accounts_cell(field.name, self.names.account_fields.get(field.name)).type
        return self.field(field).type

    def prop(self, name: str) -> Cell:
        """A property of facts."""
        return property_cell(self.tables.of("touchpoints", f"prop.{name}"), name)

    def has_property(self, name: str) -> bool:
        """Whether facts have a column for a property."""
        return find_property(self.tables.of("touchpoints", f"prop.{name}"), name) is not None

    def _own(self, name: str, declared: FieldType | None, asked: str) -> Cell:
        column = self.table.find(name)
        if column is None:
            outer, _, rest = name.partition(".")
            found = self.table.inside(outer, rest) if rest else None
            if found is not None:
                return self._using(found)
            column = self.table.need(name, asked=asked)
        cell = self._using(self.table.cell(column, declared, asked=asked))
        is_list_of_ours = self.subject is SubjectKind.LEAD and name in ("tags", "lists")
        return attrs.evolve(cell, empty_is_missing=True) if is_list_of_ours else cell

    def _account_value(self, name: str, declared: FieldType | None) -> Cell:
        """A value of the lead's account: of its own row, or kept beside the lead."""
        beside = self._beside(name)
        if beside is not None:
            return self._using(self.table.cell(beside, declared, asked=f"account.{name}"))
        known = self._of_account.get(name)
        if known is None:
            there = self._accounts_cell(name, declared)
            known = self._of_account[name] = attrs.evolve(there, expr=self._far(there.expr), columns=())
        self.asked += 1
        return known

    def _accounts_cell(self, name: str, declared: FieldType | None) -> Cell:
        accounts = self.tables.of("accounts", f"account.{name}")
        column = accounts.need(name, asked=f"account.{name}")
        return accounts.cell(column, declared, asked=f"account.{name}")

    def _far(self, expr: nw.Expr) -> nw.Expr:
        """What is said of a lead's account in the frame of accounts, joined to the lead."""
        alias = f"{OURS}of_account_{len(self._far_values)}"
        self._far_values.append((alias, expr))
        self.needs_account = True
        self.asked += 1
        return nw.col(alias)

    def _is_far(self, field: Field) -> bool:
        """Whether a value stands in the frame of accounts, and leads are asked about."""
        return field.owner is Owner.ACCOUNT and self.subject is SubjectKind.LEAD and self._beside(field.name) is None

    def _beside(self, name: str) -> str | None:
        said = self._said_beside(name)
        columns = [said, f"account.{name}", f"account_{name}"]
        if self.tables.accounts is None and name not in self.names.lead_fields:
            columns.append(name)
        if name == "id":
            columns = [said]
        return next((one for one in columns if one is not None and one in self.table.schema), None)

    # -- zones ------------------------------------------------------------------------------------

    def zones(self, whose: str | None) -> list[tuple[Cell, frozenset[str]]]:
        """The cells that may name a row's zone, in the order in which they are asked, and what they hold."""
        found: list[tuple[Cell, frozenset[str]]] = []
        if whose != "account" and self.subject is SubjectKind.LEAD and (column := self.table.find("zone")):
            found.append(self._held(self.table, self._using(self.table.cell(column))))
        if whose == "lead":
            return found
        if self.subject is SubjectKind.ACCOUNT:
            if (column := self.table.find("zone")) is not None:
                found.append(self._held(self.table, self._using(self.table.cell(column))))
        elif (beside := self._beside_zone()) is not None:
            found.append(self._held(self.table, self._using(self.table.cell(beside))))
        elif self.tables.accounts is not None and (column := self.tables.accounts.find("zone")):
            held = self._held(self.tables.accounts, self.tables.accounts.cell(column))[1]
            found.append((self._account_value("zone", None), held))
        return [one for one in found if one[0].type is FieldType.TEXT]

    def _said_beside(self, name: str) -> str | None:
        """The column of leads that was said to hold a value of the account; it may lie in the frame of accounts."""
        accounts = self.tables.accounts
        if accounts is not None and accounts.holds(f"account.{name}") and not self.table.holds(f"account.{name}"):
            return None
        return self.table.said(f"account.{name}")

    def _beside_zone(self) -> str | None:
        """The lead's own column `zone` is the lead's."""
        said = self._said_beside("zone")
        return next((one for one in (said, "account.zone", "account_zone") if one in self.table.schema), None)

    @staticmethod
    def _held(table: Table, cell: Cell) -> tuple[Cell, frozenset[str]]:
        some = table.frame.select(cell.expr.alias("zone")).unique()
        rows = some.collect() if isinstance(some, nw.LazyFrame) else some
        return cell, frozenset(one for one in rows["zone"].to_list() if isinstance(one, str))

    # -- sets and values joined to the rows ---------------------------------------------------------

    def flag(self, members: Members) -> Truth:
        """Whether a row's subject is in a set, as an expression."""
        alias = f"{OURS}flag_{len(self.flags)}"
        self.needs_account |= members.of == "account"
        self.flags.append((alias, members))
        self.asked += 1
        found = at_leaf(nw.col(alias))
        return ~found if members.but else found

    def value(self, frame: Frame) -> nw.Expr:
        """A value of a row's subject, from a frame with the columns `KEY` and `value`."""
        alias = f"{OURS}value_{len(self.values)}"
        self.values.append((alias, frame))
        self.asked += 1
        return nw.col(alias)

    def beforehand(self, field: Field, test: Callable[[Cell], Truth], *, missing: bool) -> Truth:
        """A test that is made where the value lies, before anything is joined: some engines cannot join lists.

        Args:
            field: Which value.
            test: The test.
            missing: What it says of a missing value.
        """
        if self._is_far(field):
            there = self._accounts_cell(field.name, self.names.account_fields.get(field.name))
            truth = test(there)
            if isinstance(truth, bool) and truth is missing:
                return truth
            return self._far(truth if isinstance(truth, nw.Expr) else nw.lit(truth)).fill_null(missing)
        truth = test(self.field(field))
        if isinstance(truth, bool):
            return truth
        alias = f"{OURS}beforehand_{len(self._beforehand)}"
        self._beforehand.append(truth.alias(alias))
        return nw.col(alias)

    def worked_out(self, expr: nw.Expr) -> nw.Expr:
        """An expression as a column of its own: what is used several times is worked out once."""
        alias = f"{OURS}worked_{len(self._worked_out)}"
        self._worked_out.append((alias, expr))
        self.asked += 1
        return nw.col(alias)

    def rows(self) -> Frame:
        """The rows of the subjects, with the ids of the subjects and of their accounts besides.

        Frames in memory are narrowed to what is needed, and their rows are numbered; of others all columns stay.
        """
        table = self.table
        keys = [table.key(table.need("id", asked=str(self.subject))).alias(KEY)]
        if self.subject is SubjectKind.LEAD and self.needs_account:
            account = table.need("account", asked="lead.account")
            keys.append(self.key_of(table, account, SubjectKind.ACCOUNT)[0].alias(ACCOUNT))
        frame = table.frame
        if not isinstance(frame, nw.DataFrame):
            return frame.with_columns(*keys, *self._beforehand)
        return planned(frame.with_row_index(ROW)).select(ROW, *sorted(self._used), *keys, *self._beforehand)

    def joined(self, rows: Frame) -> Frame:
        """The rows with values of accounts, flags, scores, and what was worked out."""
        if self._far_values:
            rows = _joined(rows, self._accounts(), ACCOUNT)
        for alias, members in self.flags:
            there = members.frame if members.once else members.frame.unique()
            flagged = there.select(nw.col(KEY).alias(_THERE), nw.lit(True).alias(alias))
            rows = _joined(rows, with_holes(flagged), KEY if members.of == "subject" else ACCOUNT)
        for alias, frame in self.values:
            valued = frame.select(nw.col(KEY).alias(_THERE), nw.col("value").alias(alias))
            rows = _joined(rows, valued, KEY)
        for alias, expr in self._worked_out:
            rows = rows.with_columns(expr.alias(alias))
        return rows

    def _accounts(self) -> Frame:
        accounts = self.tables.of("accounts", "account")
        key = accounts.key(accounts.need("id", asked="account.id")).alias(_THERE)
        values = [expr.alias(alias) for alias, expr in self._far_values]
        frame = accounts.frame.select(key, *values).filter(~nw.col(_THERE).is_null())
        return with_holes(frame.unique(subset=[_THERE], keep="any"))


_THERE = f"{OURS}there"


def planned(frame: Frame) -> Frame:
    """The frame, lazy where the engine plans better than step by step."""
    return frame.lazy() if isinstance(frame, nw.DataFrame) and frame.implementation.is_polars() else frame


def _joined(rows: Frame, there: Frame, key: str) -> Frame:
    return alike(rows, there, lambda left, right: left.join(right, left_on=key, right_on=_THERE, how="left")).drop(
        _THERE, strict=False
    )


def with_joined(rows: Frame, there: Frame, key: str, value: str) -> Frame:
    """The rows with a value from a frame with the columns `KEY` and that value."""
    return _joined(rows, there.select(nw.col(KEY).alias(_THERE), nw.col(value)), key)


def semi(rows: Frame, members: Members) -> Frame:
    """The rows whose subject, or its account, is in a set; or of all others."""
    key = KEY if members.of == "subject" else ACCOUNT
    how: Literal["anti", "semi"] = "anti" if members.but else "semi"
    return alike(rows, members.frame, lambda left, right: left.join(right, left_on=key, right_on=KEY, how=how))


def alike(left: Frame, right: Frame, join: Callable[[Any, Any], Frame]) -> Frame:
    """Two frames joined, when one of them is a lazy frame of the engine of the other."""
    if isinstance(left, nw.LazyFrame) and isinstance(right, nw.DataFrame):
        right = right.lazy()
    return join(_joinable(left), _joinable(right))


def _joinable(frame: Frame) -> Frame:
    """The frame, with a type for columns in which nothing has one: PyArrow joins no others."""
    if not frame.implementation.is_pyarrow():
        return frame
    untyped = [name for name, kind in frame.collect_schema().items() if kind == nw.Unknown]
    return frame.with_columns(nw.col(name).cast(nw.String) for name in untyped) if untyped else frame


class _Converting(Protocol):
    """What a pandas frame can do."""

    def convert_dtypes(self) -> object: ...


def with_holes(frame: Frame) -> Frame:
    """The frame with types that stay what they are when a join leaves values missing; pandas makes floats of them."""
    if not frame.implementation.is_pandas_like():
        return frame
    native = cast("_Converting", native_of(frame))
    converted = cast("Frame", nw.from_native(cast("Any", native.convert_dtypes())))
    # It takes floats that happen to be whole for whole numbers.
    floats = [name for name, dtype in frame.collect_schema().items() if dtype.is_float()]
    return converted.with_columns(*(nw.col(name).cast(nw.Float64) for name in floats))
