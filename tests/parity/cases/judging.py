"""Asks a reading about the cases, and says what was wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from nurture.errors import NotCompilableError
from nurture.predicates import Compare, Predicate, Touched, inlined, lowered, walk
from tests.parity.cases.batches import Batch, Reading


def wrong(reading: Reading, batches: Iterable[Batch], capabilities: Mapping[str, bool | str]) -> list[str]:
    """The cases that are answered otherwise than they should be, and the questions that were refused without a word.

    Args:
        reading: Who is asked.
        batches: What.
        capabilities: What the reading says that it can do: True, or why not.
    """
    return [problem for batch in batches for problem in _problems(reading, batch, capabilities)]


def first_wrong(reading: Reading, batches: Iterable[Batch], capabilities: Mapping[str, bool | str]) -> str:
    """The first of these; nothing when there is none."""
    return next((problem for batch in batches for problem in _problems(reading, batch, capabilities)), "")


def _problems(reading: Reading, batch: Batch, capabilities: Mapping[str, bool | str]) -> Iterator[str]:
    try:
        answers = reading.answers(batch)
    except NotCompilableError as refusal:
        if not declared(batch, capabilities):
            yield f"{batch.cases[0]}: declined, but not declared: {refusal}"
        return
    except Exception as error:  # a database's own, among others; they tell the whole statement
        yield f"{batch.cases[0]}: {type(error).__name__}: {str(error)[:160]}"
        return
    for case in batch.cases:
        if case.id in answers and answers[case.id] is not case.expected:
            yield str(case)


def declared(batch: Batch, capabilities: Mapping[str, bool | str]) -> bool:
    """Whether something in the question is declared not to be possible, or under a condition only."""
    return any(capabilities.get(name) is not True for name in needs(batch))


def needs(batch: Batch) -> Iterator[str]:
    """The nodes, owners of fields, operators and quantifiers of a question, as tables of capabilities call them."""
    asked = lowered(inlined(batch.asked, batch.names), batch.names, told=False)
    for node in _asked_nodes(asked):
        yield from (f"Field.{field.owner.value}" for field in node.fields)
        if isinstance(node, Compare):
            yield f"Compare.{node.op}"
        elif isinstance(node, Touched):
            yield f"Touched.{node.quantifier.value}"
        else:
            yield type(node).__name__


def _asked_nodes(asked: Predicate) -> Iterator[Predicate]:
    plain = ("All", "AnyOf", "Not")
    return (node for node in walk(asked) if type(node).__name__ not in plain)


def every(nth: int, batches: Sequence[Batch]) -> Sequence[Batch]:
    """A share of the batches, the same each time; 1 is all of them."""
    return batches[:: max(nth, 1)]
