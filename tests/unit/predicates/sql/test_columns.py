"""Layouts of plain tables: types come from columns, and mistakes are told at once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, Text, create_engine, insert, select
from sqlalchemy.dialects import postgresql

from nurture.errors import DefinitionError, NotCompilableError, UnknownNameError
from nurture.predicates import Field, FieldType, Followed, Owner, Touched, q
from nurture.predicates.sql import InstantForm, columns_layout, compile_sql, facts_in, memberships_in
from nurture.predicates.sql.cells import micros_of
from tests.unit.predicates.sql.tables import FACTS, LEADS, NAMES, NOW, layout, matching

TICK = timedelta(microseconds=1)
PLAIN = NOW.replace(tzinfo=None)


def test_every_type_of_column_is_read() -> None:
    lead = {
        "id": "a", "source": "fair", "seats": 5, "rate": 2.5, "vip": True, "created_at": PLAIN,
        "seen": micros_of(NOW), "born": date(2000, 2, 29), "tags": ["x", "y"],
    }  # fmt: skip
    for predicate in (
        q.lead.source == "fair",
        q.lead.seats == 5,
        q.lead.rate == 2.5,
        q.lead.vip == True,  # noqa: E712
        q.lead.created_at == NOW,
        q.lead.seen == NOW,
        q.lead.born == date(2000, 2, 29),
        q.lead.tags.has_all(["x", "y"]),
    ):
        assert matching(predicate, [lead, {"id": "empty"}]) == {"a"}


def test_an_instant_is_compared_to_the_microsecond() -> None:
    leads = [{"id": f"{n}", "created_at": PLAIN + n * TICK, "seen": micros_of(NOW) + n} for n in (-1, 0, 1)]
    assert matching(q.lead.created_at > NOW, leads) == {"1"}
    assert matching(q.lead.seen >= NOW, leads) == {"0", "1"}


def test_no_tags_are_missing_tags() -> None:
    leads = [{"id": "none", "tags": []}, {"id": "null"}, {"id": "some", "tags": ["x"]}]
    assert matching(q.lead.tags.is_missing(), leads) == {"none", "null"}


def test_properties_may_have_columns_or_lie_in_json() -> None:
    facts = [
        {"subject": "a", "kind": "page.viewed", "at": micros_of(NOW), "path": "/x", "more": '{"n": 1}'},
        {"subject": "b", "kind": "page.viewed", "at": micros_of(NOW), "path": "/y", "more": '{"n": true}'},
        {"subject": "c", "kind": "page.viewed", "at": micros_of(NOW), "more": ""},
    ]
    leads = [{"id": one} for one in "abc"]
    assert matching(q.touches("page.viewed").where(q.prop("path") == "/x"), leads, facts) == {"a"}
    assert matching(q.touches("page.viewed").where(q.prop("n") == 1), leads, facts) == {"a"}
    assert matching(q.touches("page.viewed").where(q.prop("n").is_missing()), leads, facts) == {"c"}


def test_a_declared_collation_does_not_change_what_is_equal() -> None:
    table = Table("t", MetaData(), Column("id", Integer), Column("source", String(collation="NOCASE")))
    text = str(compile_sql(q.lead.source == "fair", columns_layout("sqlite", table), NAMES, NOW))
    assert 'COLLATE "BINARY"' in text


def test_ids_of_facts_are_ordered_by_code_point() -> None:
    table = Table("t", MetaData(), *[Column(name, Text) for name in ("id", "subject", "kind")], Column("at", Integer))
    known = columns_layout("postgresql", LEADS, facts=facts_in("postgresql", table, properties="kind"))
    clause = q.touches("page.viewed").last(q.prop("x") == 1)
    assert 'id COLLATE "C"' in str(compile_sql(clause, known, NAMES, NOW).compile(dialect=postgresql.dialect()))


def test_fields_of_the_account_may_lie_with_the_lead() -> None:
    known = columns_layout("sqlite", LEADS, fields={"account.industry": "source"})
    assert "EXISTS" not in str(compile_sql(q.account.industry == "saas", known, NAMES, NOW))


def test_mistakes_are_named() -> None:
    with pytest.raises(DefinitionError, match="'sqlite' or 'postgresql'"):
        columns_layout("mysql", LEADS)
    with pytest.raises(UnknownNameError, match="source"):
        columns_layout("sqlite", LEADS, stage="sorce")
    with pytest.raises(UnknownNameError, match="subject"):
        facts_in("sqlite", FACTS, subject="subjct")
    odd = Table("t", MetaData(), Column("id", Integer), Column("photo", LargeBinary))
    with pytest.raises(DefinitionError, match="photo"):
        columns_layout("sqlite", odd, fields={"photo": "photo"})
    assert columns_layout("sqlite", odd).field(Field(Owner.LEAD, "photo")) is None
    with pytest.raises(UnknownNameError, match="score column"):
        compile_sql(q.score("engagement") > 1, columns_layout("sqlite", LEADS, scores={"fit": "score"}), NAMES, NOW)


def test_a_sequence_needs_instants_that_can_be_added_to() -> None:
    from sqlalchemy import DateTime

    table = Table(
        "t",
        MetaData(),
        *[Column(name, Text) for name in ("id", "subject", "kind")],
        Column("at", DateTime(timezone=True)),
    )
    then = Followed(Touched("a.b"), Touched("c.d"), timedelta(days=1))
    for dialect, fine in (("sqlite", False), ("postgresql", True)):
        known = columns_layout(dialect, LEADS, facts=facts_in(dialect, table))
        if fine:
            assert "+" in str(compile_sql(then, known, NAMES, datetime(2026, 1, 1, tzinfo=UTC)))
        else:
            with pytest.raises(NotCompilableError, match="microseconds"):
                compile_sql(then, known, NAMES, NOW)


def test_a_field_that_lies_nowhere_is_refused() -> None:
    with pytest.raises(NotCompilableError, match=r"lead\.title"):
        compile_sql(q.lead.title == "x", layout(), NAMES, NOW)


TEXTS = Table("t", MetaData(), *[Column(name, Text) for name in ("id", "seen", "subject", "kind", "at", "since")])
SAID = {name: InstantForm.TEXT for name in ("seen", "at", "since")}


def test_text_that_is_an_instant_is_refused() -> None:
    refused = "cannot be read as instants; expected whole microseconds since 1970 in UTC, or timestamps"
    with pytest.raises(DefinitionError, match=f"'seen' {refused}"):
        columns_layout("sqlite", TEXTS, types={"seen": FieldType.INSTANT})
    with pytest.raises(DefinitionError, match=f"'since' {refused}"):
        columns_layout("sqlite", TEXTS, stage_since="since")
    with pytest.raises(DefinitionError, match=f"'at' {refused}"):
        facts_in("sqlite", TEXTS)
    with pytest.raises(DefinitionError, match=f"'seen' {refused}"):
        facts_in("sqlite", FACTS_OF, props={"seen": "seen"}, types={"seen": FieldType.INSTANT})
    with pytest.raises(DefinitionError, match=f"'since' {refused}"):
        memberships_in(TEXTS, since="since")
    odd = {"seen": InstantForm.MICROS}
    with pytest.raises(DefinitionError, match=f"'seen' {refused}"):
        columns_layout("sqlite", TEXTS, types={"seen": FieldType.INSTANT}, forms=odd)


def test_text_that_is_an_instant_is_read_when_its_form_is_said() -> None:
    facts = facts_in("sqlite", TEXTS, forms=SAID)
    known = columns_layout(
        "sqlite", TEXTS, types={"seen": FieldType.INSTANT}, forms=SAID, stage_since="since", facts=facts,
        memberships=memberships_in(TEXTS, since="since", forms=SAID),
    )  # fmt: skip
    engine = create_engine("sqlite://")
    TEXTS.metadata.create_all(engine)
    with engine.begin() as connection:
        rows = [{"id": f"{n}", "seen": (NOW + n * TICK).isoformat()} for n in (-1, 0, 1)]
        connection.execute(insert(TEXTS), rows)
        where = compile_sql(q.lead.seen > NOW, known, NAMES, NOW)
        assert connection.scalars(select(known.id).where(where)).all() == ["1"]
        where = compile_sql(q.touches("page.viewed").within(days=1), known, NAMES, NOW)
        assert connection.scalars(select(known.id).where(where)).all() == []


FACTS_OF = Table(
    "f", MetaData(), *[Column(name, Text) for name in ("id", "seen", "subject", "kind")], Column("at", Integer)
)
