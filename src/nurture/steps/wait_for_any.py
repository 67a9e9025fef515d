"""The step that waits for the first of several things, up to a deadline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

import attrs

from nurture.calendar import describe as describe_duration
from nurture.predicates import Predicate, Touched, describe
from nurture.steps.step import Duration, Go, Move, Scene, Stay, Step, length_problems
from nurture.steps.waiting import known_at, meant_at, names_given, same_problems, steps_of, way_problems

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.model import Value


@attrs.frozen(slots=True)
class Answer:
    """One of the things that are waited for.

    Attributes:
        name: Names the way.
        on: A plain clause waits for such a fact to come; any other predicate for the moment at which it holds.
        steps: Steps when it came first.
    """

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

    Attributes:
        deadline: How long to wait, counted from the arrival.
        ways: What is waited for.
        otherwise: Steps when the deadline came first.
        same: Properties that must be the same in a fact as in the one that began the run.
    """

    kind: ClassVar[str] = "wait_for_any"
    listens: ClassVar[bool] = True

    deadline: Duration
    ways: tuple[Answer, ...]
    otherwise: tuple[Step, ...] = ()
    same: tuple[str, ...] = ()

    def arrive(self, scene: Scene) -> Move:
        """See whether one came already."""
        return self.resume(scene)

    def resume(self, scene: Scene) -> Move:
        """Go on by the first that came, or by the deadline."""
        until = scene.later(self.deadline)
        came: list[tuple[datetime, int, Mapping[str, Value]]] = []
        turns: list[datetime] = [until]
        for index, way in enumerate(self.ways):
            clause = way.clause
            if clause is not None:
                fact = scene.first_fact(clause, same=self.same)
                if fact is not None and known_at(fact) <= until:
                    came.append((known_at(fact), index, {"fact": fact.id}))
            elif scene.now <= until and scene.holds(way.on):
                came.append((scene.now, index, {"held_at": scene.now}))
            elif (turn := scene.flips(way.on)) is not None:
                turns.append(turn)
        if came:
            at, index, saw = min(came, key=lambda one: one[:2])
            return Go(self.ways[index].name, saw=saw, due=meant_at(scene, at))
        return Go("timeout", due=meant_at(scene, until)) if until <= scene.now else Stay(until=min(turns))

    def edges(self) -> Mapping[str, Sequence[Step]]:
        """One edge a way, and timeout."""
        return {**{way.name: way.steps for way in self.ways}, "timeout": self.otherwise}

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """What is waited for; the clauses whose facts are looked up end in `on`."""
        for way in self.ways:
            yield f"ways.{way.name}.{'where' if way.clause is None else 'on'}", way.on

    def problems(self) -> Iterable[str]:
        """The ways have names of their own."""
        yield from way_problems([way.name for way in self.ways], "timeout", "wait_for_any")
        yield from same_problems(self.same, "wait_for_any.same")
        yield from length_problems(self.deadline, "deadline")

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        limit = describe_duration(self.deadline, lang)
        if lang == "ja":
            ways = "・".join(f"{way.name}（{describe(way.on, lang)}）" for way in self.ways)
            return f"次のうち最初のものを待つ: {ways}（期限: {limit}）"
        ways = ", ".join(f"{way.name} ({describe(way.on)})" for way in self.ways)
        return f"wait for the first of: {ways} (at most {limit})"


def wait_for_any(
    deadline: Duration,
    *,
    same: str | Sequence[str] = (),
    otherwise: Sequence[Step] = (),
    **ways: tuple[Predicate, Sequence[Step]],
) -> WaitForAny:
    """Wait for the first of several: `wait_for_any(days(5), clicked=(q.touches("email.clicked"), [send("more")]))`.

    Args:
        deadline: How long, elapsed or civil, business hours included.
        same: Properties that must be the same in a fact as in the one that began the run, such as `"seminar"`.
        otherwise: Steps when the deadline came first.
        ways: For each way what is waited for, and its steps.

    Raises:
        DefinitionError: A way is something else than a predicate with steps.
    """
    found: list[Answer] = []
    for name, way in ways.items():
        on, steps = steps_of(way, f"wait_for_any.{name}")
        found.append(Answer(name, on, cast("tuple[Step, ...]", tuple(steps))))
    return WaitForAny(deadline, tuple(found), tuple(otherwise), names_given(same, "wait_for_any.same"))
