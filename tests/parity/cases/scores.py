"""Scores and grades."""

from datetime import timedelta

from nurture.predicates import q
from tests.parity.cases.said import (
    Group,
    asks,
    both,
    days,
    no,
    scored,
    yes,
)

_fit = q.score("fit")
_heat = q.score("heat")


GROUPS: tuple[Group, ...] = (
    # -- scores --
    *both(
        "score >= 40",
        _fit >= 40,
        yes("40", scored("fit", 40.0)),
        no("a millionth less", scored("fit", 39.999999)),
        yes("less than half a millionth less", scored("fit", 39.9999996)),
        yes("earned", scored("fit", 0.0, (30.0, days(900)), (10.0, days(1)))),
        no("nothing was earned: zero"),
    ),
    *asks(
        "score > 40",
        _fit > 40,
        no("40", scored("fit", 40.0)),
        no("and a sliver", scored("fit", 40.0000004)),
        yes("a millionth more", scored("fit", 40.000001)),
    ),
    *asks(
        "score < 40",
        _fit < 40,
        yes("nothing was earned: zero"),
        no("40", scored("fit", 40.0)),
        yes("a millionth less", scored("fit", 39.999999)),
    ),
    *asks(
        "score <= 40",
        _fit <= 40,
        yes("40 and a sliver", scored("fit", 40.0000004)),
        no("a millionth more", scored("fit", 40.000001)),
    ),
    *asks(
        "score == 40",
        _fit == 40,
        yes("40", scored("fit", 40.0)),
        no("41", scored("fit", 41.0)),
        no("39", scored("fit", 39.0)),
    ),
    *asks(
        "score != 40", _fit != 40, no("40", scored("fit", 40.0)), yes("zero is another"), yes("41", scored("fit", 41.0))
    ),
    *asks("score == 0", _fit == 0, yes("nothing was earned"), no("something was", scored("fit", 1.0))),
    *asks("score below zero", _fit < 0, yes("points were taken off", scored("fit", 0.0, (-5.0, days(1)))), no("zero")),
    *both(
        "fading score >= 40",
        _heat >= 40,
        yes("80 points after a half-life", scored("heat", 0.0, (80.0, days(10)))),
        no("a second later it is less", scored("heat", 0.0, (80.0, days(10) + timedelta(seconds=1)))),
        yes("160 points after two", scored("heat", 0.0, (160.0, days(20)))),
        no("80 points after two", scored("heat", 0.0, (80.0, days(20)))),
        yes("what does not fade is added", scored("heat", 20.0, (40.0, days(10)))),
        yes("20 now and 40 a half-life ago", scored("heat", 0.0, (20.0, days(0)), (40.0, days(10)))),
    ),
    *asks(
        "fading score == 40",
        _heat == 40,
        yes("exactly a half-life", scored("heat", 0.0, (80.0, days(10)))),
        no("now", scored("heat", 0.0, (80.0, days(0)))),
    ),
    *asks(
        "fading score < 40",
        _heat < 40,
        no("exactly a half-life", scored("heat", 0.0, (80.0, days(10)))),
        yes("a second more", scored("heat", 0.0, (80.0, days(10) + timedelta(seconds=1)))),
        yes("nothing"),
    ),
    *asks(
        "fading score > 40",
        _heat > 40,
        yes("it falls to 40 in a half-life", scored("heat", 0.0, (80.0, days(0)))),
        no("exactly a half-life", scored("heat", 0.0, (80.0, days(10)))),
        yes("what does not fade keeps it above", scored("heat", 50.0, (80.0, days(0)))),
        no("nothing"),
    ),
    *asks(
        "fading score <= 40",
        _heat <= 40,
        no("it falls to 40 in a half-life", scored("heat", 0.0, (80.0, days(0)))),
        yes("exactly a half-life", scored("heat", 0.0, (80.0, days(10)))),
        no("what does not fade keeps it above", scored("heat", 50.0, (80.0, days(0)))),
    ),
    *asks(
        "fading score != 40",
        _heat != 40,
        yes("it falls to 40 in a half-life", scored("heat", 0.0, (80.0, days(0)))),
        no("exactly a half-life", scored("heat", 0.0, (80.0, days(10)))),
        yes("a second more", scored("heat", 0.0, (80.0, days(10) + timedelta(seconds=1)))),
        yes("it rises to 40 in two", scored("heat", 60.0, (-80.0, days(0)))),
    ),
    # Points that were taken off fade, too: 60 less 80 rises to 40 in two half-lives.
    *asks(
        "rising score >= 40",
        _heat >= 40,
        no("now", scored("heat", 60.0, (-80.0, days(0)))),
        yes("after two half-lives", scored("heat", 60.0, (-80.0, days(20)))),
        no("it comes near, and never reaches it", scored("heat", 39.0, (-80.0, days(0)))),
    ),
    *asks(
        "rising score > 40",
        _heat > 40,
        no("now", scored("heat", 60.0, (-80.0, days(0)))),
        no("after two half-lives it is 40", scored("heat", 60.0, (-80.0, days(20)))),
        yes("a second later it is more", scored("heat", 60.0, (-80.0, days(20) + timedelta(seconds=1)))),
    ),
    *asks(
        "rising score < 40",
        _heat < 40,
        yes("now", scored("heat", 60.0, (-80.0, days(0)))),
        no("after two half-lives", scored("heat", 60.0, (-80.0, days(20)))),
    ),
    *asks(
        "rising score <= 40",
        _heat <= 40,
        yes("now", scored("heat", 60.0, (-80.0, days(0)))),
        yes("after two half-lives it is 40", scored("heat", 60.0, (-80.0, days(20)))),
        no("a second later it is more", scored("heat", 60.0, (-80.0, days(20) + timedelta(seconds=1)))),
    ),
    *asks(
        "rising score == 40",
        _heat == 40,
        no("now", scored("heat", 60.0, (-80.0, days(0)))),
        yes("after two half-lives", scored("heat", 60.0, (-80.0, days(20)))),
    ),
    *asks(
        "a fading score at its ceiling",
        q.score("level") >= 100,
        yes("it stays there for a half-life", scored("level", 0.0, (200.0, days(0)))),
        yes("exactly a half-life", scored("level", 0.0, (200.0, days(10)))),
        no("a second more", scored("level", 0.0, (200.0, days(10) + timedelta(seconds=1)))),
        yes("what does not fade keeps it there", scored("level", 150.0, (80.0, days(0)))),
    ),
    *asks(
        "a rising score at its floor",
        q.score("level") <= 0,
        yes("it stays there until half is left", scored("level", 40.0, (-80.0, days(0)))),
        yes("exactly a half-life", scored("level", 40.0, (-80.0, days(10)))),
        no("a second more", scored("level", 40.0, (-80.0, days(10) + timedelta(seconds=1)))),
        yes("for ever, where nothing is above it", scored("level", -5.0, (-80.0, days(0)))),
    ),
    *asks(
        "a score within bounds",
        q.score("level") >= 100,
        yes("the ceiling", scored("level", 500.0)),
        no("below", scored("level", 99.0)),
    ),
    *asks("a score above its ceiling", q.score("level") > 100, no("it never reads higher", scored("level", 500.0))),
    *asks("a score below its floor", q.score("level") < 0, no("it never reads lower", scored("level", -500.0))),
    *asks(
        "a score at its floor",
        q.score("level") == 0,
        yes("it reads as the floor", scored("level", -500.0)),
        yes("nothing"),
    ),
    *asks(
        "an old landmark",
        _heat >= 1,
        no("points of 20 years ago have faded", scored("heat", 0.0, (1e6, days(7300)))),
        yes("what is new counts", scored("heat", 0.0, (1e6, days(7300)), (1.0, days(0)))),
    ),
    # -- grades: A from 80, B from 50, C from 20, D below --
    *both(
        "grade == B",
        q.grade("fit") == "B",
        yes("50 is the first", scored("fit", 50.0)),
        no("a millionth less is C", scored("fit", 49.999999)),
        no("80 is A", scored("fit", 80.0)),
        yes("a millionth less is B", scored("fit", 79.999999)),
    ),
    *asks(
        "grade == A",
        q.grade("fit") == "A",
        yes("80", scored("fit", 80.0)),
        yes("more", scored("fit", 1000.0)),
        no("a millionth less", scored("fit", 79.999999)),
    ),
    *asks(
        "grade == D",
        q.grade("fit") == "D",
        yes("nothing was earned"),
        yes("below zero", scored("fit", -9.0)),
        yes("a millionth below C", scored("fit", 19.999999)),
        no("20 is C", scored("fit", 20.0)),
    ),
    *asks(
        "grade >= B",
        q.grade("fit") >= "B",
        yes("B", scored("fit", 50.0)),
        yes("A is better", scored("fit", 90.0)),
        no("C", scored("fit", 49.0)),
    ),
    *asks(
        "grade > B",
        q.grade("fit") > "B",
        yes("A is better", scored("fit", 80.0)),
        no("B", scored("fit", 79.0)),
        no("C is worse", scored("fit", 49.0)),
    ),
    *asks(
        "grade < B",
        q.grade("fit") < "B",
        yes("C is worse", scored("fit", 49.0)),
        yes("D is worse"),
        no("B", scored("fit", 50.0)),
    ),
    *asks("grade <= B", q.grade("fit") <= "B", yes("B", scored("fit", 79.0)), yes("D"), no("A", scored("fit", 80.0))),
    *asks(
        "grade != B",
        q.grade("fit") != "B",
        no("B", scored("fit", 50.0)),
        yes("A", scored("fit", 80.0)),
        yes("C", scored("fit", 49.0)),
    ),
    *asks("grade >= D", q.grade("fit") >= "D", yes("everybody", scored("fit", -100.0))),
    *asks("grade > A", q.grade("fit") > "A", no("nobody", scored("fit", 1e6))),
    *asks("grade < D", q.grade("fit") < "D", no("nobody", scored("fit", -1e6))),
)
