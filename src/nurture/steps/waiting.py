"""What the steps share that wait for facts, for dates or for people. May import predicates, model and errors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast

from nurture.calendar import describe as describe_duration
from nurture.errors import DefinitionError
from nurture.predicates import Compare, Field, Owner, Predicate, Touched
from nurture.predicates.describe import field_name
from nurture.steps.declaration import several
from nurture.steps.step import LONGEST, Duration, Scene

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.model import Touchpoint

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


def is_past(scene: Scene, at: datetime) -> bool:
    """Whether an appointment lay before the run came here; one that was held up is measured by when it was to come."""
    return at < scene.arrived_at - scene.late


def appointment_given(offset: object, where: str) -> Duration | None:
    """The time around a date.

    Raises:
        DefinitionError: Something else was given.
    """
    if offset is not None and not isinstance(offset, Duration):
        raise DefinitionError(f"{where}: expected a timedelta or civil(...), found {type(offset).__name__}")
    return offset


def appointment_problems(field: Field, offset: Duration | None, what: str) -> Iterable[str]:
    """What is wrong with a date that a step waits for, and the time around it.

    Args:
        field: Which date.
        offset: How long after it.
        what: What the step is called.
    """
    if field.owner is Owner.PROP:
        yield f"{what} takes a field of the lead, the account or the entry; q.prop(…) is of which fact?"
    if isinstance(offset, timedelta) and abs(offset) > LONGEST:
        yield "offset: expected at most 100 years either way"


_AROUND: Final = {"en": "{when}, {length}", "ja": "{when}の{length}"}


def appointment_words(field: Field, offset: Duration | None, lang: str, when: str = "{}") -> str:
    """A date and the time around it, in words; `when` is what is said of the date itself."""
    said = when.format(field_name(field, lang))
    return said if offset is None else _AROUND[lang].format(when=said, length=describe_duration(offset, lang))


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


def way_problems(names: Sequence[str], taken: str | Sequence[str], what: str) -> Iterable[str]:
    """What is wrong with the names of ways, which are parts of addresses.

    Args:
        names: The names.
        taken: The edge, or edges, that the step has besides.
        what: What the step is called.
    """
    if not names:
        yield f"{what} needs at least one way"
    if len(set(names)) < len(names):
        yield f"the ways of {what} need different names"
    for other in (taken,) if isinstance(taken, str) else taken:
        if other in names:
            yield f"{other!r} is the name of another edge of {what}; expected another name"
    if any(not _WAY.fullmatch(name) for name in names):
        yield f"the ways of {what} need names of letters, digits, _ and -, since they are parts of addresses"


def names_given(same: str | Iterable[str], where: str) -> tuple[str, ...]:
    """The properties as a tuple; one alone may be written as it is.

    Raises:
        DefinitionError: Something else was given.
    """
    names = cast("object", (same,) if isinstance(same, str) else several(same))
    if not (isinstance(names, tuple) and all(isinstance(name, str) for name in cast("tuple[object, ...]", names))):
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
