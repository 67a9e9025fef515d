"""Whether a cell holds a mail address or a telephone number. Standard library only.

The answer is the value, or the class of what is wrong: never the value inside a message.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

# Handed out before 2009 with dots that RFC 5321 forbids; such people still have them.
_LENIENT = frozenset({"docomo.ne.jp", "ezweb.ne.jp"})
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~\-\u00a1-\U0010ffff]+")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9\-\u00a1-\U0010ffff]{1,63}(?<!-)")
_QUOTED = re.compile(r'"([A-Za-z0-9.!#$%&\'*+/=?^_`{|}~\-]+)"@')
_EXTENSION = re.compile(r"\s*(?:内線|ext\.?|x|#)\s*\d{1,6}\s*$", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s()\-./\u2010-\u2015\u2212\u301c~ー]")
_DIGITS = re.compile(r"\+?\d{7,15}")


class Checked(NamedTuple):
    """A value that may be used, or why it may not."""

    value: str | None
    wrong: str = ""


def check_email(text: str) -> Checked:
    """The address, or the class of what is wrong with it.

    Full-width letters become plain ones (an address, unlike a name, has no other meaning), and the
    quotes that old addresses of Japanese carriers need on the wire are taken off.

    Example:
        >>> check_email("ｔａｒｏ＠example.jp").value, check_email("da..me.@docomo.ne.jp").value
        ('taro@example.jp', 'da..me.@docomo.ne.jp')
        >>> check_email("taro@example").wrong
        'a domain without a dot'
    """
    address = _QUOTED.sub(r"\1@", unicodedata.normalize("NFKC", text).strip(), count=1)
    local, at, domain = address.rpartition("@")
    checks = (
        (not at, "no @ sign"),
        ("@" in local, "more than one @ sign"),
        (any(ch.isspace() for ch in address), "a blank inside"),
        (any(unicodedata.category(ch)[0] == "C" for ch in address), "an invisible character"),
        (not local or not domain, "nothing before or after the @ sign"),
        (len(address) > 254 or len(local) > 64, "too long"),
        ("." not in domain, "a domain without a dot"),
        (not all(_LABEL.fullmatch(label) for label in domain.split(".")), "a malformed domain"),
        (_LOCAL.fullmatch(local) is None, "a sign that cannot stand before the @"),
        (f".{local}.".count("..") > 0 and domain.casefold() not in _LENIENT, "a dot at an edge or two in a row"),
    )
    wrong = next((why for failed, why in checks if failed), "")
    return Checked(None, wrong) if wrong else Checked(address)


def check_phone(text: str) -> Checked:
    """The number as it was written, or the class of what is wrong with it.

    Example:
        >>> check_phone("０３-0000-1234 内線12").value, check_phone("call me").wrong
        ('０３-0000-1234 内線12', 'not 7 to 15 digits')
    """
    number = _EXTENSION.sub("", unicodedata.normalize("NFKC", text))
    plain = _SEPARATORS.sub("", number.replace("(0)", "") if number.lstrip().startswith("+") else number)
    return Checked(text.strip()) if _DIGITS.fullmatch(plain) else Checked(None, "not 7 to 15 digits")
