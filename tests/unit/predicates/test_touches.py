"""The clause about facts, narrowed step by step."""

from datetime import timedelta

import pytest

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
        (lambda: views.by("robot"), "is not a valid Origin"),
        (lambda: views.on(""), "expected a name"),
        (lambda: views.where(q.lead.title == "CTO"), "only comparisons of q.prop"),
        (lambda: views.where(q.prop("path")), "found FieldTerm"),
        (lambda: views.last(q.stage == "new"), "found InStage"),
        (lambda: (views.count() >= 3).within(days=1), "comes before"),
        (lambda: views.never().where(pricing), "comes before"),
        (lambda: Touched("page.viewed", quantifier=Quantifier.LAST), "needs one"),
        (lambda: Touched("page.viewed", last_where=pricing), "belongs to the quantifier"),
        (lambda: Touched("page.viewed", quantifier=Quantifier.LAST, last_where=pricing, n=2), "takes no count"),
    ],
)
def test_what_cannot_be_meant_is_refused_when_written(make, message: str) -> None:
    with pytest.raises((DefinitionError, TypeError, ValueError), match=message):
        make()
