"""Files in every shape: a header and rows come out, or a reason."""

import gzip

import pytest

from nurture.errors import InvalidFactError
from nurture.intake.problems import Problem
from nurture.intake.reading import Limits
from nurture.intake.tables import read_csv


@pytest.fixture
def file(tmp_path):
    def write(content, name="leads.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def problems(table):
    return [(one.row, one.problem) for one in table.bad]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_one_table_in_many_clothes(file, codec, sign):
    text = f"氏名{sign}会社名\r\n髙橋{sign}㈱中村\r\n"
    table = read_csv(file(text.encode(codec)))
    assert table.header == ("氏名", "会社名")
    assert [row.cells for row in table.rows] == [("髙橋", "㈱中村")]
    assert (table.encoding, table.delimiter) == (codec, sign)


def test_a_gzip_archive_is_a_table(file):
    table = read_csv(file(gzip.compress(b"id,mail\n1,a@x.jp\n"), "leads.csv.gz"))
    assert table.compressed
    assert table.rows == ((2, ("1", "a@x.jp")),)


@pytest.mark.parametrize("content", ["", "\n\n", " , ,\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(file, content):
    with pytest.raises(InvalidFactError, match=r"leads\.csv: expected a header row, found an empty file"):
        read_csv(file(content))


def test_a_header_alone_is_a_table_without_rows(file):
    assert read_csv(file("id,mail\n")).rows == ()


@pytest.mark.parametrize("first", ["1,a@example.jp,x", "7,2026-01-05,x", "2026/1/5 10:00,x", "Abe,03-0000-1234,x"])
def test_data_in_the_first_row_is_a_missing_header(file, first):
    with pytest.raises(InvalidFactError, match="found data in the first row") as caught:
        read_csv(file(f"{first}\n"))
    assert "example.jp" not in str(caught.value)


def test_the_caller_can_give_the_header(file):
    table = read_csv(file("1,a@example.jp\n2,b@example.jp\n"), header=["id", "email"])
    assert table.header == ("id", "email")
    assert [row.row for row in table.rows] == [1, 2]


def test_repeated_and_empty_names_are_numbered_and_told(file):
    table = read_csv(file("id,Mail,,Mail\n1,a,b,c\n"))
    assert table.header == ("id", "Mail", "column 3", "Mail (2)")
    assert len(table.notes) == 2


def test_a_broken_quote_in_the_header_is_refused(file):
    with pytest.raises(InvalidFactError, match="broken quote"):
        read_csv(file('id,"mail\n1,a\n2,b\n'))


def test_bad_rows_are_told_by_their_line_and_good_ones_kept(file):
    content = b'id,name,mail\n1,Abe,a\n2,too,long,row\n3,short\n4,"Ito,b\n5,Sa\x00to,c\n6,\xff\xfe,d\n7,Mori,e\n'
    table = read_csv(file(content))
    assert [row.cells[0] for row in table.rows] == ["1", "7"]
    assert problems(table) == [
        (3, Problem.TOO_MANY_CELLS),
        (4, Problem.TOO_FEW_CELLS),
        (5, Problem.BROKEN_QUOTE),
        (6, Problem.ZERO_BYTE),
        (7, Problem.BROKEN_BYTES),
    ]
    assert (table.bad[0].expected, table.bad[0].found) == ("3 cells", "4 cells")


def test_the_line_is_the_physical_one_after_cells_with_line_ends(file):
    table = read_csv(file('id,memo,mail\n1,"a\nb\nc",x\n2,short\n'))
    assert problems(table) == [(5, Problem.TOO_FEW_CELLS)]


def test_empty_cells_at_the_right_edge_are_forgiven_and_blank_rows_left_out(file):
    table = read_csv(file("id,mail\n1,a,,\n,\n\n2,b\n"))
    assert [row.cells for row in table.rows] == [("1", "a"), ("2", "b")]
    assert (table.blank_rows, table.bad) == (2, ())


def test_caps_have_reasons(file):
    limits = Limits(max_rows=2, max_cell=5, max_columns=3)
    table = read_csv(file("id,mail\n1,abcdefg\n2,a\n3,b\n4,c\n"), limits=limits)
    assert [row.cells[0] for row in table.rows] == ["2"]
    assert problems(table) == [(2, Problem.CELL_TOO_LONG), (4, Problem.TOO_MANY_ROWS)]
    with pytest.raises(InvalidFactError, match="at most 3 columns"):
        read_csv(file("a,b,c,d\n"), limits=limits)


def test_excels_hint_names_the_delimiter(file):
    table = read_csv(file("sep=;\nid;mail\n1;a,b\n"))
    assert (table.header, table.rows) == (("id", "mail"), ((3, ("1", "a,b")),))


def test_a_genuine_replacement_sign_is_no_damage(file):
    assert read_csv(file("id,name\n1,\ufffd\n")).bad == ()


def test_a_file_that_is_not_there_is_the_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_csv(tmp_path / "none.csv")
