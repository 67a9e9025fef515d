"""A user's file of deals, and what is said of a file from which nothing can be taken. Imports `nurture` and records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from examples.demo.assumptions import Deals
from nurture.errors import DefinitionError
from nurture.intake import BadRow, Field, LeadRow, Problem, Reading, infer_mapping, read_csv, rows

if TYPE_CHECKING:
    from pathlib import Path


class UnusableFileError(DefinitionError):
    """A file from which nothing can be taken.

    Attributes:
        reasons: The name of the file that tells why, row by row.
        bad: What was wrong; empty when the file has no rows.
        columns: How the columns were understood.
    """

    def __init__(self, problem: str, *, reasons: str, bad: Sequence[BadRow], columns: str) -> None:
        super().__init__(problem)
        self.reasons = reasons
        self.bad = bad
        self.columns = columns


def read_deals(path: Path, leads: set[str], zone: str) -> Deals:
    """The deals of a file, by the lead that each names.

    Args:
        path: A CSV file, plain or gzipped.
        leads: The ids in the file of leads.
        zone: In which zone dates without an offset were written.

    Raises:
        DefinitionError: No column holds ids.
        UnusableFileError: No deal names a lead.
    """
    table = read_csv(path)
    mapping = infer_mapping(table)
    intake = rows(table, mapping, zone, reading=Reading(repeated_ids="keep"))
    ids = mapping.column(Field.ID)
    columns = f"{path.name}\n{mapping.describe()}"
    missed = (
        f"{path.name}: no deal names a lead; expected a column with the ids of the lead file, "
        f"found {', '.join(table.header)}"
    )
    if ids is None:
        raise DefinitionError(missed)
    won: dict[str, list[LeadRow]] = {}
    bad = list(intake.bad)
    unmatched = 0
    for row in intake.good:
        if row.id not in leads:
            unmatched += 1
            expected, found = "the id of a lead in the lead file", "an id that is not there"
            bad.append(
                BadRow(
                    row=row.row,
                    problem=Problem.BAD_VALUE,
                    expected=expected,
                    found=found,
                    column=ids.header,
                    field="id",
                )
            )
        elif row.at is None:
            bad.append(
                BadRow(
                    row=row.row, problem=Problem.BAD_DATE, expected="the date on which the deal was won", found="none"
                )
            )
        else:
            won.setdefault(row.id, []).append(row)
    bad.sort(key=lambda one: one.row)
    if unmatched == len(intake.good):
        raise UnusableFileError(missed, reasons="rejected-deals.csv", bad=bad, columns=columns)
    return Deals(
        won={key: tuple(some) for key, some in won.items()}, bad=tuple(bad), unmatched=unmatched, columns=columns
    )
