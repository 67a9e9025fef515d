"""What is seen on screen, and how deep elements stand in each other."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail._shown import MOST_TAGS, Tag, may_hide, nesting, shown
from tests.mail.steps import steps_of

BROKEN = st.text(st.sampled_from("<>/!-=\"' abpdivtrli&#;x\n"), max_size=120)


def names(html: str) -> list[str]:
    return [one if isinstance(one, str) else f"{'/' if one.is_end else ''}{one.name}" for one in shown(html)]


@given(BROKEN)
def test_every_start_tag_has_its_end_tag(html: str) -> None:
    stack: list[str] = []
    for one in shown(html):
        if not isinstance(one, Tag):
            continue
        if one.is_end:
            assert stack.pop() == one.name
        elif one.name not in ("br", "img", "hr", "input", "col", "area", "link", "meta", "wbr", "base"):
            stack.append(one.name)
    assert stack == []


@pytest.mark.parametrize(
    ("html", "seen"),
    [
        ("<ul><li>a<li>b</ul>", ["ul", "li", "a", "/li", "li", "b", "/li", "/ul"]),
        ("<tr><td>a<td>b<tr>", ["tr", "td", "a", "/td", "td", "b", "/td", "/tr", "tr", "/tr"]),
        ("<div hidden><p>a</div>b", ["b"]),
        ("<img hidden><br>", ["br"]),
        ("<p hidden>a</b>b</p>c", ["c"]),
        ("<div hidden>a", []),
        ("<b>a</i></b>", ["b", "a", "/b"]),
        ("a</p>b</i>c", ["a", "div", "/div", "b", "c"]),
        ("<p style='font-size:0'>a <b>b</b></p>c", ["p", "b", "/b", "/p", "c"]),
        ("<p style='font:0/0 a'> <b style='font-size:1rem'>b</b></p>", ["p", " ", "b", "b", "/b", "/p"]),
        ("<p style='font-size:0'>a<p style='font-size:120%'>b", ["p", "/p", "p", "b", "/p"]),
    ],
)
def test_what_is_seen(html: str, seen: list[str]) -> None:
    assert names(html) == seen


def test_what_lies_beyond_the_limit_is_not_seen_as_tags() -> None:
    assert names("<br>" * (MOST_TAGS + 5)).count("br") == MOST_TAGS


def test_attributes_are_read_and_the_first_counts() -> None:
    tag = next(one for one in shown("<a HREF=\"x&amp;y\" href=z title='t' download>") if isinstance(one, Tag))
    assert tag.attributes == {"href": "x&y", "title": "t"}


@pytest.mark.parametrize(
    "html", ["<p hidden>", "<!-- -->", "<i style='display:none'>", "<i style=opacity:0>", "<template>"]
)
def test_the_quick_look_sees_what_may_hide(html: str) -> None:
    assert may_hide(html)
    assert not may_hide("<!DOCTYPE html><p style='color:red'>a</p>")


@pytest.mark.parametrize(
    ("html", "depth"),
    [
        ("", 0),
        ("<div><p>a</p></div>", 2),
        ("<p>a<p>b<p>c", 1),
        ("<li>a<li>b", 1),
        ("<div><br><img></div>", 1),
        ("<div>" * 300, 300),
        ("<div></x>" * 300, 300),
        ("<b>a</b>" * 300, 1),
    ],
)
def test_nesting(html: str, depth: int) -> None:
    assert nesting(html) == depth


def test_nesting_is_not_fooled_by_end_tags_that_end_nothing() -> None:
    assert nesting("<b><div></b>" * 300) >= 300
    assert nesting("<div><table><td></div>" * 300) >= 300


def test_counting_ends_beyond_what_is_asked_about() -> None:
    assert nesting("<div>" * 300, 10) == 11


@pytest.mark.parametrize(
    ("head", "begin", "end"),
    [
        ("", "<tbody>", "</x>"),
        ("<x><div>", "<tbody>", "</x>"),
        ("<x>", "<tbody>", "</x>"),
        ("<b>", "<div>", "</b>"),
        ("", "<td>", "<tr>"),
    ],
)
def test_nesting_takes_steps_in_proportion_to_the_text(head: str, begin: str, end: str) -> None:
    one, two = (
        steps_of(partial(nesting, head + begin * count + end * count), "nurture.mail._shown") for count in (200, 400)
    )
    assert two < 2.2 * one


@pytest.mark.parametrize(
    "style",
    [
        "height:0;overflow:hidden",
        "OVERFLOW: clip; max-height: 0px",
        "width:0;overflow-x:hidden",
        "display:/**/none",
        "dis/* x */play:none",
        r"display:n\6fne",
        r"displa\79 : none",
        "display:&#110;one",
        "visibility:hidden/*",
    ],
)
def test_what_a_style_hides_is_not_seen(style: str) -> None:
    for html in (f"<div style='{style}'>a</div>b", f'<div style="{style}">a</div>b'):
        assert may_hide(html)
        assert names(html) == ["b"]


@pytest.mark.parametrize(
    "style", ["height:0", "line-height:0;overflow:hidden", "height:09px;overflow:hidden", "width:10%"]
)
def test_what_a_style_does_not_hide_is_seen(style: str) -> None:
    assert names(f"<div style='{style}'>a</div>b") == ["div", "a", "/div", "b"]


@pytest.mark.parametrize("name", ["dialog", "canvas", "audio", "video", "datalist"])
def test_what_an_element_holds_for_others_is_not_seen(name: str) -> None:
    assert may_hide(f"<{name}>")
    assert names(f"<{name}>a</{name}>b") == ["b"]
