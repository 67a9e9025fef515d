import pytest

from nurture.errors import SendRefusedError
from nurture.mail.places import check_links, links_vary, own_links, place_problems
from tests.mail.steps import steps_of


@pytest.mark.parametrize(
    ("source", "line", "word"),
    [
        ("<p>\n<p title={{ lead.name }}>", 2, "quotation marks"),
        ("<p {{ lead.name }}>", 1, "in a tag"),
        ("<{{ lead.name }}>", 1, "name of an element"),
        ("<p onclick='{{ lead.name }}'>", 1, "'onclick'"),
        ("<iframe srcdoc='{{ lead.name }}'>", 1, "'srcdoc'"),
        ("<p style='color: {{ lead.color }}'>", 1, "'style'"),
        ("<p style='color: {{ params.color }}'>", 1, "'style'"),
        ("<script>\n\n{{ lead.name }}</script>", 3, "script"),
        ("<STYLE>p { color: {{ lead.name }} }</STYLE>", 1, "style"),
        ("{% if a %}{% endif %}\n{# {{ #}<p a={{ b }}>", 2, "quotation marks"),
        ("<p>\n{{ a }}\ue000</p>", 2, "U+E000"),
        ("\n<p title='{{ content }}'>", 2, "between tags only"),
        ("<title>{{ blocks.offer }}</title>", 1, "between tags only"),
        ("<textarea><script>{{ a }}</script>", 1, "script"),
        ("<plaintext><p style='{{ lead.color }}'>", 1, "'style'"),
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
        "<p style='color: {{ sender.color }}; width: {{ campaign.width }}'>",
        "{{ a }} < {{ b }}",
        "<style>p { color: red }</style>{{ a }}",
        "<script></script>{{ a }}",
        "<!-- {{ a }} -->",
        "<p{% if a %} hidden{% endif %}>",
        "{{ unclosed <p a={{ b }}>",
        "<p style='color:{% if sender.color %}{{ sender.color }}{% else %}red{% endif %}'>",
        "<td{% if loop.first %} class='first'{% endif %}>{{ a }}</td>",
        "<a {% if a %}href='{{ a }}'{% else %}name='{{ b }}'{% endif %}>",
        "{% if a %}<a href='{{ a }}'>{% endif %}x{% if a %}</a>{% endif %}",
        "<p title='a{% if b %}' lang='{% endif %}'>{{ a }}",
        "<title>{{ a }}</title><noscript>{{ a }}</noscript>",
        "<!--[if mso]><table><tr><td width={{ '600' }}><![endif]-->{{ a }}",
        "{{ content }}",
        "<style>a > b { c: 'd' }</style><script type='application/ld+json'>{\"a\": \"b's\"}</script>{{ a }}",
    ],
)
def test_text_and_quoted_attributes_are_fine(source):
    assert list(place_problems(source, "m.html")) == []


@pytest.mark.parametrize(
    "said",
    [
        "{{ sender.x or lead.name }}",
        "{{ sender.x ~ lead.name }}",
        "{{ owner.name if lead.name else lead.name }}",
        "{{ sender.x|default(lead.name) }}",
        "{{ sender.x }}{{ lead.name }}",
        "{{ '}}' ~ lead.name }}",
        "{% print lead.name %}",
        "{% set x = lead.name %}{{ x }}",
        "{% set x = y %}{% set y = lead.name %}{{ x }}",
        "{% set sender = lead %}{{ sender.name }}",
        "{% set lead = sender %}{{ lead.name }}",
        "{% for lead in sender.all %}{% endfor %}{{ lead.name }}",
        "{{ lead.name }}{% set lead = sender %}",
        "{% for sender in lead.tags %}{{ sender }}{% endfor %}",
        "{% raw %}{#{% endraw %}{{ lead.name }}{# #}",
    ],
)
def test_a_leads_data_reaches_a_style_in_no_way(said):
    (problem,) = place_problems(f'<div style="{said}">', "m.html")
    assert "'style'" in problem


def test_what_was_set_before_reaches_a_style_neither():
    (problem,) = place_problems("{% set sender = lead %}\n<div style='{{ sender.name }}'>", "m.html")
    assert problem == "m.html: line 2: data of a lead, or given along, cannot be printed in 'style'"


