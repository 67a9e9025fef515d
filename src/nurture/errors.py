"""Every exception of this library, and what each means. Imports nothing of ours.

An exception says that the caller or the world is wrong; a refusal that is normal
business (not due, not consented, guard false) is a value with a reason instead.

    NurtureError
    ├── DefinitionError (ValueError)      a wrong program: all problems at once
    │   ├── UnknownNameError              lists the near misses
    │   └── NotCompilableError            this predicate, this target, this node
    ├── InvalidFactError (ValueError)     a lead or touchpoint that cannot be accepted
    ├── ProgramMismatchError              this worker's program is not the active one
    ├── SendRefusedError                  a message cannot be composed or carried
    └── StorageError                      the driver's error is its cause
        ├── NotFoundError (LookupError)
        ├── ConflictError                 safe to retry
        ├── SchemaError                   the tables are older or newer than this release
        ├── ClockJumpError                the clock went too far to be believed
        └── JoinError                     the host's transaction cannot be joined as it is

Messages carry ids and field names, never field values: those are personal data.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

_ADDRESS: Final = re.compile(r"[^@\s]@[^@\s]")
_LONGEST_KEY: Final = 80


class NurtureError(Exception):
    """Something is wrong with the call or with the world; the base of all errors here."""


class DefinitionError(NurtureError, ValueError):
    """A program, predicate or scenario is wrong.

    Attributes:
        problems: Every problem that was found, one sentence each, with its place.
    """

    def __init__(self, problems: str | Iterable[str]) -> None:
        self.problems: tuple[str, ...] = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))


class UnknownNameError(DefinitionError):
    """A name that nothing declares; the message lists the nearest ones that exist.

    Attributes:
        name: The name that is not known.
        near: The nearest known names, best first.
    """

    def __init__(self, what: str, name: str, known: Iterable[str], *, where: str = "") -> None:
        self.name = name
        choices = sorted(known)
        self.near: tuple[str, ...] = near_misses(name, choices)
        super().__init__(unknown_name(what, name, choices, where=where))


class NotCompilableError(DefinitionError):
    """A reading cannot express a node of a predicate; the message names both."""

    def __init__(self, target: str, node: str, hint: str = "") -> None:
        self.target = target
        self.node = node
        super().__init__(f"{node} cannot be read as {target}" + (f"; {hint}" if hint else ""))


class InvalidFactError(NurtureError, ValueError):
    """A lead, an account or a touchpoint that cannot be accepted.

    Attributes:
        field: The field that is wrong, as a dotted path.
        expected: What would have been right.
    """

    def __init__(self, field: str, expected: str, *, found: str = "") -> None:
        self.field = field
        self.expected = expected
        super().__init__(f"{field}: expected {expected}" + (f", found {found}" if found else ""))


class ProgramMismatchError(NurtureError):
    """This worker's program is not the one that is active in the store; it must not decide."""


class SendRefusedError(NurtureError):
    """A message cannot be composed or cannot be carried; trying again would not help.

    Attributes:
        reason: A short machine-readable word, kept with the effect.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        super().__init__(f"{reason}: {detail}" if detail else reason)


class StorageError(NurtureError):
    """The store failed; the driver's own error is the cause."""


class NotFoundError(StorageError, LookupError):
    """A record that the caller named does not exist."""


class RecordRefusedError(StorageError):
    """The store is well, and will not hold what it was given; another record may be taken."""


class ConflictError(StorageError):
    """Someone else wrote first; doing it again is safe."""


class SchemaError(StorageError):
    """The tables of this database are not those that this release reads and writes; nothing was touched.

    Attributes:
        found: The version of the schema that the database has, as it is written there.
        expected: The version that this release reads and writes.
    """

    def __init__(self, found: str, expected: int) -> None:
        self.found = found
        self.expected = expected
        what = f"the database has schema {found!r}, and this release of nurture reads {str(expected)!r}: "
        super().__init__(what + (_OLDER if self.is_older else _NEWER))

    @property
    def is_older(self) -> bool:
        """Whether the database can be upgraded to this release."""
        return self.found.isdecimal() and 0 < int(self.found) < self.expected


_OLDER = "make a copy of it, stop what uses it, and call storage.upgrade() or run `nurture upgrade`"
_NEWER = "use the release that wrote it, or a newer one"


class ClockJumpError(StorageError):
    """The clock lies too far from the last instant that was committed; nothing was decided or written.

    Attributes:
        gap: From the last committed instant to the clock; negative when the clock went back.
        limit: How far it may lie in that direction.
    """

    def __init__(self, gap: timedelta, limit: timedelta) -> None:
        self.gap = gap
        self.limit = limit
        way = f"{-gap} behind" if gap < timedelta(0) else f"{gap} ahead of"
        super().__init__(
            f"the clock is {way} the last committed instant, and {limit} is the limit: set the clock right;"
            " or, if it is right, accept it once with storage.allow_clock() or `nurture clock --allow`"
        )


class JoinError(StorageError):
    """The host's connection or transaction cannot be joined as it is; the message says what is needed."""


def near_misses(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known names that are spelt most like the given one, best first, at most three."""
    choices = sorted(set(known))
    close = difflib.get_close_matches(name, choices, n=3, cutoff=0.6)
    folded = {choice.casefold(): choice for choice in choices}
    again = difflib.get_close_matches(name.casefold(), list(folded), n=3, cutoff=0.6)
    return tuple(dict.fromkeys([*close, *(folded[key] for key in again)]))[:3]


def shown_key(key: object) -> str:
    """A key by which something was given, as errors show it; somebody's address, and what cannot be shown, is not."""
    if isinstance(key, str) and key.isprintable() and len(key) <= _LONGEST_KEY and not _ADDRESS.search(key):
        return repr(key)
    return "…"


def unknown_name(what: str, name: str, known: Sequence[str], *, where: str = "") -> str:
    """One sentence for a name that is not known, with the near misses or the whole short list.

    Somebody's address that was given where a name belongs is not repeated.
    """
    place = f"{where}: " if where else ""
    said = "that is an address" if _ADDRESS.search(name) else repr(name)
    near = near_misses(name, known)
    if near:
        return f"{place}unknown {what} {said}; did you mean {' or '.join(map(repr, near))}?"
    if known and len(known) <= 12:
        return f"{place}unknown {what} {said}; known: {', '.join(sorted(known))}"
    return f"{place}unknown {what} {said}" + ("" if known else f"; no {what} is declared")
