"""A broadcast: one message to many people at one instant. Immutable data; imports predicates and what lies below.

It is no part of a program: it names a message of the program that is active when its instant comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import attrs

from nurture.errors import DefinitionError, InvalidFactError, unknown_name
from nurture.model import EMPTY, Lead, LeadId, Purpose, SubjectId, SubjectKind, Value, clean_instant, clean_values
from nurture.model.values import clean_text, value_to_json
from nurture.predicates import Predicate, check, to_json
from nurture.program.segment import Segment
from nurture.steps.declaration import fit, mapping_given, several

if TYPE_CHECKING:
    from nurture.program.program import Program

Audience: TypeAlias = str | Predicate | tuple[LeadId, ...]
"""A segment by its name, a predicate about leads, or a list of leads."""
LONGEST_NAME: Final = 100
LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""Beyond it lies a mistake; and an end could not be counted."""
_LONGEST: Final = timedelta(days=36_525)


def _audience(given: object) -> Audience:
    if isinstance(given, Segment):
        return given.name
    if isinstance(given, (str, Predicate)):
        return given
    many = cast("object", several(cast("Iterable[object]", given)))
    if isinstance(many, tuple):
        ids = [one.id if isinstance(one, Lead) else one for one in cast("tuple[object, ...]", many)]
        wrong = next((one for one in ids if not isinstance(one, str) or not one.startswith("lead_")), None)
        if wrong is None:
            return tuple(sorted({LeadId(SubjectId(str(one))) for one in ids}))
        found = "another id" if isinstance(wrong, str) else type(wrong).__name__
        raise DefinitionError(f"broadcast.to: expected ids of leads, found {found}")
    raise DefinitionError(
        f"broadcast.to: expected a segment, a predicate or ids of leads, found {type(given).__name__}"
    )


def _instant(given: datetime | None) -> datetime | None:
    at = None if given is None else clean_instant(given, "broadcast.at")
    if at is not None and at > LATEST:
        raise InvalidFactError("broadcast.at", f"an instant before the year {LATEST.year}")
    return at


def _params(given: Mapping[str, Value] | None) -> Mapping[str, Value]:
    return clean_values(mapping_given(given, "broadcast.params"), "broadcast.params")


@attrs.frozen(slots=True)
class Broadcast:
    """A message to many people at one instant, through the same gate as the messages of scenarios.

    Attributes:
        name: Names it for ever: a second broadcast of the same name with another content is refused once the first
            one has begun. A newsletter is a series of them, such as `news 2026-04`.
        message: Name of a message of the program.
        to: Whom: a segment or its name, a predicate about leads, or ids of leads.
        at: When; None means as soon as it was given (and approved).
        frozen: Whether the list is made when the broadcast is given. Else the audience is asked for when the instant
            comes. A list of ids is frozen by nature.
        approval: The role that has to approve it; None means nobody.
        params: Extra values for the message's body, as `params.name`.
        max_lateness: How much later than planned one of its messages may go; None means the contact policy's.
        priority: Where the policy leaves room for one message only, the one of the highest priority goes first.

    Raises:
        DefinitionError: Something is wrong with it; every problem is listed.
    """

    name: str
    message: str
    to: Audience = attrs.field(converter=_audience)
    at: datetime | None = attrs.field(default=None, converter=_instant)
    frozen: bool = False
    approval: str | None = None
    params: Mapping[str, Value] = attrs.field(default=EMPTY, converter=_params)
    max_lateness: timedelta | None = None
    priority: int = 0

    def __attrs_post_init__(self) -> None:
        fit(self, "broadcast")
        problems = list(_problems(self))
        if problems:
            raise DefinitionError(problems)

    @property
    def is_list(self) -> bool:
        """Whether it names its people one by one."""
        return isinstance(self.to, tuple)

    @property
    def is_frozen(self) -> bool:
        """Whether its people are known from the beginning."""
        return self.frozen or self.is_list


_MOST = 2**31 - 1


def _problems(one: Broadcast) -> Iterable[str]:
    if not 1 <= len(one.name) <= LONGEST_NAME:
        yield f"broadcast.name: expected a name of 1 to {LONGEST_NAME} characters"
    if one.to == ():
        yield "broadcast.to: expected at least one lead"
    yield from _text_problems(one)
    if one.approval == "":
        yield "broadcast.approval: expected the name of a role, or None"
    if one.max_lateness is not None and not timedelta(0) < one.max_lateness <= _LONGEST:
        yield "broadcast.max_lateness: expected a positive time of at most 100 years"
    if abs(one.priority) > _MOST:
        yield f"broadcast.priority: expected a whole number of at most {_MOST}"


def _text_problems(one: Broadcast) -> Iterable[str]:
    for field in ("name", "message", "approval"):
        text: object = getattr(one, field)
        if isinstance(text, str):
            try:
                clean_text(text, f"broadcast.{field}")
            except InvalidFactError as error:
                yield str(error)


def broadcast_problems(program: Program, one: Broadcast) -> list[str]:
    """Every problem that a broadcast has under a program, one sentence each."""
    where = f"broadcast {one.name!r}"
    problems = list(message_problem(program, one.message, where))
    if any(scenario.name == one.name for scenario in program.scenarios):
        problems.append(f"{where}: a scenario has this name; receipts would not tell them apart")
    if isinstance(one.to, Predicate):
        problems += check(one.to, program.names(SubjectKind.LEAD), f"{where}.to")
    elif isinstance(one.to, str):
        segment = program.segment(one.to)
        if segment is None:
            known = [each.name for each in program.segments if each.subject is SubjectKind.LEAD]
            problems.append(unknown_name("segment", one.to, known, where=f"{where}.to"))
        elif segment.subject is not SubjectKind.LEAD:
            problems.append(f"{where}.to: the segment {one.to!r} is about accounts, who read no mail")
    return problems


def message_problem(program: Program, name: str, where: str) -> Iterable[str]:
    """Why a message cannot be sent to leads, if it cannot."""
    message = program.message(name)
    if message is None:
        yield unknown_name("message", name, [each.name for each in program.messages], where=f"{where}.message")
    elif message.purpose is Purpose.INTERNAL:
        yield f"{where}.message: {name!r} is internal; expected one that goes to leads"


def audience_of(program: Program, to: str | Predicate) -> Predicate:
    """The predicate that says who is meant.

    Raises:
        InvalidFactError: The program does not know the segment (any more).
    """
    if isinstance(to, Predicate):
        return to
    segment = program.segment(to)
    if segment is None:
        raise InvalidFactError("broadcast.to", "a segment of the program")
    return segment.where


def broadcast_to_json(one: Broadcast) -> dict[str, object]:
    """The broadcast as JSON data; what is not said is left out."""
    found: dict[str, object] = {"name": one.name, "message": one.message}
    if isinstance(one.to, str):
        found["to"] = {"segment": one.to}
    elif isinstance(one.to, Predicate):
        found["to"] = {"where": to_json(one.to)}
    else:
        found["to"] = {"leads": list(one.to)}
    if one.at is not None:
        found["at"] = one.at.isoformat()
    if one.max_lateness is not None:
        found["max_lateness"] = one.max_lateness.total_seconds()
    if one.params:
        found["params"] = {name: value_to_json(value) for name, value in one.params.items()}
    for name in ("frozen", "approval", "priority"):
        if getattr(one, name):
            found[name] = getattr(one, name)
    return found
