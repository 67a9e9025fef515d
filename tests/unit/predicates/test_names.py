"""The check finds every problem at once, and names the near misses."""

from datetime import timedelta
from functools import reduce

import attrs
import pytest

from nurture.calendar import this_year, today
from nurture.model import SubjectKind
from nurture.model.decay import Scale
from nurture.predicates import ACCOUNT_FIELDS, LEAD_FIELDS, All, FieldType, Names, Predicate, check, q

names = Names(
    segments={"hot": q.score("warm") >= 40, "a": q.segment("b"), "b": q.segment("c"), "c": ~q.segment("a")},
    scales={"warm": Scale()},
    stages=("new", "mql"),
    lead_fields={**LEAD_FIELDS, "seats": FieldType.INTEGER, "vip": FieldType.BOOLEAN},
)


def problems(predicate) -> list[str]:
    return check(predicate, names, "segment hot")


def test_a_right_predicate_has_no_problem() -> None:
    good = (
        (q.lead.title.contains("CTO")) & (q.lead.seats >= 2.5) & q.lead.vip.is_true() & q.lead.tags.contains("vip")
        & (q.account.employees.is_in([1, 2])) & (q.stage == "new") & q.segment("hot") & q.lead.seats.is_missing()
        & q.touches("page.viewed").where(q.prop("anything") == 1).last(q.prop("else").is_in(["a", 1]))
    )  # fmt: skip
    assert problems(good) == []


def test_all_problems_come_at_once_with_near_misses() -> None:
    bad = (
        (q.lead.tittle == "x") & (q.account.industri == "x") & (q.score("wram") >= 1) & (q.stage == "mqll")
        & q.segment("hott") & (q.lead.title >= 3) & (q.lead.seats == "many") & (q.prop("path") == "/")
    )  # fmt: skip
    found = problems(bad)
    assert len(found) == 8
    assert all(one.startswith("segment hot: ") for one in found)
    text = "\n".join(found)
    for part in (
        "unknown lead field 'tittle'; did you mean 'title'",
        "unknown account field 'industri'; did you mean 'industry'",
        "unknown score model 'wram'; did you mean 'warm'",
        "unknown stage 'mqll'; did you mean 'mql'",
        "unknown segment 'hott'; did you mean 'hot'",
        "lead.title holds text; >= does not fit, these do: ==, !=",
        "lead.seats holds integer; compared with text it is never true",
        "asked outside q.touches",
    ):
        assert part in text


def test_what_a_run_began_with_is_known_only_inside_a_run() -> None:
    asked = (
        (q.entry.rank == "A") & q.touches("a.b").where(q.prop("s") == q.entry.s) & (q.lead.seats >= 2 * q.entry.n)
        & (q.entry.starts.ahead() <= timedelta(3)) & (q.entry.n >= q.lead.seats)
    )  # fmt: skip
    assert check(asked, names, "scenario x.goal", entry=True) == []
    assert problems(asked) == [
        f"segment hot: q.entry.{name}: q.entry is known only inside a run: "
        "in a scenario's steps, only_if, goal and exit"
        for name in ("n", "rank", "s", "starts")
    ]
    about_accounts = attrs.evolve(names, subject=SubjectKind.ACCOUNT)
    assert check(q.entry.rank == "A", about_accounts, "scenario x.exit", entry=True) == []


def test_what_stands_beside_an_entry_value_is_looked_up_as_ever() -> None:
    asked = (
        (q.entry.n >= q.lead.seat) & (q.entry.n >= 2 * q.lead.title) & (q.lead.seat == q.entry.n)
        & (q.lead.title > q.entry.n) & (q.prop("p") == q.entry.n)
    )  # fmt: skip
    found = check(asked, names, "goal", entry=True)
    text = "\n".join(found)
    assert len(found) == 5
    assert text.count("unknown lead field 'seat'; did you mean 'seats'") == 2
    assert "lead.title holds text; only numbers are multiplied" in text
    assert "lead.title holds text; > does not fit" in text
    assert "q.prop('p') is asked outside q.touches" in text


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        (q.lead.title == "CTO", "lead.title"),
        (q.account.employees >= 2 * q.lead.seats, "lead.seats"),
        (q.held(q.lead.vip.is_true(), at_least=timedelta(days=1)), "lead.vip"),
        (q.lead.created_at.during(today()), "lead.created_at"),
        (q.account.created_at.during(this_year(), starts=q.lead.seats), "lead.seats"),
        (q.touches("page.viewed").during(this_year(), starts=q.lead.seats), "lead.seats"),
        (q.lead.created_at.anniversary(), "lead.created_at"),
        (q.lead.created_at.age() >= 1, "lead.created_at"),
        (q.lead.created_at.ago() >= timedelta(days=1), "lead.created_at"),
        (q.in_list("fair"), "lead.lists"),
        (q.consent().given(), "consent"),
    ],
)
def test_an_account_has_nothing_that_only_a_person_has(asked: Predicate, what: str) -> None:
    alone = attrs.evolve(names, subject=SubjectKind.ACCOUNT, other=names)
    hint = f"here: an account has no {what} of its own; ask its people: q.account.leads.where(…).count()"
    assert check(asked, alone, "here") == [hint]
    both = attrs.evolve(names, other=alone)
    assert check(q.account.matches(q.touches("page.viewed") & asked), both, "here") == [hint]
    if what != "lead.seats":  # two fields of it
        assert check(asked, names, "here") == []
        assert check(q.account.leads.where(asked).count() >= 1, alone, "here") == []


