"""Invariant 24 by numbers: attacks cut up and glued together anew, a million of them in `make stress`.

The corpus goes through every door whole; here its pieces go through the doors that all data passes: a page, a field of
a header, a mailbox, a link's target, a token, a return path. What a case costs is counted in the sandbox's own terms,
so nothing is timed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from nurture.mail.headers import check_value, encode_mailbox, encode_text, write_fields
from nurture.mail.links import (
    make_click_link,
    read_click_token,
    read_open_token,
    read_preferences_token,
    read_unsubscribe_token,
)
from nurture.mail.places import place_problems
from nurture.mail.return_path import read_return_path
from nurture.mail.templates import Kind, compile_template
from tests.mail import strict
from tests.mail.corpus import everything
from tests.mail.house import SITE, Refused, tried
from tests.mail.seen import Page

PAGE = """{% for x in params.them %}<p title="{{ x }}" lang='{{ x }}'>{{ x }}</p><!-- {{ x }} -->
<title>{{ x }}</title><a href="https://example.jp/{{ x | urlencode }}">{{ x }}</a>{% endfor %}"""
SIGNS = (
    *"\r\n\t\x00\x0b\x85\u2028\u2029\u202e\ufeff \"'<>&;:,=?/\\()[]{}%#@-!`aA0",
    *(
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "-->",
        "--",
        "<!--",
        "]]>",
        "</title>",
        "</p>",
        "<script>",
        "&#10;",
        "&lt",
        "%0d%0a",
    ),
    *(
        "=?utf-8?q?",
        "=?utf-8?b?Cg==?=",
        "?=",
        "\r\nBcc: x@example.com",
        "javascript:",
        "data:",
        "//",
        "https://",
        "見本",
    ),
)
WHOLE = tuple(one for one in everything("sizes") if len(one) <= 200)
BATCH = 20
MANY_BLANKS = re.compile(" {3,}")  # where nothing can be folded
HALF = re.compile("[\ud800-\udfff]")
TARGET = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?([/?#][!-~]*)?")


def payloads(seed: int, count: int) -> Iterator[str]:
    """So many texts, each of a few pieces of attacks."""
    dice = Random(seed)
    for _ in range(count):
        pieces: list[str] = []
        for _ in range(dice.randint(1, 5)):
            if dice.random() < 0.4:
                one = dice.choice(WHOLE)
                start = dice.randrange(len(one) + 1)
                pieces.append(one[start : start + dice.choice([3, 12, 40, 200])])
            else:
                pieces.append("".join(dice.choices(SIGNS, k=dice.randint(1, 6))))
        yield "".join(pieces)


def test_the_page_is_one_that_a_marketer_may_write() -> None:
    assert not list(place_problems(PAGE, "page"))


def check_page(them: list[str]) -> None:
    """A page that says all of them has the elements of a page that says something harmless, and says each in full."""
    page, harmless = (Page(TEMPLATE.render({"params": {"them": some}})) for some in (them, ["x"] * len(them)))
    assert page.skeleton == harmless.skeleton
    assert page.comments == harmless.comments
    assert [_plain(one) for one in page.values["p.title"]] == [_plain(one) for one in them]
    assert [_plain(one) for one in page.values["p.lang"]] == [_plain(one) for one in them]
    assert all(one.startswith("https://example.jp/") for one in page.links)
    assert _plain(page.text) == _plain("".join(one + one for one in them))


def _plain(text: str) -> str:
    """Without what parsers and browsers leave out or show otherwise."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\ufffd]+", "", text)


def check_header(text: str) -> str:
    """A text is a header's value that is read back as it is, and a name beside an address, or it is refused."""
    if isinstance(tried(text, check_value, text, "name"), Refused):
        return "refused"
    fields = [
        ("Subject", encode_text(text)),
        ("From", encode_mailbox(text, "a@example.jp")),
        ("Content-Type", "text/plain"),
    ]
    mail = strict.read(write_fields(fields) + b"\r\n")
    assert [name for name, _ in mail.fields] == ["Subject", "From", "Content-Type"]
    assert mail.one("Subject").strip() == text.strip()
    assert mail.one("From").endswith("<a@example.jp>") or mail.one("From") == "a@example.jp"
    return "written"


def check_link(text: str) -> str:
    """A text is the target of a link to the web, or it is refused; it is no token of ours, and no return path."""
    assert read_unsubscribe_token(SITE, "t", text) is None
    assert read_preferences_token(SITE, "t", text) is None
    assert read_open_token(SITE, "t", text) is None
    assert read_click_token(SITE, "t", text) is None
    assert read_return_path(SITE, "t", f"bounces+{text}@mail.example.jp") is None
    link = tried(text, make_click_link, SITE, "t", "lead_1", "eff_1", text)
    if isinstance(link, Refused):
        assert link.reason == "bad_target"
        return "no link"
    said = read_click_token(SITE, "t", link.rpartition("/")[2])
    assert said is not None
    assert TARGET.fullmatch(said.target)
    return "a link"


TEMPLATE = compile_template(PAGE, Kind.HTML)


def check(seed: int, count: int) -> Counter[str]:
    """So many payloads through all doors; how they fared."""
    fared: Counter[str] = Counter()
    batch: list[str] = []
    for text in payloads(seed, count):
        if not HALF.search(text):  # half a character has no bytes: the filter refuses it, and no store takes it
            batch.append(text)
        fared[check_header(MANY_BLANKS.sub("  ", text))] += 1
        fared[check_link(text)] += 1
        fared[check_link(f"https://example.jp/{text}")] += 1
        if len(batch) == BATCH:
            check_page(batch)
            batch = []
    return fared


@pytest.mark.parametrize("seed", range(2))
def test_i24_whatever_is_glued_together_stays_text(seed: int) -> None:
    fared = check(seed, 5_000)
    assert set(fared) == {"refused", "written", "no link", "a link"}


@pytest.mark.stress
@pytest.mark.parametrize("seed", range(1_000, 1_010))
def test_i24_a_million_of_them(seed: int) -> None:
    check(seed, 100_000)
