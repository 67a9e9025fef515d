"""The reference meaning of a predicate: what is known and an instant in, yes or no out. May import the tree.

A predicate is compiled once to a Python function, from our own checked tree and never from text that
somebody gave. The rules of meaning are in `tree` (nodes), `touches` (facts) and `comparisons` (values).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from nurture.errors import DefinitionError
from nurture.model import sight_of
from nurture.predicates.answering.loops import FactTest, compiled_test, skip_tests
from nurture.predicates.answering.source import Source
from nurture.predicates.answering.writer import Writer
from nurture.predicates.names import Names
from nurture.predicates.touches import Touched
from nurture.predicates.tree import All, AnyOf, Not, Predicate

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.model import Dossier, Sight


def compile_match(predicate: Predicate, names: Names) -> Callable[[Sight, datetime], bool]:
    """The predicate as a function of what is seen of a subject and the moment asked about.

    Args:
        predicate: The question.
        names: What the segments and scores it names mean.

    Returns:
        A pure function, safe to share between threads. It takes a `Sight` and an aware instant.

    Raises:
        DefinitionError: It names an unknown segment or score, segments go in a circle, or a property
            is asked where there is no fact.
    """
    source = Source()
    name = Writer(names, source).function(predicate, "answer")
    return cast("Callable[[Sight, datetime], bool]", source.compiled(name))


def compile_fact(predicate: Predicate) -> FactTest:
    """Whether one fact is such as a clause describes: for triggers, waits and score rules.

    Args:
        predicate: `q.touches(...)` with conditions, but without window, period, count or anything else that
            looks at other facts or at the present; or several of these joined with `& | ~`.

    Returns:
        A pure function of a fact. Where a condition looks at `q.entry`, it is given the values of the entry besides;
        without them they are missing.

    Raises:
        DefinitionError: One fact cannot answer it.

    Example:
        >>> from nurture.predicates import q
        >>> is_click = compile_fact(q.touches("email.clicked").where(q.prop("url").contains("/pricing")))
    """
    source = Source()
    return compiled_test(_one_fact(predicate, source), source)


def _one_fact(node: Predicate, source: Source) -> str:
    if isinstance(node, Not):
        return f"(not {_one_fact(node.part, source)})"
    if isinstance(node, (All, AnyOf)) and node.parts:
        return (
            f"({(' and ' if isinstance(node, All) else ' or ').join(_one_fact(part, source) for part in node.parts)})"
        )
    if not isinstance(node, Touched):
        raise DefinitionError(f"expected q.touches(...), found {type(node).__name__}: one fact cannot answer it")
    if not node.is_plain:
        raise DefinitionError(f"touches({node.kind or ''}): one fact answers no {_beyond_one(node)}")
    tests = [] if node.exact_kind is None else [f"fact.kind == {source.bind(node.exact_kind)}"]
    if node.prefix is not None:
        tests.append(f"fact.kind.startswith({source.bind(node.prefix)})")
    skips = skip_tests(node, source, "entry")
    if skips:
        tests.append(f"not ({' or '.join(skips)})")
    return f"({' and '.join(tests)})" if tests else "True"


def _beyond_one(node: Touched) -> str:
    """The part of the clause that looks at other facts, or at the present."""
    parts = {
        ".within(...)": node.window,
        ".older_than(...)": node.older,
        ".during(...)": node.period,
        ".newest_per(...)": node.per,
    }
    return next((name for name, given in parts.items() if given is not None), f".{node.quantifier}(...)")


def match(predicate: Predicate, dossier: Dossier, now: datetime, *, names: Names | None = None) -> bool:
    """Whether the predicate holds of this dossier at `now`: for one question; compile for many.

    Args:
        predicate: The question.
        dossier: All that is known about the subject.
        now: The instant asked about.
        names: What the names in the predicate mean; nothing is declared when it is left out.
    """
    return compile_match(predicate, names or Names())(sight_of(dossier), now)
