import pytest

from nurture.errors import SendRefusedError
from nurture.mail.places import check_links, links_vary, place_problems


@pytest.mark.parametrize(
    ("source", "line", "word"),
    [
        ("<p>\n<p title={{ lead.name }}>", 2, "quotation marks"),
        ("<p {{ lead.name }}>", 1, "in a tag"),
        ("<{{ lead.name }}>", 1, "name of an element"),
        ("<p onclick='{{ lead.name }}'>", 1, "'onclick'"),
        ("<iframe srcdoc='{{ lead.name }}'>", 1, "'srcdoc'"),
        ("<p style='color: {{ lead.color }}'>", 1, "'style'"),
        ("<script>\n\n{{ lead.name }}</script>", 3, "script"),
        ("<STYLE>p { color: {{ lead.name }} }</STYLE>", 1, "style"),
        ("{% if a %}\n{# {{ #}<p a={{ b }}>", 2, "quotation marks"),
    ],
)
def test_it_says_where_nothing_can_be_printed(source, line, word):
    (problem,) = place_problems(source, "m.html")
    assert problem.startswith(f"m.html: line {line}: ")
    assert word in problem


@pytest.mark.parametrize(
    "source",
    [
        "<p title='{{ a }}' class=\"x {{ b }}\">{{ c }}</p>",
        "<p style='color: {{ params.color }}; width: {{ campaign.width }}'>",
        "{{ a }} < {{ b }}",
        "<style>p { color: red }</style>{{ a }}",
        "<script></script>{{ a }}",
        "<!-- {{ a }} -->",
        "<p{% if a %} hidden{% endif %}>",
        "{{ unclosed <p a={{ b }}>",
        "\ue000<p a=\ue000>{{ a }}",
    ],
)
def test_text_and_quoted_attributes_are_fine(source):
    assert list(place_problems(source, "m.html")) == []


def test_it_takes_linear_time_whatever_is_broken():
    for piece in ("{{", "{%", "{#", "<", "<a", "<script>", "{{ a }}<a b={{"):
        source = piece * (250_000 // len(piece))
        list(place_problems(source, "m.html"))
        links_vary(source)


@pytest.mark.parametrize(
    ("source", "varies"),
    [
        ("<a href='{{ lead.page }}'>", True),
        ("<a href=' {{ lead.page }}/x'>", True),
        ('<img src="{% if a %}{{ a }}{% endif %}">', True),
        ("<a href='{{ unsubscribe_url }}'>{{ lead.page }}", False),
        ("<a href='https://a.jp/{{ lead.page }}'>", False),
        ("<a title='{{ lead.page }}' href='/x'>", False),
        ("<a href='/x'>", False),
    ],
)
def test_it_knows_links_that_begin_with_data(source, varies):
    assert links_vary(source) is varies


@pytest.mark.parametrize(
    "target", ["javascript:a", " JAVA\tscript&colon;a", "&#1;javascript:a", "data:,a", "file:///a"]
)
def test_a_link_that_runs_is_refused(target):
    with pytest.raises(SendRefusedError) as refused:
        check_links(f'<p>a</p><a href="{target}">b</a>')
    assert refused.value.reason == "bad_link"
    assert target not in str(refused.value)


@pytest.mark.parametrize("target", ["https://a.jp", "mailto:a@b.jp", "tel:+81", "/a:b", "#a", "", "?a=javascript:b"])
def test_other_links_pass(target):
    check_links(f'<a href="{target}" title="javascript:x">b</a>')
