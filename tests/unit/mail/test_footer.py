"""What the law wants shown is added where the body lacks it, and only there."""

from html import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nurture.errors import SendRefusedError
from nurture.mail.footer import seen_in, with_html_footer, with_text_footer
from nurture.mail.preheader import OPENING, with_preheader
from nurture.mail.site import SenderIdentity

IDENTITY = SenderIdentity(
    "A & B <Inc>", "info@example.jp", postal_address="1 Main St", complaint_contact="03-0000-0000"
)
URL = "https://crm.example.jp/unsubscribe/x"
ALL_TEXT = f"A & B <Inc> 1 Main St 03-0000-0000 {URL}\n"
ALL_HTML = f"<p>A &amp; B &lt;Inc&gt; 1 Main St 03-0000-0000 <a href='{URL}'>stop</a></p>"


def test_a_body_that_shows_all_is_left_as_it_is() -> None:
    assert with_text_footer(ALL_TEXT, IDENTITY, URL, "en") == ALL_TEXT
    assert with_html_footer(ALL_HTML, IDENTITY, URL, "en") == ALL_HTML


@pytest.mark.parametrize(
    ("shown", "line"),
    [
        ("A & B <Inc>", "Sent by: A & B <Inc>"),
        ("1 Main St", "Address: 1 Main St"),
        ("03-0000-0000", "Questions and complaints: 03-0000-0000"),
        (URL, f"Unsubscribe: {URL}"),
    ],
)
def test_only_what_is_missing_is_added(shown: str, line: str) -> None:
    text = with_text_footer(ALL_TEXT.replace(shown, ""), IDENTITY, URL, "en")
    assert text.splitlines()[-2:] == ["-- ", line]


def test_html_is_escaped_and_stands_inside_the_body() -> None:
    html = with_html_footer("<html><body><p>x</p></BODY></html>", IDENTITY, URL, "ja")
    assert "送信者: A &amp; B &lt;Inc&gt;<br>所在地: 1 Main St<br>お問い合わせ・苦情: 03-0000-0000<br>" in html
    assert f'<a href="{URL}">配信停止はこちら</a>' in html
    assert html.endswith("</p>\n</BODY></html>")


@pytest.mark.parametrize("html", ["<p>x</p>", "", "<p>x", "<p title='</body>'>x</p>"])
def test_html_without_a_findable_end_gets_it_at_its_end(html: str) -> None:
    assert with_html_footer(html, IDENTITY, URL, "ja").startswith(html)


SHOWN = "A &amp; B &lt;Inc&gt; 1 Main St 03-0000-0000"
LINK = f'<a href="{URL}">stop</a>'


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{SHOWN}</p><!-- {LINK} -->",
        f"<p>{SHOWN}</p><p hidden>{LINK}</p>",
        f"<p>{SHOWN}</p><div style='display: none'><p>{LINK}</p></div>",
        f"<p>{SHOWN}</p><i style='opacity:0'>{LINK}</i>",
        f"<p>{SHOWN}</p><a href='{URL}'> </a>",
        f"<p>{SHOWN}</p><!-- x --><a href='{URL}'></a>",
        f"<p>{SHOWN}</p><a style='display:none' href='{URL}'>stop</a>",
        f"<p>{SHOWN}</p><template>{LINK}</template>",
        f"<head><title>{URL}</title></head><p>{SHOWN}</p>",
        f"<p>{SHOWN}</p><div style='height:0;overflow:hidden'>{LINK}</div>",
        f"<p>{SHOWN}</p><i style='display:/**/none'>{LINK}</i>",
        f"<p>{SHOWN}</p><dialog>{LINK}</dialog>",
        f"<p>{SHOWN}</p><canvas>{LINK}</canvas>",
        f"<p>{SHOWN}</p><img src='{URL}'>",
        f"<p>{SHOWN}</p><a href='https://x.jp' title='{URL}'>y</a>",
        f"<p>{SHOWN}</p><a title='{URL}' href='https://x.jp'>y</a>",
        f"<p>{SHOWN}</p><a href='{URL}'><span></span></a>",
        f"<p>{SHOWN}</p><a href='{URL}'>&nbsp;</a>",
        f"<p>{SHOWN}</p><a href='{URL}'>&#8203;</a>",
        f"<p>{SHOWN}</p><a href='{URL}'>\u3164</a>",
        f"<p>{SHOWN}</p><a href='{URL}'><img></a>",
    ],
)
def test_a_link_that_nobody_sees_does_not_count(html: str) -> None:
    made = with_html_footer(html, IDENTITY, URL, "en")
    assert made.endswith(f'<hr><p style="font-size:small;padding:8px"><a href="{URL}">Unsubscribe</a></p>\n')


