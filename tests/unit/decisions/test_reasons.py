"""Reasons in words: each that the gate gives has a sentence in both languages, with what the program says of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import attrs
import pytest

from nurture import Cap, ContactPolicy, Dossier, Effect, Lead, Program, Rate, WarmUp, civil, days, explain, hours, q
from nurture.decisions import describe_reason
from nurture.decisions.reasons import FAMILIES, PARTS, REASONS
from nurture.model import EffectId, EffectKind, EffectState, EnrollmentId, LeadId, SubjectId
from nurture.program import Hold

ROOT: Final = Path(__file__).parents[3]
SENDING: Final = ("decisions", "mail", "runtime", "senders")
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
        ("hold_talks", 'it waits while title is "a"', "保留条件に該当"),
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
    others = ("greylisted", "hold_gone", "failed_credit_check", "scenario ", "")
    assert {describe_reason(PROGRAM, reason, lang) for reason in others for lang in ("en", "ja")} == {""}


@pytest.mark.parametrize(
    ("reason", "english", "japanese"),
    [
        ("gave_up_throttled", "put off for too long, because the service asks for fewer", "配信サービスの速度制限"),
        ("gave_up_greylisted", "because greylisted", "打ち切りました：greylisted"),
        ("compose_failed_TypeError", "could not be composed: TypeError", "メールを作成できませんでした（TypeError）"),
        ("answered_503", "with the status 503", "503"),
        ("broken_after_end_timeout", "broke after all was sent: timeout", "（timeout）"),
        ("displaced by welcome", "the scenario welcome is more important", "シナリオ「welcome」"),
    ],
)
def test_a_reason_that_names_something_says_it(reason: str, english: str, japanese: str) -> None:
    assert english in describe_reason(PROGRAM, reason)
    assert japanese in describe_reason(PROGRAM, reason, "ja")


@pytest.mark.parametrize("tables", [REASONS, FAMILIES, PARTS])
def test_both_languages_know_the_same_reasons(tables: Mapping[str, Mapping[str, str]]) -> None:
    holes = {lang: {word: re.findall(r"{\w+}", said) for word, said in table.items()} for lang, table in tables.items()}
    assert {word: sorted(found) for word, found in holes["en"].items()} == {
        word: sorted(found) for word, found in holes["ja"].items()
    }


def test_every_reason_is_said_in_its_language() -> None:
    assert [said for said in REASONS["en"].values() if not said.isascii()] == []
    assert [said for said in REASONS["ja"].values() if not re.search("[ぁ-ん]", said)] == []


@pytest.mark.parametrize("page", ["gate", "receipts"])
def test_every_reason_of_the_pages_has_a_sentence(page: str) -> None:
    text = (ROOT / f"docs/reference/{page}.md").read_text()
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    named = {name.replace("<status>", "503").replace("<error>", "Oops").replace("<reason>", "rate")
             for row in rows for name in re.findall(r"`([\w<>]+)`", row)}  # fmt: skip
    facts = {"<hold>", "hold_<name>", "too_late_hold_<name>"}
    assert [one for one in sorted(named - facts) for lang in REASONS if not describe_reason(PROGRAM, one, lang)] == []


AT: Final = dict.fromkeys(("SendRefusedError", "Rejected", "Deferred", "Unknown", "Withhold", "Refused"), 0) | {
    "Defer": 1,
    "Outlook": 9,  # by name only
}
"""Where each kind of answer has its reason among its arguments."""


def _words(node: ast.expr) -> Iterator[str]:
    """The reasons that an expression may be; what is filled in counts as the name of an error."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(one.value) if isinstance(one, ast.Constant) else "Oops" for one in node.values)
    elif isinstance(node, ast.IfExp):
        yield from (*_words(node.body), *_words(node.orelse))


def _given(node: ast.AST) -> Iterator[str]:
    """The reasons that a call or a function of the source gives."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in AT:
        place = AT[node.func.id]
        named = [one.value for one in node.keywords if one.arg == "reason"]
        yield from (word for one in (*node.args[place : place + 1], *named) for word in _words(one))
    if isinstance(node, ast.FunctionDef) and "refusal" in node.name:
        for one in ast.walk(node):
            if isinstance(one, ast.Return) and one.value is not None:
                yield from _words(one.value.elts[0] if isinstance(one.value, ast.Tuple) else one.value)


def test_every_reason_that_the_code_gives_has_a_sentence() -> None:
    """Whatever stands in the source as the reason of a receipt, of a verdict or of a refusal."""
    sources = [one.read_text() for room in SENDING for one in (ROOT / "src/nurture" / room).rglob("*.py")]
    found = {word for text in sources for node in ast.walk(ast.parse(text)) for word in _given(node)}
    assert len(found) > 90
    assert sorted(word for word in found for lang in REASONS if not describe_reason(PROGRAM, word, lang)) == []


def test_explain_shows_the_rule_in_the_programs_language() -> None:
    now = datetime(2026, 4, 1, tzinfo=UTC)
    lead = Lead(id=LeadId(SubjectId("lead_1")), email="a@example.com", created_at=now)
    effect = Effect(
        id=EffectId("eff_1"), subject=lead.id, enrollment=EnrollmentId("enr_1"), scenario="s", step="0",
        kind=EffectKind.MESSAGE, name="news", state=EffectState.WITHHELD, planned_at=now, due_at=None,
        reason="no_consent",
    )  # fmt: skip
    for locale, line in (
        ("en", "message news: withheld (no_consent: nobody agreed to it)"),
        ("ja-JP", "メッセージ「news」：見送り（no_consent：同意がありません）"),
    ):
        told = explain(attrs.evolve(PROGRAM, locale=locale), Dossier(subject=lead), now, effects=[effect])
        assert f"  {line}" in str(told).splitlines()
    busy = attrs.evolve(effect, reason="busy")
    assert "(busy)" in str(explain(PROGRAM, Dossier(subject=lead), now, effects=[busy]))
