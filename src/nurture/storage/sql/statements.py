"""Every statement that is the same on all databases, compiled once for each way of speaking. May import SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, cast

import attrs
from sqlalchemy import (
    BigInteger,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.engine import Dialect as Grammar

from nurture.model import (
    Account,
    Alias,
    DecisionRecord,
    Effect,
    EffectState,
    InboxRow,
    Lead,
    Record,
    Standing,
    Touchpoint,
)
from nurture.storage.sql import schema
from nurture.storage.sql.dialect import Dialect
from nurture.storage.sql.rows import FACT, SHAPES, Row, readers

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, Column, Engine, Table
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.sql.elements import ClauseElement, ColumnElement

    from nurture.storage.sql.dialect import Statement
    from nurture.storage.sql.finding import Searches


_ZERO: ColumnElement[int] = literal_column("0", BigInteger)
_ONE: ColumnElement[int] = literal_column("1", BigInteger)
_BELONGINGS = (Touchpoint, InboxRow, Standing, Effect, Alias, Lead, Account, DecisionRecord)


class Prepared:
    """One statement as the driver takes it: its text, and in which order its parameters go."""

    __slots__ = ("_fixed", "_order", "text")

    def __init__(self, statement: ClauseElement, grammar: Grammar) -> None:
        expanded = {"render_postcompile": True}
        compiled = cast("SQLCompiler", statement.compile(dialect=grammar, compile_kwargs=expanded))
        self.text = str(compiled)
        self._order = compiled.positiontup
        self._fixed: dict[str, object] = {name: value for name, value in compiled.params.items() if value is not None}

    def bind(self, values: Mapping[str, object]) -> tuple[object, ...] | dict[str, object]:
        """The parameters, from their names."""
        every = {**self._fixed, **values} if self._fixed else values
        return dict(every) if self._order is None else tuple([every[name] for name in self._order])

    def picker(self, columns: Sequence[str]) -> Callable[[Row], Row]:
        """What makes the parameters from a whole row of these columns; the row itself where they go by name."""
        if self._order is None:
            return tuple
        return itemgetter(*[columns.index(name.removeprefix("the_")) for name in self._order])


@attrs.frozen
class _Spoken:
    """How an engine speaks; two that have the same key are given the same texts."""

    key: tuple[object, ...]
    dialect: Dialect = attrs.field(eq=False)
    grammar: Grammar = attrs.field(eq=False)


def statements_of(dialect: Dialect, engine: Engine) -> Statements:
    """The statements of an engine. Compiling takes long, so engines that speak alike share them."""
    grammar = engine.dialect
    return _compiled(_Spoken((dialect.__class__, grammar.__class__, grammar.paramstyle), dialect, grammar))


@lru_cache(maxsize=8)
def _compiled(spoken: _Spoken) -> Statements:
    return Statements(spoken.dialect, spoken.grammar)


class Statements:
    """The statements of engines that speak alike, by what they are for. Safe to share between threads.

    Attributes:
        get: Records of a kind by ids.
        versions: Stored versions by ids.
        insert: Insert a record of a versioned kind, or a new one of an immutable kind.
        update: Write over a record of a versioned kind.
        picked: A whole row's parameters for `update`.
        page: The next records of a kind by id.
        count: How many records of a kind follow an id.
        erase: Delete what a subject has, one statement for each table.
    """

    def __init__(self, dialect: Dialect, grammar: Grammar) -> None:
        self._dialect = dialect
        self._grammar = grammar
        self._columns = readers()
        self.get = {kind: self._get(kind) for kind in SHAPES}
        self.page = {kind: self._page(kind) for kind in SHAPES}
        self.count = {kind: self._count(kind) for kind in SHAPES}
        self.insert = {kind: self._insert(kind) for kind in SHAPES}
        self.versions = {kind: self._versions(kind) for kind, shape in SHAPES.items() if shape.versioned}
        self.update = {kind: self._update(kind) for kind, shape in SHAPES.items() if shape.versioned}
        self.erase = [self._erase(kind) for kind in _BELONGINGS]
        self.picked = {kind: one.picker(SHAPES[kind].columns) for kind, one in self.update.items()}
        self._prepare_agenda()
        self._prepare_backlog()
        self._prepare_subjects()
        self._prepare_inbox()
        self._prepare_clock()

    @cached_property
    def searches(self) -> Searches:
        """How members are found; what it needs is loaded when somebody looks for them."""
        from nurture.storage.sql.finding import Searches

        return Searches(self._grammar)

    def _compile(self, statement: ClauseElement) -> Prepared:
        return Prepared(statement, self._grammar)

    def _each(self, statement: Statement, column: ColumnElement[str], name: str) -> Prepared:
        return self._compile(self._dialect.each(statement, column, name))

    # --- by kind -----------------------------------------------------------------------------------------------

    def _get(self, kind: type[Record]) -> Prepared:
        table = SHAPES[kind].table
        columns = [table.c[name] for name in ("id", *self._columns[kind])]
        return self._each(select(*columns).where(_mine(table)), table.c.id, "ids")

    def _page(self, kind: type[Record]) -> Prepared:
        table = SHAPES[kind].table
        columns = [table.c[name] for name in self._columns[kind]]
        chosen = select(*columns).where(_mine(table), table.c.id > bindparam("after"))
        return self._compile(chosen.order_by(table.c.id).limit(_limit()))

    def _count(self, kind: type[Record]) -> Prepared:
        table = SHAPES[kind].table
        following = table.c.id > bindparam("after")
        return self._compile(select(func.count()).select_from(table).where(_mine(table), following))

    def _insert(self, kind: type[Record]) -> Prepared:
        shape = SHAPES[kind]
        return self._compile(insert(shape.table) if shape.versioned else self._dialect.insert_new(shape.table))

    def _versions(self, kind: type[Record]) -> Prepared:
        table = SHAPES[kind].table
        return self._each(select(table.c.id, table.c.version).where(_mine(table)), table.c.id, "ids")

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
        troubled = select(_ONE).where(_mine(standing), standing.c.id == inbox.c.subject, text(schema.TROUBLED))
        standings = select(standing.c.id, standing.c.due_at).where(_mine(standing), _before(standing.c.due_at), alive)
        self.due_standings = self._compile(standings.order_by(standing.c.due_at, standing.c.id).limit(_limit()))
        sound = ~self._dialect.fenced(troubled).exists()
        rows = select(inbox.c.subject, inbox.c.due_at).where(_mine(inbox), _before(inbox.c.due_at), sound)
        self.due_rows = self._compile(rows.order_by(inbox.c.due_at, inbox.c.subject).limit(_limit()))
        effects = select(effect.c.body, effect.c.due_at).where(
            _mine(effect), _before(effect.c.due_at), effect.c.open == _ONE
        )
        self.due_effects = self._compile(effects.order_by(effect.c.due_at, effect.c.id).limit(_limit()))

    def _prepare_backlog(self) -> None:
        """What operators watch: counts that stop at a limit, and walks."""
        standing, effect = schema.standing, schema.effect
        planned = select(effect.c.due_at).where(
            _mine(effect), _before(effect.c.due_at), effect.c.open == _ONE, effect.c.state == EffectState.PLANNED.value
        )
        some = planned.order_by(effect.c.due_at, effect.c.id).limit(_limit()).subquery()
        self.outbox = self._compile(select(func.count(), func.min(some.c.due_at)))
        state: BindParameter[str] = bindparam("state")
        doubtful = select(_ONE.label("one")).where(_mine(effect), effect.c.state == state, text(schema.IN_DOUBT))
        self.in_doubt = self._compile(select(func.count()).select_from(doubtful.limit(_limit()).subquery()))
        troubled = select(standing.c.dead).where(_mine(standing), text(schema.TROUBLED))
        counted = troubled.where(standing.c.dead == bindparam("dead", type_=BigInteger)).limit(_limit()).subquery()
        self.count_troubled = self._compile(select(func.count()).select_from(counted))
        after = select(standing.c.body).where(
            _mine(standing), text(schema.TROUBLED), standing.c.id > bindparam("after")
        )
        self.troubled = self._compile(after.order_by(standing.c.id).limit(_limit()))
        effects = select(effect.c.body).where(_mine(effect), effect.c.state == state, effect.c.id > bindparam("after"))
        effects = effects.order_by(effect.c.id).limit(_limit())
        self.effects_in = self._compile(effects)
        self.effects_in_doubt = self._compile(effects.where(text(schema.IN_DOUBT)))

    def _prepare_subjects(self) -> None:
        """What a subject has."""
        fact, effect, decision, lead = schema.touchpoint, schema.effect, schema.decision, schema.lead
        opened = select(effect.c.subject, effect.c.body).where(_mine(effect), effect.c.open == _ONE)
        self.open_effects = self._each(opened, effect.c.subject, "subjects")
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
        each = self._dialect.each
        some = [each(select(one.c.id).where(_mine(one)), one.c.id, "subjects") for one in (lead, schema.account)]
        self.existing = self._compile(union_all(*some))
        members = select(lead.c.account, lead.c.id).where(_mine(lead))
        self.members_of = self._each(members, lead.c.account, "accounts")

    def _prepare_inbox(self) -> None:
        """What waits to be decided."""
        inbox, fact, standing = schema.inbox, schema.touchpoint, schema.standing
        waiting = (
            select(inbox.c.due_at, *[fact.c[name] for name in FACT])
            .join_from(inbox, fact, (fact.c.tenant == inbox.c.tenant) & (fact.c.id == inbox.c.id))
            .where(_mine(inbox), fact.c.subject == inbox.c.subject)
        )
        self.waiting = self._each(waiting, inbox.c.subject, "subjects")
        rows = select(inbox.c.id, inbox.c.subject, inbox.c.due_at)
        self.rows_by_subject = self._each(
            rows.where(_mine(inbox), inbox.c.due_at <= bindparam("until")), inbox.c.subject, "subjects"
        )
        self.fold = self._compile(delete(inbox).where(_mine(inbox), self._dialect.among(inbox.c.id, "ids")))
        self.known_rows = self._each(select(inbox.c.id).where(_mine(inbox)), inbox.c.id, "ids")
        self.known_facts = self._each(select(fact.c.id).where(_mine(fact)), fact.c.id, "ids")
        decided = select(standing.c.id, standing.c.advanced_to).where(
            _mine(standing), standing.c.advanced_to.is_not(None)
        )
        self.decided = self._each(decided, standing.c.id, "subjects")

    def _prepare_clock(self) -> None:
        clock = schema.clock
        last = select(clock.c.last).where(_mine(clock)).scalar_subquery()
        self.clock = self._compile(select(self._dialect.instant, last))
        self.newest = self._compile(select(func.max(clock.c.last)))
        self.start_clock = self._compile(self._dialect.insert_new(clock))
        mine = clock.c.tenant == bindparam("the_tenant")  # an update reserves the columns' own names
        new = bindparam("the_last", type_=BigInteger)
        self.set_clock = self._compile(update(clock).where(mine, clock.c.last < new).values(last=new))
        free = select(clock.c.tenant).where(mine, clock.c.last < new).with_for_update(key_share=True, skip_locked=True)
        self.nudge_clock = self._compile(update(clock).where(clock.c.tenant.in_(free)).values(last=new))
        meta = schema.meta
        named = meta.c.name == bindparam("name")
        self.noted = self._compile(select(meta.c.value).where(named))
        self.forget = self._compile(delete(meta).where(named))
        self.note = self._compile(insert(meta))


def _mine(table: Table) -> ColumnElement[bool]:
    return table.c.tenant == bindparam("tenant")


def _of(table: Table) -> ColumnElement[bool]:
    return table.c.subject == bindparam("subject")


def _before(column: Column[int]) -> ColumnElement[bool]:
    return column < bindparam("now", type_=BigInteger)


def _limit() -> ColumnElement[int]:
    return bindparam("limit", type_=BigInteger)
