"""UTM parameters: on links to own pages only, and nothing of a link is lost."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nurture.mail.utm import with_text_utm, with_utm

OWN = {"example.jp", "www.example.jp", "xn--r8jz45g.jp"}
SPRING = {"campaign": "spring", "utm_source": "mail"}
ADDED = "utm_campaign=spring&utm_source=mail"


def one(link: str, utm: dict[str, object] | None = None) -> str:
    """The link as it comes out of HTML."""
    html = with_utm(f"<a href='{link}'>", {**SPRING} if utm is None else utm, OWN)
    return html.removeprefix("<a href=").removesuffix(">")[1:-1].replace("&amp;", "&")


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://example.jp", f"https://example.jp?{ADDED}"),
        ("https://example.jp/", f"https://example.jp/?{ADDED}"),
        ("https://example.jp/?", f"https://example.jp/?{ADDED}"),
        ("https://example.jp/a#top", f"https://example.jp/a?{ADDED}#top"),
        ("https://example.jp/a#t?b=c", f"https://example.jp/a?{ADDED}#t?b=c"),
        ("https://example.jp/a#", f"https://example.jp/a?{ADDED}#"),
        ("https://example.jp/a?z=1&b=2#top", f"https://example.jp/a?z=1&b=2&{ADDED}#top"),
        ("https://example.jp/a?z=1&", f"https://example.jp/a?z=1&{ADDED}"),
        ("https://example.jp/a?b?c", f"https://example.jp/a?b?c&{ADDED}"),
        ("HTTP://WWW.EXAMPLE.JP:8080/A", f"HTTP://WWW.EXAMPLE.JP:8080/A?{ADDED}"),
        ("https://例え.jp/資料", f"https://例え.jp/資料?{ADDED}"),
        (
            "https://example.jp/?utm_campaign=mine&a=1",
            "https://example.jp/?utm_campaign=mine&a=1&utm_source=mail",
        ),
        ("https://example.jp/?utm%5Fcampaign=&utm_source", "https://example.jp/?utm%5Fcampaign=&utm_source"),
        ("https://other.example/?a", "https://other.example/?a"),
        ("https://sub.example.jp/", "https://sub.example.jp/"),
        ("https://example.jp.evil.example/", "https://example.jp.evil.example/"),
        ("https://example.jp@evil.example/", "https://example.jp@evil.example/"),
        ("https://evil.example\\@example.jp/", "https://evil.example\\@example.jp/"),
        ("mailto:a@example.jp", "mailto:a@example.jp"),
        ("/a", "/a"),
        ("#a", "#a"),
        ("", ""),
    ],
)
def test_what_a_link_becomes(link: str, expected: str) -> None:
    assert one(link) == expected


def test_names_and_values_are_encoded() -> None:
    said = {"campaign": "春 & 夏=#?", "n": 3, "none": None, "empty": ""}
    expected = "https://example.jp/?utm_campaign=%E6%98%A5%20%26%20%E5%A4%8F%3D%23%3F&utm_n=3"
    assert one("https://example.jp/", said) == expected


def test_nothing_to_add_is_no_pass_at_all() -> None:
    html, text = "<a href=https://example.jp>", "https://example.jp"
    for utm, hosts in (({}, OWN), ({"campaign": ""}, OWN), (SPRING, set[str]())):
        assert with_utm(html, utm, hosts) is html
        assert with_text_utm(text, utm, hosts) is text


def test_signed_links_are_left() -> None:
    links = 'https://example.jp/unsubscribe/abc <a href="https://example.jp/unsubscribe/abc">'
    leave = ("https://example.jp/unsubscribe/",)
    assert with_utm(links, SPRING, OWN, leave=leave) == links
    assert with_text_utm(links, SPRING, OWN, leave=leave) == links


@pytest.mark.parametrize(
    ("before", "link", "behind"),
    [
        ("", "https://example.jp/a", ""),
        ("See ", "https://example.jp/a?b=1", "."),
        ("See ", "https://example.jp/a", "...\n"),
        ("資料は", "https://example.jp/a", "をご覧ください。"),
        ("「", "https://example.jp/a", "」"),
        ("Here (", "https://example.jp/a", "), and"),
        ("Here (", "https://example.jp/a_(b)", ")."),
        ("[", "https://example.jp/a", "](x)"),
        ("<", "HTTPS://example.jp/a", ">"),
        ('"', "https://example.jp/a_", '"!'),
        ("x:", "https://example.jp/", ";\r\nhttps://other.example/."),
    ],
)
def test_links_in_plain_text_end_where_the_sentence_goes_on(before: str, link: str, behind: str) -> None:
    joint = "&" if "?" in link else "?"
    assert with_text_utm(before + link + behind, SPRING, OWN) == f"{before}{link}{joint}{ADDED}{behind}"


@pytest.mark.parametrize(
    "text", ["", "example.jp", "xhttps://example.jp", "https://", "https:// example.jp", "ftp://example.jp"]
)
def test_what_is_no_link_is_left(text: str) -> None:
    assert with_text_utm(text, SPRING, OWN) == text


TEXTS = st.lists(
    st.one_of(st.text("a (.)[]?&#=:/。資\n"), st.sampled_from(["https://example.jp", "https://o.example"]))
)


@given(TEXTS.map("".join))
@example("https://example.jp/&")
def test_text_only_grows_by_what_is_added(text: str) -> None:
    done = with_text_utm(text, {"a": "b"}, OWN)
    signs = iter(done)
    assert all(sign in signs for sign in text)  # nothing is gone or moved
    links = done.count("utm_a=b")
    assert 7 * links <= len(done) - len(text) <= 8 * links
    assert with_text_utm(done, {"a": "b"}, OWN) == done  # once is enough


@pytest.mark.parametrize("size", [2**16, pytest.param(2**20, marks=pytest.mark.stress)])
def test_much_of_anything_is_read(size: int) -> None:
    for text in ("https://", "https://example.jp/(", "https://example.jp/" + ")" * 99, "https://example.jp", "http"):
        assert len(with_text_utm(text * (size // len(text)), SPRING, OWN)) >= size - 200
    long = "https://example.jp/" + "." * size
    assert with_text_utm(long, SPRING, OWN) == long.replace("jp/", f"jp/?{ADDED}")
