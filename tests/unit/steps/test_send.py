"""Sending, with other channels to fall back to: all of them are one step."""

from __future__ import annotations

import pytest

from nurture.model import EffectKind, Repeat
from nurture.steps import EffectOrder, Go, Stay, send, tag
from tests.unit.steps.scenes import GivenScene

STEP = send("mail", fallback=["sms", "line"], params={"n": 1}, if_failed=[tag("f")], if_withheld=[tag("w")])


def order(name: str) -> Stay:
    return Stay(effect=EffectOrder(EffectKind.MESSAGE, name, {"n": 1}, Repeat.AT_MOST_ONCE))


def test_the_messages_are_tried_in_turn() -> None:
    assert STEP.tries() == 3
    assert STEP.arrive(GivenScene()) == order("mail")
    assert STEP.resume(GivenScene(outcome="withheld", reason="no_address", turns=1)) == order("sms")
    assert STEP.resume(GivenScene(outcome="failed", reason="refused", turns=2)) == order("line")
    last = GivenScene(outcome="withheld", reason="no_consent", turns=3)
    assert STEP.resume(last) == Go("withheld", saw={"outcome": "withheld", "reason": "no_consent"})


def test_the_first_that_goes_is_the_last_one() -> None:
    for turns in (1, 2, 3):
        assert STEP.resume(GivenScene(outcome="sent", turns=turns)) == Go(saw={"outcome": "sent"})


@pytest.mark.parametrize(
    "reason", ["no_address", "no_consent", "unsubscribed", "consent_expired", "not_confirmed", "bounced", "complained"]
)
def test_it_falls_back_where_the_channel_is_what_is_in_the_way(reason: str) -> None:
    assert STEP.resume(GivenScene(outcome="withheld", reason=reason, turns=1)) == order("sms")


@pytest.mark.parametrize(
    ("outcome", "reason", "edge"),
    [
        ("unknown", "lost", "failed"),  # it may have gone
        ("withheld", "too_late", "withheld"),
        ("withheld", "too_late_quiet_hours", "withheld"),
        ("withheld", "too_late_hold_deal", "withheld"),
        ("withheld", "not_approved", "withheld"),
        ("withheld", "message_changed", "withheld"),
        ("withheld", "holdout", "withheld"),
    ],
)
def test_it_does_not_fall_back_where_another_channel_mends_nothing(outcome: str, reason: str, edge: str) -> None:
    move = STEP.resume(GivenScene(outcome=outcome, reason=reason, turns=1))
    assert move == Go(edge, saw={"outcome": outcome, "reason": reason})


def test_every_message_is_mentioned_and_stands_once() -> None:
    assert list(STEP.mentions()) == [("message", "mail"), ("message", "sms"), ("message", "line")]
    assert list(send("mail", fallback=["sms", "mail"]).problems()) == ["fallback: a message stands twice"]
    assert STEP.sentence() == "send 'mail', else 'sms', else 'line'"
    assert STEP.sentence("ja") == "「mail」、届かなければ「sms」、届かなければ「line」を送る"
