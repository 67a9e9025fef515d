"""A predicate taken apart for one subject."""

from datetime import UTC, date, datetime, timedelta

import pytest

from nurture.calendar import this_month, this_year
from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import (
    Enrollment,
    EnrollmentId,
    FactId,
    ScoreState,
    Sight,
    SubjectId,
    SubjectKind,
    Touchpoint,
    Value,
    by_kind,
)
from nurture.model.decay import Scale
from nurture.predicates import Clause, Names, Predicate, compile_flip, compile_match, examine, q
from nurture.predicates.answering.standing import percent_of

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


# -- what each clause saw -----------------------------------------------------------------------------


def fact(name: str, kind: str, age: timedelta, **known: Value) -> Touchpoint:
    return Touchpoint(
        id=FactId(name), subject=SubjectId("lead_1"), kind=kind, at=NOW - age, received_at=NOW, properties=known
    )  # fmt: skip


DAY = timedelta(days=1)
bought = q.touches("purchase.made")
RICH = Sight(
    lead={"born": date(1990, 3, 1), "seen": NOW - 3 * DAY, "next": NOW + 2 * DAY, "seats": 8, "tags": ("a",)},
    account={"plan": 10, "begins": 4},
    touches=by_kind(
        [
            fact("f1", "purchase.made", 40 * DAY, amount=5, deal="x"),
            fact("f2", "purchase.made", 3 * DAY, amount=2.5, deal="y"),
            fact("f3", "purchase.made", 2 * DAY, amount=10, deal="x"),
            fact("f4", "email.opened", DAY),
            fact("f5", "consent.given", DAY, channel="email", purpose="marketing", topic="", explicit=True),
        ]
    ),
    scores={"warm": ScoreState(constant=12.5)},
    memberships={"hot": NOW - DAY},
    enrollments=[
        Enrollment(id=EnrollmentId("e"), scenario="w", version="v", cause=FactId("f"), started_at=NOW),
    ],
    subject="lead_1",
)
KNOWN = Names(
    segments={"hot": views.count() >= 2},
    scales={"warm": Scale()},
    grades={"warm": (("A", 30.0), ("B", 10.0), ("C", 0.0))},
)


@pytest.mark.parametrize(
    ("clause", "saw", "personal"),
    [
        (q.lead.seats >= 0.5 * q.account.plan, 8, True),
        (q.lead.tags.has_any(["a"]), ("a",), True),
        (q.lead.born.during(this_month()), date(1990, 3, 1), True),
        (q.lead.born.anniversary(), date(1990, 3, 1), True),
        (q.lead.born.age() >= 18, 36, True),
        (q.lead.nothing.age() >= 18, None, True),
        (q.lead.seen.ago() >= DAY, 3 * 86_400.0, True),
        (q.lead.next.ahead() >= DAY, 2 * 86_400.0, True),
        (q.lead.nothing.ahead() >= DAY, None, True),
        (q.grade("warm") >= "B", "B", False),
        (q.time_in_segment("hot") >= DAY, 86_400.0, False),
        (q.time_in_segment("cold") >= DAY, None, False),
        (q.scenario("w").is_active(), ("active",), False),
        (q.scenario("other").is_active(), None, False),
        (q.consent().given(), "given", False),
        (q.consent(channel="line").given(), "unsaid", False),
        (q.consent(entity="sister").given(), "unsaid", False),
        (q.bucket("s", 0, 100), percent_of("s", "lead_1"), False),
        (q.account.matches(q.stage == "won"), False, False),
        (q.account.leads.count() >= 1, False, False),
        (q.touches("email.*"), 1, False),
        (bought.older_than(days=3).count() >= 1, 2, False),
        (bought.newest_per("deal").count() >= 1, 2, False),
        (bought.during(this_month()).count() >= 1, 0, False),
        (bought.during(this_year(), starts=q.account.begins).count() >= 1, 3, False),
        (bought.during(this_year(), starts=q.account.nothing).count() >= 1, 0, False),
        (bought.distinct("deal") >= 1, 2, False),
        (bought.sum("amount") >= 1, 17.5, True),
        (bought.min("amount") >= 1, 2.5, True),
        (bought.max("amount") >= 1, 10.0, True),
        (bought.average("amount") >= 1, 17.5 / 3, True),
        (bought.average("nothing") >= 1, None, True),
        (bought.within(days=30).trend() >= 1, (2, 1), False),
        (bought.first(q.prop("deal") == "x"), NOW - 40 * DAY, False),
        (bought.last(q.prop("deal") == "x"), NOW - 2 * DAY, False),
        (bought.since_first() >= DAY, NOW - 40 * DAY, False),
        (bought.since_last() >= DAY, NOW - 2 * DAY, False),
        (q.touches("page.viewed").since_last() >= DAY, None, False),
        (bought.then(q.touches("email.opened"), within=DAY), NOW - 2 * DAY, False),
        (q.everyone, None, False),
    ],
)
def test_what_a_clause_saw(clause: Predicate, saw: Value, personal: bool) -> None:
    found = examine(clause, RICH, NOW, KNOWN)
    assert found.saw == saw
    assert found.personal is personal


@pytest.mark.parametrize(
    ("changes", "saw"),
    [
        ({"explicit": True}, "unsubscribed"),
        ({"explicit": False}, "refused"),
    ],
)
def test_a_refusal_is_told_from_an_unsubscribe(changes: dict[str, Value], saw: str) -> None:
    no = fact("f9", "consent.withdrawn", timedelta(hours=1), channel="email", purpose="marketing", topic="", **changes)
    assert examine(q.consent().given(), Sight(touches=by_kind([no])), NOW, KNOWN).saw == saw


