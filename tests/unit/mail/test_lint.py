"""Findings about a mail: each for what it is, none for a mail that is well made."""

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail import Rendered, SenderIdentity
from nurture.mail.lint import LARGEST_HTML, Finding, lint
from nurture.model import Purpose

IDENTITY = SenderIdentity("株式会社見本", "info@example.jp", postal_address="東京1-1", complaint_contact="03-0000-0000")
URL = "https://crm.example.jp/unsubscribe/t?a=1&b=2"
FOOTER = f"株式会社見本 東京1-1 03-0000-0000 {URL}"
GOOD = Rendered(
    "春の講座のご案内",
    FOOTER,
    f'<p style="color:red">株式会社見本 東京1-1 03-0000-0000 <a href="{URL.replace("&", "&amp;")}">停止</a></p>'
    '<img src="https://e.jp/1.png" alt=""><a href="mailto:a@b.jp">a</a><a href="#top">b</a><a name=x>c</a>'
    "<style>@media (max-width: 9px) { p { color: blue } }</style>",
    "残り10席",
)


def findings(rendered: Rendered = GOOD, **options: Any) -> tuple[Finding, ...]:
    given = {"purpose": Purpose.MARKETING, "identity": IDENTITY, "unsubscribe_url": URL, "own_hosts": {"e.jp"}}
    return lint(rendered, **given | options)


def test_a_mail_that_is_well_made_has_none() -> None:
    assert findings() == ()


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"subject": " "}, "no_subject", "subject"),
        ({"subject": "あ" * 36}, "long_subject", "subject"),
        ({"subject": "a" * 71}, "long_subject", "subject"),
        ({"subject": "{{ lead.name }}"}, "left_over", "subject"),
        ({"preheader": "a }}"}, "left_over", "preheader"),
        ({"preheader": ""}, "no_preheader", "preheader"),
        ({"text": f"{FOOTER} {{% if"}, "left_over", "text"),
        ({"more": "<p>{{ x }}</p>"}, "left_over", "html"),
        ({"more": "<!--" + "x" * LARGEST_HTML + "-->"}, "too_large", "html"),
        ({"more": "<img src='https://e.jp/2.png'>"}, "image_without_alt", "html: <img> https://e.jp/2.png"),
        ({"more": "<img alt='' src='data:image/png;base64,AAAA'>"}, "data_image", "html: <img> data:"),
        ({"more": "<a href=''>x</a>"}, "empty_link", "html: <a>"),
        ({"more": "<a href='#'>x</a>"}, "empty_link", "html: <a> #"),
        ({"more": "<a href>x</a>"}, "empty_link", "html: <a>"),
        ({"more": "<a href='/x'>x</a>"}, "relative_link", "html: <a> /x"),
        ({"more": "<a href='www.e.jp'>x</a>"}, "relative_link", "html: <a> www.e.jp"),
        ({"more": "<a href='//e.jp/x'>x</a>"}, "relative_link", "html: <a> //e.jp/x"),
        ({"more": "<a href='javascript:x'>x</a>"}, "broken_link", "html: <a> javascript:x"),
        ({"more": "<a href='https://e .jp'>x</a>"}, "broken_link", "html: <a> https://e .jp"),
        ({"more": "<a href='https://{{ x }}'>x</a>"}, "left_over", "html: <a> https://{{ x }}"),
        ({"more": "<a href='http://e.jp/x'>x</a>"}, "insecure_link", "html: <a> http://e.jp/x"),
        ({"more": "<style>p { color: red }</style>"}, "style_not_inlined", "html: <style>"),
        ({"more": "<style>@media x{a{b:c}} p{color:red}</style>"}, "style_not_inlined", "html: <style>"),
        ({"more": "<style>@import 'x'; p, a:hover {color:red}</style>"}, "style_not_inlined", "html: <style>"),
        ({"more": "<img src=a title='no alt here'>"}, "image_without_alt", "html: <img> a"),
        ({"more": "<img src=a data-alt=x>"}, "image_without_alt", "html: <img> a"),
        ({"more": "<script>x</script>"}, "active_element", "html: <script>"),
        ({"more": "<form></form>"}, "active_element", "html: <form>"),
        ({"more": "<iframe src='https://e.jp'></iframe>"}, "active_element", "html: <iframe>"),
    ],
)
def test_each_thing_is_found(changes: dict[str, str], code: str, where: str) -> None:
    more = changes.pop("more", "")
    found = findings(attrs.evolve(GOOD, html=(GOOD.html or "") + more, **changes))  # type: ignore[arg-type]
    assert [(one.code, one.where) for one in found] == [(code, where)]
    assert found[0].said != found[0].said_ja
    assert found[0].said_ja.strip()


@pytest.mark.parametrize(
    ("gone", "code"),
    [
        ("株式会社見本", "no_sender_name"),
        ("東京1-1", "no_postal_address"),
        ("03-0000-0000", "no_contact"),
        (URL, "no_unsubscribe"),
    ],
)
def test_what_marketing_must_show_is_looked_for_in_each_part(gone: str, code: str) -> None:
    in_text = findings(attrs.evolve(GOOD, text=FOOTER.replace(gone, "x")))
    assert [(one.code, one.where) for one in in_text] == [(code, "text")]
    html = (GOOD.html or "").replace(gone.replace("&", "&amp;"), "https://e.jp/x")
    assert [(one.code, one.where) for one in findings(attrs.evolve(GOOD, html=html))] == [(code, "html")]
    assert findings(attrs.evolve(GOOD, html=html), purpose=Purpose.TRANSACTIONAL) == ()


def test_what_is_hidden_is_not_shown() -> None:
    html = f"<div style='display:none'>{GOOD.html}</div><!-- {GOOD.html} -->"
    codes = {one.code for one in findings(attrs.evolve(GOOD, html=html))}
    assert codes == {"no_sender_name", "no_postal_address", "no_contact", "no_unsubscribe"}


@pytest.mark.parametrize(
    "more",
    [
        "<img src='cid:1' alt=>",
        "<img src='cid:1' ALT>",
        "<a data-href=x>y</a>",
        "<a name=x title='href'>y</a>",
        "<a href='webcal://a.jp/x'>x</a>",
        "<a href='line://ti/p/@x'>x</a>",
        "<a href='sms:+8190'>x</a>",
        "<style>/* p { } */ @media x { a { b: c } p { d: e } } a:hover { color: red } @font-face { x: y }</style>",
    ],
)
def test_what_is_well_made_is_not_found(more: str) -> None:
    assert findings(attrs.evolve(GOOD, html=(GOOD.html or "") + more)) == ()


def test_it_knows_like_the_footer_what_is_shown() -> None:
    html = (GOOD.html or "").replace("株式会社見本", "株式会社見本商事").replace(">停止<", "><")
    codes = [one.code for one in findings(attrs.evolve(GOOD, html=html))]
    assert codes == ["no_unsubscribe", "no_sender_name"]


def test_no_text_and_no_html() -> None:
    assert [one.code for one in lint(Rendered("s", " \n"))] == ["no_text"]
    assert lint(Rendered("s", "t")) == ()


def test_the_same_thing_is_said_once() -> None:
    html = "<img src='https://e.jp/2.png'>" * 5
    assert len(lint(Rendered("s", "t", html, "p"))) == 1


@given(st.text(st.sampled_from("<>/!-=\"' aimghrefsty{}%:#;x\n"), max_size=200))
def test_whatever_it_is_given_it_answers(html: str) -> None:
    assert all(
        one.said and one.said_ja for one in findings(attrs.evolve(GOOD, html=f"<a href={html}><img {html}>{html}"))
    )
