"""The preheader is the first thing in the body, hidden, escaped and padded."""

import pytest

from nurture.mail.plaintext import text_from_html
from nurture.mail.preheader import OPENING, PREVIEWED, around_preheader, with_preheader


@pytest.mark.parametrize(
    ("html", "before"),
    [
        ("<p>a</p>", ""),
        ("<body class='x'><p>a</p>", "<body class='x'>"),
        (
            "<!DOCTYPE html><html><head><title>t</title></head><body><p>a</p>",
            "<!DOCTYPE html><html><head><title>t</title></head><body>",
        ),
        ("<html><head></head><p>a</p>", "<html><head></head>"),
        ("<!-- <body> --><body><p>a</p>", "<!-- <body> --><body>"),
        ("text only", ""),
    ],
)
def test_it_stands_at_the_beginning_of_the_body(html: str, before: str) -> None:
    made = with_preheader(html, "now")
    assert made.startswith(f"{before}{OPENING}now")
    assert made.endswith(html[len(before) :])
    assert text_from_html(made) == text_from_html(html)


def test_it_is_escaped_and_one_line() -> None:
    assert f"{OPENING}a &lt;b&gt; &amp; c&zwnj;" in with_preheader("<p>", " a <b>\n & c ")


def test_it_is_padded_to_what_is_shown() -> None:
    assert with_preheader("", "x" * 10).count("&nbsp;") == PREVIEWED - 10
    assert "&nbsp;" not in with_preheader("", "x" * PREVIEWED)


def test_nothing_said_is_nothing_added() -> None:
    assert with_preheader("<p>", " \n") == "<p>"


def test_it_is_found_again() -> None:
    before, hidden, behind = around_preheader(with_preheader("<body><p>b</p>", "a"))
    assert (before, behind) == ("<body>", "<p>b</p>")
    assert hidden.startswith("a&zwnj;")
    assert around_preheader("<p>b</p>") == ("", "", "<p>b</p>")
