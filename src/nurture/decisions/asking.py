"""What leads ask of their account and accounts of their people, collected once from a program. Pure.

A question about the account is answered in the account's standing and told to its leads; a question
about people is answered in each lead's standing and told to the account. So each kind of subject must know
what the predicates about the other one ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from nurture.decisions.zones import ZONE, leads_need_zone, needs_zone
from nurture.model import FrozenMapping, SubjectKind
from nurture.predicates import Names, OfAccount, People, Predicate, Reach, reach_of
from nurture.program.check_scenarios import dropped_names

if TYPE_CHECKING:
    from nurture.program import Program, Scenario


@attrs.frozen(slots=True, kw_only=True)
class Asked:
    """What is asked of the other subject.

    Attributes:
        fields: The account's values that some predicate about leads reads, and its zone where something is civil.
        of_accounts: Questions that leads ask their account, by the name under which it tells the answer.
        of_people: Questions that accounts ask each of their leads, likewise.
    """

    fields: frozenset[str] = frozenset()
    of_accounts: Mapping[str, Predicate] = attrs.field(factory=FrozenMapping[Predicate])
    of_people: Mapping[str, Predicate] = attrs.field(factory=FrozenMapping[Predicate])

    def of(self, subject: SubjectKind) -> Mapping[str, Predicate]:
        """The questions that subjects of this kind answer, by the name under which they tell."""
        return self.of_people if subject is SubjectKind.LEAD else self.of_accounts


def asks_across(program: Program, scenario: Scenario) -> bool:
    """Whether a version of a scenario asks something of another subject, in the words of this program.

    One that needs names which the program does not declare asks nothing: it cannot run under it.
    """
    if any(dropped_names(program, scenario)):
        return False
    names = program.names(scenario.subject)
    reaches = [reach_of(predicate, names) for _, predicate in scenario.predicates()]
    if scenario.subject is SubjectKind.LEAD:
        return needs_zone(scenario) or any(reach.account_fields for reach in reaches)
    return any(reach.people for reach in reaches)


def asked_in(program: Program, older: Sequence[Scenario] = ()) -> Asked:
    """Everything that the predicates of a program ask across.

    Args:
        program: What should follow from facts.
        older: Versions of scenarios that still run and that the program does not hold.
    """
    finder = _Finder()
    roots = {kind: [*_predicates(program, kind)] for kind in SubjectKind}
    for scenario in older:
        roots[scenario.subject] += [predicate for _, predicate in scenario.predicates()]
    for kind, predicates in roots.items():
        for predicate in predicates:
            finder.visit(predicate, kind)
    about_leads = [*roots[SubjectKind.LEAD], *finder.of_people.values()]
    civil = leads_need_zone(program) or any(needs_zone(one) for one in older if one.subject is SubjectKind.LEAD)
    return Asked(
        fields=_account_fields(about_leads, program.names(SubjectKind.LEAD)) | ({ZONE} if civil else frozenset[str]()),
        of_accounts=FrozenMapping(finder.of_accounts),
        of_people=FrozenMapping(finder.of_people),
    )


class _Finder:
    """Walks predicates and collects the questions; segments need not be followed, since each is a root itself."""

    def __init__(self) -> None:
        self.of_accounts: dict[str, Predicate] = {}
        self.of_people: dict[str, Predicate] = {}

    def visit(self, root: Predicate, subject: SubjectKind) -> None:
        rest = [(root, subject)]
        while rest:
            node, kind = rest.pop()
            if isinstance(node, People) and kind is SubjectKind.LEAD:
                rest.append((OfAccount(node), kind))
            elif isinstance(node, OfAccount):
                if kind is SubjectKind.LEAD:
                    self.of_accounts[node.told_as] = node.part
                rest.append((node.part, SubjectKind.ACCOUNT))
            elif isinstance(node, People):
                self.of_people[node.told_as] = node.where
                rest.append((node.where, SubjectKind.LEAD))
            else:
                rest.extend((child, kind) for child in node.children())


def _predicates(program: Program, kind: SubjectKind) -> Iterator[Predicate]:
    """Every predicate of a program about such subjects."""
    for segment in program.segments:
        if segment.subject is kind:
            yield segment.where
    for model in program.scores:
        if model.subject is kind:
            yield from (rule.when for rule in model.rules)
    for scenario in program.scenarios:
        if scenario.subject is kind:
            yield from (predicate for _, predicate in scenario.predicates())
    lifecycle = program.lifecycle
    if lifecycle is not None and lifecycle.subject is kind:
        for transition in lifecycle.transitions:
            yield from (part for part in (transition.when, transition.guard) if part is not None)
    if kind is SubjectKind.LEAD:  # what is asked when a message is claimed
        yield from (choice.where for block in program.blocks for choice in block.choices)
        yield from (hold.where for hold in program.policy.holds)


def _account_fields(predicates: Iterable[Predicate], names: Names) -> frozenset[str]:
    reach = Reach.nothing()
    for predicate in predicates:
        reach = reach | reach_of(predicate, names)
    return frozenset(name for name in reach.account_fields if not is_answer(name))


def is_answer(name: str) -> bool:
    """Whether what an account tells under this name is an answer, and not one of its values."""
    return name.startswith("?")
