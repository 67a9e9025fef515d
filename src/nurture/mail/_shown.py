"""What is seen of an HTML text on screen, as a row of tags and texts. Pure; imports the tags and styles only.

Hidden elements, text too small to read, comments and the insides of style sheets are left out; see `_styles` for what
is not known. It is what the plain text is made of, and what is asked whether a reader can see a link.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple, TypeAlias

from nurture.mail._styles import Look, look
from nurture.mail._tags import attributes, read_value, tags

MOST_TAGS: Final = 25_000
"""So many tags are looked at; what comes after them counts as not shown."""

VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())
"""Elements that have no inside."""

_UNSEEN: Final = frozenset(
    "head title style script template iframe object svg math select textarea noembed noframes xmp plaintext "
    "audio canvas datalist dialog video".split()
)
_NO_TEXT: Final = re.compile(r"<!--.*?(?:--!?>|\Z)|<[!?/][^>]*+(?:>|\Z)|<[A-Za-z].*", re.DOTALL)
_QUOTED: Final = re.compile(r"\"[^\"]*+\"|'[^']*+'")
_HIDING_WORDS: Final = tuple("none hid opacity max-h overflow /* collapse clip scale translate".split())
_HIDING_TAG: Final = re.compile(
    r"<(?:!(?!doctype)|\?|(?:head|title|style|script|select|svg|math|noembed|noframes|xmp|template|iframe|object|textarea"
    r"|plaintext|audio|canvas|datalist|details|dialog|video)\b)"
)
_HIDING_STYLES: Final = {  # by a word that must stand there for the rest to match; a search for words is quick
    "style": re.compile(r"style\s*+=\s*+(?:\"[^\"&\\]*+[&\\]|'[^'&\\]*+[&\\]|[^\"'\s])"),  # signs written as others
    "font": re.compile(r"font(?:\s*+:|-size\s*+:\s*+(?:\+|0|1(?!\d)|\.))"),
    **{
        word: re.compile(rf"{word}\s*+:[^;:\"'<>-]*+-")  # something negative
        for word in ("left", "right", "top", "bottom", "margin", "indent")
    },
}
_CELL: Final = frozenset({"td", "th", "p"})
_ENDED_BY: Final[Mapping[str, frozenset[str]]] = {
    "body": frozenset({"head"}),
    "dd": frozenset({"dt", "dd", "p"}),
    "dt": frozenset({"dt", "dd", "p"}),
    "li": frozenset({"li", "p"}),
    "p": frozenset({"p"}),
    "td": _CELL,
    "th": _CELL,
    "tr": _CELL | {"tr"},
}
_IMPLIED: Final = frozenset("p li dd dt td th tr tbody thead tfoot option".split())
_ENDS_P: Final = frozenset({"p"})
_NOTHING: Final = Look()
INLINE: Final = frozenset(
    "a abbr b big br cite code em font i img label s small span strike strong sub sup tt u".split()
)
"""Elements that stand in the middle of a line, and the one that ends it."""

IN_LINE: Final = INLINE - {"br"}
"""Elements that do not end a line."""


class Tag(NamedTuple):
    """A start tag or an end tag.

    Attributes:
        name: In lower case.
        is_end: Whether it closes.
        html: The whole text in which it stands.
        found: Where.
    """

    name: str
    is_end: bool
    html: str = ""
    found: re.Match[str] | None = None

    @property
    def attributes(self) -> dict[str, str]:
        """Its attributes that have a value; the first one of a name counts."""
        given: dict[str, str] = {}
        if self.found is not None:
            for one in attributes(self.html, self.found):
                given.setdefault(one.name, one.value)
        return given

    def has(self, name: str) -> bool:
        """Whether it has an attribute, with a value or without."""
        written = self.found[3].lower() if self.found is not None else ""
        return name in written and has_attribute(written, name)

    @property
    def is_hidden(self) -> bool:
        """Whether its element is not shown."""
        return self.name in _UNSEEN or self.has("hidden") or self.look.is_hidden

    @property
    def look(self) -> Look:
        """What its style does."""
        if self.found is None or "style" not in self.found[3].lower():
            return _NOTHING
        return look(self.attributes.get("style", ""))


Piece: TypeAlias = Tag | str


def has_attribute(written: str, name: str) -> bool:
    """Whether an attribute stands in a tag, with a value or without.

    Args:
        written: What stands behind the tag's name.
        name: In lower case.
    """
    return re.search(rf"(?<![\w=-]){name}(?![\w-])", _QUOTED.sub("''", written.lower())) is not None


def may_hide(html: str) -> bool:
    """Whether anything in it could be hidden: a quick look that says yes too often rather than too seldom."""
    small = html.lower()
    if any(word in small for word in _HIDING_WORDS) or _HIDING_TAG.search(small):
        return True
    return "style" in small and any(word in small and style.search(small) for word, style in _HIDING_STYLES.items())


def shown(html: str) -> Sequence[Piece]:
    """Texts, decoded, and tags that are not hidden; every start tag has its end tag.

    Example:
        >>> [one if isinstance(one, str) else one.name for one in shown("a<b hidden>c</b><i>d &amp; e<!-- f -->")]
        ['a', 'i', 'd & e', 'i']
    """
    sight = _Sight()
    end = 0
    for found in islice(tags(html), MOST_TAGS):
        start = found.start()
        if start > end:
            sight.text(html[end:start])
        sight.tag(Tag(found[2].lower(), bool(found[1]), html, found))
        end = found.end()
    sight.text(html[end:])
    sight.close(len(sight.open))
    return sight.pieces


_BREAK: Final = (Tag("div", False), Tag("div", True))
"""For an end tag that ends nothing: a browser takes `</p>` for a paragraph and `</br>` for a new line. Where it
ignores others, a line too many does no harm."""


class _Sight:
    """The elements that are open, and what was seen so far."""

    __slots__ = ("_count", "_hidden_at", "_tiny", "open", "pieces")

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.open: list[Tag] = []
        self._count: Counter[str] = Counter()
        self._hidden_at: int | None = None
        self._tiny = [False]  # of each open element, whether its text is

    def text(self, written: str) -> None:
        if written and self._hidden_at is None:
            said = read_value(_NO_TEXT.sub("", written)) if "<" in written else read_value(written)
            if said and (not self._tiny[-1] or said.isspace()):
                self.pieces.append(said)

    def tag(self, tag: Tag) -> None:
        closed = self._closed_by(tag)
        if closed:
            self.close(closed)
        if tag.is_end:
            if not closed and tag.name not in IN_LINE and self._hidden_at is None:
                self.pieces += _BREAK
            return
        is_seen = self._hidden_at is None
        if is_seen and tag.is_hidden:
            if tag.name in VOID:
                return
            is_seen = False
            self._hidden_at = len(self.open)
        if is_seen:
            self.pieces.append(tag)
        if tag.name not in VOID:
            self.open.append(tag)
            self._count[tag.name] += 1
            is_tiny = tag.look.is_tiny if is_seen else None
            self._tiny.append(self._tiny[-1] if is_tiny is None else is_tiny)

    def close(self, count: int) -> None:
        """End so many of the open elements, the innermost first."""
        for _ in range(count):
            ended = self.open.pop()
            self._tiny.pop()
            self._count[ended.name] -= 1
            if self._hidden_at is None:
                self.pieces.append(Tag(ended.name, True))
            elif len(self.open) <= self._hidden_at:
                self._hidden_at = None

    def _closed_by(self, tag: Tag) -> int:
        """How many of the open elements a tag ends."""
        if tag.is_end:
            names = (one.name for one in reversed(self.open))
            return (
                next(depth for depth, name in enumerate(names, 1) if name == tag.name) if self._count[tag.name] else 0
            )
        ends = _ENDED_BY.get(tag.name)
        if ends is None:
            return 0
        return next((depth for depth, one in enumerate(reversed(self.open)) if one.name not in ends), len(self.open))


def nesting(html: str, most: int = MOST_TAGS) -> int:
    """How deep elements stand in each other at most; never less than a browser would say, for broken HTML perhaps more.

    Libraries that go down by recursion end the whole process where it is too deep.

    Args:
        html: What is asked about.
        most: Counting ends once they stand deeper than that.
    """
    elements = _Nest()
    deepest = 0
    for found in tags(html):
        name = found[2].lower()
        if found[1]:
            elements.end(name)
            continue
        if name not in INLINE:
            elements.leave(_ENDED_BY.get(name, _ENDS_P))
        if name not in VOID:
            elements.begin(name)
            deepest = max(deepest, len(elements.open))
            if deepest > most:
                break
    return deepest


class _Nest:
    """The elements that are open; each is looked at when it begins and when it ends, and at no other time."""

    __slots__ = ("_places", "_solid", "open")

    def __init__(self) -> None:
        self.open: list[str] = []
        self._places: dict[str, list[int]] = {}
        self._solid: list[int] = []  # where those stand that only an end tag of their own ends

    def begin(self, name: str) -> None:
        self._places.setdefault(name, []).append(len(self.open))
        if name not in _IMPLIED:
            self._solid.append(len(self.open))
        self.open.append(name)

    def leave(self, ended: frozenset[str]) -> None:
        """End the innermost ones as long as they have one of these names."""
        while self.open and self.open[-1] in ended:
            self._pop()

    def end(self, name: str) -> None:
        """End an element and all in it, if those end by themselves."""
        places = self._places.get(name)
        if not places or (self._solid and self._solid[-1] > places[-1]):
            return
        place = places[-1]
        while len(self.open) > place:
            self._pop()

    def _pop(self) -> None:
        name = self.open.pop()
        self._places[name].pop()
        if self._solid and self._solid[-1] == len(self.open):
            self._solid.pop()
