"""What the law wants shown is added where the body lacks it, and only there."""

import pytest

from nurture.mail.footer import with_html_footer, with_text_footer
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


@pytest.mark.parametrize("html", ["<p>x</p>", "", "İ" * 9 + "</body>"])
def test_html_without_a_findable_end_gets_it_at_its_end(html: str) -> None:
    assert with_html_footer(html, IDENTITY, URL, "ja").startswith(html)
