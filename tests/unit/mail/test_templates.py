"""Templates: what they may say, what they cost, and what an error tells."""

from collections.abc import Iterator

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from nurture.errors import DefinitionError, SendRefusedError
from nurture.mail.templates import (
    LONGEST_OUTPUT,
    LONGEST_SOURCE,
    Kind,
    Rendered,
    _joined,
    check_template,
    compile_template,
    render,
)

LEAD = {"name": "山田", "nick": None, "company": "A & <b>B</b>", "score": 41.5, "tags": ("vip", "saas"), "items": "own"}
CONTEXT: dict[str, object] = {"lead": LEAD, "many": tuple(range(1000)), "locale": "ja", "zone": "Asia/Tokyo"}


def said(source: str, kind: Kind = Kind.TEXT) -> str:
    return compile_template(source, kind).render(CONTEXT, where="hello.text")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ lead.name }} 様", "山田 様"),
        ("{{ lead['name'] }}{{ lead.name[0] }}{{ lead.tags[-1] }}{{ lead.company[:3] }}", "山田山saasA &"),
        ("{{ lead.nick or 'お客' }}", "お客"),
        ("{{ lead.nick|default('お客') }}{{ lead.gone|d('x') }}", "お客x"),
        ("{% if lead.score >= 40 and 'vip' in lead.tags %}hot{% else %}cold{% endif %}", "hot"),
        ("{% if lead.name in ['山田', '田中'] %}yes{% endif %}", "yes"),
        ("{% for tag in lead.tags if tag != 'vip' %}{{ loop.index }}:{{ tag|upper }}{% endfor %}", "1:SAAS"),
        ("{% set who = lead.nick or lead.name %}{{ who ~ '!' ~ 1 }}", "山田!1"),
        ("{{ 1 + 2 * 3 - 4 // 3 }}{{ 7 % 4 }}{{ -2 }}", "63-2"),
        ("{{ 'a' + 'b' }}", "ab"),
        ("{{ lead.items }}", "own"),
        (
            "{{ lead.tags|join(', ') }} {{ lead.tags|length }} {{ lead.tags|first }} {{ lead.tags|last }}",
            "vip, saas 2 vip saas",
        ),
        ("{{ 12345.678|number(1) }} {{ 2.5|round }} {{ 1.25|round(1) }}", "12,345.7 3 1.3"),
        (
            "{{ ' x '|trim }}{{ 'abcdef'|truncate(4) }}{{ 'aB'|lower }}{{ 'ab cd'|title }}{{ 'ab'|capitalize }}",
            "xabc…abAb CdAb",
        ),
        ("{{ 'ä b'|urlencode }}", "%C3%A4%20b"),
        ("{% if lead.gone is defined %}x{% endif %}{% if lead.nick is none %}y{% endif %}", "y"),
        ("{# nothing #}{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("{% if true %}\nline\n{% endif %}\n\n", "line\n\n"),
    ],
)
def test_what_a_template_may_say(source: str, text: str) -> None:
    assert said(source) == text


def test_only_html_is_escaped() -> None:
    source = "{{ lead.company }}{{ '<' ~ lead.company|e }}{{ '<i>' + 'x' }}<br>"
    assert said(source, Kind.TEXT).startswith("A & <b>B</b>")
    assert said(source, Kind.HTML) == "A &amp; &lt;b&gt;B&lt;/b&gt;&lt;A &amp; &lt;b&gt;B&lt;/b&gt;&lt;i&gt;x<br>"


FORBIDDEN = [
    "{{ 'a'.ljust(100000000) }}",
    "{{ '{:100000000}'.format(1) }}",
    "{{ range(10) }}",
    "{{ cycler('a') }}",
    "{{ joiner() }}",
    "{{ namespace(a=1) }}",
    "{{ lipsum() }}",
    "{{ dict(a=1) }}",
    "{{ lead.name.upper() }}",
    "{{ lead.tags.append(1) }}",
    "{{ 2 ** 100 }}",
    "{{ {'a': 1} }}",
    "{{ [1, 2] }}",
    "{{ (1, 2)|join }}",
    "{{ lead[lead.name] }}",
    "{{ lead.name[lead.score:] }}",
    "{% macro a() %}{% endmacro %}",
    "{% call a() %}{% endcall %}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{% from 'x' import y %}",
    "{% extends 'x' %}",
    "{% block a %}{% endblock %}",
    "{% filter upper %}a{% endfilter %}",
    "{% set a %}x{% endset %}",
    "{% set a, b = lead.tags %}",
    "{% set lead.name = 1 %}",
    "{% with a = 1 %}{% endwith %}",
    "{% autoescape false %}{% endautoescape %}",
    "{% for a in lead.tags recursive %}{% endfor %}",
    "{% for a, b in lead.tags %}{% endfor %}",
    "{% do lead.x %}",
    "{{ self }}",
    "{{ lead.name|safe }}",
    "{{ lead|attr('x') }}",
    "{{ lead|pprint }}",
    "{{ lead|tojson }}",
    "{{ 'x'|center(100000000) }}",
    "{{ '%s'|format(lead) }}",
    "{{ 'x'|indent }}",
    "{{ 'x'|wordwrap }}",
    "{{ lead|xmlattr }}",
    "{{ lead|map('x') }}",
    "{{ 'x'|replace('x', 'y') }}",
    "{{ 1 is callable }}",
    "{{ lead.tags|join(*lead.tags) }}",
    "{{ 'x'|truncate(**lead) }}",
    "{{",
    "{% if %}",
    "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "{{ x" + "|upper" * 4000 + " }}",
    "{{ 1" + "9" * 6000 + " }}",
    "{{ 1 }}" * 6000,
    "x" * (LONGEST_SOURCE + 1),
]


