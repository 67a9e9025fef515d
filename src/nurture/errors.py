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
        └── ConflictError                 safe to retry

Messages carry ids and field names, never field values: those are personal data.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


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


class ConflictError(StorageError):
    """Someone else wrote first; doing it again is safe."""


def near_misses(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known names that are spelt most like the given one, best first, at most three."""
    choices = sorted(set(known))
    close = difflib.get_close_matches(name, choices, n=3, cutoff=0.6)
    folded = {choice.casefold(): choice for choice in choices}
    again = difflib.get_close_matches(name.casefold(), list(folded), n=3, cutoff=0.6)
    return tuple(dict.fromkeys([*close, *(folded[key] for key in again)]))[:3]


def unknown_name(what: str, name: str, known: Sequence[str], *, where: str = "") -> str:
    """One sentence for a name that is not known, with the near misses or the whole short list."""
    place = f"{where}: " if where else ""
    near = near_misses(name, known)
    if near:
        return f"{place}unknown {what} {name!r}; did you mean {' or '.join(map(repr, near))}?"
    if known and len(known) <= 12:
        return f"{place}unknown {what} {name!r}; known: {', '.join(sorted(known))}"
    return f"{place}unknown {what} {name!r}" + ("" if known else f"; no {what} is declared")
