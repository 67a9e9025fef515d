"""Clauses about facts, scores and stages, on cases worked out by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from nurture.calendar import today
from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import Dossier, Lead, LeadId, Origin, ScoreState, Sight, SubjectId, Touchpoint, by_kind
from nurture.model.decay import Scale, add, value_at
from nurture.predicates import All, AnyOf, Everyone, Names, Predicate, compile_fact, compile_match, match, q

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAYS = timedelta(days=1)
views = q.touches("page.viewed")


def fact(at: datetime = NOW, kind: str = "page.viewed", id: str = "", **more) -> Touchpoint:
    return Touchpoint(id=id or f"fact_{at}", subject=SubjectId("lead_1"), kind=kind, at=at, received_at=NOW, **more)


def holds(predicate: Predicate, *facts: Touchpoint, now: datetime = NOW, names: Names | None = None, **seen) -> bool:
    return compile_match(predicate, names or Names())(Sight(touches=by_kind(facts), **seen), now)


# -- windows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        (NOW, True),
        (NOW + TICK, False),
        (NOW - 14 * DAYS + TICK, True),
        (NOW - 14 * DAYS, False),
    ],
)
@pytest.mark.parametrize("kind", ["page.viewed", None])
def test_a_window_is_half_open(at: datetime, inside: bool, kind: str | None) -> None:
    within = q.touches(kind).within(days=14)
    assert holds(within, fact(at)) is inside
    assert holds(within.never(), fact(at)) is not inside
    assert holds(within.count() == 1, fact(at)) is inside
    assert holds(within.last(q.prop("f").is_missing()), fact(at)) is inside


def test_without_a_window_a_fact_that_is_still_to_come_does_not_count() -> None:
    assert not holds(views, fact(NOW + TICK))
    assert holds(views.count() == 1, fact(NOW - TICK), fact(NOW + TICK))


# -- counts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("facts", range(5))
@pytest.mark.parametrize("n", range(4))
@pytest.mark.parametrize("clause", [views, q.touches(), views.including_suspect()])
def test_counts_compare_as_numbers_do(facts: int, n: int, clause) -> None:
    some = [fact(NOW - place * DAYS) for place in range(facts)]
    assert holds(clause.count() >= n, *some) is (facts >= n)
    assert holds(clause.count() > n, *some) is (facts > n)
    assert holds(clause.count() <= n, *some) is (facts <= n)
    assert holds(clause.count() < n, *some) is (facts < n)
    assert holds(clause.count() == n, *some) is (facts == n)
    assert holds(clause.count() != n, *some) is (facts != n)


def test_at_most_includes_zero() -> None:
    assert holds(views.count() <= 2)
    assert holds(views.count() >= 0)
    assert holds(views.never())
    assert not holds(views)


# -- which facts are seen ------------------------------------------------------------------------------


def test_a_clause_without_a_kind_sees_the_lead_alone() -> None:
    ours = fact(kind="email.sent", origin=Origin.ENGINE)
    assert not holds(q.touches().within(days=90), ours)
    assert holds(q.touches("email.sent"), ours)
    assert holds(q.touches().by(Origin.ENGINE), ours)
    assert not holds(q.touches("email.sent").by(Origin.LEAD), ours)


def test_suspect_facts_count_only_when_asked_for() -> None:
    seen = [fact(NOW - place * DAYS, suspect=place < 2) for place in range(4)]
    assert holds(views.count() == 2, *seen)
    assert not holds(views.count() >= 3, *seen)
    assert holds(views.including_suspect().count() >= 3, *seen)
    assert holds(views.last(q.prop("f").is_missing()), *seen)


def test_channel_campaign_and_properties_narrow_together() -> None:
    one = fact(channel="web", campaign="spring", properties={"path": "/pricing"})
    other = fact(NOW - DAYS, channel="email", properties={"path": "/pricing"})
    on_pricing = views.where(q.prop("path") == "/pricing")
    assert holds(on_pricing.count() == 2, one, other)
    assert holds(on_pricing.on("web").count() == 1, one, other)
    assert holds(on_pricing.of_campaign("spring").count() == 1, one, other)
    assert not holds(on_pricing.on("email").of_campaign("spring"), one, other)
    assert not holds(on_pricing.where(q.prop("path") == "/docs"), one, other)


def test_a_negated_condition_is_true_of_a_missing_property() -> None:
    assert holds(views.where(~(q.prop("path") == "/pricing")), fact())
    assert not holds(views.where(q.prop("path") != "/pricing"), fact())


def test_the_last_is_the_newest_by_instant_and_then_by_id() -> None:
    a, b = fact(NOW, id="a", properties={"p": 1}), fact(NOW, id="b", properties={"p": 2})
    assert holds(views.last(q.prop("p") == 2), a, b)
    assert not holds(views.last(q.prop("p") == 1), b, a)
    assert holds(q.touches().last(q.prop("p") == 2), a, b)
    assert not holds(views.last(q.prop("p") == 2))


def test_last_looks_only_at_facts_that_the_clause_selects() -> None:
    old, new = fact(NOW - DAYS, channel="web", properties={"p": 1}), fact(NOW, properties={"p": 2})
    assert holds(views.on("web").last(q.prop("p") == 1), old, new)


# -- scores, stages, segments -------------------------------------------------------------------------


def test_a_score_reads_as_it_has_faded() -> None:
    scale = Scale(timedelta(days=21))
    names = Names(scales={"warm": scale})
    seen = {"scores": {"warm": add(ScoreState(), 40, NOW, scale)}}
    assert holds(q.score("warm") >= 40, names=names, **seen)
    assert holds(q.score("warm") == 20, names=names, now=NOW + 21 * DAYS, **seen)
    assert not holds(q.score("warm") >= 20, names=names, now=NOW + 22 * DAYS, **seen)


def test_a_score_can_be_asked_long_before_it_was_earned() -> None:
    scale, first = Scale(timedelta(hours=1)), datetime.min.replace(tzinfo=UTC)
    for points in (40, -40):
        seen = {"scores": {"warm": add(ScoreState(), points, NOW, scale)}}
        reads = value_at(seen["scores"]["warm"], scale, first)
        for op in (q.score("warm") > 0, q.score("warm") >= 1e300, q.score("warm") < -1e300):
            expected = {"gt": reads > 0, "ge": reads >= 1e300, "lt": reads < -1e300}[op.op]
            assert holds(op, names=Names(scales={"warm": scale}), now=first, **seen) is expected
        assert expected is (points < 0)


def test_a_score_without_a_state_reads_as_nothing_within_its_limits() -> None:
    names = Names(scales={"warm": Scale(floor=5.0)})
    assert holds(q.score("warm") == 5, names=names)


def test_stage_clauses_are_false_without_a_stage() -> None:
    assert not holds(q.stage == "new")
    assert holds(q.stage != "new")
    assert not holds(q.time_in_stage >= timedelta(days=1))
    assert not holds(q.time_in_stage < timedelta(days=1))


@pytest.mark.parametrize(
    ("age", "ge", "gt"), [(30 * DAYS - TICK, False, False), (30 * DAYS, True, False), (30 * DAYS + TICK, True, True)]
)
def test_time_in_stage_at_its_limit(age: timedelta, ge: bool, gt: bool) -> None:
    seen = {"stage": "new", "stage_since": NOW - age}
    assert holds(q.time_in_stage >= 30 * DAYS, **seen) is ge
    assert holds(q.time_in_stage > 30 * DAYS, **seen) is gt
    assert holds(q.time_in_stage < 30 * DAYS, **seen) is not ge
    assert holds(q.time_in_stage <= 30 * DAYS, **seen) is not gt


def test_a_segment_is_its_predicate_never_a_stored_membership() -> None:
    names = Names(segments={"hot": views, "not hot": ~q.segment("hot")})
    assert not holds(q.segment("hot"), names=names, memberships={"hot": NOW})
    assert holds(q.segment("not hot"), names=names)
    assert holds(q.segment("hot") & q.segment("hot"), fact(), names=names)


def test_the_empty_joints() -> None:
    assert holds(All(()))
    assert not holds(AnyOf(()))
    assert holds(Everyone() & (views | Everyone()))


def test_names_that_nothing_declares_are_refused_when_compiled() -> None:
    with pytest.raises(UnknownNameError, match="hott"):
        compile_match(q.segment("hott"), Names(segments={"hot": views}))
    with pytest.raises(UnknownNameError, match="did you mean 'warm'"):
        compile_match(q.score("wram") >= 1, Names(scales={"warm": Scale()}))


def test_a_circle_of_segments_is_refused_with_its_path() -> None:
    names = Names(segments={"a": q.segment("b"), "b": ~q.segment("a")})
    with pytest.raises(DefinitionError, match="a → b → a"):
        compile_match(q.segment("a"), names)


def test_a_property_outside_a_fact_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"prop\.path is asked outside"):
        compile_match(q.prop("path") == "/", Names())


def test_text_from_outside_never_becomes_source() -> None:
    nasty = '"); raise SystemExit("owned") #'
    predicate = (q.lead[nasty] == nasty) & q.touches("page.viewed").where(q.prop(nasty).contains(nasty)).on(nasty)
    seen = fact(channel=nasty, properties={nasty: nasty})
    assert holds(predicate, seen, lead={nasty: nasty})


# -- one fact, one dossier ------------------------------------------------------------------------------


def test_compile_fact_asks_about_one_fact() -> None:
    asks = compile_fact(views.where(q.prop("path").starts_with("/pri")).on("web"))
    assert asks(fact(channel="web", properties={"path": "/pricing"}))
    assert not asks(fact(channel="web", properties={"path": "/docs"}))
    assert not asks(fact(kind="email.clicked", channel="web", properties={"path": "/pricing"}))
    assert not asks(fact(channel="web", properties={"path": "/pricing"}, suspect=True))
    either = compile_fact(views | q.touches("email.clicked"))
    assert either(fact(kind="email.clicked"))
    assert not either(fact(kind="email.sent"))


def test_compile_fact_without_a_kind_sees_the_lead_alone() -> None:
    asks = compile_fact(q.touches())
    assert asks(fact(kind="any.thing"))
    assert not asks(fact(kind="email.sent", origin=Origin.ENGINE))


def test_compile_fact_takes_a_prefix_and_what_two_properties_are_to_each_other() -> None:
    asks = compile_fact(q.touches("email.*").where(q.prop("seen") < q.prop("sent")).of_campaign("spring"))
    properties = {"seen": 1, "sent": 2}
    assert asks(fact(kind="email.link.clicked", campaign="spring", properties=properties, origin=Origin.ENGINE))
    assert not asks(fact(kind="emails.sent", campaign="spring", properties=properties))
    assert not asks(fact(kind="email.sent", properties=properties))
    assert not asks(fact(kind="email.sent", campaign="spring", properties={"seen": 2, "sent": 2}))


def test_compile_fact_is_given_what_a_run_began_with() -> None:
    asks = compile_fact(views.where(q.prop("path") == q.entry.path) | q.touches("deal.won").where(q.prop("n") == 1))
    seen = fact(properties={"path": "/a"})
    assert asks(seen, {"path": "/a"})
    assert not asks(seen, {"path": "/b"})
    assert not asks(seen)  # nothing is known, so it is missing
    assert asks(fact(kind="deal.won", properties={"n": 1}))


@pytest.mark.parametrize(
    ("predicate", "message"),
    [
        (views.within(days=1), r"one fact answers no \.within"),
        (views.older_than(days=1), r"one fact answers no \.older_than"),
        (views.during(today()), r"one fact answers no \.during"),
        (views.newest_per("p"), r"one fact answers no \.newest_per"),
        (views.count() >= 2, r"one fact answers no \.count"),
        (views.never(), r"one fact answers no \.count"),
        (views.last(q.prop("p") == 1), r"one fact answers no \.last"),
        (views.first(q.prop("p") == 1), r"one fact answers no \.first"),
        (views.sum("p") >= 1, r"one fact answers no \.sum"),
        (views.since_last() >= DAYS, r"one fact answers no \.since_last"),
        (views | (views.distinct("p") >= 2), r"one fact answers no \.distinct"),
        (views.then(views, within=DAYS), "found Followed: one fact cannot answer it"),
        (q.stage == "new", "found InStage: one fact cannot answer it"),
    ],
)
def test_what_one_fact_cannot_answer_is_refused(predicate: Predicate, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        compile_fact(predicate)


def test_match_reads_a_dossier() -> None:
    lead = Lead(id=LeadId(SubjectId("lead_1")), created_at=NOW, email="a@example.jp", title="CTO")
    dossier = Dossier(subject=lead, facts=(fact(),))
    assert match((q.lead.title == "CTO") & views, dossier, NOW)
    assert not match((q.lead.title == "CTO") & views, dossier, NOW - TICK)
