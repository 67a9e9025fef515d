"""A predicate taken apart for one subject."""

from datetime import UTC, datetime, timedelta

from nurture.model import ScoreState, Sight, SubjectId, Touchpoint, by_kind
from nurture.model.decay import Scale
from nurture.predicates import Names, examine, q

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
views = q.touches("page.viewed").within(days=14)
SIGHT = Sight(
    lead={"title": "CTO"},
    touches=by_kind(
        Touchpoint(
            id=f"f{age}", subject=SubjectId("lead_1"), kind="page.viewed", at=NOW - timedelta(days=age), received_at=NOW
        )
        for age in (1, 3, 20)
    ),
    stage="new",
    stage_since=NOW - timedelta(days=10),
    scores={"warm": ScoreState(constant=12.5)},
)
NAMES = Names(segments={"hot": views.count() >= 2}, scales={"warm": Scale()})


def test_each_clause_says_what_it_saw() -> None:
    clause = examine(
        (q.lead.title == "CTO") & (q.score("warm") >= 10) & (q.stage == "new") & (q.time_in_stage >= timedelta(days=30))
        & (views.count() >= 2) & views.last(q.prop("p").is_missing()) & q.segment("hot"),
        SIGHT, NOW, NAMES,
    )  # fmt: skip
    assert [part.saw for part in clause.parts] == ["CTO", 12.5, "new", 864_000.0, 2, NOW - timedelta(days=1), None]
    assert [part.answer for part in clause.parts] == [True, True, True, False, True, True, True]
    assert clause.answer is False
    assert clause.parts[6].parts[0].saw == 2
    assert [leaf.saw for leaf in clause.leaves()][-1] == 2


def test_only_the_value_of_a_field_is_personal() -> None:
    clause = examine((q.lead.title == "CTO") & (q.account.name == "x") & views, SIGHT, NOW, NAMES)
    assert [part.personal for part in clause.parts] == [True, True, False]


def test_the_false_sides_decide_a_false_and() -> None:
    clause = examine((q.stage == "new") & (q.stage == "old") & (q.lead.title == "CEO"), SIGHT, NOW, NAMES)
    assert [part.decides for part in clause.parts] == [False, True, True]


def test_the_true_sides_decide_a_true_or_and_nothing_inside_the_others_does() -> None:
    clause = examine((q.stage == "new") | (q.everyone & (q.lead.title == "CEO")), SIGHT, NOW, NAMES)
    assert [part.decides for part in clause.parts] == [True, False]
    assert [part.decides for part in clause.parts[1].parts] == [False, False]


def test_a_clause_says_when_it_flips_and_reads_as_a_sentence() -> None:
    clause = examine(views.count() >= 2, SIGHT, NOW, NAMES)
    assert clause.flip_at == NOW + timedelta(days=11)
    assert clause.sentence == "at least 2 page.viewed in the last 14 days"
    assert clause.said("ja").startswith("過去14日以内")
