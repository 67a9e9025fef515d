"""The clauses about where a subject stands: stage, score, segments, runs, consent, chance. May import the nodes."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from nurture.errors import NotCompilableError
from nurture.model import Fact
from nurture.model.decay import Scale, value_at
from nurture.predicates.answering.standing import lot_of
from nurture.predicates.comparisons import quantum
from nurture.predicates.frame.cells import Cell, length_in_micros
from nurture.predicates.frame.edges import stacked
from nurture.predicates.frame.facts import AT, Facts, Span, extreme
from nurture.predicates.frame.reader import KEY, Members, alike, with_holes
from nurture.predicates.frame.tables import OURS
from nurture.predicates.frame.truth import Truth, any_of, at_leaf
from nurture.predicates.frame.values import number_order, ordered
from nurture.predicates.operators import FieldType
from nurture.predicates.standing import (
    Consented,
    InBucket,
    InScenario,
    InStage,
    Score,
    TimeInSegment,
    TimeInStage,
    Word,
    spoken_of,
)
from nurture.predicates.touches import Touched
from nurture.predicates.tree import All, AnyOf, Compare, Field, Owner, Predicate

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from nurture.predicates.frame.reader import Reader
    from nurture.predicates.frame.tables import Frame, Table


def in_stage(node: InStage, reader: Reader) -> Truth:
    """Whether the stage is one of these."""
    cell = reader.own("stage", declared=FieldType.TEXT, asked="the stage")
    return at_leaf(cell.expr.is_in(list(node.names))) if node.names and cell.type is not None else False


def time_in_stage(node: TimeInStage, reader: Reader) -> Truth:
    """How long the stage has lasted."""
    cell = reader.own("stage_since", declared=FieldType.INSTANT, asked="the time in the stage")
    return False if cell.type is None else at_leaf(_since(cell, node.op, node.length, reader))


def _since(cell: Cell, op: str, length: timedelta, reader: Reader) -> nw.Expr:
    mirrored = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}[op]  # long ago is a small instant
    return ordered(cell.expr, mirrored, reader.micros - length_in_micros(length))


def score(node: Score, reader: Reader) -> Truth:
    """A comparison of a score, which was worked out from facts or stands in a column."""
    read = score_cell(node.model, reader)
    return number_order(read, node.op, quantum(node.value))


def score_cell(model: str, reader: Reader) -> Cell:
    """A score of each row. Of whom no score is known it is what nobody has: zero, within floor and ceiling."""
    nobody = value_at(None, reader.names.scales.get(model, Scale()), reader.now)
    computed = reader.tables.scores.get(model)
    if computed is not None:
        return Cell(reader.value(computed).fill_null(nobody), FieldType.NUMBER)
    asked = f"score {model}"
    found = reader.own(
        f"score.{model}", f"score_{model}", f"{model}_score", model, declared=FieldType.NUMBER, asked=asked
    )
    if found.type is None:
        return Cell(nw.lit(nobody), FieldType.NUMBER)
    known = found.known
    expr = found.expr if isinstance(known, bool) else nw.when(known).then(found.expr).otherwise(nw.lit(nobody))
    return Cell(expr.cast(nw.Float64), FieldType.NUMBER, found.columns)


def time_in_segment(node: TimeInSegment, reader: Reader) -> Truth | Members:
    """How long a segment has had the subject as a member."""
    asked = f"time in segment {node.name}"
    kept = reader.tables.of("memberships", asked)
    segment = kept.cell(kept.need("segment", asked=asked), FieldType.TEXT, asked=asked)
    since = kept.cell(kept.need("since", asked=asked), FieldType.INSTANT, asked=asked)
    if segment.type is None or since.type is None:
        return False
    key = _subjects(kept, asked, reader)
    rows = kept.frame.filter(at_leaf(segment.expr == node.name), at_leaf(_since(since, node.op, node.length, reader)))
    return Members(rows.select(key).filter(~nw.col(KEY).is_null()), once=False)


def in_scenario(node: InScenario, reader: Reader) -> Truth | Members:
    """Whether some kept run of a scenario is in one of some states."""
    asked = f"runs of scenario {node.scenario}"
    runs = reader.tables.of("enrollments", asked)
    scenario = runs.cell(runs.need("scenario", asked=asked), FieldType.TEXT, asked=asked)
    state = runs.cell(runs.need("state", asked=asked), FieldType.TEXT, asked=asked)
    if scenario.type is None or state.type is None:
        return False
    states = [one.value for one in node.states]
    key = _subjects(runs, asked, reader)
    rows = runs.frame.filter(at_leaf(scenario.expr == node.scenario), at_leaf(state.expr.is_in(states)))
    return Members(rows.select(key).filter(~nw.col(KEY).is_null()), once=False)


def _subjects(table: Table, asked: str, reader: Reader) -> nw.Expr:
    return reader.key_of(table, table.need("subject", asked=asked))[0].alias(KEY)


def in_bucket(node: InBucket, reader: Reader) -> Truth | Members:
    """Whether the subject falls into a share of everybody; the lots are drawn in Python.

    Raises:
        NotCompilableError: The frame is lazy, so the ids are not at hand.
    """
    table = reader.table
    column = table.need("id", asked=str(reader.subject))
    if not isinstance(table.frame, nw.DataFrame):
        raise NotCompilableError("frame", f"bucket {node.salt}", "the ids of a lazy frame are not at hand: collect it")
    low, high = (ceil(Fraction(percent) * 2**64 / 100) for percent in (node.low, node.high))
    key = table.key(column).alias(KEY)  # which may add a column
    keys = table.frame.select(key).unique()
    found = [one for one in keys[KEY].drop_nulls().to_list() if one != "" and low <= lot_of(node.salt, str(one)) < high]
    lots = nw.from_dict({KEY: found}, {KEY: keys.schema[KEY]}, backend=keys.implementation)
    return Members(lots, once=True)


# -- consent ------------------------------------------------------------------------------------------


def consented(node: Consented, reader: Reader) -> Truth | Members:
    """What the person's word is: worked out as `nurture.model.word_on` does it, set by set."""
    given, withdrawn = _Words(node, reader, Fact.CONSENT_GIVEN), _Words(node, reader, Fact.CONSENT_WITHDRAWN)
    if node.word is Word.UNSAID:
        said = stacked([given.every().select(KEY), withdrawn.every().select(KEY)])
        return Members(said, once=False, but=True)
    refused = _refused(given, withdrawn)
    if node.word is Word.REFUSED:
        return Members(refused, once=True)
    if node.word is Word.GIVEN:
        live = _unanswered(given.every().filter(nw.col(_LIVE)), withdrawn.every(), lambda no, yes: no >= yes)
        return Members(alike(live, refused, lambda left, right: left.join(right, on=KEY, how="anti")), once=False)
    told = withdrawn.that_hold().filter(nw.col(_EXPLICIT)).select(KEY)
    return Members(alike(told, refused, lambda left, right: left.join(right, on=KEY, how="semi")), once=False)


