"""Walking back through what happened to one subject, page by page. May import the ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nurture.model import SubjectId, Touchpoint
    from nurture.ports import View

PAGE = 200


def newest_first(view: View, subject: SubjectId) -> Iterator[Touchpoint]:
    """Every fact about a subject, the newest first; whoever stops early has read one page too much at most."""
    page = view.history(subject, limit=PAGE)
    while page:
        yield from page
        if len(page) < PAGE:
            return
        page = view.history(subject, before=page[-1].at, before_id=page[-1].id, limit=PAGE)
