"""How a clause about facts reads as SQL. May import SQLAlchemy.

Each question about the facts of one subject can be put in two forms. A *probe* looks at the facts of the subject at
hand and leaves off as soon as the answer is known; it wants an index on subject, kind and instant. A *join* finds
all subjects with such facts at once, and asks whether the subject at hand is one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import and_, case, exists, false, func, not_, or_, select

from nurture.model import Origin
from nurture.predicates.sql.asking import Asking
from nurture.predicates.sql.dates import between, bounds_in, days_in, earlier
from nurture.predicates.sql.on_fact import on_fact
from nurture.predicates.sql.speech import ONE, Bool, Expr, text
from nurture.predicates.sql.zones import is_fixed, zoned
from nurture.predicates.touches import Quantifier, Touched

if TYPE_CHECKING:
    from sqlalchemy.sql.selectable import Select

    from nurture.predicates.sql.layout import FactRow
    from nurture.predicates.sql.speech import Speech

Extra = Callable[["FactRow"], "list[Bool]"]


@attrs.frozen(slots=True, kw_only=True, eq=False)
class Clause:
    """The facts that a clause selects, and the two forms in which they are asked about.

    Attributes:
        asking: The question around it.
        node: The clause.
    """

    asking: Asking
    node: Touched

    @property
    def joins(self) -> bool:
        """Whether all subjects with such facts are found at once.

        Chosen by hand (`form`), or so: a probe, where an index serves it and where other conditions decide first
        about most subjects; else a join. What depends on each subject's zone cannot be joined.
        """
        period = self.node.period
        if period is not None and not is_fixed(period.zone):
            return False
        if self.asking.form == "auto":
            return not (self.asking.filtered and self.asking.facts.indexed)
        return self.asking.form == "join"

    def some(self, at_least: int = 1, extra: Extra = lambda row: []) -> Bool:
        """That there are at least so many facts, of which more may be asked."""
        row = self.asking.facts.row()
        tests = [*self.tests(row), *extra(row)]
        if self.joins:
            found = _all_subjects(row, tests)
            if at_least > 1:
                found = found.group_by(row.subject).having(func.count() >= at_least)
            return self._among(found)
        found = self._of_subject(row, ONE, tests)
        if at_least > 1:
            found = found.limit(1).offset(at_least - 1)
        return exists(found)

    def whole(self, holds: Callable[[FactRow], Bool], *, of_none: bool) -> Bool:
        """That something holds of the facts as a whole: a condition on aggregates.

        Args:
            holds: The condition.
            of_none: Whether it holds where there is no fact.
        """
        row = self.asking.facts.row()
        tests = self.tests(row)
        if not self.joins:
            found = self._of_subject(row, case((holds(row), 1), else_=0), tests)
            return found.scalar_subquery() == 1
        test = holds(row)
        grouped = _all_subjects(row, tests).group_by(row.subject)
        if of_none:
            return not_(self._among(grouped.having(case((test, 1), else_=0) == 0)))
        return self._among(grouped.having(test))

    def single(self, holds: Callable[[FactRow], Bool], *, newest: bool) -> Bool:
        """That there is a fact, and something holds of the newest or the oldest."""
        row = self.asking.facts.row()
        by = (row.at.value, row.id)
        found = self._of_subject(row, case((holds(row), 1), else_=0), self.tests(row))
        found = found.order_by(*[one.desc() if newest else one.asc() for one in by]).limit(1)
        return func.coalesce(found.scalar_subquery(), 0) == 1

    def tests(self, row: FactRow) -> list[Bool]:
        """What a fact must be that the clause selects."""
        node = self.node
        tests = self.selects(row)
        if node.per is not None:
            tests.append(self._is_newest_per(row, node.per))
        tests.extend(self._in_window(row))
        if node.having is not None:
            tests.append(on_fact(node.having, row, self.asking.layout.speech))
        return tests

    def selects(self, row: FactRow) -> list[Bool]:
        """What a fact must be, but for its properties and the window: kind, origin, and that it has happened."""
        return [*about(self.node, row, self.asking.layout.speech), row.at.value <= row.at.literal(self.asking.now)]

    def _in_window(self, row: FactRow) -> list[Bool]:
        node, now, at = self.node, self.asking.now, row.at
        if node.period is not None:
            bounds = bounds_in(days_in(node.period, self.asking))
            return [zoned(self.asking, node.period.zone, bounds, lambda ends: between(at, *ends))]
        tests: list[Bool] = []
        if node.older is not None:
            tests.append(at.value <= at.literal(earlier(now, node.older)))
        if node.window is not None:
            window = 2 * node.window if node.quantifier is Quantifier.TREND else node.window
            tests.append(at.value > at.literal(earlier(now, window)))
        return tests

    def _is_newest_per(self, row: FactRow, per: str) -> Bool:
        """That it has a value of the property, and no newer one has the same."""
        other = self.asking.facts.row()
        key = row.prop(per).key()
        newer = or_(other.at.value > row.at.value, and_(other.at.value == row.at.value, other.id > row.id))
        same = [other.subject == row.subject, other.at.value >= row.at.value, newer, other.prop(per).key() == key]
        found = select(ONE).select_from(other.source).where(*self.selects(other), *same).correlate_except(other.source)
        return and_(row.prop(per).known, not_(exists(found)))

    def _of_subject(self, row: FactRow, shown: Expr, tests: list[Bool]) -> Select[Any]:
        of_subject = row.subject == self.asking.layout.id
        return select(shown).select_from(row.source).where(of_subject, *tests).correlate_except(row.source)

    def _among(self, subjects: Select[Any]) -> Bool:
        return self.asking.layout.id.in_(subjects)


def _all_subjects(row: FactRow, tests: list[Bool]) -> Select[Any]:
    return select(row.subject).select_from(row.source).where(*tests).correlate_except(row.source)


def about(node: Touched, row: FactRow, speech: Speech) -> list[Bool]:
    """What a fact must be, but for its properties and when it happened."""
    tests: list[Bool] = [] if row.where is None else [row.where]
    if node.exact_kind is not None:
        tests.append(row.kind == text(node.exact_kind))
    elif node.prefix is not None:
        tests.append(speech.starts_with(row.kind, node.prefix))
    if not node.suspect and row.suspect is not None:
        tests.append(not_(row.suspect))
    origin = node.seen_origin
    if origin is not None:
        if row.origin is not None:
            tests.append(row.origin == text(origin.value))
        elif origin is not Origin.LEAD:
            tests.append(false())
    for wanted, column in ((node.channel, row.channel), (node.campaign, row.campaign)):
        if wanted is not None:
            tests.append(false() if column is None else column == text(wanted))
    return tests
