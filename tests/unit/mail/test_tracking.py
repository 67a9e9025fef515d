"""Counting clicks and openings: what is counted, what never is, and that off means untouched."""

from __future__ import annotations

import pytest

from nurture.errors import SendRefusedError
from nurture.mail import (
    TEST_LEAD,
    SenderIdentity,
    Site,
    Tracking,
    make_confirm_link,
    make_preferences_link,
    make_unsubscribe_link,
    read_click_token,
    read_open_token,
)
from nurture.mail import tracking as module
from nurture.mail.tracking import own_links, tracked_html, tracked_text, with_open_pixel, with_tracked_links
from nurture.model import Purpose
from tests.stores import T0

SITE = Site(
    "https://crm.example.jp/app",
    secret=b"golden--" * 4,
    identity=SenderIdentity("見本", "info@example.jp"),
    own_hosts={"www.example.jp", "crm.example.jp"},
)
ALL, CLICKS, OPENS, OFF = Tracking(clicks=True, opens=True), Tracking(clicks=True), Tracking(opens=True), Tracking()
HTML = '<body><a href="https://www.example.jp/a?b=c#d">a</a> <a href="https://other.example/">o</a></body>'
UTM = {"campaign": "spring"}
SIGNED = (
    make_unsubscribe_link(SITE, "t", "lead_a", "eff_b", Purpose.MARKETING),
    make_preferences_link(SITE, "t", "lead_a", "eff_b"),
    make_confirm_link(SITE, "t", "lead_a", "eff_b", asked_at=T0),
)


def tracked(html: str, tracking: Tracking, utm: dict[str, str] | None = None, lead: str = "lead_a") -> str:
    return tracked_html(html, SITE, "t", lead, "eff_b", tracking=tracking, utm=utm or {})


def followed(html: str) -> list[str]:
    """Where the tracked links of a mail lead in the end."""
    tokens = [piece.partition('"')[0] for piece in html.split('href="https://crm.example.jp/app/c/')[1:]]
    said = [read_click_token(SITE, "t", token) for token in tokens]
    assert all(one is not None and (one.lead, one.effect) == ("lead_a", "eff_b") for one in said)
    return [one.target for one in said if one is not None]


def test_nothing_asked_is_nothing_done() -> None:
    assert tracked(HTML, OFF) is HTML


def test_clicks_lead_over_the_site_to_where_they_led() -> None:
    done = tracked(HTML, CLICKS)
    assert followed(done) == ["https://www.example.jp/a?b=c#d", "https://other.example/"]
    assert "<img" not in done


def test_own_pages_get_their_parameters_before_links_are_signed() -> None:
    done = tracked(HTML, CLICKS, UTM)
    assert followed(done) == ["https://www.example.jp/a?b=c&utm_campaign=spring#d", "https://other.example/"]
    assert tracked(HTML, OFF, UTM) == HTML.replace("b=c", "b=c&amp;utm_campaign=spring")


def test_the_pixel_says_who_opened_what_and_nothing_is_shown() -> None:
    done = tracked(HTML, OPENS)
    before, _, behind = done.partition('<img src="https://crm.example.jp/app/o/')
    token, _, rest = behind.partition('"')
    said = read_open_token(SITE, "t", token)
    assert said is not None
    assert (said.lead, said.effect) == ("lead_a", "eff_b")
    assert rest == ' width="1" height="1" alt="" style="border:0"></body>'
    assert before == HTML.removesuffix("</body>")


def test_all_of_it_is_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[str] = []
    real = module.rewritten
    monkeypatch.setattr(
        module, "rewritten", lambda html, *rest, **more: passes.append(html) or real(html, *rest, **more)
    )  # type: ignore[func-returns-value]
    for tracking in (ALL, CLICKS, OPENS, OFF):
        tracked(HTML, tracking, UTM)
    assert passes == [HTML] * 4
    tracked(HTML, OFF)
    assert passes == [HTML] * 4


def test_signed_links_are_never_changed() -> None:
    html = "".join(f'<a href="{link}">x</a>' for link in SIGNED)
    assert tracked(html, CLICKS, UTM) == html
    assert tracked_text(" ".join(SIGNED), SITE, utm=UTM) == " ".join(SIGNED)
    assert all(link.startswith(own_links(SITE)) for link in SIGNED)


def test_what_was_tracked_is_not_tracked_again() -> None:
    once = tracked(HTML, CLICKS, UTM)
    assert tracked(once, CLICKS, UTM) == once


@pytest.mark.parametrize(
    "href",
    ["mailto:a@b.example", "tel:+81", "#top", "/a", "", "javascript:x", "https://a@b.example", "cid:x", "{{ url }}"],
)
def test_what_cannot_be_tracked_stays_as_it_is(href: str) -> None:
    html = f"<a href='{href}'>"
    assert tracked(html, CLICKS, UTM) == html


def test_a_link_can_be_left_out() -> None:
    html = '<a data-track="off" href="https://www.example.jp/">'
    assert tracked(html, CLICKS, UTM) == html


def test_text_shows_where_its_links_lead() -> None:
    text = "https://www.example.jp/a と https://other.example/"
    assert tracked_text(text, SITE) is text
    assert tracked_text(text, SITE, utm=UTM) == text.replace("jp/a", "jp/a?utm_campaign=spring")


def test_a_target_that_stands_often_is_signed_once() -> None:
    made: list[str] = []
    html = '<a href="https://a.jp"><area href="https://a.jp"><a href="https://b.jp">'
    done = with_tracked_links(html, lambda target: made.append(target) or "https://c.jp/1")  # type: ignore[func-returns-value]
    assert made == ["https://a.jp", "https://b.jp"]
    assert done.count('href="https://c.jp/1"') == 3


def test_too_many_targets_are_refused_with_a_reason() -> None:
    links = [f'<a href="https://a.jp/{number}">' for number in range(1_001)]
    assert len(followed(tracked("".join(links[:1_000] * 2), CLICKS))) == 2_000
    with pytest.raises(SendRefusedError, match="too_big"):
        tracked("".join(links), CLICKS)


def test_a_test_mail_is_rewritten_like_any_other_and_names_nobody() -> None:
    done = tracked(HTML, ALL, lead=TEST_LEAD)
    token = done.partition("/app/o/")[2].partition('"')[0]
    said = read_open_token(SITE, "t", token)
    assert said is not None
    assert said.lead == TEST_LEAD


def test_the_address_of_a_pixel_is_escaped() -> None:
    assert with_open_pixel("<p>", 'https://a.jp/?b&c"').startswith('<p><img src="https://a.jp/?b&amp;c&quot;"')
