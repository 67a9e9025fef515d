"""Frames as people have them: ids that became floats, structs, columns of no use, several libraries at once."""

from datetime import UTC, datetime, time, timedelta

import duckdb
import pandas as pd
import polars as pl
import pytest

from nurture import Attribute, Program, ScoreModel, ScoreRule, Segment, days, q, simulate
from nurture.errors import DefinitionError, UnknownNameError
from nurture.frames import Dataset, preview, score
from nurture.frames import filter as filter_frame
from nurture.model import SubjectKind
from nurture.predicates import Predicate
from tests.unit.predicates.frame.asking import asked

NOW = datetime(2026, 3, 1, tzinfo=UTC)
AGO = NOW - timedelta(days=5)
VIEWED = q.touches("page.viewed")
MODEL = ScoreModel("warm", [ScoreRule(VIEWED, 8)])
HOLED = pd.DataFrame({"lead_id": [10, 10, None], "kind": ["page.viewed"] * 3, "at": [AGO] * 3})
WHOLE = pd.DataFrame({"id": [10, 11], "account": [7, None], "title": ["CTO", None]})
TEXTS = pd.DataFrame({"id": ["10", "11"], "title": ["CTO", None]})


# -- ids ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("holes", ["float64", "Float64", "object", "double[pyarrow]", "Int64"])
@pytest.mark.parametrize("own", ["int64", "float64", "object"])
def test_ids_that_a_hole_made_floats_are_whole_numbers(holes: str, own: str) -> None:
    assert HOLED["lead_id"].dtype == "float64"
    facts = HOLED.astype({"lead_id": holes})
    leads = WHOLE.astype({"id": own})
    assert asked(filter_frame(VIEWED.count() == 2, leads, facts, now=NOW)) == [10]
    assert asked(filter_frame((VIEWED.count() >= 2) | (q.lead.title == "x"), leads, facts, now=NOW)) == [10]
    assert asked(score(MODEL, facts, leads, now=NOW), "score") == [16.0, 0.0]
    alone = score(MODEL, facts, now=NOW)
    assert (asked(alone, "subject"), asked(alone, "score")) == ([10], [16.0])


@pytest.mark.parametrize("form", ["polars", "lazy", "duckdb", "arrow"])
def test_float_ids_of_other_engines_are_whole_numbers(form: str) -> None:
    facts, leads = pl.from_pandas(HOLED), pl.from_pandas(WHOLE).with_columns(pl.col("id").cast(pl.Int32))
    assert facts.schema["lead_id"] == pl.Float64
    facts = facts.with_columns(pl.Series("lead_id", [10.0, 10.0, float("nan")]))
    if form == "duckdb":
        connection = duckdb.connect()
        connection.register("leads", leads.to_arrow())
        connection.register("facts", facts.to_arrow())
        found = filter_frame(VIEWED, connection.table("leads"), connection.table("facts"), now=NOW)
        assert [row[0] for row in found.fetchall()] == [10]
        return
    make = {"polars": lambda one: one, "lazy": lambda one: one.lazy(), "arrow": lambda one: one.to_arrow()}[form]
    found = filter_frame(VIEWED, make(leads), make(facts), now=NOW)
    assert asked(found.collect() if isinstance(found, pl.LazyFrame) else found) == [10]


def test_accounts_are_found_by_ids_with_holes() -> None:
    accounts = pd.DataFrame({"id": [7, 8], "industry": ["SaaS", "Retail"]})
    assert asked(filter_frame(q.account.industry == "SaaS", WHOLE, None, accounts, now=NOW)) == [10]
    assert asked(filter_frame(q.account.matches(q.account.industry == "SaaS"), WHOLE, None, accounts, now=NOW)) == [10]
    some = Segment("some", q.account.leads.count() >= 1, SubjectKind.ACCOUNT)
    assert asked(filter_frame(some, accounts, now=NOW, leads=WHOLE)) == [7]