def test_every_kind_of_clause_is_checked_against_what_is_declared() -> None:
    known = attrs.evolve(
        names,
        grades={"warm": (("A", 30.0), ("B", 0.0))},
        scales={"warm": Scale(), "cold": Scale()},
        scenarios=("welcome",),
        lead_fields={**LEAD_FIELDS, "born": FieldType.DATE, "seats": FieldType.INTEGER},
    )
    good = (
        (q.grade("warm") >= "B") & q.scenario("welcome").is_active() & q.lead.born.during(today())
        & (q.lead.born.age() >= 18) & q.lead.created_at.anniversary() & (q.lead.created_at.ago() > timedelta(days=1))
        & (q.time_in_segment("hot") > timedelta(days=1)) & (q.lead.seats >= 0.5 * q.account.employees)
        & q.held(q.lead.seats >= 3, at_least=timedelta(days=1)) & q.consent("x").given() & q.bucket("s", 0, 5)
        & q.lead.born.during(this_year(), starts=q.lead.seats)
    )  # fmt: skip
    assert check(good, known, "here") == []
    bad = (
        (q.grade("warm") >= "E") & (q.grade("cold") >= "A") & q.scenario("welcom").is_active()
        & q.lead.title.during(today()) & (q.lead.bron.age() >= 18) & (q.time_in_segment("hott") > timedelta(days=1))
        & (q.lead.seats >= 0.5 * q.account.name) & (q.lead.title == 2 * q.account.name)
        & (q.lead.born == q.lead.created_at) & q.lead.born.during(this_year(), starts=q.lead.title)
        & (q.lead.seats == q.account.employee) & q.held(q.lead.titel == "x", at_least=timedelta(days=1))
    )  # fmt: skip
    found = check(bad, known, "here")
    text = "\n".join(found)
    for part in (
        "unknown grade 'E'",
        "the score model 'cold' declares no grades",
        "unknown scenario 'welcom'; did you mean 'welcome'",
        "lead.title holds text; expected date or instant",
        "unknown lead field 'bron'; did you mean 'born'",
        "unknown segment 'hott'; did you mean 'hot'",
        "lead.seats holds integer and account.name text; compared they are never true",
        "account.name holds text; only numbers are multiplied",
        "lead.born holds date and lead.created_at instant; compared they are never true",
        "lead.title holds text; expected integer",
        "unknown account field 'employee'; did you mean 'employees'",
        "unknown lead field 'titel'; did you mean 'title'",
    ):
        assert part in text
    assert len(found) == 12


def test_what_is_asked_of_the_other_subject_is_checked_with_its_names() -> None:
    of_accounts = Names(subject=SubjectKind.ACCOUNT, stages=("open",), scales={"fit": Scale()})
    known = attrs.evolve(names, other=of_accounts)
    assert check(q.account.matches((q.stage == "open") & (q.score("fit") >= 1)), known, "here") == []
    (found,) = check(q.account.matches(q.score("warm") >= 1), known, "here")
    assert "unknown score model 'warm'" in found
    (alone,) = check(q.account.matches(q.score("fit") >= 1), names, "here")
    assert "nothing is known about the other subject" in alone


def test_a_circle_of_segments_is_told_once_with_its_path() -> None:
    (found,) = problems(q.segment("a") & q.segment("a"))
    assert found == "segment hot: segments go in a circle: a → b → c → a"


def test_size_and_depth_are_limited() -> None:
    deep = reduce(lambda inner, _: All((inner,)), range(16), q.everyone)
    assert problems(deep) == ["segment hot: nested 17 deep; at most 16"]
    wide = All(tuple(q.everyone for _ in range(500)))
    assert problems(wide) == ["segment hot: 501 nodes; at most 500"]


def test_the_built_in_fields_have_types() -> None:
    assert LEAD_FIELDS["email"] is FieldType.TEXT
    assert LEAD_FIELDS["tags"] is FieldType.TEXTS
    assert LEAD_FIELDS["created_at"] is FieldType.INSTANT
    assert ACCOUNT_FIELDS["employees"] is FieldType.INTEGER


def test_names_are_equal_by_value_so_that_a_caller_can_cache_by_them() -> None:
    assert Names(stages=("a",)) == Names(stages=("a",))
    assert hash(Names(scales={"m": Scale()})) == hash(Names(scales={"m": Scale()}))
