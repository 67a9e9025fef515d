"""Rewriting keeps everything but the targets: the standard library's parser sees the same before and after."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from nurture.mail._rewriting import rewritten
from nurture.mail._tags import tags

TEXTS = st.text("ab <>&;'\"=/!-資\n", max_size=8).map(lambda text: text.replace("<", "&lt;"))
NAMES = st.sampled_from(["a", "A", "area", "p", "img", "td", "abbr"])
TARGETS = st.sampled_from(
    [
        "https://a.jp/x?b=1&amp;c=2#d",
        "http://例え.jp/",
        "/a",
        "#b",
        "mailto:a@b.example",
        "?a&amp;amp;b",
        "&#x61;&quot;",
        "",
    ]
)
QUOTED = st.builds(lambda quote, value: f"{quote}{value}{quote}", st.sampled_from("'\""), TARGETS)
ATTRIBUTES = st.one_of(
    QUOTED.map(lambda value: f"href={value}"),
    QUOTED.map(lambda value: f"HREF \n= {value}"),
    st.sampled_from(
        ["href=x", "class='a > b'", 'title="<a href=1>"', "id=1", "hidden", "data-href='x'", "data-track='off'"]
    ),
)
ELEMENTS = st.builds(
    lambda name, attributes, text, end: f"<{name} {' '.join(attributes)}>{text}{end.format(name)}",
    NAMES,
    st.lists(ATTRIBUTES, max_size=4),
    TEXTS,
    st.sampled_from(["", "</{}>", "</{} >"]),
)
UNTOUCHED = st.sampled_from([
    "<!-- <a href='x'> -->",
    "<!--[if mso]><a href='https://a.jp'>x</a><![endif]-->",
    "<style>a[href='x'] > b {}</style>",
    "<script>'<a href=x>'</script>",
    "<!DOCTYPE html>",
    "</body>",
])  # fmt: skip
MAILS = st.lists(st.one_of(TEXTS, ELEMENTS, UNTOUCHED), max_size=12).map("".join)
ANYTHING = st.text("<>/!-='\"& \nahrefstylbody", max_size=60)


class _Seen(HTMLParser):
    """What the standard library's parser sees, with the targets set apart."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.events: list[object] = []
        self.targets: list[str | None] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = [value for name, value in attrs if name == "href" and value is not None]
        if tag in ("a", "area") and values and ("data-track", "off") not in attrs:
            self.targets.append(values[0])
            place = next(at for at, (name, value) in enumerate(attrs) if name == "href" and value is not None)
            attrs[place] = ("href", "?")
        self.events.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self.events.append(("end", tag))

    def handle_data(self, data: str) -> None:
        self.events.append(("data", data))

    def handle_entityref(self, name: str) -> None:
        self.events.append(("entity", name))

    def handle_charref(self, name: str) -> None:
        self.events.append(("reference", name))

    def handle_comment(self, data: str) -> None:
        self.events.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.events.append(("declaration", decl))

    def unknown_decl(self, data: str) -> None:
        self.events.append(("unknown", data))


def _changed(target: str) -> str:
    return f"https://c.jp/?{target}&\"'<>=é"


@given(MAILS)
def test_everything_but_the_targets_is_as_it_was(mail: str) -> None:
    before, after = _Seen(mail), _Seen(rewritten(mail, _changed))
    assert after.events == before.events
    assert after.targets == [_changed(one or "") for one in before.targets]


@given(MAILS | ANYTHING)
def test_what_is_not_changed_is_the_same_text(mail: str) -> None:
    assert rewritten(mail, lambda target: target) is mail


@given(ANYTHING, st.text("<>'\"&=", max_size=5))
def test_broken_html_breaks_nothing(mail: str, target: str) -> None:
    done = rewritten(mail, lambda _: target)
    assert [tag[2] for tag in tags(done)] == [tag[2] for tag in tags(mail)]
    assert rewritten(done, lambda _: target) == done


@given(MAILS)
def test_the_pixel_is_added_and_nothing_else(mail: str) -> None:
    done = rewritten(mail, lambda target: target, at_end="<img src=pixel>")
    assert done.replace("<img src=pixel>", "", 1) == mail
