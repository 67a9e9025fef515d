"""The effects that are due, each with what the gate must see: loaded in one go, from one snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from nurture.decisions import choices_of, is_counted, is_holding, plan_of
from nurture.model import (
    Account,
    Allowance,
    Dossier,
    Effect,
    EffectKind,
    EffectState,
    Lead,
    Purpose,
    Standing,
    SubjectId,
    SubjectKind,
    Value,
    is_account,
)
from nurture.predicates import Reach
from nurture.runtime.metering import Metered, metered
from nurture.runtime.owners import owner_address
from nurture.runtime.settling import address_allowance_id, lead_allowance_id
from nurture.runtime.stopping import stopped_broadcasts

if TYPE_CHECKING:
    from nurture.ports import Known, View
    from nurture.program import Message, Program
    from nurture.runtime.host import Host
    from nurture.runtime.legs import Legs


@attrs.define(slots=True, eq=False)
class Candidate:
    """An effect that is due, with what the gate must see.

    Attributes:
        effect: The effect.
        lead: Whom it is for; None for an account, or when the lead is gone.
        account: The account, or the lead's.
        address: Where it goes; None when that is not known.
        address_key: Under which id the address is counted and refused; `""` when it is not.
        lead_key: Under which id it is counted with its lead; `""` when it is not.
        stuck: Why the subject cannot be decided, for now or for good.
        stuck_until: Until when, if that is known.
        standing: Where the subject stands.
        of_address: What the address allows.
        of_lead: What was counted of messages to the lead.
        metered: The limits that concern it and other leads.
        counted_at: When it was counted already, as a claim that was abandoned.
        rivals: The lead's open messages of a higher priority, where that matters.
        dossier: What holds, spacing and choices look at; None where none of them is asked.
        is_behind: Whether they are asked of a standing that has not come to the active program yet.
        choices: What the blocks chose at this claim; None where they do not choose now.
        is_stopped: Whether a broadcast asked for it that was stopped since.
    """

    effect: Effect
    lead: Lead | None
    account: Account | None
    address: str | None
    address_key: str
    lead_key: str
    stuck: str | None
    stuck_until: datetime | None
    standing: Standing | None = None
    of_address: Allowance | None = None
    of_lead: Allowance | None = None
    metered: tuple[Metered, ...] = ()
    counted_at: datetime | None = None
    rivals: tuple[Effect, ...] = ()
    dossier: Dossier | None = None
    is_behind: bool = False
    choices: Mapping[str, Value] | None = None
    is_stopped: bool = False

    @property
    def is_stuck(self) -> bool:
        """Whether the subject cannot be decided, for now or for good."""
        return self.stuck is not None


@attrs.frozen(slots=True, eq=False)
class Round:
    """What is judged in one go.

    Attributes:
        candidates: The effects, those of the highest priority first.
        known: The allowances of the limits that they share with others, by id.
    """

    candidates: Sequence[Candidate]
    known: Mapping[str, Allowance]


def candidates_of(host: Host, view: View, effects: Sequence[Effect], size: int, legs: Legs) -> Round:
    """Of the effects those whose subject need not be decided first, one a subject and address, at most `size`.

    Args:
        host: The parts.
        view: Where to read.
        effects: That are due.
        size: How many at most.
        legs: The way to the active program; a standing that has not gone it yet cannot be asked.
    """
    standings = view.get(Standing, list(dict.fromkeys(effect.subject for effect in effects)))
    now = host.storage.now()
    effects = _foremost([one for one in effects if not _is_due(standings.get(one.subject), now)], size)
    subjects = list(dict.fromkeys(effect.subject for effect in effects))
    leads = view.get(Lead, [one for one in subjects if not is_account(one)])
    firms = {str(lead.account) for lead in leads.values() if lead.account}
    accounts = view.get(Account, sorted(firms | {one for one in subjects if is_account(one)}))
    chosen: list[Candidate] = []
    taken: set[str] = set()
    for effect in effects:
        standing = standings.get(effect.subject)
        lead = leads.get(effect.subject)
        account = accounts.get(str(lead.account) if lead and lead.account else effect.subject)
        address = _address(host, effect, lead, account)
        is_to_lead = address is not None and effect.kind is EffectKind.MESSAGE
        address_key = address_allowance_id(host.tenant, effect.channel, address or "") if is_to_lead else ""
        if effect.subject in taken or address_key in taken:
            continue
        taken.add(effect.subject)
        if address_key:
            taken.add(address_key)
        lead_key = lead_allowance_id(effect.subject) if is_counted(host.program, effect) else ""
        stuck, until = _stuck(standing)
        found = Candidate(effect, lead, account, address, address_key, lead_key, stuck, until, standing)
        found.metered = metered(host, effect, lead, address)
        found.counted_at = effect.claimed_at if effect.state is EffectState.CLAIMED else None
        chosen.append(found)
    stopped = stopped_broadcasts(view, [one.effect for one in chosen])
    for one in chosen:
        one.is_stopped = one.effect.enrollment in stopped
    known = _allowances(view, chosen)
    _look_up(host, view, chosen, legs)
    _find_rivals(host, view, chosen)
    return Round(chosen, known)


def _foremost(effects: list[Effect], size: int) -> list[Effect]:
    """The first ones: of a higher priority, due earlier, asked for earlier."""
    effects.sort(key=lambda one: (-one.priority, one.due_at or one.planned_at, one.planned_at, one.id))
    return effects[:size]


def _allowances(view: View, candidates: Sequence[Candidate]) -> Mapping[str, Allowance]:
    """Load what was counted and refused, all in one go; the answer holds what leads share with others."""
    keys = [key for one in candidates for key in (one.address_key, one.lead_key) if key]
    shared = list(dict.fromkeys(key for one in candidates for limit in one.metered for key in limit.keys))
    if not keys and not shared:
        return {}
    known = view.get(Allowance, [*keys, *shared])
    for one in candidates:
        one.of_address = known.get(one.address_key)
        one.of_lead = known.get(one.lead_key)
    return {key: known[key] for key in shared if key in known}


def _find_rivals(host: Host, view: View, candidates: Sequence[Candidate]) -> None:
    """Load the other open messages of leads, for those that are counted with a lead and not of the highest priority."""
    highest = max([one.priority for one in host.program.scenarios], default=0)
    asked = [one for one in candidates if one.lead_key and one.effect.priority < highest]
    if not asked:
        return
    found = view.about({one.effect.subject: None for one in asked}, Reach.nothing())
    for one in asked:
        known = found.get(one.effect.subject)
        others = known.effects if known is not None else ()
        one.rivals = tuple([other for other in others if other.priority > one.effect.priority])


def _look_up(host: Host, view: View, candidates: Sequence[Candidate], legs: Legs) -> None:
    """Load what holds, spacing and the blocks' choices look at, for those whom one of them concerns."""
    program = host.program
    if not (program.policy.holds or program.blocks or _grows(program)):
        return
    asked = [one for one in candidates if one.lead is not None and one.stuck is None and _is_asked(program, one.effect)]
    if not asked:
        return
    reach = plan_of(program, SubjectKind.LEAD).claim_reach
    since = {one.effect.subject: one.standing.advanced_to if one.standing is not None else None for one in asked}
    known: Mapping[SubjectId, Known] = {}
    if reach.kinds or reach.any_kind is not None:
        known = view.about(since, reach)
    for one in asked:
        if one.lead is None:
            continue
        one.is_behind = one.standing is not None and legs.is_behind(one.standing)
        one.dossier = Dossier(tenant=host.tenant, subject=one.lead, standing=one.standing)
        found = known.get(one.effect.subject)
        if found is not None:
            one.dossier = attrs.evolve(one.dossier, facts=found.facts, inbox=found.inbox)


