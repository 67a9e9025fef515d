"""How a condition that must have held for a time answers, and when it turns. May import the nodes and `source`.

The values of before are those of now, with the visible changes of that time taken back, newest revision first.
So a change is judged by the values just before it and just after it, and one that leaves the condition true
breaks nothing. A change from before that time, or one that is still to come, is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, cast

import attrs

from nurture.model import Fact, Value
from nurture.predicates.answering.leaf import Leaf, first_turn, shifted
from nurture.predicates.answering.source import Source
from nurture.predicates.comparisons import value_test
from nurture.predicates.tree import Compare, Owner, Predicate, walk

if TYPE_CHECKING:
    from nurture.model import Sight, Touchpoint
    from nurture.predicates.dates import Held
    from nurture.predicates.names import Names

_AT = attrgetter("at")
_BEFORE = "before."


def held_leaf(node: Held, _: Names) -> Leaf:
    """The leaf of a condition that has held for at least a time, or for less."""
    history = _History(node.part)
    length, at_least = node.length, node.op == "ge"

    def holds(sight: Sight, now: datetime) -> bool:
        if not history.is_true(sight):
            return False
        began = history.created_at(sight)
        opens = shifted(now, -length)
        whole = began is not None and opens is not None and began <= opens and not history.breaks(sight, opens, now)
        return whole is at_least

    def flips(sight: Sight, now: datetime) -> datetime | None:
        began = history.created_at(sight)
        if began is None or not history.is_true(sight):
            return None
        turns = [shifted(began, length)]
        opens = shifted(now, -length)
        changes = history.changes(sight)
        if opens is not None and _in_order([fact for fact in changes if fact.at > opens], now):
            # What leaves the time takes the changes after it along unchanged, so that only the last break counts.
            breaks = history.breaks(sight, opens, now)
            turns += [shifted(fact.at, length) for fact in breaks[-1:]]
        else:
            turns += [turn for fact in changes for turn in (fact.at, shifted(fact.at, length))]
        return first_turn(holds, sight, now, turns)

    return Leaf(holds, flips)


def held_since(node: Held, sight: Sight, now: datetime) -> datetime | None:
    """Since when the condition has held, as far as the known changes tell; None while it does not hold."""
    history = _History(node.part)
    if not history.is_true(sight):
        return None
    known = [fact.at for fact in history.breaks(sight, None, now)]
    began = history.created_at(sight)
    return max([*known, *([] if began is None or began > now else [began])], default=None)


def _in_order(changes: list[Touchpoint], now: datetime) -> bool:
    """Whether changes, ordered by revision, happened in this order, and all of them by now."""
    moments = [fact.at for fact in changes]
    return moments == sorted(moments) and (not moments or moments[-1] <= now)


@attrs.frozen(slots=True)
class _History:
    """The values that a condition looks at, now and before.

    Attributes:
        part: The condition.
        owner: Whose values they are.
        kind: The kind of the facts that say how they changed.
        names: Their names.
        test: The condition as a function of the values.
    """

    part: Predicate
    owner: Owner = attrs.field(init=False)
    kind: str = attrs.field(init=False)
    names: frozenset[str] = attrs.field(init=False)
    test: Callable[[Mapping[str, Value]], bool] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        fields = [field for node in walk(self.part) if isinstance(node, Compare) for field in node.fields]
        of_account = any(field.owner is Owner.ACCOUNT for field in fields)
        put = object.__setattr__
        put(self, "owner", Owner.ACCOUNT if of_account else Owner.LEAD)
        put(self, "kind", (Fact.ACCOUNT_CHANGED if of_account else Fact.LEAD_CHANGED).value)
        put(self, "names", frozenset(field.name for field in fields))
        put(self, "test", _compiled(self.part))

    def _values(self, sight: Sight) -> Mapping[str, Value]:
        return sight.account if self.owner is Owner.ACCOUNT else sight.lead

    def is_true(self, sight: Sight) -> bool:
        """Whether the condition holds of the present values."""
        return self.test(self._values(sight))

    def created_at(self, sight: Sight) -> datetime | None:
        """Since when there are values at all."""
        found = self._values(sight).get("created_at")
        return found if isinstance(found, datetime) else None

    def changes(self, sight: Sight) -> list[Touchpoint]:
        """The known changes of these values, in the order of their revisions."""
        return sorted((fact for fact in sight.touches.get(self.kind, ()) if self._concerns(fact)), key=_revision)

    def _concerns(self, fact: Touchpoint) -> bool:
        fields = fact.properties.get("fields")
        return isinstance(fields, tuple) and not self.names.isdisjoint(fields)

    def breaks(self, sight: Sight, opens: datetime | None, now: datetime) -> list[Touchpoint]:
        """The changes after an instant and until now just before which the condition was false.

        Ordered by the instants at which they happened. Just after a change it is as just before the next one, and
        after the last one it is as now: true.
        """
        changes = [fact for fact in self.changes(sight) if fact.at <= now and (opens is None or fact.at > opens)]
        values = {name: self._values(sight).get(name) for name in self.names}
        found: list[Touchpoint] = []
        for fact in reversed(changes):
            for name in self.names.intersection(cast("tuple[str, ...]", fact.properties["fields"])):
                values[name] = fact.properties.get(f"{_BEFORE}{name}")
            if not self.test(values):
                found.append(fact)
        return sorted(found, key=_AT)


def _revision(fact: Touchpoint) -> tuple[int, datetime, str]:
    revision = fact.properties.get("revision")
    return (revision if isinstance(revision, int) else 0, fact.at, fact.id)


def _compiled(part: Predicate) -> Callable[[Mapping[str, Value]], bool]:
    source = Source()
    test = value_test(part, lambda field: f"values.get({source.bind(field.name)})", source)
    with source.function("def holds(values):"):
        source.line(f"return {test}")
    return cast("Callable[[Mapping[str, Value]], bool]", source.compiled("holds"))
