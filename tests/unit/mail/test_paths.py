"""On every way through a template's statements, it is known where each thing that is printed stands."""

from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nurture.errors import DefinitionError
from nurture.mail._marks import DEEPEST, TooManyWaysError, marked
from nurture.mail._paths import MOST_READ, MOST_WAYS, paths
from nurture.mail._tags import attributes, tags
from nurture.mail.places import place_problems
from nurture.mail.templates import Kind, compile_template

HOSTILE = ("x", "", "-", "--", "--!", "a=b c", "style=x", "'\"><script>", "</title>", "le", "/", "=", "javascript:")
PIECES = (
    *("<p ", "<p", ">", "<", "</", "</p>", '"', "'", "=", " ", "a", "/", " title=", ' title="', " style='", "onx='"),
    *("<!--", "-->", "-", "--", "!", "<title>", "</title>", "<script>", "</script>", "</scr", "ipt>", "<!", "<?"),
    *("{{ x }}", "{{ x }}", "{{ x }}", "{{ x }}", "{# #}", "\n", "\n ", "{%+ if a -%}", "{% endif +%}"),
)
texts = st.lists(st.sampled_from(PIECES), max_size=5).map("".join)
templates = st.recursive(
    texts,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(st.sampled_from("abc"), inner).map(lambda two: f"{{% if {two[0]} %}}{two[1]}{{% endif %}}"),
        st.tuples(st.sampled_from("abc"), inner, inner).map(
            lambda three: f"{{% if {three[0]} %}}{three[1]}{{% else %}}{three[2]}{{% endif %}}"
        ),
        st.tuples(st.sampled_from("uvw"), inner).map(lambda two: f"{{% for i in {two[0]} %}}{two[1]}{{% endfor %}}"),
    ),
    max_leaves=6,
)


def places(source: str) -> list[set[str]]:
    one = marked(source)
    assert one is not None
    return [{at.kind for at in found} for found in paths(one).prints]


def frame(html: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """All that makes up a page but its words."""
    return [(tag[1], tag[2].lower(), tuple(one.name for one in attributes(html, tag))) for tag in tags(html)]


def check_that_data_changes_no_page(source: str) -> None:
    """If nothing is wrong with it, then on all ways through it the tags are the same whatever is printed."""
    if list(place_problems(source, "m")):
        return
    try:
        template = compile_template(source, Kind.HTML)
    except DefinitionError:
        return
    for a, b, c in product((False, True), repeat=3):
        ways: dict[str, Any] = {"a": a, "b": b, "c": c, "u": (1,) * a, "v": (1, 2) * b, "w": (1, 2, 3) * c}
        frames = [frame(template.render({**ways, "x": said})) for said in HOSTILE]
        assert all(one == frames[0] for one in frames), ways


@given(templates)
def test_what_passes_is_the_same_page_whatever_is_printed(source: str) -> None:
    assume("{{" in source)
    check_that_data_changes_no_page(source)


@pytest.mark.stress
@settings(max_examples=20_000)
@given(templates)
def test_what_passes_is_the_same_page_whatever_is_printed_at_length(source: str) -> None:
    check_that_data_changes_no_page(source)


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("{{ x }}", {"data"}),
        ("<p title='{{ x }}'>", {"value"}),
        ("<title>{{ x }}", {"data", "raw"}),
        ("<title>a</title><title>b</title>{{ x }}", {"data"}),
        ("<title></title {{ x }}", {"between"}),
        ("<title></tit{% if a %}{% endif %}le>{{ x }}", {"data"}),
        ("<title></titles>{{ x }}", {"data", "raw"}),
        ("<plaintext></plaintext>{{ x }}", {"data", "raw"}),
        ("<!-- {% if a %}--{% else %}-{% endif %}> {{ x }}", {"data", "comment"}),
        ("<!--{% if a %}-{% endif %}>{{ x }}", {"data"}),
        ("<!---{% if a %}{% endif %}->{{ x }}", {"data"}),
        ("<!--{% if a %}x{% endif %}->{{ x }}", {"data", "comment"}),
        ("<!-{% if a %}-{% endif %}>{{ x }}", {"data"}),
        ("</{% if a %}{% endif %}>{{ x }}", {"data"}),
        ("</3 {{ x }}", {"bogus"}),
        ("<p{% if a %} title{% endif %}='{{ x }}'>", {"value", "name"}),
        ("<p title{% if a %}{% endif %} = {{ x }}", {"equals"}),
        ("<p title =>{{ x }}", {"data"}),
        ("<p title=a/{{ x }}", {"unquoted"}),
        ("{% for i in u %}<p title='{% endfor %}{{ x }}", {"data", "value", "between"}),
        ("{% for i in u %}a{% else %}<p title='{% endfor %}{{ x }}", {"data", "value"}),
        ("{% if a %}'{% elif b %}\"{% else %}{% endif %}{{ x }}", {"data"}),
        ("{% raw %}{{{% endraw %}<p title='{{ x }}'>", {"value"}),
    ],
)
def test_where_it_may_stand(source: str, kinds: set[str]) -> None:
    assert places(source) == [kinds]


