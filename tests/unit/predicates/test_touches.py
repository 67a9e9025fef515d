"""The clause about facts, narrowed step by step."""

from datetime import timedelta

import attrs
import pytest

from nurture.calendar import this_fiscal_year, today
from nurture.errors import DefinitionError
from nurture.model import Origin
from nurture.predicates import Quantifier, Touched, q

views = q.touches("page.viewed")
pricing = q.prop("path") == "/pricing"


def test_each_step_adds_its_part() -> None:
    clause = views.where(pricing).within(days=14).by(Origin.HOST).on("web").of_campaign("spring").including_suspect()
    assert clause == Touched(
        "page.viewed",
        having=pricing,
        window=timedelta(days=14),
        origin=Origin.HOST,
        channel="web",
        campaign="spring",
        suspect=True,
    )
    assert (clause.count() >= 3).n == 3
    assert q.touches("page.viewed", where=pricing) == views.where(pricing)


def test_several_conditions_add_up() -> None:
    other = q.prop("seconds") >= 10
    assert views.where(pricing).where(other).having == pricing & other


def test_never_last_and_count_say_what_is_asked() -> None:
    assert (views.never().op, views.never().n) == ("eq", 0)
    assert views.last(pricing).quantifier is Quantifier.LAST
    assert (views.count() != 2).op == "ne"


def test_windows_may_be_given_in_parts() -> None:
    assert views.within(weeks=1, days=1, hours=2, minutes=3).window == timedelta(days=8, hours=2, minutes=3)


def test_a_plain_clause_asks_about_each_fact() -> None:
    assert views.on("web").is_plain
    assert not views.within(days=1).is_plain
    assert not (views.count() >= 2).is_plain
    assert not views.last(pricing).is_plain
    assert not views.older_than(days=1).is_plain
    assert not views.during(today()).is_plain
    assert not views.newest_per("path").is_plain
    assert not views.first(pricing).is_plain
    assert q.touches("page.*").is_plain


def test_a_kind_may_be_a_prefix() -> None:
    pages = q.touches("page.*")
    assert (pages.prefix, pages.exact_kind, pages.seen_origin) == ("page.", None, None)
    assert (views.prefix, views.exact_kind) == (None, "page.viewed")
    assert (q.touches().prefix, q.touches().exact_kind, q.touches().seen_origin) == (None, None, Origin.LEAD)
    kinds = ("page.viewed", "page.viewed.twice", "pages.viewed")
    assert [pages.sees_kind(kind) for kind in kinds] == [True, True, False]
    assert [views.sees_kind(kind) for kind in kinds] == [True, False, False]
    assert q.touches().sees_kind("any.thing")


def test_amounts_say_what_is_counted_and_lengths_how_long() -> None:
    assert (views.sum("seconds") >= 30) == Touched("page.viewed", quantifier=Quantifier.SUM, of="seconds", n=30.0)
    assert (views.distinct("path") < 3).op == "lt"
    assert (views.since_last() >= timedelta(days=3)).length == timedelta(days=3)
    assert (30 <= views.sum("seconds")) == (views.sum("seconds") >= 30)  # noqa: SIM300  # the other way round
    assert (views.sum("seconds") == -0.0) == (views.sum("seconds") == 0)
    with pytest.raises(TypeError, match="no truth value"):
        bool(views.since_last())


