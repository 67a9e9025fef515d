"""A scenario's steps laid out with an address each, so that a path through them can be stored.

An address is the place of a step in its pinned version: `0`, `1`, `1.then.0`. May import steps only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from nurture.steps.step import NEXT, Step


@attrs.frozen(slots=True)
class Node:
    """One step with its address and where each edge leads; None means past the end."""

    address: str
    step: Step
    ways: Mapping[str, str | None]


@attrs.frozen(slots=True)
class Flow:
    """All nodes of a scenario, by address.

    Attributes:
        start: Address of the first step; None for an empty scenario.
        nodes: Every node.
    """

    start: str | None
    nodes: Mapping[str, Node]

    @property
    def marks(self) -> tuple[str, ...]:
        """The names of the marked steps, in order; one that stands twice comes twice."""
        return tuple(label for node in self.nodes.values() if (label := node.step.label()))

    def is_path(self, visits: Sequence[tuple[str, str | None]], begin: str | None = None) -> bool:
        """Whether a sequence of (address, edge) is one way through.

        The last edge may be None: the enrollment is still there, or it was taken out there.

        Args:
            visits: The stops.
            begin: Where it begins: a run that came from an older version begins in the middle. None is the start.
        """
        expected = self.start if begin is None else begin
        for index, (address, edge) in enumerate(visits):
            if address != expected or address not in self.nodes:
                return False
            if edge is None:
                return index == len(visits) - 1
            ways = self.nodes[address].ways
            if edge not in ways:
                return False
            expected = ways[edge]
        return True


def lay_out(steps: Sequence[Step]) -> Flow:
    """Give every step its address, and every edge its goal."""
    nodes: dict[str, Node] = {}
    start = _lay(steps, "", None, nodes)
    marks = {label: address for address, node in nodes.items() if (label := node.step.label())}
    for address, node in nodes.items():
        leads = {edge: marks[name] for edge, name in node.step.leads_to().items() if name in marks}
        if leads:
            nodes[address] = Node(address, node.step, {**node.ways, **leads})
    return Flow(start, nodes)


def _lay(steps: Sequence[Step], prefix: str, after: str | None, nodes: dict[str, Node]) -> str | None:
    for index, step in enumerate(steps):
        address = f"{prefix}{index}"
        following = f"{prefix}{index + 1}" if index + 1 < len(steps) else after
        nodes[address] = Node(address, step, {})
        ways: dict[str, str | None] = {
            edge: _lay(nested, f"{address}.{edge}.", following, nodes) for edge, nested in step.edges().items()
        }
        nodes[address] = Node(address, step, ways or {NEXT: following})
    return f"{prefix}0" if steps else after
