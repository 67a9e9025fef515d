"""Rows of cells, and what one broken quote costs."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.intake.splitting import hinted_delimiter, lines_of, sniff_delimiter, split


def rows_of(text, delimiter=",", max_cell=1000):
    return list(split(lines_of(text), delimiter, 0, max_cell))


def test_only_line_ends_end_lines():
    assert lines_of("a\r\nb\rc\nd\u2028e\x0bf\x85g\n") == ["a", "b", "c", "d\u2028e\x0bf\x85g"]


def test_quoted_cells_may_hold_delimiters_quotes_and_lines():
    text = 'id,memo,mail\n1,"one, ""two""\nthree",a\n2,plain,b\n'
    assert rows_of(text) == [
        (1, ("id", "memo", "mail")),
        (2, ("1", 'one, "two"\nthree', "a")),
        (4, ("2", "plain", "b")),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        '2,"Yamada,b@example.jp',
        '2,"Yamada"x,b@example.jp',
        '2,Yamada,"b@example.jp',
        '"2,Yamada,b@example.jp',
        '2,"Yamada"",b@example.jp',
    ],
)
@pytest.mark.parametrize(
    "after",
    [
        ["3,Sato,c@example.jp", "4,Ito,d@example.jp"],
        ['"3","Sato","c@example.jp"', '"4","Ito","d@example.jp"'],
        ['3,Sato,"c@example.jp"', "4,Ito,d@example.jp"],
        ['3,"",c@example.jp', '4,"Ito, Aoi",d@example.jp'],
    ],
)
def test_a_broken_quote_costs_its_own_line_only(broken, after):
    text = "\n".join(["id,name,mail", "1,Abe,a@example.jp", broken, *after])
    found = rows_of(text)
    assert [row.row for row in found] == [1, 2, 3, 4, 5]
    assert found[2].cells is None
    assert [row.cells[0] for row in found if row.cells] == ["id", "1", "3", "4"]


def test_two_broken_quotes_that_close_each_other_do_not_swallow_what_is_between():
    text = "\n".join(["id,name,mail", '1,"Abe,a@x', "2,Ito,b@x", "3,Sato,c@x", '4,Mori",d@x', "5,Oda,e@x"])
    found = rows_of(text)
    assert [row.row for row in found if row.cells is None] == [2]
    assert [row.cells[0] for row in found if row.cells] == ["id", "2", "3", "4", "5"]


def test_a_memo_of_many_lines_is_one_cell():
    memo = "dear all,\nthanks, see you\n\nbest"
    found = rows_of(f'id,name,mail,memo\n1,Abe,a@x,"{memo}"\n2,Ito,b@x,\n')
    assert [row.row for row in found] == [1, 2, 6]
    assert found[1].cells == ("1", "Abe", "a@x", memo)


def test_a_quote_inside_a_plain_cell_is_itself():
    assert rows_of('a,b\n5" pipe,say "hi"\n')[1].cells == ('5" pipe', 'say "hi"')


def test_blanks_before_a_quote_are_forgiven():
    assert rows_of('1, "Yamada, Taro" , x\n')[0].cells == ("1", "Yamada, Taro", " x")
    assert rows_of('1, "Taro" Yamada, x\n')[0].cells == ("1", ' "Taro" Yamada', " x")


def test_a_cell_that_runs_on_too_long_is_broken():
    text = 'id,name,mail\n1,"' + "long\n" * 30 + "\n2,Ito,b@x\n"
    found = rows_of(text, max_cell=50)
    assert found[1] == (2, None)
    assert found[-1].cells == ("2", "Ito", "b@x")


def test_many_broken_quotes_stay_cheap():
    lines = ["id,name,mail", *['1,"Abe,a@x'] * 20_000]
    looked = sum(1 for row in split(lines, ",", 0, 65_536) if row.cells is None)
    assert looked == 20_000


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(sign):
    lines = [sign.join(row) for row in (("id", "name", "mail"), ("1", "a.b", "c"), ("2", '"x,;|\t,,"', "d"))]
    assert sniff_delimiter(lines) == sign


def test_a_decimal_comma_is_no_delimiter():
    assert sniff_delimiter(["id;price", "1;2,5", "2;3,5"]) == ";"


def test_one_column_needs_no_delimiter():
    assert sniff_delimiter(["email", "a@example.jp"]) == ","
    assert sniff_delimiter([]) == ","


def test_excels_hint_is_read():
    assert hinted_delimiter(["sep=;", "a;b"]) == ";"
    assert hinted_delimiter(["separator"]) is None
    assert hinted_delimiter([]) is None


CELLS = st.text(alphabet='ab ,;"\n漢', max_size=8)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12))
def test_what_pythons_csv_writes_is_read_back(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerows(rows)
    assert [row.cells for row in rows_of(text.getvalue())] == rows


@given(
    st.lists(
        st.lists(st.text(alphabet="ab漢 ", min_size=1, max_size=5), min_size=4, max_size=4), min_size=2, max_size=20
    ),
    st.data(),
)
def test_wherever_a_quote_breaks_all_other_rows_survive(rows, data):
    lines = [",".join(row) for row in rows]
    at = data.draw(st.integers(1, len(lines) - 1))
    column = data.draw(st.integers(0, 3))
    broken = [*rows[at][:column], f'"{rows[at][column]}', *rows[at][column + 1 :]]
    lines[at] = ",".join(broken)
    found = rows_of("\n".join(lines))
    assert [(row.row, row.cells) for row in found] == [
        (n + 1, None if n == at else tuple(row)) for n, row in enumerate(rows)
    ]


def test_one_endless_line_of_quoted_cells_is_read_in_one_pass():
    found = rows_of('"",' * 200_000)
    assert len(found[0].cells) == 200_001
