"""Style sheets go into the elements; what cannot stays; nothing is fetched; too deep is refused."""

import sys

import pytest

from nurture.errors import DefinitionError, SendRefusedError
from nurture.mail import stylesheets
from nurture.mail.stylesheets import DEEPEST, inlined, require_inliner


def test_rules_go_into_elements_and_at_rules_stay() -> None:
    html = inlined("<style>p { color: red } @media (max-width: 9px) { p { color: blue } }</style><p>a</p>")
    assert '<p style="color: red;">a</p>' in html
    assert "@media (max-width: 9px)" in html
    assert "color: red }" not in html


def test_comments_for_outlook_and_the_doctype_stay() -> None:
    html = inlined("<!DOCTYPE html><body><!--[if mso]><b>x</b><![endif]--><p>日本</p></body>")
    assert html.startswith("<!DOCTYPE html>")
    assert "<!--[if mso]><b>x</b><![endif]-->" in html


@pytest.mark.parametrize("href", ["file:///etc/hostname", "https://example.invalid/a.css", "/etc/hostname"])
def test_nothing_is_fetched(href: str) -> None:
    assert inlined(f'<link rel="stylesheet" href="{href}"><p>a</p>').count("style=") == 0


def test_what_would_end_the_process_is_refused() -> None:
    assert "a" in inlined("<div>" * DEEPEST + "a")
    with pytest.raises(SendRefusedError) as caught:
        inlined("<div>" * (DEEPEST + 1) + "a")
    assert caught.value.reason == "bad_stylesheet"


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "css_inline", None)
    stylesheets._inliner.cache_clear()
    try:
        with pytest.raises(DefinitionError, match=r"nurture-crm\[mail\]"):
            require_inliner()
    finally:
        stylesheets._inliner.cache_clear()
