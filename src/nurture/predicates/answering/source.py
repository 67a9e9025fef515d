"""Functions being written as Python source. Imports nothing of ours.

Whatever a predicate holds (names, texts, numbers, instants) is bound to a name of our own making and
never becomes part of the source, so no text from outside can be executed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import cast


class Source:
    """Functions, and the constants they refer to by name."""

    def __init__(self) -> None:
        self._written: list[str] = []  # functions that are complete
        self._open: list[list[str]] = []  # lines of the functions being written, the innermost last
        self._depths: list[int] = []
        self._bound: dict[str, object] = {}
        self._names: dict[tuple[type, object], str] = {}
        self._count = 0

    def bind(self, value: object) -> str:
        """The name under which the source reads this constant."""
        key = (type(value), value if isinstance(value, (str, int)) else id(value))
        if key not in self._names:
            self._names[key] = self.fresh("c")
            self._bound[self._names[key]] = value  # kept for good, so its id stays its own
        return self._names[key]

    def fresh(self, prefix: str) -> str:
        """A name that nothing else has."""
        self._count += 1
        return f"{prefix}{self._count}"

    def line(self, text: str) -> None:
        """Add a line to the function being written."""
        self._open[-1].append("    " * self._depths[-1] + text)

    @contextmanager
    def block(self, head: str) -> Generator[None, None, None]:
        """Add a line such as `if x:` and indent what follows."""
        self.line(head)
        self._depths[-1] += 1
        yield
        self._depths[-1] -= 1

    @contextmanager
    def function(self, head: str) -> Generator[None, None, None]:
        """Write another function; the one being written waits meanwhile."""
        self._open.append([head])
        self._depths.append(1)
        yield
        self._written.append("\n".join(self._open.pop()))
        self._depths.pop()

    def text(self) -> str:
        """Every function that was written."""
        return "\n\n".join(self._written) + "\n"

    def compiled(self, name: str) -> Callable[..., object]:
        """Compile what was written, and give the function of this name."""
        scope = dict(self._bound)
        exec(compile(self.text(), "<predicate>", "exec"), scope)  # noqa: S102  # our own source; see the docstring
        return cast("Callable[..., object]", scope[name])
