"""An objection to profiling ends scores where `advance` decides: marks, segments, stages, answers and runs follow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from nurture import (
    Attribute,
    Dossier,
    Lead,
    Lifecycle,
    Program,
    Scenario,
    ScoreModel,
    ScoreRule,
    Segment,
    Stage,
    Threshold,
    Transition,
    days,
    explain,
    hours,
    q,
)
from nurture.decisions import Decision, advance, roll_over
from nurture.decisions.profiling import heard_in, is_about_profiling
from nurture.model import Fact, FactId, LeadId, Origin, Pending, Standing, SubjectId, Touchpoint, Value
from nurture.steps import tag, wait

T = datetime(2026, 4, 1, tzinfo=UTC)
LEAD = Lead(id=LeadId(SubjectId("lead_1")), email="a@example.com", created_at=T, title="部長")
MODEL = ScoreModel(
    "interest",
    [ScoreRule(q.touches("page.viewed"), 10), ScoreRule(q.lead.title == "部長", 5)],
    thresholds=[Threshold("hot", 20), Threshold("any", -1)],
)
PROGRAM = Program(
    scores=[MODEL],
    segments=[Segment("warm", q.score("interest") >= 20), Segment("cold", q.score("interest") < 5)],
    lifecycle=Lifecycle(
        [Stage("new"), Stage("mql")],
        [Transition("new", "mql", q.score("interest") >= 20), Transition("mql", "new", q.score("interest") < 10)],
    ),
    scenarios=[
        Scenario("drip", q.touches("form.submitted"), [wait(days(30)), tag("x")], exit=q.score("interest") < 10)
    ],
    attributes=[Attribute("grp")],
)


def fact(kind: str, at: datetime, name: str = "", **properties: Value) -> Touchpoint:
    identity = FactId(f"{kind} {at.isoformat()} {name}")
    return Touchpoint(
        id=identity, subject=LEAD.id, kind=kind, at=at, received_at=at, origin=Origin.HOST, properties=properties
    )


def word(at: datetime, *, given: bool) -> Touchpoint:
    kind = Fact.CONSENT_GIVEN if given else Fact.CONSENT_WITHDRAWN
    return fact(kind, at, purpose="profiling", channel="any", explicit=True)


def decided(
    *facts: Touchpoint, now: datetime, standing: Standing | None = None, program: Program = PROGRAM
) -> Decision:
    inbox = tuple(Pending(max(one.at, one.received_at), one) for one in facts)
    return advance(program, Dossier(subject=LEAD, standing=standing, inbox=inbox), now)


def standing_of(decision: Decision) -> Standing:
    assert decision.standing is not None
    return decision.standing


CREATED = fact("lead.created", T)
VIEWS = tuple(fact("page.viewed", T + hours(1), str(number)) for number in range(2))
WARM = decided(CREATED, *VIEWS, fact("form.submitted", T + hours(1)), now=T + hours(2))


def objected() -> Decision:
    return decided(word(T + hours(3), given=False), now=T + hours(4), standing=standing_of(WARM))


def test_before_the_objection_the_lead_is_scored() -> None:
    standing = standing_of(WARM)
    assert set(standing.memberships) == {"warm"}
    assert (standing.stage, standing.scores["interest"].above) == ("mql", ("any", "hot"))


def test_scores_end_and_whatever_rests_on_them_follows_in_the_same_moment() -> None:
    standing = standing_of(objected())
    assert dict(standing.scores) == {}
    assert set(standing.memberships) == {"cold"}
    assert standing.stage == "new"
    assert [(run.scenario, run.reason) for run in standing.enrollments] == [("drip", "exit")]
    assert standing.advanced_to == T + hours(3)


def test_every_threshold_that_was_reached_is_left_and_says_so() -> None:
    crossed = [one.properties for one in objected().facts if one.kind == Fact.SCORE_CROSSED]
    assert [(one["threshold"], one["direction"], one["value"]) for one in crossed] == [
        ("hot", "down", 0.0),
        ("any", "down", 0.0),
    ]


def test_the_decision_says_why() -> None:
    notes = [(note.what, note.outcome) for record in objected().records for note in record.notes]
    assert ("profiling", "ended: the person objects") in notes


def test_while_it_holds_neither_facts_nor_attributes_earn_points() -> None:
    standing = standing_of(objected())
    changed = fact(Fact.LEAD_CHANGED, T + hours(5), fields=("title",), revision=2, **{"after.title": "部長"})
    after = decided(*(attrs.evolve(one, id=FactId(f"{one.id} late")) for one in VIEWS), changed, now=T + days(1),
                    standing=standing)  # fmt: skip
    assert dict(standing_of(after).scores) == {}
    assert not [one for one in after.facts if one.kind == Fact.SCORE_CROSSED]


def test_once_it_is_lifted_only_what_comes_later_counts() -> None:
    lifted = decided(
        word(T + hours(5), given=True),
        fact("page.viewed", T + hours(4), "between"),
        attrs.evolve(fact("page.viewed", T + hours(4), "told late"), received_at=T + hours(7)),
        fact("page.viewed", T + hours(6), "after"),
        now=T + days(1),
        standing=standing_of(objected()),
    )
    state = standing_of(lifted).scores["interest"]
    assert (state.partials, state.constant) == ((10.0,), 5.0)


def test_what_the_person_is_counts_again_from_the_lifting_on() -> None:
    lifted = standing_of(decided(word(T + hours(5), given=True), now=T + days(1), standing=standing_of(objected())))
    assert lifted.scores["interest"].constant == 5.0
    assert set(lifted.memberships) == set()


@pytest.mark.parametrize("split", [None, T + timedelta(hours=3, minutes=30), T + hours(5)])
def test_ticking_between_objection_and_lifting_changes_nothing(split: datetime | None) -> None:
    facts = (
        word(T + hours(3), given=False),
        fact("page.viewed", T + hours(4)),
        word(T + hours(5), given=True),
        fact("page.viewed", T + hours(6)),
    )
    standing = standing_of(WARM)
    if split is not None:
        early = [one for one in facts if one.at < split]
        standing = standing_of(decided(*early, now=split, standing=standing))
        facts = tuple(one for one in facts if one.at >= split)
    found = standing_of(decided(*facts, now=T + days(1), standing=standing))
    assert found.scores["interest"].partials == (10.0,)


def test_a_new_model_that_is_rolled_out_does_not_count_what_the_objection_ended() -> None:
    changed = attrs.evolve(MODEL, rules=[ScoreRule(q.touches("page.viewed"), 7)], thresholds=[])
    new = attrs.evolve(PROGRAM, scores=[changed], lifecycle=None, segments=[], scenarios=[])
    standing = standing_of(objected())
    dossier = Dossier(subject=LEAD, standing=standing, facts=(CREATED, *VIEWS))
    rolled = standing_of(roll_over(PROGRAM, new, dossier, T + days(2)))
    assert rolled.scores["interest"].partials == ()
    assert standing_of(roll_over(PROGRAM, new, attrs.evolve(dossier, standing=standing_of(WARM)), T + days(2))).scores[
        "interest"
    ].partials == (14.0,)


def test_a_run_that_ends_by_a_score_ends_with_the_scores() -> None:
    by_facts = ScoreModel("interest", [ScoreRule(q.touches("page.viewed"), 10)])
    drip = Scenario("drip", q.touches("form.submitted"), [wait(days(30))], exit=q.score("interest") < 10)
    program = Program(scores=[by_facts], scenarios=[drip])
    begun = decided(CREATED, *VIEWS, fact("form.submitted", T + hours(1)), now=T + hours(2), program=program)
    assert [run.is_active for run in standing_of(begun).enrollments] == [True]
    ended = decided(word(T + hours(3), given=False), now=T + hours(4), standing=standing_of(begun), program=program)
    assert [run.reason for run in standing_of(ended).enrollments] == ["exit"]


def test_explaining_says_that_nobody_is_scored_and_since_when() -> None:
    explained = explain(PROGRAM, Dossier(subject=LEAD, standing=standing_of(objected())), T + days(1))
    assert explained.objected_at == T + hours(3)
    assert explained.scores == ()
    assert "not scored: objected to profiling on 2026-04-01 03:00" in str(explained)
    before = explain(PROGRAM, Dossier(subject=LEAD, standing=standing_of(WARM)), T + days(1))
    assert "not scored" not in str(before)
    assert before.scores


def test_other_words_of_consent_end_no_score() -> None:
    marketing = fact(Fact.CONSENT_WITHDRAWN, T + hours(3), purpose="marketing", channel="email", explicit=True)
    assert not is_about_profiling(marketing)
    assert standing_of(decided(marketing, now=T + hours(4), standing=standing_of(WARM))).scores


def test_words_say_the_same_in_whatever_order_they_are_read() -> None:
    words = [word(T, given=False), word(T + hours(1), given=True), word(T + hours(2), given=False)]
    assert heard_in(words) == heard_in(reversed(words))
    assert heard_in(words).is_objected
