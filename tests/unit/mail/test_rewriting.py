"""Changing where links lead: the targets, and not one byte more."""

import pytest

from nurture.mail._rewriting import rewritten

MAIL = """<!DOCTYPE html>
<html><head><title><a href="1"></title><style>a[href="1"] > b { color: red }</style></head>
<!-- <a href="1"> -->
<!--[if mso]><a href="1">Outlook</a><![endif]-->
<BODY
 class=x><p>1 < 2 &amp; "href='1'"
<A class='b' HREF=1 target="_blank">é資料</A>\r\n<img alt="<a href='1'>" src=1><br/>
<map><area shape=rect href='1'></map><link href="1"><a name="1"><a data-href="1">
</BODY>
</html>
"""


def test_links_are_changed_and_nothing_else() -> None:
    seen: list[str] = []

    def change(target: str) -> str:
        seen.append(target)
        return "https://a.jp/?b&c=\"'<>"

    written = '"https://a.jp/?b&amp;c=&quot;&#x27;&lt;&gt;"'
    expected = MAIL.replace("HREF=1 ", f"HREF={written} ").replace("rect href='1'", f"rect href={written}")
    assert rewritten(MAIL, change) == expected
    assert seen == ["1", "1"]


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("<a href=/a?b&amp;c>", "/a?b&c"),
        ("<a href='/a?b&copy=c'>", "/a?b&copy=c"),
        ("<a href=' \n/a b\t'>", "/a b"),  # browsers drop the blanks around it
        ("<a href=''>", ""),
        ("<a href=a href=b>", "a"),  # of two the first counts
        ("<a/href='a'/>", "a"),
        ("<a\nhref\n=\na\n>", "a"),
        ("<a href=a/>", "a/"),
        ('<a data-track="on" href=a>', "a"),
    ],
)
def test_the_target_is_what_browsers_read(link: str, target: str) -> None:
    seen: list[str] = []
    assert rewritten(link, lambda one: seen.append(one) or one) is link  # type: ignore[func-returns-value]
    assert seen == [target]


@pytest.mark.parametrize(
    "link", ["<a>", "<a href>", "</a href=a>", "<b href=a>", "<abbr href=a>", "<a xhref=a>", "<a href=a"]
)
def test_what_has_no_target_is_not_asked(link: str) -> None:
    assert rewritten(link, lambda _: pytest.fail("asked")) == link


@pytest.mark.parametrize(
    "off", ['<a data-track="off" href=a>', "<a href=a DATA-TRACK=off>", "<a data-track=OFF href=a>"]
)
def test_a_link_that_says_so_is_left_with_what_it_says(off: str) -> None:
    assert rewritten(f"{off}<a href=a>", lambda _: "b") == f'{off}<a href="b">'


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<body>a</body></html>", "<body>a+</body></html>"),
        ("<body>a</BODY >", "<body>a+</BODY >"),
        ("<p>a", "<p>a+"),
        ("", "+"),
        ("<body>a</body><!-- </body> -->", "<body>a+</body><!-- </body> -->"),
        ("a</body>b<a href=x></body>c", 'a</body>b<a href="y">+</body>c'),
        ("a</body>b<a href=x>", 'a+</body>b<a href="y">'),
        ("<body>İ</body>", "<body>İ+</body>"),  # two signs in lower case
    ],
)
def test_something_can_be_put_at_the_end_of_the_body(html: str, expected: str) -> None:
    assert rewritten(html, lambda _: "y", at_end="+") == expected


def test_what_change_raises_is_passed_on() -> None:
    with pytest.raises(ZeroDivisionError):
        rewritten("<a href=a>", lambda _: str(1 // 0))
