"""Where tags stand: as browsers see them, in time that grows with the text alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail import _tags
from nurture.mail._tags import Attribute, attributes, has_more_tags, is_plain, read_value, tags


def seen(html: str) -> list[str]:
    return [one[0] for one in tags(html)]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("", []),
        ("text", []),
        ("a < b > c", []),
        ("<", []),
        ("</", []),
        ("<3 <a>", ["<a>"]),
        ("<a><A/></a >", ["<a>", "<A/>", "</a >"]),
        ('<img alt="<a href=x>">', ['<img alt="<a href=x>">']),
        ("<img alt='>'><b>", ["<img alt='>'>", "<b>"]),
        ("<p don't><b>", ["<p don't>", "<b>"]),  # a quotation mark in a name is part of it
        ('<p a=b"c><b>', ['<p a=b"c>', "<b>"]),
        ("<a href=x/><b>", ["<a href=x/>", "<b>"]),
        ("<a\n\thref = 'x'\f>", ["<a\n\thref = 'x'\f>"]),
        ("<a =b ==c d= >", ["<a =b ==c d= >"]),
        ("<!-- <a> --><b>", ["<b>"]),
        ("<!--><b>", ["<b>"]),
        ("<!---><b>", ["<b>"]),
        ("<!----><b>", ["<b>"]),
        ("<!--a--!><b>", ["<b>"]),
        ("<!-- <a> -- ><b>", []),
        ("<!-- <a>", []),
        ("<!doctype html><b>", ["<b>"]),
        ("<?xml version='1'?><b>", ["<b>"]),
        ("<![if !mso]><a><![endif]>", ["<a>"]),
        ("<!--[if mso]><a><![endif]--><b>", ["<b>"]),
        ("<!--[if !mso]><!--><a><!--<![endif]-->", ["<a>"]),
        ("</ <a><b>", ["<b>"]),
        ("</><b>", ["<b>"]),
        ("<style>a > b { content: '<a>' }</style><b>", ["<style>", "</style>", "<b>"]),
        ("<STYLE><a></styles></sTyle ><b>", ["<STYLE>", "</sTyle >", "<b>"]),
        ("<script>'<a>'", ["<script>"]),
        ("<textarea><a></textarea>", ["<textarea>", "</textarea>"]),
        ("<title><a></title>", ["<title>", "</title>"]),
        ("<b><a href='x", ["<b>"]),
        ('<b><a href="x><i>', ["<b>"]),
        ("<b><a ", ["<b>"]),
    ],
)
def test_tags_are_those_that_browsers_see(html: str, expected: list[str]) -> None:
    assert seen(html) == expected


def test_attributes_are_found_where_they_stand() -> None:
    html = 'x<A HREF="a&amp;b" b=\'\' c d=e/f g = "h"i=j k= />'
    found = list(attributes(html, next(tags(html))))
    assert [(one.name, one.value, html[one.start : one.end]) for one in found] == [
        ("href", "a&b", '"a&amp;b"'),
        ("b", "", "''"),
        ("d", "e/f", "e/f"),
        ("g", "h", '"h"'),
        ("i", "j", "j"),
        ("k", "/", "/"),
    ]
    assert found[0] == Attribute("href", "a&b", 9, 18)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("a&amp;b&ampc&amp", "a&b&ampc&"),
        ("?a=1&copy=2", "?a=1&copy=2"),
        ("?a=1&copy;=2&copy", "?a=1©=2©"),
        ("&#65;&#x42;&#X43&#00000000000000068;", "ABCD"),
        ("&#0;&#xD800;&#1114112;&#99999999999999999999;", "\ufffd" * 4),
        ("&;&#;&#x;&nosuch;&nosuch", "&;&#;&#x;&nosuch;&nosuch"),
        ("&notit;", "&notit;"),
        ("&" * 9, "&" * 9),
    ],
)
def test_references_are_read_as_browsers_read_them(written: str, value: str) -> None:
    assert read_value(written) == value


class _Counting:
    """A pattern that counts the signs that it was let look at."""

    def __init__(self, pattern: re.Pattern[str], counts: list[int]) -> None:
        self._pattern, self._counts = pattern, counts

    def __getattr__(self, name: str) -> Any:
        def looking(text: str, start: int = 0, *end: int) -> re.Match[str] | None:
            found = getattr(self._pattern, name)(text, start, *end)
            self._counts.append((len(text) if found is None else found.end()) - start + 1)
            return found

        return looking


class _Text(str):
    """A text that counts the signs that `find` looks at."""

    counts: list[int]

    def find(self, what: str, start: int = 0, *_: Any) -> int:
        place = super().find(what, start)
        self.counts.append((len(self) if place < 0 else place) - start + 1)
        return place


BROKEN = [
    "<", "<a", "<a ", "<a>", "<a b", "<a b='", '<a b="', "<a b=' \"", "<a/", "<a b=", "<!--", "<!-", "<!", "<![CDATA[",
    "<?", "</", "</a", "<style", "<style>", "</style", "<!-- -", "<a href=x>", "<title></title", "<!-->", "= ", "<a\t=",
    "<a b = ",
]  # fmt: skip
LONG = ["<a " + "b " * 40, "<a " + "b=c " * 40, "<a " + " " * 400, "<a b=" + " " * 400]


def test_nothing_ends_plain_text() -> None:
    found = [one[0] for one in tags("<a href=x><PLAINTEXT><a href=y></plaintext><a href=z>")]
    assert found == ["<a href=x>", "<PLAINTEXT>"]


@pytest.mark.parametrize("broken", BROKEN)
def test_no_sign_is_looked_at_often(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[int] = []
    for name in ("_NEXT", "_COMMENT_END"):
        monkeypatch.setattr(_tags, name, _Counting(getattr(_tags, name), counts))
    monkeypatch.setattr(_tags, "_RAW", {name: _Counting(one, counts) for name, one in _tags._RAW.items()})
    for size in (1_000, 10_000, 100_000):
        counts.clear()
        html = _Text(broken * (size // len(broken)))
        html.counts = counts
        for _ in tags(html):
            pass
        assert sum(counts) <= 4 * len(html) + 8


@pytest.mark.parametrize("size", [2**16, pytest.param(2**20, marks=pytest.mark.stress)])
@pytest.mark.parametrize("broken", BROKEN + LONG)
def test_much_of_anything_is_read(broken: str, size: int) -> None:
    """Patterns that went back over what they read would need minutes for one of these, and hours for a megabyte."""
    html = broken * (size // len(broken))
    assert sum(len(one[0]) for one in tags(html)) <= len(html)
    assert sum(len(one[0]) for one in tags(html + ">")) <= len(html) + 1


@pytest.mark.parametrize("size", [2**16, pytest.param(2**20, marks=pytest.mark.stress)])
def test_many_attributes_are_read(size: int) -> None:
    html = f"<a {'b=c ' * (size // 4)}>"
    assert sum(1 for _ in attributes(html, next(tags(html)))) == size // 4
    assert read_value("&" * size + "&#" + "9" * size).endswith("\ufffd")


PLAIN = st.text(st.sampled_from("<>/!=\"' abp-\n"), max_size=24)


@given(PLAIN)
def test_in_plain_html_each_bracket_belongs_to_a_tag(html: str) -> None:
    if is_plain(html):
        found = list(tags(html))
        assert html.count("<") == html.count(">") == len(found)
        assert all(one[0].count("<") == one[0].count(">") == 1 for one in found)


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("", True),
        ("a", True),
        ("<p class='a' b=c d>x</p ><br/><br />", True),
        ('<a href="https://a.jp/?b=c&amp;d">e</a>', True),
        ("<p title='>", False),
        ("<p title='>' >", False),
        ("<p title='<' >", False),
        ("a < b", False),
        ("a > b", False),
        ("<!-- a -->", False),
        ("<p", False),
        ('<p " b="x>y</p><p c="z">', False),
        ("<p b=x'y>z'", False),
    ],
)
def test_what_is_plain(html: str, plain: bool) -> None:
    assert is_plain(html) is plain


def test_more_tags_than_that() -> None:
    assert has_more_tags("<b>x</b>", 1)
    assert not has_more_tags("<b>x</b>", 2)
    assert not has_more_tags("< < <", 2)
