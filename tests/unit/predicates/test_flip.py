"""Flips on cases worked out by hand; `tests/property/test_flips.py` holds the invariant."""

from datetime import UTC, datetime, timedelta

import pytest

from nurture.calendar import today
from nurture.errors import DefinitionError
from nurture.model import ScoreState, Sight, SubjectId, Touchpoint, by_kind
from nurture.model.decay import Scale, add
from nurture.predicates import Names, Predicate, compile_flip, compile_match, q

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAYS = timedelta(days=1)
views = q.touches("page.viewed").within(days=14)
same = q.touches("page.viewed").where(q.prop("day") == q.entry.day)
ages = [1 * DAYS, 3 * DAYS, 9 * DAYS, 20 * DAYS]


def sight(**seen) -> Sight:
    facts = [
        Touchpoint(id=f"f{age}", subject=SubjectId("lead_1"), kind="page.viewed", at=NOW - age, received_at=NOW)
        for age in ages
    ]
    return Sight(touches=by_kind(facts), **seen)


def flip(predicate: Predicate, names: Names | None = None, **seen) -> datetime | None:
    return compile_flip(predicate, names or Names())(sight(**seen), NOW)


@pytest.mark.parametrize(
    ("predicate", "after"),
    [
        (views, 13 * DAYS),  # the newest leaves last
        (views.never(), 13 * DAYS),
        (views.count() >= 2, 11 * DAYS),
        (views.count() >= 3, 5 * DAYS),
        (views.count() >= 4, None),  # the fourth has left already, and none comes
        (views.count() > 2, 5 * DAYS),
        (views.count() < 3, 5 * DAYS),
        (views.count() <= 1, 11 * DAYS),
        (views.count() == 3, 5 * DAYS),
        (views.count() == 2, 5 * DAYS),
        (views.count() == 4, None),
        (views.count() != 1, 11 * DAYS),
        (views.count() >= 0, None),
        (views.last(q.prop("p").is_missing()), 13 * DAYS),
        (views.last(q.prop("p").is_present()), None),
        (q.touches("page.viewed"), None),  # for ever
        (q.touches().within(days=2), 1 * DAYS),
        (q.lead.title == "CTO", None),
        (q.stage == "new", None),
        (~views, 13 * DAYS),
    ],
)
def test_a_clause_flips_when_its_deciding_fact_leaves(predicate: Predicate, after: timedelta | None) -> None:
    assert flip(predicate) == (None if after is None else NOW + after)


@pytest.mark.parametrize(
    ("predicate", "after"),
    [
        (q.time_in_stage >= 30 * DAYS, 20 * DAYS),
        (q.time_in_stage > 30 * DAYS, 20 * DAYS + TICK),
        (q.time_in_stage < 30 * DAYS, 20 * DAYS),
        (q.time_in_stage <= 30 * DAYS, 20 * DAYS + TICK),
        (q.time_in_stage >= 5 * DAYS, None),
    ],
)
def test_time_in_stage_flips_at_its_limit(predicate: Predicate, after: timedelta | None) -> None:
    assert flip(predicate, stage="new", stage_since=NOW - 10 * DAYS) == (None if after is None else NOW + after)
    assert flip(predicate) is None


def test_and_waits_for_the_latest_of_its_false_sides() -> None:
    in_20, in_25 = q.time_in_stage >= 30 * DAYS, q.time_in_stage >= 35 * DAYS
    seen = {"stage": "new", "stage_since": NOW - 10 * DAYS}
    assert flip(in_20 & in_25, **seen) == NOW + 25 * DAYS
    assert flip(in_20 | in_25, **seen) == NOW + 20 * DAYS
    assert flip(~in_20 | ~in_25, **seen) == NOW + 25 * DAYS
    assert flip(in_20 & (q.lead.title == "CTO"), **seen) is None  # a side that time cannot turn
    assert flip(in_20 | (q.lead.title == "CTO"), **seen) == NOW + 20 * DAYS
    assert flip(in_20 & (views.count() >= 4), **seen) is None


@pytest.mark.parametrize(
    ("scale", "constant", "op", "limit", "half_lives"),
    [
        (Scale(21 * DAYS), 0.0, "ge", 20, 1),
        (Scale(21 * DAYS), 0.0, "lt", 10, 2),
        (Scale(21 * DAYS), 5.0, "ge", 15, 2),
        (Scale(21 * DAYS, floor=12.0), 0.0, "ge", 20, 1),
        (Scale(21 * DAYS, floor=30.0), 0.0, "ge", 20, None),
        (Scale(21 * DAYS, ceiling=25.0), 0.0, "ge", 20, 1),
        (Scale(21 * DAYS, ceiling=15.0), 0.0, "ge", 20, None),
        (Scale(21 * DAYS), 0.0, "ge", 50, None),
        (Scale(21 * DAYS), 0.0, "ge", 0, None),
        (Scale(None), 0.0, "ge", 20, None),
    ],
)
def test_a_score_flips_where_it_crosses(
    scale: Scale, constant: float, op: str, limit: float, half_lives: int | None
) -> None:
    names = Names(scales={"warm": scale})
    state = add(ScoreState(constant=constant), 40, NOW, scale)
    predicate = {"ge": q.score("warm") >= limit, "lt": q.score("warm") < limit}[op]
    found = flip(predicate, names, scores={"warm": state})
    if half_lives is None:
        assert found is None
        return
    # The limit counts until half a millionth below it, so the crossing comes a breath after the half-life.
    assert found is not None
    assert timedelta(0) < found - (NOW + half_lives * 21 * DAYS) < timedelta(seconds=1)
    asks = compile_match(predicate, names)
    assert asks(sight(scores={"warm": state}), found - TICK) is not asks(sight(scores={"warm": state}), found)


