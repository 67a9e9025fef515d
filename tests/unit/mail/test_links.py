"""Signed links: stable, bound to their kind and tenant, rotated, and silent about what is wrong."""

import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from nurture.errors import SendRefusedError
from nurture.mail import (
    TEST_LEAD,
    Click,
    Confirm,
    Open,
    Preferences,
    SenderIdentity,
    Site,
    Unsubscribe,
    make_click_link,
    make_confirm_link,
    make_open_link,
    make_preferences_link,
    make_unsubscribe_link,
    read_click_token,
    read_confirm_token,
    read_open_token,
    read_preferences_token,
    read_unsubscribe_token,
)
from nurture.mail._tokens import sign
from nurture.model import LeadId, Purpose, SubjectId, effect_key, lead_id

IDENTITY = SenderIdentity("見本", "info@example.jp")
SITE = Site("https://crm.example.jp/app", secret=b"golden--" * 4, identity=IDENTITY)
NOW = datetime(2026, 4, 1, 9, 30, 0, 123456, tzinfo=UTC)
LEAD, EFFECT = lead_id("t", "a@example.jp"), str(effect_key("t", "enr", "step", 1))
URL_SIGNS = set(string.ascii_letters + string.digits + "-_.")
OTHER = LeadId(SubjectId("42"))

LINKS = {
    "unsubscribe": lambda site: make_unsubscribe_link(site, "t", LEAD, EFFECT, Purpose.MARKETING, "news", "brand"),
    "preferences": lambda site: make_preferences_link(site, "t", LEAD, EFFECT, "brand"),
    "confirm": lambda site: make_confirm_link(
        site, "t", LEAD, EFFECT, asked_at=NOW, topic="news", entity="brand", text_version="2026-04", places="places_1"
    ),
    "c": lambda site: make_click_link(site, "t", LEAD, EFFECT, "https://www.example.jp/資料?id=1#top"),
    "o": lambda site: make_open_link(site, "t", LEAD, EFFECT, made_at=NOW),
}
READERS: dict[str, Callable[[Site, str, str], object]] = {
    "unsubscribe": read_unsubscribe_token,
    "preferences": read_preferences_token,
    "confirm": lambda site, tenant, token: read_confirm_token(site, tenant, token, NOW),
    "c": read_click_token,
    "o": read_open_token,
}
SAID = {
    "unsubscribe": Unsubscribe(lead=LEAD, effect=EFFECT, purpose=Purpose.MARKETING, topic="news", entity="brand"),
    "preferences": Preferences(lead=LEAD, effect=EFFECT, entity="brand"),
    "confirm": Confirm(
        lead=LEAD, effect=EFFECT, channel="email", purpose=Purpose.MARKETING, topic="news", entity="brand",
        text_version="2026-04", asked_at=NOW, places="places_1",
    ),
    "c": Click(lead=LEAD, effect=EFFECT, target="https://www.example.jp/%E8%B3%87%E6%96%99?id=1#top"),
    "o": Open(lead=LEAD, effect=EFFECT, made_at=NOW),
}  # fmt: skip
GOLDEN = {
    "unsubscribe": "AI_rNGHiNMxzWAzxdlIBDj8UpN2OtkcmVoq4_gokbmV3cyVicmFuZAk.UXYpYX9YF7L_W_xqr8kUHr0953ff",
    "preferences": "AI_rNGHiNMxzWAzxdlIBDj8UpN2OtkcmVoq4_iVicmFuZA.YqNtX-0CfSzeEQEolYlofD_m53ff",
    "confirm": "AI_rNGHiNMxzWAzxdlIBDj8UpN2OtkcmVoq4_gkKJG5ld3MlYnJhbmQnMjAyNi0wNC02NGU2MmJhNTQ3ODQwKHBsYWNlc18x"
    ".PGJ5JW9bGX8FfIDjhOIEe6Uj53ff",
    "c": "AI_rNGHiNMxzWAzxdlIBDj8UpN2OtkcmVoq4_lJodHRwczovL3d3dy5leGFtcGxlLmpwLyVFOCVCMyU4NyVFNiU5NiU5OT9pZD0xI3RvcAg"
    ".XvFDiTDNCLYkzYkN9uCDObz853ff",
    "o": "AI_rNGHiNMxzWAzxdlIBDj8UpN2OtkcmVoq4_i02NGU2MmJhNTQ3ODQw.jtyXNoRyX39Y61vY5LcdCZEG53ff",
}
KINDS = pytest.mark.parametrize("kind", LINKS)


