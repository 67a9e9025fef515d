"""What the readings over rows decline alike."""

import pytest

from nurture.errors import NotCompilableError
from nurture.predicates import Owner, q
from nurture.predicates.rows import IN_ROWS, require_in_rows


def test_every_owner_is_told_and_one_alone_is_declined() -> None:
    assert {*IN_ROWS} == {*Owner}
    assert {owner for owner, known in IN_ROWS.items() if known is not True} == {Owner.ENTRY}


def test_the_first_value_that_lies_in_no_row_is_named() -> None:
    require_in_rows("sql", (q.lead.x == q.account.y).fields)
    with pytest.raises(
        NotCompilableError, match=r"^q\.entry\.y cannot be read as sql; what a run began with"
    ) as caught:
        require_in_rows("sql", (q.lead.x == q.entry.y).fields)
    assert (caught.value.target, caught.value.node) == ("sql", "q.entry.y")
