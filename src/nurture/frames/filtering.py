"""Who satisfies a segment or a predicate, among the rows of the user's own frame. May import the `frame` reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar, cast

import narwhals.stable.v2 as nw

from nurture.errors import DefinitionError
from nurture.frames.tables import made_tables, names_of
from nurture.predicates import Predicate
from nurture.predicates.frame import compile_frame
from nurture.predicates.frame.edges import native_of
from nurture.program import Segment

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.predicates import Names
    from nurture.program import Program

F = TypeVar("F")


def filter(
    asked: Segment | Predicate,
    frame: F,
    touchpoints: object = None,
    accounts: object = None,
    *,
    now: datetime,
    leads: object = None,
    memberships: object = None,
    enrollments: object = None,
    columns: Mapping[str, str] | None = None,
    zone: str | None = None,
    program: Program | None = None,
    names: Names | None = None,
) -> F:
    """The rows that satisfy a segment or a predicate.

    Args:
        asked: The segment; or a predicate about leads.
        frame: One row a lead; for a segment of accounts one row an account.
        touchpoints: One row a fact: `subject` (or `lead_id`), `kind`, `at`, and if need be `id`, `origin`, `channel`,
            `campaign`, `suspect`, and a column for each property.
        accounts: One row an account, when the lead's account is asked about.
        now: The moment asked about.
        leads: One row a lead, when a segment of accounts asks about people.
        memberships: One row for each kept membership: `subject`, `segment`, `since`.
        enrollments: One row for each run, such as `Standing.run_states` gives them: `subject`, `scenario`, `state`.
        columns: Columns that are called otherwise than what they hold, by that: `{"email": "mail",
            "touchpoint.at": "ts", "account.industry": "sector", "prop.path": "url"}`.
        zone: Where wall clocks hang whose times have no zone.
        program: What the names in the predicate mean; scores are worked out by its models.
        names: The same as plain data, in place of a program.

    Returns:
        The same kind of frame with the same columns; frames in memory keep the order of their rows.

    Raises:
        NotCompilableError: The predicate holds a node that frames cannot answer; `CAPABILITIES` lists them.
        DefinitionError: A frame or a column is missing, or holds something else than is asked for.

    Example:
        >>> import polars
        >>> from datetime import UTC, datetime
        >>> from nurture import q
        >>> leads = polars.DataFrame({"id": ["a", "b"], "title": ["CTO", None]})
        >>> filter(q.lead.title.is_present(), leads, now=datetime(2026, 1, 1, tzinfo=UTC))["id"].to_list()
        ['a']
    """
    predicate = asked.where if isinstance(asked, Segment) else asked
    if not isinstance(cast("object", predicate), Predicate):
        raise DefinitionError(f"filter: expected a Segment or a predicate, found {type(asked).__name__}")
    known = names_of(asked, program, names)
    tables = made_tables(
        known.subject,
        frame,
        leads=leads,
        accounts=accounts,
        touchpoints=touchpoints,
        memberships=memberships,
        enrollments=enrollments,
        columns=columns,
        zone=zone,
        names=None if program is None and names is None else known,
    )
    if program is not None:
        from nurture.frames.scoring import with_scores

        tables = with_scores(predicate, tables, known, program, now)
    chosen = compile_frame(predicate, tables, known, now)
    original = tables.of_subject(known.subject, "filter").original
    if isinstance(original, nw.DataFrame):
        return cast("F", native_of(original[chosen.numbers()]))
    return cast("F", native_of(chosen.rows))