@pytest.mark.parametrize("source", FORBIDDEN, ids=[source[:40] for source in FORBIDDEN])
@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.HTML])
def test_what_no_template_may_say(source: str, kind: Kind) -> None:
    with pytest.raises(DefinitionError, match=r"^line \d+: "):
        compile_template(source, kind)


def test_a_wrong_template_names_its_line() -> None:
    with pytest.raises(DefinitionError, match=r"^line 3: nothing can be called"):
        compile_template("a\nb\n{{ lead.name.upper() }}")
    with pytest.raises(DefinitionError, match=r"^line 2: No filter named 'nope'"):
        compile_template("a\n{{ lead|nope }}")


@pytest.mark.parametrize(
    ("source", "detail"),
    [
        ("\n{{ lead.nickname }}", "line 2: 'nickname' is not known"),
        ("{{ lead.nickname or 'x' }}", "line 1: 'nickname' is not known"),
        ("{{ lead.nickname|upper }}", "line 1: 'nickname' is not known"),
        ("{{ lead['__class__'] }}", "line 1: '__class__' is not known"),
        ("{{ lead.__class__ }}", "line 1: '__class__' is not known"),
        ("{{ lead.get }}", "line 1: 'get' is not known"),
        ("{{ nobody.name }}", "line 1: 'nobody' is not known"),
        ("{{ lead.name.upper }}", "line 1: 'upper' cannot be used"),
        ("{{ lead.name.format }}", "line 1: 'format' cannot be used"),
        ("{{ lead.name.__class__.__mro__ }}", "line 1: '__class__' cannot be used"),
        ("{{ lead.name['upper'] }}", "line 1: 'upper' is not known"),
        ("{% for a in lead.tags %}{{ loop.cycle }}{% endfor %}", "line 1: 'cycle' cannot be used"),
        ("{% for a in lead.tags %}\n\n{{ a + 1 }}{% endfor %}", "line 3: + is for numbers or for two texts"),
        ("{{ lead.nick }}", "line 1: it prints an empty value; write {{ … or '…' }}"),
        ("{{ lead }}", "line 1: it prints something that is not text, a number or a date"),
        ("{{ lead.tags }}", "line 1: it prints something that is not text, a number or a date"),
        ("{{ lead|upper }}", "line 1: a filter was given something that is not text"),
        ("{{ lead.nick|upper }}", "line 1: a filter was given an empty value"),
        ("{{ 'a' * 100000000 }}", "line 1: * is for numbers"),
        ("{{ '%100000000s' % 1 }}", "line 1: % is for numbers"),
        ("{{ lead.score / 0 }}", "line 1: ZeroDivisionError"),
        ("{{ lead.name - 1 }}", "line 1: TypeError"),
        ("{{ 9000000000000000000 * 9 }}", "line 1: * gave too big a number"),
        ("{% for a in lead.name %}{% endfor %}", "line 1: for walks over lists only"),
        ("{% for a in lead %}{% endfor %}", "line 1: for walks over lists only"),
        ("{% for a in many %}{% for b in many %}{% endfor %}{% endfor %}", "line 1: its loops take too many steps"),
        ("{% set a = 'x' %}" + "{% set a = a ~ a %}" * 30, "line 1: a filter was given too long a text"),
        ("{% set a = 'x' %}" + "{% set a = a + a %}" * 30, "line 1: a filter was given too long a text"),
    ],
)
@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.HTML])
def test_a_template_that_fails_tells_where_and_no_value(source: str, detail: str, kind: Kind) -> None:
    with pytest.raises(SendRefusedError) as caught:
        said(source, kind)
    assert caught.value.reason == "template_error"
    assert str(caught.value) == f"template_error: hello.text, {detail}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@given(st.text(min_size=3, max_size=30))