def test_what_a_loop_leaves_open_is_seen_by_its_next_round() -> None:
    assert places("{% for i in u %}{{ x }}<p title='{% endfor %}") == [{"data", "value", "between"}]


def test_ways_that_meet_again_are_one() -> None:
    source = "<p{% if a %} hidden{% endif %}{% if b %} title='x'{% endif %}>" * 50 + "{{ x }}"
    assert places(source) == [{"data"}]


def test_too_many_ways_are_not_followed() -> None:
    with pytest.raises(TooManyWaysError):
        places("<p " + "".join(f"{{% if a %}}n{number}{{% endif %}}" for number in range(MOST_WAYS)) + "{{ x }}")
    with pytest.raises(TooManyWaysError):
        places("x" * (MOST_READ + 1))
    with pytest.raises(TooManyWaysError):
        places("{% if a %}" * (DEEPEST + 1) + "{{ x }}" + "{% endif %}" * (DEEPEST + 1))
    assert places("{% if a %}" * DEEPEST + "{{ x }}" + "{% endif %}" * DEEPEST) == [{"data"}]


@pytest.mark.parametrize(
    "source",
    [
        "{% if a %}",
        "{% endif %}",
        "{% for i in u %}{% endif %}",
        "{% if a %}{% endfor %}",
        "{% for i in u %}{% elif a %}{% endfor %}",
        "{% if a %}{% else %}{% else %}{% endif %}",
        "{% if a %}{% else %}{% elif b %}{% endif %}",
    ],
)
def test_what_is_no_template_has_no_paths(source: str) -> None:
    assert marked(source) is None
    with pytest.raises(DefinitionError):
        compile_template(source)


@pytest.mark.parametrize(
    "source",
    [
        "<!--{{ x }}><p -->",
        "<!--{{ x }}->",
        "<!-- {{ x }}><p>-->",
        "<!-- {{ x }}->a-->",
        "<!-- {{ x }}!>a-->",
        "<!-- -{{ x }}->a-->",
        "<!-- {{ x }}-{% if a %}{% endif %}><i -->",
        "<!-- {{ x }}{% if a %}>{% endif %} -->",
        "<!-- {{ x }}{{ y }}> -->",
    ],
)
def test_what_is_printed_does_not_end_a_comment(source: str) -> None:
    (problem,) = place_problems(source, "hello.html")
    assert problem == "hello.html: what is printed in a comment could end it: leave a space on both sides of it"


@pytest.mark.parametrize(
    "source", ["<!--{{ x }}-->", "<!-- {{ x }} -->", "<!--[if mso]>{{ x }}<![endif]-->", "<!-- {{ x }} > {{ y }}-->a"]
)
def test_a_comment_may_hold_what_is_printed(source: str) -> None:
    assert not list(place_problems(source, "hello.html"))