def token(kind: str, site: Site = SITE) -> str:
    return LINKS[kind](site).rpartition("/")[2]


@KINDS
def test_what_goes_in_comes_out(kind: str) -> None:
    assert LINKS[kind](SITE) == f"https://crm.example.jp/app/{kind}/{token(kind)}"
    assert READERS[kind](SITE, "t", token(kind)) == SAID[kind]


@KINDS
def test_a_link_of_last_year_is_still_the_same(kind: str) -> None:
    """Tokens that never expire must be read by every release to come."""
    assert token(kind) == GOLDEN[kind]


@KINDS
def test_a_token_is_short_and_plain(kind: str) -> None:
    assert set(token(kind)) <= URL_SIGNS
    assert token(kind)[-1].isalnum()  # what ends in a sign is cut off where mail programs make links of text
    assert len(token(kind)) <= 140


@KINDS
def test_an_old_secret_still_reads_but_no_longer_signs(kind: str) -> None:
    old, new = b"old-" * 8, b"new-" * 8
    before, after = (Site(SITE.base_url, secret=one, identity=IDENTITY) for one in (old, new))
    rotated = Site(SITE.base_url, secret=[new, old], identity=IDENTITY)
    assert READERS[kind](rotated, "t", token(kind, before)) == SAID[kind]
    assert token(kind, rotated) == token(kind, after)
    assert READERS[kind](after, "t", token(kind, before)) is None


@KINDS
def test_a_tenant_reads_its_own_only(kind: str) -> None:
    for other in ("u", "", "t:", "T"):
        assert READERS[kind](SITE, other, token(kind)) is None


@KINDS
def test_another_kind_says_nothing(kind: str) -> None:
    for other in READERS.keys() - {kind}:
        assert READERS[other](SITE, "t", token(kind)) is None


@KINDS
@pytest.mark.parametrize("wrong", ["", ".", "a.b", "\x00", "見本", "A" * 5_000, "=" * 40, "a" * 10 + "." + "b" * 28])
def test_what_is_no_token_says_nothing(kind: str, wrong: str) -> None:
    assert READERS[kind](SITE, "t", wrong) is None


