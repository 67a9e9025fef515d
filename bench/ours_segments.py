"""The `nurture` side of the rows on segments and scores: the rule read as SQL and over frames, and what is decided.

As in `ours`: what is timed is only the callable that each returns. May import `nurture`, SQLAlchemy, the hand-written
queries (for what points are) and the workload.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast

from attrs import frozen

from bench.harness import NotTheSameWorkError
from bench.limits.segments import HALF_LIFE, POINTS, Frames, Summed
from bench.ours import TENANT, OurStore
from bench.raw import open_raw
from bench.stores import OnConnect, Place, Worker
from bench.workload import EMPLOYEES, NOW, SCORE, TARGET, VIEWS, WINDOW
from nurture import (
    Attribute,
    Basis,
    NewFact,
    Nurture,
    Program,
    ScoreModel,
    ScoreRule,
    Segment,
    q,
)
from nurture.model import SubjectKind
from nurture.ports import Storage

if TYPE_CHECKING:
    import polars
    from sqlalchemy import Connection

Form = Literal["auto", "probe", "join"]

MODEL = ScoreModel(
    "engagement", [ScoreRule(q.touches(kind), points) for kind, points in POINTS.items()], half_life=HALF_LIFE
)
HOT = Segment(
    "hot",
    q.account.industry.is_in(TARGET)
    & (q.account.employees >= EMPLOYEES)
    & (q.score(MODEL) >= SCORE)
    & ~(q.lead["unsubscribed"] == True)  # noqa: E712 -- a predicate, not a comparison
    & (q.touches("page.viewed").within(WINDOW).count() >= VIEWS),
)
PROGRAM = Program(scores=[MODEL], segments=[HOT], attributes=[Attribute("unsubscribed", "boolean")])
# The bulk leads have all in one table; the score is a column.
COLUMNS = {
    "account.industry": "industry",
    "account.employees": "employees",
    "unsubscribed": "unsubscribed",
}


def sql_segment(connection: Connection, form: Form) -> Callable[[], Sequence[int]]:
    """The rule in the bulk tables: compiled each time, asked, and the ids fetched."""
    statement = _statement(connection.dialect.name, form)
    return lambda: connection.execute(statement()).scalars().all()


def compiled_segment(connection: Connection, form: Form) -> Callable[[], Sequence[int]]:
    """The same, compiled once; asked through the driver as the hand-written queries are."""
    compiled = _statement(connection.dialect.name, form)().compile(connection)
    text = str(compiled)
    values = compiled.construct_params()
    given: Any = tuple(values[name] for name in compiled.positiontup) if compiled.positiontup else values
    driver: Any = connection.connection.driver_connection
    return lambda: [key for (key,) in driver.execute(text, given).fetchall()]


def _statement(dialect: str, form: Form) -> Callable[[], Any]:
    from sqlalchemy import BigInteger, Boolean, Column, Double, MetaData, Table, Text, select

    from nurture.predicates.sql import columns_layout, compile_sql, facts_in

    tables = MetaData()
    lead = Table(
        "lead", tables, Column("id", BigInteger, primary_key=True), Column("industry", Text),
        Column("employees", BigInteger), Column("score", Double), Column("unsubscribed", Boolean),
    )  # fmt: skip
    touchpoint = Table(
        "touchpoint", tables, Column("id", BigInteger, primary_key=True), Column("lead_id", BigInteger),
        Column("kind", Text), Column("at", BigInteger),
    )  # fmt: skip
    layout = columns_layout(
        dialect,
        lead,
        fields=COLUMNS,
        scores={MODEL.name: "score"},
        facts=facts_in(dialect, touchpoint, subject="lead_id"),
    )
    names = PROGRAM.names(SubjectKind.LEAD)
    return lambda: select(lead.c.id).where(compile_sql(HOT.where, layout, names, NOW, form=form))


def frame_segment(leads: Any, facts: Any) -> Callable[[], Any]:
    """The rule over frames of any kind, by `Segment.filter`; the same kind of frame comes back."""
    columns = {**COLUMNS, f"score.{MODEL.name}": "score"}
    return lambda: HOT.filter(leads, facts, now=NOW, columns=columns, program=PROGRAM)


def frame_scores(frames: Frames) -> Callable[[], Summed]:
    """The scores from a frame of touchpoints, by `ScoreModel.score`."""

    def run() -> Summed:
        found = cast("polars.DataFrame", MODEL.score(frames[1], now=NOW))
        return found["subject"], found["score"]

    return run


def _segments(count: int) -> Program:
    """So many segments, each about another kind of fact; only the first about page views."""
    kinds = ["page.viewed", *(f"topic{number}.viewed" for number in range(1, count))]
    return Program(
        name=f"segments-{count}",
        segments=[
            Segment(f"about-{number}", (q.touches(kind).within(WINDOW).count() >= VIEWS) & q.lead.email.is_present())
            for number, kind in enumerate(kinds)
        ],
        zone="UTC",
    )


def deciding(count: int, leads: int, store: Callable[[Callable[[], datetime]], Storage]) -> Iterator[Callable[[], int]]:
    """Rounds under a program of so many segments: each records a page view of every lead; calling decides them.

    Args:
        count: So many segments; one is touched.
        leads: How many leads.
        store: Makes the empty store, given the clock.
    """
    now = NOW

    def clock() -> datetime:
        return now

    crm = Nurture(_segments(count), store(clock))
    made = [crm.capture(email=f"lead{number}@example.com", consent=Basis.CONSENT).id for number in range(leads)]
    crm.tick()

    def decide() -> int:
        decided = crm.tick().decided
        if decided.subjects < leads:
            raise NotTheSameWorkError(f"{count} segments: {decided.subjects} of {leads} leads decided")
        return leads

    for number in itertools.count():
        if number == VIEWS and crm.count("about-0") != leads:
            raise NotTheSameWorkError(f"{count} segments: {crm.count('about-0')} of {leads} leads are in the first")
        now += timedelta(hours=1)
        crm.record_many([NewFact(subject=one, kind="page.viewed", key=f"round-{number}") for one in made])
        yield decide


@frozen
class WaitingStandings:
    """A database in which so many standings wait for a day that is still to come.

    `nurture` captures and decides one lead; the others are copies of its standing, made by the database.
    """

    place: Place
    waiting: int

    def prepare(self) -> None:
        """Make the database."""
        OurStore().prepare(self.place, due=0, waiting=1)
        with open_raw(self.place) as raw:
            columns = raw.columns("nurture_standing")
            cells = ", ".join({"id": "s.id || '-' || n.i", "due_at": "s.due_at + n.i"}.get(one, one) for one in columns)
            raw.run(
                f"insert into nurture_standing({', '.join(columns)}) "
                f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {self.waiting - 1}) "
                f"select {cells} from nurture_standing as s cross join n "
                f"where s.tenant = '{TENANT}' and s.due_at is not null"
            )
            raw.tidy()

    @contextmanager
    def worker(self, on_connect: OnConnect | None = None) -> Iterator[Worker]:
        """`crm.tick()`; nothing is due."""
        with OurStore().worker(self.place, 100, on_connect) as work:
            yield work
