"""Plain text from HTML: it reads like the page, and whatever it is given, it answers."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail import plaintext
from nurture.mail.plaintext import LONGEST_TEXT, text_from_html
from tests.mail.steps import steps_of

BROKEN = st.text(st.sampled_from("<>/!-=\"' abpdivtrli&#;x\n日本語"), max_size=200)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("a", "a\n"),
        ("<p>a</p><p>b</p>", "a\n\nb\n"),
        ("<p>a<p>b", "a\n\nb\n"),
        ("<div>a</div><div>b</div>", "a\nb\n"),
        ("<h1>a</h1>b", "a\n\nb\n"),
        ("<p>a<br>b<br><br>c</p>", "a\nb\n\nc\n"),
        ("a<hr>b", "a\n----------\nb\n"),
        ("<ul><li>a</li><li>b</li></ul>c", "- a\n- b\n\nc\n"),
        ("<ol><li>a<li>b<ul><li>c</ul><li>d</ol>", "1. a\n2. b\n  - c\n3. d\n"),
        ("<ul><li>a<br>b</ul>", "- a\n  b\n"),
        ("<li>a", "- a\n"),
        ('<a href="https://a.jp/x">see</a>', "see (https://a.jp/x)\n"),
        ('<a href="https://a.jp">https://a.jp</a>', "https://a.jp\n"),
        ('<a href="https://a.jp">a.jp</a>', "a.jp\n"),
        ('<a href="mailto:a@b.jp">a@b.jp</a> <a href="tel:03">03</a>', "a@b.jp 03\n"),
        ('<a href="#top">top</a> <a>none</a>', "top none\n"),
        ('<a href="https://a.jp"></a>', "https://a.jp\n"),
        ('<a href="https://a.jp/?a=1&amp;b=2">x</a>', "x (https://a.jp/?a=1&b=2)\n"),
        ('<a href="https://a.jp"><img src=x alt="絵"></a>', "絵 (https://a.jp)\n"),
        ('<a href="https://a.jp"><p>a</p><p>b</p></a>', "a\n\nb\n\nhttps://a.jp\n"),
        (
            "<a name=top><h1>N</h1><a href='https://a.jp/1'>one</a>, <a href='https://a.jp/2'>two</a>",
            "N\n\none (https://a.jp/1), two (https://a.jp/2)\n",
        ),
        (
            "<a href='https://a.jp/1'>one <a href='https://a.jp/2'>two</a>",
            "one (https://a.jp/1) two (https://a.jp/2)\n",
        ),
        (
            "<a href='https://a.jp/1'>一<p>二 <a href='https://a.jp/2'>三</a>",
            "一\n\n二 (https://a.jp/1) 三 (https://a.jp/2)\n",
        ),
        (
            "<map><area href='https://a.jp/y' alt=Y><area href='https://a.jp/z'></map>",
            "Y (https://a.jp/y) https://a.jp/z\n",
        ),
        ("<img src=x alt='a b'><img src=y alt=''><img src=z>", "a b\n"),
        ("<table><tr><th>品<th>値<tr><td>A<td>100円</table>", "品 | 値\nA | 100円\n"),
        ("<table><tr><td>a</td><td> </td><td>c</td></tr></table>", "a | c\n"),
        ("<table><tr><td><p>a</p></td><td><p>b</p></td></tr></table>", "a\n\nb\n"),
        ("a &amp; b &lt;c&gt; &nbsp; &#12354; &#x3042; &hearts;", "a & b <c>   あ あ ♥\n"),
        ("<pre>a  b\n   c\n\nd</pre>", "a  b\n   c\n\nd\n"),
        ("a\n  b\t c", "a b c\n"),
        ("<p>日本\n   語と\n English</p>", "日本語と English\n"),
        ("<b>日本</b>\n<b>語</b>", "日本語\n"),
        ("a<script>b()</script><style>p{}</style><title>t</title>c", "ac\n"),
        ("<head><title>t</title></head><body>a</body>", "a\n"),
        ("a<!-- b <p>c</p> -->d<!-- e", "ad\n"),
        ("<!DOCTYPE html><!--[if mso]>x<![endif]--><![if !mso]>a<![endif]>", "a\n"),
        ('a<div style="display: none">b<p>c</p></div>d', "ad\n"),
        ('a<span style="VISIBILITY:hidden">b</span><i hidden>c</i><i style="mso-hide:all">d</i>e', "ae\n"),
        ('a<span style="opacity:0">b</span><i style="max-height:0;x:y">c</i><i style="opacity:0.5">d</i>', "ad\n"),
        ("a<p style='font-size:0'>b<b style='font-size:12px'>c</b> <i>d</i></p>e", "a\n\nc\n\ne\n"),
        ("a<i style='text-indent:-9999px'>b</i>c<details><summary>d</summary>e</details>", "ac\nd\ne\n"),
        ('<b title=" hidden ">a</b><i aria-hidden="true">b</i>', "ab\n"),
        ("a < b & c <3", "a < b & c <3\n"),
        ("</p></td>a</x>", "a\n"),
    ],
)
def test_what_a_reader_sees(html: str, text: str) -> None:
    assert text_from_html(html) == text


@given(BROKEN)
def test_it_answers_whatever_it_is_given(html: str) -> None:
    text = text_from_html(html)
    assert text == "" or text.endswith("\n")
    assert not text.startswith("\n")


@given(st.text(max_size=100))
def test_text_that_was_escaped_comes_back(said: str) -> None:
    from markupsafe import escape

    shown = " ".join(text_from_html(f"<p>{escape(said)}</p>").split())
    plain = said.replace("\r", "\n").replace("\x00", "")
    assert "<" not in said or shown.count("<") == said.count("<")
    assert {sign for sign in shown if not sign.isspace()} >= {
        sign for sign in plain if sign.isascii() and sign.isalnum()
    }


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words += data.split()


@given(
    st.recursive(
        st.text("abc ", max_size=8),
        lambda inner: st.tuples(
            st.sampled_from(["p", "div", "b", "a", "span", "h2", "blockquote"]), st.lists(inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_no_word_is_lost_or_made_up(tree: object) -> None:
    def written(node: object) -> str:
        if isinstance(node, str):
            return f" {node} "
        assert isinstance(node, tuple)
        return f"<{node[0]}>{''.join(written(one) for one in node[1])}</{node[0]}>"

    html = written(tree)
    reader = _Words()
    reader.feed(html)
    assert text_from_html(html).split() == reader.words


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<!",
        "<!--",
        "<a",
        '<a b="',
        "</",
        "&",
        "&#",
        "<ul>",
        "<a href=x>",
        "<style>",
        "<p>",
        "<td>",
        "&#9999999999;",
    ],
)
@pytest.mark.parametrize("times", [10_000, pytest.param(100_000, marks=pytest.mark.stress)])
def test_much_of_anything_is_read(piece: str, times: int) -> None:
    assert len(text_from_html(piece * times + "x")) <= LONGEST_TEXT


@pytest.mark.parametrize(
    ("head", "piece", "tail"),
    [
        ("<tr>", " <i> </i>", "<td>x"),
        ("<tr>" + " <i> </i>" * 100, "<td>x", ""),
        ("<tr>", "<td>x</td>", ""),
        ("<tr>", "<td> ", "x"),
        ("", "<a href=x>y", ""),
        ("", "<a href=x><b>y", "</a>"),
        ("", "<a href=x><p>y", ""),
        ("", "<ul><li><p>", ""),
        ("<b>", "<td>", "<tr>"),
        ("", "<area href=x alt=y>", ""),
        ("<pre>", "\n", ""),
        ("", "<p style='font-size:0'>x", ""),
    ],
)
def test_it_takes_steps_in_proportion_to_the_html(head: str, piece: str, tail: str) -> None:
    def cost(times: int) -> int:
        html = head + piece * times + tail * times
        return steps_of(lambda: text_from_html(html), "nurture.mail.plaintext", "nurture.mail._shown")

    assert cost(400) < 2.2 * cost(200)


class _Counting:
    """A pattern that counts the signs that it is given."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        self.signs = 0

    def sub(self, by: str, text: str) -> str:
        self.signs += len(text)
        return self.pattern.sub(by, text)


@pytest.mark.parametrize(
    ("piece", "tail"),
    [
        ("<a href=x>y", ""),
        ("<a href=x>y", "</a>"),
        ("<a>y", "</a>"),
        ("<a href=x><b>y", "</b></a>"),
        ("<a href='#'>y", "</a>"),
    ],
)
def test_no_word_of_a_link_is_put_together_often(piece: str, tail: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of Python may cost as much as its texts are long, so that the signs are counted, too."""
    counting = _Counting(plaintext._BLANKS)
    monkeypatch.setattr(plaintext, "_BLANKS", counting)
    html = piece * 500 + tail * 500
    text_from_html(html)
    assert 500 <= counting.signs <= 4 * len(html)
