"""What had to be assumed about a user's own files, in plain words for the summary. Imports intake's records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import attrs

from nurture.intake import BadRow, LeadRow, Problem

if TYPE_CHECKING:
    from nurture.intake import Intake

FIRST_DAY = date(2026, 1, 5)
"""When everybody arrives if the file has no dates: the demo's calendar knows the holidays of that spring."""
POINTS = 15
"""What each of the file's own columns of amounts is worth."""


@attrs.define
class Counts:
    """How often something had to be assumed.

    Attributes:
        dateless: Leads without a date.
        addressless: Leads without a mail address.
        invented: Leads to whom an address was given.
        assumed: Leads whose consent was assumed.
        unsaid: Leads that gave no consent, in a file that speaks of it.
        refused: Leads who refuse mail.
        merged: Rows of somebody who stood in an earlier row under the same address or number.
        deals: Deals that were recorded.
        early: Deals that were won before the first contact.
    """

    dateless: int = 0
    addressless: int = 0
    invented: int = 0
    assumed: int = 0
    unsaid: int = 0
    refused: int = 0
    merged: int = 0
    deals: int = 0
    early: int = 0


@attrs.frozen(kw_only=True)
class Deals:
    """What a file of deals says about the leads.

    Attributes:
        won: The deals of each lead, by the lead's id.
        bad: Rows that could not be used.
        unmatched: How many rows name nobody in the file of leads.
        columns: How the columns were understood.
    """

    won: Mapping[str, tuple[LeadRow, ...]]
    bad: tuple[BadRow, ...] = ()
    unmatched: int = 0
    columns: str = ""


def assumptions(
    intake: Intake,
    chosen: Sequence[LeadRow],
    deals: Deals | None,
    counts: Counts,
    marks: Mapping[str, float],
    zone: str,
) -> Iterable[str]:
    """Every assumption that was made, in plain words."""
    yield f"{intake.summary()}." + (
        f" This run takes {len(chosen):,} of them." if len(chosen) < len(intake.good) else ""
    )
    yield from _on_repeats(sum(one.problem is Problem.REPEATED_ID for one in intake.bad), counts.merged)
    yield "Opens, clicks, visits and seminars are invented by a seeded model of people" + (
        "." if deals else ", and so are purchases."
    )
    if counts.dateless == len(chosen):
        yield f"The file has no dates: everybody arrives at the start, {FIRST_DAY.isoformat()} 09:00 ({zone})."
    else:
        yield f"Dates without an offset are read as local time in {zone}."
        if counts.dateless:
            yield f"Leads without a date: {counts.dateless:,}; they arrive at the start."
    yield from _on_mail(counts)
    if marks:
        told = ", ".join(f"{name} ≥ {mark:g}" for name, mark in marks.items())
        yield f"Fit: besides title and company, {POINTS} points for each of {told} (the upper third of the file)."
    if deals is not None:
        early = f", of which before the first contact: {counts.early:,} (kept as it is)" if counts.early else ""
        yield f"Deals recorded as purchases on the day they were won: {counts.deals:,}{early}."
        if deals.unmatched:
            yield f"Deals that name nobody in the file of leads: {deals.unmatched:,}; see rejected-deals.csv."


def _on_repeats(refused: int, merged: int) -> Iterable[str]:
    parts: list[str] = []
    if refused:
        parts.append(f"{refused:,} by its id (refused, see rejected.csv)")
    if merged:
        parts.append(f"{merged:,} by its address or number (taken as more about the same lead)")
    if parts:
        yield f"Rows that repeat a lead: {refused + merged:,}; {', '.join(parts)}."


def _on_mail(counts: Counts) -> Iterable[str]:
    if counts.assumed:
        yield (
            f"Leads without a word about consent: {counts.assumed:,}. The demo assumes that each gave it at first "
            "contact; a real import must not."
        )
    if counts.unsaid:
        yield f"Leads whose consent is empty or no in the file: {counts.unsaid:,}; they get no marketing mail."
    if counts.refused:
        yield f"Leads that refuse mail in the file ('do not email'): {counts.refused:,}; they get no marketing mail."
    if counts.invented:
        yield (
            f"Leads without an address: {counts.invented:,}. INVENT_ADDRESSES=1 gave each one on the reserved domain "
            "people.example, where no mail can arrive."
        )
    elif counts.addressless:
        yield (
            f"Leads without an address: {counts.addressless:,}. What is meant for them ends as withheld (no_address); "
            "INVENT_ADDRESSES=1 gives each one on a reserved domain."
        )
