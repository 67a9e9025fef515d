"""Posting to an endpoint: an action by its name, nothing of the address is in the program."""

from __future__ import annotations

import pytest

from nurture import Program, Scenario, q
from nurture.errors import DefinitionError
from nurture.model import EffectKind, Repeat
from nurture.steps import EffectOrder, Stay, webhook
from tests.unit.steps.scenes import GivenScene


def test_it_asks_for_the_action_with_its_payload() -> None:
    step = webhook("erp", {"event": "mql", "title": q.lead.title})
    order = EffectOrder(EffectKind.ACTION, "erp", {"event": "mql", "title": "CTO"}, Repeat.AT_LEAST_ONCE)
    assert step.arrive(GivenScene(values={"title": "CTO"})) == Stay(effect=order)
    assert step.sentence() == "post to 'erp'"


def test_the_endpoint_is_one_of_the_programs_actions() -> None:
    assert Program(actions=["erp"], scenarios=[Scenario("s", None, [webhook("erp")])])
    with pytest.raises(DefinitionError, match="unknown action 'epr'; did you mean 'erp'"):
        Program(actions=["erp"], scenarios=[Scenario("s", None, [webhook("epr")])])
