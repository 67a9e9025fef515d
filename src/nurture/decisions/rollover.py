"""Moving a standing from one program to the next: only what differs changes, and nobody is enrolled unasked. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nurture.decisions.advance import decide_moment
from nurture.decisions.folding import undo_unseen
from nurture.decisions.outcome import Decision, outcome_of
from nurture.decisions.plan import plan_of
from nurture.decisions.scoring import NO_SCORE, counted
from nurture.decisions.switching import NO_SWITCHES, turn_switches
from nurture.decisions.telling import speak, word_of
from nurture.decisions.work import Work
from nurture.model import Dossier, Fact, ScoreState, Touchpoint, subject_kind
from nurture.predicates import Need, Reach

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nurture.decisions.compiling import CompiledModel
    from nurture.model import Switch
    from nurture.program import Program

EVERYTHING = Reach(any_kind=Need(None, None))
"""What must be loaded to roll a standing over: all facts, since a new score counts the old ones, too."""


def roll_over(
    old: Program,
    new: Program,
    dossier: Dossier,
    at: datetime,
    *,
    enrolls: bool = False,
    switches: Mapping[str, Switch] = NO_SWITCHES,
) -> Decision:
    """Bring a standing under another program at the moment of its activation.

    The standing must have been advanced to `at` under the old program before. Scores whose model
    changed are counted again from the facts; memberships change only where the answer differs;
    running enrollments stay on the version they began on; nothing enrolls unless that was asked for.

    Args:
        old: The program under which the standing was decided.
        new: The program that holds from `at` on.
        dossier: The subject with all of its decided facts, and what was looked up about its account or its people.
        at: When the new program was activated.
        enrolls: Whether those who come into a segment or a stage by it are enrolled, as by any other change.
        switches: The scenarios that are switched by hand from then on.
    """
    plan = plan_of(new, subject_kind(dossier.subject.id), dossier.older)
    work = Work(plan, dossier)
    work.is_turn = work.activating = True
    work.rolling = not enrolls
    work.is_new = True  # asks every question, and gives a first stage to whoever has none
    undo_unseen(work, dossier.inbox)
    if dossier.told is not None:  # the new questions are answered already, so nobody leaves and comes back
        work.account.clear()
        work.account.update(dossier.told)
    work.open_moment(at)
    changed = [model for name, model in plan.models.items() if old.score(name) != model.model]
    for name in [name for name in work.scores if name not in plan.models]:
        del work.scores[name]
    counting = [fact for fact in dossier.facts if work.profiling.counts(fact.at)] if changed else []
    for model in changed:
        work.scores[model.model.name] = _recounted(model, counting)
    for name in [name for name in work.memberships if f"segment:{name}" not in plan.segments]:
        del work.memberships[name]
        work.emit(Fact.SEGMENT_LEFT, name, {"segment": name, "rolled_over": True})
        work.note("segment", name, "left: the program no longer declares it")
    for name in [name for name in work.people if name not in plan.asked.of_people]:
        del work.people[name]
    _meet_people(work)
    _keep_stage(work)
    work.entered &= {name for name, one in plan.current.items() if one.scenario.begins is not None}
    known = {one.name for one in old.scenarios}
    work.brought = frozenset(name for name, one in plan.current.items() if one.scenario.existing and name not in known)
    _reset_agenda(work)
    turn_switches(work, switches)
    decide_moment(work)
    speak(work)
    return outcome_of(work, 1)


def _meet_people(work: Work) -> None:
    """Begin with the new questions about people answered already, so that nobody leaves and comes back.

    The account counts who will say yes; a lead takes what its account counts for said, and speaks if it is not so.
    """
    people = work.dossier.people
    if not work.is_lead:
        work.people.update({name: leads for name, leads in people.items() if leads})  # new ones: nobody is counted yet
        return
    account, said = work.values.get("account"), work.said
    if not people or (said is not None and said.account != account):
        return  # it has to speak to both accounts anyway
    asked = work.plan.asked.of_people
    yes = {name for name in (said.yes if said is not None else ()) if name in asked}
    yes |= {name for name, leads in people.items() if work.subject_id in leads}
    work.said = word_of(account, tuple(sorted(yes)))


def _recounted(model: CompiledModel, facts: Iterable[Touchpoint]) -> ScoreState:
    state: ScoreState = NO_SCORE
    for fact in facts:
        state = counted(state, model, fact)
    return state


def _keep_stage(work: Work) -> None:
    if work.stage is not None and work.stage not in work.plan.stages:
        work.note("stage", work.stage, "the program no longer declares this stage")
        work.stage = work.sight.stage = None


def _reset_agenda(work: Work) -> None:
    kept = ("step:", "goal:", "exit:", "while:", "stale")
    work.agenda = {name: at for name, at in work.agenda.items() if name.startswith(kept)}
    stale_after = work.plan.stale_after.get(work.stage or "")
    since = work.sight.stage_since
    if stale_after is None or since is None:
        work.agenda.pop("stale", None)
    elif "stale" in work.agenda or since + stale_after > work.moment:
        work.schedule("stale", max(since + stale_after, work.moment))