@pytest.mark.parametrize("form", ["pandas", "polars", "lazy"])
def test_numbers_and_texts_are_no_ids_of_one_another(form: str) -> None:
    make = {"pandas": lambda one: one, "polars": pl.from_pandas, "lazy": lambda one: pl.from_pandas(one).lazy()}[form]
    said = r"touchpoints: the ids in 'lead_id' are whole numbers, and those in leads, 'id', are text"
    with pytest.raises(DefinitionError, match=said):
        filter_frame(VIEWED, make(TEXTS), make(HOLED), now=NOW)
    with pytest.raises(DefinitionError, match=said):
        score(MODEL, make(HOLED), make(TEXTS), now=NOW)
    with pytest.raises(DefinitionError, match=r"leads: the ids in 'account' are whole numbers, .* accounts, 'id'"):
        filter_frame(q.account.industry == "x", make(WHOLE), None, make(TEXTS.assign(industry="x")), now=NOW)
    runs = TEXTS.assign(subject="10", scenario="s", state="active")
    with pytest.raises(DefinitionError, match=r"enrollments: the ids in 'subject' are text, and those in leads, 'id'"):
        filter_frame(q.scenario("s").is_active(), make(WHOLE), now=NOW, enrollments=make(runs))


@pytest.mark.parametrize("ids", [["10", "11"], [10, 11], [10.0, None]])
@pytest.mark.parametrize("none", [pd.Series([None], dtype=object), pd.Series([None], dtype="float64")])
def test_nobody_is_found_by_ids_that_are_all_missing(ids: list[object], none: pd.Series) -> None:
    facts = pd.DataFrame({"lead_id": none, "kind": ["page.viewed"], "at": [NOW]})
    leads = pd.DataFrame({"id": ids})
    assert asked(filter_frame(VIEWED, leads, facts, now=NOW)) == []
    assert asked(filter_frame(VIEWED, leads, facts.head(0), now=NOW)) == []
    assert asked(filter_frame(VIEWED, pd.DataFrame({"id": none}), HOLED, now=NOW)) == []


def test_polars_ids_without_a_type_find_nobody() -> None:
    facts = pl.DataFrame({"lead_id": [None], "kind": ["page.viewed"], "at": [NOW]})
    assert asked(filter_frame(VIEWED, pl.DataFrame({"id": [1]}), facts, now=NOW)) == []
    assert asked(filter_frame(VIEWED, pl.DataFrame({"id": ["a"]}), facts, now=NOW)) == []


def test_ids_of_facts_with_holes_are_taken() -> None:
    facts = HOLED.assign(id=[2, 1, None], path=["/new", "/old", "/"])
    last = VIEWED.last(q.prop("path") == "/new")
    assert facts["id"].dtype == "float64"
    assert asked(filter_frame(last, WHOLE, facts, now=NOW)) == [10]


def test_broken_numbers_are_no_ids() -> None:
    with pytest.raises(DefinitionError, match="leads: the column 'id' holds numbers that are not whole"):
        filter_frame(VIEWED, pd.DataFrame({"id": [1.5]}), HOLED, now=NOW)


# -- several frames, names of columns -------------------------------------------------------------------


def test_frames_of_several_libraries_are_refused() -> None:
    with pytest.raises(DefinitionError, match="touchpoints: a frame of pandas, and leads is one of polars"):
        filter_frame(VIEWED, pl.from_pandas(TEXTS), HOLED, now=NOW)
    with pytest.raises(DefinitionError, match="a frame of pandas"):
        Dataset.from_frames(pl.from_pandas(TEXTS), HOLED)


