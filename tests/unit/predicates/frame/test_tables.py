"""Columns are found by name or by mapping; what is missing or does not fit is said with its name."""

from datetime import UTC, date, datetime

import pandas as pd
import polars as pl
import pytest

from nurture import Segment, q
from nurture.calendar import this_month
from nurture.errors import DefinitionError, UnknownNameError
from nurture.predicates import Predicate
from tests.unit.predicates.frame.asking import NOW, asked

LEADS = pl.DataFrame({"id": ["a", "b"], "email": ["a@x.jp", None], "title": ["CTO", "CEO"], "account_id": ["A", "B"]})
FACTS = pl.DataFrame(
    {
        "lead_id": ["a", "a", "b"],
        "kind": ["page.viewed", "page.viewed", "form.submitted"],
        "at": [NOW, NOW, NOW],
        "path": ["/a", "/b", None],
    }
)


def chosen(predicate: Predicate, leads: object = LEADS, *more: object, **options: object) -> list[str]:
    return asked(Segment("s", predicate).filter(leads, *more, now=NOW, **options))  # type: ignore[arg-type]


def test_columns_are_found_by_name() -> None:
    assert chosen(q.lead.title == "CTO") == ["a"]
    assert chosen(q.touches("page.viewed").where(q.prop("path") == "/b"), LEADS, FACTS) == ["a"]


def test_a_mapping_says_what_is_called_otherwise() -> None:
    odd = LEADS.rename({"id": "key", "title": "job"})
    facts = FACTS.rename({"lead_id": "who", "at": "when", "kind": "what", "path": "url"})
    columns = {
        "id": "key",
        "lead.title": "job",
        "touchpoint.subject": "who",
        "touchpoint.at": "when",
        "touchpoint.kind": "what",
        "prop.path": "url",
    }
    predicate = (q.lead.title == "CTO") & (q.touches("page.viewed").where(q.prop("path") == "/a"))
    assert asked(Segment("s", predicate).filter(odd, facts, now=NOW, columns=columns), "key") == ["a"]


def test_accounts_are_joined_or_stand_beside_the_lead() -> None:
    accounts = pl.DataFrame({"id": ["A", "B", "A"], "industry": ["SaaS", None, "SaaS"]})
    assert chosen(q.account.industry == "SaaS", LEADS, None, accounts) == ["a"]
    assert chosen(q.account.industry.is_missing(), LEADS, None, accounts) == ["b"]
    assert chosen(q.account.industry == "SaaS", LEADS.with_columns(industry=pl.Series(["Retail", "SaaS"]))) == ["b"]


def test_nested_values_are_fields_of_structs() -> None:
    nested = LEADS.with_columns(plan=pl.Series([{"seats": 5}, {"seats": 1}]))
    assert chosen(q.lead.plan.seats >= 5, nested) == ["a"]
    facts = FACTS.with_columns(properties=pl.Series([{"n": 1}, {"n": 2}, {"n": 3}])).drop("path")
    assert chosen(q.touches().where(q.prop("n") == 3), LEADS, facts) == ["b"]


@pytest.mark.parametrize(
    ("predicate", "options", "said"),
    [
        (q.lead.titel == "x", {}, "leads, for lead.titel .*unknown column 'titel'; did you mean 'title'"),
        (
            q.lead.title == "x",
            {"columns": {"title": "titel"}},
            "for lead.title: unknown column 'titel'; did you mean 'title'",
        ),
        (q.account.industry == "x", {}, "account.industry: needs the frame accounts"),
        (q.touches("a.b"), {}, r"touches\(a.b\): needs the frame touchpoints"),
        (q.stage == "x", {}, "leads, for the stage .*'stage'"),
        (q.score("hot") > 1, {}, "leads, for score hot .*lead.score.hot"),
        (q.time_in_segment("s") > pd.Timedelta(days=1).to_pytimedelta(), {}, "needs the frame memberships"),
    ],
)
def test_what_is_missing_is_named(predicate: Predicate, options: dict[str, object], said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        chosen(predicate, LEADS, **options)


def test_a_property_that_no_column_holds_is_named_with_near_misses() -> None:
    with pytest.raises(UnknownNameError, match=r"prop.pth .*did you mean 'path'"):
        chosen(q.touches("page.viewed").where(q.prop("pth") == "/a"), LEADS, FACTS)


def test_a_column_of_another_type_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"the column 'title' holds integer; lead.title is text"):
        chosen(q.lead.title == "x", LEADS.with_columns(title=pl.Series([1, 2])))


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"leads: expected a frame .*found list"):
        chosen(q.lead.title == "x", [{"id": "a"}])


