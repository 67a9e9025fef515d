"""What holds where nothing is said of a lead, and is probably not meant: the weakest law, the zone of nobody. Pure.

May import the calendar and the program's parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, cast

import attrs

from nurture.calendar import Civil, Window
from nurture.model import Purpose

if TYPE_CHECKING:
    from nurture.program.program import Program

NOBODYS_ZONE: Final = "UTC"
"""The zone of a program that names none. One that means it says so with another name of it, such as `Etc/UTC`."""


def default_warnings(program: Program) -> Iterator[str]:
    """What is allowed but probably not meant about the law and the zone that hold by default."""
    yield from _weak_law(program)
    if program.zone == NOBODYS_ZONE:
        readers = list(_zone_readers(program))
        if readers:
            yield (
                f"zone: none is named, so {', '.join(readers)} go by UTC for leads without a zone of their own; "
                "name the program's zone, or 'Etc/UTC' if it is meant"
            )


def _weak_law(program: Program) -> Iterator[str]:
    policy = program.policy
    law = policy.law(policy.jurisdiction)
    if law is None or not law.opt_out:
        return
    is_used = any(one.purpose is Purpose.MARKETING and law.holds_on(one.channel) for one in program.messages)
    if not is_used:
        return
    whom = "every lead"
    if policy.jurisdiction_from is not None:
        whom = f"leads whose {policy.jurisdiction_from!r} is missing, or means no law that is declared,"
    yield (
        f"policy.jurisdiction: {law.name!r} asks nobody first, and holds for {whom} wherever they are; "
        "let a law that asks for consent be the default, and name this one by policy.jurisdiction_from"
    )


def _zone_readers(program: Program) -> Iterator[str]:
    """What reads the clock or the calendar where a lead is, in words."""
    if program.messages:
        yield "dates in messages"
    if _reads_clock(attrs.evolve(program.policy, jurisdictions=(), jurisdiction="")):
        yield "the hours of the contact policy"
    for scenario in program.scenarios:
        if _reads_clock(scenario):
            yield f"waits of scenario {scenario.name!r}"


def _reads_clock(value: object) -> bool:
    """Whether a civil length or a window of hours stands anywhere in a record."""
    if isinstance(value, (Civil, Window)):
        return True
    if isinstance(value, tuple):
        return any(_reads_clock(one) for one in cast("tuple[object, ...]", value))
    kind: type = type(value)
    return attrs.has(kind) and any(_reads_clock(getattr(value, field.name)) for field in attrs.fields(kind))