def test_a_consent_that_ran_out_has_expired() -> None:
    yes = fact("f9", "consent.given", DAY, channel="email", purpose="marketing", topic="", expires_at=NOW)
    assert examine(q.consent().given(), Sight(touches=by_kind([yes])), NOW, KNOWN).saw == "expired"


def test_both_sides_of_a_comparison_of_fields_are_told() -> None:
    clause = examine(q.lead.seats >= 0.5 * q.account.plan, RICH, NOW, KNOWN)
    assert (clause.saw, clause.against, clause.answer) == (8, 10, True)
    assert examine(q.lead.seats >= 5, RICH, NOW, KNOWN).against is None


def test_what_is_answered_elsewhere_is_not_taken_apart() -> None:
    part = q.account.industry == "SaaS"
    of_account = Names(subject=SubjectKind.ACCOUNT)
    assert examine(q.account.matches(part), RICH, NOW, KNOWN).parts == ()
    (inside,) = examine(q.account.matches(part), RICH, NOW, of_account).parts
    assert inside.node == part
    people = q.account.leads.where(q.lead.title == "CTO").count() == 0
    counted = examine(people, RICH, NOW, of_account)
    assert (counted.saw, counted.parts, counted.answer) == (0, (), True)
    assert examine(bought.where(q.prop("deal") == "x"), RICH, NOW, KNOWN).parts == ()


def doubled(levels: int, leaf: Predicate) -> Names:
    """Segments of which each names the one before it twice."""
    named = {f"s{n + 1}": q.segment(f"s{n}") & ~~(q.segment(f"s{n}") | (q.stage == "old")) for n in range(levels)}
    return Names(segments={"s0": leaf, **named}, scales={"warm": Scale()})


def test_a_segment_that_is_named_again_is_not_taken_apart_again() -> None:
    clause = examine(q.segment("s40"), SIGHT, NOW, doubled(40, views.count() >= 2))  # 2**40 clauses if it were
    assert clause.answer is True
    leaves = list(clause.leaves())
    assert len(leaves) <= 2 * 41
    assert [leaf.saw for leaf in leaves].count(2) == 1
    assert clause.flip_at == NOW + timedelta(days=11)


def test_a_segment_is_taken_apart_again_where_the_answer_rests_on_it() -> None:
    names = Names(segments={"new": q.stage == "new"})
    within = (q.segment("new") | (q.stage == "old")) & (q.stage == "old")
    clause = examine(within | q.segment("new"), SIGHT, NOW, names)
    idle, resting = clause.parts[0].parts[0].parts[0], clause.parts[1]
    assert (idle.decides, idle.parts[0].decides) == (False, False)
    assert (resting.decides, resting.parts[0].decides) == (True, True)


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_what_is_remembered_is_what_match_and_flip_say(levels: int) -> None:
    names = doubled(levels, (views.count() >= 2) & (q.time_in_stage < timedelta(days=12)))

    def check(clause: Clause) -> None:
        assert clause.answer is compile_match(clause.node, names)(SIGHT, NOW)
        assert clause.flip_at == compile_flip(clause.node, names)(SIGHT, NOW)
        for part in clause.parts:
            check(part)

    check(examine(~q.segment(f"s{levels}"), SIGHT, NOW, names))


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="segment"):
        examine(q.segment("nowhere"), SIGHT, NOW, NAMES)
    with pytest.raises(DefinitionError, match="circle"):
        examine(q.segment("a"), SIGHT, NOW, Names(segments={"a": ~q.segment("a")}))


def test_a_segment_that_was_told_before_saw_nothing_to_speak_of() -> None:
    told = examine(q.segment("hot") & q.segment("hot"), SIGHT, NOW, NAMES)
    assert [leaf.seen() for leaf in told.leaves()].count("saw 2") == 1
    assert all(leaf.node != q.segment("hot") for leaf in told.leaves())
    assert told.parts[1].seen() == ""


def test_what_a_run_began_with_is_seen_and_personal() -> None:
    seen = Sight(lead={"n": 3}, entry={"rank": "B", "n": 4, "starts": NOW + timedelta(days=2), "day": 3})
    clause = examine(
        (q.entry.rank == "A") & (q.lead.n >= q.entry.n) & (q.entry.n >= q.lead.n)
        & (q.entry.starts.ahead() <= timedelta(days=3)),
        seen, NOW, NAMES,
    )  # fmt: skip
    assert [part.saw for part in clause.parts] == ["B", 3, 4, 172_800.0]
    assert [part.against for part in clause.parts] == [None, 4, 3, None]
    assert [part.answer for part in clause.parts] == [False, False, True, True]
    assert all(part.personal for part in clause.parts)
    assert clause.parts[1].seen() == "saw 3, against 4"


def test_facts_of_the_same_thing_are_counted_as_match_counts_them() -> None:
    facts = by_kind(
        Touchpoint(
            id=f"f{age}", subject=SubjectId("lead_1"), kind="page.viewed", at=NOW - timedelta(days=age),
            received_at=NOW, properties={"day": age % 2},
        )
        for age in (1, 2, 3)
    )  # fmt: skip
    seen, same = Sight(touches=facts, entry={"day": 1}), q.prop("day") == q.entry.day
    assert examine(views.where(same).count() >= 2, seen, NOW, NAMES).saw == 2
    asked = views.where(same).then_no(q.touches("page.viewed"), within=timedelta(hours=1))
    assert examine(asked, seen, NOW, NAMES).saw == NOW - timedelta(days=1)
