"""Every statement that is the same on all databases, compiled once for each engine. May import SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, cast

from sqlalchemy import BigInteger, and_, bindparam, delete, insert, literal_column, or_, select, union_all, update

from nurture.model import (
    Account,
    Alias,
    DecisionRecord,
    Effect,
    InboxRow,
    Lead,
    Record,
    Standing,
    Touchpoint,
)
from nurture.storage.sql import schema
from nurture.storage.sql.rows import FACT, SHAPES, Row, readers

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, Column, Engine, Table
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.sql.elements import ClauseElement, ColumnElement

    from nurture.storage.sql.dialect import Dialect


_ZERO: ColumnElement[int] = literal_column("0", BigInteger)
_ONE: ColumnElement[int] = literal_column("1", BigInteger)
_BELONGINGS = (Touchpoint, InboxRow, Standing, Effect, Alias, Lead, Account, DecisionRecord)


class Prepared:
    """One statement as the driver takes it: its text, and in which order its parameters go."""

    __slots__ = ("_fixed", "_order", "text")

    def __init__(self, statement: ClauseElement, engine: Engine) -> None:
        compiled = cast("SQLCompiler", statement.compile(dialect=engine.dialect))
        self.text = str(compiled)
        self._order = compiled.positiontup
        self._fixed: dict[str, object] = {name: value for name, value in compiled.params.items() if value is not None}

    def bind(self, values: Mapping[str, object]) -> tuple[object, ...] | dict[str, object]:
        """The parameters, from their names."""
        every = {**self._fixed, **values} if self._fixed else values
        return dict(every) if self._order is None else tuple([every[name] for name in self._order])

    def picker(self, columns: Sequence[str]) -> Callable[[Row], Row]:
        """What makes the parameters from a whole row of these columns."""
        return itemgetter(*[columns.index(name.removeprefix("the_")) for name in self._order or ()])


class Statements:
    """The statements of one engine, by what they are for.

    Attributes:
        get: Records of a kind by ids.
        versions: Stored versions by ids.
        insert: Insert a record of a versioned kind, or a new one of an immutable kind.
        update: Write over a record of a versioned kind.
        picked: A whole row's parameters for `update`.
        page: The next records of a kind by id.
        erase: Delete what a subject has, one statement for each table.
    """

    def __init__(self, dialect: Dialect, engine: Engine) -> None:
        self._dialect = dialect
        self._engine = engine
        self._columns = readers()
        self.get = {kind: self._get(kind) for kind in SHAPES}
        self.page = {kind: self._page(kind) for kind in SHAPES}
        self.insert = {kind: self._insert(kind) for kind in SHAPES}
        self.versions = {kind: self._versions(kind) for kind, shape in SHAPES.items() if shape.versioned}
        self.update = {kind: self._update(kind) for kind, shape in SHAPES.items() if shape.versioned}
        self.erase = [self._erase(kind) for kind in _BELONGINGS]
        self.picked = {kind: one.picker(SHAPES[kind].columns) for kind, one in self.update.items()}
        self._prepare_agenda()
        self._prepare_subjects()
        self._prepare_inbox()
        self._prepare_clock()

    def _compile(self, statement: ClauseElement) -> Prepared:
        return Prepared(statement, self._engine)

    # --- by kind -----------------------------------------------------------------------------------------------

    def _get(self, kind: type[Record]) -> Prepared:
        table = SHAPES[kind].table
        columns = [table.c[name] for name in ("id", *self._columns[kind])]
        return self._compile(select(*columns).where(_mine(table), self._dialect.among(table.c.id, "ids")))

    def _page(self, kind: type[Record]) -> Prepared:
        table = SHAPES[kind].table
        columns = [table.c[name] for name in self._columns[kind]]
        chosen = select(*columns).where(_mine(table), table.c.id > bindparam("after"))
        return self._compile(chosen.order_by(table.c.id).limit(_limit()))

    def _insert(self, kind: type[Record]) -> Prepared:
        shape = SHAPES[kind]
        return self._compile(insert(shape.table) if shape.versioned else self._dialect.insert_new(shape.table))

    def _versions(self, kind: type[Record]) -> Prepared:
        table = SHAPES[kind].table
        chosen = select(table.c.id, table.c.version)
        return self._compile(chosen.where(_mine(table), self._dialect.among(table.c.id, "ids")))

    def _update(self, kind: type[Record]) -> Prepared:
        table = SHAPES[kind].table
        key = (table.c.tenant == bindparam("the_tenant"), table.c.id == bindparam("the_id"))
        names = [column.name for column in table.c if column.name not in ("tenant", "id")]
        values: dict[str, BindParameter[object]] = {name: bindparam(f"the_{name}") for name in names}
        return self._compile(update(table).where(*key).values(values))

    def _erase(self, kind: type[Record]) -> Prepared:
        table = SHAPES[kind].table
        subject = table.c.subject if "subject" in table.c else table.c.id
        return self._compile(delete(table).where(_mine(table), subject == bindparam("subject")))

    # --- by purpose --------------------------------------------------------------------------------------------

    def _prepare_agenda(self) -> None:
        """What is due. The constants are literal: SQLite uses a partial index only when it can see them."""
        standing, inbox, effect = schema.standing, schema.inbox, schema.effect
        alive = standing.c.dead == _ZERO
        dead = select(_ONE).where(_mine(standing), standing.c.id == inbox.c.subject, standing.c.dead == _ONE)
        standings = select(standing.c.id, standing.c.due_at).where(_mine(standing), _before(standing.c.due_at), alive)
        self.due_standings = self._compile(standings.order_by(standing.c.due_at, standing.c.id).limit(_limit()))
        rows = select(inbox.c.subject, inbox.c.due_at).where(_mine(inbox), _before(inbox.c.due_at), ~dead.exists())
        self.due_rows = self._compile(rows.order_by(inbox.c.due_at, inbox.c.subject).limit(_limit()))
        effects = select(effect.c.body, effect.c.due_at).where(
            _mine(effect), _before(effect.c.due_at), effect.c.open == _ONE
        )
        self.due_effects = self._compile(effects.order_by(effect.c.due_at, effect.c.id).limit(_limit()))

    def _prepare_subjects(self) -> None:
        """What a subject has."""
        among = self._dialect.among
        fact, effect, decision, lead = schema.touchpoint, schema.effect, schema.decision, schema.lead
        opened = select(effect.c.subject, effect.c.body).where(
            _mine(effect), among(effect.c.subject, "subjects"), effect.c.open == _ONE
        )
        self.open_effects = self._compile(opened.order_by(effect.c.planned_at, effect.c.id))
        history = select(*[fact.c[name] for name in FACT]).where(
            _mine(fact),
            _of(fact),
            or_(
                fact.c.at < bindparam("before"),
                and_(fact.c.at == bindparam("before"), fact.c.id < bindparam("before_id")),
            ),
        )
        self.history = self._compile(history.order_by(fact.c.at.desc(), fact.c.id.desc()).limit(_limit()))
        effects = select(effect.c.body).where(_mine(effect), _of(effect))
        self.effects_of = self._compile(effects.order_by(effect.c.planned_at.desc(), effect.c.id.desc()))
        decisions = select(decision.c.body).where(_mine(decision), _of(decision))
        self.decisions_of = self._compile(
            decisions.order_by(decision.c.at.desc(), decision.c.id.desc()).limit(_limit())
        )
        some = [select(one.c.id).where(_mine(one), among(one.c.id, "subjects")) for one in (lead, schema.account)]
        self.existing = self._compile(union_all(*some))
        members = select(lead.c.account, lead.c.id).where(_mine(lead), among(lead.c.account, "accounts"))
        self.members_of = self._compile(members)

    def _prepare_inbox(self) -> None:
        """What waits to be decided."""
        among = self._dialect.among
        inbox, fact = schema.inbox, schema.touchpoint
        waiting = (
            select(inbox.c.due_at, *[fact.c[name] for name in FACT])
            .join_from(inbox, fact, (fact.c.tenant == inbox.c.tenant) & (fact.c.id == inbox.c.id))
            .where(_mine(inbox), among(inbox.c.subject, "subjects"))
        )
        self.waiting = self._compile(waiting.order_by(inbox.c.subject, inbox.c.due_at, inbox.c.id))
        rows = select(inbox.c.id, inbox.c.subject, inbox.c.due_at)
        self.rows_by_subject = self._compile(
            rows.where(_mine(inbox), among(inbox.c.subject, "subjects"), inbox.c.due_at <= bindparam("until"))
        )
        self.fold = self._compile(delete(inbox).where(_mine(inbox), among(inbox.c.id, "ids")))
        self.known_rows = self._compile(select(inbox.c.id).where(_mine(inbox), among(inbox.c.id, "ids")))
        self.known_facts = self._compile(select(fact.c.id).where(_mine(fact), among(fact.c.id, "ids")))

    def _prepare_clock(self) -> None:
        clock = schema.clock
        self.clock = self._compile(select(clock.c.last).where(_mine(clock)))
        self.start_clock = self._compile(insert(clock))
        mine = clock.c.tenant == bindparam("the_tenant")  # an update reserves the columns' own names
        self.set_clock = self._compile(update(clock).where(mine).values(last=bindparam("the_last")))


def _mine(table: Table) -> ColumnElement[bool]:
    return table.c.tenant == bindparam("tenant")


def _of(table: Table) -> ColumnElement[bool]:
    return table.c.subject == bindparam("subject")


def _before(column: Column[int]) -> ColumnElement[bool]:
    return column < bindparam("now", type_=BigInteger)


def _limit() -> ColumnElement[int]:
    return bindparam("limit", type_=BigInteger)
