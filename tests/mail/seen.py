"""What is seen of an HTML mail, and what it is made of, read without any code of ours: the standard library's parser.

Written for the tests alone. It knows which elements and styles hide what is in them, and gives the skeleton of a text:
its elements and the names of their attributes, which data may never change.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_UNSEEN = frozenset("head title style script template noscript iframe object".split())
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)


class Page(HTMLParser):
    """One HTML text.

    Attributes:
        skeleton: Every tag with the names of its attributes, in order.
        values: Every attribute's value, by `element.attribute`, in order.
        texts: Every piece of text that is seen, as it stands.
        hidden: Every piece that is not.
        links: The targets of links that are seen.
        comments: How many there are.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.skeleton: list[tuple[str, ...]] = []
        self.values: dict[str, list[str]] = {}
        self.texts: list[str] = []
        self.hidden: list[str] = []
        self.links: list[str] = []
        self.comments = 0
        self._open: list[tuple[str, bool]] = []
        self._said_by: dict[str, str] = {}
        self._target: str | None = None
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        """All that is seen, blanks as a browser shows them."""
        return " ".join("".join(self.texts).split())

    @property
    def names(self) -> frozenset[str]:
        """The names of its elements."""
        return frozenset(tag[0] for tag in self.skeleton)

    def said_by(self, target: str) -> str:
        """What can be clicked on to get to a target: words, or an image."""
        return self._said_by.get(target, "").strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.skeleton.append((tag, *sorted(name for name, _ in attrs)))
        for name, value in attrs:
            self.values.setdefault(f"{tag}.{name}", []).append(value or "")
        given = dict(attrs)
        hides = tag in _UNSEEN or "hidden" in given or bool(_HIDING.search(given.get("style") or ""))
        if tag not in VOID:
            self._open.append((tag, hides))
        if tag == "br" and not self._is_hidden():
            self.texts.append("\n")
        if tag == "a" and "href" in given and not self._is_hidden():
            self.links.append(given["href"] or "")
            self._target = self.links[-1]
        if tag == "img" and self._target is not None and not self._is_hidden():
            self._said_by[self._target] = f"{self._said_by.get(self._target, '')}[{given.get('alt')}]"

    def handle_endtag(self, tag: str) -> None:
        self.skeleton.append((f"/{tag}",))
        if tag == "a":
            self._target = None
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                break

    def handle_data(self, data: str) -> None:
        (self.hidden if self._is_hidden() else self.texts).append(data)
        if self._target is not None and not self._is_hidden():
            self._said_by[self._target] = self._said_by.get(self._target, "") + data

    def handle_comment(self, data: str) -> None:
        self.comments += 1

    def handle_decl(self, decl: str) -> None:
        self.skeleton.append((f"!{decl.lower()}",))

    def unknown_decl(self, data: str) -> None:
        self.skeleton.append(("![",))

    def handle_pi(self, data: str) -> None:
        self.skeleton.append(("?",))

    def _is_hidden(self) -> bool:
        return any(hides for _, hides in self._open)
