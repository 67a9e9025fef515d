"""The table of operators is whole and says what it means."""

import pytest

from nurture.predicates import OPERATORS, FieldType, Operand
from nurture.predicates.operators import ORDER


def test_each_row_is_found_by_its_own_name() -> None:
    assert all(name == row.name for name, row in OPERATORS.items())
    assert set(ORDER) < set(OPERATORS)


def test_every_type_can_be_asked_something() -> None:
    for kind in FieldType:
        assert sum(kind in row.fits for row in OPERATORS.values()) >= 2, kind


@pytest.mark.parametrize("row", OPERATORS.values(), ids=OPERATORS)
def test_an_operator_takes_values_just_when_it_needs_one(row) -> None:
    assert bool(row.takes) is (row.operand is not Operand.NOTHING)
    assert row.en.format(field="f", value="v").startswith("f ")
    assert row.ja.format(field="f", value="v").startswith("f")