def test_no_error_tells_a_value(value: str) -> None:
    secret = f"秘密{value}"
    for source in (
        "{{ lead.n|number }}",
        "{{ lead.n - 1 }}",
        "{{ lead.n[0].x }}",
        "{{ lead.n.x }}",
        "{{ lead.n|date }}",
    ):
        with pytest.raises(SendRefusedError) as caught:
            compile_template(source).render({"lead": {"n": secret}})
        assert "秘密" not in str(caught.value)


@pytest.mark.parametrize(
    "source", ["{% for a in many %}{{ big }}{% endfor %}", "{{ big }}" * 65 + "{% if 0 %}{% endif %}"]
)
def test_output_is_bounded(source: str) -> None:
    template = compile_template(source)
    with pytest.raises(SendRefusedError) as caught:
        template.render({"many": tuple(range(1000)), "big": "x" * 16_384})
    assert caught.value.reason == "too_big"


def test_printing_stops_soon_after_it_is_too_much() -> None:
    made = 0

    def pieces() -> Iterator[str]:
        nonlocal made
        for made in range(1, 10_001):  # noqa: B007 - the count is looked at below
            yield "x" * 16_384

    assert len(_joined(pieces())) > LONGEST_OUTPUT
    assert made <= 128


def test_the_most_that_may_be_printed_is_printed() -> None:
    template = compile_template("{{ a }}")
    assert len(template.render({"a": "x" * LONGEST_OUTPUT})) == LONGEST_OUTPUT
    with pytest.raises(SendRefusedError, match="too_big"):
        template.render({"a": "x" * (LONGEST_OUTPUT + 1)})


def test_loops_have_a_fresh_budget_in_each_rendering() -> None:
    template = compile_template("{% for a in many %}{{ a }}{% endfor %}")
    assert len({template.render({"many": tuple(range(1000))}) for _ in range(50)}) == 1


def test_the_same_source_is_compiled_once_for_each_kind() -> None:
    assert compile_template("{{ a }}x") is compile_template("{{ a }}x")
    assert compile_template("{{ a }}x", Kind.HTML) is not compile_template("{{ a }}x")


def test_lead_data_is_never_a_template() -> None:
    for kind in Kind:
        assert compile_template("{{ a }}", kind).render({"a": "{{ 7 * 7 }}{% for %}"}) == "{{ 7 * 7 }}{% for %}"


def test_check_names_every_problem_with_its_near_miss() -> None:
    source = (
        "{{ lead.nam }}\n{{ leed.name }}{{ lead['compny'] }}{% for a in lead.tags %}{{ a.b }}{% endfor %}{{ params.x }}"
    )
    known = {"lead", "params", "lead.name", "lead.company", "lead.tags"}
    assert check_template(source, known, where="hello.text") == (
        "hello.text: unknown name 'leed'; did you mean 'lead'?",
        "hello.text: line 1: unknown field of lead 'nam'; did you mean 'name'?",
        "hello.text: line 2: unknown field of lead 'compny'; did you mean 'company'?",
    )
    assert check_template("{{ lead.name }}", known) == ()
    assert check_template("{{ lead.name", known, where="x") == (
        "x: line 1: unexpected end of template, expected 'end of print statement'.",
    )


@attrs.frozen
class Letter:
    subject: str
    text: str
    html: str | None = None


def test_a_message_is_rendered_in_all_its_parts() -> None:
    letter = Letter("\n{{ lead.name }} 様 ", "{{ lead.company }}\n", "<p>{{ lead.company }}</p>")
    assert render(letter, CONTEXT) == Rendered("山田 様", "A & <b>B</b>\n", "<p>A &amp; &lt;b&gt;B&lt;/b&gt;</p>")
    assert render(Letter("a", "b"), {}).html is None
    with pytest.raises(SendRefusedError, match=r"welcome\.html, line 1: 'x' is not known"):
        render(Letter("a", "b", "{{ lead.x }}"), CONTEXT, where="welcome")


@given(st.dictionaries(st.sampled_from(["name", "company"]), st.text(max_size=50), min_size=2))
def test_it_says_what_plain_jinja_says(lead: dict[str, str]) -> None:
    source = "{% if lead.name %}<p>{{ lead.name }}</p>{% else %}-{% endif %}{{ lead.company|upper }}"
    plain = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)
    assert compile_template(source, Kind.HTML).render({"lead": lead}) == plain.render({"lead": lead})
