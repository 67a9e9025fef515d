"""Caps, spacing, rates, warm-up and holdout as data: what may be written, what comes back, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time

import pytest

from nurture import (
    Cap,
    ContactPolicy,
    Holdout,
    Message,
    Program,
    Purpose,
    Rate,
    Scenario,
    Spacing,
    WarmUp,
    Window,
    civil,
    days,
    hours,
    q,
)
from nurture.calendar import PeriodUnit
from nurture.errors import DefinitionError
from nurture.program import CapScope, Longer
from nurture.steps import send

SILENT = q.touches("email.clicked").within(days=60).never()


def program(**policy: object) -> Program:
    return Program(
        messages=[Message("m", "marketing", "s", text="x"), Message("b", "marketing", "s", text="x", entity="brand")],
        scenarios=[Scenario("drip", q.touches("form.submitted"), [send("m"), send("b")])],
        policy=ContactPolicy(**policy),  # type: ignore[arg-type]
        zone="Asia/Tokyo",
    )


def test_one_by_itself_is_enough() -> None:
    policy = ContactPolicy(
        caps=Cap(2, days(7)), spacing=civil(business_days=1), rates=Rate(1, hours(1)),
        warm_ups=WarmUp(date(2026, 4, 1), [1]), only=Window(time(9), time(18)),
    )  # fmt: skip
    assert policy.caps == (Cap(2, days(7)),)
    assert policy.spacing == Spacing(civil(business_days=1))
    assert (len(policy.rates), len(policy.warm_ups), len(policy.only)) == (1, 1, 1)


def test_words_are_understood() -> None:
    cap = Cap(2, "week", scope="account", purposes="transactional")
    assert cap == Cap(2, PeriodUnit.WEEK, scope=CapScope.ACCOUNT, purposes=[Purpose.TRANSACTIONAL])
    assert Spacing(days(1), [(SILENT, days(2))]).grows == (Longer(SILENT, days(2)),)


def test_a_warm_up_says_how_many_go_on_a_day() -> None:
    warm_up = WarmUp(date(2026, 4, 1), [50, 100])
    assert [warm_up.on(date(2026, 4, day)) for day in (1, 2, 3)] == [50, 100, None]
    assert warm_up.on(date(2026, 3, 31)) is None


def test_it_goes_to_json_and_back() -> None:
    made = program(
        caps=[
            Cap(2, days(7)),
            Cap(1, "day", scope="all", channel="email", scenario="drip", purposes=list(Purpose)[:2]),
        ],
        spacing=Spacing(civil(business_days=1), [(SILENT, days(60))]),
        rates=[Rate(100, hours(1), domain="gmail.com"), Rate(9, hours(2), entity="brand")],
        warm_ups=[WarmUp(date(2026, 4, 1), [50, 100, 200])],
        holdout=Holdout(0.1, "2026"),
        only=[Window(time(9), time(18))],
        open_days_only=True,
    )
    assert Program.from_json(made.to_json()) == made
    assert Program.from_json(made.to_json()).hash == made.hash


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"caps": Cap(0, days(1))}, "policy.caps[0].count: expected a whole number of at least 1"),
        ({"caps": Cap(1, days(0))}, "policy.caps[0].per: expected a positive span"),
        ({"caps": Cap(1, "last_days")}, "policy.caps[0].per: unknown period 'last_days'"),
        ({"caps": Cap(1, days(1), channel="emial")}, "caps[0].channel: unknown channel 'emial'; did you mean 'email'"),
        ({"caps": Cap(1, days(1), scenario="dripp")}, "unknown scenario 'dripp'; did you mean 'drip'"),
        ({"caps": Cap(1, days(1), purposes=[])}, "policy.caps[0].purposes: expected 'marketing'"),
        ({"caps": Cap(1, days(1), purposes="internal")}, "policy.caps[0].purposes: expected 'marketing'"),
        ({"caps": [Cap(1, days(1)), Cap(2, days(1))]}, "policy.caps: 2 of them count the same messages"),
        ({"spacing": days(0)}, "policy.spacing.least: expected a positive time"),
        ({"spacing": civil(days=-1)}, "policy.spacing.least: expected a civil duration that leads forward"),
        ({"spacing": Spacing(days(3), [(SILENT, days(2))])}, "policy.spacing.grows[0].least: expected a longer time"),
        ({"spacing": Spacing(days(3), [(q.lead.titel == "a", days(9))])}, "policy.spacing.grows[0].where"),
        ({"rates": Rate(0, hours(1))}, "policy.rates[0].count"),
        ({"rates": Rate(1, hours(1), domain="a@b.c")}, "policy.rates[0].domain: expected a mail domain"),
        ({"rates": Rate(1, hours(1), entity="brnd")}, "unknown entity 'brnd'; did you mean 'brand'"),
        ({"rates": [Rate(1, hours(1)), Rate(2, hours(1))]}, "policy.rates: 2 of them"),
        ({"warm_ups": WarmUp(date(2026, 4, 1), [])}, "policy.warm_ups[0].a_day: expected how many"),
        ({"warm_ups": WarmUp(date(2026, 4, 1), [5, 0])}, "policy.warm_ups[0].a_day[1]: expected a whole number"),
        ({"holdout": Holdout(1)}, "policy.holdout.share: expected a share between 0 and 1"),
        ({"holdout": Holdout(0.5, "")}, "policy.holdout.name: expected a name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(policy: dict[str, object], said: str) -> None:
    with pytest.raises(DefinitionError) as error:
        program(**policy)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Cap(1, civil(weeks=1)), "policy.caps.per: expected a timedelta or a word such as 'day', found Civil"),  # type: ignore[arg-type]
        (lambda: Rate(1, "day"), "policy.rates.per: expected a timedelta, found str"),  # type: ignore[arg-type]
        (lambda: WarmUp(datetime(2026, 4, 1, tzinfo=UTC), [1]), "warm_ups.starts: expected a date, found datetime"),
    ],
)  # fmt: skip
def test_what_is_of_another_type_is_refused_where_it_is_written(make: Callable[[], object], said: str) -> None:
    with pytest.raises(DefinitionError) as error:
        make()
    assert said in str(error.value)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(DefinitionError) as error:
        program(caps=[Cap(0, days(0), channel="fax")], rates=Rate(0, hours(0)), holdout=Holdout(2))
    assert len(error.value.problems) == 6


def test_warm_ups_of_one_sender_may_not_overlap() -> None:
    first = WarmUp(date(2026, 4, 1), [1, 2, 3])
    for other, is_fine in (
        (WarmUp(date(2026, 4, 3), [9]), False),
        (WarmUp(date(2026, 4, 3), [9], entity="brand"), False),
        (WarmUp(date(2026, 4, 4), [9]), True),
        (WarmUp(date(2026, 3, 31), [9]), True),
    ):
        if is_fine:
            assert len(program(warm_ups=[first, other]).policy.warm_ups) == 2
            continue
        with pytest.raises(DefinitionError, match=r"policy\.warm_ups\[1\]: its days overlap"):
            program(warm_ups=[first, other])


@pytest.mark.parametrize(
    ("grows", "said"), [([SILENT], "expected pairs of a predicate"), ([("silent", days(9))], "spacing.grows")]
)
def test_what_grows_is_checked_when_it_is_written(grows: list[object], said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        Spacing(days(3), grows)  # type: ignore[arg-type]


def test_what_lets_nothing_go_is_warned_of() -> None:
    assert program(spacing=days(7)).warnings == ()
    (late,) = program(spacing=days(8)).warnings
    assert late.startswith("policy.spacing.least: it is longer than max_lateness")
    assert program(spacing=days(8), max_lateness=days(8)).warnings == ()
    (never,) = program(only=Window(time(9), time(18)), quiet=Window(time(8), time(20))).warnings
    assert never.startswith("policy.only: quiet hours leave nothing of it")
    assert program(only=Window(time(9), time(18)), quiet=Window(time(8), time(17))).warnings == ()
    assert program(only=Window(time(9), time(18)), quiet=Window(time(10), time(20))).warnings == ()
