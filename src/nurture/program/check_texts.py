"""Texts and numbers in a program that some store or mail could not hold: U+0000, lone surrogates, no number. Pure.

Names of steps, reasons, titles and parameters become facts and effects; they are refused here, where they stand, and
not when the first lead comes to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import TYPE_CHECKING, cast

import attrs

if TYPE_CHECKING:
    from nurture.program.program import Program

_UNSEEN = frozenset({"memo"})


def text_problems(program: Program) -> Iterator[str]:
    """Every place with such a text or number."""
    for field in attrs.fields(type(program)):
        if field.name not in _UNSEEN:
            yield from _problems(getattr(program, field.name), field.name)


def _problems(value: object, where: str) -> Iterator[str]:
    if isinstance(value, (str, float)):
        yield from _of_one(value, where)
    elif isinstance(value, (tuple, list, frozenset)):
        for index, one in enumerate(cast("tuple[object, ...]", value)):
            yield from _problems(one, f"{where}[{index}]")
    elif isinstance(value, Mapping):
        for name, one in cast("Mapping[object, object]", value).items():
            yield from _problems(name, f"{where}: a name")
            yield from _problems(one, f"{where}.{name}" if isinstance(name, str) and name.isprintable() else where)
    elif attrs.has(kind := type(value)):
        for field in attrs.fields(kind):
            yield from _problems(getattr(value, field.name, None), f"{where}.{field.name}")


def _of_one(value: str | float, where: str) -> Iterator[str]:
    if not isinstance(value, str):
        if not isfinite(value):
            yield f"{where}: expected a finite number"
        return
    if "\x00" in value:
        yield f"{where}: expected text without U+0000"
    if not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
        yield f"{where}: expected text without lone surrogates"
