"""How points are given for what a subject is and does. Imports predicates only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import attrs

from nurture.model import SubjectKind
from nurture.model.decay import Scale
from nurture.predicates import Predicate, Touched
from nurture.program.choices import to_subject


@attrs.frozen(slots=True)
class ScoreRule:
    """Points for one thing.

    A rule about a fact (`q.touches("page.viewed")`, with conditions) gives its points for each such
    fact, and they fade with the model's half-life. A rule about what the subject is
    (`q.account.industry == "SaaS"`) gives its points as long as it holds; they do not fade.

    Attributes:
        when: What earns the points.
        points: How many; negative ones take away.
        cap: At most so many facts count, the newest ones; None means all.
        once_per: Name of a property: of the facts with the same value only the newest counts.
        name: For explanations; made from the predicate when empty.
    """

    when: Predicate
    points: float = attrs.field(converter=float)
    cap: int | None = None
    once_per: str | None = None
    name: str = ""

    @property
    def is_about_facts(self) -> bool:
        """Whether it gives points for each fact, rather than for what the subject is."""
        return isinstance(self.when, Touched) and self.when.is_plain


@attrs.frozen(slots=True)
class Threshold:
    """A mark with hysteresis: crossed upwards at `up`, downwards only below `down`; each emits `score.crossed`.

    Attributes:
        name: Names it in facts.
        up: Crossed when the score reaches this.
        down: Crossed back when the score falls below this; the same as `up` when None.
    """

    name: str
    up: float = attrs.field(converter=float)
    down: float | None = attrs.field(default=None, converter=attrs.converters.optional(float))

    @property
    def lower(self) -> float:
        """The mark for the way down."""
        return self.up if self.down is None else self.down


def _rules(given: Iterable[ScoreRule]) -> tuple[ScoreRule, ...]:
    return tuple(given)


def _thresholds(given: Iterable[Threshold]) -> tuple[Threshold, ...]:
    return tuple(given)


@attrs.frozen(slots=True)
class ScoreModel:
    """A score: as many models as there are departments that ask.

    Attributes:
        name: Names it in predicates.
        rules: What earns points.
        half_life: After this time an award counts half; None means that awards do not fade.
        floor: It never reads lower.
        ceiling: It never reads higher.
        thresholds: Marks whose crossing is a fact.
        subject: Whether it scores leads or accounts.
    """

    name: str
    rules: tuple[ScoreRule, ...] = attrs.field(converter=_rules)
    half_life: timedelta | None = None
    floor: float | None = attrs.field(default=None, converter=attrs.converters.optional(float))
    ceiling: float | None = attrs.field(default=None, converter=attrs.converters.optional(float))
    thresholds: tuple[Threshold, ...] = attrs.field(default=(), converter=_thresholds)
    subject: SubjectKind = attrs.field(default=SubjectKind.LEAD, converter=to_subject)

    @property
    def scale(self) -> Scale:
        """How it is read, as plain data."""
        return Scale(self.half_life, self.floor, self.ceiling)
