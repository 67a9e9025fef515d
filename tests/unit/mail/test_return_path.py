"""The keyed return path: an address that any relay carries, and that nobody else can write."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.errors import SendRefusedError
from nurture.mail import SenderIdentity, Site, make_return_path, read_return_path, wire_address
from nurture.model import effect_key

IDENTITY = SenderIdentity("見本", "info@example.jp")
OLD, NEW = b"old-" * 8, b"new-" * 8
KEY = str(effect_key("t", "enr", "step", 1))


def site(*secrets: bytes, return_path: str | None = "bounces@mail.example.jp") -> Site:
    return Site("https://crm.example.jp", secret=secrets or [NEW], identity=IDENTITY, return_path=return_path)


def made(where: Site, key: str = KEY, tenant: str = "t") -> str:
    address = make_return_path(where, tenant, key)
    assert address is not None
    return address


KEYS = st.integers(0, 2**104 - 1).map(lambda number: f"eff_{number:026x}")


@given(KEYS)
def test_what_goes_in_comes_out_whatever_relays_do_to_the_case(key: str) -> None:
    address = made(site(), key)
    local, _, domain = address.rpartition("@")
    assert set(local) <= set(string.ascii_lowercase + string.digits + "+")
    assert (len(local), domain) == (len("bounces+") + 40, "mail.example.jp")
    assert wire_address(address) == address
    for seen in (address, address.upper(), address.title()):
        assert read_return_path(site(), "t", seen) == key


def test_the_same_arguments_give_the_same_address() -> None:
    golden = Site("https://a.jp", secret=b"golden--" * 4, identity=IDENTITY, return_path="B@Mail.example.jp")
    address = "b+aeabcirtirkwm54itgvlxtctvwzewlfuidc4q4ne@mail.example.jp"
    assert made(golden, "eff_00112233445566778899aabbcc") == address


def test_the_longest_local_part_leaves_room() -> None:
    longest = site(return_path=f"{'x' * 23}@example.jp")
    assert len(made(longest).rpartition("@")[0]) == 64
    assert read_return_path(longest, "t", made(longest)) == KEY


def test_a_site_without_one_makes_none_and_reads_none() -> None:
    assert make_return_path(site(return_path=None), "t", KEY) is None
    assert read_return_path(site(return_path=None), "t", made(site())) is None


def test_a_local_part_may_have_a_plus_of_its_own() -> None:
    odd = site(return_path="a+b@example.jp")
    assert read_return_path(odd, "t", made(odd)) == KEY


@pytest.mark.parametrize("key", ["eff_b", "", "見本", "eff_" + "A" * 6])
def test_a_short_key_of_another_form_is_carried_too(key: str) -> None:
    assert read_return_path(site(), "t", made(site(), key)) == key


def test_a_long_key_of_another_form_is_refused() -> None:
    with pytest.raises(SendRefusedError, match="bad_return_path") as caught:
        make_return_path(site(), "t", "somebody-" * 9)
    assert "somebody" not in str(caught.value)


def test_an_old_secret_still_reads_but_no_longer_signs() -> None:
    assert read_return_path(site(NEW, OLD), "t", made(site(OLD))) == KEY
    assert made(site(NEW, OLD)) == made(site(NEW))
    assert read_return_path(site(NEW), "t", made(site(OLD))) is None


def test_a_tenant_reads_its_own_only() -> None:
    assert read_return_path(site(), "u", made(site())) is None


def test_every_change_of_a_sign_is_noticed() -> None:
    address = made(site())
    start, end = len("bounces+"), address.index("@")
    for place in range(start, end):
        for sign in "a7":
            if address[place] != sign:
                assert read_return_path(site(), "t", f"{address[:place]}{sign}{address[place + 1 :]}") is None
        assert read_return_path(site(), "t", address[:place] + address[end:]) is None
    assert read_return_path(site(), "t", f"{address[:end]}a{address[end:]}") is None


def test_bits_that_base32_leaves_over_are_not_free() -> None:
    local, _, domain = made(site(), "eff_b").rpartition("@")
    for sign in set("abcdefghijklmnopqrstuvwxyz234567") - {local[-1]}:
        assert read_return_path(site(), "t", f"{local[:-1]}{sign}@{domain}") is None


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "@",
        "bounces@mail.example.jp",
        "bounces+@mail.example.jp",
        "bounces+1@mail.example.jp",
        "bounces+a===@mail.example.jp",
        "+@mail.example.jp",
        "見本+a@mail.example.jp",
        "x" * 300,
        "bounces+" + "a" * 40 + "@mail.example.jp",
        "bounces+" + "ı" * 40 + "@mail.example.jp",
    ],
)
def test_what_was_not_made_here_says_nothing(wrong: str) -> None:
    assert read_return_path(site(), "t", wrong) is None


@pytest.mark.parametrize("other", ["other@mail.example.jp", "bounces@example.jp"])
def test_another_mailbox_says_nothing(other: str) -> None:
    assert read_return_path(site(), "t", made(site(return_path=other))) is None


@given(st.text(string.ascii_lowercase + string.digits + "=+", max_size=50))
def test_a_guess_says_nothing(folded: str) -> None:
    assert read_return_path(site(), "t", f"bounces+{folded}@mail.example.jp") is None
