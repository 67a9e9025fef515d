"""Japanese and Western ways of addressing a person."""

import pytest

from nurture.mail.honorifics import Form, honorific
from nurture.mail.templates import compile_template

YAMADA = {
    "family_name": "山田",
    "given_name": "太郎",
    "company": "株式会社見本",
    "department": "営業部",
    "title": "部長",
}


@pytest.mark.parametrize(
    ("changes", "form", "text"),
    [
        ({}, "short", "山田 様"),
        ({}, "letter", "株式会社見本 営業部 部長 山田 様"),
        ({"title": "医師"}, "short", "山田 先生"),
        (
            {"title": "弁護士", "company": "見本法律事務所", "department": None},
            "letter",
            "見本法律事務所 弁護士 山田 先生",
        ),
        ({"title": "先生", "company": None, "department": None}, "letter", "山田 先生"),
        ({"title": "弁護士秘書"}, "short", "山田 様"),
        ({"family_name": None, "given_name": None, "name": "山田太郎"}, "short", "山田太郎 様"),
        ({"family_name": None, "given_name": None, "name": "山田　太郎"}, "short", "山田　太郎 様"),
        ({"family_name": None, "given_name": None, "name": "山田様"}, "short", "山田様"),
        ({"family_name": None, "given_name": None, "name": "John Smith"}, "short", "John Smith 様"),
        ({"family_name": None, "given_name": None}, "short", "ご担当者様"),
        ({"family_name": " ", "given_name": ""}, "short", "ご担当者様"),
        ({"family_name": None, "given_name": None}, "letter", "株式会社見本 営業部 御中"),
        ({"family_name": None, "given_name": None, "company": None, "department": None}, "letter", "ご担当者様"),
    ],
)
def test_in_japanese(changes: dict[str, str | None], form: str, text: str) -> None:
    assert honorific(YAMADA | changes, form=Form(form)) == text


@pytest.mark.parametrize(
    ("person", "form", "text"),
    [
        ({"family_name": "Lovelace", "given_name": "Ada"}, "short", "Ada Lovelace"),
        ({"family_name": "Lovelace", "given_name": "Ada", "title": "Dr."}, "short", "Dr. Lovelace"),
        ({"family_name": "Lovelace", "title": "Professor"}, "short", "Prof. Lovelace"),
        ({"name": "Ada King"}, "short", "Ada King"),
        ({"name": "Ada King", "company": "Analytical", "department": "R&D"}, "letter", "Ada King, R&D, Analytical"),
        ({"company": "Analytical"}, "letter", "Analytical"),
        ({}, "short", "Sir or Madam"),
        ({}, "letter", "Sir or Madam"),
    ],
)
def test_in_western_languages(person: dict[str, str], form: str, text: str) -> None:
    assert honorific(person, locale="en", form=Form(form)) == text


def test_no_title_is_followed_by_sama() -> None:
    for form in Form:
        assert "部長 様" not in honorific(YAMADA | {"family_name": None, "given_name": None}, form=form)


@pytest.mark.parametrize(
    ("source", "locale", "text"),
    [
        ("{{ lead|honorific }}", "ja", "山田 様"),
        ("{{ lead|honorific('letter') }}", "ja-JP", "株式会社見本 営業部 部長 山田 様"),
        ("{{ lead|honorific }}", "en", "太郎 山田"),
    ],
)
def test_the_filter_follows_the_message_language(source: str, locale: str, text: str) -> None:
    assert compile_template(source).render({"lead": YAMADA, "locale": locale}) == text
