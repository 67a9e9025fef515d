"""Patterns: `like` in time that does not explode, folding of A to Z alone, and RE2 as an extra."""

import builtins

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.errors import DefinitionError, NotCompilableError
from nurture.predicates import q
from nurture.predicates.patterns import compile_like, compile_regex, folded, runs

texts = st.text(alphabet="ab%_\\é", max_size=8)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a%b%c", "a-b-c", True),
        ("a%b%c", "abcb", False),
        ("%b%b%", "ab", False),
        ("%b%b%", "abab", True),
        ("a%a", "a", False),  # the beginning and the end may not share a letter
        ("a%%a", "aa", True),
        ("_%_", "a", False),
        ("_%_", "ab", True),
        ("%_b", "ab", True),
        ("%_b", "b", False),
        ("\\_%", "_x", True),
        ("\\_%", "ax", False),
        ("\\\\", "\\", True),
        ("\\a", "a", True),
        ("%\n%", "a\nb", True),
    ],
)
def test_like_by_hand(pattern: str, text: str, expected: bool) -> None:
    assert compile_like(pattern)(text) is expected


def _naive(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(_naive(pattern[1:], text[start:]) for start in range(len(text) + 1))
    if pattern[0] == "\\":
        return text[:1] == pattern[1] and _naive(pattern[2:], text[1:])
    return bool(text) and pattern[0] in ("_", text[0]) and _naive(pattern[1:], text[1:])


@given(st.lists(st.sampled_from(["a", "b", "%", "_", "\\%", "\\\\"]), max_size=6).map("".join), texts)
def test_like_is_what_trying_everything_finds(pattern: str, text: str) -> None:
    assert compile_like(pattern)(text) is _naive(pattern, text)


def test_a_hostile_pattern_takes_no_time() -> None:
    assert not compile_like("%a" * 1_000 + "b")("a" * 5_000)


def test_a_pattern_that_ends_in_a_backslash_is_refused_when_written() -> None:
    with pytest.raises(DefinitionError, match="ends in a lone backslash"):
        q.lead.x.like("a\\")
    assert runs("a\\\\") == (("a", "\\"),)


@given(st.text())
def test_folding_changes_the_letters_a_to_z_and_nothing_else(text: str) -> None:
    assert folded(text) == "".join(chr(ord(one) + 32) if "A" <= one <= "Z" else one for one in text)


def test_a_regular_expression_without_the_engine_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name == "re2":
            raise ModuleNotFoundError(name)
        return found(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(NotCompilableError, match=r"nurture-crm\[regex\]"):
        compile_regex("a")
    assert q.lead.x.matches("(?=a)").op == "matches"  # it can be held and stored, but not asked


def test_what_backtracks_is_refused_when_written() -> None:
    pytest.importorskip("re2")
    for pattern in ("(?=a)", r"(a)\1", "("):
        with pytest.raises(DefinitionError, match="not a regular expression that RE2 takes"):
            q.lead.x.matches(pattern)


def test_a_regular_expression_that_would_explode_elsewhere_does_not() -> None:
    pytest.importorskip("re2")
    assert not compile_regex("^(a+)+$")("a" * 5_000 + "b")
