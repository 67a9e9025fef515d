"""Frames become records; what cannot be taken comes with its reason, and nothing is lost."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import polars as pl
import pytest

from nurture import Attribute, Program, ScoreModel, ScoreRule, Segment, days, q, simulate
from nurture.frames import Dataset
from nurture.model import Origin

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LEADS = pl.DataFrame(
    {
        "id": ["l1", "l2", "l3", None, "l1"],
        "email": ["a@x.jp", "b@x.jp", None, "c@x.jp", "d@x.jp"],
        "account": ["A", None, None, None, None],
        "plan": ["trial", None, None, None, None],
        "tags": [["b", "a"], [], None, None, None],
        "created_at": [NOW - timedelta(days=9)] + [None] * 4,
    }
)
ACCOUNTS = pl.DataFrame({"id": ["A"], "name": ["Acme"], "industry": ["SaaS"], "employees": [50]})
FACTS = pl.DataFrame(
    {
        "id": ["f2", "f1", "f3", "f4", "f5"],
        "lead_id": ["l1", "l1", "l2", None, "l2"],
        "kind": ["page.viewed", "page.viewed", "Bad", "page.viewed", "page.viewed"],
        "at": [NOW - timedelta(days=1), NOW - timedelta(days=2), NOW, NOW, NOW - timedelta(days=3)],
        "path": ["/a", None, "/c", None, "/b"],
        "origin": [None, "lead", "lead", "lead", "nobody"],
    }
)
WARM = ScoreModel(
    "warm", [ScoreRule(q.touches("page.viewed"), 5), ScoreRule(q.lead.plan == "trial", 3)], half_life=days(21)
)
HOT = Segment(
    "hot",
    (q.account.industry == "SaaS")
    & (q.score(WARM) >= 12)
    & (q.account.leads.where(q.lead.plan == "trial").count() >= 1),
)
PROGRAM = Program(attributes=[Attribute("plan")], scores=[WARM], segments=[HOT])


@pytest.mark.parametrize("kind", ["polars", "lazy", "pandas"])
def test_records(kind: str) -> None:
    made = {"polars": lambda one: one, "lazy": lambda one: one.lazy(), "pandas": lambda one: one.to_pandas()}[kind]
    some = Dataset.from_frames(made(LEADS), made(FACTS), made(ACCOUNTS))
    first, second = some.leads
    assert (first.id, first.email, first.account, first.tags) == ("l1", "a@x.jp", "A", ("a", "b"))
    assert dict(first.attributes) == {"plan": "trial"}
    assert (second.id, dict(second.attributes)) == ("l2", {})
    assert [(one.id, one.name, one.employees) for one in some.accounts] == [("A", "Acme", 50)]
    facts = some.facts["l1"]
    assert [one.id for one in facts] == ["f1", "f2"]
    assert [dict(one.properties) for one in facts] == [{}, {"path": "/a"}]
    assert facts[1].origin is Origin.LEAD


def test_what_is_left_out_has_its_reason_and_no_value() -> None:
    left = Dataset.from_frames(LEADS, FACTS, ACCOUNTS).left_out
    assert [(one.frame, one.row, one.id) for one in left] == [
        ("leads", 2, "l3"), ("leads", 3, None), ("leads", 4, "l1"),
        ("touchpoints", 2, "f3"), ("touchpoints", 3, "f4"), ("touchpoints", 4, "f5"),
    ]  # fmt: skip
    assert [one.reason.partition(":")[0] for one in left] == [
        "lead", "lead.id", "leads.id", "touchpoint.kind", "touchpoint.subject", "touchpoint.origin",
    ]  # fmt: skip
    assert not any("Bad" in one.reason or "nobody" in one.reason for one in left)


def test_every_row_is_a_record_or_left_out() -> None:
    some = Dataset.from_frames(LEADS, FACTS, ACCOUNTS)
    taken = len(some.leads) + len(some.accounts) + sum(map(len, some.facts.values()))
    assert taken + len(some.left_out) == LEADS.height + FACTS.height + ACCOUNTS.height


def test_a_lead_without_a_beginning_began_with_its_first_fact() -> None:
    facts = FACTS.with_columns(origin=pl.lit("lead"))
    some = Dataset.from_frames(LEADS, facts, ACCOUNTS)
    assert [one.created_at for one in some.leads] == [NOW - timedelta(days=9), NOW - timedelta(days=3)]
    assert Dataset.from_frames(LEADS).leads[1].created_at == datetime(1970, 1, 1, tzinfo=UTC)


def test_columns_and_zone_are_taken() -> None:
    people = pd.DataFrame({"key": [7], "mail": ["a@x.jp"], "since": [pd.Timestamp("2026-03-01 09:00")]})
    columns = {"id": "key", "email": "mail", "created_at": "since"}
    (lead,) = Dataset.from_frames(people, columns=columns, zone="Asia/Tokyo").leads
    assert (lead.id, lead.email, lead.created_at) == ("7", "a@x.jp", NOW)
    assert dict(lead.attributes) == {}


def test_nothing_is_read_before_it_is_asked_for() -> None:
    naive = pl.DataFrame({"id": ["a"], "email": ["a@x.jp"], "created_at": [NOW.replace(tzinfo=None)]})
    some = Dataset.from_frames(naive)
    with pytest.raises(ValueError, match="without a time zone"):
        _ = some.leads


def test_explain_says_what_frames_say() -> None:
    some = Dataset.from_frames(LEADS, FACTS, ACCOUNTS)
    said = some.explain(PROGRAM, "l1", now=NOW)
    (segment,) = said.segments
    assert segment.belongs
    assert segment.clause.answer
    frame_score = WARM.score(FACTS, LEADS.filter(pl.col("email") == "a@x.jp"), now=NOW)["score"][0]
    assert said.scores[0].value == pytest.approx(frame_score)
    assert "hot" in str(said)
    before = some.explain(PROGRAM, "l1", now=NOW - timedelta(days=5))
    assert (before.scores[0].value, before.segments[0].belongs) == (3.0, False)
    with pytest.raises(KeyError):
        some.explain(PROGRAM, "l9", now=NOW)


def test_simulate_runs_on_frames() -> None:
    some = Dataset.from_frames(LEADS, FACTS, ACCOUNTS)
    played = simulate(PROGRAM, some.arrivals(), until=NOW + timedelta(days=1), seed=1)
    assert played.kinds["page.viewed"] == 2
    assert len(played.leads) == 2
    assert played.kinds["account.created"] == 1
