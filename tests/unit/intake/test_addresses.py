"""What is an address or a number, and what is said of the rest."""

import pytest

from nurture.intake.addresses import check_email, check_phone


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("taro@example.jp", "taro@example.jp"),
        ("  Taro.Yamada+news@Example.CO.JP ", "Taro.Yamada+news@Example.CO.JP"),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ", "taro@example.jp"),
        ("da..me.@docomo.ne.jp", "da..me.@docomo.ne.jp"),
        ('"da..me."@docomo.ne.jp', "da..me.@docomo.ne.jp"),
        (".abc@ezweb.ne.jp", ".abc@ezweb.ne.jp"),
        ("taro@例え.jp", "taro@例え.jp"),
    ],
)
def test_a_usable_address_is_kept(text, value):
    assert check_email(text) == (value, "")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("taro", "no @ sign"),
        ("a@example.jp; b@example.jp", "more than one @ sign"),
        ("taro yamada@example.jp", "a blank inside"),
        ("taro\u200b@example.jp", "an invisible character"),
        ("@example.jp", "nothing before or after the @ sign"),
        ("taro@", "nothing before or after the @ sign"),
        ("a" * 65 + "@example.jp", "too long"),
        ("taro@localhost", "a domain without a dot"),
        ("taro@-bad-.example.jp", "a malformed domain"),
        ("taro@example..jp", "a malformed domain"),
        ("Taro<taro@example.jp", "a sign that cannot stand before the @"),
        ("da..me@example.jp", "a dot at an edge or two in a row"),
        ("taro@example.jp\r\nBcc:x.jp", "a blank inside"),
    ],
)
def test_a_bad_address_is_named_by_its_class(text, wrong):
    assert check_email(text) == (None, wrong)


@pytest.mark.parametrize(
    "text",
    [
        "03-0000-1234",
        "０３（0000）1234",
        "+81 (0)3 0000 1234",
        "03−0000ー1234",
        "03-0000-1234 内線5",
        "1-202-555-0134 x12",
    ],
)
def test_a_number_is_kept_as_it_was_written(text):
    assert check_phone(text) == (text, "")


@pytest.mark.parametrize("text", ["123", "none", "03-0000-1234 / 090-0000-1234", "+", "0" * 16, "taro@example.jp"])
def test_what_is_no_number_is_refused(text):
    assert check_phone(text) == (None, "not 7 to 15 digits")
