"""Filters that read the message's language and zone, and their refusals."""

from datetime import UTC, date, datetime

import pytest

from nurture.errors import SendRefusedError
from nurture.mail.templates import Kind, compile_template

LATE = datetime(2026, 3, 31, 16, 5, tzinfo=UTC)  # already 1 April in Tokyo


def said(source: str, **context: object) -> str:
    return compile_template(source).render(
        {"zone": "Asia/Tokyo", "locale": "ja", "at": LATE, "day": date(2026, 12, 24), **context}
    )


@pytest.mark.parametrize(
    ("source", "locale", "text"),
    [
        ("{{ at|date }}", "ja", "2026年4月1日(水)"),
        ("{{ at|date('full') }}", "ja", "2026年4月1日(水) 1:05"),
        ("{{ at|date('short') }}", "ja", "2026/04/01"),
        ("{{ at|date('day') }}", "ja", "4月1日"),
        ("{{ at|date('time') }}", "ja", "1:05"),
        ("{{ day|date('full') }}", "ja", "2026年12月24日(木)"),
        ("{{ at|date }}", "en", "Wednesday, 1 April 2026"),
        ("{{ at|date('full') }}", "en", "Wednesday, 1 April 2026 1:05"),
        ("{{ at|date('short') }}", "en", "2026-04-01"),
        ("{{ day|date('day') }}", "en", "24 December"),
        ("{{ at|date('era') }}", "ja", "令和8年4月1日"),
        ("{{ day|date('era') }}", "en", "Thursday, 24 December 2026"),
        ("{{ at.year }}-{{ at.month }}", "en", "2026-3"),
    ],
)
def test_dates_speak_the_language_and_the_zone(source: str, locale: str, text: str) -> None:
    assert said(source, locale=locale) == text


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(1989, 1, 8), "平成元年1月8日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1926, 12, 24), "大正15年12月24日"),
        (date(1912, 7, 29), "明治45年7月29日"),
        (date(1873, 1, 1), "明治6年1月1日"),
        (date(1872, 12, 31), "1872年12月31日"),
    ],
)
def test_years_of_an_era(day: date, text: str) -> None:
    assert said("{{ day|date('era') }}", day=day) == text


def test_an_era_begins_at_midnight_of_the_readers_zone() -> None:
    eve = datetime(2019, 4, 30, 14, 59, tzinfo=UTC)
    assert said("{{ at|date('era') }}", at=eve) == "平成31年4月30日"
    assert said("{{ at|date('era') }}", at=eve.replace(hour=15, minute=0)) == "令和元年5月1日"


def test_without_a_zone_an_instant_is_in_utc() -> None:
    assert (
        compile_template("{{ at|date('full') }}").render({"at": LATE, "locale": "en"}) == "Tuesday, 31 March 2026 16:05"
    )


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{{ 'x'|date }}", "date is for a date or an instant"),
        ("{{ at|date('iso') }}", "date knows the styles"),
        ("{{ gone|date }}", "'gone' is not known"),
        ("{{ gone|honorific }}", "'gone' is not known"),
        ("{{ gone|length }}", "'gone' is not known"),
        ("{{ gone|number }}", "'gone' is not known"),
        ("{{ 'x'|honorific }}", "honorific is for a lead"),
        ("{{ 'x'|number }}", "not a number"),
        ("{{ 1|length }}", "neither text nor a list"),
        ("{{ yes|upper }}", "not text"),
        ("{{ long|upper }}", "too long a text"),
    ],
)
def test_what_a_filter_cannot_take_is_said(source: str, problem: str) -> None:
    with pytest.raises(SendRefusedError, match=problem):
        said(source, yes=True, long="x" * 20_000)


def test_digits_are_bounded() -> None:
    assert len(said("{{ 1.5|number(1000000000) }}")) < 40
    assert said("{{ 1.5|round(1000000000) }}") == "1.5"


def test_markup_stays_markup_where_it_is_joined() -> None:
    assert (
        compile_template("{{ a|e ~ '<' }}{{ a|e|upper }}", Kind.HTML).render({"a": "<x>"}) == "&lt;x&gt;&lt;&LT;X&GT;"
    )
