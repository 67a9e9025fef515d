"""What a style takes out of a reader's sight. Pure; imports nothing of ours.

It knows what authors of mail do on purpose: elements that are not displayed, have no room, are far off the screen, and
signs too small to read. It does not know colors: white on white counts as seen. Nor does it know what is worked
out (`calc()`, `var()`), style sheets that go by class, and properties that take back an earlier one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

CSS_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_CSS_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\n\f\r]?|([^\n\f\r]))")
_LAST_SIGN: Final = 0x10FFFF
_LENGTH: Final = re.compile(r"([+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:e\+?[0-9]{1,3})?)(%|[a-z]*+)")
_LENGTHS: Final = re.compile(r"(?<![\w.-])" + _LENGTH.pattern)
_PIXELS: Final[Mapping[str, float]] = {  # about; a percent is of the width of a mail
    "": 1, "px": 1, "pt": 1.3, "pc": 16, "em": 16, "rem": 16, "ex": 8, "ch": 8, "%": 6, "vw": 10, "vh": 8, "in": 96,
    "cm": 38, "mm": 3.8, "q": 0.9,
}  # fmt: skip
_FAR: Final = 500.0  # pixels
_NO_ROOM: Final = 1.0  # pixels, and less
_TINY: Final = 2.0  # pixels, and less is too small to read
_FAINT: Final = 0.1
_HALF: Final = 50.0  # percent, from each side
_SIZES: Final = frozenset("xx-small x-small small medium large x-large xx-large xxx-large initial".split())
_ROOMS: Final = frozenset("height width max-height max-width".split())
_RELATIVE: Final = frozenset({"em", "ex", "ch", "%"})
_LONGEST_KEPT: Final = 400


class Look(NamedTuple):
    """What a style does to its element.

    Attributes:
        is_hidden: Whether nothing of it is seen, whatever is in it.
        is_tiny: Whether its text is too small to read; None where it is as small as that around it. What is in it may
            be larger.
    """

    is_hidden: bool = False
    is_tiny: bool | None = None


def look(style: str) -> Look:
    """What this style does; comments and escapes are read as browsers read them.

    Example:
        >>> look("font-size: 0; color: red"), look("text-indent:-9999px").is_hidden
        (Look(is_hidden=False, is_tiny=True), True)
    """
    return _kept(style) if len(style) <= _LONGEST_KEPT else _look(style)


def _look(style: str) -> Look:
    is_tiny: bool | None = None
    is_hidden = is_cut = has_no_room = False
    for name, value in _declarations(style):
        hides = _HIDES.get(name)
        if hides is not None:
            is_hidden = is_hidden or hides(value)
        if name in _ROOMS:
            size = _pixels(value)
            has_no_room = has_no_room or (size is not None and 0 <= size <= _NO_ROOM)
        elif name.startswith("overflow"):
            is_cut = is_cut or value.startswith(("hidden", "clip"))
        elif name in ("font-size", "font"):
            found = _is_tiny(value, is_short=name == "font")
            is_tiny = is_tiny if found is None else found
    return Look(is_hidden or (is_cut and has_no_room), is_tiny)


_kept: Final = lru_cache(maxsize=1024)(_look)  # the same few styles come back in every mail


def _declarations(style: str) -> list[tuple[str, str]]:
    if "\\" in style or "/*" in style:
        style = _CSS_ESCAPE.sub(_read_escape, CSS_COMMENT.sub("", style))
    pairs = (one.partition(":") for one in style.lower().split(";"))
    return [(name.strip(), " ".join(value.partition("!")[0].split())) for name, colon, value in pairs if colon]


def _read_escape(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[2]
    code = int(found[1], 16)
    return chr(code) if 0 < code <= _LAST_SIGN else "\ufffd"


def _pixels(value: str) -> float | None:
    """About how many pixels a length is; None where it is none."""
    found = _LENGTH.fullmatch(value)
    unit = None if found is None else _PIXELS.get(found[2])
    return None if found is None or unit is None else float(found[1]) * unit


def _is_tiny(value: str, *, is_short: bool) -> bool | None:
    """Whether a size is too small to read; `font` says a size among other things, behind a weight perhaps."""
    for word in value.split():
        size = word.partition("/")[0] if is_short else word
        if size in _SIZES:
            return False
        found = _LENGTH.fullmatch(size)
        if found is None or (is_short and not found[2] and float(found[1])):
            continue
        pixels = _pixels(size)
        if pixels is None or pixels < 0 or (pixels and found[2] in _RELATIVE):
            return None
        return pixels < _TINY
    return None


def _is_far(value: str) -> bool:
    return any(-float(found[1]) * _PIXELS.get(found[2], 0) >= _FAR for found in _LENGTHS.finditer(value))


def _is_first(*words: str) -> Callable[[str], bool]:
    return lambda value: value.partition(" ")[0] in words


def _is_faint(value: str) -> bool:
    found = _LENGTH.fullmatch(value)
    return found is not None and float(found[1]) / (100 if found[2] == "%" else 1) < _FAINT


def _has_no_height(value: str) -> bool:
    return _pixels(value) == 0


def _is_moved(value: str) -> bool:
    """Whether it is scaled to nothing, or moved off the screen to any side."""
    inside = value.partition("scale")[2].partition("(")[2].partition(")")[0]
    scaled = _LENGTH.fullmatch(inside.partition(",")[0].strip())
    return ("translate" in value and _is_far(value)) or (scaled is not None and abs(float(scaled[1])) < _FAINT)


def _is_clipped(value: str) -> bool:
    """Whether no more than a spot is left: `rect(0,0,0,0)`, `inset(50%)`, `circle(0)`."""
    sizes = [(float(found[1]), found[2]) for found in _LENGTHS.finditer(value)]
    if value.startswith("inset"):
        return bool(sizes) and sizes[0][1] == "%" and sizes[0][0] >= _HALF
    return value.startswith(("rect", "circle")) and bool(sizes) and all(size <= _NO_ROOM for size, _ in sizes)


_HIDES: Final[Mapping[str, Callable[[str], bool]]] = {
    "display": _is_first("none"),
    "visibility": _is_first("hidden", "collapse"),
    "content-visibility": _is_first("hidden"),
    "mso-hide": _is_first("all"),
    "opacity": _is_faint,
    "max-height": _has_no_height,
    "transform": _is_moved,
    "clip": _is_clipped,
    "clip-path": _is_clipped,
    **dict.fromkeys(("left", "right", "top", "bottom", "text-indent", "margin", "margin-left", "margin-top"), _is_far),
}
"""By property, whether a value hides the element."""
