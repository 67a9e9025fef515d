"""The file that says what was wrong."""

import csv
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.intake.problems import BadRow, Problem, neutral, write_bad

BAD = BadRow(
    row=7,
    problem=Problem.BAD_EMAIL,
    expected="one mail address",
    found="no @ sign",
    column="=cmd()",
    field="email",
    kept=True,
)


def test_the_file_says_row_column_and_reason(tmp_path):
    path = write_bad(tmp_path / "bad.csv", [BAD, BadRow(row=9, problem=Problem.BROKEN_QUOTE, expected="closed quotes")])
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0] == {
        "row": "7",
        "column": "'=cmd()",
        "field": "email",
        "problem": "bad_email",
        "found": "no @ sign",
        "expected": "one mail address",
        "lead_kept": "yes",
    }
    assert (rows[1]["problem"], rows[1]["lead_kept"]) == ("broken_quote", "no")


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1"])
def test_formulas_are_neutralized(cell):
    assert neutral(cell) == f"'{cell}"


@given(st.text(max_size=20))
def test_no_cell_begins_a_formula(cell):
    assert not neutral(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert neutral(cell).removeprefix("'") == cell.removeprefix("'")


def test_an_older_file_is_replaced_even_by_nothing(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("old")
    write_bad(path, [])
    assert path.read_text(encoding="utf-8-sig").strip() == "row,column,field,problem,found,expected,lead_kept"


def test_a_failure_leaves_the_older_file_and_no_half(tmp_path, monkeypatch):
    path = tmp_path / "bad.csv"
    path.write_text("old")

    def full(_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        write_bad(path, [BAD])
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("bad.csv", "old")]
