"""One fact and then another, or none: on cases worked out by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from nurture.calendar import today
from nurture.errors import DefinitionError
from nurture.model import Sight, SubjectId, Touchpoint, by_kind
from nurture.predicates import Followed, Names, Predicate, compile_flip, compile_match, q

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAYS = timedelta(days=1)
forms, views = q.touches("form.submitted"), q.touches("page.viewed")
then = forms.then(views, within=7 * DAYS)
then_no = forms.then_no(views, within=7 * DAYS)


def form(ago: timedelta, **more) -> Touchpoint:
    return _fact("form.submitted", ago, **more)


def view(ago: timedelta, **more) -> Touchpoint:
    return _fact("page.viewed", ago, **more)


def _fact(kind: str, ago: timedelta, **more) -> Touchpoint:
    at = NOW - ago
    return Touchpoint(id=f"{kind}_{at}", subject=SubjectId("lead_1"), kind=kind, at=at, received_at=NOW, **more)


def holds(predicate: Predicate, *facts: Touchpoint) -> bool:
    return compile_match(predicate, Names())(Sight(touches=by_kind(facts)), NOW)


def flip(predicate: Predicate, *facts: Touchpoint) -> timedelta | None:
    asks, sight = compile_match(predicate, Names()), Sight(touches=by_kind(facts))
    found = compile_flip(predicate, Names())(sight, NOW)
    if found is None:
        return None
    assert asks(sight, found - TICK) is asks(sight, NOW)
    assert asks(sight, found) is not asks(sight, NOW)
    return found - NOW


@pytest.mark.parametrize(
    ("later", "follows"), [(-TICK, False), (0 * DAYS, False), (TICK, True), (7 * DAYS, True), (7 * DAYS + TICK, False)]
)
def test_what_follows_comes_after_and_in_time(later: timedelta, follows: bool) -> None:
    facts = (form(20 * DAYS), view(20 * DAYS - later))
    assert holds(then, *facts) is follows
    assert holds(then_no, *facts) is not follows


def test_one_that_was_followed_is_enough_and_so_is_one_that_was_not() -> None:
    facts = (form(30 * DAYS), form(20 * DAYS), view(18 * DAYS))
    assert holds(then, *facts)
    assert holds(then_no, *facts)
    assert not holds(then)
    assert not holds(then_no)


def test_that_nothing_followed_is_known_when_the_time_is_over() -> None:
    assert not holds(then_no, form(7 * DAYS - TICK))
    assert holds(then_no, form(7 * DAYS))
    assert flip(then_no, form(2 * DAYS)) == 5 * DAYS
    assert flip(then_no, form(8 * DAYS)) is None
    assert flip(then_no, form(2 * DAYS), view(-1 * DAYS)) is None  # it is known to come in time
    assert flip(then_no, form(2 * DAYS), view(-6 * DAYS)) == 5 * DAYS
    assert flip(then_no, form(2 * DAYS), view(2 * DAYS)) == 5 * DAYS  # at the same instant is not after


def test_what_is_still_to_come_follows_when_it_has_come() -> None:
    assert not holds(then, form(2 * DAYS), view(-1 * DAYS))
    assert flip(then, form(2 * DAYS), view(-1 * DAYS)) == 1 * DAYS
    assert flip(then, form(-1 * DAYS), view(-2 * DAYS)) == 2 * DAYS
    assert flip(then, form(-1 * DAYS), view(-1 * DAYS)) is None
    assert flip(then, form(2 * DAYS)) is None
    assert flip(then, form(2 * DAYS), view(1 * DAYS)) is None  # for ever


def test_a_window_bounds_the_first_fact_alone() -> None:
    recent = forms.within(days=10).then(views, within=7 * DAYS)
    assert holds(recent, form(10 * DAYS - TICK), view(5 * DAYS))
    assert not holds(recent, form(10 * DAYS), view(5 * DAYS))
    assert flip(recent, form(8 * DAYS), view(5 * DAYS)) == 2 * DAYS
    gone = forms.within(days=10).then_no(views, within=7 * DAYS)
    assert flip(gone, form(2 * DAYS)) == 5 * DAYS
    assert flip(gone, form(8 * DAYS)) == 2 * DAYS
    old = forms.older_than(days=5).then(views, within=7 * DAYS)
    assert flip(old, form(2 * DAYS), view(1 * DAYS)) == 3 * DAYS


def test_both_sides_select_their_facts() -> None:
    pricing = views.where(q.prop("path") == "/pricing")
    clause = forms.on("web").then(pricing, within=7 * DAYS)
    facts = [form(5 * DAYS, channel="web"), view(4 * DAYS, properties={"path": "/pricing"})]
    assert holds(clause, *facts)
    assert not holds(clause, form(5 * DAYS), facts[1])
    assert not holds(clause, facts[0], view(4 * DAYS))
    assert not holds(clause, facts[0], view(4 * DAYS, properties={"path": "/pricing"}, suspect=True))


def test_a_kind_may_follow_itself_and_a_prefix_any_of_its_kinds() -> None:
    again = views.then(views, within=1 * DAYS)
    assert not holds(again, view(3 * DAYS))
    assert holds(again, view(3 * DAYS), view(2 * DAYS))
    assert holds(q.touches("form.*").then(q.touches("page.*"), within=DAYS), form(3 * DAYS), view(2 * DAYS))
    assert holds(q.touches().then(q.touches(), within=DAYS), form(3 * DAYS), view(2 * DAYS))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: (forms.count() >= 2).then(views, within=DAYS), "first: expected"),
        (lambda: forms.then(views.count() >= 2, within=DAYS), "then: expected"),
        (lambda: forms.then(q.stage == "new", within=DAYS), "then: expected"),
        (lambda: forms.then(views.within(days=1), within=DAYS), "'within' bounds it"),
        (lambda: forms.then(views.older_than(days=1), within=DAYS), "'within' bounds it"),
        (lambda: forms.newest_per("f").then(views, within=DAYS), "first: a sequence takes no"),
        (lambda: forms.then(views.during(today()), within=DAYS), "then: a sequence takes no"),
        (lambda: forms.then(views, within=timedelta(0)), "above zero"),
        (lambda: forms.then(views, within=7), "expected a timedelta"),
        (lambda: Followed(forms, views, DAYS, absent=1), "true or false"),
    ],
)
def test_what_cannot_be_meant_is_refused(make, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        make()
