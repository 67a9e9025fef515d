"""How the clauses about where a subject stands read as SQL. May import SQLAlchemy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import and_, case, exists, false, func, not_, or_, select, true

from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import Fact
from nurture.predicates.comparisons import least, quantum
from nurture.predicates.operators import FieldType
from nurture.predicates.sql.dates import earlier
from nurture.predicates.sql.speech import ONE, Bool, Expr, order, real, text
from nurture.predicates.standing import Word, spoken_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from sqlalchemy.sql.selectable import Select

    from nurture.predicates.sql.asking import Asking
    from nurture.predicates.sql.cells import Cell, Reading
    from nurture.predicates.sql.layout import FactRow
    from nurture.predicates.standing import (
        Consented,
        InScenario,
        InSegment,
        InStage,
        Score,
        TimeInSegment,
        TimeInStage,
    )

_PAST = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}


def score_value(asking: Asking, model: str) -> Expr:
    """What a score reads now, floor and ceiling aside.

    Raises:
        UnknownNameError: There is no such model.
        NotCompilableError: The layout does not say where scores lie.
    """
    scale = asking.names.scales.get(model)
    if scale is None:
        raise UnknownNameError("score model", model, asking.names.scales)
    if asking.layout.score is None:
        raise asking.needed(None, f"score {model}")
    return asking.layout.score(model, scale, asking.now)


def score(asking: Asking, node: Score) -> Bool:
    """A comparison of a score, within its floor and ceiling."""
    value = score_value(asking, node.model)
    scale, goal = asking.names.scales[node.model], quantum(node.value)

    def at_least(quantized: int) -> Bool:
        border = least(quantized)
        if scale.floor is not None and scale.floor >= border:
            return true()
        if scale.ceiling is not None and scale.ceiling < border:
            return false()
        return value >= real(border)

    if node.op in ("ge", "lt"):
        return at_least(goal) if node.op == "ge" else not_(at_least(goal))
    above = at_least(goal + 1)
    if node.op in ("gt", "le"):
        return above if node.op == "gt" else not_(above)
    same = and_(at_least(goal), not_(above))
    return same if node.op == "eq" else not_(same)


def in_stage(asking: Asking, node: InStage) -> Bool:
    """Whether the stage is one of these."""
    found = _reading(asking, asking.layout.stage, FieldType.TEXT, "stage")
    return found.holds(found.value.in_([text(name) for name in node.names])) if node.names else false()


def time_in_stage(asking: Asking, node: TimeInStage) -> Bool:
    """How long the stage has lasted."""
    return _since(asking, asking.layout.stage_since, node.op, node.length, "time in stage")


def time_in_segment(asking: Asking, node: TimeInSegment) -> Bool:
    """How long a segment has had the subject as a member."""
    since = asking.layout.since
    return _since(asking, None if since is None else since(node.name), node.op, node.length, "time in segment")


def _since(asking: Asking, cell: Cell | None, op: str, length: timedelta, what: str) -> Bool:
    found = _reading(asking, cell, FieldType.INSTANT, what)
    return found.holds(order(found.value, _PAST[op], found.literal(earlier(asking.now, length))))


def _reading(asking: Asking, cell: Cell | None, kind: FieldType, what: str) -> Reading:
    found = None if cell is None else cell.read(kind)
    if found is None:
        raise asking.needed(None, what)
    return found


def in_scenario(asking: Asking, node: InScenario) -> Bool:
    """Whether a run of a scenario is in one of these states."""
    if asking.layout.runs is None:
        raise asking.needed(None, f"enrollment {node.scenario}")
    return asking.layout.runs(node.scenario, [state.value for state in node.states])


def in_segment(asking: Asking, node: InSegment) -> Bool:
    """Whether the predicate of a segment holds."""
    meaning = asking.names.segments.get(node.name)
    if meaning is None:
        raise UnknownNameError("segment", node.name, asking.names.segments)
    step = (asking.layout.subject, node.name)
    if step in asking.path:
        circle = " → ".join(name for _, name in (*asking.path[asking.path.index(step) :], step))
        raise DefinitionError(f"segments go in a circle: {circle}")
    return attrs.evolve(asking, path=(*asking.path, step)).lowered(meaning)


# -- consent ------------------------------------------------------------------------------------------


def consented(asking: Asking, node: Consented) -> Bool:
    """What the person's word is: a refusal holds until a newer explicit yes."""
    if node.word is Word.UNSAID:
        return not_(or_(_said(asking, node, Fact.CONSENT_GIVEN), _said(asking, node, Fact.CONSENT_WITHDRAWN)))
    if node.word is Word.REFUSED:
        return _refused(asking, node)
    if node.word is Word.UNSUBSCRIBED:
        return and_(_refused(asking, node), _newest_is_explicit(asking, node))
    return and_(not_(_refused(asking, node)), _has_ground(asking, node))


