"""A condition that must have held for a time: only a change that makes it false restarts the clock."""

from datetime import UTC, datetime, timedelta

import pytest

from nurture.decisions.folding import changed_properties
from nurture.model import Sight, SubjectId, Touchpoint, Value, by_kind
from nurture.predicates import Held, Names, compile_flip, compile_match, examine, q

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
gold = q.lead.plan == "gold"
week = q.held(gold, at_least=7 * DAY)
fresh = q.held(gold, less_than=7 * DAY)


def change(age: timedelta, revision: int, before: Value, after: Value, name: str = "plan", kind: str = "lead.changed"):
    return Touchpoint(
        id=f"f{revision}",
        subject=SubjectId("lead_1"),
        kind=kind,
        at=NOW - age,
        received_at=NOW,
        properties=changed_properties(revision, {name: before}, {name: after}),
    )


def sight(*changes: Touchpoint, plan: Value = "gold", created: timedelta | None = 100 * DAY) -> Sight:
    values: dict[str, Value] = {"plan": plan} | ({} if created is None else {"created_at": NOW - created})
    return Sight(lead=values, account=values, touches=by_kind(changes))


def check(predicate, seen: Sight, expected: bool, turns_in: timedelta | None) -> None:
    asks, flips = compile_match(predicate, Names()), compile_flip(predicate, Names())
    assert asks(seen, NOW) is expected
    flip = flips(seen, NOW)
    assert flip == (None if turns_in is None else NOW + turns_in)
    if flip is not None:
        assert asks(seen, flip - TICK) is expected
        assert asks(seen, flip) is not expected


@pytest.mark.parametrize(
    ("seen", "held", "turns_in"),
    [
        (sight(), True, None),
        (sight(plan="silver"), False, None),  # not true now: neither held nor fresh
        (sight(created=7 * DAY), True, None),
        (sight(created=7 * DAY - TICK), False, TICK),
        (sight(created=None), False, None),
        (sight(change(3 * DAY, 1, "silver", "gold")), False, 4 * DAY),
        (sight(change(7 * DAY, 1, "silver", "gold")), True, None),
        (sight(change(7 * DAY - TICK, 1, "silver", "gold")), False, TICK),
        (sight(change(3 * DAY, 1, None, "gold")), False, 4 * DAY),  # it was missing
        (sight(change(3 * DAY, 1, 5, 6, name="seats")), True, None),  # another field
        (sight(change(3 * DAY, 1, "gold", "gold")), True, None),  # no real change
        # away and back: the way back restarts it
        (sight(change(5 * DAY, 1, "gold", "silver"), change(2 * DAY, 2, "silver", "gold")), False, 5 * DAY),
        (sight(change(9 * DAY, 1, "gold", "silver"), change(8 * DAY, 2, "silver", "gold")), True, None),
        # the older break lies outside already, the newer one does not
        (sight(change(8 * DAY, 1, "gold", "silver"), change(6 * DAY, 2, "silver", "gold")), False, 1 * DAY),
    ],
)
def test_held_by_hand(seen: Sight, held: bool, turns_in: timedelta | None) -> None:
    check(week, seen, held, turns_in)
    is_gold = compile_match(gold, Names())(seen, NOW)
    check(fresh, seen, is_gold and not held, turns_in)
    check(~week, seen, not held, turns_in)


def test_a_change_that_leaves_it_true_does_not_restart_it() -> None:
    paying = q.held(q.lead.plan.is_in(["gold", "silver"]), at_least=7 * DAY)
    check(paying, sight(change(3 * DAY, 1, "silver", "gold")), True, None)
    check(paying, sight(change(3 * DAY, 1, "free", "gold")), False, 4 * DAY)


def test_two_fields_are_looked_at_together() -> None:
    both = q.held(gold & (q.lead.seats >= 5), at_least=7 * DAY)
    seen = sight(change(3 * DAY, 2, 4, 6, name="seats"), change(5 * DAY, 1, "silver", "gold"))
    seen.lead = {**seen.lead, "seats": 6}
    check(both, seen, False, 4 * DAY)


def test_changes_are_taken_back_by_revision_and_not_by_when_they_happened() -> None:
    # Revision 2 happened before revision 1 did: it was entered late.
    late = (change(2 * DAY, 1, "gold", "silver"), change(4 * DAY, 2, "silver", "gold"))
    asks = compile_match(week, Names())
    assert asks(sight(*late), NOW) is False
    # At five days from now the later one has left, too; until then both count.
    assert compile_flip(week, Names())(sight(*late), NOW) is not None


def test_the_values_before_a_change_are_those_that_its_revision_found() -> None:
    either = q.held(gold | (q.lead.seats >= 5), at_least=7 * DAY)
    # When the plan became gold (entered late, so revision 2), the seats had been given up already.
    seen = sight(change(2 * DAY, 1, 9, 1, name="seats"), change(4 * DAY, 2, "silver", "gold"))
    seen.lead = {**seen.lead, "seats": 1}
    asks, flips = compile_match(either, Names()), compile_flip(either, Names())
    assert asks(seen, NOW) is False
    assert flips(seen, NOW) == NOW + 3 * DAY


def test_a_change_that_is_still_to_come_is_not_looked_at_until_it_does() -> None:
    check(week, sight(change(-3 * DAY, 1, "silver", "gold")), True, 3 * DAY)


def test_the_values_of_an_account_are_looked_at_in_its_own_facts() -> None:
    of_account = Held(q.account.plan == "gold", "ge", 7 * DAY)
    check(of_account, sight(change(3 * DAY, 1, "silver", "gold", kind="account.changed")), False, 4 * DAY)
    check(of_account, sight(change(3 * DAY, 1, "silver", "gold")), True, None)


def test_examine_says_for_how_long_it_has_held() -> None:
    (part,) = examine(week, sight(change(3 * DAY, 1, "silver", "gold")), NOW, Names()).parts
    assert part.node == gold
    assert part.saw == "gold"
    for seen, seconds in (
        (sight(change(3 * DAY, 1, "silver", "gold")), 3 * 86_400.0),
        (sight(), 100 * 86_400.0),
        (sight(created=None), None),
        (sight(plan="silver"), None),
    ):
        assert examine(week, seen, NOW, Names()).saw == seconds
