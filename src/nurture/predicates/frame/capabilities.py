"""What this reading can do and what it declines, made from the tables by which it works. May import them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from nurture.predicates.frame import compiling, touches, values
from nurture.predicates.rows import IN_ROWS

_WITH_CONDITION: Final[Mapping[str, str]] = {
    "InBucket": "frames in memory only: lots are drawn in Python",
}

CAPABILITIES: Final[Mapping[str, bool | str]] = MappingProxyType(
    {
        **{f"operator {name}": True for name in values.TESTS},
        **{f"operator {name}": reason for name, reason in values.DECLINED.items()},
        **{f"field {owner.value}": known for owner, known in IN_ROWS.items()},
        **{f"quantifier {quantifier.value}": True for quantifier in touches.QUANTIFIERS},
        **{f"node {node.__name__}": _WITH_CONDITION.get(node.__name__, True) for node in compiling.LEAVES},
        **{f"node {node.__name__}": reason for node, reason in compiling.DECLINED.items()},
    }
)
"""Of each operator, owner of fields, quantifier and leaf: True, or why not, or under which condition."""
