"""The schemas admit what the codec writes, and refuse what no reader would take."""

from datetime import datetime, time, timedelta

import pytest
from jsonschema import Draft202012Validator

from nurture.calendar import (
    Duration,
    Recurrence,
    civil,
    days,
    duration_schema,
    from_json,
    recurrence_from_json,
    recurrence_schema,
    recurrence_to_json,
    to_json,
)
from nurture.errors import DefinitionError

DURATIONS = Draft202012Validator(duration_schema())
RECURRENCES = Draft202012Validator(recurrence_schema())
WEEKLY = {"rule": "FREQ=WEEKLY", "start": "2026-04-01T10:00", "zone": "Asia/Tokyo"}


def test_the_schemas_are_schemas() -> None:
    Draft202012Validator.check_schema(duration_schema())
    Draft202012Validator.check_schema(recurrence_schema())


@pytest.mark.parametrize(
    "duration",
    [
        days(3),
        timedelta.max,
        timedelta.min,
        civil(years=1, months=2, business_days=0, weekday=6, at="10:00:30"),
        civil(weeks=-3, days=-4, at=time(0, 0, 0, 1)),
        civil(business_hours=1.5),
        civil(business_hours=-4),
        civil(months=1, day_of_month=31, roll="back"),
        civil(weekday=0, nth=-1),
    ],
)
def test_what_the_codec_writes_fits(duration: Duration) -> None:
    assert DURATIONS.is_valid(to_json(duration))


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"kind": "civil"},
        {"kind": "elapsed"},
        {"kind": "elapsed", "microseconds": 1.5},
        {"kind": "elapsed", "microseconds": 1, "day": 1},
        {"kind": "civil", "day": 1},
        {"kind": "civil", "days": "1"},
        {"kind": "civil", "days": 40_000},
        {"kind": "civil", "business_hours": 1_001},
        {"kind": "civil", "business_hours": "4"},
        {"kind": "civil", "day_of_month": 0},
        {"kind": "civil", "weekday": 1, "nth": 5},
        {"kind": "civil", "days": 1, "roll": "up"},
        {"kind": "civil", "at": "24:00"},
    ],
)
def test_what_the_schema_refuses_the_codec_refuses(form: dict[str, object]) -> None:
    assert not DURATIONS.is_valid(form)
    with pytest.raises(DefinitionError):
        from_json(form)


def test_recurrences_fit() -> None:
    whole = Recurrence(
        "FREQ=WEEKLY",
        start=datetime.fromisoformat("0026-04-01T10:00:30.000001"),
        zone="Asia/Tokyo",
        at="08:30",
        roll="back",
    )
    assert RECURRENCES.is_valid(recurrence_to_json(whole))
    assert RECURRENCES.is_valid(WEEKLY)


@pytest.mark.parametrize(
    "change",
    [
        {"rule": ""},
        {"rule": "x" * 2_001},
        {"start": "2026-04-01"},
        {"zone": None},
        {"at": "ten"},
        {"roll": 1},
        {"x": 1},
    ],
)
def test_what_the_schema_of_recurrences_refuses_the_codec_refuses(change: dict[str, object]) -> None:
    assert not RECURRENCES.is_valid(WEEKLY | change)
    with pytest.raises(DefinitionError):
        recurrence_from_json(WEEKLY | change)