@KINDS
@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
@pytest.mark.parametrize("part", ["spying", "", "https://a@example.jp"])
def test_a_signed_token_of_another_shape_says_nothing(kind: str, size: int, part: str) -> None:
    """Of another number of parts, or with a purpose, an instant or a target that there is not."""
    name = {"c": "click", "o": "open"}.get(kind, kind)
    if (kind, size) in {("preferences", 3), ("o", 3)}:
        return  # parts of these may be any text
    assert READERS[kind](SITE, "t", sign(SITE.secret, name, "t", [part] * size)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("asked", ["", "x", "f" * 40, "-" + "f" * 30])
def test_a_confirmation_without_an_instant_says_nothing(asked: str) -> None:
    parts = ["l", "e", "email", "marketing", "", "", "", asked, ""]
    assert read_confirm_token(SITE, "t", sign(SITE.secret, "confirm", "t", parts), NOW) is None


def test_what_is_too_long_is_refused_when_it_is_made() -> None:
    with pytest.raises(SendRefusedError, match="bad_link"):
        make_unsubscribe_link(SITE, "t", LEAD, EFFECT, Purpose.MARKETING, "x" * 4_000)
    longest = make_unsubscribe_link(SITE, "t", LEAD, EFFECT, Purpose.MARKETING, "x" * 2_900)
    assert read_unsubscribe_token(SITE, "t", longest.rpartition("/")[2]) is not None


def test_the_longest_target_can_be_clicked() -> None:
    target = "https://example.jp/".ljust(2_000, "x")
    said = read_click_token(SITE, "t", make_click_link(SITE, "t", LEAD, EFFECT, target).rpartition("/")[2])
    assert said == Click(lead=LEAD, effect=EFFECT, target=target)


@pytest.mark.parametrize("target", ["javascript:alert(1)", "//evil.example", "https://a@b.example", "", "/x"])
def test_a_target_that_is_none_is_refused_and_not_shown(target: str) -> None:
    with pytest.raises(SendRefusedError, match="bad_target") as caught:
        make_click_link(SITE, "t", LEAD, EFFECT, target)
    assert target == "" or target not in str(caught.value)


class TestAge:
    """No clock is read: the present is what the caller says."""

    def test_a_confirmation_ends_with_its_age(self) -> None:
        made = token("confirm")
        last = NOW + timedelta(days=7) - timedelta(microseconds=1)
        assert read_confirm_token(SITE, "t", made, last) == SAID["confirm"]
        assert read_confirm_token(SITE, "t", made, last + timedelta(microseconds=1)) is None
        assert read_confirm_token(SITE, "t", made, last, max_age=timedelta(days=1)) is None
        assert read_confirm_token(SITE, "t", made, NOW - timedelta(seconds=5)) == SAID["confirm"]  # another's clock

    def test_the_instant_is_kept_to_the_microsecond_in_utc(self) -> None:
        for instant in (NOW, NOW.astimezone(timezone(timedelta(hours=9))), datetime(1960, 1, 1, tzinfo=UTC)):
            made = make_confirm_link(SITE, "t", LEAD, EFFECT, asked_at=instant).rpartition("/")[2]
            said = read_confirm_token(SITE, "t", made, instant)
            assert said is not None
            assert (said.asked_at, said.asked_at.tzinfo) == (instant, UTC)

    def test_a_naive_instant_is_refused(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            make_confirm_link(SITE, "t", LEAD, EFFECT, asked_at=datetime(2026, 1, 1))  # noqa: DTZ001

    def test_a_click_and_an_opening_may_have_an_age(self) -> None:
        day = timedelta(days=1)
        for made, read in (
            (make_click_link(SITE, "t", LEAD, EFFECT, "https://a.jp", made_at=NOW), read_click_token),
            (make_open_link(SITE, "t", LEAD, EFFECT, made_at=NOW), read_open_token),
        ):
            one = made.rpartition("/")[2]
            assert read(SITE, "t", one) is not None
            assert read(SITE, "t", one, now=NOW + day - timedelta(microseconds=1), max_age=day) is not None
            assert read(SITE, "t", one, now=NOW + day, max_age=day) is None
            with pytest.raises(ValueError, match="now"):
                read(SITE, "t", one, max_age=day)

    def test_a_click_of_unknown_age_is_too_old(self) -> None:
        assert read_click_token(SITE, "t", token("c"), now=NOW, max_age=timedelta(days=999)) is None


def test_any_text_may_name_a_lead_and_an_effect() -> None:
    link = make_preferences_link(SITE, "見本", OTHER, "e" * 300)
    assert read_preferences_token(SITE, "見本", link.rpartition("/")[2]) == Preferences(lead=OTHER, effect="e" * 300)


def test_a_test_mail_names_nobody() -> None:
    made = make_unsubscribe_link(SITE, "t", TEST_LEAD, EFFECT, Purpose.MARKETING).rpartition("/")[2]
    said = read_unsubscribe_token(SITE, "t", made)
    assert said is not None
    assert said.lead == TEST_LEAD != lead_id("t", "test")
