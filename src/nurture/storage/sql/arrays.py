"""Many values as one parameter: arrays in the text form of PostgreSQL. Imports the standard library only."""

from __future__ import annotations

from collections.abc import Iterable


def texts(values: Iterable[str]) -> str:
    r"""Texts as one array.

    Example:
        >>> print(texts(["a", 'b"c', "d\\e"]))
        {"a","b\"c","d\\e"}
        >>> texts([])
        '{}'
    """
    found = list(values)
    if not found:
        return "{}"
    joined = '","'.join(found)
    if "\\" in joined or joined.count('"') != 2 * (len(found) - 1):
        joined = '","'.join([one.replace("\\", "\\\\").replace('"', '\\"') for one in found])
    return f'{{"{joined}"}}'


def numbers(values: Iterable[int | None]) -> str:
    """Numbers as one array.

    Example:
        >>> numbers([1, None, -2])
        '{1,NULL,-2}'
    """
    return "{" + ",".join(["NULL" if one is None else str(one) for one in values]) + "}"
