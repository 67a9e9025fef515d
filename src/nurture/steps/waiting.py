"""What the steps share that wait for facts, for dates or for people. May import predicates, model and errors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, cast

from nurture.errors import DefinitionError
from nurture.predicates import Compare, Field, Predicate, Touched

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.model import Touchpoint
    from nurture.steps.step import Scene

_WAY: Final = re.compile(r"[\w-]{1,60}")


def known_at(fact: Touchpoint) -> datetime:
    """When a fact was known here: it answers no step before."""
    return max(fact.at, fact.received_at)


def meant_at(scene: Scene, instant: datetime) -> datetime | None:
    """When a run that was held up here was to go on; None for one that is in time, or has only just come here."""
    return None if scene.now in (instant, scene.arrived_at) else max(instant, scene.arrived_at)


def asked_for(field: Field) -> Predicate:
    """The question by which a field that a step reads is checked, loaded and told like any other."""
    return Compare(field, "missing")


def clause_problems(clause: object, what: str) -> Iterable[str]:
    """What is wrong with a clause whose facts a step looks up: it asks for one fact, without counts or windows."""
    if not (isinstance(clause, Touched) and clause.is_plain):
        yield f"{what} takes one clause about a fact, such as q.touches('email.clicked'), without count or window"


def same_problems(same: Sequence[str], what: str) -> Iterable[str]:
    """What is wrong with the properties that must be the same as in the fact that began the run."""
    if any(not name for name in same):
        yield f"{what}: expected names of properties, found an empty one"
    if len(set(same)) < len(same):
        yield f"{what}: expected each property once"


def way_problems(names: Sequence[str], taken: str, what: str) -> Iterable[str]:
    """What is wrong with the names of ways, which are parts of addresses.

    Args:
        names: The names.
        taken: The edge that the step has besides.
        what: What the step is called.
    """
    if not names:
        yield f"{what} needs at least one way"
    if len(set(names)) < len(names):
        yield f"the ways of {what} need different names"
    if taken in names:
        yield f"{taken!r} is the name of another edge of {what}; expected another name"
    if any(not _WAY.fullmatch(name) for name in names):
        yield f"the ways of {what} need names of letters, digits, _ and -, since they are parts of addresses"


def names_given(same: str | Iterable[str], where: str) -> tuple[str, ...]:
    """The properties as a tuple; one alone may be written as it is.

    Raises:
        DefinitionError: Something else was given.
    """
    names = (same,) if isinstance(same, str) else tuple(cast("Iterable[object]", same))
    if not all(isinstance(name, str) for name in names):
        raise DefinitionError(f"{where}: expected names of properties")
    return cast("tuple[str, ...]", names)


def steps_of(way: object, where: str) -> tuple[Predicate, Sequence[object]]:
    """A way as its predicate and its steps.

    Raises:
        DefinitionError: It is something else.
    """
    pair = cast("tuple[object, ...]", way) if isinstance(way, (tuple, list)) else ()
    if len(pair) == 2 and isinstance(pair[0], Predicate) and isinstance(pair[1], (tuple, list)):
        return pair[0], cast("Sequence[object]", pair[1])
    raise DefinitionError(
        f"{where}: expected a predicate and its steps, as in name=(q.stage == 'mql', [send('hello')])"
    )
