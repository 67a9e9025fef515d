"""The step that waits for a fact, up to a deadline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

import attrs

from nurture.errors import DefinitionError
from nurture.predicates import Field, Predicate, Touched, describe
from nurture.predicates.terms import field_of
from nurture.steps.declaration import several
from nurture.steps.limit import Limit
from nurture.steps.step import Duration, Go, Move, Scene, Stay, Step
from nurture.steps.waiting import appointment_given, clause_problems, known_at, meant_at, names_given, same_problems

if TYPE_CHECKING:
    from nurture.predicates.terms import FieldTerm


@attrs.frozen(slots=True)
class WaitFor(Step):
    """Wait for a fact; go on by `seen` when it comes and by `timeout` when the deadline passes first.

    After a send it also sees facts since that message was claimed: a click can outrun the receipt.
    A fact that names the effect that brought it about (a click's mail) answers only the run that sent it.
    A fact and a deadline at the same instant: the fact wins, because facts come before timers.

    The deadline may be a date, `until`, with some time around it. As `wait_until` does, it works that instant out anew
    with each fact that comes: a date that is moved moves the deadline. Then there are two edges more. `past` is the way
    when the instant lay before the run came here, `missing` when there is no date, on arrival or later; but a fact that
    came in time wins. A date that is moved to an instant between the arrival and now is a `timeout`.

    Attributes:
        on: Which fact.
        deadline: How long to wait, counted from the arrival; None where `until` says it.
        then: Steps when it came.
        otherwise: Steps when it did not.
        same: Properties that must be the same in the fact as in the one that began the run.
        until: A date of the lead, the account, the entry fact or its campaign, in place of the deadline.
        offset: How long after that date; negative ones lead before it.
        past: Steps when that instant lay before the run came here.
        missing: Steps when there is no such date.
    """

    kind: ClassVar[str] = "wait_for"
    listens: ClassVar[bool] = True

    on: Predicate
    deadline: Duration | None = None
    then: tuple[Step, ...] = ()
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
        """See whether it came already."""
        return self.resume(scene)

    def resume(self, scene: Scene) -> Move:
        """Go on by the edge that time or a fact chose."""
        clause = self.on
        fact = scene.first_fact(clause, same=self.same) if isinstance(clause, Touched) else None
        limit = self.limit
        until = limit.at(scene)
        # a run that was paused may see a fact that came too late
        if fact is not None and (until is None or known_at(fact) <= until):
            return Go("seen", saw={"fact": fact.id}, due=meant_at(scene, known_at(fact)))
        if until is None:
            return Go("missing")
        return Stay(until=until) if until > scene.now else limit.reached(scene, until)

    def edges(self) -> Mapping[str, Sequence[Step]]:
        """Seen and timeout; past and missing, where the deadline is a date."""
        return {"seen": self.then, "timeout": self.otherwise, **self.limit.edges()}

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The date."""
        return self.limit.mentions()

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """The clause that is waited for, and the date."""
        return (("on", self.on), *self.limit.predicates())

    def compares(self) -> Iterable[str]:
        """What must be the same."""
        return self.same

    def problems(self) -> Iterable[str]:
        """It waits for one fact, so counts and windows make no sense here."""
        yield from clause_problems(self.on, "wait_for")
        yield from same_problems(self.same, "wait_for.same")
        yield from self.limit.problems("wait_for")

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        what, limit = describe(self.on, lang), self.limit.words(lang)
        return f"{what}を待つ（{limit}）" if lang == "ja" else f"wait for: {what} ({limit})"


def wait_for(
    on: Predicate,
    deadline: Duration | None = None,
    then: Sequence[Step] = (),
    otherwise: Sequence[Step] = (),
    *,
    same: str | Sequence[str] = (),
    until: FieldTerm | Field | None = None,
    offset: Duration | None = None,
    past: Sequence[Step] = (),
    missing: Sequence[Step] = (),
) -> WaitFor:
    """Wait for a fact up to a deadline, then go on by `then` or by `otherwise`.

    Args:
        on: A plain clause, such as `q.touches("email.clicked")`.
        deadline: How long, elapsed or civil.
        then: Steps when the fact came.
        otherwise: Steps when it did not.
        same: Properties that must be the same in the fact as in the one that began the run, such as `"seminar"`.
        until: In place of the deadline a date or an instant of the lead, the account, the entry fact or its campaign,
            such as `q.entry.campaign.starts_at`.
        offset: How long after that date, elapsed or civil; negative ones lead before it.
        past: Steps when that instant lay before the run came here.
        missing: Steps when there is no such date.

    Raises:
        DefinitionError: Something of another type was given.
    """
    if not isinstance(cast("object", on), Predicate):
        raise DefinitionError(
            f"wait_for: expected a clause such as q.touches('email.clicked'), found {type(on).__name__}"
        )
    return WaitFor(
        on,
        deadline,
        several(then),
        several(otherwise),
        names_given(same, "wait_for.same"),
        None if until is None else field_of(until, "wait_for.until"),
        appointment_given(offset, "wait_for.offset"),
        several(past),
        several(missing),
    )
