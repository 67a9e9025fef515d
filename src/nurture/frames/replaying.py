"""What is known about one lead by frames alone: its facts, its scores, what its account would tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs
import narwhals.stable.v2 as nw

from nurture.decisions import plan_of
from nurture.decisions.scoring import NO_SCORE, awarded
from nurture.errors import DefinitionError
from nurture.frames.scoring import with_scores
from nurture.model import (
    EMPTY,
    Account,
    Dossier,
    FrozenMapping,
    Lead,
    ScoreState,
    Sight,
    Standing,
    SubjectKind,
    Touchpoint,
    Value,
    account_values,
    sight_of,
)
from nurture.predicates import Predicate, compile_match
from nurture.predicates.frame import Tables
from nurture.predicates.frame.compiling import chosen_rows
from nurture.predicates.frame.reader import KEY, Reader

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.decisions.compiling import CompiledModel
    from nurture.program import Program


@attrs.frozen(slots=True, eq=False)
class Known:
    """What frames say, to explain somebody by.

    Attributes:
        tables: The frames themselves.
        leads: Every lead.
        facts: The facts of leads.
        of_accounts: Gives the facts of accounts.
    """

    tables: Tables
    leads: Sequence[Lead]
    facts: Mapping[str, tuple[Touchpoint, ...]]
    of_accounts: Callable[[], Mapping[str, tuple[Touchpoint, ...]]]


def replayed(program: Program, known: Known, lead: Lead, company: Account | None, now: datetime) -> Dossier:
    """The lead's dossier, with a standing that holds what follows from facts without a decision.

    Since when it is a member of a segment is not known: it is one since the instant asked about.

    Args:
        program: What should follow from facts.
        known: What the frames say; they are asked what the account answers.
        lead: The lead.
        company: Its account.
        now: The instant; later facts are left out.
    """
    told = {} if company is None else account_values(company) | dict(_answers(program, known, company, now))
    return _dossier(program, lead, known.facts.get(lead.id, ()), now, told=told)


def _dossier(
    program: Program,
    subject: Lead | Account,
    facts: Iterable[Touchpoint],
    now: datetime,
    *,
    told: Mapping[str, Value] = EMPTY,
    people: Mapping[str, frozenset[str]] | None = None,
) -> Dossier:
    """A subject with the scores and segments that follow from its facts and from what it was told."""
    seen = tuple(fact for fact in facts if fact.at <= now)
    plan = plan_of(program, SubjectKind.LEAD if isinstance(subject, Lead) else SubjectKind.ACCOUNT)
    standing = Standing(
        subject=subject.id, program=plan.fingerprint, account=FrozenMapping(told), people=FrozenMapping(people or {})
    )
    dossier = Dossier(subject=subject, standing=standing, facts=seen)
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


def _answers(program: Program, known: Known, company: Account, now: datetime) -> Iterator[tuple[str, bool]]:
    """The questions about the account to which it says yes."""
    sight: Sight | None = None
    for told_as, part in plan_of(program, SubjectKind.LEAD).asked.of_accounts.items():
        try:
            says_yes = _by_frames(part, program, known.tables, company, now)
        except DefinitionError:  # a node that frames cannot answer, or a column that is not there
            sight = _sight(program, known, company, now) if sight is None else sight
            says_yes = compile_match(part, program.names(SubjectKind.ACCOUNT))(sight, now)
        if says_yes:
            yield told_as, True


def _by_frames(part: Predicate, program: Program, tables: Tables, company: Account, now: datetime) -> bool:
    """What the filter says of the account, which knows of stages and runs what columns say."""
    names = program.names(SubjectKind.ACCOUNT)
    scored = with_scores(part, tables, names, program, now)
    found = chosen_rows(part, Reader(scored, names, now)).select(KEY)
    rows = found.collect() if isinstance(found, nw.LazyFrame) else found
    return company.id in {str(one) for one in rows[KEY].to_list()}


def _sight(program: Program, known: Known, company: Account, now: datetime) -> Sight:
    """The account as `match` sees it, its people asked one by one."""
    values = account_values(company)
    staff = [
        (one.id, sight_of(_dossier(program, one, known.facts.get(one.id, ()), now, told=values)))
        for one in known.leads
        if one.account == company.id
    ]
    names = program.names(SubjectKind.LEAD)
    people: dict[str, frozenset[str]] = {}
    for told_as, where in plan_of(program, SubjectKind.ACCOUNT).asked.of_people.items():
        holds = compile_match(where, names)
        people[told_as] = frozenset(name for name, sight in staff if holds(sight, now))
    return sight_of(_dossier(program, company, known.of_accounts().get(company.id, ()), now, people=people))
