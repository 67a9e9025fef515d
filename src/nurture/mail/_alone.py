"""Whether a name, an address or a number stands in a text by itself, or is a part of another one. Pure.

Imports nothing of ours. Where words stand between blanks, no letter or digit may stand next to it. Japanese has no
blanks: there a word ends where another kind of sign begins. Kana behind a name is what the sentence says about it
(見本商事がお送りします), a digit before an address is a postal code (100-0001東京都); but kanji and katakana make words
together, so 見本 is not in 見本商事. Thai, Lao, Khmer and Burmese signs say nothing about where a word ends.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_HIRAGANA: Final = "\u3041-\u309f"
_SOLID: Final = (  # kanji and katakana, and the signs that repeat or lengthen them
    "\u3005-\u3007\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_NO_BLANKS: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_ALL_OF: Final = {
    kind: re.compile(f"[{signs}]")
    for kind, signs in {"hiragana": _HIRAGANA, "solid": _SOLID, "no_blanks": _NO_BLANKS, "digit": r"\d"}.items()
}
_GOES_ON: Final = {  # what stands next to such a sign and belongs to the same word
    "hiragana": f"[{_HIRAGANA}]",
    "solid": rf"[^\W\d_{_HIRAGANA}{_NO_BLANKS}]",
    "digit": rf"[^\W{_HIRAGANA}{_SOLID}{_NO_BLANKS}]",
    "letter": rf"[^\W{_HIRAGANA}{_NO_BLANKS}]",
    "address": rf"[^\W{_HIRAGANA}{_SOLID}{_NO_BLANKS}]",  # of a mailbox or a page, which has no Japanese letters
}
_JOINS: Final = "[-‐‑‒–—―−－ーの]"  # between the numbers of a Japanese address: 1-1, 1ー1, 1の1
_FORMS: Final = ("株式会社", "有限会社", "合同会社", "合資会社", "合名会社", "一般社団法人", "一般財団法人", "公司")


@lru_cache(maxsize=256)
def alone(said: str) -> re.Pattern[str]:
    """Finds a text where it stands by itself; blanks in it may be any blanks.

    Example:
        >>> bool(alone("見本").search("見本がお送りします")), bool(alone("見本").search("見本商事がお送りします"))
        (True, False)
    """
    before, behind = _goes_on(said, 0), _goes_on(said, -1)
    head = tail = ""
    if before and not said.startswith(_FORMS):
        head = rf"(?<!{before})(?<!{before}[.@+-])"
    if behind and not said.endswith(_FORMS):
        tail = rf"(?![.@+-]?{behind})"
    if said[:1].isdecimal():
        head += rf"(?<!\d{_JOINS})"
    if said[-1:].isdecimal():
        tail += rf"(?!{_JOINS}\d)"
    return re.compile(head + r"\s+".join(map(re.escape, said.split())) + tail)


def _goes_on(said: str, end: int) -> str:
    """What would make it longer at one of its ends; nothing where no sign does."""
    sign = said[end : end + 1 or None]
    if not sign.isalnum():
        return ""
    kind = next((kind for kind, signs in _ALL_OF.items() if signs.match(sign)), "letter")
    if kind == "no_blanks":
        return ""
    return _GOES_ON["address" if kind == "letter" and ("@" in said or "://" in said) else kind]
