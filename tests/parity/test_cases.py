"""Every reading gives the answers that were reasoned by hand.

`tests/parity/cases` holds them. A reading that does not declare a node is not asked about it.
"""

from __future__ import annotations

from datetime import timedelta
from importlib.util import find_spec

import pytest

from nurture.predicates import Compare, Not, Predicate, Score, TimeInStage, check, describe, dumps, loads, walk
from nurture.predicates.answering.leaves import LEAVES
from nurture.predicates.flip import compile_flip
from nurture.predicates.match import compile_match
from tests.parity.cases import CASES
from tests.parity.cases.records import NAMES, instants_of, sight_of_case
from tests.parity.cases.said import TICK, Case

HAND_REASONED = 300
_LATER = (timedelta(seconds=1), timedelta(days=1), timedelta(days=8), timedelta(days=400), timedelta(days=4000))


def test_there_are_enough_of_them() -> None:
    assert sum(1 for case in CASES if not case.group.startswith("~")) >= HAND_REASONED
    assert len({case.id for case in CASES}) == len(CASES)
    assert [str(case) for case in CASES if not case.row.why] == []


def test_every_question_means_something() -> None:
    asked = {(case.asked, case.subject) for case in CASES}
    assert [problem for one, subject in asked for problem in check(one, NAMES[subject], "case", entry=True)] == []


def test_match() -> None:
    assert [str(case) for case in CASES if problem_of_match(case)] == []


def test_flips_are_never_late() -> None:
    wrong: list[str] = []
    for case in CASES:
        problem = problem_of_flip(case)
        if problem:
            wrong.append(f"{case}: {problem}")
    assert wrong == []


def test_the_codec_keeps_them() -> None:
    for case in CASES:
        assert loads(dumps(case.asked)) == case.asked, case


@pytest.mark.parametrize("language", ["en", "ja"])
def test_each_is_said_in_a_sentence(language: str) -> None:
    for case in CASES:
        assert describe(case.asked, language).strip(), case


def problem_of_match(case: Case) -> bool:
    """Whether `match` answers otherwise than it should."""
    if _needs_engine(case):
        return False
    return compile_match(case.asked, NAMES[case.subject])(sight_of_case(case), case.now) is not case.expected


def problem_of_flip(case: Case) -> str:
    """What is wrong with when the answer turns; empty when nothing is."""
    if _needs_engine(case):
        return ""
    names, sight, now = NAMES[case.subject], sight_of_case(case), case.now
    match, turn = compile_match(case.asked, names), compile_flip(case.asked, names)(sight, now)
    if turn is not None and turn <= now:
        return "it turns no later than now"
    probes = {now + TICK, *(now + length for length in _LATER)}
    probes |= {moment + tick for moment in instants_of(case) for tick in (-TICK, timedelta(0), TICK)}
    probes |= set() if turn is None else {turn - TICK}
    for probe in sorted(probe for probe in probes if probe > now and (turn is None or probe < turn)):
        if match(sight, probe) is not case.expected:
            return f"it has turned by {probe}, and flip says {turn}"
    if turn is not None and _is_leaf(case.asked) and match(sight, turn) is case.expected:
        return f"it does not turn at {turn}"
    return ""


def _needs_engine(case: Case) -> bool:
    """Whether it asks for a regular expression, and the engine for these is not installed."""
    is_asked = any(isinstance(node, Compare) and node.op == "matches" for node in walk(case.asked))
    return is_asked and find_spec("re2") is None


def _is_leaf(asked: Predicate) -> bool:
    """Whether it is a single clause, which is not said with several plainer ones."""
    part = asked.part if isinstance(asked, Not) else asked
    said_otherwise = getattr(part, "starts", None) is not None
    return isinstance(part, (*LEAVES, Score, TimeInStage)) and not said_otherwise
