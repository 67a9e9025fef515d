"""Putting aside what cannot be decided, so that one bad subject stops nobody else, and taking it back.

A failure may pass (memory was short), so a subject is tried again a few times, later each time; only then
is its standing marked dead, with the reason. An operator revives it, usually with a mended program.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from nurture.decisions import Decision
from nurture.model import Dossier, Standing
from nurture.runtime.host import Host, report

if TYPE_CHECKING:
    from collections.abc import Callable

    from nurture.program import Program

PATIENCE = 3
"""So many failures mean that a subject cannot be decided."""
FIRST_PAUSE = timedelta(minutes=1)

NOTHING = Decision(standing=None)


def is_waiting(host: Host, subject: str, now: datetime) -> bool:
    """Whether deciding this subject failed lately and is not to be tried again yet."""
    failing = host.failing.get(subject)
    return failing is not None and now < failing[1]


def guarded(host: Host, program: Program, dossier: Dossier, now: datetime, decide: Callable[[], Decision]) -> Decision:
    """What `decide` decides; when it keeps failing, a standing that is dead, and nothing else changed."""
    subject = dossier.subject.id
    failures, again_at = host.failing.get(subject, (0, now))
    if now < again_at:
        return NOTHING
    try:
        decision = decide()
    except Exception as error:
        report("deciding failed", error, nurture_subject=subject, nurture_tenant=host.tenant)
        failures += 1
        if failures < PATIENCE:
            host.failing[subject] = (failures, now + FIRST_PAUSE * 2 ** (failures - 1))
            return NOTHING
        host.failing.pop(subject, None)
        return Decision(standing=attrs.evolve(_next(dossier, program), dead=f"failed: {type(error).__name__}"))
    if failures:
        host.failing.pop(subject, None)
    return decision


def _next(dossier: Dossier, program: Program) -> Standing:
    old = dossier.standing
    if old is None:
        return Standing(subject=dossier.subject.id, program=program.fingerprint)
    return attrs.evolve(old, version=old.version + 1, due_at=None)
