"""Which encoding a file has, and what happens to its broken bytes."""

import gzip
import io

import pytest

from nurture.errors import DefinitionError, InvalidFactError
from nurture.intake.decoding import decode, read_bytes

JAPANESE = "氏名,会社名\n髙橋 誠,㈱中村製作所①\n"


@pytest.mark.parametrize(
    ("codec", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp932", "cp932"),
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
    ],
)
def test_the_encoding_is_found(codec, found):
    decoded = decode(JAPANESE.encode(codec))
    assert decoded.text == JAPANESE
    assert decoded.encoding == found
    assert decoded.why
    assert not decoded.damaged


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_shows_by_its_zero_bytes(codec):
    decoded = decode("id,email\n1,a@example.jp\n".encode(codec))
    assert (decoded.encoding, decoded.text[:8]) == (codec, "id,email")


def test_western_accents_do_not_become_ideographs():
    text = "nome,cidade\nJo\u00e3o,S\u00e3o Paulo\nL\u00facia,Bras\u00edlia\n"
    decoded = decode(text.encode("cp1252"))
    assert (decoded.encoding, decoded.text) == ("cp1252", text)
    assert "guess" in decoded.why


def test_one_broken_byte_costs_no_other_row():
    data = "a,b\n良い,行\n".encode() + b"bad\xff,row\n" + "次,の\n".encode()
    decoded = decode(data)
    assert (decoded.encoding, decoded.damaged) == ("utf-8", True)
    lines = decoded.text.splitlines()
    assert (lines[1], lines[3]) == ("良い,行", "次,の")
    assert "\ufffd" in lines[2]


def test_a_broken_cp932_file_is_still_cp932():
    data = "氏名,会社\n山田,製作所\n".encode("cp932") + b"\x81 ,x\n"
    decoded = decode(data)
    assert (decoded.encoding, decoded.damaged) == ("cp932", True)
    assert "山田,製作所" in decoded.text


def test_the_caller_is_believed():
    assert decode("é".encode("latin-1"), "latin-1").text == "é"
    assert decode(b"\xff", "utf-8").damaged


@pytest.mark.parametrize("name", ["utf-9", "base64", "undefined"])
def test_an_encoding_that_is_none_is_refused(name):
    with pytest.raises(DefinitionError, match="unknown encoding"):
        decode(b"a", name)


def test_a_gzip_archive_is_unpacked_whatever_its_name():
    assert read_bytes(io.BytesIO(gzip.compress(b"a,b\n")), "x.csv", 100) == (b"a,b\n", True)
    assert read_bytes(io.BytesIO(b"a,b\n"), "x.csv.gz", 100) == (b"a,b\n", False)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gzip.compress(b"a" * 1000, mtime=0)[:-9], "a complete gzip archive"),
        (gzip.compress(b"a" * 1_000_000, mtime=0), "at most 2000 bytes"),
        (b"a" * 2001, "at most 2000 bytes"),
        (b"PK\x03\x04rest", "save it as CSV"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_name(data, message):
    with pytest.raises(InvalidFactError, match=message) as caught:
        read_bytes(io.BytesIO(data), "leads.csv", 2000)
    assert caught.value.field == "leads.csv"
