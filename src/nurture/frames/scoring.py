"""Scores of everybody at once, from the user's own frames. May import the `frame` reading and the program.

The rules are those by which scores are decided, caps and keys included; sums are rounded by the engine, so the last
digits may differ from a score that was kept fact by fact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

import attrs
import narwhals.stable.v2 as nw

from nurture.errors import DefinitionError
from nurture.frames.sums import in_memory_sums
from nurture.frames.tables import made_tables, names_of
from nurture.model import Fact, SubjectKind, clean_instant
from nurture.predicates import (
    Compare,
    Field,
    FieldType,
    Grade,
    OfAccount,
    Owner,
    People,
    Predicate,
    Score,
    Touched,
    inlined,
)
from nurture.predicates.frame.compiling import truth_of
from nurture.predicates.frame.edges import native_of
from nurture.predicates.frame.points import POINTS, Earning, earned
from nurture.predicates.frame.reader import KEY, ROW, Reader, with_joined
from nurture.predicates.frame.tables import OURS

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.predicates import Names
    from nurture.predicates.frame import Frame, Tables
    from nurture.program import Program, ScoreModel, ScoreRule

_CONSTANT = f"{OURS}constant"
_NUMBERS = (FieldType.INTEGER, FieldType.NUMBER)


def score(
    model: ScoreModel,
    touchpoints: object,
    leads: object = None,
    accounts: object = None,
    *,
    now: datetime,
    columns: Mapping[str, str] | None = None,
    zone: str | None = None,
    program: Program | None = None,
    names: Names | None = None,
) -> object:
    """The scores that a model gives, as they read at an instant.

    Args:
        model: The score model.
        touchpoints: One row a fact, as `filter` takes it.
        leads: One row a lead: then there is one score for each, in their order. Without, only those whose
            facts earn points get a score. Rules about what a lead is need it.
        accounts: One row an account; for a model of accounts in place of `leads`.
        now: The moment to read them at.
        columns: Columns that are called otherwise than what they hold, by that.
        zone: Where wall clocks hang whose times have no zone.
        program: What the names in the rules mean.
        names: The same as plain data, in place of a program.

    Returns:
        A frame of the kind of `touchpoints` with the columns `subject` and `score`.

    Raises:
        NotCompilableError: A rule holds what frames cannot answer.
        DefinitionError: A frame or a column is missing, or holds something else than is asked for.
    """
    known = names_of(model, program, names)
    is_about_leads = known.subject is SubjectKind.LEAD
    tables = made_tables(
        known.subject,
        leads if is_about_leads else accounts,
        leads=leads,
        accounts=accounts,
        touchpoints=touchpoints,
        columns=columns,
        zone=zone,
        names=None if program is None and names is None else known,
    )
    moment = clean_instant(now, "now")
    has_rows = (tables.leads if is_about_leads else tables.accounts) is not None
    if program is not None:
        for rule in model.rules:
            tables = with_scores(rule.when, tables, known, program, moment)
    made = _scores(model, tables, known, moment, has_rows=has_rows)
    made = made.select(nw.col(KEY).alias("subject"), nw.col(POINTS).alias("score"))
    facts = tables.of("touchpoints", "a score").original
    if isinstance(facts, nw.DataFrame) and isinstance(made, nw.LazyFrame):
        made = made.collect(backend=facts.implementation)
    return native_of(made)


def with_scores(predicate: Predicate, tables: Tables, names: Names, program: Program, now: datetime) -> Tables:
    """The tables, with the scores that a predicate asks for and that no column holds worked out."""
    moment = clean_instant(now, "now")
    for name, known in _asked(predicate, names):
        model = program.score(name)
        rows = tables.leads if known.subject is SubjectKind.LEAD else tables.accounts
        if model is None or name in tables.scores or rows is None or tables.touchpoints is None:
            continue
        if any(rows.find(column) for column in (f"score.{name}", f"score_{name}", f"{name}_score", name)):
            continue
        made = _scores(model, tables, known, moment, has_rows=True)
        value = made.select(nw.col(KEY), nw.col(POINTS).alias("value"))
        tables = attrs.evolve(tables, scores={**tables.scores, name: value})
    return tables


def _asked(predicate: Predicate, names: Names) -> Iterator[tuple[str, Names]]:
    """The score models that a predicate names, each with what names mean there."""
    rest = [(inlined(predicate, names), names)]
    while rest:
        node, known = rest.pop()
        if isinstance(node, (Score, Grade)):
            yield node.model, known
        other = SubjectKind.ACCOUNT if isinstance(node, OfAccount) else SubjectKind.LEAD
        inside = (known.about(other) or names) if isinstance(node, (OfAccount, People)) else known
        rest.extend((child, inside) for child in node.children())


def _scores(model: ScoreModel, tables: Tables, names: Names, now: datetime, *, has_rows: bool) -> Frame:
    """`KEY` and `POINTS`, within floor and ceiling."""
    about_facts = [_earning(rule) for rule in model.rules if rule.is_about_facts]
    standing = [rule for rule in model.rules if not rule.is_about_facts]
    if not has_rows:
        if standing:
            needed = "leads" if model.subject is SubjectKind.LEAD else "accounts"
            raise DefinitionError(f"scores.{model.name}: has rules about what a {model.subject} is; give {needed}=…")
        reader = _without_rows(tables, names, now)
        about_facts += _given(model, reader)
        sums = earned(about_facts, reader, model.half_life, sums=in_memory_sums)
        return sums.with_columns(_bounded(nw.col(POINTS), model).alias(POINTS))
    reader = Reader(tables, names, now)
    if tables.touchpoints is not None:
        about_facts += _given(model, reader)
    constants = _constants(standing, reader)
    rows = reader.joined(reader.rows()).with_columns(constants.alias(_CONSTANT))
    if about_facts:
        rows = with_joined(rows, earned(about_facts, reader, model.half_life, sums=in_memory_sums), KEY, POINTS)
        total = nw.col(POINTS).fill_null(0.0) + nw.col(_CONSTANT)
    else:
        total = nw.col(_CONSTANT)
    ordered = rows.sort(ROW) if reader.table.in_memory else rows
    return ordered.select(nw.col(KEY), _bounded(total, model).alias(POINTS))


def _without_rows(tables: Tables, names: Names, now: datetime) -> Reader:
    """A reader that is asked about facts alone."""
    facts = tables.of("touchpoints", "a score")
    if names.subject is SubjectKind.LEAD:
        return Reader(attrs.evolve(tables, leads=facts), names, now)
    return Reader(attrs.evolve(tables, accounts=facts), names, now)


def _given(model: ScoreModel, reader: Reader) -> list[Earning]:
    """The points that steps gave beside the rules, where the facts tell them; frames of one's own seldom do."""
    if not reader.has_property("model") or not reader.has_property("points"):
        return []
    if reader.prop("model").type is not FieldType.TEXT or reader.prop("points").type not in _NUMBERS:
        return []
    own = Compare(Field(Owner.PROP, "model"), "eq", model.name)
    return [Earning(Touched(Fact.SCORE_ADJUSTED.value, having=own), 1.0, times="points")]


def _earning(rule: ScoreRule) -> Earning:
    return Earning(cast("Touched", rule.when), rule.points, rule.cap, rule.once_per)


def _constants(rules: list[ScoreRule], reader: Reader) -> nw.Expr:
    """The points for what a subject is, as one expression."""
    total = nw.lit(0.0)
    for rule in rules:
        truth = truth_of(rule.when, reader)
        if isinstance(truth, bool):
            total = total + nw.lit(rule.points if truth else 0.0)
        else:
            total = total + nw.when(truth).then(nw.lit(rule.points)).otherwise(nw.lit(0.0))
    return total


def _bounded(value: nw.Expr, model: ScoreModel) -> nw.Expr:
    if model.floor is None and model.ceiling is None:
        return value
    return value.clip(model.floor, model.ceiling)


__all__ = ["score", "with_scores"]
