"""What is said to be possible is: every operator, quantifier and node is in the table, and in one place only."""

from nurture.predicates import OPERATORS, All, AnyOf, Grade, InSegment, Not, Owner, Predicate, Quantifier
from nurture.predicates.frame import CAPABILITIES
from nurture.predicates.frame.compiling import DECLINED, LEAVES
from nurture.predicates.frame.touches import QUANTIFIERS
from nurture.predicates.frame.values import DECLINED as DECLINED_OPERATORS
from nurture.predicates.frame.values import TESTS

SAID_OTHERWISE = {All, AnyOf, Not, InSegment, Grade}
"""Nodes that are joined, put in place or lowered before leaves are read."""


def every(node: type[Predicate]) -> set[type[Predicate]]:
    return {
        one for kind in node.__subclasses__() for one in ({kind} | every(kind)) if one.__module__.startswith("nurture.")
    }


def test_every_operator_reads_or_is_declined() -> None:
    assert set(TESTS) | set(DECLINED_OPERATORS) == set(OPERATORS)
    assert not set(TESTS) & set(DECLINED_OPERATORS)


def test_every_quantifier_reads() -> None:
    assert set(QUANTIFIERS) == set(Quantifier)


def test_every_node_reads_or_is_declined() -> None:
    assert set(LEAVES) | set(DECLINED) | SAID_OTHERWISE == every(Predicate)
    assert not set(LEAVES) & set(DECLINED)


def test_the_table_says_true_or_why_not() -> None:
    assert len(CAPABILITIES) == len(OPERATORS) + len(Owner) + len(Quantifier) + len(LEAVES) + len(DECLINED)
    assert {f"field {one}" for one in Owner} <= {*CAPABILITIES}
    assert all(said is True or (isinstance(said, str) and said) for said in CAPABILITIES.values())
