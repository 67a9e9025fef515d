"""What comes out of a file: people ready to be captured, beside what was wrong. Imports the model and this room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import attrs

from nurture.intake.mapping import ColumnMapping
from nurture.intake.problems import BadRow
from nurture.model.consent import Basis
from nurture.model.values import EMPTY, FrozenMapping, Value


@attrs.frozen(slots=True, kw_only=True)
class LeadRow:
    """One person of a file, ready to be captured.

    Attributes:
        row: Physical line of the file at which it begins.
        id: The id that the file's own system gives; unique within the file.
        at: When it happened (first contact, a deal won), in UTC; None when the file does not say.
        known: The lead's built-in fields that the row states (`email`, `phone`, `name`, `company`,
            `source`, …), under the names they have on `Lead`.
        consent: The basis on which the person may be written to, if the row states one.
        do_not_email: Whether the person refuses mail; None when the file does not say.
        do_not_call: Whether the person refuses calls; None when the file does not say.
        attributes: Custom attributes; what is missing is absent.
    """

    row: int
    id: str | None = None
    at: datetime | None = None
    known: Mapping[str, str] = attrs.field(factory=FrozenMapping[str])
    consent: Basis | None = None
    do_not_email: bool | None = None
    do_not_call: bool | None = None
    attributes: Mapping[str, Value] = EMPTY

    @property
    def email(self) -> str | None:
        """The mail address, if there is a usable one."""
        return self.known.get("email")

    @property
    def source(self) -> str | None:
        """Where the lead came from; None means that the file does not say, which is not `unknown`."""
        return self.known.get("source")


@attrs.frozen(slots=True, kw_only=True)
class Intake:
    """What came in.

    Attributes:
        good: The leads, in the order of the file.
        bad: What was wrong, in the order of the file; a row may stand in both when only a value was lost.
        mapping: How the columns were understood.
    """

    good: tuple[LeadRow, ...]
    bad: tuple[BadRow, ...]
    mapping: ColumnMapping

    @property
    def lost(self) -> int:
        """How many rows did not come in."""
        return len({one.row for one in self.bad if not one.kept})

    def summary(self) -> str:
        """One line for people: what came in, what did not, and why. No values."""
        reasons = Counter(one.problem.value for one in self.bad)
        told = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
        total = len(self.good) + self.lost
        counted = f"{total} row{'' if total == 1 else 's'}: {len(self.good)} taken, {self.lost} refused"
        return f"{self.mapping.name}, {counted}" + (f" ({told})" if told else "")