def test_naive_times_need_a_zone() -> None:
    shown = pl.Series(["2026-03-01 00:30", "2026-02-28 23:30"]).str.to_datetime()
    naive = LEADS.with_columns(created_at=shown)
    predicate = q.lead.created_at.during(this_month(zone="Asia/Tokyo"))
    with pytest.raises(DefinitionError, match=r"leads.created_at: holds times without a time zone; say zone="):
        chosen(predicate, naive)
    assert chosen(predicate, naive, zone="Asia/Tokyo") == ["a"]
    assert chosen(predicate, naive, zone="UTC") == ["a", "b"]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_pandas_times_of_every_unit_and_with_holes(unit: str) -> None:
    times = pd.Series([pd.Timestamp(NOW), pd.NaT, pd.Timestamp("1960-01-01", tz="UTC")]).astype(
        f"datetime64[{unit}, UTC]"
    )
    leads = pd.DataFrame({"id": ["a", "b", "c"], "created_at": times})
    assert chosen(q.lead.created_at == NOW, leads) == ["a"]
    assert chosen(q.lead.created_at < NOW, leads) == ["c"]
    assert chosen(q.lead.created_at.is_missing(), leads) == ["b"]


def test_epoch_microseconds_are_instants_when_an_instant_is_meant() -> None:
    leads = pl.DataFrame({"id": ["a", "b"], "created_at": [int(NOW.timestamp() * 1e6), 0]})
    assert chosen(q.lead.created_at >= NOW, leads) == ["a"]
    assert chosen(q.lead.created_at == datetime(1970, 1, 1, tzinfo=UTC), leads) == ["b"]


def test_pandas_objects_are_read() -> None:
    leads = pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "born": pd.Series([date(1990, 1, 1), None, date(2000, 2, 29)], dtype=object),
            "vip": pd.Series([True, None, False], dtype=object),
            "tags": pd.Series([["x", "y"], None, []], dtype=object),
        }
    )
    assert chosen(q.lead.born < date(1995, 1, 1), leads) == ["a"]
    assert chosen(q.lead.born != date(1990, 1, 1), leads) == ["c"]
    assert chosen(q.lead.vip.is_true(), leads) == ["a"]
    assert chosen(q.lead.tags.contains("y"), leads) == ["a"]
    assert chosen(q.lead.tags.is_missing(), leads) == ["b", "c"]


def test_objects_of_several_kinds_are_refused() -> None:
    mixed = pd.DataFrame({"id": ["a", "b"], "vip": pd.Series([True, date(2000, 1, 1)], dtype=object)})
    with pytest.raises(DefinitionError, match=r"leads.vip: holds values of several kinds"):
        chosen(q.lead.vip.is_true(), mixed)


def test_nan_is_missing_and_so_is_what_is_infinite() -> None:
    leads = pl.DataFrame({"id": ["a", "b", "c"], "rate": [1.0, float("nan"), float("inf")]})
    assert chosen(q.lead.rate.is_missing(), leads) == ["b", "c"]
    assert chosen(q.lead.rate > 0, leads) == ["a"]
    assert chosen(~(q.lead.rate > 0), leads) == ["b", "c"]
    assert chosen(q.lead.rate != 2, leads) == ["a"]


def test_kinds_may_be_categories() -> None:
    for kind in (pl.Categorical, pl.Enum(["page.viewed", "form.submitted"])):
        facts = FACTS.with_columns(pl.col("kind").cast(kind))
        assert chosen(q.touches("page.viewed").count() == 2, LEADS, facts) == ["a"]
        assert chosen(q.touches("page.*").count() == 2, LEADS, facts) == ["a"]
        assert chosen(q.touches("no.such"), LEADS, facts) == []


def test_ids_may_be_numbers_of_any_width() -> None:
    leads = LEADS.with_columns(id=pl.Series([1, 2], dtype=pl.Int32))
    facts = FACTS.with_columns(lead_id=pl.Series([1, 1, 2], dtype=pl.Int64))
    assert chosen(q.touches("page.viewed"), leads, facts) == [1]
