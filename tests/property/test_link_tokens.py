"""Whatever somebody does to a token, it says what was signed or nothing; and no hostile target comes out of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from string import ascii_letters, digits

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.errors import SendRefusedError
from nurture.mail import (
    Click,
    Confirm,
    Open,
    Preferences,
    SenderIdentity,
    Site,
    Unsubscribe,
    clean_target,
    make_click_link,
    make_confirm_link,
    make_open_link,
    make_preferences_link,
    make_return_path,
    make_unsubscribe_link,
    read_click_token,
    read_confirm_token,
    read_open_token,
    read_preferences_token,
    read_return_path,
    read_unsubscribe_token,
)
from nurture.mail._tokens import sign
from nurture.mail.tracking import with_tracked_links
from nurture.model import LeadId, Purpose, SubjectId
from tests.stores import T0

IDENTITY = SenderIdentity("見本", "info@example.jp")
SECRETS = st.lists(st.binary(min_size=16, max_size=20), min_size=1, max_size=4, unique=True)
SIGNS = "ABab09-_."
NUMBERED = st.integers(0, 2**104 - 1).map(lambda number: f"eff_{number:026x}")
KEYS = st.one_of(st.text(max_size=12), NUMBERED, st.text("lead_0aF", max_size=40))
IDS = KEYS.map(lambda key: LeadId(SubjectId(key)))
WORDS = st.text(max_size=20)
PURPOSES = st.sampled_from(Purpose)
TIMES = st.timedeltas(timedelta(days=-9_999), timedelta(days=99_999)).map(lambda shift: T0 + shift)
TARGETS = st.builds(
    lambda host, path, query: f"https://{host}/{path}?{query}",
    st.sampled_from(["a.jp", "例え.jp", "www.example.com:8443"]),
    st.text("abc/@:資%2F"),
    st.text("ab=&;#"),
)
SAID = st.one_of(
    st.builds(Unsubscribe, lead=IDS, effect=KEYS, purpose=PURPOSES, topic=WORDS, entity=WORDS, channel=WORDS),
    st.builds(Preferences, lead=IDS, effect=KEYS, entity=WORDS),
    st.builds(
        Confirm, lead=IDS, effect=KEYS, channel=WORDS, purpose=PURPOSES, topic=WORDS, entity=WORDS,
        text_version=WORDS, asked_at=TIMES, places=WORDS,
    ),
    st.builds(Click, lead=IDS, effect=KEYS, target=TARGETS, made_at=st.none() | TIMES),
    st.builds(Open, lead=IDS, effect=KEYS, made_at=st.none() | TIMES),
)  # fmt: skip

MAKE: dict[type, Callable[..., str]] = {
    Unsubscribe: make_unsubscribe_link,
    Preferences: make_preferences_link,
    Confirm: make_confirm_link,
    Click: make_click_link,
    Open: make_open_link,
}
READ: dict[type, Callable[[Site, str, str], object]] = {
    Unsubscribe: read_unsubscribe_token,
    Preferences: read_preferences_token,
    Confirm: lambda site, tenant, token: read_confirm_token(site, tenant, token, T0, max_age=timedelta(days=99_999)),
    Click: read_click_token,
    Open: read_open_token,
}


def site(secrets: list[bytes]) -> Site:
    return Site("https://crm.example.jp", secret=secrets, identity=IDENTITY, return_path="b@example.jp")


def made(where: Site, tenant: str, said: object) -> str:
    fields = {field.name: getattr(said, field.name) for field in attrs.fields(type(said))}
    return MAKE[type(said)](where, tenant, **fields).rpartition("/")[2]


def meant(said: object) -> object:
    return attrs.evolve(said, target=clean_target(said.target)) if isinstance(said, Click) else said  # type: ignore[arg-type]


@given(SAID, SECRETS, st.text(), st.data())
def test_a_token_says_what_was_signed_under_any_of_the_secrets(
    said: object, secrets: list[bytes], tenant: str, data: st.DataObject
) -> None:
    signing = data.draw(st.sampled_from(secrets))
    token = made(site([signing]), tenant, said)
    assert READ[type(said)](site(secrets), tenant, token) == meant(said)
    others = [one for one in secrets if one != signing]
    if others:
        assert READ[type(said)](site(others), tenant, token) is None


@given(SAID, st.text(), st.text())
def test_another_tenant_and_another_kind_read_nothing(said: object, tenant: str, other: str) -> None:
    where = site([b"secret--" * 2])
    token = made(where, tenant, said)
    for kind, read in READ.items():
        assert (read(where, tenant, token) is not None) is (kind is type(said))
        assert (read(where, other, token) is not None) is (kind is type(said) and tenant == other)


@given(SAID, st.data())
def test_every_change_is_noticed(said: object, data: st.DataObject) -> None:
    where = site([b"secret--" * 2, b"another-" * 2])
    token = made(where, "t", said)
    place = data.draw(st.integers(0, len(token)))
    sign_ = data.draw(st.sampled_from(SIGNS) | st.characters())
    changes = [
        token[:place],
        token[place:],
        token[:place] + sign_ + token[place:],
        token[:place] + sign_ + token[place + 1 :],
        token + "=",
        token + "\n",
        token.swapcase(),
    ]
    for changed in changes:
        if changed != token:
            assert READ[type(said)](where, "t", changed) is None


@given(SAID, SAID, st.data())
def test_halves_of_two_tokens_are_none(some: object, other: object, data: st.DataObject) -> None:
    where = site([b"secret--" * 2])
    first, second = made(where, "t", some), made(where, "t", other)
    place = data.draw(st.integers(0, min(len(first), len(second))))
    mixed = first[:place] + second[place:]
    if mixed not in (first, second):
        for read in READ.values():
            assert read(where, "t", mixed) is None


@given(st.integers(0, 2**104 - 1), st.data())
def test_every_change_of_a_return_path_is_noticed_but_that_of_case(number: int, data: st.DataObject) -> None:
    where = site([b"secret--" * 2, b"another-" * 2])
    key = f"eff_{number:026x}"
    address = make_return_path(where, "t", key)
    assert address is not None
    place = data.draw(st.integers(0, len(address)))
    sign_ = data.draw(st.sampled_from("abz27+@.=") | st.characters())
    for changed in (
        address[:place],
        address[:place] + sign_ + address[place:],
        address[:place] + sign_ + address[place + 1 :],
        address.swapcase(),
    ):
        same = changed.isascii() and changed.lower() == address
        assert read_return_path(where, "t", changed) == (key if same else None)
    assert read_return_path(where, "u", address) is None
    assert read_return_path(site([b"third---" * 2]), "t", address) is None


GOOD = "https://good.example/"
SCHEMES = ["javascript:", "JaVaScRiPt:", "data:text/html,", "vbscript:", "file:///", "ftp://", "//", "\\\\", "/\\"]
CONTROLS = "\r\n\t\x00\x0b\x1f\x7f\x85\u00a0\u2028\u2029\u200b\u200e\u202e\u3000\ufeff\\ "
HOSTILE = st.one_of(
    st.builds(str.__add__, st.sampled_from(SCHEMES), st.text(max_size=20)),
    st.builds("https://{}@{}".format, st.text("ab:.%", min_size=1), st.sampled_from(["b.example", "a.jp/x"])),
    st.builds("{}{}{}{}".format, st.just(GOOD), st.text(max_size=9), st.sampled_from(CONTROLS), st.text(max_size=9)),
    st.builds(str.__add__, st.sampled_from(["https:", "HTTPS:", "http:"]), st.text("/\\@ .", max_size=6)),
)


@given(HOSTILE)
def test_a_hostile_target_never_makes_a_link_and_never_comes_out_of_a_token(target: str) -> None:
    where = site([b"secret--" * 2])
    with pytest.raises(SendRefusedError, match="bad_target"):
        make_click_link(where, "t", "lead_a", "eff_b", target)
    signed = sign(where.secret, "click", "t", ["lead_a", "eff_b", target, ""])  # as if an old release had made it
    assert read_click_token(where, "t", signed) is None
    if clean_target(target.strip(" \t\n\f\r")) is not None:
        return  # HTML itself drops the blanks around a target
    html = f"<a href='{target.replace('&', '&amp;').replace(chr(39), '&#39;')}'>"
    assert with_tracked_links(html, lambda _: pytest.fail("made")) == html


@given(st.text())
def test_whatever_can_be_a_target_goes_to_one_place(target: str) -> None:
    where = site([b"secret--" * 2])
    try:
        token = make_click_link(where, "t", "lead_a", "eff_b", target).rpartition("/")[2]
    except SendRefusedError:
        return
    said = read_click_token(where, "t", token)
    assert said is not None
    assert said.target.startswith(("http://", "https://"))
    assert said.target.isascii()


def _forged(token: str, draw: Random) -> str:
    """The token with one to three signs changed, added or taken away."""
    signs = list(token)
    for _ in range(draw.randint(1, 3)):
        place = draw.randrange(len(signs) + 1)
        signs[place : place + draw.randint(0, 1)] = draw.choice(["", *ascii_letters, *digits, *"-_.=+/%"])
    return "".join(signs)


@pytest.mark.parametrize("count", [10_000, pytest.param(100_000, marks=pytest.mark.stress)])
def test_forged_tokens_say_nothing(count: int) -> None:
    where = site([b"secret--" * 2, b"another-" * 2])
    tokens = {
        Unsubscribe: make_unsubscribe_link(where, "t", "lead_a", "eff_b", Purpose.MARKETING).rpartition("/")[2],
        Confirm: make_confirm_link(where, "t", "lead_a", "eff_b", asked_at=T0).rpartition("/")[2],
        Click: make_click_link(where, "t", "lead_a", "eff_b", GOOD).rpartition("/")[2],
    }
    for seed in range(count):
        draw = Random(seed)
        kind = draw.choice(list(tokens))
        forged = _forged(tokens[kind], draw)
        assert forged == tokens[kind] or READ[kind](where, "t", forged) is None, f"seed {seed}"
