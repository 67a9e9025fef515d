"""A message in the words for one person: language, layout, blocks, preheader, signature, and their bounds."""

from typing import Any

import attrs
import pytest

from nurture import Message, Program, q
from nurture.errors import SendRefusedError
from nurture.mail import Rendered
from nurture.mail.bodies import bodies_for, mentioned, translation_for
from nurture.mail.context import context_of
from nurture.mail.owner import Owner
from nurture.mail.preheader import OPENING
from nurture.model import Lead, LeadId, SubjectId
from nurture.program import Block, Choice, Layout, Translation
from tests.unit.mail.test_context import LEAD

OWNER = Owner("見本 花子", "hanako@example.jp", "営業部\n見本 花子 <内線1>")


def said(
    message: Message,
    *,
    locale: str = "ja",
    choices: dict[str, str] | None = None,
    owner: Owner | None = None,
    lead: Lead = LEAD,
    **declared: Any,
) -> Rendered:
    program = Program(messages=[message], **{"locale": "ja", **declared})
    context = context_of(lead, owner=owner, locale=program.locale)
    return bodies_for(program, message, locale=locale, context=context, choices=choices or {})


def letter(text: str | None = "t", html: str | None = None, **fields: Any) -> Message:
    return Message("hello", "transactional", fields.pop("subject", "s"), text, html, **fields)


TRANSLATED = letter(
    "自分",
    translations=[Translation("en", "s", "en"), Translation("zh-Hant", "s", "zh"), Translation("pt_BR", "s", "pt")],
)


@pytest.mark.parametrize(
    ("locale", "fallback", "taken"),
    [
        ("en", "ja", "en"),
        ("en-GB", "ja", "en"),
        ("EN_us", "ja", "en"),
        ("zh-Hant-TW", "ja", "zh"),
        ("zh", "ja", "自分"),
        ("zh-Hans", "ja", "自分"),
        ("pt-BR", "ja", "pt"),
        ("pt", "ja", "自分"),
        ("fr", "ja", "自分"),
        ("fr", "en-US", "en"),
        ("", "en", "en"),
        ("", "", "自分"),
        ("de-x-en", "ja", "自分"),
    ],
)
def test_the_language_is_looked_up_from_exact_to_short_then_the_programs(
    locale: str, fallback: str, taken: str
) -> None:
    assert translation_for(TRANSLATED, locale, fallback).text == taken


def test_the_language_that_was_taken_is_told_and_is_that_of_the_words() -> None:
    message = letter("{{ lead|honorific }}", translations=[Translation("en", "s", "{{ lead|honorific }}")])
    lead = attrs.evolve(LEAD, name=None, family_name="Lovelace", given_name="Ada")
    assert (said(message, locale="en-GB", lead=lead).text, said(message, locale="en-GB").locale) == (
        "Ada Lovelace",
        "en",
    )
    assert (said(message, locale="fr", lead=lead).text, said(message, locale="fr").locale) == ("Lovelace 様", "ja")
    alone = said(letter("{{ lead|honorific }}"), locale="en", lead=lead)  # the words are in the program's language
    assert (alone.text, alone.locale) == ("Lovelace 様", "ja")


def test_a_translation_has_all_parts_of_its_own() -> None:
    message = letter("t", "<p>h", preheader="p", translations=[Translation("en", "Subject", "Text", "<p>Html", "Pre")])
    rendered = said(message, locale="en")
    assert (rendered.subject, rendered.text, rendered.preheader) == ("Subject", "Text", "Pre")
    assert rendered.html is not None
    assert rendered.html.endswith("<p>Html")


def test_text_is_made_of_html_where_there_is_none() -> None:
    assert said(letter(None, "<p>a</p><p>b</p>")).text == "a\n\nb\n"
    assert said(letter("  \n", "<p>a</p>")).text == "a\n"
    assert said(letter("own", "<p>a</p>")).text == "own"
    assert said(letter("own")).html is None


LAYOUT = Layout("frame", "<html><body><h1>A</h1>{{ content }}</body></html>", "[{{ content }}]")


def test_a_layout_stands_around_and_content_is_not_escaped_twice() -> None:
    message = letter("{{ lead.company }} & co", "<p>{{ lead.company }} &amp; co</p>", layout="frame")
    rendered = said(message, layouts=[LAYOUT], lead=attrs.evolve(LEAD, company="<A>"))
    assert rendered.html == "<html><body><h1>A</h1><p>&lt;A&gt; &amp; co</p></body></html>"
    assert rendered.text == "[<A> & co]"


