"""The user's frames as the `frame` reading takes them, and what names mean to whom they are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from nurture.calendar import zone as zone_named
from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import SubjectKind
from nurture.predicates import Names
from nurture.predicates.frame import Table, Tables
from nurture.program import ScoreModel, Segment

if TYPE_CHECKING:
    from nurture.predicates import Predicate
    from nurture.predicates.frame.tables import Room
    from nurture.program import Program

_OWNERS = ("account", "enrollment", "lead", "membership", "prop", "score", "touchpoint")


def made_tables(
    subject: SubjectKind,
    frame: object,
    *,
    leads: object = None,
    accounts: object = None,
    touchpoints: object = None,
    memberships: object = None,
    enrollments: object = None,
    columns: Mapping[str, str] | None = None,
    zone: str | None = None,
) -> Tables:
    """The frames, each with the columns that were said to be called otherwise.

    Raises:
        DefinitionError: One of them is no frame, or the mapping is none.
    """
    said = _checked(columns or {}, subject)
    place = None if zone is None else zone_named(zone)

    def made(native: object, room: Room) -> Table | None:
        return None if native is None else Table(native, room, columns=said, zone=place)

    is_about_leads = subject is SubjectKind.LEAD
    return Tables(
        leads=made(frame if is_about_leads else leads, "leads"),
        accounts=made(accounts if is_about_leads else frame, "accounts"),
        touchpoints=made(touchpoints, "touchpoints"),
        memberships=made(memberships, "memberships"),
        enrollments=made(enrollments, "enrollments"),
    )


def _checked(columns: Mapping[str, str], subject: SubjectKind) -> dict[str, str]:
    """The mapping with the owner of each field written out."""
    said: dict[str, str] = {}
    for key, column in columns.items():
        owner, dot, _ = key.partition(".")
        if not isinstance(cast("object", column), str):
            raise DefinitionError(f"columns[{key!r}]: expected the name of a column, found {type(column).__name__}")
        if dot and owner not in _OWNERS and owner.endswith("s") and owner[:-1] in _OWNERS:
            raise UnknownNameError("owner of a field", owner, _OWNERS, where=f"columns[{key!r}]")
        said[key if dot and owner in _OWNERS else f"{subject.value}.{key}"] = column
    return said


def names_of(asked: Segment | ScoreModel | Predicate, program: Program | None, names: Names | None) -> Names:
    """What names mean in what is asked: as the program declares it, or as was said.

    Raises:
        DefinitionError: Both were given, or the names are about another kind of subject.
    """
    subject = asked.subject if isinstance(asked, (Segment, ScoreModel)) else None
    if names is not None:
        if program is not None:
            raise DefinitionError("names: say either the program or the names")
        if subject not in (None, names.subject):
            raise DefinitionError(f"names: they are about {names.subject}s, and {subject}s are asked for")
        return names
    kind = subject or SubjectKind.LEAD
    if program is not None:
        return program.names(kind)
    other = SubjectKind.ACCOUNT if kind is SubjectKind.LEAD else SubjectKind.LEAD
    return Names(subject=kind, other=Names(subject=other))
