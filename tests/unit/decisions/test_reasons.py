"""Reasons in words: each that the gate gives has a sentence in both languages, with what the program says of it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import attrs
import pytest

from nurture import Cap, ContactPolicy, Dossier, Effect, Lead, Program, Rate, WarmUp, civil, days, explain, hours, q
from nurture.decisions import describe_reason
from nurture.decisions.reasons import _ENGLISH, _JAPANESE
from nurture.model import EffectId, EffectKind, EffectState, EnrollmentId, LeadId, SubjectId
from nurture.program import Hold

PROGRAM = Program(
    policy=ContactPolicy(
        caps=[Cap(2, days(7)), Cap(1, "day"), Cap(9, "week", scope="account")],
        spacing=civil(business_days=1),
        rates=[Rate(100, hours(1), domain="gmail.com"), Rate(9, hours(1), domain="*"), Rate(500, hours(1))],
        warm_ups=WarmUp(date(2026, 4, 1), [50]),
        holds=Hold("talks", q.lead.title == "a"),
    )
)


@pytest.mark.parametrize(
    ("reason", "english", "japanese"),
    [
        ("frequency_cap", "2 in 7 days; 1 in a calendar day", "7日に2通、1日に1通"),
        ("account_cap", "9 in a calendar week", "1週に9通"),
        ("rate", "500 in 1 hour", "1時間に500通"),
        ("domain_rate", "gmail.com: 100 in 1 hour; 9 in 1 hour", "gmail.com：1時間に100通、1時間に9通"),
        ("spacing", "the next business day", "翌営業日"),
        ("hold_talks", 'it waits while title is "a"', "保留中"),
        ("too_late_account_cap", "it could not go in time, because the company", "期限までに送信できませんでした"),
        ("too_late_unheard_of", "its last instant has passed", "送信期限を過ぎました"),
        ("priority", "more important", "優先度"),
        ("program_cap", "as much as may go in all has gone", "全体の送信数"),
    ],
)
def test_a_reason_says_what_the_program_says(reason: str, english: str, japanese: str) -> None:
    assert english in describe_reason(PROGRAM, reason)
    assert japanese in describe_reason(PROGRAM, reason, "ja-JP")
    assert "{" not in describe_reason(PROGRAM, reason) + describe_reason(PROGRAM, reason, "ja")


def test_a_reason_of_somebody_else_has_no_sentence() -> None:
    assert describe_reason(PROGRAM, "greylisted") == describe_reason(PROGRAM, "hold_gone") == ""


def test_both_languages_know_the_same_reasons() -> None:
    assert set(_ENGLISH) == set(_JAPANESE)


def test_every_reason_of_the_page_has_a_sentence() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/gate.md").read_text()
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row[1])}
    of_workers = {"no_sender", "no_action", "no_site", "subject_behind", "subject_dead", "judging_failed"}
    silent = {name for name in named if not describe_reason(PROGRAM, name)}
    assert silent <= of_workers | {"imported"}
    assert set(_ENGLISH) <= named


def test_explain_shows_the_rule_in_the_programs_language() -> None:
    now = datetime(2026, 4, 1, tzinfo=UTC)
    lead = Lead(id=LeadId(SubjectId("lead_1")), email="a@example.com", created_at=now)
    effect = Effect(
        id=EffectId("eff_1"), subject=lead.id, enrollment=EnrollmentId("enr_1"), scenario="s", step="0",
        kind=EffectKind.MESSAGE, name="news", state=EffectState.WITHHELD, planned_at=now, due_at=None,
        reason="no_consent",
    )  # fmt: skip
    for locale, sentence in (("en", "nobody agreed to it"), ("ja", "同意がありません")):
        told = explain(attrs.evolve(PROGRAM, locale=locale), Dossier(subject=lead), now, effects=[effect])
        assert f"message news: withheld (no_consent: {sentence})" in str(told)
    busy = attrs.evolve(effect, reason="busy")
    assert "(busy)" in str(explain(PROGRAM, Dossier(subject=lead), now, effects=[busy]))