def test_text_is_made_of_the_whole_page_unless_the_layout_has_a_text() -> None:
    message = letter(None, "<p>a</p>", layout="frame")
    assert said(message, layouts=[LAYOUT]).text == "[a\n]"
    assert said(message, layouts=[attrs.evolve(LAYOUT, text="")]).text == "A\n\na\n"
    assert said(letter("a", layout="frame"), layouts=[attrs.evolve(LAYOUT, text="")]).text == "a"
    assert said(letter("a", layout="frame"), layouts=[LAYOUT]).html is None


def test_style_sheets_are_inlined_where_the_layout_says_so() -> None:
    styled = Layout("frame", "<html><head><style>p{color:red}</style></head><body>{{ content }}</body></html>")
    message = letter(None, "<p>a</p>", layout="frame", preheader="p")
    plain = said(message, layouts=[styled]).html or ""
    inline = said(message, layouts=[attrs.evolve(styled, inline_css=True)]).html or ""
    assert "<p>a</p>" in plain
    assert '<p style="color: red;">a</p>' in inline
    assert f"<body>{OPENING}p" in inline


OFFER = Block(
    "offer",
    "<b>{{ lead.company }}</b>",
    choices=[Choice("plain", q.everyone, text="a<b\nc"), Choice("rich", q.everyone, html="<i>&lt;x&gt;</i>")],
)


@pytest.mark.parametrize(
    ("choice", "text", "html"),
    [
        (None, "<A>", "<b>&lt;A&gt;</b>"),
        ("unknown", "<A>", "<b>&lt;A&gt;</b>"),
        ("plain", "a<b\nc", "a&lt;b<br>\nc"),
        ("rich", "<x>", "<i>&lt;x&gt;</i>"),
    ],
)
def test_a_block_shows_what_was_chosen_as_html_and_as_text(choice: str | None, text: str, html: str) -> None:
    message = letter("{{ blocks.offer }}|", "{{ blocks['offer'] }}|")
    lead = attrs.evolve(LEAD, company="<A>")
    rendered = said(message, choices={"offer": choice} if choice else {}, lead=lead, blocks=[OFFER])
    assert (rendered.text, rendered.html) == (f"{text}|", f"{html}|")


def test_only_blocks_that_are_said_are_rendered() -> None:
    failing = Block("offer", "{{ params.nothing }}")
    message = letter("{% if lead.company == '?' %}{{ blocks.offer }}{% endif %}a")
    assert said(message, blocks=[failing]).text == "a"
    with pytest.raises(SendRefusedError, match="block offer, line 1: 'nothing' is not known"):
        said(letter("{{ blocks.offer }}"), blocks=[failing])


def test_blocks_stand_in_subjects_preheaders_and_layouts_too() -> None:
    layout = Layout("frame", "{{ content }}/{{ blocks.offer }}", "{{ content }}/{{ blocks.offer }}")
    message = letter("t", "h", subject="{{ blocks.offer }}", preheader="{{ blocks.offer }}", layout="frame")
    rendered = said(message, blocks=[Block("offer", "<b>x</b>")], layouts=[layout])
    assert (rendered.subject, rendered.preheader, rendered.text) == ("x", "x", "t/x")
    assert rendered.html is not None
    assert rendered.html.endswith("h/<b>x</b>")


def test_a_preheader_is_hidden_unless_the_layout_shows_it_itself() -> None:
    message = letter("t", "<p>h</p>", preheader=" {{ lead.company }}\n now ", layout="frame")
    lead = attrs.evolve(LEAD, company="<A>")
    rendered = said(message, layouts=[LAYOUT], lead=lead)
    assert rendered.preheader == "<A> now"
    assert f"<body>{OPENING}&lt;A&gt; now&zwnj;" in (rendered.html or "")
    own = said(message, layouts=[Layout("frame", "<i>{{ preheader }}</i>{{ content }}")], lead=lead)
    assert own.html == "<i>&lt;A&gt; now</i><p>h</p>"


