"""The audit at the end, when all is quiet: what the store holds, what the world got, and what deciding at once says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from nurture import Nurture, advance
from nurture.model import (
    Dossier,
    Effect,
    EffectState,
    Fact,
    InboxRow,
    Lead,
    Pending,
    Repeat,
    Standing,
    Touchpoint,
)
from nurture.model.decay import value_at
from tests.faults.effect_audit import SETTLED
from tests.faults.hosts import POISONED
from tests.faults.mirror import KINDS, Mirror
from tests.faults.programs import PROGRAMS, VIEWS
from tests.faults.verdicts import require

if TYPE_CHECKING:
    from tests.faults.simulator import World

ENDLESS = 10**9


def audit_the_end(world: World, tenant: str, crm: Nurture) -> None:
    """Everything that must hold for one tenant when nothing is due any more."""
    mirror = world.auditor.mirrors[tenant]
    _same_as_mirrored(mirror, crm)
    _nothing_lost(world, tenant, mirror)
    _effects(world, tenant, mirror)
    _counted_once(mirror)
    for standing in mirror.of(Standing).values():
        require(standing.dead is None, "12", f"{standing.subject} is dead: {standing.dead}")
        require("busy" not in standing.memberships, "27", "three views of long ago keep somebody in a segment of a day")
        require("hot" not in standing.memberships, "27", "a score that faded keeps somebody in a segment")
        if standing.subject.startswith("lead_"):
            require("silent" in standing.memberships, "27", "nobody saw that a lead fell silent")
    if not world.plan.activates:
        for lead in mirror.of(Lead).values():
            _decided_at_once(world, tenant, mirror, lead)


def _same_as_mirrored(mirror: Mirror, crm: Nurture) -> None:
    """Every committed record is there, equal, and there is no other."""
    with crm.storage.view() as view:
        for kind in KINDS:
            stored = {one.id: one for one in view.page(kind, "", ENDLESS)}
            expected = mirror.of(kind)
            require(stored.keys() == expected.keys(), "5, 6", f"{kind.__name__}: other ids than were committed")
            require(stored == expected, "5, 6, 25", f"{kind.__name__}: other values than were committed")
        require(not view.due(crm.storage.now(), 1), "2", "somebody is still due")


def _nothing_lost(world: World, tenant: str, mirror: Mirror) -> None:
    facts = mirror.of(Touchpoint)
    for host in world.hosts:
        if host.tenant == tenant:
            for identity in host.acknowledged:
                require(identity in facts, "6, 28", "a fact was acknowledged, and is not there")
    require(not mirror.of(InboxRow), "28", "a fact that was recorded was never decided")


def _effects(world: World, tenant: str, mirror: Mirror) -> None:
    for key, effect in mirror.of(Effect).items():
        times = world.other_side.taken[tenant, key]
        require(effect.state in SETTLED and effect.due_at is None, "2, 9", f"an effect is stuck as {effect.state}")
        if effect.channel and world.plan.deduplicates:
            require(times <= 1, "1", f"carried out {times} times, although the other side deduplicates")
        if effect.repeat is Repeat.AT_MOST_ONCE:
            require(times <= 1, "3", f"at most once was carried out {times} times")
        require(times <= effect.fence, "3", f"carried out {times} times for {effect.fence} claims")
        accepted = effect.state is EffectState.ACCEPTED
        if accepted:
            require(times >= 1, "2", "accepted, and the other side never saw it")
        if (tenant, key) not in world.auditor.effects.doubts:
            require(times == accepted, "1, 2", f"{effect.state} without any doubt, and carried out {times} times")
        if effect.reason.startswith("compose_failed"):
            lead: Lead = mirror.of(Lead)[effect.subject]
            require(lead.external_ids["crm"] == str(POISONED), "12", "another lead's mail failed to render")
    planned = {(one.enrollment, one.step) for one in mirror.of(Effect).values()}
    require(len(planned) == len(mirror.of(Effect)), "1, 4", "a step has two effects")


def _counted_once(mirror: Mirror) -> None:
    """However often a page view was recorded, it scores once."""
    for standing in mirror.of(Standing).values():
        state = standing.scores.get("views")
        if state is None or standing.advanced_to is None:
            continue
        facts = mirror.of(Touchpoint).values()
        seen = sum(1 for one in facts if one.subject == standing.subject and one.kind == "page.viewed")
        value = value_at(state, VIEWS.scale, standing.advanced_to)
        require(value == seen, "11", f"{seen} page views score {value}")


def _decided_at_once(world: World, tenant: str, mirror: Mirror, lead: Lead) -> None:
    """Invariant 26: the same facts, decided in one go, give the same standing, facts and effects."""
    standing: Standing | None = mirror.of(Standing).get(lead.id)
    require(standing is not None, "26", "a lead was never decided")
    assert standing is not None
    world.auditor.counts["replays"] += 1
    facts: dict[str, Touchpoint] = mirror.of(Touchpoint)
    rows = sorted(
        (one for one in mirror.rows.values() if one.subject == lead.id), key=lambda one: (one.due_at, one.fact)
    )
    dossier = Dossier(
        tenant=tenant,
        subject=attrs.evolve(lead, tags=()),
        inbox=tuple(Pending(one.due_at, facts[one.fact]) for one in rows),
    )
    assert standing.advanced_to is not None
    end = standing.advanced_to + timedelta(microseconds=1)
    decision = advance(PROGRAMS[standing.program], dossier, end, max_moments=ENDLESS)
    assert decision.standing is not None
    mine, theirs = _comparable(decision.standing), _comparable(standing)
    for field in attrs.fields(Standing):
        one, other = getattr(mine, field.name), getattr(theirs, field.name)
        require(one == other, "26", f"decided at once, {field.name} is {one!r}, not {other!r}")
    emitted = {one.id: _without_revision(one) for one in decision.facts}
    live = {
        one.id: _without_revision(one) for one in facts.values() if one.subject == lead.id and one.id not in mirror.rows
    }
    require(emitted == live, "26", "decided at once, other facts are emitted")
    planned = {(one.id, one.enrollment, one.step, one.name, one.planned_at) for one in decision.effects}
    kept = {
        (one.id, one.enrollment, one.step, one.name, one.planned_at)
        for one in mirror.of(Effect).values()
        if one.subject == lead.id
    }
    require(planned == kept, "26", "decided at once, other effects are planned")


def _comparable(standing: Standing) -> Standing:
    """The standing without what depends on how many commits there were."""
    runs = tuple(sorted(standing.enrollments, key=lambda run: (run.started_at, run.id)))
    return attrs.evolve(standing, version=1, enrollments=runs)


def _without_revision(fact: Touchpoint) -> Touchpoint:
    """The fact without what depends on how many commits there were."""
    if fact.kind != Fact.LEAD_CHANGED:
        return fact
    kept = {name: value for name, value in fact.properties.items() if name != "revision" and "before." not in name}
    return attrs.evolve(fact, properties=kept)
