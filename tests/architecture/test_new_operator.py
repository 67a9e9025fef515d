"""A new comparison operator is one row in the table and one entry in each reading that has a table."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from nurture.predicates import OPERATORS
from nurture.predicates._crossing import ANSWERS
from nurture.predicates.comparisons import TESTS
from nurture.predicates.operators import ORDER

ROW = (
    "    Operator(name='ends_with', symbol='.ends_with(…)', fits=frozenset({_T.TEXT}), takes=frozenset({_T.TEXT}), "
    "en='{field} ends with {value}', ja='{field}が{value}で終わる'),\n"
)
ENTRY = (
    "    'ends_with': lambda read, value, source: "
    'f"((v := {read}).__class__ is str and v.endswith({source.bind(value)}))",\n'
)
PROOF = """
from datetime import UTC, datetime
from nurture.errors import DefinitionError
from nurture.model import Sight
from nurture.predicates import *
from nurture.predicates import Compare, Field, Owner, LEAD_FIELDS, FieldType

now = datetime(2026, 3, 1, tzinfo=UTC)
asked = Compare(Field(Owner.LEAD, "title"), "ends_with", "officer")
names = Names()
holds = compile_match(asked, names)
assert holds(Sight(lead={"title": "chief officer"}), now)
assert not holds(Sight(lead={"title": "officers"}), now)
assert not holds(Sight(), now)
assert compile_match(~asked, names)(Sight(), now)
assert compile_flip(asked, names)(Sight(lead={"title": "officer"}), now) is None
assert reach_of(asked, names).lead_fields == {"title"}
assert loads(dumps(asked)) == asked
assert to_json(asked)["op"] == "ends_with"
assert describe(asked) == 'title ends with "officer"'
assert describe(asked, "ja") == "「title」が「officer」で終わる"
clause = examine(asked, Sight(lead={"title": "officer"}), now, names)
assert clause.answer and clause.saw == "officer" and clause.personal
assert check(asked, names, "here") == []
assert "does not fit" in check(Compare(Field(Owner.LEAD, "created_at"), "ends_with", "x"), names, "here")[0]
inside = q.touches("page.viewed").where(Compare(Field(Owner.PROP, "path"), "ends_with", "/"))
assert loads(dumps(inside)) == inside and compile_match(inside, names)(Sight(), now) is False
try:
    Compare(Field(Owner.LEAD, "title"), "ends_with", 3)
except DefinitionError:
    print("works everywhere")
"""


def test_every_reading_with_a_table_has_every_operator() -> None:
    assert set(TESTS) == set(OPERATORS)
    assert set(ANSWERS) == set(ORDER)
    for row in OPERATORS.values():
        assert "{field}" in row.en
        assert "{field}" in row.ja
        assert ("{value}" in row.en) is ("{value}" in row.ja) is (row.operand != "nothing")


def test_a_new_operator_is_one_row_and_one_entry(checkout: Path, tmp_path: Path) -> None:
    source = tmp_path / "nurture"
    shutil.copytree(checkout / "src" / "nurture", source, ignore=shutil.ignore_patterns("__pycache__"))
    add_line(source / "predicates" / "operators.py", "_ROWS = (\n", ROW)
    add_line(source / "predicates" / "comparisons.py", "TESTS: Mapping[str, Test] = {\n", ENTRY)
    done = subprocess.run(
        [sys.executable, "-c", PROOF],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "works everywhere\n"


def add_line(path: Path, after: str, line: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(after) == 1
    path.write_text(text.replace(after, after + line), encoding="utf-8")
