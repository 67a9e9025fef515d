"""Programs from YAML: the documents that JSON knows, with nothing guessed and nothing that stands for more."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture import Program
from nurture.errors import DefinitionError
from nurture.program.yaml import MAX_CHARACTERS, data_from_yaml
from nurture.testing.strategies import programs

WELCOME = """
format: nurture.program
version: 1
program:
  zone: Asia/Tokyo
  messages:
    - name: hello
      purpose: transactional
      subject: ようこそ
      text: |
        {{ lead|honorific }}
        ありがとうございます。
  scenarios:
    - name: welcome
      on: {node: touched, kind: form.submitted}
      steps:
        - {step: send, message: hello}
        - {step: wait, duration: {kind: elapsed, days: 3}}
        - {step: exit}
"""


def test_a_program_that_people_wrote() -> None:
    program = Program.from_yaml(WELCOME)
    assert program.zone == "Asia/Tokyo"
    assert [step.kind for step in program.scenarios[0].steps] == ["send", "wait", "exit"]
    assert Program.from_yaml(WELCOME.encode()) == program


@settings(max_examples=40, deadline=None)
@given(programs())
def test_every_program_reads_the_same_from_json_as_yaml(program: Program) -> None:
    assert Program.from_yaml(json.dumps(program.to_json(), ensure_ascii=False)) == program


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("2026-04-01", "2026-04-01"),
        ("12:30", "12:30"),
        ("0o17", "0o17"),
        ("010", "010"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("yes", "yes"),
        ("True", "True"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("'1'", "1"),
        ("1", 1),
        ("-1.5e3", -1500.0),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("a:", {"a": None}),
        ("[a, 1, {b: }]", ["a", 1, {"b": None}]),
        ("<<: {a: 1}", {"<<": {"a": 1}}),
        ("1: x", {"1": "x"}),
        ("=", "="),
    ],
)
def test_nothing_is_guessed(text: str, value: object) -> None:
    found = data_from_yaml(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\na: 2", "line 2: the key 'a' stands twice"),
        ("a: &x 1\nb: *x", "line 2: aliases"),
        ("a: &x 1", "line 1: anchors"),
        ("a: !!python/object/apply:os.system [x]", "line 1: tags"),
        ("? [a]\n: b", "line 1: expected a text as key"),
        ("---\na\n---\nb", "line 3: a second document begins"),
        ("a: [1, 2", "not YAML"),
        ("\ta: 1", "line 1: not YAML"),
        ("a: \x00", "not YAML"),
        ("[" * 200, "nested more than 100 deep"),
        ("- " * 200, "nested more than 100 deep"),
        ("x" * (MAX_CHARACTERS + 1), "at most 500,000 characters"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        data_from_yaml(text)
    assert problem in str(caught.value)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(DefinitionError, match="expected UTF-8"):
        data_from_yaml(b"\xff\xfe\xff")


def test_all_problems_of_a_program_come_at_once_with_their_places() -> None:
    broken = WELCOME.replace("message: hello", "message: helo").replace("step: wait", "step: wat")
    with pytest.raises(DefinitionError) as caught:
        Program.from_yaml(broken)
    assert "did you mean 'wait'" in str(caught.value)
    with pytest.raises(DefinitionError, match="did you mean 'hello'"):
        Program.from_yaml(WELCOME.replace("message: hello", "message: helo"))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("ab:-[]{}#&*!|>'\"%@`,? \n\t0.9~")), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = data_from_yaml(text)
    except DefinitionError:
        return
    assert json.loads(json.dumps(found)) == found
