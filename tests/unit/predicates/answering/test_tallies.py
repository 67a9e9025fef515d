"""Tallies, and the walk from one end of a span to the next."""

from datetime import UTC, date, datetime, timedelta

import pytest

from nurture.predicates.answering.tallies import Extreme, Kinds, Mean, Total, amount_of, key_of, next_turn

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hours: int) -> datetime:
    return NOW + hours * HOUR


def test_the_walk_stops_where_the_answer_turns() -> None:
    spans = [(at(-1), at(2), 1), (at(-1), at(5), 1), (at(3), None, 1)]
    assert next_turn(spans, Total("ge", 2), NOW) == at(2)
    assert next_turn(spans, Total("ge", 1), NOW) is None  # two, one, two, one: never none
    assert next_turn(spans, Total("lt", 1), NOW) is None
    assert next_turn(spans, Total("eq", 1), NOW) == at(2)


def test_what_goes_and_comes_at_one_instant_is_one_change() -> None:
    assert next_turn([(at(-1), at(2), 1), (at(2), at(4), 1)], Total("ge", 1), NOW) == at(4)


def test_spans_that_are_over_or_empty_do_not_count() -> None:
    assert next_turn([(at(-2), at(0), 1), (at(3), at(3), 1), (at(4), at(3), 1)], Total("ge", 1), NOW) is None


def test_nothing_is_looked_at_before_or_at_the_moment() -> None:
    class Timed(Total):
        def answer(self, now: datetime) -> bool:
            return now >= at(2)

    assert next_turn([], Timed("ge", 0), NOW, [at(-1), at(0), at(1), at(3)]) == at(3)
    assert next_turn([], Timed("ge", 0), NOW, [at(0), at(1)]) is None


def test_tallies_forget_what_is_taken_out() -> None:
    for tally in (Mean("ge", 5), Extreme("ge", 5, greatest=True), Extreme("ge", 5, greatest=False)):
        assert not tally.answer(NOW)
        tally.add(7)
        assert tally.answer(NOW)
        tally.remove(7)
        assert not tally.answer(NOW)
        tally.add(3)
        assert not tally.answer(NOW)
    kinds = Kinds("eq", 1)
    for worth in ("a", "a", "b"):
        kinds.add(worth)
    assert not kinds.answer(NOW)
    kinds.remove("b")
    assert kinds.answer(NOW)
    kinds.remove("a")
    assert kinds.answer(NOW)


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (1, 10**6),
        (0.3, 300_000),
        (-0.0, 0),
        (1e15, 10**21),
        (10**15 + 1, None),
        (-1e15, -(10**21)),
        (-1e16, None),
        (True, None),
        ("1", None),
        (None, None),
    ],
)
def test_amounts_are_whole_millionths(value: object, amount: int | None) -> None:
    assert amount_of(value) == amount  # type: ignore[arg-type]


def test_keys_tell_apart_what_comparisons_tell_apart() -> None:
    different = [
        1,
        True,
        "1",
        1.5,
        NOW,
        NOW.date(),
        date(2026, 3, 2),
        (),
        (1,),
        (True,),
        ("bool", True),
        0.000001,
        "",
        1e300,
    ]
    assert len({key_of(value) for value in different}) == len(different)
    assert key_of(1) == key_of(1.0) == key_of(1.0000004)
    assert key_of((1, "a")) == key_of((1.0, "a"))
    assert key_of(NOW) == key_of(NOW.astimezone())
    assert key_of(1.7e308) == key_of(1e300)  # what the library would refuse does no harm
    assert key_of(None) is None