def test_two_columns_of_one_name_are_refused() -> None:
    twice = pd.DataFrame([["a", "x", "y"]], columns=["id", "title", "title"])
    with pytest.raises(DefinitionError, match="leads: two columns are called 'title'"):
        filter_frame(q.lead.title == "x", twice, now=NOW)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"touchpoint.knd": "kind"}, "unknown field 'knd'; did you mean 'kind'"),
        ({"membership.segmnt": "x"}, "unknown field 'segmnt'; did you mean 'segment'"),
        ({"lead.email": "titel"}, "leads, for lead.email: unknown column 'titel'; did you mean 'title'"),
        ({"touchpoint.channel": "knd"}, "touchpoints, for touchpoint.channel: unknown column 'knd'"),
        ({"titel": "title"}, "unknown field 'titel'; did you mean 'title'"),
        ({"score.wram": "title"}, "unknown field 'wram'; did you mean 'warm'"),
    ],
)
def test_names_that_nothing_has_are_refused(columns: dict[str, str], said: str) -> None:
    program = Program(scores=[MODEL])
    with pytest.raises(UnknownNameError, match=said):
        filter_frame(VIEWED, WHOLE, HOLED, now=NOW, columns=columns, program=program)


def test_what_the_account_holds_may_be_called_otherwise_there() -> None:
    accounts = pd.DataFrame({"id": [7], "sector": ["SaaS"]})
    columns = {"account.industry": "sector"}
    predicate = q.account.industry == "SaaS"
    assert asked(filter_frame(predicate, WHOLE, None, accounts, now=NOW, columns=columns)) == [10]
    beside = WHOLE.assign(sector=[None, "SaaS"])
    assert asked(filter_frame(predicate, beside, now=NOW, columns=columns)) == [11]


# -- datasets -------------------------------------------------------------------------------------------


def test_ids_with_holes_are_one_person_in_a_dataset() -> None:
    leads = pd.DataFrame({"id": [10, None], "email": ["a@x.jp", "b@x.jp"], "account": [7, None]})
    some = Dataset.from_frames(leads, HOLED, pd.DataFrame({"id": [7.0]}))
    assert [(one.id, one.account) for one in some.leads] == [("10", "7")]
    assert [one.id for one in some.accounts] == ["7"]
    assert len(some.facts["10"]) == 2


def test_structs_are_laid_flat() -> None:
    leads = pl.DataFrame({"id": ["a"], "email": ["a@x.jp"], "plan": [{"seats": 5, "more": {"trial": True}}]})
    facts = pl.DataFrame(
        {
            "lead_id": ["a", "a"], "kind": ["page.viewed"] * 2, "at": [AGO, NOW],
            "properties": [{"path": "/a", "n": 1}, {"path": "/b", "n": None}], "path": ["/x", None],
        }
    )  # fmt: skip
    for some in (Dataset.from_frames(leads, facts), Dataset.from_frames(leads.lazy(), facts.lazy())):
        assert dict(some.leads[0].attributes) == {"plan.seats": 5, "plan.more.trial": True}
        assert [dict(one.properties) for one in some.facts["a"]] == [{"path": "/x", "n": 1}, {}]
        assert some.left_out == ()


def test_columns_of_no_use_are_left_out_with_a_note() -> None:
    leads = pl.DataFrame(
        {"id": ["a"], "email": ["a@x.jp"], "took": [timedelta(1)], "hour": [time(9)], "raw": [b"x"], "plan": ["p"]}
    )
    some = Dataset.from_frames(leads)
    assert dict(some.leads[0].attributes) == {"plan": "p"}
    assert [(one.frame, one.row, one.column) for one in some.left_out] == [
        ("leads", None, "took"), ("leads", None, "hour"), ("leads", None, "raw"),
    ]  # fmt: skip
    assert "leads.took: a column of Duration" in some.left_out[0].reason
    spoiled = pd.DataFrame({"id": ["a"], "email": ["a@x.jp"], "raw": [b"x"], "took": [timedelta(1)]})
    assert [one.column for one in Dataset.from_frames(spoiled).left_out] == ["raw", "took"]


def test_a_renamed_attribute_has_its_name() -> None:
    leads = pd.DataFrame({"id": ["a"], "email": ["a@x.jp"], "lvl": [3]})
    (lead,) = Dataset.from_frames(leads, columns={"lead.level": "lvl"}).leads
    assert dict(lead.attributes) == {"level": 3}


PLAN = Program(attributes=[Attribute("seats", "integer"), Attribute("size", "integer", "account")])


