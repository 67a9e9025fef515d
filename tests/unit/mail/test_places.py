import pytest

from nurture.errors import SendRefusedError
from nurture.mail.places import check_links, links_vary, own_links, place_problems


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


@pytest.mark.parametrize(
    "said",
    [
        "{{ params.x or lead.name }}",
        "{{ params.x ~ lead.name }}",
        "{{ owner.name if lead.name else lead.name }}",
        "{{ params.x|default(lead.name) }}",
        "{{ params.x }}{{ lead.name }}",
        "{{ '}}' ~ lead.name }}",
        "{% print lead.name %}",
        "{% set x = lead.name %}{{ x }}",
        "{% set x = y %}{% set y = lead.name %}{{ x }}",
        "{% set params = lead %}{{ params.name }}",
        "{% for sender in lead.tags %}{{ sender }}{% endfor %}",
        "{% raw %}{#{% endraw %}{{ lead.name }}{# #}",
    ],
)
def test_a_leads_data_reaches_a_style_in_no_way(said):
    (problem,) = place_problems(f'<div style="{said}">', "m.html")
    assert "'style'" in problem


def test_what_was_set_before_reaches_a_style_neither():
    (problem,) = place_problems("{% set params = lead %}\n<div style='{{ params.name }}'>", "m.html")
    assert problem == "m.html: line 2: a lead's data cannot be printed in 'style'"


@pytest.mark.parametrize(
    "said",
    [
        "{{ '#fff' }}",
        "{{ params.x or 'red' }}",
        "{{ params['x']|default(d='red')|lower }}",
        "{{ 'red' if params.x is defined and params.x is not none else sender.name }}",
        "{% set x = params.lead %}{{ x }}",
        "{% for one in params.all %}{{ one }}{{ loop.index }}{% endfor %}",
    ],
)
def test_what_the_author_gives_may_stand_in_a_style(said):
    assert list(place_problems(f'<div style="{said}">', "m.html")) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p title={% print lead.name %}>",
        "<p title={% if lead.name %}'{% endif %}{{ lead.name }}'>",
        "{% raw %}{#{% endraw %}<p title={{ lead.name }}>{# #}",
    ],
)
def test_quotation_marks_stand_there_always(source):
    (problem,) = place_problems(source, "m.html")
    assert "quotation marks" in problem


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
        ("<a href='java{{ lead.page }}'>", True),
        ("<a href='{{ unsubscribe_url or lead.page }}'>", True),
        ("<a href='{% if a %}{{ unsubscribe_url }}/{% else %}{{ lead.page }}{% endif %}'>", True),
        ("<a href='{% if a %}https://{% endif %}{{ lead.page }}'>", True),
        ("{% set unsubscribe_url = lead.page %}<a href='{{ unsubscribe_url }}'>", True),
        ("<a href='{% print lead.page %}'>", True),
        ("<img srcset='/1.png 1x, {{ lead.page }} 2x'>", True),
        ("<meta http-equiv=Refresh content='0;url={{ lead.page }}'>", True),
        ("<meta http-equiv='{{ a }}' content='{{ lead.page }}'>", True),
        ("<meta name=description content='{{ lead.page }}'>", False),
        ("<a href='/{{ lead.page }}'>", False),
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


@pytest.mark.parametrize(
    "html",
    [
        "<img srcset='https://a.jp/1.png 1x, javascript:x 2x'>",
        "<meta http-equiv=' REFRESH ' content='0; url=javascript:x'>",
        "<meta content=\"0;URL='javascript:x'\" http-equiv=refresh>",
        "<meta http-equiv=refresh content='0;javascript:x'>",
    ],
)
def test_a_place_that_leads_somewhere_is_a_link(html):
    with pytest.raises(SendRefusedError):
        check_links(html)


def test_other_lists_and_meta_elements_pass():
    check_links("<img srcset='https://a.jp/1.png 1x, /2.png 2x'><meta name=description content='Say: x'>")
    check_links("<meta http-equiv=refresh content='5; url=https://a.jp'><meta http-equiv=refresh content=x>")


def test_links_that_the_author_wrote_out():
    html = "<a href='x:y'><a href='x:{{ a }}'><a href='x:{% if a %}z{% endif %}'><img src='data:,a'>"
    assert own_links(html) == ("x:y", "data:,a")
    check_links("<a href='x:y'>", own_links(html))
    with pytest.raises(SendRefusedError):
        check_links("<a href='x:z'>", own_links(html))
