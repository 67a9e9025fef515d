"""Programs and scenarios as YAML: the same documents as in JSON, written by people. Imports PyYAML (extra `yaml`).

YAML guesses what a bare word means, so that `no` becomes false and `2026-04-01` a date. Here a bare word is a text
unless it is one that JSON knows: `true`, `false`, `null`, or a number. Anchors, aliases, tags and keys that stand
twice are refused: nothing in a file stands for more than what is written there. It is read event by event, so that its
cost is bounded and nothing is ever constructed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, Final, cast

from nurture.errors import DefinitionError

if TYPE_CHECKING:
    from types import ModuleType

MAX_CHARACTERS: Final = 500_000
"""How long a document may be."""
MAX_DEEP: Final = 100
"""How deep it may be nested."""
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d{0,300})(\.\d{1,300})?([eE][+-]?\d{1,2})?", re.ASCII)
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}


def data_from_yaml(text: str | bytes) -> object:
    """What a YAML document says, as JSON data.

    Raises:
        DefinitionError: It is no YAML, or says what JSON cannot say; every problem with its line.
        ImportError: The extra is missing.

    Example:
        >>> data_from_yaml("answer: no")
        {'answer': 'no'}
    """
    yaml = _library()
    try:
        source = text.decode() if isinstance(text, bytes) else text
    except UnicodeDecodeError:
        raise DefinitionError("$: expected UTF-8") from None
    if len(source) > MAX_CHARACTERS:
        raise DefinitionError(f"$: expected at most {MAX_CHARACTERS:,} characters, found {len(source):,}")
    reading = _Reading()
    try:
        for event in yaml.parse(source, Loader=yaml.SafeLoader):
            reading.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = "$" if mark is None else f"line {mark.line + 1}"
        raise DefinitionError([*reading.problems, f"{where}: not YAML: {error.problem}"]) from None
    except yaml.YAMLError:
        raise DefinitionError([*reading.problems, "$: not YAML: a character that no text file has"]) from None
    if reading.problems:
        raise DefinitionError(reading.problems)
    return reading.found


class _Reading:
    """The value that the events of one document make."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.found: object = None
        self._documents = 0
        self._open: list[dict[str, object] | list[object]] = []
        self._keys: list[str | None] = []

    def take(self, event: object) -> None:
        """One event: something begins, ends, or is said."""
        kind = type(event).__name__.removesuffix("Event")
        where = f"line {event.start_mark.line + 1}"  # type: ignore[attr-defined] # pyright: ignore
        self.problems += _refused(event, kind, where)
        if kind == "DocumentStart":
            self._documents += 1
            if self._documents == 2:
                self.problems.append(f"{where}: a second document begins; expected one")
        elif kind in ("MappingStart", "SequenceStart"):
            self._begin({} if kind == "MappingStart" else [], where)
        elif kind in ("MappingEnd", "SequenceEnd"):
            self._open.pop()
            self._keys.pop()
        elif kind == "Scalar":
            self._say(cast("str", event.value), event.style is None, where)  # type: ignore[attr-defined] # pyright: ignore

    def _begin(self, value: dict[str, object] | list[object], where: str) -> None:
        if len(self._open) >= MAX_DEEP:
            raise DefinitionError([*self.problems, f"{where}: nested more than {MAX_DEEP} deep"])
        if self._open and isinstance(self._open[-1], dict) and self._keys[-1] is None:
            raise DefinitionError([*self.problems, f"{where}: expected a text as key"])
        self._put(value)
        self._open.append(value)
        self._keys.append(None)

    def _say(self, text: str, is_bare: bool, where: str) -> None:
        inside = self._open[-1] if self._open else None
        if not isinstance(inside, dict) or self._keys[-1] is not None:
            self._put(_scalar(text) if is_bare else text)
            return
        if text in inside:
            self.problems.append(f"{where}: the key {text!r} stands twice in one object")
        self._keys[-1] = text

    def _put(self, value: object) -> None:
        inside = self._open[-1] if self._open else None
        if isinstance(inside, list):
            inside.append(value)
        elif isinstance(inside, dict):
            inside[cast("str", self._keys[-1])] = value
            self._keys[-1] = None
        else:
            self.found = value


def _refused(event: object, kind: str, where: str) -> Iterator[str]:
    if kind == "Alias":
        yield f"{where}: aliases (*name) are not read; write out what is meant"
    elif getattr(event, "anchor", None) is not None:
        yield f"{where}: anchors (&name) are not read"
    if getattr(event, "tag", None) not in (None, "!"):
        yield f"{where}: tags such as !name are not read"


def _scalar(text: str) -> object:
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text) is None:
        return text
    if not any(sign in text for sign in ".eE"):
        return int(text)
    return number if isfinite(number := float(text)) else text


def _library() -> ModuleType:
    try:
        import yaml
    except ImportError as missing:
        message = 'reading YAML needs PyYAML: pip install "nurture-crm[yaml]"'
        raise ImportError(message, name="yaml") from missing
    return yaml
