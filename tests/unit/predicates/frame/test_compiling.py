"""What frames refuse before they look at any table."""

from datetime import timedelta

import pyarrow as pa
import pytest

from nurture.errors import NotCompilableError
from nurture.frames import filter as rows_of
from nurture.predicates import Names, Predicate, q
from nurture.predicates.frame.compiling import compile_frame
from nurture.predicates.frame.tables import Tables
from tests.unit.predicates.frame.asking import NOW


def test_segments_that_multiply_are_refused_before_they_are_written_out() -> None:
    doubling = {f"s{n + 1}": q.segment(f"s{n}") & ~q.segment(f"s{n}") for n in range(40)}
    names = Names(segments={"s0": q.lead.source == "fair", **doubling})

    with pytest.raises(NotCompilableError, match="as frame; with its segments in place it has more than 2000 nodes"):
        compile_frame(q.segment("s40"), Tables(), names, NOW)


@pytest.mark.parametrize(
    "predicate",
    [
        q.entry.source == "fair",
        q.lead.source == q.entry.source,
        q.entry.seen.ago() >= timedelta(days=1),
        q.touches("page.viewed").where(q.prop("path") == q.entry.path),
        q.touches("page.viewed").first(q.prop("path") == q.entry.path),
    ],
)
def test_what_a_run_began_with_lies_in_no_row(predicate: Predicate) -> None:
    leads = pa.table({"id": ["a"], "source": ["fair"]})
    facts = pa.table({"subject": ["a"], "kind": ["page.viewed"], "at": [NOW], "prop.path": ["/"], "id": ["f"]})
    match = r"^q\.entry\.\w+ cannot be read as frame; what a run began with is known to that run"
    with pytest.raises(NotCompilableError, match=match):
        rows_of((q.lead.source == "fair") & predicate, leads, facts, now=NOW)
