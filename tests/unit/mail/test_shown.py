"""What is seen on screen, and how deep elements stand in each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail._shown import MOST_TAGS, Tag, may_hide, nesting, shown

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
