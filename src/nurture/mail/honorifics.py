"""How a person is addressed: 姓 様, 先生, 御中, ご担当者様, or a Western name. Pure; imports nothing of ours.

Rules: an unspaced full name is never split; 様 never follows a title (部長様 is wrong); doctors,
lawyers and teachers are 先生; a company without a person is 御中; ご担当者様 is the fall-back.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

SENSEI = (
    "医師", "獣医", "教授", "講師", "先生", "院長",
    "弁護士", "弁理士", "税理士", "会計士", "司法書士", "行政書士", "社会保険労務士", "社労士",
)  # fmt: skip
"""A title that ends in one of these is addressed as 先生."""

_DOCTORS = frozenset({"dr", "doctor", "prof", "professor", "associate professor"})
_FALLBACK = "ご担当者様"


class Form(StrEnum):
    """How long the address is: `short` for a greeting, `letter` with company, department and title."""

    SHORT = "short"
    LETTER = "letter"


def honorific(person: Mapping[str, object], *, locale: str = "ja", form: Form = Form.SHORT) -> str:
    """How to address a person.

    Args:
        person: Fields of a lead as plain data: `family_name`, `given_name`, `name`, `full_name`,
            `title`, `company`, `department`. Missing and empty ones are the same.
        locale: Language of the message; `ja` addresses in the Japanese way, any other in the Western way.
        form: `short` for a greeting; `letter` puts company, department and title before the name.

    Example:
        >>> honorific({"family_name": "山田", "title": "部長", "company": "株式会社見本"})
        '山田 様'
        >>> honorific({"family_name": "山田", "title": "部長", "company": "株式会社見本"}, form=Form.LETTER)
        '株式会社見本 部長 山田 様'
        >>> honorific({"family_name": "Lovelace", "given_name": "Ada"}, locale="en")
        'Ada Lovelace'
    """
    form = Form(form)
    return _japanese(person, form) if locale.startswith("ja") else _western(person, form)


def _japanese(person: Mapping[str, object], form: Form) -> str:
    fields = ("family_name", "name", "full_name", "given_name")
    name = next((found for found in (_text(person, field) for field in fields) if found), "")
    title = _text(person, "title")
    ending = "先生" if title.endswith(SENSEI) else "様"
    addressed = name if name.endswith(("様", "先生")) else f"{name} {ending}"
    if form is Form.SHORT:
        return addressed if name else _FALLBACK
    firm = [part for part in (_text(person, "company"), _text(person, "department")) if part]
    if name:
        shown = [] if title == "先生" else [title]
        return " ".join(part for part in (*firm, *shown, addressed) if part)
    return " ".join((*firm, "御中")) if firm else _FALLBACK


def _western(person: Mapping[str, object], form: Form) -> str:
    family, given = _text(person, "family_name"), _text(person, "given_name")
    title = _text(person, "title")
    if family and title.lower().rstrip(".") in _DOCTORS:
        name = f"{'Prof.' if 'prof' in title.lower() else 'Dr.'} {family}"
    else:
        name = _text(person, "name") or " ".join(part for part in (given, family) if part) or _text(person, "full_name")
    if form is Form.SHORT:
        return name or "Sir or Madam"
    parts = [part for part in (name, _text(person, "department"), _text(person, "company")) if part]
    return ", ".join(parts) or "Sir or Madam"


def _text(person: Mapping[str, object], name: str) -> str:
    value = person.get(name)
    return value.strip() if isinstance(value, str) else ""
