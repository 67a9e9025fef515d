"""The table of what SQL can express is complete, and says why where it cannot."""

from nurture.predicates import OPERATORS, Owner, Predicate, Quantifier
from nurture.predicates.sql import CAPABILITIES
from nurture.predicates.sql.comparisons import REFUSED, TESTS


def _nodes(kind: type[Predicate] = Predicate) -> set[type[Predicate]]:
    found = {one for one in kind.__subclasses__() if one.__module__.startswith("nurture.")}
    return found.union(*(_nodes(one) for one in found)) if found else found


def test_every_node_is_listed() -> None:
    assert {node.__name__ for node in _nodes()} == {name for name in CAPABILITIES if "." not in name}


def test_every_operator_is_listed_once() -> None:
    assert {*TESTS, *REFUSED} == {*OPERATORS}
    assert not {*TESTS} & {*REFUSED}
    assert {f"Compare.{name}" for name in OPERATORS} <= {*CAPABILITIES}


def test_every_quantifier_is_listed() -> None:
    assert {f"Touched.{one}" for one in Quantifier} <= {*CAPABILITIES}


def test_every_owner_of_fields_is_listed() -> None:
    assert {f"Field.{one}" for one in Owner} <= {*CAPABILITIES}


def test_what_it_cannot_has_a_reason() -> None:
    refused = {name: why for name, why in CAPABILITIES.items() if why is not True}
    assert {*refused} == {"Anniversary", "Held", "InBucket", "Compare.matches", "Field.entry"}
    assert all(isinstance(why, str) and why for why in refused.values())
