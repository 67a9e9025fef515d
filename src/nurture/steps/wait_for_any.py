"""The step that waits for the first of several things, up to a deadline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

import attrs

from nurture.predicates import Field, Predicate, Touched, describe
from nurture.predicates.terms import field_of
from nurture.steps.declaration import Declaration, several
from nurture.steps.limit import Limit
from nurture.steps.step import Duration, Go, Move, Scene, Stay, Step
from nurture.steps.waiting import (
    appointment_given,
    known_at,
    meant_at,
    names_given,
    same_problems,
    steps_of,
    way_problems,
)

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.model import Value
    from nurture.predicates.terms import FieldTerm


@attrs.frozen(slots=True)
class Answer(Declaration):
    """One of the things that are waited for.

    Attributes:
        name: Names the way.
        on: A plain clause waits for such a fact to come; any other predicate for the moment at which it holds.
        steps: Steps when it came first.
    """

    is_part: ClassVar[bool] = True

    name: str
    on: Predicate
    steps: tuple[Step, ...] = ()

    @property
    def clause(self) -> Touched | None:
        """The clause about a fact; None for a predicate that is asked."""
        return self.on if isinstance(self.on, Touched) and self.on.is_plain else None


@attrs.frozen(slots=True)
class WaitForAny(Step):
    """Wait for several facts or predicates; the first of them chooses the way, or else the deadline does.

    Facts go by when they were known. A predicate that holds goes by the present moment. Where two come at one moment,
    the way that was written first is taken. Facts and predicates come before a deadline at the same instant.

    After a send it also sees facts since that message was claimed, as `wait_for` does.

    The deadline may be a date, `until`, as in `wait_for`: it is moved with the date, and there are the edges `past` and
    `missing` besides. What came in time goes before them, and so does, where there is no date, what holds now.

    Attributes:
        deadline: How long to wait, counted from the arrival; None where `until` says it.
        ways: What is waited for.
        otherwise: Steps when the deadline came first.
        same: Properties that must be the same in a fact as in the one that began the run.
        until: A date of the lead, the account, the entry fact or its campaign, in place of the deadline.
        offset: How long after that date; negative ones lead before it.
        past: Steps when that instant lay before the run came here.
        missing: Steps when there is no such date.
    """

    kind: ClassVar[str] = "wait_for_any"
    listens: ClassVar[bool] = True

    deadline: Duration | None = None
    ways: tuple[Answer, ...] = ()
    otherwise: tuple[Step, ...] = ()
    same: tuple[str, ...] = ()
    until: Field | None = None
    offset: Duration | None = None
    past: tuple[Step, ...] = ()
    missing: tuple[Step, ...] = ()

    @property
    def limit(self) -> Limit:
        """Until when it waits."""
        return Limit(self.deadline, self.until, self.offset, self.past, self.missing)

    def arrive(self, scene: Scene) -> Move:
        """See whether one came already."""
        return self.resume(scene)

    def resume(self, scene: Scene) -> Move:
        """Go on by the first that came, or by the deadline."""
        limit = self.limit
        until = limit.at(scene)
        came: list[tuple[datetime, int, Mapping[str, Value]]] = []
        turns: list[datetime] = [] if until is None else [until]
        for index, way in enumerate(self.ways):
            clause = way.clause
            if clause is not None:
                fact = scene.first_fact(clause, same=self.same)
                if fact is not None and (until is None or known_at(fact) <= until):
                    came.append((known_at(fact), index, {"fact": fact.id}))
            elif (until is None or scene.now <= until) and scene.holds(way.on):
                came.append((scene.now, index, {"held_at": scene.now}))
            elif (turn := scene.flips(way.on)) is not None:
                turns.append(turn)
        if came:
            at, index, saw = min(came, key=lambda one: one[:2])
            return Go(self.ways[index].name, saw=saw, due=meant_at(scene, at))
        if until is None:
            return Go("missing")
        return Stay(until=min(turns)) if until > scene.now else limit.reached(scene, until)

    def edges(self) -> Mapping[str, Sequence[Step]]:
        """One edge a way, and timeout; past and missing, where the deadline is a date."""
        return {**{way.name: way.steps for way in self.ways}, "timeout": self.otherwise, **self.limit.edges()}

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The date."""
        return self.limit.mentions()

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """What is waited for, and the date; the clauses whose facts are looked up end in `on`."""
        for way in self.ways:
            yield f"ways.{way.name}.{'where' if way.clause is None else 'on'}", way.on
        yield from self.limit.predicates()

    def compares(self) -> Iterable[str]:
        """What must be the same."""
        return self.same

    def problems(self) -> Iterable[str]:
        """The ways have names of their own."""
        taken = ("timeout", *self.limit.edges())
        yield from way_problems([way.name for way in self.ways], taken, "wait_for_any")
        yield from same_problems(self.same, "wait_for_any.same")
        yield from self.limit.problems("wait_for_any")

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        limit = self.limit.words(lang)
        if lang == "ja":
            ways = "・".join(f"{way.name}（{describe(way.on, lang)}）" for way in self.ways)
            return f"次のうち最初のものを待つ: {ways}（{limit}）"
        ways = ", ".join(f"{way.name} ({describe(way.on)})" for way in self.ways)
        return f"wait for the first of: {ways} ({limit})"


def wait_for_any(
    deadline: Duration | None = None,
    *,
    until: FieldTerm | Field | None = None,
    offset: Duration | None = None,
    same: str | Sequence[str] = (),
    otherwise: Sequence[Step] = (),
    past: Sequence[Step] = (),
    missing: Sequence[Step] = (),
    **ways: tuple[Predicate, Sequence[Step]],
) -> WaitForAny:
    """Wait for the first of several: `wait_for_any(days(5), clicked=(q.touches("email.clicked"), [send("more")]))`.

    Args:
        deadline: How long, elapsed or civil, business hours included.
        until: In place of the deadline a date or an instant of the lead, the account, the entry fact or its campaign,
            such as `q.entry.campaign.starts_at`.
        offset: How long after that date, elapsed or civil; negative ones lead before it.
        same: Properties that must be the same in a fact as in the one that began the run, such as `"seminar"`.
        otherwise: Steps when the deadline came first.
        past: Steps when the instant of `until` lay before the run came here.
        missing: Steps when there is no such date.
        ways: For each way what is waited for, and its steps.

    Raises:
        DefinitionError: A way is something else than a predicate with steps, or something is of another type.
    """
    found: list[Answer] = []
    for name, way in ways.items():
        on, steps = steps_of(way, f"wait_for_any.{name}")
        found.append(Answer(name, on, cast("tuple[Step, ...]", several(steps))))
    return WaitForAny(
        deadline,
        tuple(found),
        several(otherwise),
        names_given(same, "wait_for_any.same"),
        None if until is None else field_of(until, "wait_for_any.until"),
        appointment_given(offset, "wait_for_any.offset"),
        several(past),
        several(missing),
    )
