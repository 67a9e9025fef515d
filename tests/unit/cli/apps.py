"""An app such as a host would write, found by `--app`, with something of everything that operators look at."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from types import ModuleType
from typing import TYPE_CHECKING

import attrs
import pytest

from nurture import Basis, Lead, Message, Program, Scenario, minutes, q
from nurture.cli import main
from nurture.model import Changes, EffectState, Standing
from nurture.steps import send, wait
from nurture.testing import FakeSender, Lost
from tests.stores import T0, House, MakeStore

if TYPE_CHECKING:
    from nurture.model import Effect

MODULE = "nurture_test_app"
APP = f"{MODULE}:crm"
PROGRAM = Program(
    messages=[Message("hello", "marketing", "Hello", "Hello"), Message("tips", "marketing", "Tips", "Tips")],
    scenarios=[
        Scenario("hello", q.touches("hello.wanted"), [send("hello")], reentry="always"),
        Scenario("slow", q.touches("tips.wanted"), [wait(minutes=30), send("tips")], reentry="always"),
    ],
)


class App(House):
    """A house that the command line finds under `APP`, for as long as the test runs."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, make: MakeStore, program: Program = PROGRAM, **given: object
    ) -> None:
        self.sender = FakeSender()
        super().__init__(program, make, **{"senders": {"email": self.sender}, **given})  # type: ignore[arg-type]
        self.module = ModuleType(MODULE)
        self.module.crm = self.crm  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, MODULE, self.module)

    def a_lead(self, number: int = 0, kind: str = "hello.wanted") -> Lead:
        lead = self.crm.capture(email=f"a{number}@example.com", consent=Basis.CONSENT)
        self.crm.record(lead.id, kind)
        return lead

    def in_doubt(self, number: int = 0, *, delivered: bool = False) -> Effect:
        """An effect of which nobody knows whether it went out."""
        self.sender.then(Lost(delivered=delivered))
        lead = self.a_lead(number)
        self.tick_at(self.clock.now + minutes(1))
        effect = self.crm.effects(lead.id)[0]
        assert effect.state is EffectState.UNKNOWN
        return effect

    def troubled(self, number: int = 1, *, dead: str | None = None, failures: int = 0) -> Lead:
        """A lead whose deciding failed; as the runtime writes it down."""
        lead = self.a_lead(number)
        self.tick_at(self.clock.now + minutes(1))
        standing = self.crm.standing(lead.id)
        assert standing is not None
        due_at = None if dead else self.clock.now + minutes(2)
        worse = attrs.evolve(standing, version=standing.version + 1, dead=dead, failures=failures, due_at=due_at)
        with self.storage.begin() as unit:
            assert not unit.put({lead.id: Changes(records=(worse,))})
        return lead

    def standing(self, lead: Lead) -> Standing:
        found = self.crm.standing(lead.id)
        assert found is not None
        return found


@attrs.frozen
class Said:
    """What a command said, and how it ended."""

    exit: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, object]:
        return json.loads(self.out)


def run(capsys: pytest.CaptureFixture[str], *argv: str, environment: dict[str, str] | None = None) -> Said:
    """Carry out one command in this process."""
    capsys.readouterr()
    exit_ = main(argv, environment or {})
    said = capsys.readouterr()
    return Said(exit_, said.out, said.err)


__all__ = ["APP", "MODULE", "PROGRAM", "T0", "App", "Said", "run", "timedelta"]
