"""Histories of one lead that are made from a seed, and what was decided about them, told in a few digests.

What is made from a seed here must never change, or the recorded digests mean nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Final

import attrs

from nurture import Program
from nurture.model import Fact, Switch, Value
from tests.property.ledger import Ledger, live
from tests.property.switched import SwitchedLedger, Turn
from tests.strategies import START, Happening

RECORDED: Final = Path(__file__).parent / "histories.json"
_KINDS: Final = ("form.submitted", "page.viewed", "email.clicked", "purchase.made")
_STAGES: Final = ("new", "mql", "customer")


def history_of(seed: int) -> tuple[list[Happening], list[Turn]]:
    """What happens to the lead in forty days, and how its scenarios are switched meanwhile."""
    dice = Random(seed)
    some = sorted((_happening(dice) for _ in range(dice.randint(5, 25))), key=lambda one: one.received_at)
    return some, _turns(dice) if dice.random() < 0.4 else []


def _happening(dice: Random) -> Happening:
    at, text, lot = _instant(dice), dice.choice("abc"), dice.random()
    if lot < 0.1:
        return Happening(at, "host changes title", at, {"title": text})
    if lot < 0.15:
        return Happening(at, "host changes grp", at, {"grp": text})
    if lot < 0.2:
        return Happening(at, Fact.STAGE_REQUESTED, at, {"stage": dice.choice(_STAGES), "reason": text})
    if lot < 0.3:
        return Happening(at, Fact.ENROLLMENT_REQUESTED, at, {"scenario": f"c{dice.randint(0, 2)}", "key": ""})
    if lot < 0.33:
        return Happening(at, Fact.WITHDRAWAL_REQUESTED, at, {"scenario": "c0", "key": "", "reason": ""})
    late = timedelta(hours=dice.choice([0, 0, 0, 1, 30]))
    path: dict[str, Value] = {"path": f"/{text}"} if lot < 0.8 else {}
    return Happening(at, dice.choice(_KINDS), at - late, path)


def _instant(dice: Random) -> datetime:
    return START + timedelta(hours=dice.randint(0, 960), microseconds=dice.choice([0, 0, dice.randint(0, 10**9)]))


def _turns(dice: Random) -> list[Turn]:
    turns: dict[datetime, Mapping[str, Switch]] = {}
    switches: dict[str, Switch] = {}
    for at in sorted(_instant(dice) for _ in range(dice.randint(1, 6))):
        name, switch = f"c{dice.randint(0, 2)}", dice.choice([*Switch, None, None, None])
        switches = {one: word for one, word in switches.items() if one != name}
        if switch is not None:
            switches[name] = switch
        turns[at] = dict(switches)
    return list(turns.items())


def decided(program: Program, seed: int) -> dict[str, str]:
    """What is decided about a history, as a digest for each part."""
    history, turns = history_of(seed)
    ledger, _ = live(program, history, ledger=SwitchedLedger(program, turns))
    return {part: blake2b(text.encode(), digest_size=6).hexdigest() for part, text in told(ledger).items()}


def told(ledger: Ledger) -> dict[str, str]:
    """The outcome in words: nothing that depends on the release or on the time-zone database."""
    standing = ledger.standing
    assert standing is not None
    runs = [
        (
            one.scenario,
            one.run_key,
            one.state,
            one.reason,
            str(one.until),
            [(v.step, str(v.at), v.edge) for v in one.path],
        )
        for one in sorted(standing.enrollments, key=lambda one: (one.started_at, one.scenario, one.run_key))
    ]
    where = (standing.stage, str(standing.stage_since), sorted(standing.memberships), sorted(standing.entered), runs)
    above = {name: one.above for name, one in sorted(standing.scores.items())}
    effects = [
        (one.scenario, one.step, one.kind, one.name, one.state, one.reason, str(one.planned_at), str(one.expires_at))
        for one in sorted(ledger.effects.values(), key=lambda one: (one.planned_at, one.scenario, one.step, one.id))
    ]
    kinds = [(str(one.at), one.kind) for one in sorted(ledger.facts.values(), key=lambda one: (one.at, one.kind))]
    lead = sorted((name, str(value)) for name, value in attrs.evolve(ledger.lead, version=1).values.items())
    return {
        "standing": json.dumps([where, above, standing.dead]),
        "effects": json.dumps(effects),
        "facts": json.dumps(kinds),
        "lead": json.dumps(lead),
    }
