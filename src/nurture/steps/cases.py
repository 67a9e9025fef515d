"""The step that chooses one of many ways by predicates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, cast

import attrs

from nurture.predicates import Predicate, describe
from nurture.steps.declaration import Declaration, several
from nurture.steps.step import Go, Move, Scene, Step
from nurture.steps.waiting import steps_of, way_problems


@attrs.frozen(slots=True)
class Case(Declaration):
    """One way: its name, what must hold, and its steps."""

    is_part: ClassVar[bool] = True

    name: str
    where: Predicate
    steps: tuple[Step, ...] = ()


@attrs.frozen(slots=True)
class Cases(Step):
    """Go the first way whose predicate holds; decided once and stored.

    Attributes:
        ways: The cases, in the order in which they are asked.
        otherwise: Steps when none holds.
    """

    kind: ClassVar[str] = "cases"

    ways: tuple[Case, ...]
    otherwise: tuple[Step, ...] = ()

    def arrive(self, scene: Scene) -> Move:
        """Choose now; the choice is kept in the enrollment's path."""
        return Go(next((case.name for case in self.ways if scene.holds(case.where)), "otherwise"))

    def edges(self) -> Mapping[str, Sequence[Step]]:
        """One edge a case, and otherwise."""
        return {**{case.name: case.steps for case in self.ways}, "otherwise": self.otherwise}

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """What the cases ask."""
        return tuple((f"ways.{case.name}.where", case.where) for case in self.ways)

    def problems(self) -> Iterable[str]:
        """The cases have names of their own."""
        return way_problems([case.name for case in self.ways], "otherwise", "cases")

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        if lang == "ja":
            return f"場合分け: {'・'.join(f'{case.name}（{describe(case.where, lang)}）' for case in self.ways)}"
        return f"by case: {', '.join(f'{case.name} ({describe(case.where)})' for case in self.ways)}"


def cases(*, otherwise: Sequence[Step] = (), **ways: tuple[Predicate, Sequence[Step]]) -> Cases:
    """Choose the first that holds: `cases(customer=(q.stage == "customer", [exit_()]), otherwise=[send("hello")])`.

    Args:
        otherwise: Steps when none holds.
        ways: For each case what must hold, and its steps.

    Raises:
        DefinitionError: A case is something else than a predicate with steps.
    """
    found: list[Case] = []
    for name, way in ways.items():
        where, steps = steps_of(way, f"cases.{name}")
        found.append(Case(name, where, cast("tuple[Step, ...]", several(steps))))
    return Cases(tuple(found), several(otherwise))
