"""The user's frames as the `frame` reading takes them, and what names mean to whom they are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from nurture.calendar import zone as zone_named
from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import SubjectKind
from nurture.predicates import Names
from nurture.predicates.frame import Table, Tables
from nurture.predicates.frame.tables import OF_FACTS
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
    names: Names | None = None,
) -> Tables:
    """The frames, each with the columns that were said to be called otherwise.

    Args:
        subject: What the frame is about.
        frame: One row a subject.
        leads: One row a lead, beside a frame of accounts.
        accounts: One row an account, beside a frame of leads.
        touchpoints: One row a fact.
        memberships: One row for each kept membership.
        enrollments: One row for each run, such as `Standing.run_states` gives them.
        columns: Columns that are called otherwise than what they hold, by that.
        zone: Where wall clocks hang whose times have no zone.
        names: Which fields are declared, when somebody declared them: then other names are refused in `columns`.

    Raises:
        DefinitionError: One of them is no frame, they are of several libraries, or the mapping is none.
        UnknownNameError: The mapping names a field or a column that there is not; near misses are listed.
    """
    said = _checked(columns or {}, subject)
    place = None if zone is None else zone_named(zone)

    def made(native: object, room: Room) -> Table | None:
        return None if native is None else Table(native, room, columns=said, zone=place)

    is_about_leads = subject is SubjectKind.LEAD
    tables = Tables(
        leads=made(frame if is_about_leads else leads, "leads"),
        accounts=made(accounts if is_about_leads else frame, "accounts"),
        touchpoints=made(touchpoints, "touchpoints"),
        memberships=made(memberships, "memberships"),
        enrollments=made(enrollments, "enrollments"),
    )
    _require_one_library(tables)
    for key, column in said.items():
        _require_field(key, names)
        _require_column(key, column, tables)
    return tables


def tables_in(tables: Tables) -> tuple[Table, ...]:
    """The frames that were given."""
    every = (tables.leads, tables.accounts, tables.touchpoints, tables.memberships, tables.enrollments)
    return tuple(one for one in every if one is not None)


def _require_one_library(tables: Tables) -> None:
    """One engine joins them, so it must know them all."""
    every = tables_in(tables)
    for other in every[1:]:
        first = every[0]
        if other.made_by != first.made_by:
            raise DefinitionError(
                f"{other.room}: a frame of {other.made_by}, and {first.room} is one of {first.made_by}; "
                "give frames of one library"
            )


def _require_field(key: str, names: Names | None) -> None:
    """Refuse what no frame holds, or what is not declared where fields are."""
    owner, _, field = key.partition(".")
    known = _KNOWN.get(owner)
    if known is None and names is not None:
        if owner in ("lead", "account") and not field.startswith("score"):
            declared = names.lead_fields if owner == "lead" else names.account_fields
            known = frozenset(declared) | _BESIDE
        elif owner == "score":
            known = frozenset(names.scales)
    if known is not None and field not in known:
        raise UnknownNameError("field", field, known, where=f"columns[{key!r}]")


def _require_column(key: str, column: str, tables: Tables) -> None:
    """Refuse a column that none of the frames has which may hold it."""
    owner = key.partition(".")[0]
    rooms = [table for room in _ROOMS[owner] if (table := getattr(tables, room)) is not None]
    if rooms and not any(column in table.schema for table in rooms):
        known = [one for table in rooms for one in table.schema]
        raise UnknownNameError("column", column, known, where=f"{rooms[0].room}, for {key}")


_KNOWN: Mapping[str, frozenset[str]] = {
    "touchpoint": OF_FACTS | {"lead", "account"},
    "membership": frozenset({"subject", "segment", "since"}),
    "enrollment": frozenset({"subject", "scenario", "state"}),
}
_BESIDE = frozenset({"id", "account", "stage", "stage_since"})
_ROOMS: Mapping[str, tuple[Room, ...]] = {
    "lead": ("leads",),
    "account": ("leads", "accounts"),
    "score": ("leads", "accounts"),
    "touchpoint": ("touchpoints",),
    "prop": ("touchpoints",),
    "membership": ("memberships",),
    "enrollment": ("enrollments",),
}


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
