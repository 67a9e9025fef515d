"""The audit while it runs: every commit is held against what must never break, in the words of its own.

It knows the port and the records, and none of the runtime's code: it counts caps, quiet hours and refusals anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from nurture.model import (
    Activation,
    Allowance,
    Changes,
    DecisionRecord,
    Effect,
    Enrollment,
    Fact,
    InboxRow,
    Standing,
    SubjectId,
    Touchpoint,
)
from nurture.steps.wait import Wait
from tests.faults.effect_audit import Commit, EffectAudit
from tests.faults.mirror import Mirror
from tests.faults.programs import FLOWS, SAME_SEGMENTS, WAYS
from tests.faults.refusals import Refusals
from tests.faults.verdicts import require

DECIDED = frozenset(
    {
        Fact.STAGE_CHANGED, Fact.STAGE_REFUSED, Fact.STAGE_STALLED, Fact.SCORE_CROSSED, Fact.SEGMENT_ENTERED,
        Fact.SEGMENT_LEFT, Fact.ENROLLMENT_STARTED, Fact.ENROLLMENT_REFUSED, Fact.ENROLLMENT_ENDED, Fact.LEAD_CHANGED,
        Fact.ACCOUNT_CHANGED,
    }
)  # fmt: skip
"""The kinds that deciding emits, which are born seen; every other fact goes through the inbox."""


class Auditor:
    """Watches every commit of every tenant.

    Args:
        deduplicates: Whether the other side knows keys again.
        longest_gap: No more time may pass between two commits, when the store believes its clock only so far.

    Attributes:
        mirrors: What the stores must hold, by tenant.
        effects: Watches effects.
        counts: How often what was checked.
    """

    def __init__(self, *, deduplicates: bool, longest_gap: timedelta | None = None) -> None:
        self.mirrors: dict[str, Mirror] = defaultdict(Mirror)
        self.counts: Counter[str] = Counter()
        self._refusals = Refusals(self.counts)
        self.effects = EffectAudit(self.mirrors, self.counts, self._refusals, deduplicates=deduplicates)
        self._instants: dict[str, datetime] = {}
        self._longest_gap = longest_gap

    def active(self, tenant: str) -> str | None:
        """The active program's fingerprint."""
        found = self.mirrors[tenant].of(Activation).get("program")
        return found.history[-1].program if found else None

    # -- what was committed ---------------------------------------------------------------------------

    def committed(
        self, tenant: str, process: str, groups: Iterable[tuple[SubjectId, Changes]], now: datetime | None
    ) -> None:
        """Check one unit, group by group, and take it in."""
        mirror = self.mirrors[tenant]
        self._instant(tenant, now)
        for subject, changes in groups:
            self._strangers(tenant, subject, changes)
            self._versions(mirror, changes)
            self._facts(mirror, subject, changes)
            standing = next((one for one in changes.records if isinstance(one, Standing)), None)
            if standing is not None:
                self._standing(tenant, mirror, standing, changes, now)
            self._refusals.take(tenant, mirror, subject, changes)
            commit = Commit(tenant, mirror, process, changes, now)
            for one in changes.records:
                if isinstance(one, Effect):
                    self.effects.take(commit, one)
                elif isinstance(one, Allowance):
                    self._refusals.allowance(tenant, mirror, one)
            mirror.take(changes)
            self.counts["groups"] += 1

    def _instant(self, tenant: str, now: datetime | None) -> None:
        last = self._instants.get(tenant)
        if now is None:
            return
        newest = max(self._instants.values(), default=None)  # time that one tenant saw pass is believed by all
        if newest is not None and self._longest_gap is not None:
            require(now <= newest + self._longest_gap, "22", "a clock that nobody accepted was believed")
        self._instants[tenant] = now if last is None else max(last, now)

    def _strangers(self, tenant: str, subject: SubjectId, changes: Changes) -> None:
        for one in changes.records:
            about = getattr(one, "subject", subject)
            # an account's decision may bring facts for its leads
            alone = about == subject or (isinstance(one, (Touchpoint, InboxRow)) and subject.startswith("acc"))
            require(alone, "12", f"another subject's {type(one).__name__} is in the same group")
        for other, mirror in self.mirrors.items():
            if other != tenant:
                for one in changes.records:
                    if one.id.startswith(("lead_", "acc_", "fact_", "eff_", "address_", "alias_", "lead:")):
                        require(one.id not in mirror.of(type(one)), "25", f"{one.id} is written in two tenants")

    def _versions(self, mirror: Mirror, changes: Changes) -> None:
        for one in changes.records:
            if hasattr(one, "version"):
                before = mirror.of(type(one)).get(one.id)
                expected = before.version + 1 if before else 1
                require(one.version == expected, "5, 8", f"{type(one).__name__} {one.id} skipped or repeated a version")

    def _facts(self, mirror: Mirror, subject: SubjectId, changes: Changes) -> None:
        rows = {one.fact: one for one in mirror.new_rows(changes)}
        decides = any(isinstance(one, Standing) for one in changes.records)
        standing = mirror.of(Standing).get(subject)
        for fact in mirror.new_facts(changes):
            row = rows.get(fact.id)
            if row is None:
                require(decides and fact.kind in DECIDED, "28", f"a {fact.kind} was written without its inbox row")
                continue
            require(row.due_at == max(fact.at, fact.received_at), "26", f"a {fact.kind} is due at another moment")
            if standing is not None and standing.advanced_to is not None and fact.subject == subject:
                require(row.due_at > standing.advanced_to, "26, 28", f"a {fact.kind} came for a moment already decided")
        for row in rows.values():
            require(row.fact in mirror.of(Touchpoint) or any(one.id == row.fact for one in changes.records), "5", "row")

    # -- decisions --------------------------------------------------------------------------------------

    def _standing(
        self, tenant: str, mirror: Mirror, standing: Standing, changes: Changes, now: datetime | None
    ) -> None:
        old: Standing | None = mirror.of(Standing).get(standing.subject)
        advanced = standing.advanced_to
        self.counts["decisions"] += 1
        if old is not None and old.advanced_to is not None:
            require(advanced is not None and advanced >= old.advanced_to, "22, 26", "a standing went back in time")
        if advanced is not None and now is not None:
            require(advanced < now, "26", "something was decided for the present or the future")
        for one in changes.records:
            if isinstance(one, DecisionRecord):
                require(set(one.causes) <= set(changes.folded), "5", "a decision names a fact that it did not fold")
        for fact in changes.folded:
            row = mirror.of(InboxRow).get(fact)
            require(row is not None and row.subject == standing.subject, "5", "a row was folded that is not there")
            require(advanced is not None and row is not None and advanced >= row.due_at, "26", "folded too early")
        for row in mirror.inbox_of(standing.subject):
            if row.fact not in changes.folded and advanced is not None:
                require(row.due_at > advanced, "26, 28", "a decision went past a fact that waited")
        self._program_of(tenant, mirror, old, standing, changes)
        self._runs(mirror, old, standing, changes)
        stage = old.stage if old else None
        for fact in sorted(mirror.new_facts(changes), key=lambda one: one.at):
            if fact.kind == Fact.STAGE_CHANGED:
                way = (fact.properties.get("from"), fact.properties["to"])
                require(stage is None or way in WAYS, "10", f"a stage changed by no way: {way}")
                stage = way[1]  # type: ignore[assignment]
        require(standing.stage in ("new", "mql", "sql", None), "10", "an undeclared stage")

    def _program_of(
        self, tenant: str, mirror: Mirror, old: Standing | None, standing: Standing, changes: Changes
    ) -> None:
        activation: Activation = mirror.of(Activation)["program"]
        history = activation.history
        programs = [one.program for one in history]
        require(standing.program in programs, "30", "decided by a program that was never active")
        index = len(programs) - 1 - programs[::-1].index(standing.program)
        if index + 1 < len(history) and standing.advanced_to is not None:
            end = history[index + 1].at
            require(standing.advanced_to <= end, "30", "decided by a program after another became active")
        if old is not None and old.program != standing.program:
            self.counts["roll-overs"] += 1
            kinds = [fact.kind for fact in mirror.new_facts(changes)]
            require(Fact.ENROLLMENT_STARTED not in kinds, "30", "a roll-over enrolled somebody")
            before, after = ({name for name in one.memberships if name in SAME_SEGMENTS} for one in (old, standing))
            require(before == after, "30", "a roll-over changed a membership whose segment is the same")

    def _runs(self, mirror: Mirror, old: Standing | None, standing: Standing, changes: Changes) -> None:
        known = {one.id: one for one in old.enrollments} if old else {}
        begun = [one for one in mirror.new_facts(changes) if one.kind == Fact.ENROLLMENT_STARTED]
        started = {one.properties["enrollment"] for one in begun}
        effects = {
            (one.enrollment, one.step)
            for one in (*changes.records, *mirror.of(Effect).values())
            if isinstance(one, Effect)
        }
        for run in standing.enrollments:
            require(run.id in known or run.id in started, "5", "a run began without the fact that says so")
            flow = FLOWS[run.version]
            require(flow.is_path([(one.step, one.edge) for one in run.path]), "10, 19", f"no path: {run.path}")
            before = known.get(run.id)
            if before is not None:
                require(_extends(before, run), "10", "a run's past was changed")
                require(before.version == run.version, "19", "a run's version was changed")
            for index, visit in enumerate(run.path):
                step = flow.nodes[visit.step].step
                if step.kind in ("send", "act"):
                    require((run.id, visit.step) in effects, "2, 5", "a step was reached, and its effect is missing")
                if isinstance(step, Wait) and visit.edge is not None and isinstance(step.duration, timedelta):
                    left = run.path[index + 1].at if index + 1 < len(run.path) else run.ended_at
                    require(left is not None and left >= visit.at + step.duration, "22", "a wait ended early")


def _extends(before: Enrollment, after: Enrollment) -> bool:
    if not before.path:
        return True
    same = after.path[: len(before.path) - 1] == before.path[:-1]
    last, now = before.path[-1], after.path[len(before.path) - 1]
    return same and (last.step, last.at) == (now.step, now.at) and last.edge in (None, now.edge)
