"""The way from a predicate to SQL: what comes first, in which form facts are looked up, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from nurture.errors import DefinitionError, NotCompilableError, UnknownNameError
from nurture.predicates import Everyone, Held, InBucket, InSegment, Names, Not, Predicate, q
from nurture.predicates.sql import compile_sql
from nurture.predicates.sql.columns import columns_layout
from tests.unit.predicates.sql.tables import LEADS, NAMES, NOW, layout, matching, sql

VISITS = q.touches("page.viewed").within(days=14).count() >= 3


def test_what_lies_in_the_row_comes_first() -> None:
    text = sql(VISITS & (q.score("engagement") >= 30) & (q.lead.source == "fair"))
    assert text.index("source") < text.index("score") < text.index("facts")


def test_a_filtered_clause_is_probed_and_leaves_off_early() -> None:
    text = sql((q.lead.source == "fair") & VISITS)
    assert "EXISTS" in text
    assert "LIMIT 1 OFFSET 2" in text


@pytest.mark.parametrize("predicate", [VISITS, VISITS | (q.lead.source == "fair"), Everyone() & VISITS])
def test_a_clause_that_nothing_filters_is_joined(predicate: object) -> None:
    assert "GROUP BY" in sql(predicate)  # type: ignore[arg-type]


def test_without_an_index_a_clause_is_joined() -> None:
    assert "GROUP BY" in sql((q.lead.source == "fair") & VISITS, indexed=False)


def test_the_form_can_be_chosen() -> None:
    assert "LIMIT 1 OFFSET 2" in sql(VISITS, "probe")
    assert "GROUP BY" in sql((q.lead.source == "fair") & VISITS, "join")


def test_a_period_in_the_leads_own_zone_is_probed_whatever_is_chosen() -> None:
    from nurture.calendar import today

    assert "GROUP BY" not in sql(q.touches("page.viewed").during(today()).count() >= 3, "join", zones=["UTC"])
    assert "GROUP BY" in sql(q.touches("page.viewed").during(today(zone="UTC")).count() >= 3, "join")


def test_a_condition_is_never_null() -> None:
    known, unknown = {"id": "known", "source": "fair", "seats": 5}, {"id": "unknown"}
    for part in (q.lead.source == "web", q.lead.seats > 9, q.lead.source.is_in(["web"]), q.lead.born.age() >= 18):
        assert matching(~part, [known, unknown]) == {"known", "unknown"}


def test_negation_stands_at_the_leaves() -> None:
    text = sql(~((q.lead.source == "fair") | ~(q.lead.seats > 3)))
    assert "OR" not in text


@pytest.mark.parametrize("form", ["probe", "join"])
def test_sqlite_parses_the_deepest_predicate(form: str) -> None:
    deep = q.touches("page.viewed").distinct("x") >= 2
    for level in range(15):
        deep = (q.lead.source == "fair") & deep if level % 2 else (q.lead.source == "web") | deep
    assert matching(deep, [{"id": "a", "source": "other"}], form=form) == set()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("node", "named"),
    [
        (Held(q.lead.source == "fair", "ge", timedelta(days=3)), "Held"),
        (InBucket("salt", 0, 10), "InBucket"),
        (q.lead.source.matches("a+"), "matches"),
        (~(q.lead.source.matches("a+")) | (q.lead.seats > 1), "matches"),
        (q.stage == "new", "stage"),
        (q.account.industry == "saas", "account.industry"),
        (q.scenario("welcome").is_active(), "welcome"),
    ],
)
def test_a_refusal_names_the_node(node: object, named: str) -> None:
    with pytest.raises(NotCompilableError, match=named) as refused:
        compile_sql(node, layout(), NAMES, NOW)  # type: ignore[arg-type]
    assert refused.value.target == "sql"


def test_segments_are_followed_and_a_circle_is_refused() -> None:
    names = Names(segments={"fair": q.lead.source == "fair", "a": InSegment("b"), "b": Not(InSegment("a"))})
    assert "source" in str(compile_sql(InSegment("fair"), layout(), names, NOW))
    with pytest.raises(DefinitionError, match="a → b → a"):
        compile_sql(InSegment("a"), layout(), names, NOW)
    with pytest.raises(UnknownNameError, match="fair"):
        compile_sql(InSegment("fai"), layout(), names, NOW)


def test_now_needs_a_zone() -> None:
    with pytest.raises(DefinitionError, match="time zone"):
        compile_sql(Everyone(), layout(), NAMES, datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_score_is_kept_within_floor_and_ceiling() -> None:
    leads = [{"id": "low", "score": -50.0}, {"id": "high", "score": 500.0}, {"id": "none"}]
    assert matching(q.score("engagement") >= 0, leads) == {"low", "high", "none"}
    assert matching(q.score("engagement") > 100, leads) == set()
    assert matching(q.score("engagement") == 0, leads) == {"low", "none"}


def test_a_predicate_without_facts_needs_no_facts() -> None:
    bare = columns_layout("sqlite", LEADS)
    assert "source" in str(compile_sql(q.lead.source == "fair", bare, NAMES, NOW))
    with pytest.raises(NotCompilableError, match="touches"):
        compile_sql(VISITS, bare, NAMES, datetime(2026, 1, 1, tzinfo=UTC))


def test_segments_that_multiply_are_refused_before_they_are_written_out() -> None:
    doubling = {f"s{n + 1}": q.segment(f"s{n}") & ~q.segment(f"s{n}") for n in range(40)}
    names = Names(segments={"s0": q.lead.source == "fair", **doubling}, lead_fields=NAMES.lead_fields)
    assert compile_sql(q.segment("s4"), layout(), names, NOW) is not None
    with pytest.raises(NotCompilableError, match="with its segments in place it has more than 2000 nodes"):
        compile_sql(q.segment("s40"), layout(), names, NOW)


@pytest.mark.parametrize(
    "predicate",
    [
        q.entry.source == "fair",
        q.entry.source.is_missing(),
        q.lead.seats >= q.entry.seats,
        q.entry.seen.ago() >= timedelta(days=1),
        q.entry.born.anniversary(),
        q.touches("page.viewed").where(q.prop("path") == q.entry.path),
        q.touches("page.viewed").last(~(q.prop("path") == q.entry.path)),
        q.touches("page.viewed").then(q.touches("a.b").where(q.prop("path") == q.entry.path), within=timedelta(1)),
    ],
)
def test_what_a_run_began_with_lies_in_no_row(predicate: Predicate) -> None:
    match = r"^q\.entry\.\w+ cannot be read as sql; what a run began with is known to that run, and lies in no row$"
    with pytest.raises(NotCompilableError, match=match):
        sql((q.lead.source == "fair") & predicate)
