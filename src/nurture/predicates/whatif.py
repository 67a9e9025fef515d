"""What single change would turn an answer over: a bounded search, proved with `match`. May import the readings.

It tries what the clauses themselves name: a value at or just across a border, cleared, or another; one more fact
now; a stage; a word of consent; a list; a score; what the account has told. It is no planner: what takes two
changes, or time, is not found (time has its own answer, the flip).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

import attrs

from nurture.predicates.dates import Held
from nurture.predicates.describe import describe, language
from nurture.predicates.explaining.trials import Trial, What, trials_of
from nurture.predicates.match import compile_match
from nurture.predicates.standing import InSegment
from nurture.predicates.tree import All, AnyOf, Compare, Not, Predicate

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.model import Sight
    from nurture.predicates.names import Names

__all__ = ["MAX_LEAVES", "MAX_TRIALS", "Change", "What", "flippers"]

MAX_TRIALS: Final = 200
"""The most changes that are tried."""
MAX_LEAVES: Final = 60
"""The most clauses whose changes are tried."""

_SAID: Final = {
    "en": {What.FACT: "if one more fact came now: {}", What.VALUE: "if, by a change of {name}, {}", None: "if {}"},
    "ja": {What.FACT: "今もう一件加われば：{}", What.VALUE: "「{name}」が変わり、{}なら", None: "仮に：{}"},
}


@attrs.frozen(slots=True, kw_only=True)
class Change:
    """A single change that turns the answer over.

    Attributes:
        what: What kind of change it is.
        name: What is changed: a field, a kind of fact, a score model, a scenario, …; of an account or its people the
            question, as a sentence; `""` for the stage.
        node: What would be the case after it, as a clause: so it can be said, stored and compared. It holds
            literals of the program and of borders between values, no value of the subject. But the amount that a
            sum or an average still lacks tells what it is now: show it to those only who may see the subject.
    """

    what: What
    name: str
    node: Predicate

    @property
    def sentence(self) -> str:
        """The change in English."""
        return self.said("en")

    def said(self, lang: str) -> str:
        """The change in a language: `en` or `ja`."""
        words = _SAID[language(lang)]
        clause = self.node.part if isinstance(self.node, Not) else self.node
        of_two = isinstance(clause, Compare) and len(clause.fields) == 2  # say which of the two is changed
        words_for = words[self.what] if self.what is What.FACT or of_two else words[None]
        return words_for.format(describe(self.node, lang), name=self.name.partition(".")[2])


def flippers(predicate: Predicate, sight: Sight, now: datetime, names: Names, *, limit: int = 5) -> tuple[Change, ...]:
    """The single changes that would turn the answer of the whole predicate over, the smallest first.

    Args:
        predicate: The question.
        sight: What is seen of the subject.
        now: The moment asked about.
        names: What the names in the predicate mean.
        limit: How many to give at most.

    Returns:
        For each thing that can be changed (a field, a kind of fact, …) the smallest change found, if one was.
        At most 200 changes are tried, in turn from each clause, so a large predicate may have more.
    """
    asks = compile_match(predicate, names)
    answer = asks(sight, now)
    best: dict[tuple[What, str], Trial] = {}
    for trial in islice(_in_turn(predicate, sight, now, names), MAX_TRIALS):
        known = best.get(trial.thing)
        smaller = known is None or trial.size < known.size
        if smaller and asks(trial.sight, now) is not answer and _is_so(trial, now, names):
            best[trial.thing] = trial
    ordered = sorted(best.values(), key=lambda trial: (trial.size, trial.thing))
    return tuple(_change(trial, now, names) for trial in ordered[: max(limit, 0)])


def _is_so(trial: Trial, now: datetime, names: Names) -> bool:
    """Whether what is said is the case after it; of the clause itself, either answer can be said."""
    return trial.of_leaf or compile_match(trial.node, names)(trial.sight, now)


def _change(trial: Trial, now: datetime, names: Names) -> Change:
    node = trial.node
    if trial.of_leaf and not compile_match(node, names)(trial.sight, now):
        node = ~node
    return Change(what=trial.thing[0], name=trial.thing[1], node=node)


def _in_turn(predicate: Predicate, sight: Sight, now: datetime, names: Names) -> Iterator[Trial]:
    """The changes of all clauses, one of each in turn, so that a clause with many leaves room for the others."""
    waiting = [trials_of(leaf, sight, now, names) for leaf in islice(_leaves([predicate], names), MAX_LEAVES)]
    while waiting:
        going: list[Iterator[Trial]] = []
        for trials in waiting:
            trial = next(trials, None)
            if trial is not None:
                going.append(trials)
                yield trial
        waiting = going


def _leaves(predicates: Iterable[Predicate], names: Names) -> Iterator[Predicate]:
    """The clauses that join nothing, those inside segments included; each once."""
    rest, seen = list(predicates), set[Predicate]()
    while rest:
        node = rest.pop(0)
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, (All, AnyOf, Not, Held)):
            rest.extend(node.children())
        elif isinstance(node, InSegment):
            rest.append(names.segments[node.name])
        else:
            yield node
