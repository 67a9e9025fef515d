"""Sending the first message that fits: which one is chosen, and what happens when none is left."""

from __future__ import annotations

import pytest

from nurture import Message, Program, Scenario, q
from nurture.errors import DefinitionError
from nurture.predicates import Predicate
from nurture.steps import Go, SendFirst, Stay, send_first, tag
from tests.unit.steps.scenes import GivenScene

MAKER = q.account.industry == "製造業"


def read(name: str, channel: str = "email") -> Predicate:
    return q.touches(f"{channel}.sent").where(q.prop("name") == name) | q.touches(f"{channel}.unknown").where(
        q.prop("name") == name
    )


STEP = send_first(("a", MAKER), "b", "c", otherwise=[tag("all read")])


def chosen(step: SendFirst, *had: str, is_maker: bool = True, under_way: tuple[str, ...] = ()) -> str:
    answers = {MAKER: is_maker} | {read(name): name in had for name in ("a", "b", "c")}
    move = step.arrive(GivenScene(answers=answers, under_way=under_way))
    if isinstance(move, Go):
        return f"→ {move.edge}"
    assert isinstance(move, Stay)
    assert move.effect is not None
    return move.effect.name


def test_the_first_that_fits_and_was_not_sent_is_chosen() -> None:
    assert chosen(STEP) == "a"
    assert chosen(STEP, is_maker=False) == "b"
    assert chosen(STEP, "a") == "b"
    assert chosen(STEP, "a", "b") == "c"
    assert chosen(STEP, "b", is_maker=False) == "c"
    assert chosen(STEP, "a", "b", "c") == "→ none"


def test_one_that_another_run_is_sending_counts_as_sent() -> None:
    assert chosen(STEP, under_way=("a",)) == "b"
    assert chosen(STEP, "b", under_way=("a", "c")) == "→ none"


def test_without_unread_what_was_sent_does_not_matter() -> None:
    step = send_first(("a", MAKER), "b", unread=False)
    assert chosen(step, "a", "b", under_way=("a",)) == "a"
    assert [place for place, _ in step.predicates()] == ["offers.0.where"]


def test_when_none_is_left_it_goes_on_unless_there_are_steps() -> None:
    assert chosen(send_first("a"), "a") == "→ next"
    assert set(STEP.edges()) == {"next", "none"}
    assert set(send_first("a", otherwise=[tag("x")], if_failed=[tag("y")]).edges()) == {"next", "failed", "none"}
    assert send_first("a").edges() == {}


def test_only_one_is_sent() -> None:
    assert STEP.resume(GivenScene(outcome="failed", turns=1)) == Go(saw={"outcome": "failed"})


def test_it_asks_about_the_channel_on_which_it_sends() -> None:
    (_, asked), *_ = send_first("a", channel="line").predicates()
    assert asked == read("a", "line")


def test_what_is_wrong_is_said() -> None:
    assert list(send_first().problems()) == ["offers: expected at least one message"]
    assert list(send_first("a", "a").problems())
    assert not list(send_first(("a", MAKER), ("a", ~MAKER), unread=False).problems())
    assert list(send_first("a", channel="E-Mail").problems())


def test_the_messages_are_of_one_channel() -> None:
    messages = [Message("a", "marketing", "s", "t"), Message("b", "marketing", "s", "t", channel="sms")]
    with pytest.raises(DefinitionError, match=r"scenarios\.s\.steps\.0: message 'b' goes out on the channel 'sms'"):
        Program(messages=messages, scenarios=[Scenario("s", None, [send_first("a", "b")])])