def _said(asking: Asking, node: Consented, kind: Fact) -> Bool:
    row = asking.facts.row()
    return exists(_words(asking, node, kind, row, ONE))


def _refused(asking: Asking, node: Consented) -> Bool:
    """That some refusal has no explicit yes after it; of a topic by name only one that names it counts."""
    refusal, yes = asking.facts.row(), asking.facts.row()
    lifts = or_(_says(refusal.prop("topic"), [""]), not_(_says(yes.prop("topic"), [""])))
    newer = _words(asking, node, Fact.CONSENT_GIVEN, yes, ONE).where(
        yes.at.value > refusal.at.value, _explicit(yes), lifts
    )
    return exists(_words(asking, node, Fact.CONSENT_WITHDRAWN, refusal, ONE).where(not_(exists(newer))))


def _has_ground(asking: Asking, node: Consented) -> Bool:
    """That some yes has not run out, and is newer than every refusal; what was lifted voids what was said before."""
    yes, refusal = asking.facts.row(), asking.facts.row()
    voids = _words(asking, node, Fact.CONSENT_WITHDRAWN, refusal, ONE).where(refusal.at.value >= yes.at.value)
    return exists(_words(asking, node, Fact.CONSENT_GIVEN, yes, ONE).where(_live(asking, yes), not_(exists(voids))))


def _newest_is_explicit(asking: Asking, node: Consented) -> Bool:
    """That the newest refusal was said to us; at one instant the one with the smaller id is the word."""
    row = asking.facts.row()
    words = _words(asking, node, Fact.CONSENT_WITHDRAWN, row, case((_explicit(row), 1), else_=0))
    newest = words.order_by(row.at.value.desc(), row.id.asc()).limit(1)
    return func.coalesce(newest.scalar_subquery(), 0) == 1


def _words(asking: Asking, node: Consented, kind: Fact, row: FactRow, shown: Expr) -> Select[Any]:
    """The facts that speak about the sender, channel, purpose and topic of a clause."""
    channels, entities = spoken_of(node, kind)
    tests: list[Bool] = [] if row.where is None else [row.where]
    tests.append(_is_text(row.prop("channel"), channels))
    tests.append(_is_text(row.prop("purpose"), [node.purpose.value]))
    tests.append(_says(row.prop("topic"), ["", node.topic]))
    tests.append(_says(row.prop("entity"), entities))
    return (
        select(shown)
        .select_from(row.source)
        .where(
            row.subject == asking.layout.id,
            row.kind == text(kind.value),
            row.at.value <= row.at.literal(asking.now),
            *tests,
        )
        .correlate_except(row.source)
    )


def _says(cell: Cell, names: Sequence[str]) -> Bool:
    """That a property says one of some names. An absent one is the empty name."""
    said = _is_text(cell, names)
    return or_(not_(cell.known), said) if "" in names else said


def _is_text(cell: Cell, values: Sequence[str]) -> Bool:
    found = cell.read(FieldType.TEXT)
    return false() if found is None else found.holds(found.value.in_([text(one) for one in values]))


def _explicit(row: FactRow) -> Bool:
    found = row.prop("explicit").read(FieldType.BOOLEAN)
    return false() if found is None else found.holds(found.value)


def _live(asking: Asking, row: FactRow) -> Bool:
    ends = row.prop("expires_at").read(FieldType.INSTANT)
    if ends is None:
        return true()
    return or_(not_(ends.there), ends.holds(ends.value > ends.literal(asking.now)))
