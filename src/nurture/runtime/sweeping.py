"""Bringing every standing to the active program, by cursor, in batches, with progress. May import `activating`.

What is due follows by itself; this is for the rest. Only standings that are behind are looked at, and of those only
what differs becomes a fact. It can end at any moment and be called again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

import attrs

from nurture.model import Activated, Activation, Changes, Standing, SubjectId, is_account
from nurture.runtime.activating import Commit, catch_up, step_of, way_of
from nurture.runtime.gathering import program_of, whole_dossiers
from nurture.runtime.legs import ACTIVATION, PROGRAM_SUBJECT, Legs, legs_of
from nurture.runtime.quarantine import is_away, put_aside
from nurture.runtime.results import RolledOver

if TYPE_CHECKING:
    from nurture.decisions import Decision
    from nurture.ports import View
    from nurture.runtime.host import Host

BATCH = 500
"""So many standings are looked at in one go, and committed together."""
Progress: TypeAlias = Callable[[RolledOver], None]


def sweep(host: Host, commit: Commit, progress: Progress | None = None) -> int:
    """Roll every standing over to the active program, by cursor; the answer is how many were behind.

    Args:
        host: The parts.
        commit: Writes decisions.
        progress: Told how far it came, at the beginning and after each batch.
    """
    tell = progress or _nobody
    rolled = 0
    with host.storage.view() as view:
        activation = view.get(Activation, [ACTIVATION]).get(ACTIVATION)
        so_far = _progress(view, activation)
        if activation is None or activation.rolled_to is None:
            tell(so_far)
            return 0
        after = activation.rolled_to
        legs = legs_of(host, view)
    tell(so_far)
    while True:
        with host.storage.view() as view:
            page = view.page(Standing, after, BATCH)
        behind = [one.subject for one in page if one.dead is None and legs.is_behind(one)]
        firms = [one for one in behind if is_account(one)]
        _roll_together(host, legs, firms, commit)  # they answer what their leads ask
        _roll_together(host, legs, [one for one in behind if not is_account(one)], commit)
        for subject in behind:
            rolled += _swept(host, legs, subject, commit)
        after = page[-1].id if page else after
        finished = len(page) < BATCH
        with host.storage.view() as view:
            known = view.get(Activation, [ACTIVATION])[ACTIVATION]
        with host.storage.begin() as unit:
            if known.history != legs.history:
                return rolled  # a newer activation took over
            moved = attrs.evolve(known, version=known.version + 1, rolled_to=None if finished else after)
            unit.put({PROGRAM_SUBJECT: Changes(records=(moved,))})
        total = max(so_far.total, so_far.done + len(page))
        so_far = RolledOver(total if finished else so_far.done + len(page), total)
        tell(so_far)
        if finished:
            return rolled


def _swept(host: Host, legs: Legs, subject: SubjectId, commit: Commit) -> int:
    """Bring one standing to the active program; one that cannot be read is put aside, and stops nobody else."""
    try:
        catch_up(host, legs, subject, commit)
    except Exception as error:
        if is_away(error):
            raise
        put_aside(host, subject, error)
        return 0
    return 1


def progress_of(host: Host) -> RolledOver:
    """How far the roll-over has come, whoever sweeps."""
    with host.storage.view() as view:
        return _progress(view, view.get(Activation, [ACTIVATION]).get(ACTIVATION))


def _progress(view: View, activation: Activation | None) -> RolledOver:
    total = view.count(Standing, "")
    to = None if activation is None else activation.rolled_to
    return RolledOver(total if to is None else total - view.count(Standing, to), total)


def _nobody(_: RolledOver) -> None:
    """Nobody wants to know."""


def _roll_together(host: Host, legs: Legs, subjects: Sequence[SubjectId], commit: Commit) -> None:
    """Bring these standings to the active program, all of them with one commit for each step.

    Whatever does not go smoothly is left alone: those subjects stay behind, and are brought on one by one.
    """
    for _ in range(2 * len(legs.history)):
        try:
            decisions = _steps(host, legs, subjects)
            if not decisions or commit(host, decisions).conflicts:
                return
        except Exception as error:
            if is_away(error):
                raise
            return
        subjects = [one for one, made in decisions.items() if made.standing and legs.is_behind(made.standing)]


def _steps(host: Host, legs: Legs, subjects: Sequence[SubjectId]) -> dict[SubjectId, Decision]:
    """The next step of each standing that is behind and well."""
    decisions: dict[SubjectId, Decision] = {}
    with host.storage.view() as view:
        standings = view.get(Standing, subjects)
        well = {
            one: standing
            for one in subjects
            if (standing := standings.get(one)) and not standing.failures and standing.dead is None
        }
        dossiers = whole_dossiers(host, view, well)
        legs_left = {one: leg for one, standing in well.items() if (leg := _next_leg(legs, standing)) is not None}
        ways = {
            one: way_of(host, view, program_of(host, view, well[one].program), leg) for one, leg in legs_left.items()
        }
    for one, way in ways.items():
        if one in dossiers:
            with suppress(Exception):  # it is brought on by itself, where what is wrong is written down
                decisions[one] = step_of(host, dossiers[one], way)
    return decisions


def _next_leg(legs: Legs, standing: Standing) -> Activated | None:
    return legs.after(standing)[0] if legs.is_behind(standing) else None
