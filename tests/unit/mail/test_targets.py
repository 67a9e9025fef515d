"""Where a link may lead, and what only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail import clean_target


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("https://example.jp", "https://example.jp"),
        ("http://example.jp:8080/a/b?c=d&e=f#g", "http://example.jp:8080/a/b?c=d&e=f#g"),
        ("HTTPS://EXAMPLE.jp/PATH", "https://example.jp/PATH"),
        ("https://例え.jp", "https://xn--r8jz45g.jp"),
        ("https://例え。jp/", "https://xn--r8jz45g.jp/"),  # the full stop of Japanese keyboards
        ("https://example.jp/資料", "https://example.jp/%E8%B3%87%E6%96%99"),
        ("https://example.jp/%E8%B3%87?a=%20", "https://example.jp/%E8%B3%87?a=%20"),
        ("https://example.jp?x=a@b", "https://example.jp?x=a@b"),
        ("https://example.jp/a@b:c//d", "https://example.jp/a@b:c//d"),
        ('https://example.jp/"<x>', "https://example.jp/%22%3Cx%3E"),
        ("https://192.0.2.7/", "https://192.0.2.7/"),
        ("http://localhost:8000/", "http://localhost:8000/"),
        ("https://xn--r8jz45g.jp/", "https://xn--r8jz45g.jp/"),
    ],
)
def test_an_address_on_the_web_is_written_in_one_way(target: str, expected: str) -> None:
    assert clean_target(target) == expected
    assert clean_target(expected) == expected


HOSTILE = [
    "",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "DATA:text/html;base64,AAAA",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://example.jp/",
    "mailto:a@example.jp",
    "tel:+81",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/path",
    "path",
    "#top",
    "?a",
    "https:",
    "https:/",
    "https://",
    "https:///evil.example",
    "https:evil.example",
    "https:\\\\evil.example",
    "https://good.example\\@evil.example",
    "https://good.example@evil.example",
    "https://good.example:80@evil.example",
    "https://a:b@evil.example/",
    "https://@evil.example",
    "https://evil.example\r\nSet-Cookie: a=b",
    "https://evil.example/\r",
    "https://evil.example/\n",
    "https://evil.example/\x00",
    "https://evil.example/\x85",
    "https://evil.example/\u2028",
    "https://evil.example/\u2029",
    "https://evil.example/\u200b",
    "https://evil.example/\u202egpj",
    "https://evil.example/\ufeff",
    "https://evil.example/\ud800",
    " https://evil.example",
    "https://evil.example ",
    "https://evil.example/a b",
    "https://evil.example/\u3000",
    "https://evil.example:99999/",
    "https://evil.example:/",
    "https://evil.example:-1/",
    "https://evil.example:８０/",
    "https://evil%2eexample/",
    "https://evil_example/",
    "https://.example/",
    "https://example./",
    "https://[::1]/",
    "https://0x7f.1/",
    "https://2130706433/",
    "https://127.1/",
    "https://0177.0.0.1/",
    "https://faß.example/",
    "https://faẞ.example/",
    "httpſ://evil.example/",
    "https://" + "a" * 300 + ".example/",
    "https://example.jp/".ljust(2_001, "x"),
    "https://example.jp/" + "資" * 300,
    "\x01https://evil.example",
    "view-source:https://evil.example",
    "{{ url }}",
    "https://{{ host }}/",
]


@pytest.mark.parametrize("target", HOSTILE)
def test_what_only_looks_like_one_is_none(target: str) -> None:
    assert clean_target(target) is None


@given(st.one_of(st.text(), st.text("htps:/@\\.#?a1%例 \n")).map(lambda rest: f"https://{rest}"))
def test_whatever_comes_out_is_plain_and_comes_out_again(target: str) -> None:
    cleaned = clean_target(target)
    if cleaned is not None:
        authority = cleaned.removeprefix("https://").replace("?", "/").replace("#", "/").partition("/")[0]
        assert cleaned.isascii()
        assert cleaned.isprintable()
        assert not set(authority) & set("@\\ ")
        assert clean_target(cleaned) == cleaned
