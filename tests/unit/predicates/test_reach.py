"""What a predicate looks at."""

from datetime import timedelta

import pytest

from nurture.errors import UnknownNameError
from nurture.model import Origin
from nurture.predicates import Names, Need, Reach, q, reach_of

views = q.touches("page.viewed").including_suspect()
fortnight = timedelta(days=14)


def reach(predicate, **more) -> Reach:
    return reach_of(predicate, Names(**more))


def need(predicate) -> Need | None:
    return reach(predicate).kinds["page.viewed"]


def test_every_clause_is_found() -> None:
    found = reach(
        (q.lead.title == "x") & ~(q.account.industry == "y") & (q.stage == "new") & (q.score("warm") >= 3)
        | q.touches("page.viewed").where(q.prop("path") == "/")
    )
    assert found == Reach(
        kinds={"page.viewed": Need()},
        lead_fields=frozenset({"title"}),
        account_fields=frozenset({"industry"}),
        stage=True,
        scores=frozenset({"warm"}),
    )
    assert reach(q.time_in_stage >= fortnight).stage
    assert reach(q.everyone) == Reach.nothing()


@pytest.mark.parametrize(
    ("predicate", "newest"),
    [
        (views, 1),
        (views.never(), 1),
        (views.count() >= 3, 3),
        (views.count() < 3, 3),
        (views.count() > 3, 4),
        (views.count() <= 3, 4),
        (views.count() == 3, 4),
        (views.last(q.prop("p") == 1), 1),
        (q.touches("page.viewed"), None),  # the newest may be suspect
        (views.where(q.prop("p") == 1), None),
        (views.by(Origin.LEAD), None),
        (views.on("web"), None),
        (views.of_campaign("spring"), None),
    ],
)
def test_the_newest_bound_a_count_only_when_none_of_them_is_skipped(predicate, newest: int | None) -> None:
    assert need(predicate) == Need(None, newest)


def test_a_clause_without_a_kind_looks_at_every_kind() -> None:
    found = reach(q.touches().within(fortnight))
    assert found.any_kind == Need(fortnight, None)
    assert found.touches_kind("whatever.happened")
    assert not reach(views).touches_kind("whatever.happened")


def test_a_union_keeps_the_wider_need() -> None:
    assert need((views.count() >= 3) & views.within(fortnight)) == Need(None, 3)
    assert Need(fortnight, 2) | Need(timedelta(days=30), 1) == Need(timedelta(days=30), 2)
    assert Need(fortnight, 2) | Need(None, None) == Need()
    assert Need(fortnight, 2) | Need.nothing() == Need(fortnight, 2)
    both = reach(q.touches().within(fortnight) | views)
    assert both.need("page.viewed") == Need()
    assert both.need("email.sent") == Need(fortnight)
    assert Reach.nothing() | both == both | Reach.nothing() == both


def test_segments_are_followed_once_however_often_they_are_named() -> None:
    segments = {"hot": views & q.segment("warm"), "warm": q.lead.title == "x"}
    found = reach(q.segment("hot") | q.segment("warm"), segments=segments)
    assert found.lead_fields == {"title"}
    assert found.touches_kind("page.viewed")
    with pytest.raises(UnknownNameError):
        reach(q.segment("cold"), segments=segments)


def test_what_feeds_a_score_can_change_the_answer_but_is_not_loaded() -> None:
    fed = Reach(kinds={"form.submitted": Need()}, lead_fields=frozenset({"title"}))
    found = reach(q.score("warm") >= 3, score_reach={"warm": fed})
    assert found.touches_kind("form.submitted")
    assert found.need("form.submitted") is None
    assert found.lead_fields == {"title"}
    also_asked = reach((q.score("warm") >= 3) & q.touches("form.submitted"), score_reach={"warm": fed})
    assert also_asked.need("form.submitted") == Need()


def test_what_a_run_began_with_is_named_and_loads_nothing() -> None:
    assert reach(q.entry.rank == "A") == Reach(entry=frozenset({"rank"}))
    assert reach(q.lead.seats >= q.entry.seats) == Reach(lead_fields=frozenset({"seats"}), entry=frozenset({"seats"}))
    ahead = reach(q.entry.campaign.starts_at.ahead() <= fortnight)
    assert ahead == Reach(entry=frozenset({"campaign.starts_at"})) | Reach(
        lead_fields=frozenset({"zone"}), account_fields=frozenset({"zone"})
    )
    assert not any(found.kinds or found.prefixes for found in (reach(q.entry.rank == "A"), ahead))


def test_a_clause_about_facts_of_the_same_thing_names_it_too() -> None:
    same = q.prop("seminar") == q.entry.seminar
    known = frozenset({"seminar"})
    assert reach(views.where(same)) == Reach(kinds={"page.viewed": Need()}, entry=known)
    assert reach(views.last(same)).entry == reach(views.first(same)).entry == known
    assert reach(q.touches("page.*").where(same)) == Reach(any_kind=Need(), prefixes=frozenset({"page."}), entry=known)
    assert reach(q.touches("a.b").then_no(views.where(same), within=fortnight)).entry == known


def test_entries_unite_and_tell_reaches_apart() -> None:
    one, other = Reach(entry=frozenset({"a"})), Reach(entry=frozenset({"b"}), stage=True)
    assert one | other == Reach(entry=frozenset({"a", "b"}), stage=True)
    assert one != Reach.nothing() != other
    assert (one | Reach.nothing()) == one
    assert one.unloaded() == one
