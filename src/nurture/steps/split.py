"""The step that divides people at random, but always the same way for the same person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, cast

import attrs

from nurture.errors import DefinitionError
from nurture.steps.declaration import Declaration
from nurture.steps.step import Go, Move, Scene, Step

_WAY = re.compile(r"[\w-]{1,60}")


@attrs.frozen(slots=True)
class Way(Declaration):
    """One way of a split: its name, its weight against the others, and its steps."""

    is_part: ClassVar[bool] = True

    name: str
    weight: float
    steps: tuple[Step, ...] = ()


@attrs.frozen(slots=True)
class Split(Step):
    """Go one of several ways by a sticky hash of the person and the split's name.

    Attributes:
        name: Names the draw; the same name in one scenario draws the same way.
        ways: The ways with their weights.
    """

    kind: ClassVar[str] = "split"

    name: str
    ways: tuple[Way, ...]

    def arrive(self, scene: Scene) -> Move:
        """Find the way whose share of the whole this person falls into."""
        share = scene.share(self.name)
        mark = share * sum(way.weight for way in self.ways)
        for way in self.ways:
            mark -= way.weight
            if mark < 0:
                return Go(way.name, saw={"share": round(share, 6)})
        return Go(self.ways[-1].name, saw={"share": round(share, 6)})

    def edges(self) -> Mapping[str, Sequence[Step]]:
        """One edge a way."""
        return {way.name: way.steps for way in self.ways}

    def problems(self) -> Iterable[str]:
        """Names must differ and weights must be positive."""
        if len(self.ways) < 2:
            yield "a split needs at least two ways"
        if len({way.name for way in self.ways}) < len(self.ways):
            yield "the ways of a split need different names"
        if any(not _WAY.fullmatch(way.name) for way in self.ways):
            yield "the ways of a split need names of letters, digits, _ and -, since they are parts of addresses"
        if any(not 0 < way.weight < float("inf") for way in self.ways):
            yield "the weights of a split must be positive numbers"

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        shares = " / ".join(f"{way.name} {way.weight:g}" for way in self.ways)
        return f"無作為に分ける: {shares}" if lang == "ja" else f"split at random: {shares}"


def split(name: str, **ways: tuple[float, Sequence[Step]]) -> Split:
    """Divide people: `split("subject line", a=(50, [send("a")]), b=(50, [send("b")]))`.

    Args:
        name: Names the draw.
        ways: For each way its weight and its steps.

    Raises:
        DefinitionError: A way is something else than a weight with steps.
    """
    return Split(name, tuple(_way(key, way) for key, way in ways.items()))


def _way(name: str, way: object) -> Way:
    pair = cast("tuple[object, ...]", way) if isinstance(way, (tuple, list)) else ()
    if len(pair) != 2:
        raise DefinitionError(f"split.{name}: expected a weight and steps, as in {name}=(50, [send('hello')])")
    return Way(name, cast("float", pair[0]), cast("tuple[Step, ...]", pair[1]))