@pytest.mark.parametrize(
    "html",
    [
        f"<!-- a --><p>{SHOWN}</p>{LINK}",
        f"<!-- a --><p>{SHOWN}</p><a href='{URL}'><img src=x alt=stop></a>",
        f"<!-- a --><p>{SHOWN} {URL}</p>",
        f"<p>{SHOWN}</p><a href='{URL}'> </a>{LINK}",
        with_preheader(f"<p>{SHOWN}</p>{LINK}", "now"),
    ],
)
def test_a_link_that_is_seen_counts_beside_what_is_hidden(html: str) -> None:
    assert with_html_footer(html, IDENTITY, URL, "en") == html


@pytest.mark.parametrize(
    "html",
    [
        "<p>x</p><p><a href='https://a.jp/x>read on</a></p>",
        "<p>x</p><img title='",
        f'<p><a href=\'https://a.jp/x>Go</a> {SHOWN} <a href="{URL}">stop</a>',
        f"<p>{SHOWN}</p><a href='https://a.jp/x>Go</a>",
        "<p>x</p><details>",
        "<p>x</p><div style='position:absolute;left:-9999px'>",
        "<p>x</p><div style='opacity:0'>",
        "<p>x</p>" + "<b>x</b>" * 13_000 + "<!-- -->",
    ],
)
def test_what_swallows_the_footer_refuses_the_mail(html: str) -> None:
    with pytest.raises(SendRefusedError) as caught:
        with_html_footer(html, IDENTITY, URL, "en")
    assert caught.value.reason == "hidden_footer"


@pytest.mark.parametrize(
    "html",
    [
        f"<img alt='News > {SHOWN}'>{LINK}",
        f"<p>x</p><img alt='{SHOWN} <a href=\"{URL}\">stop</a>'>",
        f'<p title="<b>{SHOWN}">x</p>{LINK}',
        f"<details><p>{SHOWN} {LINK}</p></details>",
        f"<details><summary>{SHOWN} {LINK}</summary></details>",
    ],
)
def test_what_stands_in_an_attribute_or_is_folded_away_does_not_count(html: str) -> None:
    made = with_html_footer(html, IDENTITY, URL, "en")
    assert "Sent by: A &amp; B &lt;Inc&gt;<br>Address: 1 Main St<br>" in made
    assert seen_in(made).links_to(URL)


@pytest.mark.parametrize(
    "style",
    [
        *("font-size:0", "font:0/0 a", "text-indent:-9999px", "left:-9999px;position:absolute", "opacity:0.01"),
        *("visibility:collapse", "height:1px;overflow:hidden", "transform:scale(0)", "margin-left:-9999px"),
    ],
)
def test_what_a_style_hides_does_not_count(style: str) -> None:
    made = with_html_footer(f"<div style='{style}'>{SHOWN} {LINK}</div>", IDENTITY, URL, "en")
    assert made.count("A &amp; B &lt;Inc&gt;") == 2
    assert made.count(URL) == 2


def test_small_text_may_be_set_large_again_as_layouts_do() -> None:
    html = f"<td style='font-size:0px'><div style='font-size:13px'>{SHOWN} {LINK}</div></td>"
    assert with_html_footer(html, IDENTITY, URL, "en") == html


def test_open_details_are_seen() -> None:
    html = f"<details open><p>{SHOWN}</p><details>x</details>{LINK}</details>"
    assert with_html_footer(html, IDENTITY, URL, "en") == html


