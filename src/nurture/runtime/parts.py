"""What a host hands over when it builds its `Nurture`: looked at at once, before anything is wired together.

It is the first thing that a newcomer writes, so each part is asked for what it must be able to do, and a class in the
place of an object, or an address in the place of a store, is told by name. May import the program and what lies below
the runtime.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast

from nurture.errors import DefinitionError, shown_key
from nurture.mail.files import Attachment
from nurture.mail.owner import Owner
from nurture.mail.site import Site
from nurture.program import Program
from nurture.runtime.arguments import is_collection

if TYPE_CHECKING:
    from nurture.ports import Sender

_OF_STORE: Final = ("now", "view", "begin", "tenant", "capabilities")
_OF_SENDER: Final = ("send", "close", "dedup_window")
_OF_PROBE: Final = ("span", "count")
Problem = Callable[[object], str | None]
"""What is wrong with a part, as a sentence after its place; None when nothing is."""


def refuse_wrong_parts(*, may_wait: bool = False, **given: object) -> None:
    """Refuse parts that are something else; the names are those of the arguments of `Nurture`.

    Args:
        may_wait: Whether senders and actions may be asynchronous.
        given: The parts.

    Raises:
        DefinitionError: Some are; all of them at once, by their places. What was given is not repeated.
    """
    problems = [problem for name, part in given.items() for problem in _PARTS[name](name, part)]
    if not problems and not may_wait:
        problems = list(_waiting(given))
    if problems:
        raise DefinitionError(problems)


def is_async(function: object) -> bool:
    """Whether calling it gives a coroutine."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004


def _waiting(given: Mapping[str, object]) -> Iterator[str]:
    """The functions that must be awaited, where nobody awaits them."""
    senders = cast("Mapping[str, Sender]", given.get("senders") or {})
    actions = cast("Mapping[str, object]", given.get("actions") or {})
    observers = cast("Collection[object]", given.get("observers") or ())
    functions: dict[str, object] = {f"senders[{shown_key(key)}]": one.send for key, one in senders.items()}
    functions |= {f"actions[{shown_key(key)}]": one for key, one in actions.items()}
    functions |= {f"observers[{place}]": one for place, one in enumerate(observers)}
    for where, function in functions.items():
        if is_async(function):
            yield f"{where}: expected a plain function; AsyncNurture takes senders and actions that wait"


def _one(is_right: Problem, *, optional: bool = False) -> Callable[[str, object], Iterator[str]]:
    def problems(where: str, part: object) -> Iterator[str]:
        problem = None if optional and part is None else is_right(part)
        if problem is not None:
            yield f"{where}: {problem}"

    return problems


def _byshown_key(is_right: Problem, expected: str) -> Callable[[str, object], Iterator[str]]:
    def problems(where: str, parts: object) -> Iterator[str]:
        if parts is None:
            return
        if not isinstance(parts, Mapping):
            yield f"{where}: expected {expected}, found {_kind(parts)}"
            return
        for name, part in cast("Mapping[object, object]", parts).items():
            problem = is_right(part) if isinstance(name, str) else f"expected a text as name, found {_kind(name)}"
            if problem is not None:
                yield f"{where}[{shown_key(name)}]: {problem}" if isinstance(name, str) else f"{where}: {problem}"

    return problems


def _several(is_right: Problem) -> Callable[[str, object], Iterator[str]]:
    def problems(where: str, parts: object) -> Iterator[str]:
        if not is_collection(parts):
            yield f"{where}: expected several, such as a list, found {_kind(parts)}"
            return
        for place, part in enumerate(cast("Collection[object]", parts)):
            problem = is_right(part)
            if problem is not None:
                yield f"{where}[{place}]: {problem}"

    return problems


def _is(kind: type, expected: str) -> Problem:
    return lambda part: None if isinstance(part, kind) else f"expected {expected}, found {_kind(part)}"


def _can(names: tuple[str, ...], expected: str) -> Problem:
    def problem(part: object) -> str | None:
        missing = [name for name in names if not hasattr(part, name)]
        if isinstance(part, type) and len(missing) < len(names):
            return f"expected {expected}, found its class: make one, as in {part.__name__}(…)"
        if len(missing) == len(names):
            return f"expected {expected}, found {_kind(part)}"
        return f"expected {expected}; {type(part).__name__} has no {' and no '.join(missing)}" if missing else None

    return problem


def _sends(part: object) -> str | None:
    problem = _can(_OF_SENDER, "a sender, such as SmtpSender(host)")(part)
    window: object = getattr(part, "dedup_window", None)
    if problem is None and not isinstance(window, timedelta):
        return f"expected a timedelta as its dedup_window, zero where keys are forgotten, found {_kind(window)}"
    return problem


def _called(part: object) -> str | None:
    return None if callable(part) else f"expected a function, found {_kind(part)}"


def _attached(part: object) -> str | None:
    if isinstance(part, Attachment) or (callable(part) and part is not Attachment):
        return None
    return f"expected an Attachment, or a function that makes one for an effect, found {_kind(part)}"


def _kind(part: object) -> str:
    """What something is, and never what it says."""
    if isinstance(part, str):
        return "text"
    return f"the class {part.__name__}" if isinstance(part, type) else type(part).__name__


_PARTS: Final[Mapping[str, Callable[[str, object], Iterator[str]]]] = {
    "program": _one(_is(Program, "a Program")),
    "storage": _one(_can(_OF_STORE, "a store, such as SqlStorage(url) or MemoryStorage()")),
    "senders": _byshown_key(_sends, "senders by channel, such as {'email': SmtpSender(host)}"),
    "site": _one(_is(Site, "a Site"), optional=True),
    "actions": _byshown_key(_called, "functions by the name of the action"),
    "owners": _byshown_key(
        lambda part: (
            None if isinstance(part, (str, Owner)) else f"expected an Owner or an address, found {_kind(part)}"
        ),
        "owners or their addresses by id",
    ),
    "attachments": _byshown_key(_attached, "files by name"),
    "observers": _several(_called),
    "probe": _one(_can(_OF_PROBE, "a probe, such as OpenTelemetry()"), optional=True),
    "render": _one(_is(bool, "True or False")),
    "new_key": _one(_called, optional=True),
}
