"""Messages that were asked for without a run: planned once, like those of runs; or refused by a fact."""

from __future__ import annotations

import pytest

from nurture import Account, ContactPolicy, Message, Program, days
from nurture.model import (
    AccountId,
    EffectKind,
    EffectState,
    Fact,
    Origin,
    Purpose,
    Repeat,
    SubjectId,
    Value,
    effect_key,
)
from tests.property.ledger import Ledger, fact_of
from tests.strategies import MICROSECOND, START

PROGRAM = Program(
    messages=[
        Message("news", "marketing", "News", "News"),
        Message("owner", "internal", "Look", "Look"),
    ],
    policy=ContactPolicy(max_lateness=days(2)),
)


def asked(ledger: Ledger, **said: Value) -> Ledger:
    """A request for a message, and the decision about it."""
    fact = fact_of("1", Fact.MESSAGE_REQUESTED, START, START, dict(said), Origin.ENGINE, ledger.subject.id)
    ledger.receive(fact)
    ledger.tick(START + MICROSECOND)
    return ledger


def refusals(ledger: Ledger) -> list[dict[str, Value]]:
    return [dict(one.properties) for one in ledger.facts.values() if one.kind == Fact.MESSAGE_REFUSED]


def test_a_request_plans_one_message_with_all_that_it_says() -> None:
    said: dict[str, Value] = {"params.no": 7, "params.plan.name": "pro", "priority": 3, "content": "cont_1"}
    more: dict[str, Value] = {"occasion": "cast_1", "scenario": "spring", "step": "2", "repeat": "at_least_once"}
    ledger = asked(Ledger(PROGRAM), message="news", not_after=START + days(1), **said, **more)
    (effect,) = ledger.effects.values()
    request = next(one for one in ledger.facts.values() if one.kind == Fact.MESSAGE_REQUESTED)
    assert effect.id == effect_key("default", request.id, "", 0)
    assert (effect.kind, effect.name, effect.purpose) == (EffectKind.MESSAGE, "news", Purpose.MARKETING)
    assert (effect.enrollment, effect.scenario, effect.step) == ("cast_1", "spring", "2")
    assert effect.params == {"no": 7, "plan.name": "pro"}
    assert (effect.repeat, effect.priority, effect.content) == (Repeat.AT_LEAST_ONCE, 3, "cont_1")
    assert (effect.planned_at, effect.due_at, effect.expires_at) == (START, START, START + days(1))
    assert effect.state is EffectState.PLANNED
    assert refusals(ledger) == []
    noted = [(note.outcome, note.saw["request"]) for one in ledger.records.values() for note in one.notes]
    assert noted == [("planned", request.id)]


def test_what_is_not_said_is_the_policys_and_the_usual() -> None:
    (effect,) = asked(Ledger(PROGRAM), message="news").effects.values()
    assert effect.expires_at == START + days(2)
    assert (effect.repeat, effect.priority, effect.scenario, effect.step) == (Repeat.AT_MOST_ONCE, 0, "", "")


@pytest.mark.parametrize(
    ("name", "reason"), [("nwes", "unknown_message"), ("owner", "internal_message"), ("", "unknown_message")]
)
def test_a_message_that_cannot_be_planned_is_refused_by_a_fact(name: str, reason: str) -> None:
    ledger = asked(Ledger(PROGRAM), message=name, scenario="spring")
    assert ledger.effects == {}
    (told,) = refusals(ledger)
    assert (told["message"], told["reason"], told["scenario"]) == (name, reason, "spring")
    assert ledger.standing is not None
    assert ledger.standing.dead is None


def test_an_account_reads_no_mail() -> None:
    account = Account(id=AccountId(SubjectId("acct_1")), name="Mihon", created_at=START)
    (told,) = refusals(asked(Ledger(PROGRAM, account=account), message="news"))
    assert told["reason"] == "not_a_lead"


def test_two_occasions_are_two_messages() -> None:
    ledger = Ledger(PROGRAM)
    for number in range(2):
        said: dict[str, Value] = {"message": "news"}
        ledger.receive(fact_of(str(number), Fact.MESSAGE_REQUESTED, START, START, said, Origin.HOST))
    ledger.tick(START + MICROSECOND)
    assert len(ledger.effects) == 2
