"""The layout of the store's own tables: scores as `match` reads them, names that are hard to write, and tenants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from sqlalchemy import create_engine, insert, select
from sqlalchemy.pool import StaticPool

from nurture.model import FactId, FrozenMapping, Lead, LeadId, Record, ScoreState, Standing, SubjectId, Touchpoint
from nurture.model.decay import Scale, add, landmark_for, rebased, summed, value_at
from nurture.model.standing import Award
from nurture.predicates import LEAD_FIELDS, FieldType, Names, Predicate, q
from nurture.predicates.sql import compile_sql
from nurture.storage.sql import schema
from nurture.storage.sql.rows import SHAPES
from nurture.storage.sql.segments import store_layout
from tests import postgres

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
FADING = Scale(timedelta(days=3))
ODD = ("plan.seats", 'a"b', "back\\slash", "値段", "tab\tbed", "it's", "$[0]", "")[:-1]


class Store:
    """A database with records in the store's tables."""

    def __init__(self, url: str) -> None:
        self.engine = create_engine(url, poolclass=StaticPool)
        schema.metadata.create_all(self.engine)

    def put(self, *records: Record, tenant: str = "t") -> None:
        with self.engine.begin() as connection:
            for record in records:
                shape = SHAPES[type(record)]
                row = dict(zip(shape.columns, shape.row(tenant, record), strict=True))
                connection.execute(insert(shape.table), row)

    def matching(self, predicate: Predicate, names: Names, now: datetime = NOW) -> set[str]:
        layout = store_layout(self.engine.dialect.name, "t")
        assert layout.where is not None
        condition = compile_sql(predicate, layout, names, now)
        with self.engine.connect() as connection:
            statement = select(layout.id).select_from(layout.source).where(layout.where, condition)
            return set(connection.execute(statement).scalars())


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Any:
    made = Store("sqlite://" if request.param == "sqlite" else postgres.empty_url())
    yield made
    made.engine.dispose()


def lead(name: str, **more: Any) -> Lead:
    return Lead(id=LeadId(name), created_at=NOW, email="a@example.jp", **more)


@pytest.mark.parametrize("name", ODD)
def test_an_attribute_of_whatever_name(store: Store, name: str) -> None:
    store.put(lead("five", attributes={name: 5}), lead("text", attributes={name: "5"}), lead("none"))
    names = Names(lead_fields={**LEAD_FIELDS, name: FieldType.INTEGER})
    assert store.matching(q.lead[name] == 5, names) == {"five"}
    assert store.matching(q.lead[name].is_missing(), names) == {"none"}


@pytest.mark.parametrize("name", ODD)
def test_a_property_of_whatever_name(store: Store, name: str) -> None:
    store.put(lead("a"), lead("b"))
    for subject, value in (("a", 2.5), ("b", "2.5")):
        store.put(
            Touchpoint(
                id=FactId(subject), subject=SubjectId(subject), kind="page.viewed", at=NOW, received_at=NOW,
                properties={name: value},
            )
        )  # fmt: skip
    assert store.matching(q.touches("page.viewed").where(q.prop(name) == 2.5), Names()) == {"a"}
    assert store.matching(q.touches("page.viewed").distinct(name) == 1, Names()) == {"a", "b"}
    assert store.matching(q.touches("page.viewed").sum(name) > 2, Names()) == {"a"}


def test_another_tenant_is_not_seen(store: Store) -> None:
    store.put(lead("a", source="fair"))
    store.put(lead("b", source="fair"), tenant="other")
    fact = Touchpoint(id=FactId("f"), subject=SubjectId("a"), kind="page.viewed", at=NOW, received_at=NOW)
    store.put(fact, tenant="other")
    assert store.matching(q.lead.source == "fair", Names()) == {"a"}
    assert store.matching(q.touches("page.viewed").count() >= 1, Names()) == set()


def _states() -> dict[str, ScoreState]:
    one = add(ScoreState(constant=0.25), 10.0, NOW - timedelta(days=1, microseconds=7), FADING)
    old = add(ScoreState(), 1e6, NOW - timedelta(days=2_000), FADING)
    over = add(add(ScoreState(), 3.0, NOW - timedelta(days=900), FADING), 7.5, NOW, FADING)
    award = Award(NOW - timedelta(hours=5), FactId("f"), 4.0)
    kept = attrs.evolve(rebased(one, landmark_for(award.at, FADING)), kept=FrozenMapping({"0": (award,)}))
    return {"one": one, "old": old, "over": over, "kept": summed(kept, FADING), "constant": ScoreState(constant=-2.0)}


@pytest.mark.parametrize("later", [timedelta(0), timedelta(microseconds=1), timedelta(days=5), timedelta(days=800)])
def test_a_score_reads_as_it_does_in_python(store: Store, later: timedelta) -> None:
    now, states = NOW + later, _states()
    for name, state in states.items():
        standing = Standing(subject=SubjectId(name), program="p", scores=FrozenMapping({"warm": state}))
        store.put(lead(name), standing)
    store.put(lead("none"))
    values = {name: value_at(state, FADING, now) for name, state in states.items()} | {"none": 0.0}
    names = Names(scales={"warm": FADING})
    for limit in sorted({*values.values()}):
        expected = {name for name, value in values.items() if value >= limit - 1e-9}
        assert store.matching(q.score("warm") >= limit, names, now) == expected


def test_the_index_of_facts_is_used_for_a_filtered_clause() -> None:
    store = Store("sqlite://")
    layout = store_layout("sqlite", "t")
    condition = compile_sql(
        (q.lead.source == "fair") & (q.touches("page.viewed").within(days=14).count() >= 3), layout, Names(), NOW
    )
    statement = select(layout.id).select_from(layout.source).where(condition)
    text = str(statement.compile(store.engine, compile_kwargs={"literal_binds": True}))
    with store.engine.connect() as connection:
        plan = " ".join(str(row) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"))
    assert "nurture_touchpoint_by_subject (tenant=? AND subject=? AND kind=? AND at>? AND at<?)" in plan
