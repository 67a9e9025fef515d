"""What is known about one lead by frames alone: its facts, its scores, what its account would tell it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import attrs
import narwhals.stable.v2 as nw

from nurture.decisions import plan_of
from nurture.decisions.scoring import NO_SCORE, awarded
from nurture.model import (
    Account,
    Dossier,
    FrozenMapping,
    Lead,
    ScoreState,
    Standing,
    SubjectKind,
    Touchpoint,
    account_values,
    sight_of,
)
from nurture.predicates.frame.compiling import chosen_rows
from nurture.predicates.frame.reader import KEY, Reader

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.decisions.compiling import CompiledModel
    from nurture.predicates.frame import Tables
    from nurture.program import Program


def replayed(
    program: Program,
    tables: Tables,
    lead: Lead,
    company: Account | None,
    facts: Iterable[Touchpoint],
    now: datetime,
) -> Dossier:
    """The lead's dossier, with a standing that holds what follows from facts without a decision.

    Since when it is a member of a segment is not known: it is one since the instant asked about.

    Args:
        program: What should follow from facts.
        tables: The frames, which are asked what the account answers.
        lead: The lead.
        company: Its account.
        facts: Its facts.
        now: The instant; later facts are left out.
    """
    seen = tuple(fact for fact in facts if fact.at <= now)
    told = {} if company is None else account_values(company) | dict(_answers(program, tables, company, now))
    plan = plan_of(program, SubjectKind.LEAD)
    standing = Standing(subject=lead.id, program=plan.fingerprint, account=FrozenMapping(told))
    dossier = Dossier(subject=lead, standing=standing, facts=seen)
    sight = sight_of(dossier)
    scores: dict[str, ScoreState] = {}
    for name, model in plan.models.items():
        constant = sum(points for question, points in model.constants if question.holds(sight, now))
        scores[name] = attrs.evolve(_awarded(model, seen), constant=constant)
    sight.scores = scores
    belongs = {name: now for name, question in plan.segments.values() if question.holds(sight, now)}
    scored = attrs.evolve(standing, scores=FrozenMapping(scores), memberships=FrozenMapping(belongs))
    return attrs.evolve(dossier, standing=scored)


def _awarded(model: CompiledModel, facts: Iterable[Touchpoint]) -> ScoreState:
    state = NO_SCORE
    for fact in facts:
        for rule in (*model.by_kind.get(fact.kind, ()), *model.any_kind):
            if rule.matches(fact):
                state = awarded(state, model, rule, fact)
    return state


def _answers(program: Program, tables: Tables, company: Account, now: datetime) -> Iterator[tuple[str, bool]]:
    """The questions about the account to which it says yes."""
    names = program.names(SubjectKind.ACCOUNT)
    for told_as, part in plan_of(program, SubjectKind.LEAD).asked.of_accounts.items():
        found = chosen_rows(part, Reader(tables, names, now)).select(KEY)
        rows = found.collect() if isinstance(found, nw.LazyFrame) else found
        if company.id in {str(one) for one in rows[KEY].to_list()}:
            yield told_as, True
