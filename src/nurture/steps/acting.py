"""What the steps share that ask for something to be done in the world: parameters, lateness, and ways on.

May import predicates, model, errors and what every step is made of.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import attrs

from nurture.errors import DefinitionError, InvalidFactError
from nurture.model import EMPTY, FrozenMapping, Value, clean_choice
from nurture.model.values import clean_value, flattened, frozen
from nurture.predicates.terms import FieldTerm
from nurture.predicates.tree import Compare, Field
from nurture.steps.declaration import mapping_given, several
from nurture.steps.step import LONGEST, NEXT, EffectOrder, Go, Move, Scene, ShiftOrder, Stay, Step, length_problems

if TYPE_CHECKING:
    from nurture.predicates import Predicate

Given: TypeAlias = Mapping[str, Value | FieldTerm]
"""Parameters as a host writes them: values, and fields such as `q.entry.starts_at` that are read on arrival."""
NO_FIELDS: Final[FrozenMapping[Field]] = FrozenMapping()

FAILED: Final = frozenset({"failed", "unknown"})
"""The outcomes that lead on by the edge `failed`."""
DONE: Final = frozenset({"sent", "done", "unknown"})
"""The outcomes of what was done, or may have been."""


class Misfire(StrEnum):
    """What becomes of something that is late, because the run was held up or nobody could carry it out.

    `skip` withholds it once it is later than its maximum lateness. `now` does it however late it is. `last_only` does
    it however late, but not after the next appointment of the run: of several that were missed only the last is done.
    `shift` does it however late, and moves the later appointments of the run by the whole days that it was late.
    """

    NOW = "now"
    SKIP = "skip"
    LAST_ONLY = "last_only"
    SHIFT = "shift"


def _fields(given: Mapping[str, Field]) -> FrozenMapping[Field]:
    is_one = isinstance(cast("object", given), Mapping)  # what is none is refused later, with its place
    return frozen(given) if is_one else cast("FrozenMapping[Field]", given)


def _steps(given: Iterable[Step]) -> tuple[Step, ...]:
    return several(given)


def _misfire(given: Misfire | str) -> Misfire:
    try:
        return clean_choice(Misfire, given, "misfire")
    except InvalidFactError as error:
        raise DefinitionError(str(error)) from None


@attrs.frozen(slots=True)
class Acting(Step):
    """A step that asks for something to be done in the world, and goes on once that has settled.

    Attributes:
        params: What to give along.
        fill: Parameters that are read from a field when the step asks; one that is missing then is left out.
        misfire: What becomes of it when it is late.
        max_lateness: How much later than planned it may still be done; None means the policy's with `skip`, and any
            with the others.
        if_failed: Steps when it was refused for good, or nobody knows what became of it; none means to go on.
        if_withheld: Steps when it was not allowed, or came too late; none means to go on.
    """

    params: Mapping[str, Value] = attrs.field(default=EMPTY, kw_only=True)
    fill: Mapping[str, Field] = attrs.field(default=NO_FIELDS, converter=_fields, kw_only=True)
    misfire: Misfire = attrs.field(default=Misfire.SKIP, converter=_misfire, kw_only=True)
    max_lateness: timedelta | None = attrs.field(default=None, kw_only=True)
    if_failed: tuple[Step, ...] = attrs.field(default=(), converter=_steps, kw_only=True)
    if_withheld: tuple[Step, ...] = attrs.field(default=(), converter=_steps, kw_only=True)

    @abstractmethod
    def asks_for(self, scene: Scene) -> EffectOrder | None:
        """What it asks for; `scene.turns` says how often this stop has asked before. None when there is nothing."""

    def nothing(self) -> str:
        """The edge by which it goes on when there is nothing to ask for."""
        return NEXT

    def goes_elsewhere(self, scene: Scene) -> bool:
        """Whether it asks for another thing, now that the one before has settled."""
        return False

    def arrive(self, scene: Scene) -> Move:
        """Ask for it, and wait until it settles."""
        order = self._in_time(scene)
        return Go(self.nothing()) if order is None else Stay(effect=order)

    def resume(self, scene: Scene) -> Move:
        """Go on when it settled."""
        outcome = scene.outcome
        if outcome is None:
            return Stay()
        if scene.turns < self.tries() and self.goes_elsewhere(scene):
            return Stay(effect=self._in_time(scene))
        saw: dict[str, Value] = {"outcome": outcome, **({"reason": scene.reason} if scene.reason else {})}
        return Go(self._way(outcome), self._orders(scene, outcome), saw)

    def edges(self) -> Mapping[str, Sequence[Step]]:
        """Failed and withheld, as far as steps were given for them."""
        ways = {"failed": self.if_failed, "withheld": self.if_withheld}
        given: dict[str, Sequence[Step]] = {edge: steps for edge, steps in ways.items() if steps}
        return {NEXT: (), **given} if given else {}

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """The fields that fill parameters."""
        for name, field in self.fill.items():
            yield f"params.{name}", Compare(field, "missing")

    def problems(self) -> Iterable[str]:
        """Lateness is a time that lies ahead, and a parameter is given in one way."""
        yield from length_problems(self.max_lateness, "max_lateness")
        for name in sorted(set(self.fill) & set(self.params)):
            yield f"params.{name}: is given, and filled from a field; expected one of them"
        if self.misfire is Misfire.NOW and self.max_lateness is not None:
            yield "misfire: 'now' is done however late, so that max_lateness says the opposite; expected one of them"

    def filled(self, scene: Scene) -> Mapping[str, Value]:
        """The parameters, with those that are read from fields as they are now."""
        if not self.fill:
            return self.params
        read = {name: scene.value(field) for name, field in self.fill.items()}
        return FrozenMapping({**self.params, **{name: value for name, value in read.items() if value is not None}})

    def _in_time(self, scene: Scene) -> EffectOrder | None:
        """What it asks for, with how late that may be done."""
        order = self.asks_for(scene)
        if order is None:
            return None
        longest = self.max_lateness
        if longest is None and self.misfire is not Misfire.SKIP:
            longest = LONGEST
        not_after = scene.next_appointment() if self.misfire is Misfire.LAST_ONLY else None
        return attrs.evolve(order, max_lateness=longest, not_after=not_after)

    def _way(self, outcome: str) -> str:
        if outcome in FAILED and self.if_failed:
            return "failed"
        return "withheld" if outcome == "withheld" and self.if_withheld else NEXT

    def _orders(self, scene: Scene, outcome: str) -> tuple[ShiftOrder, ...]:
        if self.misfire is not Misfire.SHIFT or outcome not in DONE:
            return ()
        late = timedelta(days=(scene.late + (scene.since - scene.arrived_at)).days)
        return (ShiftOrder(late),) if late > timedelta(0) else ()


def sorted_out(given: Given | None, where: str) -> tuple[FrozenMapping[Value], FrozenMapping[Field]]:
    """The parameters that are known now, and the fields of those that are read on arrival.

    Args:
        given: As a host wrote them.
        where: Names them in errors.

    Raises:
        DefinitionError: It is no mapping.
        InvalidFactError: A value cannot be held; it is named.
    """
    flat = flattened(mapping_given(given, where), where)
    fields = {name: one.field_ for name, one in flat.items() if isinstance(one, FieldTerm)}
    values = {name: clean_value(one, f"{where}.{name}") for name, one in flat.items() if name not in fields}
    return FrozenMapping(values) if values else EMPTY, FrozenMapping(fields) if fields else NO_FIELDS
