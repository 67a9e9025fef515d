"""A predicate is split into what SQL can answer and what is left."""

from datetime import timedelta

import pytest

from nurture.calendar import this_fiscal_year
from nurture.errors import NotCompilableError
from nurture.predicates import Everyone, Held, InSegment, Names, q, walk
from nurture.predicates.inline import unfolded_size
from nurture.predicates.sql import compile_sql, compiles, split
from nurture.predicates.sql.zones import weigh
from tests.unit.predicates.sql.tables import NAMES, NOW, layout

FAIR = q.lead.source == "fair"
ODD = q.lead.source.matches("a+")
HELD = Held(q.lead.source == "fair", "ge", timedelta(days=3))


def test_all_of_it_may_be_sql() -> None:
    assert split(FAIR, layout(), NAMES) == (FAIR, Everyone())
    assert compiles(FAIR, layout(), NAMES)


def test_none_of_it_may_be_sql() -> None:
    assert split(HELD, layout(), NAMES) == (Everyone(), HELD)
    assert not compiles(HELD, layout(), NAMES)


def test_parts_of_a_conjunction_are_told_apart() -> None:
    seats = q.lead.seats > 3
    assert split(FAIR & ODD & seats & HELD, layout(), NAMES) == (FAIR & seats, ODD & HELD)


def test_parts_of_a_disjunction_stay_together() -> None:
    assert split((FAIR | ODD) & FAIR, layout(), NAMES) == (FAIR, FAIR | ODD)
    assert split(~(FAIR & ODD), layout(), NAMES) == (Everyone(), ~(FAIR & ODD))


def test_a_segment_is_opened_only_when_it_must_be() -> None:
    names = Names(segments={"plain": FAIR, "odd": FAIR & HELD}, lead_fields=NAMES.lead_fields)
    assert split(InSegment("plain"), layout(), names) == (InSegment("plain"), Everyone())
    assert split(InSegment("odd"), layout(), names) == (FAIR, HELD)


def test_what_is_too_large_to_be_written_out_is_left_whole() -> None:
    doubling = {f"s{n + 1}": q.segment(f"s{n}") & q.segment(f"s{n}") for n in range(40)}
    names = Names(segments={"s0": FAIR, **doubling}, lead_fields=NAMES.lead_fields)
    assert split(FAIR & InSegment("s40"), layout(), names) == (FAIR, InSegment("s40"))


def test_parts_that_are_too_large_together_are_split() -> None:
    names = Names(
        segments={name: q.any_of(*[q.lead.seats > n for n in range(1_100)]) for name in ("a", "b")},
        lead_fields=NAMES.lead_fields,
    )
    mine, rest = split(InSegment("a") & InSegment("b"), layout(), names)
    assert (mine, rest) == (InSegment("a"), InSegment("b"))
    assert compiles(mine, layout(), names)


def test_clauses_in_everybodys_own_zone_count_as_many_nodes() -> None:
    own = q.all_of(*[q.lead.born.anniversary(before=n) for n in range(60)])
    mine, rest = split(own, layout(), NAMES)
    assert (len(list(walk(mine))), len(list(walk(rest)))) == (1 + 49, 1 + 11)  # of 2,000 nodes each is 40, with an `&`
    with pytest.raises(NotCompilableError, match="own zone counts as 40"):
        compile_sql(own, layout(), NAMES, NOW)
    here = q.all_of(*[q.lead.born.anniversary(before=n, zone="Asia/Tokyo") for n in range(60)])
    assert compiles(here, layout(), NAMES)
    assert compiles(own, layout(zones=["Asia/Tokyo", "UTC"]), NAMES)  # few zones are soon written


def test_a_year_that_begins_when_each_subject_says_counts_twelve_times() -> None:
    counted = {"own": None, "fixed": "Asia/Tokyo"}
    years = {
        name: q.lead.seen.during(this_fiscal_year(zone=zone), starts=q.lead.seats) for name, zone in counted.items()
    }
    sizes = {name: unfolded_size(year, NAMES, weigh(layout())) for name, year in years.items()}
    assert sizes == {"own": 12 * 40, "fixed": 1}
    facts = q.touches("page.viewed").during(this_fiscal_year(), starts=q.lead.seats)
    assert unfolded_size(facts, NAMES, weigh(layout())) == 12 * 40
    assert unfolded_size(facts, NAMES) == 1


def test_what_a_run_began_with_is_left_to_match() -> None:
    ranked, same = q.entry.rank == "A", q.touches("page.viewed").where(q.prop("path") == q.entry.path)
    assert split(FAIR & ranked & same, layout(), NAMES) == (FAIR, ranked & same)
