"""A named group of people. Imports predicates only."""

from __future__ import annotations

import attrs

from nurture.model import SubjectKind
from nurture.predicates import Predicate
from nurture.program.choices import to_subject


@attrs.frozen(slots=True)
class Segment:
    """A named predicate; membership is kept up to date, with facts on entering and leaving.

    Attributes:
        name: Names it in predicates, scenarios and reports.
        where: Who belongs to it.
        subject: Whether it groups leads or accounts.
        title: For people to read.
    """

    name: str
    where: Predicate
    subject: SubjectKind = attrs.field(default=SubjectKind.LEAD, converter=to_subject)
    title: str = ""
