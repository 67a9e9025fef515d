"""The step that waits for a fact, up to a deadline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, cast

import attrs

from nurture.calendar import describe as describe_duration
from nurture.errors import DefinitionError
from nurture.predicates import Predicate, Touched, describe
from nurture.steps.step import Duration, Go, Move, Scene, Stay, Step, length_problems
from nurture.steps.waiting import clause_problems, known_at, meant_at, names_given, same_problems


@attrs.frozen(slots=True)
class WaitFor(Step):
    """Wait for a fact; go on by `seen` when it comes and by `timeout` when the deadline passes first.

    After a send it also sees facts since that message was claimed: a click can outrun the receipt.
    A fact that names the effect that brought it about (a click's mail) answers only the run that sent it.
    A fact and a deadline at the same instant: the fact wins, because facts come before timers.

    Attributes:
        on: Which fact.
        deadline: How long to wait, counted from the arrival.
        then: Steps when it came.
        otherwise: Steps when it did not.
        same: Properties that must be the same in the fact as in the one that began the run.
    """

    kind: ClassVar[str] = "wait_for"
    listens: ClassVar[bool] = True

    on: Predicate
    deadline: Duration
    then: tuple[Step, ...] = ()
    otherwise: tuple[Step, ...] = ()
    same: tuple[str, ...] = ()

    def arrive(self, scene: Scene) -> Move:
        """See whether it came already."""
        return self.resume(scene)

    def resume(self, scene: Scene) -> Move:
        """Go on by the edge that time or a fact chose."""
        clause = self.on
        fact = scene.first_fact(clause, same=self.same) if isinstance(clause, Touched) else None
        until = scene.later(self.deadline)
        if fact is not None and known_at(fact) <= until:  # a run that was paused may see one that came too late
            return Go("seen", saw={"fact": fact.id}, due=meant_at(scene, known_at(fact)))
        return Go("timeout", due=meant_at(scene, until)) if until <= scene.now else Stay(until=until)

    def edges(self) -> Mapping[str, Sequence[Step]]:
        """Seen and timeout."""
        return {"seen": self.then, "timeout": self.otherwise}

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """The clause that is waited for."""
        return (("on", self.on),)

    def problems(self) -> Iterable[str]:
        """It waits for one fact, so counts and windows make no sense here."""
        yield from clause_problems(self.on, "wait_for")
        yield from same_problems(self.same, "wait_for.same")
        yield from length_problems(self.deadline, "deadline")

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        what, limit = describe(self.on, lang), describe_duration(self.deadline, lang)
        return f"{what}を待つ（期限: {limit}）" if lang == "ja" else f"wait for: {what} (at most {limit})"


def wait_for(
    on: Predicate,
    deadline: Duration,
    then: Sequence[Step] = (),
    otherwise: Sequence[Step] = (),
    *,
    same: str | Sequence[str] = (),
) -> WaitFor:
    """Wait for a fact up to a deadline, then go on by `then` or by `otherwise`.

    Args:
        on: A plain clause, such as `q.touches("email.clicked")`.
        deadline: How long, elapsed or civil.
        then: Steps when the fact came.
        otherwise: Steps when it did not.
        same: Properties that must be the same in the fact as in the one that began the run, such as `"seminar"`.
    """
    if not isinstance(cast("object", on), Predicate):
        raise DefinitionError(
            f"wait_for: expected a clause such as q.touches('email.clicked'), found {type(on).__name__}"
        )
    return WaitFor(on, deadline, tuple(then), tuple(otherwise), names_given(same, "wait_for.same"))
