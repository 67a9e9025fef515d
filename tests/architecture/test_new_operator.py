"""A new comparison operator is one row in the table and one entry in each reading that has a table."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from nurture.predicates import OPERATORS
from nurture.predicates.answering.crossing import ANSWERS
from nurture.predicates.comparisons import TESTS
from nurture.predicates.operators import ORDER

ROW = (
    "    Operator(name='longer_than', symbol='.longer_than(…)', fits=frozenset({_T.TEXT}), "
    "takes=frozenset({_T.INTEGER}), en='{field} is longer than {value}', ja='{field}が{value}文字より長い'),\n"
)
ENTRY = (
    "    'longer_than': lambda read, value, source: "
    'f"((v := {read}).__class__ is str and len(v) > {source.bind(value)})",\n'
)
PROOF = """
from datetime import UTC, datetime
from nurture.errors import DefinitionError
from nurture.model import Sight
from nurture.predicates import *

now = datetime(2026, 3, 1, tzinfo=UTC)
asked = Compare(Field(Owner.LEAD, "title"), "longer_than", 7)
names = Names()
holds = compile_match(asked, names)
assert holds(Sight(lead={"title": "chairman"}), now)
assert not holds(Sight(lead={"title": "officer"}), now)
assert not holds(Sight(), now)
assert compile_match(~asked, names)(Sight(), now)
assert compile_flip(asked, names)(Sight(lead={"title": "officer"}), now) is None
assert reach_of(asked, names).lead_fields == {"title"}
assert loads(dumps(asked)) == asked
assert to_json(asked)["op"] == "longer_than"
assert describe(asked) == "title is longer than 7"
assert describe(asked, "ja") == "「title」が7文字より長い"
clause = examine(asked, Sight(lead={"title": "chairman"}), now, names)
assert clause.answer and clause.saw == "chairman" and clause.personal
assert check(asked, names, "here") == []
assert "does not fit" in check(Compare(Field(Owner.LEAD, "created_at"), "longer_than", 7), names, "here")[0]
inside = q.touches("page.viewed").where(Compare(Field(Owner.PROP, "path"), "longer_than", 7))
assert loads(dumps(inside)) == inside and compile_match(inside, names)(Sight(), now) is False
branches = json_schema(names)["$defs"]["compare_lead_account"]["oneOf"]
new = [one for one in branches if "longer_than" in str(one["properties"]["op"])]
assert {str(one["properties"]["value"]["type"]) for one in new} == {"integer"}
assert {one["properties"]["of"]["const"] for one in new} == {"lead", "account"}
try:
    Compare(Field(Owner.LEAD, "title"), "longer_than", "7")
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
