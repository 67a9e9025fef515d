"""The same kind of frame comes back, with the same columns, and rows in their order."""

from datetime import UTC, datetime, timedelta

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nurture import Program, ScoreModel, ScoreRule, Segment, days, q
from nurture.errors import DefinitionError, NotCompilableError
from nurture.frames import filter as filter_frame
from nurture.model import SubjectKind
from nurture.predicates import Held

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEADS = pl.DataFrame(
    {"id": [f"l{n}" for n in (3, 1, 2, 0)], "title": ["x", "CTO", "CTO", "x"], "extra": [1.5, None, 3.0, 4.0]}
)
FACTS = pl.DataFrame(
    {
        "id": [f"f{n}" for n in range(6)],
        "lead_id": ["l1", "l1", "l2", "l2", "l3", "gone"],
        "kind": ["page.viewed"] * 6,
        "at": [NOW - timedelta(days=n) for n in (1, 2, 1, 30, 1, 1)],
    }
)
LOOKING = Segment("looking", (q.lead.title == "CTO") & (q.touches("page.viewed").within(days=14).count() >= 1))


def test_polars_frames_keep_kind_columns_and_order() -> None:
    found = LOOKING.filter(LEADS, FACTS, now=NOW)
    assert isinstance(found, pl.DataFrame)
    assert found.equals(LEADS[[1, 2]])


def test_lazy_frames_stay_lazy() -> None:
    found = LOOKING.filter(LEADS.lazy(), FACTS.lazy(), now=NOW)
    assert isinstance(found, pl.LazyFrame)
    assert found.collect().sort("id").equals(LEADS[[1, 2]].sort("id"))


def test_pandas_frames_keep_their_index_and_types() -> None:
    leads = LEADS.to_pandas().set_index(pd.Index([10, 20, 30, 40], name="row"))
    found = LOOKING.filter(leads, FACTS.to_pandas(), now=NOW)
    pd.testing.assert_frame_equal(found, leads.loc[[20, 30]])


def test_arrow_tables_and_relations_come_back_as_such() -> None:
    table = LOOKING.filter(LEADS.to_arrow(), FACTS.to_arrow(), now=NOW)
    assert isinstance(table, pa.Table)
    assert table["id"].to_pylist() == ["l1", "l2"]
    connection = duckdb.connect()
    connection.register("leads", LEADS.to_arrow())
    connection.register("facts", FACTS.to_arrow())
    relation = LOOKING.filter(connection.table("leads"), connection.table("facts"), now=NOW)
    assert isinstance(relation, duckdb.DuckDBPyRelation)
    assert relation.columns == LEADS.columns
    assert sorted(row[0] for row in relation.fetchall()) == ["l1", "l2"]


def test_an_empty_frame_and_constants() -> None:
    assert LOOKING.filter(LEADS.head(0), FACTS, now=NOW).equals(LEADS.head(0))
    assert filter_frame(q.everyone, LEADS, now=NOW).equals(LEADS)
    assert filter_frame(~q.everyone, LEADS, now=NOW).equals(LEADS.head(0))


def test_a_lead_without_an_id_has_no_facts() -> None:
    leads = LEADS.with_columns(id=pl.Series(["l3", "l1", None, "l0"]))
    facts = FACTS.with_columns(lead_id=pl.Series(["l1", "l1", None, None, "l3", "gone"]))
    assert filter_frame(q.touches("page.viewed").never(), leads, facts, now=NOW)["id"].to_list() == [None, "l0"]


def test_a_segment_of_accounts_asks_about_its_people() -> None:
    accounts = pl.DataFrame({"id": ["A", "B", "C"], "employees": [10, 20, 30]})
    leads = LEADS.with_columns(account=pl.Series(["A", "A", "B", None]))
    many = Segment("many", q.account.leads.where(q.lead.title == "CTO").count() >= 1, subject=SubjectKind.ACCOUNT)
    assert many.filter(accounts, now=NOW, leads=leads)["id"].to_list() == ["A", "B"]
    assert filter_frame(q.account.leads.count() == 2, leads, None, accounts, now=NOW)["id"].to_list() == ["l3", "l1"]


def test_scores_are_worked_out_by_the_program() -> None:
    model = ScoreModel("warm", [ScoreRule(q.touches("page.viewed"), 8)], half_life=days(30))
    hot = Segment("hot", q.score(model) >= 8)
    program = Program(scores=[model], segments=[hot])
    assert hot.filter(LEADS, FACTS, now=NOW, program=program)["id"].to_list() == ["l1", "l2"]
    assert filter_frame(q.segment(hot), LEADS, FACTS, now=NOW, program=program)["id"].to_list() == ["l1", "l2"]
    given = LEADS.with_columns(warm=pl.Series([9.0, 1.0, None, 8.0]))
    assert hot.filter(given, FACTS, now=NOW, program=program)["id"].to_list() == ["l3", "l0"]


def test_buckets_need_frames_in_memory() -> None:
    share = q.bucket("spring", 0, 100)
    assert filter_frame(share, LEADS, now=NOW).height == 4
    with pytest.raises(NotCompilableError, match=r"bucket spring cannot be read as frame; .*collect it"):
        filter_frame(share, LEADS.lazy(), now=NOW)


def test_what_frames_cannot_answer_is_named() -> None:
    with pytest.raises(
        NotCompilableError, match=r"Held \(.*\) cannot be read as frame; it asks what values were before"
    ):
        filter_frame(Held(q.lead.title == "CTO", "ge", days(3)), LEADS, now=NOW)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"columns": {"leads.title": "x"}}, "unknown owner of a field 'leads'; did you mean 'lead'"),
        ({"columns": {"title": 3}}, "expected the name of a column, found int"),
        ({"zone": "Asia/Tokio"}, "did you mean 'Asia/Tokyo'"),
        ({"program": Program(), "names": Program().names()}, "say either the program or the names"),
    ],
)
def test_wrong_options_are_named(options: dict[str, object], said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        LOOKING.filter(LEADS, FACTS, now=NOW, **options)  # type: ignore[arg-type]


def test_what_is_no_predicate_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"expected a Segment or a predicate, found str"):
        filter_frame("looking", LEADS, now=NOW)  # type: ignore[arg-type]


def test_an_account_column_in_which_nothing_has_a_type_is_no_obstacle_to_pyarrow() -> None:
    leads = pa.table({"id": ["a", "b"], "account": ["A", None]})
    accounts = pa.table({"id": ["A"], "tier": pa.nulls(1)})
    now = datetime(2026, 4, 1, tzinfo=UTC)
    found = filter_frame(q.account.tier == "x", leads, None, accounts, now=now)
    assert isinstance(found, pa.Table)
    assert found.num_rows == 0
    untyped = leads.append_column("title", pa.nulls(2))
    kept = filter_frame(q.lead.title.is_missing() & ~(q.account.tier == "x"), untyped, None, accounts, now=now)
    assert isinstance(kept, pa.Table)
    assert kept.schema == untyped.schema
    assert kept.num_rows == 2
    assert filter_frame(~(q.account.tier == "x"), leads, None, accounts, now=now)["id"].to_pylist() == ["a", "b"]
