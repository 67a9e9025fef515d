"""Putting aside what cannot be decided, so that one bad subject stops nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from nurture.decisions import Decision
from nurture.model import Dossier, Standing
from nurture.runtime.host import Host, report

if TYPE_CHECKING:
    from collections.abc import Callable

    from nurture.program import Program


def guarded(host: Host, program: Program, dossier: Dossier, decide: Callable[[], Decision]) -> Decision:
    """What `decide` decides; when it fails, a standing that is dead, with the reason, and nothing else changed."""
    try:
        return decide()
    except Exception as error:
        report("deciding failed", error, nurture_subject=dossier.subject.id, nurture_tenant=host.tenant)
        old = dossier.standing
        if old is None:
            dead = Standing(subject=dossier.subject.id, program=program.fingerprint)
        else:
            dead = attrs.evolve(old, version=old.version + 1)
        return Decision(standing=attrs.evolve(dead, dead=f"failed: {type(error).__name__}", due_at=None))
