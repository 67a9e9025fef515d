"""A preview counts the rows of a segment and of each clause, and a notebook shows them."""

from datetime import UTC, datetime

import polars as pl

from nurture import Program, Segment, days, q
from nurture.frames import preview
from nurture.predicates import Held

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LEADS = pl.DataFrame({"id": ["a", "b", "c"], "title": ["CTO", "CTO", "<b>"], "source": ["fair", None, "fair"]})
SEGMENT = Segment("fair & square", (q.lead.title == "CTO") & ~(q.lead.source == "fair"))


def test_rows_and_clauses_are_counted() -> None:
    seen = preview(SEGMENT, LEADS, now=NOW)
    assert (seen.count, seen.total) == (1, 3)
    assert seen.clauses[q.lead.title == "CTO"] == 2
    assert seen.clauses[~(q.lead.source == "fair")] == 1
    assert preview(SEGMENT, LEADS.lazy(), now=NOW).count == 1


def test_a_notebook_gets_sentence_tree_and_count() -> None:
    page = preview(SEGMENT, LEADS, now=NOW)._repr_html_()
    assert "fair &amp; square" in page
    assert "1 of 3" in page
    assert page.count("<li>") == 4
    assert 'lang="ja"' in page
    assert "<script" not in page


def test_a_program_says_the_language() -> None:
    seen = preview(SEGMENT, LEADS, now=NOW, program=Program(locale="ja"))
    assert "3件中1件" in seen._repr_html_()
    assert 'lang="en"' not in seen._repr_html_()
    assert "3件中1件" in seen._repr_mimebundle_()["text/plain"]


def test_a_clause_that_frames_cannot_answer_has_no_count() -> None:
    held = Held(q.lead.title == "CTO", "ge", days(3))
    segment = Segment("s", q.any_of(q.everyone, q.lead.title == "x"))
    assert preview(segment, LEADS, now=NOW).clauses[q.everyone] == 3
    assert held not in preview(segment, LEADS, now=NOW).clauses
