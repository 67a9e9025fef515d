"""The stored form, and how strictly it is read. `tests/property/test_predicate_codec.py` holds the round trip."""

from datetime import UTC, date, datetime, timedelta
from functools import reduce

import pytest

from nurture.errors import DefinitionError
from nurture.predicates import All, dumps, from_json, loads, q, to_json


def test_the_form_of_each_node() -> None:
    views = q.touches("page.viewed").where(q.prop("path").is_in(["/a"])).within(days=1)
    assert to_json(views.count() >= 3) == {
        "node": "touched",
        "kind": "page.viewed",
        "where": {"node": "compare", "of": "prop", "field": "path", "op": "is_in", "value": ["/a"]},
        "within_us": 86_400_000_000,
        "op": "ge",
        "n": 3,
    }
    assert to_json(~q.segment("hot")) == {"node": "not", "part": {"node": "in_segment", "name": "hot"}}
    assert to_json(q.lead.x.is_missing()) == {"node": "compare", "of": "lead", "field": "x", "op": "missing"}
    assert to_json(q.time_in_stage >= timedelta(seconds=1)) == {"node": "time_in_stage", "op": "ge", "length_us": 10**6}


def test_instants_and_dates_are_not_texts() -> None:
    at = q.lead.x == datetime(2026, 3, 1, tzinfo=UTC)
    assert to_json(at)["value"] == {"$instant": "2026-03-01T00:00:00+00:00"}
    assert loads(dumps(at)) == at
    assert loads(dumps(q.lead.x == date(2026, 3, 1))) != loads(dumps(q.lead.x == "2026-03-01"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], r"\$: expected an object with 'node', found a list"),
        ({}, r"\$\.node: unknown node"),
        ({"node": "alll", "parts": []}, "did you mean 'all'"),
        ({"node": "all"}, r"\$: missing key 'parts'"),
        ({"node": "all", "parts": [], "part": 1}, r"\$: unknown key 'part'; did you mean 'parts'"),
        ({"node": "all", "parts": [{"node": "everyone"}, 3]}, r"\$\.parts\[1\]: expected an object"),
        ({"node": "not", "part": {"node": "nott"}}, r"\$\.part\.node: unknown node 'nott'"),
        ({"node": "compare", "of": "lead", "field": "x", "op": "eqq", "value": 1}, r"\$\.op: unknown operator"),
        ({"node": "compare", "of": "leads", "field": "x", "op": "eq", "value": 1}, r"\$\.of.*did you mean 'lead'"),
        ({"node": "compare", "of": "lead", "field": "x", "op": "eq"}, "eq: missing key 'value'"),
        ({"node": "compare", "of": "lead", "field": "x", "op": "missing", "value": 1}, "missing: takes no value"),
        ({"node": "compare", "of": "lead", "field": "x", "op": "eq", "value": {"$date": "soon"}}, "ISO 8601"),
        (
            {
                "node": "compare",
                "of": "lead",
                "field": "x",
                "op": "eq",
                "value": {"$instant": "0001-01-01T00:00+14:00"},
            },
            "ISO",
        ),
        ({"node": "compare", "of": "lead", "field": "x", "op": "is_in", "value": [1] * 1001}, "at most 1000 values"),
        ({"node": "compare", "of": "lead", "field": "x", "op": "eq", "value": "x" * 4097}, "at most 4096 bytes"),
        ({"node": "compare", "of": "lead", "field": 3, "op": "eq", "value": 1}, r"\$\.field: expected text"),
        ({"node": "score", "model": "m", "op": "ge", "value": "3"}, r"\$\.value: expected a number, found text"),
        ({"node": "touched", "n": True}, r"\$\.n: expected a whole number"),
        ({"node": "touched", "within_us": -(10**40)}, "above zero"),
        ({"node": "touched", "suspect": 1}, "true or false"),
        ({"node": "in_stage", "names": "new"}, "expected a list"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(data: object, message: str) -> None:
    with pytest.raises(DefinitionError, match=message) as caught:
        from_json(data)
    assert all(problem.startswith("$") for problem in caught.value.problems)


def test_messages_begin_with_the_path_in_the_document() -> None:
    with pytest.raises(DefinitionError, match=r"^\$\.segments\[3\]\.parts\[0\]: expected an object"):
        from_json({"node": "all", "parts": [1]}, "$.segments[3]")


def test_depth_and_size_are_limited_and_trusted_data_may_have_more() -> None:
    deep = to_json(reduce(lambda inner, _: All((inner,)), range(16), q.everyone))
    with pytest.raises(DefinitionError, match="nested more than 16 deep"):
        from_json(deep)
    assert to_json(from_json(deep, max_depth=20)) == deep
    wide = to_json(All(tuple(q.everyone for _ in range(500))))
    with pytest.raises(DefinitionError, match="more than 500 nodes"):
        from_json(wide)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"node": "everyone", "node": "all"}', "the key 'node' stands twice"),
        ('{"node": "score", "model": "m", "op": "ge", "value": NaN}', "NaN is not a number"),
        ('{"node": "score", "model": "m", "op": "ge", "value": -Infinity}', "-Infinity is not"),
        ('{"node": "score", "model": "m", "op": "ge", "value": 1e999}', "finite number"),
        ("{", "not JSON"),
        ("[" * 100_000, "nested too deeply"),
        (b"\xff\xfe", "not JSON"),
    ],
)
def test_text_from_outside_is_read_strictly(text: str | bytes, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        loads(text)
