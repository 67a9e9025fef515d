"""Batch scores are those that are kept fact by fact: decay, caps, keys, what a lead is, floor and ceiling."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import duckdb
import pandas as pd
import polars as pl
import pytest

from nurture import ScoreModel, ScoreRule, days, q
from nurture.decisions.compiling import compile_model
from nurture.decisions.scoring import NO_SCORE, awarded
from nurture.errors import DefinitionError, NotCompilableError
from nurture.model import FactId, Origin, SubjectId, SubjectKind, Touchpoint
from nurture.model.decay import value_at
from nurture.predicates import Names

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RULES = (
    ScoreRule(q.touches("page.viewed"), 5),
    ScoreRule(q.touches("form.submitted").where(q.prop("path") == "/a"), 20, cap=2),
    ScoreRule(q.touches("page.viewed"), 1, once_per="path"),
    ScoreRule(q.touches(), 0.5),
    ScoreRule(q.touches("email.*"), 3, cap=3, once_per="path"),
    ScoreRule(q.touches("email.sent").including_suspect(), -1, cap=1),
    ScoreRule(q.lead.title == "CTO", 10),
)
MODELS = [
    *(ScoreModel("one", [rule], half_life=days(21)) for rule in RULES),
    ScoreModel("all", RULES, half_life=days(21), ceiling=60, floor=3),
    ScoreModel("flat", RULES[:3]),
]


def facts_of(seed: int) -> list[dict[str, Any]]:
    dice = random.Random(seed)
    shared = [NOW - timedelta(days=dice.randrange(60)) for _ in range(20)]
    return [
        {
            "id": f"f{dice.randrange(10**6):06}_{number}",
            "lead_id": f"l{dice.randrange(20)}",
            "kind": dice.choice(["page.viewed", "form.submitted", "email.sent"]),
            "at": dice.choice(shared) if dice.random() < 0.5 else NOW - timedelta(hours=dice.randrange(-40, 900)),
            "path": dice.choice([None, "/a", "/b"]),
            "origin": dice.choice(["lead", "host"]),
            "suspect": dice.random() < 0.2,
        }
        for number in range(400)
    ]


FACTS = facts_of(1)
LEADS = [{"id": f"l{number}", "title": ["CTO", "x", None][number % 3]} for number in range(25)]


def kept_by_hand(model: ScoreModel) -> dict[str, float]:
    compiled, scores = compile_model(model, Names()), {}
    for lead in LEADS:
        state = NO_SCORE
        for row in (one for one in FACTS if one["lead_id"] == lead["id"] and one["at"] <= NOW):
            fact = Touchpoint(
                id=FactId(row["id"]),
                subject=SubjectId(row["lead_id"]),
                kind=row["kind"],
                at=row["at"],
                received_at=NOW,
                origin=Origin(row["origin"]),
                suspect=row["suspect"],
                properties={} if row["path"] is None else {"path": row["path"]},
            )
            for rule in (*compiled.by_kind.get(fact.kind, ()), *compiled.any_kind):
                if rule.matches(fact):
                    state = awarded(state, compiled, rule, fact)
        constant = sum(points for _, points in compiled.constants) if lead["title"] == "CTO" else 0.0
        scores[lead["id"]] = value_at(attrs.evolve(state, constant=constant), model.scale, NOW)
    return scores


def as_dict(native: Any) -> dict[str, float]:
    if isinstance(native, pl.LazyFrame):
        native = native.collect()
    if isinstance(native, duckdb.DuckDBPyRelation):
        return dict(native.fetchall())
    return dict(zip(native["subject"], native["score"], strict=True))


@pytest.mark.parametrize("backend", ["polars", "polars-lazy", "pandas", "duckdb"])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.name}-{len(model.rules)}")
def test_scores(model: ScoreModel, backend: str) -> None:
    facts, leads = pl.DataFrame(FACTS), pl.DataFrame(LEADS)
    given: tuple[Any, Any] = {
        "polars": lambda: (facts, leads),
        "polars-lazy": lambda: (facts.lazy(), leads.lazy()),
        "pandas": lambda: (facts.to_pandas(), leads.to_pandas()),
        "duckdb": lambda: (duckdb.from_arrow(facts.to_arrow()), duckdb.from_arrow(leads.to_arrow())),
    }[backend]()
    found = as_dict(model.score(given[0], given[1], now=NOW))
    assert found == pytest.approx(kept_by_hand(model), abs=1e-9)
    if backend in ("polars", "pandas"):
        assert list(found) == [one["id"] for one in LEADS]


def test_without_leads_those_who_earned_something_are_scored() -> None:
    model = ScoreModel("views", [ScoreRule(q.touches("page.viewed"), 5)])
    found = as_dict(model.score(pl.DataFrame(FACTS), now=NOW))
    assert found == {key: value for key, value in kept_by_hand(model).items() if value}


def test_whole_number_ids_are_summed_as_arrays_with_the_same_result() -> None:
    model = ScoreModel("views", RULES[:1], half_life=days(21))
    facts = pl.DataFrame(FACTS).with_columns(lead_id=pl.col("lead_id").str.slice(1).cast(pl.Int64))
    expected = {int(key[1:]): value for key, value in kept_by_hand(model).items() if value}
    assert as_dict(model.score(facts, now=NOW)) == pytest.approx(expected)
    assert as_dict(model.score(facts.to_pandas(), now=NOW)) == pytest.approx(expected)
    spread = facts.with_columns(pl.col("lead_id") * 10**12)
    assert as_dict(model.score(spread, now=NOW)) == pytest.approx({key * 10**12: one for key, one in expected.items()})


def test_many_facts_are_weighed_in_halves_with_the_same_result() -> None:
    model = ScoreModel("views", [ScoreRule(q.touches("page.viewed"), 1), ScoreRule(q.touches("email.sent"), 2)])
    facts = pl.DataFrame({"subject": [1, 2, 3] * 40_000, "kind": ["page.viewed", "email.sent", "no.such"] * 40_000})
    found = as_dict(model.score(facts.with_columns(at=pl.lit(NOW)), now=NOW))
    assert found == {1: 40_000.0, 2: 80_000.0}


def test_rules_about_what_a_lead_is_need_leads() -> None:
    with pytest.raises(DefinitionError, match=r"scores.all: has rules about what a lead is; give leads="):
        MODELS[-2].score(pl.DataFrame(FACTS), now=NOW)


def test_accounts_are_scored_by_their_own_facts() -> None:
    model = ScoreModel(
        "fit", [ScoreRule(q.account.industry == "SaaS", 7), ScoreRule(q.touches("page.viewed"), 1)],
        subject=SubjectKind.ACCOUNT,
    )  # fmt: skip
    accounts = pl.DataFrame({"id": ["A", "B"], "industry": ["SaaS", None]})
    facts = pl.DataFrame({"account_id": ["B", "B"], "kind": ["page.viewed"] * 2, "at": [NOW, NOW]})
    assert as_dict(model.score(facts, accounts=accounts, now=NOW)) == {"A": 7.0, "B": 2.0}


def test_arrow_tables_cannot_number_rows() -> None:
    model = ScoreModel("capped", [ScoreRule(q.touches("page.viewed"), 5, cap=2)])
    with pytest.raises(NotCompilableError, match=r"cap 2 cannot be read as frame; PyArrow cannot number rows"):
        model.score(pl.DataFrame(FACTS).to_arrow(), now=NOW)


def test_the_kind_of_frame_comes_back() -> None:
    model = ScoreModel("views", RULES[:1])
    facts = pl.DataFrame(FACTS)
    assert isinstance(model.score(facts, now=NOW), pl.DataFrame)
    assert isinstance(model.score(facts.lazy(), now=NOW), pl.LazyFrame)
    assert isinstance(model.score(facts.to_pandas(), now=NOW), pd.DataFrame)


@pytest.mark.parametrize("half_life", [None, days(21)])
@pytest.mark.parametrize("with_leads", [True, False])
def test_points_that_steps_gave_count_where_the_facts_tell_them(half_life: timedelta | None, with_leads: bool) -> None:
    model = ScoreModel("fit", [ScoreRule(q.touches("page.viewed"), 5)], half_life=half_life)
    told = [("l1", "fit", 20.0, 0), ("l1", "fit", -5.0, 21), ("l2", "other", 50.0, 0), ("l1", "fit", 99.0, -1)]
    given = [
        {
            "id": f"a{n}",
            "lead_id": lead,
            "kind": "score.adjusted",
            "at": NOW - days(ago),
            "model": name,
            "points": points,
        }
        for n, (lead, name, points, ago) in enumerate(told)
    ]
    seen = {"id": "v", "lead_id": "l2", "kind": "page.viewed", "at": NOW, "model": None, "points": None}
    leads = pl.DataFrame([{"id": "l1"}, {"id": "l2"}]) if with_leads else None
    found = model.score(pl.DataFrame([*given, seen]), leads, now=NOW)
    expected = 20.0 - 5.0 * (1.0 if half_life is None else 0.5)
    assert isinstance(found, pl.DataFrame)
    scores = {row["subject"]: row["score"] for row in found.to_dicts()}
    assert scores == pytest.approx({"l1": expected, "l2": 5.0})


def test_columns_of_ones_own_that_are_called_alike_give_no_points() -> None:
    facts = pl.DataFrame({"lead_id": ["l1"], "kind": ["score.adjusted"], "at": [NOW], "model": [3], "points": ["x"]})
    found = ScoreModel("fit", [ScoreRule(q.touches("score.adjusted"), 5)]).score(facts, now=NOW)
    assert isinstance(found, pl.DataFrame)
    assert found["score"].to_list() == [5.0]