def _is_asked(program: Program, effect: Effect) -> bool:
    message = program.message(effect.name) if effect.is_message else None
    if message is None:
        return False
    is_spaced = effect.purpose is Purpose.MARKETING and _grows(program)
    is_held = is_holding(program, effect.purpose, effect.scenario, effect.topic)
    return is_spaced or is_held or chooses(program, effect, message)


def _grows(program: Program) -> bool:
    """Whether the spacing asks something about the lead."""
    return program.policy.spacing is not None and bool(program.policy.spacing.grows)


def chooses(program: Program, effect: Effect, message: Message) -> bool:
    """Whether blocks choose now; an effect that was claimed before keeps what was chosen then."""
    return effect.attempts == 0 and not effect.choices and bool(choices_of(program, message))


def _is_due(standing: Standing | None, now: datetime) -> bool:
    """Whether the subject is to be decided first."""
    return standing is not None and standing.due_at is not None and standing.due_at < now


def _stuck(standing: Standing | None) -> tuple[str | None, datetime | None]:
    """Why nothing can be decided about a subject, and until when, if that is known."""
    if standing is None:
        return None, None
    if standing.dead is not None:
        return "subject_dead", None
    return ("subject_failing", standing.due_at) if standing.failures else (None, None)


def _address(host: Host, effect: Effect, lead: Lead | None, account: Account | None) -> str | None:
    if effect.kind is EffectKind.NOTICE:
        return owner_address(host, lead, account)
    return lead.address(effect.channel) if lead else None
