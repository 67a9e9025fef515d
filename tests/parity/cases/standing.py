"""Stages, segments, runs of scenarios, chance."""

from nurture.predicates import q
from tests.parity.cases.said import (
    TICK,
    Group,
    asks,
    both,
    days,
    member,
    no,
    page,
    run,
    stage,
    yes,
)

GROUPS: tuple[Group, ...] = (
    # -- stages --
    *both("stage ==", q.stage == "mql", yes("it", stage("mql")), no("another", stage("sql")), no("none")),
    *asks(
        "stage !=",
        q.stage != "mql",
        no("it", stage("mql")),
        yes("another", stage("sql")),
        yes("none: it is the opposite of =="),
    ),
    *both(
        "stage is_in",
        q.stage.is_in(["mql", "sql"]),
        yes("the second", stage("sql")),
        no("another", stage("new")),
        no("none"),
    ),
    *asks("stage is_in nothing", q.stage.is_in([]), no("nothing is among none", stage("new")), no("none")),
    *both(
        "time in stage >= 3 days",
        q.time_in_stage >= days(3),
        yes("exactly", stage("mql", days(3))),
        no("a microsecond less", stage("mql", days(3) - TICK)),
        no("no stage"),
    ),
    *asks(
        "time in stage > 3 days",
        q.time_in_stage > days(3),
        no("exactly", stage("mql", days(3))),
        yes("a microsecond more", stage("mql", days(3) + TICK)),
    ),
    *asks(
        "time in stage < 3 days",
        q.time_in_stage < days(3),
        no("exactly", stage("mql", days(3))),
        yes("a microsecond less", stage("mql", days(3) - TICK)),
        no("no stage"),
    ),
    *asks(
        "time in stage <= 3 days",
        q.time_in_stage <= days(3),
        yes("exactly", stage("mql", days(3))),
        no("a microsecond more", stage("mql", days(3) + TICK)),
    ),
    # -- segments --
    *both(
        "segment",
        q.segment("seen"),
        yes("its predicate holds", page(days(1))),
        no("it does not", page(days(7))),
        no("a membership that is kept is not asked", member("seen", days(1))),
    ),
    *both(
        "a segment of segments",
        q.segment("seen_chiefs"),
        yes("both", page(days(1)), title="CEO"),
        no("one", page(days(1)), title="CTO"),
        no("the other", title="CEO"),
    ),
    *both(
        "time in segment >= 3 days",
        q.time_in_segment("seen") >= days(3),
        yes("exactly", member("seen", days(3))),
        no("a microsecond less", member("seen", days(3) - TICK)),
        no("another segment", member("chiefs", days(30))),
        no("no member, though its predicate holds", page(days(1))),
    ),
    *asks(
        "time in segment > 3 days",
        q.time_in_segment("seen") > days(3),
        no("exactly", member("seen", days(3))),
        yes("a microsecond more", member("seen", days(3) + TICK)),
    ),
    *asks(
        "time in segment < 3 days",
        q.time_in_segment("seen") < days(3),
        no("exactly", member("seen", days(3))),
        yes("a microsecond less", member("seen", days(3) - TICK)),
        no("no member"),
    ),
    *asks(
        "time in segment <= 3 days",
        q.time_in_segment("seen") <= days(3),
        yes("exactly", member("seen", days(3))),
        no("a microsecond more", member("seen", days(3) + TICK)),
    ),
    # -- runs of scenarios --
    *both(
        "scenario active",
        q.scenario("welcome").is_active(),
        yes("under way", run("welcome")),
        no("it is over", run("welcome", "completed")),
        no("another one is", run("nudge")),
        yes("one of two runs is", run("welcome", "completed"), run("welcome")),
        no("none"),
    ),
    *asks(
        "scenario is_in",
        q.scenario("welcome").is_in(["completed", "reached_goal"]),
        yes("the first", run("welcome", "completed")),
        yes("the second", run("welcome", "reached_goal")),
        no("another state", run("welcome", "exited")),
        no("that state, of another scenario, beside", run("nudge", "completed"), run("welcome")),
        no("none"),
    ),
    # -- chance --
    # `printf 'spring\x1flead_one' | b2sum -l 64` says a24a59176732dee0: 63.3947 percent of 2**64.
    *asks("a bucket of all", q.bucket("spring", 0, 100), yes("everybody", id_="lead_one")),
    *asks(
        "a bucket that holds it",
        q.bucket("spring", 63.3946, 63.3948),
        yes("63.39469…", id_="lead_one"),
        no("69.94774…", id_="lead_two"),
    ),
    *asks(
        "the bucket below",
        q.bucket("spring", 0, 63.3946),
        no("it ends before", id_="lead_one"),
        no("far above", id_="lead_two"),
    ),
    *asks(
        "the bucket above",
        q.bucket("spring", 63.3948, 100),
        no("it begins after", id_="lead_one"),
        yes("69.94774…", id_="lead_two"),
    ),
    *asks(
        "a bucket of another salt", q.bucket("autumn", 86.98, 86.99), yes("86.98168…: another drawing", id_="lead_one")
    ),
    *asks(
        "buckets that touch",
        q.bucket("spring", 0, 50) & q.bucket("spring", 50, 100),
        no("never both", id_="lead_one"),
        no("nor the other", id_="lead_two"),
    ),
    *asks(
        "buckets that cover all",
        q.bucket("x", 0, 50) | q.bucket("x", 50, 100),
        yes("always one", id_="lead_one"),
        yes("or the other", id_="lead_two"),
    ),
)