PIECES = (
    *(
        SHOWN,
        LINK,
        "A &amp; B &lt;Inc&gt;",
        "1 Main St",
        "03-0000-0000",
        URL,
        f"<a href='{URL}'>",
        "</a>",
        "<img src=x>",
    ),
    *(
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<div hidden>",
        "<div style='display:none'>",
        "<div style='font-size:0'>",
        "</div>",
    ),
    *("<p title='", '<p title="', "'", '"', ">", "<", " ", "x", "<!--", "-->", "<details>", "</details>", "<title>"),
    *("<div>", "</div>", "</i>", "<i>", "<td>", "</td>", "<br>", "<wbr>", "</br>", "<html>", "</html>"),
    *("</title>", "<head>", "</head>", "<body>", "</body>", "<style>", "</style>", "<html style='display:none'>"),
    *("<p style='font-size:9px'>", "<!DOCTYPE html>", OPENING, "&#115;", "\u3042"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
@example(f"{SHOWN}</p>{LINK}")
@example(f"<b><div>{SHOWN}</b></div>{LINK}")
@example("<head>")
def test_a_reader_sees_all_of_it_or_the_mail_is_refused(html: str) -> None:
    try:
        made = with_html_footer(html, IDENTITY, URL, "en")
    except SendRefusedError:
        return
    seen = seen_in(made)
    assert all(map(seen.says, (IDENTITY.name, IDENTITY.postal_address, IDENTITY.complaint_contact)))
    assert seen.links_to(URL)


def test_a_preheader_that_names_the_sender_does_not_count() -> None:
    html = with_preheader(f"<p>1 Main St 03-0000-0000</p>{LINK}<!-- -->", "A & B <Inc>")
    assert "Sent by: A &amp; B &lt;Inc&gt;" in with_html_footer(html, IDENTITY, URL, "en")


def test_a_body_that_ends_in_a_comment_is_no_place_for_it() -> None:
    made = with_html_footer("<body><p>x</p></body><!-- </body> -->", IDENTITY, URL, "en")
    assert made.endswith("</p>\n</body><!-- </body> -->")


@pytest.mark.parametrize("html", ["x<!--", "x<b hidden>", "x<style>", "x<textarea>", "x<div style='display:none'><p>"])
def test_where_the_end_is_hidden_the_mail_is_refused(html: str) -> None:
    with pytest.raises(SendRefusedError) as caught:
        with_html_footer(html, IDENTITY, URL, "en")
    assert caught.value.reason == "hidden_footer"


@pytest.mark.parametrize("head", ["<!--", "<style>", "<title>", "<!-- </style> --><style>", "</title><script>"])
def test_a_head_without_an_end_hides_the_body_and_with_it_the_footer(head: str) -> None:
    html = f"<html><head>{head}</head><body><p>{SHOWN}</p>{LINK}</body></html>"
    with pytest.raises(SendRefusedError) as caught:
        with_html_footer(html, IDENTITY, URL, "en")
    assert caught.value.reason == "hidden_footer"


def test_what_hides_around_the_head_hides_all() -> None:
    html = f"<div hidden><head></head><p>{SHOWN}</p>{LINK}</div>"
    assert with_html_footer(html, IDENTITY, URL, "en").count(URL) == 2


@pytest.mark.parametrize(
    "html",
    [
        "<head><title>A &amp; B &lt;Inc&gt; 1 Main St 03-0000-0000</title></head><body>x</body>",
        '<p title="A &amp; B &lt;Inc&gt; 1 Main St 03-0000-0000">x</p>',
        with_preheader("<p>x</p>", "A & B <Inc> 1 Main St 03-0000-0000"),
        "<style>/* A &amp; B &lt;Inc&gt; 1 Main St 03-0000-0000 */</style><p>x</p>",
    ],
)
def test_what_stands_where_nobody_sees_it_is_shown(html):
    shown = with_html_footer(html, IDENTITY, "https://crm.example.jp/unsubscribe/x", "en")
    for line in ("Sent by: A &amp; B &lt;Inc&gt;<br>", "Address: 1 Main St<br>", "complaints: 03-0000-0000<br>"):
        assert line in shown


SHORT = SenderIdentity("見本", "n@e.jp", postal_address="東京都港区1-1", complaint_contact="h@e.jp")
NOTHING = "春の講座のご案内"


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ("見本 東京都港区1-1 h@e.jp", ""),
        ("【見本】 (東京都港区1-1) <h@e.jp>.", ""),
        ("送信者:見本、東京都港区1-1、h@e.jp。", ""),
        ("株式会社見本商事 東京都港区1-1 h@e.jp", "見本"),
        ("見本商事 東京都港区1-1 h@e.jp", "見本"),
        ("見本 東京都港区1-12 h@e.jp", "東京都港区1-1"),
        ("見本 東京都港区1-1-2 h@e.jp", "東京都港区1-1"),
        ("見本 東京都港区1-1 h@e.jp.example", "h@e.jp"),
        ("見本 東京都港区1-1 x.h@e.jp", "h@e.jp"),
    ],
)
def test_what_is_a_part_of_something_else_is_not_shown(said: str, missing: str) -> None:
    text = with_text_footer(f"{said}\n{URL}\n", SHORT, URL, "ja")
    html = with_html_footer(f"<p>{escape(said)}</p>{LINK}", SHORT, URL, "ja")
    hidden = with_html_footer(f"<p>{escape(said)}</p><!-- -->{LINK}", SHORT, URL, "ja")
    for made in (text, html, hidden):
        before, rule, added = made.rpartition("<hr>" if "<p>" in made else "-- \n")
        assert bool(rule) is bool(missing)
        assert missing in added
        assert said in before or not missing or escape(said) in before


@pytest.mark.parametrize(
    "said", ["<b>見本</b>商事", "株式<i>会社</i>見本", "見本&#21830;事", "&#31038;見本", "<td>見本商事</td>"]
)
def test_a_word_goes_on_behind_an_element_in_the_line(said: str) -> None:
    made = with_html_footer(f"<p>{said}<br>東京都港区1-1<br>h@e.jp</p>{LINK}", SHORT, URL, "ja")
    assert "送信者: 見本" in made


@pytest.mark.parametrize(
    "said", ["<b>見</b>本", "<td>見本</td><td>商事", "x<br>見本<br>y", "見&#26412;", "見本<p>商事"]
)
def test_a_word_ends_where_its_line_does(said: str) -> None:
    html = f"<p>{said}<br>東京都港区1-1<br>h@e.jp</p>{LINK}"
    made = with_html_footer(html, SHORT, URL, "ja")
    assert ("送信者" in made) is ("見本" not in html)  # written in pieces: added once more rather than left out
