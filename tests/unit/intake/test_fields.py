"""The names of columns, and the names of attributes."""

from collections import Counter

import pytest

from nurture.intake.fields import NAMES, Field, attribute_name, header_key


def test_each_field_has_names_and_each_name_is_one_field():
    counts = Counter(name for names in NAMES.values() for name in names)
    assert set(NAMES) == set(Field)
    assert [name for name, count in counts.items() if count > 1] == []


def test_names_are_written_as_they_are_compared():
    names = [name for names in NAMES.values() for name in names]
    assert [name for name in names if header_key(name) != name] == []


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("E-mail", "email"),
        ("Ｅ－ＭＡＩＬ", "email"),
        (" First_Name ", "firstname"),
        ("姓（必須）", "姓"),
        ("ﾒｰﾙｱﾄﾞﾚｽ", "メールアドレス"),
        ("必須", "必須"),
    ],
)
def test_headers_are_compared_folded(header, key):
    assert header_key(header) == key


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Page Views / Visit", "page_views_visit"),
        ("従業員数（名）", "従業員数_名"),
        ("2nd visit", "column_2nd_visit"),
        ("***", "column"),
        ("leadScore", "lead_score"),
    ],
)
def test_an_attribute_has_a_name_that_code_can_use(header, name):
    assert attribute_name(header, ()) == name
    assert name.isidentifier()


def test_an_attribute_gives_way_to_others():
    assert attribute_name("City", {"city", "city_2"}) == "city_3"
    assert attribute_name("Source", {"custom_source"}, {"source"}) == "custom_source_2"
