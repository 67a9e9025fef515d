"""Letter case and patterns over columns, on engines with regular expressions and without."""

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nurture import Segment, q
from nurture.predicates import Predicate
from tests.unit.predicates.frame.asking import NOW, asked

TEXTS = [
    "",
    "a",
    "A",
    "ab",
    "AB\n",
    "a.b",
    "axb",
    "100%",
    "K",
    "\u212a",
    "é",
    "É",
    "𠮷野",
    "\n",
    "a\\b",
    "[a]",
    "a-b~c&d#",
]
MAKES = [
    pytest.param(lambda rows: pl.DataFrame(rows), id="polars"),
    pytest.param(lambda rows: pd.DataFrame(rows), id="pandas"),
    pytest.param(lambda rows: pa.table(rows), id="pyarrow"),
]


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        (q.lead.title.equals("k", ignore_case=True), ["K"]),
        (q.lead.title.equals("a.B", ignore_case=True), ["a.b"]),
        (q.lead.title.equals("ab", ignore_case=True), ["ab"]),
        (q.lead.title.is_in(["A", "É"], ignore_case=True), ["a", "A", "É"]),
        (q.lead.title.ends_with("B\n", ignore_case=True), ["AB\n"]),
        (q.lead.title.starts_with("a-B~C&", ignore_case=True), ["a-b~c&d#"]),
        (q.lead.title.contains("[A", ignore_case=True), ["[a]"]),
        (q.lead.title.contains("", ignore_case=True), TEXTS),
        (q.lead.title.like("a_b"), ["a.b", "axb", "a\\b"]),
        (q.lead.title.like("a%b"), ["ab", "a.b", "axb", "a\\b"]),
        (q.lead.title.like("_"), ["a", "A", "K", "\u212a", "é", "É", "\n"]),
        (q.lead.title.like("__"), ["ab", "𠮷野"]),
        (q.lead.title.like("100\\%"), ["100%"]),
        (q.lead.title.like("A%B%", ignore_case=True), ["ab", "AB\n", "a.b", "axb", "a\\b", "a-b~c&d#"]),
        (q.lead.title.like(""), [""]),
    ],
)
def test_texts(make: object, predicate: Predicate, expected: list[str]) -> None:
    frame = make({"id": [str(place) for place in range(len(TEXTS) + 1)], "title": [*TEXTS, None]})  # type: ignore[operator]
    found = asked(Segment("s", predicate).filter(frame, now=NOW), "title")
    assert found == expected
