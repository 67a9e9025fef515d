"""What a template prints, and of what that is made."""

from functools import partial

import pytest

from nurture.mail._marks import MARK, Branch, Marked, marked
from tests.mail.steps import steps_of

GIVEN = frozenset({"params", "loop"})
KNOWN = frozenset({"params", "lead", "loop"})


def read(source: str) -> Marked:
    one = marked(source)
    assert one is not None
    return one


def test_parts_and_marks_stand_as_in_the_source() -> None:
    one = read("a{{ x.y }}{% if z %}b{% else %}c{% endif %}{# {{ #}\nd{% for i in u %}{{ i }}{% endfor %}")
    assert one.html == f"a{MARK}bcd{MARK}"
    assert one.parts == ("a", 0, Branch(False, (("b",), ("c",))), "d", Branch(True, ((1,), ())))
    assert [(printed.line, printed.names) for printed in one.printed] == [(1, {"x"}), (2, {"i"})]


@pytest.mark.parametrize(
    ("source", "is_html"),
    [
        ("{{ content }}", True),
        ("{{ blocks.a }}", True),
        ("{{ owner.signature_html }}", True),
        ("{{ lead.name }}", False),
    ],
)
def test_it_is_known_what_may_be_html(source: str, is_html: bool) -> None:
    assert read(source).printed[0].is_html is is_html


@pytest.mark.parametrize(
    ("source", "made_of_it"),
    [
        ("{% set x = params.y %}", {"x"}),
        ("{% set x = lead.y %}", set()),
        ("{% set x = params.y %}{% set x = lead.y %}", set()),
        ("{% set x = y %}{% set y = z %}{% set z = params.a %}", {"x", "y", "z"}),
        ("{% set x = y %}{% set y = z %}{% set z = lead.a %}", set()),
        ("{% set x = y %}{% set y = x %}", {"x", "y"}),
        ("{% set x = nobody %}", set()),
        ("{% set lead = params %}", set()),
        ("{% for lead in params.all %}{% endfor %}", set()),
        ("{% set lead = params %}{% set x = lead %}", set()),
        ("{% for x in params.all %}{% endfor %}", {"x"}),
    ],
)
def test_what_is_made_of_what_is_given(source: str, made_of_it: set[str]) -> None:
    assert read(source).made_of(GIVEN, KNOWN) == GIVEN | made_of_it


def test_what_is_given_is_spoiled_by_what_is_not() -> None:
    assert read("{% set params = lead %}").made_of(GIVEN, KNOWN) == {"loop"}


@pytest.mark.parametrize("last", ["params.c", "lead.c"])
def test_a_chain_takes_steps_in_proportion_to_its_length(last: str) -> None:
    def chain(length: int) -> Marked:
        return read("".join(f"{{% set a{n} = a{n + 1} %}}" for n in range(length)) + f"{{% set a{length} = {last} %}}")

    def backwards(length: int) -> Marked:
        return read(f"{{% set a0 = {last} %}}" + "".join(f"{{% set a{n + 1} = a{n} %}}" for n in range(length)))

    for made in (chain, backwards):
        one, two = (
            steps_of(partial(made(length).made_of, GIVEN, KNOWN), "nurture.mail._marks") for length in (200, 400)
        )
        assert two < 2.2 * one


def test_many_gifts_to_one_name_take_steps_in_proportion() -> None:
    def gifts(length: int) -> int:
        source = "".join(f"{{% set a = b{n} %}}" for n in range(length))
        return steps_of(lambda: marked(source), "nurture.mail._marks")

    assert gifts(400) < 2.2 * gifts(200)
