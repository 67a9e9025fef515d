"""What operators ask so that nobody slips through: `overlooked`. May import the runtime."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from nurture.calendar import civil
from nurture.cli.answer import Answer, Exit, instant, short, table

if TYPE_CHECKING:
    import argparse

    from nurture.cli.wiring import Target


def overlooked(target: Target, arguments: argparse.Namespace) -> Answer:
    """Who has nothing ahead, and whom nobody has touched for so many business days."""
    crm = target.app("overlooked")
    untouched = None if arguments.untouched is None else civil(business_days=arguments.untouched)
    found = list(islice(crm.no_next_step(stages=arguments.stage, untouched=untouched), arguments.limit + 1))
    shown = found[: arguments.limit]
    listed = [
        {
            "subject": one.subject,
            "stage": one.stage,
            "since": instant(one.stage_since),
            "because": [why.value for why in one.because],
            "touched": instant(one.touched_at),
        }
        for one in shown
    ]
    rows = [[one.subject, one.stage or "-", short(one.stage_since), one.sentence()] for one in shown]
    lines = table(["SUBJECT", "STAGE", "SINCE", "WHY"], rows) if rows else ["nobody is overlooked"]
    if len(found) > len(shown):
        lines.append(f"and more than these {arguments.limit}")
    document = {"overlooked": listed, "more": len(found) > len(shown)}
    return Answer(document, lines, Exit.ATTENTION if found else Exit.FINE)
