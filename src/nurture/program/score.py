"""How points are given for what a subject is and does. Imports predicates only.

`ScoreModel.score` hands over to the room `frames` when it is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, cast

import attrs

from nurture.model import SubjectKind
from nurture.model.decay import Scale
from nurture.predicates import Predicate, Touched, describe
from nurture.predicates.display import LANGUAGES, bundle, heading, table
from nurture.program.choices import to_subject
from nurture.steps.declaration import Declaration, several

if TYPE_CHECKING:
    from nurture.predicates import Names
    from nurture.program.program import Program


@attrs.frozen(slots=True)
class ScoreRule(Declaration):
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

    stands_in: ClassVar[str] = "scores.rules"

    when: Predicate
    points: float
    cap: int | None = None
    once_per: str | None = None
    name: str = ""

    @property
    def is_about_facts(self) -> bool:
        """Whether it gives points for each fact, rather than for what the subject is."""
        return isinstance(self.when, Touched) and self.when.is_plain


@attrs.frozen(slots=True)
class Threshold(Declaration):
    """A mark with hysteresis: crossed upwards at `up`, downwards only below `down`; each emits `score.crossed`.

    Attributes:
        name: Names it in facts.
        up: Crossed when the score reaches this.
        down: Crossed back when the score falls below this; the same as `up` when None.
    """

    stands_in: ClassVar[str] = "scores.thresholds"

    name: str
    up: float
    down: float | None = None

    @property
    def lower(self) -> float:
        """The mark for the way down."""
        return self.up if self.down is None else self.down


def _rules(given: Iterable[ScoreRule]) -> tuple[ScoreRule, ...]:
    return several(given)


def _thresholds(given: Iterable[Threshold]) -> tuple[Threshold, ...]:
    return several(given)


@attrs.frozen(slots=True)
class GradeFrom(Declaration):
    """A grade and the score from which it is given.

    Attributes:
        name: Such as `A`.
        score: From this score on. Of the lowest grade it is not looked at: everybody else has that one.
    """

    stands_in: ClassVar[str] = "scores.grades"

    name: str
    score: float


def _grades(given: Mapping[str, float] | Iterable[GradeFrom]) -> tuple[GradeFrom, ...]:
    if isinstance(given, Mapping):
        return tuple([GradeFrom(name, score) for name, score in cast("Mapping[str, float]", given).items()])
    return several(given)


@attrs.frozen(slots=True)
class ScoreModel(Declaration):
    """A score: as many models as there are departments that ask.

    Attributes:
        name: Names it in predicates.
        rules: What earns points.
        half_life: After this time an award counts half; None means that awards do not fade.
        floor: It never reads lower.
        ceiling: It never reads higher.
        thresholds: Marks whose crossing is a fact.
        subject: Whether it scores leads or accounts.
        grades: Grades, best first, each with the score from which it is given; a mapping such as
            `{"A": 80, "B": 50, "C": 20, "D": 0}` will do. The last one is everybody else's.
    """

    stands_in: ClassVar[str] = "scores"

    name: str
    rules: tuple[ScoreRule, ...] = attrs.field(converter=_rules)
    half_life: timedelta | None = None
    floor: float | None = None
    ceiling: float | None = None
    thresholds: tuple[Threshold, ...] = attrs.field(default=(), converter=_thresholds)
    subject: SubjectKind = attrs.field(default=SubjectKind.LEAD, converter=to_subject)
    grades: tuple[GradeFrom, ...] = attrs.field(default=(), converter=_grades)

    @property
    def scale(self) -> Scale:
        """How it is read, as plain data."""
        return Scale(self.half_life, self.floor, self.ceiling)

    def score(
        self,
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
        """The scores of everybody in frames of one's own; `nurture.frames.score` says what each argument is.

        Args:
            touchpoints: One row a fact: pandas, Polars, PyArrow, DuckDB, Spark.
            leads: One row a lead: then there is one score for each.
            accounts: One row an account.
            now: The moment to read them at.
            columns: Columns that are called otherwise than what they hold, by that.
            zone: Where wall clocks hang whose times have no zone.
            program: What the names in the rules mean.
            names: The same as plain data.

        Returns:
            A frame of the kind of `touchpoints` with the columns `subject` and `score`.
        """
        from nurture.frames import score as score_frame

        return score_frame(
            self,
            touchpoints,
            leads,
            accounts,
            now=now,
            columns=columns,
            zone=zone,
            program=program,
            names=names,
        )

    def _repr_html_(self) -> str:
        fades = "" if self.half_life is None else f"half-life {self.half_life}"
        rows = [
            (f"{rule.points:+g}", *(describe(rule.when, lang) for lang in LANGUAGES), _limits(rule))
            for rule in self.rules
        ]
        return f"<div>{heading('score', self.name, fades)}{table(('points', *LANGUAGES, 'at most'), rows)}</div>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        rules = "; ".join(f"{rule.points:+g} when {describe(rule.when)}" for rule in self.rules)
        return bundle(f"score {self.name}: {rules}", self._repr_html_())


def _limits(rule: ScoreRule) -> str:
    """How many of the facts count."""
    parts = [] if rule.cap is None else [f"{rule.cap}"]
    parts += [] if rule.once_per is None else [f"once per {rule.once_per}"]
    return ", ".join(parts)
