"""Invariant 10: an enrollment's history is one path of its pinned version; stage changes obey the lifecycle."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from nurture import Basis, Enrollment, Program
from nurture.model import Definition, EffectState, LeadId
from nurture.ports import Accepted
from nurture.program.codec import scenario_from_definition
from nurture.steps import Flow
from tests import strategies
from tests.stores import House, close_servers_stores, store_maker
from tests.strategies import KINDS, STAGES

relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck))
NAMES = ("c0", "c1", "c2")
WENT_OUT = frozenset({EffectState.ACCEPTED, EffectState.UNKNOWN, EffectState.CLAIMED})


class Life(RuleBasedStateMachine):
    """One lead, and everything that hosts, people, workers and operators may do to it."""

    kind = "memory"

    @initialize(program=strategies.programs(), other=strategies.programs())
    def begin(self, program: Program, other: Program) -> None:
        self.programs = [program, other]
        self.folder = TemporaryDirectory()
        store = store_maker(self.kind, Path(self.folder.name))
        self.house = House(program, store, actions={"task": lambda *_: Accepted()})
        self.crm = self.house.crm
        self.lead: LeadId = self.crm.capture(email="a@example.com", consent=Basis.CONSENT, owner="o@example.com").id
        self.ways = {(way.source, way.target) for one in self.programs for way in one.lifecycle.transitions}  # type: ignore[union-attr]
        self.flows: dict[str, Flow] = {}
        self.paths: dict[str, Enrollment] = {}
        self.migrated: set[str] = set()

    @rule(kind=st.sampled_from(KINDS), path=st.sampled_from(["/a", "/b"]), again=st.booleans())
    def something_happens(self, kind: str, path: str, again: bool) -> None:
        self.crm.record(self.lead, kind, {"path": path}, key="again" if again else None)

    @rule(length=strategies.lengths)
    def time_passes(self, length: timedelta) -> None:
        self.house.clock.move_to(self.house.clock.now + length)

    @rule()
    def a_worker_ticks(self) -> None:
        self.crm.tick()

    @rule()
    def a_worker_only_decides(self) -> None:
        self.crm.decide()

    @rule(stage=st.sampled_from(STAGES))
    def somebody_moves_the_lead(self, stage: str) -> None:
        before = self.crm.standing(self.lead)
        moved = self.crm.move(self.lead, stage, reason="asked")
        standing = self.crm.standing(self.lead)
        assert standing is not None
        assert moved or (before is None or standing.stage is not None)

    @rule(name=st.sampled_from(NAMES))
    def somebody_enrolls_it(self, name: str) -> None:
        if self.crm.program.scenario(name):
            self.crm.enroll(self.lead, name)

    @rule(name=st.sampled_from(NAMES))
    def somebody_withdraws_it(self, name: str) -> None:
        if self.crm.program.scenario(name):
            self.crm.withdraw(self.lead, name)

    @rule(title=st.sampled_from(["a", "b", None]))
    def the_host_updates_it(self, title: str | None) -> None:
        self.crm.update(self.lead, title=title)

    @rule()
    def it_unsubscribes(self) -> None:
        self.crm.unsubscribe(self.lead)

    @rule()
    def an_operator_activates_another_program(self) -> None:
        self.programs.reverse()
        self.crm.activate(self.programs[0])

    @rule(name=st.sampled_from(NAMES), back=st.booleans())
    def an_operator_migrates_a_scenario(self, name: str, back: bool) -> None:
        scenario = self.crm.program.scenario(name)
        if scenario is None:
            return
        standing = self.crm.standing(self.lead)
        runs = [one for one in standing.enrollments if one.scenario == name and one.is_active] if standing else []
        before = Counter(one.name for one in self.crm.effects(self.lead) if one.state in WENT_OUT)
        nodes = sorted(scenario.flow.nodes)
        active = self.crm.program.version_of(scenario)
        steps = {step for run in runs if run.version != active for step in self._flow(run.version).nodes}
        if not nodes or not steps:
            return
        mapping = {step: nodes[0] if back else nodes[-1] for step in sorted(steps)}
        outlook = self.crm.migrate(name, mapping, preview=True)
        done = self.crm.migrate(name, mapping)
        assert [one.fate for one in outlook.runs] == [one.fate for one in done.runs]
        after = Counter(one.name for one in self.crm.effects(self.lead) if one.state in WENT_OUT)
        assert before == after  # nothing is sent by moving
        standing = self.crm.standing(self.lead)
        now = {one.id: one for one in standing.enrollments} if standing else {}
        for one in done.runs:
            if one.fate == "moves":
                run = now[one.enrollment]
                assert (run.version == self.crm.program.version_of(scenario)) or not run.is_active
                self.migrated.add(one.enrollment)

    @invariant()
    def every_path_is_one_way_through_its_pinned_version(self) -> None:
        standing = self.crm.standing(self.lead)
        for run in standing.enrollments if standing else ():
            flow = self._flow(run.version)
            own = [(visit.step, visit.edge) for visit in run.path[run.moved :]]
            assert flow.is_path(own, own[0][0] if own and run.moved else None)
            assert run.path
            if run.state == "completed":
                assert flow.nodes[run.path[-1].step].ways[run.path[-1].edge or ""] is None
            self._only_grows(run)

    @invariant()
    def every_stage_change_is_a_transition(self) -> None:
        facts = self.crm.timeline(self.lead, limit=10_000)
        changes = [fact for fact in facts if fact.kind == "stage.changed" and "from" in fact.properties]
        assert {(fact.properties["from"], fact.properties["to"]) for fact in changes} <= self.ways

    def _flow(self, version: str) -> Flow:
        if version not in self.flows:
            with self.house.storage.view() as view:
                definition = view.get(Definition, [version])[version]
            self.flows[version] = scenario_from_definition(definition.body).flow
        return self.flows[version]

    def _only_grows(self, run: Enrollment) -> None:
        before = self.paths.get(run.id)
        self.paths[run.id] = run
        if before is None:
            return
        assert run.version == before.version or run.id in self.migrated
        assert before.is_active or run == before
        old = [visit.step for visit in before.path]
        assert [visit.step for visit in run.path][: len(old)] == old

    def teardown(self) -> None:
        """Close what was opened: connections to a server are few."""
        if hasattr(self, "house"):
            self.crm.close()
            close_servers_stores()
            self.folder.cleanup()


class LifeOnSqlite(Life):
    """The same in a file."""

    kind = "sqlite"


class LifeOnPostgres(Life):
    """The same on a server."""

    kind = "postgres"


Life.TestCase.settings = settings(parent=relaxed, max_examples=200, stateful_step_count=50)
test_i10_paths_and_stages = Life.TestCase


LifeOnSqlite.TestCase.settings = settings(parent=relaxed, max_examples=20, stateful_step_count=50)
LifeOnPostgres.TestCase.settings = settings(parent=relaxed, max_examples=10, stateful_step_count=50)
test_i10_paths_and_stages_on_sqlite = LifeOnSqlite.TestCase
test_i10_paths_and_stages_on_postgres = LifeOnPostgres.TestCase


class LongLife(Life):
    """The same, longer."""


LongLife.TestCase.settings = settings(parent=relaxed, max_examples=2_000, stateful_step_count=100)


class LongLifeOnSqlite(LifeOnSqlite):
    """The same, longer."""


class LongLifeOnPostgres(LifeOnPostgres):
    """The same, longer."""


some = settings(parent=relaxed, max_examples=100, stateful_step_count=100)
LongLifeOnSqlite.TestCase.settings = some
LongLifeOnPostgres.TestCase.settings = some
test_i10_paths_and_stages_for_long_on_sqlite = pytest.mark.stress(LongLifeOnSqlite.TestCase)
test_i10_paths_and_stages_for_long_on_postgres = pytest.mark.stress(LongLifeOnPostgres.TestCase)
test_i10_paths_and_stages_for_long = pytest.mark.stress(LongLife.TestCase)
