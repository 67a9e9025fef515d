"""What commands answer, as people and programs read it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from nurture.cli.answer import instant, length, plain, short, table


@pytest.mark.parametrize(
    "reason",
    [
        "",
        "no_such_mailbox",
        "sender_raised_OSError",
        "restless",
        "too_many_rounds",
        "failed: ValueError",
        f"failed: OSError at fact_{'0' * 26}",
        f"failed: OSError at fact_eff_{'a' * 26}",
        f"failed: OSError at fact_eff_{'a' * 26}_12",
    ],
)
def test_words_of_ours_are_shown(reason: str) -> None:
    assert plain(reason) == reason


@pytest.mark.parametrize(
    "reason",
    [
        "no mailbox ada@example.com",
        "ada@example.com",
        "03-1234-5678",
        "0312345678",
        "山田",
        "a" * 200,
        "a\nb",
        "word at ada",
        "sent: Ada",
        "failed: ada@example.com",
        "failed: ValueError at ada",
        "failed: ValueError at fact_ada",
    ],
)
def test_what_may_name_a_person_is_not_shown(reason: str) -> None:
    assert plain(reason) == "(not shown: no plain word)"


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (timedelta(0), "0.0s"),
        (timedelta(seconds=59.94), "59.9s"),
        (timedelta(seconds=59.999), "1m"),
        (timedelta(seconds=60), "1m"),
        (timedelta(hours=1, seconds=1), "1h 1s"),
        (timedelta(days=400, hours=1, minutes=1), "400d 1h"),
        (timedelta(minutes=-5), "-5m"),
    ],
)
def test_lengths_show_two_units(time: timedelta, text: str) -> None:
    assert length(time) == text


def test_instants_are_in_utc() -> None:
    at = datetime(2026, 4, 1, 9, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=9)))
    assert (short(at), instant(at)) == ("2026-04-01T00:00:00Z", "2026-04-01T00:00:00.250000+00:00")
    assert datetime.fromisoformat(instant(at) or "") == at.astimezone(UTC)
    assert (short(None), instant(None)) == ("-", None)


def test_a_table_is_in_columns() -> None:
    assert table(("A", "LONGER"), [("value", "x")]) == ["A      LONGER", "value  x"]