def test_what_has_to_do_with_a_message_or_a_step() -> None:
    clicked = q.touches("email.clicked")
    assert clicked.of_message("hello") == clicked.where(q.prop("name") == "hello")
    of_step = clicked.where(q.prop("scenario") == "welcome").where(q.prop("step") == "2.then.0")
    assert clicked.of_step("welcome", "2.then.0") == of_step


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: views.within(days="7"), "days is a number, found str"),
        (lambda: views.within(days=True), "days is a number, found bool"),
        (lambda: views.within(days=-1), "above zero"),
        (lambda: views.within(), "above zero"),
        (lambda: views.within(timedelta(0)), "above zero"),
        (lambda: views.within(days=40_000), "at most 100 years"),
        (lambda: views.within(days=float("inf")), "finite length"),
        (lambda: views.within(days=float("nan")), "finite length"),
        (lambda: views.within(timedelta(1), days=1), "found both"),
        (lambda: views.within(14), "expected a timedelta"),
        (lambda: views.count() >= "3", "a whole number, found str"),
        (lambda: views.count() >= 2.0, "a whole number, found float"),
        (lambda: views.count() >= True, "a whole number, found bool"),
        (lambda: views.count() >= -1, "from 0 to"),
        (lambda: views.count() and True, "no truth value"),
        (lambda: q.touches("Viewed"), "expected a kind"),
        (lambda: views.by("robot"), "unknown origin 'robot'"),
        (lambda: views.on(""), "expected a name"),
        (lambda: views.where(q.lead.title == "CTO"), "only comparisons of q.prop"),
        (lambda: views.where(q.prop("path")), "found FieldTerm"),
        (lambda: views.last(q.stage == "new"), "found InStage"),
        (lambda: (views.count() >= 3).within(days=1), "comes before"),
        (lambda: views.never().where(pricing), "comes before"),
        (lambda: Touched("page.viewed", quantifier=Quantifier.LAST), "they need one"),
        (lambda: Touched("page.viewed", single_where=pricing), "belongs to first and last"),
        (lambda: Touched("page.viewed", quantifier=Quantifier.LAST, single_where=pricing, n=2), "takes no number"),
        (lambda: Touched("page.viewed", quantifier=Quantifier.FIRST, single_where=pricing, op="lt"), "no comparison"),
        (lambda: q.touches("*"), "expected a kind"),
        (lambda: q.touches("page*"), "expected a kind"),
        (lambda: q.touches(".*"), "expected a kind"),
        (lambda: q.touches("Page.*"), "expected a kind"),
        (lambda: views.older_than(days="7"), "older_than: days is a number, found str"),
        (lambda: views.older_than(timedelta(0)), "older_than: expected a time above zero"),
        (lambda: views.within(days=7).older_than(days=7), "leaves nothing"),
        (lambda: views.within(days=7).during(today()), "stands alone"),
        (lambda: views.during("today"), "expected a period"),
        (lambda: views.during(today(), starts=q.account.month), "begins in a month"),
        (lambda: views.during(this_fiscal_year(), starts="month"), "expected a field"),
        (lambda: views.newest_per(""), "expected a name"),
        (lambda: Touched("page.viewed", of="path"), "a property belongs to"),
        (lambda: Touched("page.viewed", quantifier=Quantifier.SUM), "they need one"),
        (lambda: Touched("page.viewed", length=timedelta(1)), "a length of time belongs to"),
        (lambda: Touched("page.viewed", starts=q.account.month.field_), "belongs to .during"),
        (lambda: views.trend() >= 2, r"needs \.within"),
        (lambda: attrs.evolve(views.within(days=7).trend() >= 2, older=timedelta(1)), r"needs \.within"),
        (lambda: views.within(days=7).trend() >= -1, "from 0 to"),
        (lambda: views.sum("seconds") >= "3", "a number, found str"),
        (lambda: views.sum("seconds") >= True, "a number, found bool"),
        (lambda: views.sum("seconds") >= 2e15, "from -1e"),
        (lambda: views.average("seconds") >= float("nan"), "from -1e"),
        (lambda: views.distinct("path") >= 1.5, "a whole number"),
        (lambda: views.since_last() >= 7, "expected a timedelta"),
        (lambda: Touched("page.viewed", quantifier=Quantifier.SINCE_LAST, op="eq", length=timedelta(1)), "comparison"),
    ],
)
def test_what_cannot_be_meant_is_refused_when_written(make, message: str) -> None:
    with pytest.raises((DefinitionError, TypeError, ValueError), match=message):
        make()
