"""What frames refuse before they look at any table."""

import pytest

from nurture.errors import NotCompilableError
from nurture.predicates import Names, q
from nurture.predicates.frame.compiling import compile_frame
from nurture.predicates.frame.tables import Tables
from tests.unit.predicates.frame.asking import NOW


def test_segments_that_multiply_are_refused_before_they_are_written_out() -> None:
    doubling = {f"s{n + 1}": q.segment(f"s{n}") & ~q.segment(f"s{n}") for n in range(40)}
    names = Names(segments={"s0": q.lead.source == "fair", **doubling})

    with pytest.raises(NotCompilableError, match="as frame; with its segments in place it has more than 2000 nodes"):
        compile_frame(q.segment("s40"), Tables(), names, NOW)
