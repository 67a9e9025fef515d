"""Reading people's own CSV files: from bytes to leads that can be captured, beside what was wrong.

    read_csv        bytes → a header and rows of text
    infer_mapping   which column is what, guessed and shown
    rows            rows of text → leads, and bad rows with their reasons
    write_bad       the reasons → a file

One broken row costs that row. It may import the errors, the model and the calendar.
"""

from nurture.intake.dates import parse_date
from nurture.intake.fields import Field
from nurture.intake.leads import Intake, LeadRow
from nurture.intake.mapping import Column, ColumnMapping, infer_mapping
from nurture.intake.problems import BadRow, Problem, neutral, write_bad
from nurture.intake.reading import PLACEHOLDERS, Limits, Reading
from nurture.intake.rows import read_leads, rows
from nurture.intake.tables import Table, TableRow, read_csv
from nurture.intake.values import ValueType

__all__ = [
    "PLACEHOLDERS",
    "BadRow",
    "Column",
    "ColumnMapping",
    "Field",
    "Intake",
    "LeadRow",
    "Limits",
    "Problem",
    "Reading",
    "Table",
    "TableRow",
    "ValueType",
    "infer_mapping",
    "neutral",
    "parse_date",
    "read_csv",
    "read_leads",
    "rows",
    "write_bad",
]
