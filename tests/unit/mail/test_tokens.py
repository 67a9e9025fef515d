"""What a link carries, packed: every list of texts comes back, and nothing else comes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail._tokens import key_id, pack, sign, unpack, unsign
from nurture.model import Purpose

SECRET = b"golden--" * 4
KINDS = st.sampled_from(["lead", "eff", "acct", "test", "enr"])
IDS = st.builds(lambda kind, number: f"{kind}_{number:026x}", KINDS, st.integers(0, 2**104 - 1))
PARTS = st.lists(st.one_of(st.text(), IDS, st.sampled_from(["", "email", "marketing", "LEAD_", "lead_" + "A" * 26])))


@given(PARTS)
def test_what_is_packed_comes_back(parts: list[str]) -> None:
    assert unpack(pack(parts)) == parts


@given(PARTS, PARTS)
def test_no_two_lists_are_packed_alike(some: list[str], others: list[str]) -> None:
    assert (pack(some) == pack(others)) is (some == others)


@given(st.binary(max_size=60))
def test_other_bytes_are_refused_or_read_as_texts(packed: bytes) -> None:
    try:
        parts = unpack(packed)
    except ValueError:
        return
    assert all(isinstance(part, str) for part in parts)


@pytest.mark.parametrize(
    "packed", [b"\x00short", b"\x05" + bytes(13), b"\x1f", b"\x25abcd", b"\xff" * 9, b"\x80", b"\x21\xff"]
)
def test_what_pack_never_writes_is_refused(packed: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of several sorts
        unpack(packed)


def test_ids_and_frequent_words_are_short() -> None:
    assert len(pack(["lead_" + "0" * 26, "eff_" + "f" * 26, "email", "", *(one.value for one in Purpose)])) == 34
    assert pack(["x" * 300])[:2] == b"\xcc\x02"  # 332 in groups of seven bits


def test_texts_without_a_written_form_are_carried_all_the_same() -> None:
    assert unsign([SECRET], "open", "\ud800", sign([SECRET], "open", "\ud800", ["\ud800"]), 1) == ["\ud800"]


def test_a_secret_is_named_by_its_own_digest() -> None:
    assert key_id(SECRET) == "53ff"
    assert sign([SECRET], "open", "t", ["a"]).endswith("53ff")


def test_of_two_secrets_with_one_name_each_is_tried() -> None:
    first = b"a" * 16
    twin = next(one for number in range(10**7) if key_id(one := b"%016d" % number) == key_id(first))
    for signing in (first, twin):
        assert unsign([first, twin], "open", "t", sign([signing], "open", "t", ["a"]), 1) == ["a"]