@pytest.mark.parametrize(
    "said",
    [
        "{{ '#fff' }}",
        "{{ sender.x or 'red' }}",
        "{{ sender['x']|default(d='red')|lower }}",
        "{{ 'red' if sender.x is defined and sender.x is not none else sender.name }}",
        "{% set x = sender.lead %}{{ x }}",
        "{% for one in sender.all %}{{ one }}{{ loop.index }}{% endfor %}",
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


@pytest.mark.parametrize(
    "source",
    [
        "<p {% if a %}title='{% endif %}{{ lead.name }}{% if a %}'{% endif %}>",
        "<p {% if a %}title='{% else %}style='{% endif %}{{ lead.name }}'>",
        "<script>{% if a %}</script>{% endif %}{{ lead.name }}</script>",
        "{% if a %}<!--{% endif %}<script>{{ lead.name }}</script>{% if a %}-->{% endif %}",
        "{% if a %}<p title='{% endif %}<script>{{ lead.name }}</script>{% if a %}'>{% endif %}",
        "<scr{% if a %}ipt{% endif %}>{{ lead.name }}</script>",
        "<scr{# Jinja takes the line end behind it #}\nipt>{{ lead.name }}</script>",
        "<scr{% if a %}\nipt{% endif %}\n>{{ lead.name }}</script>",
        "{% for a in b %}<p title='{% endfor %}{{ lead.name }}'>",
        "{% for a in b %}{{ lead.name }}<p title={% endfor %}",
        "{% if a %}{% elif b %}<style>{% endif %}{{ lead.name }}</style>",
        "<!-- {{ lead.name }}><script>{{ lead.name }}</script> -->",
    ],
)
def test_one_way_through_its_statements_is_enough(source):
    assert list(place_problems(source, "m.html"))


@pytest.mark.parametrize("end", ["<p", "<p title='", "<!-- ", "<style>", "<title>", "</p", "<a href='x>y</a>"])
def test_a_template_ends_between_tags_for_others_follow(end):
    (problem,) = place_problems(f"<p>{end}", "m.html")
    assert problem.startswith("m.html: it ends in the middle of ")


def test_statements_are_followed_within_bounds():
    (problem,) = place_problems("<p>" + "{% if a %}" * 40 + "{% endif %}" * 40, "m.html")
    assert "too deeply" in problem
    assert links_vary("<p>" + "{% if a %}" * 40 + "{% endif %}" * 40)
    assert own_links("<a href='x'>" + "{% if a %}" * 40 + "{% endif %}" * 40) == ()


@pytest.mark.parametrize(
    "piece",
    [
        *("{{", "{%", "{#", "<", "<a", "<a>", "<script>", "<title>", "<title></title>", "<!-->", "{{ a }}<a b={{"),
        *('<p style="{{ params.a }}">', "<a href='{{ a }}'>", "{% if a %}<a>{% endif %}", "<p {% if a %}'{% endif %}"),
        *("{% for a in b %}<!--{% endfor %}", "{% set a = b %}", "{% if a %}<p '{% else %}<p {% endif %}"),
    ],
)
def test_it_takes_steps_in_proportion_to_the_source_whatever_is_broken(piece):
    def cost(times):
        def look():
            list(place_problems(piece * times, "m.html"))
            links_vary(piece * times)

        return steps_of(look, *(f"nurture.mail.{name}" for name in ("places", "_marks", "_paths", "_states", "_tags")))

    assert cost(200) < 2.3 * cost(100)


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
        ("<a {% if a %}title='{% endif %} href='{{ lead.page }}'>", True),
        ("{% if a %}<!--{% endif %}<a href='{{ lead.page }}'>{% if a %}-->{% endif %}", True),
        ("<a href='&#106;{{ lead.page }}'>", True),
        ("<a href='https://a.jp/?b&amp;c={{ lead.page }}'>", False),
        ("{% set lead = unsubscribe_url %}<a href='{{ lead }}'>", True),
        ("\ue000<a href='/x'>", True),
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
