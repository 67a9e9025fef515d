"""A step kind is one file and one line in `STEPS`: codec, checks, flow, sentence and running it follow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NEW_FILE = '''"""The step that counts down: a sample for the architecture test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import ClassVar

import attrs

from nurture.steps.step import Go, Move, Scene, Stay, Step


@attrs.frozen(slots=True)
class Pause(Step):
    """Wait some hours, then go by one of two ways."""

    kind: ClassVar[str] = "pause"

    hours: int
    long: tuple[Step, ...] = ()
    short: tuple[Step, ...] = ()

    def arrive(self, scene: Scene) -> Move:
        return self.resume(scene)

    def resume(self, scene: Scene) -> Move:
        until = scene.later(timedelta(hours=self.hours))
        return Go("long" if self.hours > 5 else "short") if until <= scene.now else Stay(until=until)

    def edges(self) -> Mapping[str, Sequence[Step]]:
        return {"long": self.long, "short": self.short}

    def problems(self) -> Iterable[str]:
        if self.hours < 0:
            yield "a pause cannot be negative"

    def sentence(self, lang: str = "en") -> str:
        return f"pause {self.hours} hours"
'''

SCRIPT = """
from datetime import UTC, datetime, timedelta
from nurture import Nurture, Program, Scenario, q
from nurture.errors import DefinitionError
from nurture.simulation import VirtualClock
from nurture.steps import tag
from nurture.steps.pause import Pause
from nurture.storage import MemoryStorage

steps = [Pause(6, long=(tag("patient"),), short=(tag("hasty"),)), tag("done")]
program = Program(scenarios=[Scenario("s", q.touches("form.submitted"), steps)])
again = Program.from_json(program.to_json())                                   # codec, both ways
assert again == program and again.hash == program.hash
assert {"step": "pause", "hours": 6}.items() <= program.to_json()["program"]["scenarios"][0]["steps"][0].items()

flow = program.scenario("s").flow                                              # flow
assert flow.nodes["0"].ways == {"long": "0.long.0", "short": "0.short.0"}
assert flow.is_path([("0", "long"), ("0.long.0", "next"), ("1", None)])
assert program.scenario("s").steps[0].sentence() == "pause 6 hours"            # sentence

try:                                                                           # checks
    Program(scenarios=[Scenario("s", None, [Pause(-1)])])
except DefinitionError as error:
    assert error.problems == ("scenarios.s.steps.0: a pause cannot be negative",), error.problems
else:
    raise AssertionError("a problem of the new step was not found")
try:
    Program.from_json({"format": "nurture.program", "version": 1, "program": {"scenarios": [
        {"name": "s", "on": None, "steps": [{"step": "pause", "hours": 1, "minutes": 2}]}]}})
except DefinitionError as error:
    assert "minutes" in str(error) and "steps[0]" in str(error), error
else:
    raise AssertionError("an unknown key was let through")

clock = VirtualClock(datetime(2026, 4, 1, tzinfo=UTC))                         # running it
crm = Nurture(program, MemoryStorage(clock=clock))
lead = crm.capture(email="a@example.com").id
crm.record(lead, "form.submitted")
crm.tick()
assert crm.lead(lead).tags == ()
assert "pause 6 hours" in str(crm.explain(lead))
clock.move_to(clock.now + timedelta(hours=7))
crm.tick()
assert crm.lead(lead).tags == ("done", "patient")
print("worked")
"""


def with_the_new_step(source: Path, target: Path) -> None:
    """A copy of the library with one file more and one line more in `STEPS` (and its import)."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    (target / "steps" / "pause.py").write_text(NEW_FILE, encoding="utf-8")
    listing = target / "steps" / "__init__.py"
    text = listing.read_text(encoding="utf-8")
    assert text.count("    Notify,\n    Send,") == 1
    text = text.replace("    Notify,\n    Send,", "    Notify,\n    Pause,\n    Send,")
    text = text.replace("from nurture.steps.send", "from nurture.steps.pause import Pause\nfrom nurture.steps.send", 1)
    listing.write_text(text, encoding="utf-8")


def test_a_new_step_kind_is_one_file_and_one_line(checkout: Path, tmp_path: Path) -> None:
    with_the_new_step(checkout / "src" / "nurture", tmp_path / "nurture")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "worked\n"