def test_the_owners_signature_stands_below_unless_a_template_shows_it() -> None:
    message = letter("t", "<p>h</p>", from_owner=True)
    rendered = said(message, owner=OWNER)
    assert rendered.text == "t\n\n-- \n営業部\n見本 花子 <内線1>\n"
    assert rendered.html == "<p>h</p><p>営業部<br>見本 花子 &lt;内線1&gt;</p>"
    assert said(letter("t"), owner=OWNER).text == "t"
    assert said(message).text == "t"
    assert said(letter("{{ owner.signature }}", from_owner=True), owner=OWNER).text == OWNER.signature
    own = said(
        letter("t", "{{ owner.signature_html }}", from_owner=True), owner=attrs.evolve(OWNER, signature_html="<b>x</b>")
    )
    assert own.html == "<b>x</b>"


def test_one_budget_holds_for_the_whole_mail() -> None:
    loop = "{% for a in lead.tags %}{% for b in lead.tags %}x{% endfor %}{% endfor %}"
    lead = attrs.evolve(LEAD, tags=tuple("abcdefghijklmnopqrst"))
    assert said(letter(loop), lead=lead).text == "x" * 400
    with pytest.raises(SendRefusedError, match="its loops take too many steps"):
        said(letter(loop * 8, loop * 8, subject=loop * 4), lead=lead)


def test_what_is_printed_is_bounded_for_the_whole_mail() -> None:
    lead = attrs.evolve(LEAD, attributes={"note": "x" * 10_000})
    blocks = [Block(f"b{number}", "{{ lead.note }}" * 90) for number in range(6)]
    message = letter("{{ blocks.b0 }}{{ blocks.b1 }}{{ blocks.b2 }}{{ blocks.b3 }}{{ blocks.b4 }}{{ blocks.b5 }}")
    with pytest.raises(SendRefusedError) as caught:
        said(message, lead=lead, blocks=blocks)
    assert caught.value.reason == "too_big"


@pytest.mark.parametrize(
    ("part", "where"),
    [("text", "message hello.text"), ("html", "message hello.html"), ("subject", "message hello.subject")],
)
def test_a_template_that_fails_names_its_place(part: str, where: str) -> None:
    fields: dict[str, Any] = {"text": "t", "html": "h", "subject": "s", part: "a\n{{ params.x }}"}
    with pytest.raises(SendRefusedError, match=f"{where}, line 2: 'x' is not known"):
        said(letter(**fields))


def test_lead_data_is_never_a_template() -> None:
    lead = Lead(
        id=LeadId(SubjectId("lead_x")), created_at=LEAD.created_at, email="a@b.jp", company="{{ 7*7 }}{% raw %}"
    )
    message = letter("{{ lead.company }}", "{{ blocks.offer }}", layout="frame", preheader="{{ lead.company }}")
    rendered = said(message, lead=lead, blocks=[OFFER], layouts=[LAYOUT])
    assert rendered.text == "[{{ 7*7 }}{% raw %}]"
    assert rendered.html is not None
    assert "49" not in rendered.html
    assert rendered.html.count("{{ 7*7 }}{% raw %}") == 2


def test_the_plan_of_a_message_is_kept_and_not_mistaken_for_that_of_another() -> None:
    first, second = letter("first"), letter("second")
    program = Program(messages=[first])
    for message in (first, second, first):
        assert bodies_for(program, message, locale="", context=context_of(LEAD)).text == message.text


def test_what_a_message_mentions() -> None:
    message = letter("{{ lead.company }}", layout="frame", translations=[Translation("en", "{{ params.x }}", "t")])
    program = Program(messages=[message], layouts=[LAYOUT], blocks=[Block("offer", "{{ confirm_url }}")])
    assert mentioned(program, message) >= {"lead", "company", "params", "x", "content", "confirm_url"}
    assert "preferences_url" not in mentioned(program, message)
    assert mentioned(program, message) is mentioned(program, message)


def test_links_that_the_author_wrote_out_are_no_data() -> None:
    html = '<img alt="" src="data:image/png;base64,AAAA"><a href="{{ lead.note }}">x</a>'
    assert said(letter("t", html), lead=attrs.evolve(LEAD, attributes={"note": "https://a.jp"})).html is not None
    for target in ("javascript:x", "data:image/png;base64,BBBB"):
        with pytest.raises(SendRefusedError) as caught:
            said(letter("t", html), lead=attrs.evolve(LEAD, attributes={"note": target}))
        assert caught.value.reason == "bad_link"
