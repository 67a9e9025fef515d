"""Pages of members: what a cursor holds, and how it is read back. May import what `selecting` may.

A cursor is text that a browser can hand back. It names the instant that the first page was asked about, so that a
score that fades stands still from page to page; and the place after which the next page begins.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, cast

from nurture.errors import DefinitionError
from nurture.model import SubjectId
from nurture.ports import Place
from nurture.runtime.results import Knowledge, Member, Page
from nurture.runtime.selecting import Selection, members, ordered, require_whole

if TYPE_CHECKING:
    from nurture.model import Scalar

_VERSION: Final = 1
_LONGEST: Final = 100_000
_REFUSAL: Final = "cursor: expected the one that the page before gave, to the same question"


def instant_of(cursor: str, present: datetime) -> datetime:
    """The instant that the first page was asked about.

    Raises:
        DefinitionError: It is no cursor, or none that was given already.
    """
    try:
        found = datetime.fromisoformat(_read(cursor)["now"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise DefinitionError(_REFUSAL) from None
    if found > present:
        raise DefinitionError(_REFUSAL)
    return found


def page_of(asked: Selection, limit: int, cursor: str | None) -> Page:
    """The next members, and the cursor for those that follow.

    Raises:
        DefinitionError: The cursor is none, or belongs to another question.
    """
    require_whole(limit, "limit", least=1)
    after = None if cursor is None else _place(asked, cursor)
    if asked.order is None:
        found = list(members(asked, limit + 1, after.subject if after else ""))
    else:
        found = ordered(asked, limit + 1, after)
    more, found = len(found) > limit, found[:limit]
    return Page(tuple(found), _cursor(asked, found[-1]) if more else None, asked.known, asked.now)


def _cursor(asked: Selection, last: Member) -> str:
    told = {
        "v": _VERSION,
        "of": _question(asked),
        "now": asked.now.isoformat(),
        "id": last.subject,
        "value": _to_json(last.value),
    }
    return urlsafe_b64encode(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()).decode()


def _place(asked: Selection, cursor: str) -> Place:
    told = _read(cursor)
    try:
        if told["of"] != _question(asked) or told["v"] != _VERSION or not isinstance(told["id"], str):
            raise ValueError
        return Place(_from_json(told["value"]), SubjectId(told["id"]))
    except (KeyError, TypeError, ValueError):
        raise DefinitionError(_REFUSAL) from None


def _read(cursor: str) -> dict[str, Any]:
    try:
        if len(cursor) > _LONGEST:
            raise ValueError
        told = json.loads(urlsafe_b64decode(cursor.encode("ascii")))
    except (AttributeError, TypeError, ValueError, RecursionError):
        raise DefinitionError(_REFUSAL) from None
    if not isinstance(told, dict):
        raise DefinitionError(_REFUSAL)
    return cast("dict[str, Any]", told)


def _question(asked: Selection) -> str:
    """What tells one question from another, so that a cursor is not handed to the wrong one."""
    whole = (asked.kind.value, asked.segment, repr(asked.where), repr(asked.order), asked.known is Knowledge.THEN)
    return blake2b(repr(whole).encode(), digest_size=12).hexdigest()


def _to_json(value: Scalar | None) -> object:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return {"on": value.isoformat()} if isinstance(value, date) else value


def _from_json(value: object) -> Scalar | None:
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, dict):
        told = cast("dict[str, str]", value)
        return datetime.fromisoformat(told["at"]) if "at" in told else date.fromisoformat(told["on"])
    raise ValueError
