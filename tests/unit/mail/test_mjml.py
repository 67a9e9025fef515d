"""MJML becomes HTML, Jinja stays; what is wrong is told with its line."""

import sys

import pytest

from nurture.errors import DefinitionError
from nurture.mail import Kind, compile_template, mjml
from nurture.mail.mjml import LONGEST_SOURCE, html_from_mjml

SOURCE = """<mjml>
  <mj-body><mj-section><mj-column>
    <mj-text>{% if lead.company %}{{ lead.company }} &amp; co{% endif %} {{ lead|honorific }}</mj-text>
    <mj-button href="{{ unsubscribe_url }}">x</mj-button>
    <mj-raw>{% for one in params.topics %}<p>{{ one }}</p>{% endfor %}</mj-raw>
  </mj-column></mj-section></mj-body>
</mjml>"""


def test_templates_survive_and_render() -> None:
    context = {
        "lead": {"company": "A", "family_name": "山田"},
        "unsubscribe_url": "https://a.jp/u",
        "params": {"topics": ("<1>",)},
    }
    html = compile_template(html_from_mjml(SOURCE), Kind.HTML).render(context)
    assert "A &amp; co 山田 様" in html
    assert 'href="https://a.jp/u"' in html
    assert "<p>&lt;1&gt;</p>" in html


def test_nothing_of_somebody_elses_servers_stands_in_it() -> None:
    assert "googleapis" not in html_from_mjml(SOURCE)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "<mjml>\n<mj-body>\n<mj-txt>a</mj-txt></mj-body></mjml>",
            "line 3: unknown element 'mj-txt'; did you mean 'mj-text'",
        ),
        ("<mjml>\n<mj-include path='/etc/hostname'/></mjml>", "line 2: nothing can be included"),
        ("<mjml>\n< MJ-Include path='x'/></mjml>", "line 2: nothing can be included"),
        ("<mjml>\n<mj-body>", "line 2: unexpected end of stream"),
        ("<p>a</p>", "mjml: "),
        ("", "mjml: "),
        ("x" * (LONGEST_SOURCE + 1), "at most"),
        ("<mjml><mj-body>" + "<b>" * 5000, "deep in each other"),
    ],
)
def test_what_is_wrong_is_told(source: str, said: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        html_from_mjml(source)
    assert said in str(caught.value)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mjml", None)
    mjml._converter.cache_clear()
    try:
        with pytest.raises(DefinitionError, match=r"nurture-crm\[mjml\]"):
            html_from_mjml(SOURCE)
    finally:
        mjml._converter.cache_clear()