def _refused(given: _Words, withdrawn: _Words) -> Frame:
    """Who has a refusal that no newer explicit yes took back; of a topic by name only one that names it does."""
    refusals, lifting = withdrawn.every(), given.every().filter(nw.col(_EXPLICIT))
    general = _unanswered(refusals.filter(~nw.col(_NAMED)), lifting, lambda yes, no: yes > no)
    named = _unanswered(refusals.filter(nw.col(_NAMED)), lifting.filter(nw.col(_NAMED)), lambda yes, no: yes > no)
    return stacked([general, named]).unique()


def _unanswered(words: Frame, answers: Frame, answers_it: Callable[[nw.Expr, nw.Expr], nw.Expr]) -> Frame:
    """Who said something of which the newest has no answer, by the instants of the newest answer and of the word."""
    newest = words.group_by(KEY).agg(nw.col(AT).max())
    answered = answers.group_by(KEY).agg(nw.col(AT).max().alias(_ANSWERED))
    both = alike(newest, with_holes(answered), lambda left, right: left.join(right, on=KEY, how="left"))
    is_answered = answers_it(nw.col(_ANSWERED), nw.col(AT)).fill_null(False)
    return both.filter(~is_answered).select(KEY)


_LIVE, _EXPLICIT, _ANSWERED, _NAMED = f"{OURS}live", f"{OURS}explicit", f"{OURS}answered", f"{OURS}named"


class _Words:
    """The facts of consent of one kind, about what a clause asks."""

    def __init__(self, node: Consented, reader: Reader, kind: Fact) -> None:
        channels, entities = spoken_of(node, kind)
        said: list[Predicate] = [_is_any("channel", channels), _says("purpose", "eq", node.purpose.value)]
        if reader.has_property("topic"):
            topic = Field(Owner.PROP, "topic")
            said.append(AnyOf((Compare(topic, "missing"), Compare(topic, "is_in", ("", node.topic)))))
        if node.entity:
            said.append(_is_any("entity", entities))
        elif reader.has_property("entity"):
            said.append(AnyOf((Compare(Field(Owner.PROP, "entity"), "missing"), _is_any("entity", entities))))
        self._facts = Facts(reader, Touched(kind.value, having=All(tuple(said)), suspect=True))
        explicit = reader.has_property("explicit") and self._facts.on_fact(_says("explicit", "eq", True))
        self._facts.keep(_EXPLICIT, explicit)
        self._facts.keep(_NAMED, self._is_named(node, reader))
        self._facts.keep(_LIVE, self._is_live(reader))
        self._now = reader.micros

    def _is_live(self, reader: Reader) -> Truth:
        if not reader.has_property("expires_at") or reader.prop("expires_at").type is not FieldType.INSTANT:
            return True
        ends = Field(Owner.PROP, "expires_at")
        return any_of(
            (self._facts.on_fact(Compare(ends, "missing")), self._facts.on_fact(Compare(ends, "gt", reader.now)))
        )

    def _is_named(self, node: Consented, reader: Reader) -> Truth:
        """Whether it is about the topic by name; words about other topics were left out before."""
        if not node.topic or not reader.has_property("topic"):
            return False
        return self._facts.on_fact(_says("topic", "eq", node.topic))

    def every(self) -> Frame:
        """All of them that have happened."""
        return self._facts.selected(span=Span(None, self._now), ats=True, ids=True)

    def that_hold(self) -> Frame:
        """Of each subject the newest; of several at one instant the one with the smaller id."""
        return extreme(self.every(), [KEY], ("max", "min"))


def _is_any(name: str, values: tuple[str, ...]) -> Compare:
    return Compare(Field(Owner.PROP, name), "is_in", values)


def _says(name: str, op: str, value: str | bool) -> Compare:
    return Compare(Field(Owner.PROP, name), op, value)
