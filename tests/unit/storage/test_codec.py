"""`storage.codec`: every record comes back equal, of the same types, and reads as plain JSON."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from enum import Enum

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.model import (
    IMMUTABLE,
    VERSIONED,
    FactId,
    FrozenMapping,
    Record,
    Scalar,
    ScoreState,
    Standing,
    SubjectId,
    Touchpoint,
    Value,
)
from nurture.storage.codec import decode, decode_values, encode, encode_values
from nurture.testing.records import AT, SAMPLES


def parts(value: object) -> Iterator[tuple[type, object]]:
    """Every value within, with its type."""
    yield type(value), value
    if attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from parts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield type(name), name
            yield from parts(one)
    elif isinstance(value, tuple):
        for one in value:
            yield from parts(one)


def test_there_is_a_sample_of_every_kind_with_every_field_filled() -> None:
    assert {type(one) for one in SAMPLES} == {*VERSIONED, *IMMUTABLE}
    for one in SAMPLES:
        for field in attrs.fields(type(one)):
            if field.name not in ("version", "id"):
                assert getattr(one, field.name) not in (None, (), {}, "", 0), (type(one), field.name)


@pytest.mark.parametrize("record", SAMPLES, ids=lambda one: type(one).__name__)
def test_a_record_comes_back_equal_and_of_the_same_types(record: Record) -> None:
    back = decode(type(record), encode(record))
    assert back == record
    assert list(parts(back)) == list(parts(record))


@pytest.mark.parametrize("record", SAMPLES, ids=lambda one: type(one).__name__)
def test_the_text_is_plain_json_without_defaults(record: Record) -> None:
    held = json.loads(encode(record))
    defaults = {field.name for field in attrs.fields(type(record)) if getattr(record, field.name) == field.default}
    assert not defaults & held.keys()
    assert not any(isinstance(one, Enum) for one in held.values())


def test_a_record_of_defaults_is_short() -> None:
    standing = Standing(subject=SubjectId("lead_1"), program="p")
    assert encode(standing) == '{"subject":"lead_1","program":"p"}'
    assert decode(Standing, encode(standing)) == standing


def test_text_is_not_escaped_to_ascii() -> None:
    assert encode_values({"name": "山田"}) == {"name": "山田"}
    assert "山田" in encode(SAMPLES[0])


def test_what_looks_like_an_instant_stays_text() -> None:
    values = FrozenMapping[Value]({"text": AT.isoformat(), "instant": AT, "day": "2026-03-01", "date": AT.date()})
    assert encode_values(values)["text"] == AT.isoformat()
    back = decode_values(encode_values(values))
    assert {name: type(one) for name, one in back.items()} == {
        "text": str,
        "instant": datetime,
        "day": str,
        "date": date,
    }


def test_a_number_that_json_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode(Standing(subject=SubjectId("lead_1"), program="p", scores={"s": ScoreState(constant=float("nan"))}))


text = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=20)
scalars: st.SearchStrategy[Scalar] = st.one_of(
    text,
    st.integers(-(2**63), 2**63 - 1),
    st.floats(-1e300, 1e300),
    st.booleans(),
    st.datetimes(timezones=st.just(UTC)),
    st.dates(),
)
values: st.SearchStrategy[Value] = st.one_of(st.none(), scalars, st.lists(scalars, max_size=4).map(tuple))


@given(st.dictionaries(text.filter(bool), values, max_size=6))
def test_any_values_come_back(held: dict[str, Value]) -> None:
    fact = Touchpoint(
        id=FactId("f"), subject=SubjectId("s"), kind="a.b", at=AT, received_at=AT, properties=FrozenMapping(held)
    )
    back = decode(Touchpoint, encode(fact))
    assert list(parts(back)) == list(parts(fact))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=4))
def test_exact_sums_stay_exact(partials: list[float]) -> None:
    standing = Standing(subject=SubjectId("s"), program="p", scores={"s": ScoreState(partials=tuple(partials))})
    back = decode(Standing, encode(standing)).scores["s"].partials
    assert [one.hex() for one in back] == [one.hex() for one in partials]
