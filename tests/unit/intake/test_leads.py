"""What came in, told without values."""

from nurture.intake.leads import Intake, LeadRow
from nurture.intake.mapping import ColumnMapping
from nurture.intake.problems import BadRow, Problem

MAPPING = ColumnMapping(name="leads.csv", columns=(), rows=4)


def bad(row, problem, kept=False):
    return BadRow(row=row, problem=problem, expected="", kept=kept)


def test_rows_are_lost_once_and_kept_ones_are_not_lost():
    intake = Intake(
        good=(LeadRow(row=2, id="a"),),
        bad=(
            bad(2, Problem.BAD_EMAIL, kept=True),
            bad(3, Problem.BAD_DATE),
            bad(3, Problem.BAD_EMAIL),
            bad(4, Problem.BAD_DATE),
        ),
        mapping=MAPPING,
    )
    assert intake.lost == 2
    assert intake.summary() == "leads.csv, 3 rows: 1 taken, 2 refused (bad_date 2, bad_email 2)"


def test_a_clean_file_has_a_short_summary():
    one = Intake(good=(LeadRow(row=2, id="a"),), bad=(), mapping=MAPPING)
    assert one.summary() == "leads.csv, 1 row: 1 taken, 0 refused"


def test_a_row_that_says_little_says_none():
    row = LeadRow(row=2, id="a")
    assert (row.email, row.source, row.at, row.do_not_email) == (None, None, None, None)
