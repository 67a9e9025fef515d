"""What can be wrong with what a step asks of an account's people: it is answered from their fields alone. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nurture.model import SubjectKind
from nurture.predicates import InScenario, InSegment, Predicate, TimeInSegment, check, reach_of, walk

if TYPE_CHECKING:
    from nurture.program.program import Program
    from nurture.program.scenario import Scenario
    from nurture.steps import Step


def people_problems(program: Program, scenario: Scenario, step: Step, place: str) -> Iterator[str]:
    """Every problem of the predicates that a step asks of its account's people, one sentence each."""
    names = program.names(SubjectKind.LEAD)
    for field, predicate in step.asks_people():
        where = f"{place}.{field}"
        if scenario.subject is not SubjectKind.ACCOUNT:
            yield f"{where}: only an account has people; expected a scenario with subject='account'"
            continue
        found = check(predicate, names, where)
        yield from found
        if not found and not _is_about_fields(program, predicate):
            yield (
                f"{where}: expected a predicate about the fields of leads, such as q.lead.role == 'IT'; "
                "what has to be looked up elsewhere cannot be asked here"
            )


def _is_about_fields(program: Program, predicate: Predicate) -> bool:
    if any(isinstance(node, (InScenario, InSegment, TimeInSegment)) for node in walk(predicate)):
        return False
    reach = reach_of(predicate, program.names(SubjectKind.LEAD))
    facts = reach.kinds or reach.any_kind is not None
    return not (facts or reach.account_fields or reach.stage or reach.scores or reach.people or reach.entry)