@pytest.mark.parametrize("form", ["pandas", "polars"])
def test_simulate_takes_whole_numbers_with_holes_and_leaves_the_rest(form: str) -> None:
    leads = pd.DataFrame(
        {"id": [1, 2], "email": ["a@x.jp", "b@x.jp"], "account": [7, None], "seats": [3, None], "note": ["x", "y"]}
    )
    accounts = pd.DataFrame({"id": [7, 8], "size": [4, None], "floor": [1, 2]})
    assert leads["seats"].dtype == "float64"
    make = {"pandas": lambda one: one, "polars": pl.from_pandas}[form]
    some = Dataset.from_frames(make(leads), accounts=make(accounts))
    first, second = some.arrivals(PLAN)
    assert first.lead["attributes"] == {"seats": 3}
    assert second.lead["attributes"] == {}
    assert first.account is not None
    assert first.account["attributes"] == {"size": 4}
    played = simulate(PLAN, some.arrivals(PLAN), until=NOW, seed=1)
    assert len(played.leads) == 2


# -- explaining -----------------------------------------------------------------------------------------

FACTS = pl.DataFrame(
    {
        "lead_id": ["a", "b", "a"], "account_id": ["A", "A", "A"], "at": [AGO, AGO, NOW - timedelta(days=1)],
        "kind": ["page.viewed", "page.viewed", "form.submitted"],
    }
)  # fmt: skip
LEADS = pl.DataFrame({"id": ["a", "b"], "email": ["a@x.jp", "b@x.jp"], "account": ["A", None], "title": ["CTO", None]})
ACCOUNTS = pl.DataFrame({"id": ["A"], "industry": ["SaaS"], "created_at": [AGO - timedelta(days=30)]})
FIT = ScoreModel("fit", [ScoreRule(VIEWED, 5)], subject=SubjectKind.ACCOUNT)
FORM = q.touches("form.submitted")


@pytest.mark.parametrize(
    ("asks", "answer"),
    [
        (q.account.matches(q.score(FIT) >= 10), True),
        (q.account.matches(q.score(FIT) >= 11), False),
        (q.account.matches(VIEWED.then(FORM, within=days(5))), True),
        (q.account.matches(FORM.then(VIEWED, within=days(5))), False),
        (q.account.matches(VIEWED.then(FORM, within=days(5)) & (q.score(FIT) >= 10)), True),
        (q.account.leads.where(VIEWED.then(FORM, within=days(5))).count() >= 1, True),
        (q.account.leads.where(VIEWED.then(FORM, within=days(5))).count() >= 2, False),
        (q.account.matches(q.account.name == "A"), True),
    ],
)
def test_explain_answers_whatever_an_account_is_asked(asks: Predicate, answer: bool) -> None:
    program = Program(scores=[FIT], segments=[Segment("s", asks), Segment("saas", q.account.industry == "SaaS")])
    said = Dataset.from_frames(LEADS, FACTS, ACCOUNTS).explain(program, "a", now=NOW)
    assert {one.name: one.belongs for one in said.segments} == {"s": answer, "saas": True}


# -- displays -------------------------------------------------------------------------------------------


def test_a_dataset_shows_its_frames_and_reads_nothing() -> None:
    some = Dataset.from_frames(LEADS, FACTS.lazy(), ACCOUNTS)
    shown = "Dataset(leads: 2 rows × 4 columns of polars, accounts: 1 rows × 3 columns of polars, "
    assert repr(some) == f"{shown}touchpoints: 4 columns of polars)"
    assert "<td>touchpoints</td>" in some._repr_html_()
    broken = Dataset.from_frames(LEADS.with_columns(email=pl.lit(None, pl.String)))
    assert len(broken.left_out) == 2
    assert repr(broken) == "Dataset(leads: 2 rows × 4 columns of polars, 2 left out)"


def test_a_preview_is_short() -> None:
    made = preview(Segment("ctos", (q.lead.title == "CTO") & VIEWED), LEADS, FACTS, now=NOW)
    assert repr(made) == "Preview(ctos: 1 of 2, 3 clauses)"
