"""Moving runs from older versions of a scenario to the active one, by cursor. May import deciding and what is below it.

What becomes of each run is worked out first, from its standing alone. Then a request goes into each subject's inbox,
and deciding, which alone writes standings, works it out again. It can end at any moment and be called again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from nurture.decisions.migrating import OUT, MigrationFate, Outlook, outlook_of
from nurture.errors import DefinitionError, UnknownNameError, near_misses
from nurture.model import (
    Changes,
    Definition,
    EnrollmentId,
    Fact,
    FrozenMapping,
    Origin,
    Standing,
    SubjectId,
    is_account,
)
from nurture.program.codec import scenario_from_definition
from nurture.program.diff import diff
from nurture.runtime.activating import ATTEMPTS
from nurture.runtime.deciding import decide_these
from nurture.runtime.host import with_inbox
from nurture.runtime.legs import legs_of

if TYPE_CHECKING:
    from nurture.model import Enrollment, Touchpoint, Value
    from nurture.program import Scenario
    from nurture.runtime.host import Host

PAGE = 500
"""So many standings are looked at, and so many requests written, in one go."""
Mapped = Mapping[str, str | None]


@attrs.frozen(slots=True, kw_only=True)
class Migrated:
    """What a migration does, or did, to one run.

    Attributes:
        subject: Whose run.
        enrollment: Which one.
        version: The version that it was on.
        step: Where it stood.
        fate: `moves`, `leaves` or `refused`.
        to_step: Where it comes to; `""` when it does not move.
        reason: Why it is refused: `repeats_a_send`; `not_decided`: its subject cannot be decided now; or `went_on`: it
            was elsewhere when it was decided, and was refused there.
    """

    subject: SubjectId
    enrollment: EnrollmentId
    version: str
    step: str
    fate: MigrationFate
    to_step: str = ""
    reason: str = ""


@attrs.frozen(slots=True, kw_only=True)
class Migration:
    """What a migration does, or did, run by run.

    Attributes:
        scenario: Of which scenario.
        version: The active version, to which runs move.
        runs: What becomes of each run on an older version, in the order of subjects.
        is_done: Whether it was carried out; a preview is not.
    """

    scenario: str
    version: str
    runs: tuple[Migrated, ...]
    is_done: bool

    @property
    def counts(self) -> Mapping[str, int]:
        """How many runs move, leave and are refused; only what there is."""
        return dict(sorted(Counter(one.fate.value for one in self.runs).items()))

    @property
    def reasons(self) -> Mapping[str, int]:
        """How many runs are refused for which reason."""
        return dict(sorted(Counter(one.reason for one in self.runs if one.fate is MigrationFate.REFUSED).items()))

    def __str__(self) -> str:
        what = ", ".join(f"{number} {word}" for word, number in self.counts.items()) or "nothing to migrate"
        return f"{self.scenario}: {what}{'' if self.is_done else ' (preview)'}"


def migrate(host: Host, scenario: str, mapping: Mapped | None, *, preview: bool, strict: bool) -> Migration:
    """Move the runs on older versions to the active one; for the arguments see `Nurture.migrate`."""
    new = host.program.scenario(scenario)
    if new is None:
        raise UnknownNameError("scenario", scenario, [one.name for one in host.program.scenarios])
    version = host.program.version_of(new)
    found = list(_runs(host, scenario, version))
    old = _versions(host, sorted({run.version for _, run in found}))
    mappings = {one: _mapping(mapping, before, new) for one, before in old.items()}
    _refuse_wrong(mapping, found, mappings, old, new)
    runs = tuple(
        _migrated(subject, run, outlook_of(run, old[run.version].flow, new.flow, mappings[run.version]))
        for subject, run in found
    )
    is_refused = strict and any(one.fate is MigrationFate.REFUSED for one in runs)
    if preview or is_refused or not runs:
        return Migration(scenario=scenario, version=version, runs=runs, is_done=not (preview or is_refused))
    done: list[Migrated] = []
    for start in range(0, len(runs), PAGE):
        done += _carried_out(host, scenario, version, runs[start : start + PAGE], mappings)
    return Migration(scenario=scenario, version=version, runs=tuple(done), is_done=True)


def _runs(host: Host, scenario: str, version: str) -> Iterator[tuple[SubjectId, Enrollment]]:
    """The active runs on older versions, by subject."""
    after = ""
    while True:
        with host.storage.view() as view:
            legs_of(host, view)  # another program's worker does not know the active version
            page = view.page(Standing, after, PAGE)
        for standing in page:
            for run in standing.enrollments:
                if run.is_active and run.scenario == scenario and run.version != version:
                    yield standing.subject, run
        if len(page) < PAGE:
            return
        after = page[-1].id


def _versions(host: Host, versions: Sequence[str]) -> dict[str, Scenario]:
    with host.storage.view() as view:
        found = view.get(Definition, versions)
    return {version: scenario_from_definition(found[version].body) for version in versions}


def _mapping(given: Mapped | None, old: Scenario, new: Scenario) -> Mapped:
    """The mapping for one older version; without one, the steps that are still there. What is gone is not mapped."""
    if given is not None:
        return given
    return {step: to for step, to in diff(old, new).mapping.items() if to is not None}


def _refuse_wrong(
    given: Mapped | None,
    found: Sequence[tuple[SubjectId, Enrollment]],
    mappings: Mapping[str, Mapped],
    old: Mapping[str, Scenario],
    new: Scenario,
) -> None:
    """Refuse a mapping that forgets a step at which runs stand, or names one that there is not; all at once.

    Raises:
        DefinitionError: It does; each is named with the number of runs there, and with near misses.
    """
    problems: list[str] = []
    if given is not None:
        for step, to in given.items():
            if to is not None and to not in new.flow.nodes:
                problems.append(f"mapping[{step!r}]: the active version has no step {to!r}{_near(to, new.flow.nodes)}")
            if old and all(step not in one.flow.nodes for one in old.values()):
                known = {address for one in old.values() for address in one.flow.nodes}
                problems.append(f"mapping[{step!r}]: no older version with runs has such a step{_near(step, known)}")
    standing = Counter((run.version, run.step or "") for _, run in found)
    for (version, step), number in sorted(standing.items()):
        if step not in mappings[version]:
            node = old[version].flow.nodes.get(step)
            what = f" ({node.step.sentence()})" if node is not None else ""
            runs = f"{number} run stands" if number == 1 else f"{number} runs stand"
            near = _near(step, mappings[version] if given is not None else new.flow.nodes)
            problems.append(f"mapping: {runs} at step {step!r}{what}, for which no step is given{near}")
    if problems:
        raise DefinitionError(problems)


def _near(name: str, known: Mapping[str, object] | set[str]) -> str:
    near = near_misses(name, sorted(known))
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""


def _migrated(subject: SubjectId, run: Enrollment, outlook: Outlook) -> Migrated:
    to_step = outlook.step if outlook.fate is MigrationFate.MOVES else ""
    return Migrated(
        subject=subject,
        enrollment=run.id,
        version=run.version,
        step=run.step or "",
        fate=outlook.fate,
        to_step=to_step,
        reason=outlook.reason,
    )


def _carried_out(
    host: Host, scenario: str, version: str, runs: Sequence[Migrated], mappings: Mapping[str, Mapped]
) -> list[Migrated]:
    """Write the requests of some runs, decide their subjects, and see what came of it."""
    wanted = [one for one in runs if one.fate is not MigrationFate.REFUSED]
    asked = {(one.subject, one.version) for one in wanted}
    subjects = list(dict.fromkeys(one.subject for one in wanted))
    _request(host, scenario, version, sorted(asked), mappings)
    for kind in (True, False):  # accounts first, as always
        some = [one for one in subjects if is_account(one) is kind]
        for _ in range(ATTEMPTS):
            if not some or not decide_these(host, some).conflicts:
                break
    with host.storage.view() as view:
        standings = view.get(Standing, subjects)
    return [_came_of(one, standings.get(one.subject), version) if one in wanted else one for one in runs]


def _request(
    host: Host, scenario: str, version: str, asked: Sequence[tuple[SubjectId, str]], mappings: Mapping[str, Mapped]
) -> None:
    """One fact for each subject and older version, in the inbox like any other."""
    facts: dict[SubjectId, list[Touchpoint]] = {}
    with host.storage.begin() as unit:
        now = unit.now()
        for subject, older in asked:
            pairs = sorted(mappings[older].items())
            told: dict[str, Value] = {
                "scenario": scenario,
                "version": older,
                "to": version,
                "steps": tuple(step for step, _ in pairs),
                "to_steps": tuple(OUT if to is None else to for _, to in pairs),
            }
            fact = host.fact(
                subject, Fact.MIGRATION_REQUESTED, FrozenMapping(told), now, key=host.new_key(), origin=Origin.HOST
            )
            facts.setdefault(subject, []).append(fact)
        unit.put({subject: Changes(records=with_inbox(some)) for subject, some in facts.items()})
    host.tell([fact for some in facts.values() for fact in some])


def _came_of(one: Migrated, standing: Standing | None, version: str) -> Migrated:
    run = next((run for run in standing.enrollments if run.id == one.enrollment), None) if standing else None
    if run is not None and run.version == one.version and run.is_active:
        trouble = standing is not None and (standing.failures or standing.dead is not None)
        return attrs.evolve(one, fate=MigrationFate.REFUSED, to_step="", reason="not_decided" if trouble else "went_on")
    return one


__all__ = ["Migrated", "Migration", "MigrationFate", "migrate"]