def test_a_score_that_is_asked_long_before_it_was_earned_still_flips_in_time() -> None:
    scale = Scale(timedelta(hours=1))
    names, predicate = Names(scales={"warm": scale}), q.score("warm") >= 20
    seen = sight(scores={"warm": add(ScoreState(), 40, NOW, scale)})
    found = compile_flip(predicate, names)(seen, NOW - 365 * DAYS)
    assert found is not None
    assert timedelta(0) < found - (NOW + timedelta(hours=1)) < timedelta(seconds=1)
    asks = compile_match(predicate, names)
    assert asks(seen, found - TICK)
    assert not asks(seen, found)


def test_a_negative_score_rises_to_its_limit() -> None:
    scale = Scale(21 * DAYS)
    found = flip(
        q.score("warm") >= -10, Names(scales={"warm": scale}), scores={"warm": add(ScoreState(), -40, NOW, scale)}
    )
    assert found is not None
    assert abs(found - (NOW + 42 * DAYS)) < timedelta(seconds=1)


def test_a_score_that_passes_through_equality_flips_twice() -> None:
    scale = Scale(21 * DAYS)
    flips = compile_flip(q.score("warm") == 20, Names(scales={"warm": scale}))
    seen = sight(scores={"warm": add(ScoreState(), 40, NOW, scale)})
    first = flips(seen, NOW)
    assert first is not None
    second = flips(seen, first)
    assert second is not None
    assert timedelta(0) < second - first < timedelta(seconds=1)
    assert flips(seen, second) is None


def test_a_fact_that_is_still_to_come_is_seen_coming() -> None:
    seen = Sight(
        touches=by_kind(
            [Touchpoint(id="f", subject=SubjectId("lead_1"), kind="page.viewed", at=NOW + DAYS, received_at=NOW)]
        )
    )
    flips = compile_flip(views, Names())
    assert flips(seen, NOW) == NOW + DAYS
    assert flips(seen, NOW + DAYS) == NOW + 15 * DAYS


def test_a_window_that_ends_after_the_end_of_time_never_ends() -> None:
    last = datetime(9999, 12, 31, tzinfo=UTC)
    seen = Sight(
        touches=by_kind([Touchpoint(id="f", subject=SubjectId("lead_1"), kind="page.viewed", at=last, received_at=NOW)])
    )
    assert compile_flip(views, Names())(seen, last) is None


def test_a_segment_flips_as_its_predicate_does() -> None:
    assert flip(q.segment("hot"), Names(segments={"hot": views})) == NOW + 13 * DAYS
    with pytest.raises(DefinitionError, match="circle"):
        compile_flip(q.segment("a"), Names(segments={"a": q.segment("a")}))


def test_comparisons_of_what_a_run_began_with_never_flip() -> None:
    for asked in (q.entry.n >= 3, q.entry.n == q.lead.n, q.entry.starts > NOW, ~q.entry.gone.is_missing()):
        assert flip(asked, entry={"n": 5, "starts": NOW + DAYS}, lead={"n": 5}) is None


def test_dates_that_a_run_began_with_flip_as_those_of_the_lead_do() -> None:
    starts = NOW + 3 * DAYS
    for asked, at in (
        (q.entry.starts.ahead() <= DAYS, NOW + 2 * DAYS),
        (q.entry.starts.ago() >= DAYS, starts + DAYS),
        (q.entry.starts.during(today()), NOW.replace(hour=0) + 3 * DAYS),
        (q.entry.starts.anniversary(), datetime(2027, 3, 4, tzinfo=UTC)),
        (q.entry.starts.age() >= 1, datetime(2027, 3, 4, tzinfo=UTC)),
    ):
        assert flip(asked, entry={"starts": starts}) == at
        assert flip(asked, entry={"starts": "2026-03-04"}) is None
        assert flip(asked, lead={"starts": starts}) is None


@pytest.mark.parametrize(
    ("asked", "after"),
    [
        (views.where(q.prop("p").is_missing() | (q.prop("p") != q.entry.p)), 13 * DAYS),
        (views.where(q.prop("day") == q.entry.day), 11 * DAYS),
        (views.where(q.prop("day") == q.entry.day).count() < 1, 11 * DAYS),
        (views.where(q.prop("day") == q.entry.day).count() == 1, 11 * DAYS),
        (views.last(q.prop("day") == q.entry.day), None),  # the newest is another one
        (views.first(q.prop("day") == q.entry.day), 5 * DAYS),  # the older one leaves
        (same.since_last() >= 5 * DAYS, 2 * DAYS),
        (same.older_than(days=5), 2 * DAYS),
        (same.then_no(same, within=7 * DAYS), 4 * DAYS),  # only then it is known
    ],
)
def test_facts_of_the_same_thing_flip_by_those_alone(asked: Predicate, after: timedelta | None) -> None:
    facts = [
        Touchpoint(
            id=f"f{age}", subject=SubjectId("lead_1"), kind="page.viewed", at=NOW - age, received_at=NOW,
            properties={"day": age // DAYS},
        )
        for age in ages
    ]  # fmt: skip
    seen = Sight(touches=by_kind(facts), entry={"day": 3})
    found = compile_flip(asked, Names())(seen, NOW)
    assert found == (None if after is None else NOW + after)
    if found is not None:
        holds = compile_match(asked, Names())
        assert holds(seen, found) is not holds(seen, found - TICK)
