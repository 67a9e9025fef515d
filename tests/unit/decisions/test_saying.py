"""Explanations in words: one table of phrases a language, nothing left unsaid, and the same facts in both."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import attrs
import pytest

from nurture import (
    Basis,
    Explanation,
    Lifecycle,
    Message,
    Program,
    Scenario,
    ScoreModel,
    ScoreRule,
    Segment,
    Stage,
    Threshold,
    days,
    explain,
    minutes,
    q,
)
from nurture.decisions.saying import PHRASES, lines_of, outcome_of
from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import Dossier, EnrollmentState, LeadId, Note, Switch
from nurture.program import Hold, Transition
from nurture.steps import change_stage, send, wait_for
from tests.golden.histories import history_of
from tests.property.ledger import Ledger, live
from tests.property.switched import SwitchedLedger
from tests.stores import T0, House, store_maker
from tests.strategies import START, Happening

ROOT: Final = Path(__file__).parents[3]
HISTORIES: Final = json.loads((ROOT / "tests/golden/histories.json").read_text())
JAPANESE: Final = re.compile("[ぁ-んァ-ヶ一-龠]")
HOLES: Final = re.compile(r"{(\w+)}")

WARM = ScoreModel("warm", [ScoreRule(q.touches("page.viewed"), 5), ScoreRule(q.lead.title == "CEO", 10)],
                  thresholds=[Threshold("hot", up=15)])  # fmt: skip
PROGRAM = Program(
    scores=[WARM],
    segments=[
        Segment("readers", (q.touches("page.viewed").count() >= 2) & (q.lead.title == "CTO")),
        Segment("hot", q.score(WARM) >= 15),
    ],
    lifecycle=Lifecycle(
        [Stage("new", stale_after=days(30)), Stage("mql")],
        [Transition("new", "mql", when=q.score(WARM) >= 15)],
    ),
    messages=[Message("hello", "marketing", "Hello", "Hello")],
    scenarios=[
        Scenario(
            "welcome",
            q.touches("form.submitted"),
            [send("hello"), wait_for(q.touches("email.clicked"), days(3)), change_stage("new")],
        )
    ],
)


def life(folder: Path, program: Program = PROGRAM) -> tuple[House, Explanation]:
    house = House(program, store_maker("memory", folder))
    lead = house.crm.capture(email="secret@example.com", name="<Hana>", title="CEO", consent=Basis.CONSENT).id
    house.crm.record(lead, "form.submitted")
    house.crm.record(lead, "page.viewed", {"path": "/p"})
    house.tick_at(T0 + minutes(1))
    return house, house.crm.explain(lead, lang="ja")


def test_both_languages_have_the_same_phrases_about_the_same_things() -> None:
    assert set(PHRASES["en"]) == set(PHRASES["ja"])
    for key, said in PHRASES["ja"].items():
        assert set(HOLES.findall(said)) <= set(HOLES.findall(PHRASES["en"][key])) | {"sentence"}, key


def test_every_phrase_is_said_in_its_language() -> None:
    assert [key for key, said in PHRASES["en"].items() if not HOLES.sub("", said).replace("→", "").isascii()] == []
    words = {key: HOLES.sub("", said).strip(" →［］「」／、。：（）") for key, said in PHRASES["ja"].items()}
    assert {key for key, said in words.items() if said and not JAPANESE.search(said)} == set()


def test_a_life_in_japanese(tmp_path: Path) -> None:
    _, told = life(tmp_path)
    text = str(told).splitlines()
    for line in (
        f"{told.subject}（2026-04-01 00:01 時点）",
        "  購買段階：「mql」（2026-04-01 00:00 から）",
        "  スコア「warm」：15.0点（うち属性による点：10）、到達済みの基準：hot",
        "  セグメント「hot」：所属（2026-04-01 00:00 から）、条件：スコア「warm」が15以上である → はい"
        "［実際：14.99999…］".replace("14.99999…", "15"),
        "    page.viewedが2回以上 → いいえ［実際：1］",
        "    「title」が「CTO」である → いいえ［実際：CEO］",
        "  メッセージ「hello」：完了",
    ):
        assert line in text
    assert any(line.endswith("スコア「warm」：基準「hot」に到達、根拠：スコア「warm」が15以上である"
                             "［スコア：warm、基準：hot、方向：上昇、値：15］") for line in text)  # fmt: skip


def test_it_says_the_same_of_the_same_things(tmp_path: Path) -> None:
    house, japanese = life(tmp_path)
    english = house.crm.explain(japanese.subject, lang="en")
    assert len(str(english).splitlines()) == len(str(japanese).splitlines())
    blank = {"lang": "", "reasons": {}, "sentences": {}, "next_what": (), "enrollments": (), "at": T0}
    assert attrs.evolve(english, **blank) == attrs.evolve(japanese, **blank)  # type: ignore[arg-type]


def test_nobody_is_named_who_is_not_in_english(tmp_path: Path) -> None:
    house, told = life(tmp_path)
    english = house.crm.explain(told.subject, lang="en")
    for text in (str(told), told._repr_html_(), str(english)):
        assert "secret" not in text
        assert "Hana" not in text


def test_the_page_is_in_japanese_too(tmp_path: Path) -> None:
    _, told = life(tmp_path)
    page = told._repr_html_()
    assert page.startswith('<div lang="ja"><p><strong>リード ')
    assert "購買段階：mql（2026-04-01 00:00 から）" in page
    assert "✗ いいえ" in page
    assert "<small>実際：CEO</small>" in page
    assert told._repr_mimebundle_() == {"text/plain": str(told), "text/html": page}


@pytest.mark.parametrize(
    ("locale", "lang", "spoken"),
    [("en", None, "en"), ("ja", None, "ja"), ("ja-JP", None, "ja"), ("fr", None, "en"), ("ja", "en", "en"),
     ("en", "ja-JP", "ja")],
)  # fmt: skip
def test_no_language_means_the_programs_own(tmp_path: Path, locale: str, lang: str | None, spoken: str) -> None:
    house = House(attrs.evolve(PROGRAM, locale=locale), store_maker("memory", tmp_path))
    lead = house.crm.capture(email="a@example.com").id
    assert house.crm.explain(lead, lang=lang).lang == spoken


def test_an_unknown_language_is_refused_with_the_nearest(tmp_path: Path) -> None:
    house = House(PROGRAM, store_maker("memory", tmp_path))
    lead = house.crm.capture(email="a@example.com").id
    with pytest.raises(UnknownNameError, match="did you mean 'ja'") as refused:
        house.crm.explain(lead, lang="jap")
    assert refused.value.near == ("ja",)
    with pytest.raises(DefinitionError, match="lang: expected 'en' or 'ja', found int"):
        explain(PROGRAM, Dossier(subject=house.crm.lead(lead)), T0, lang=5)  # type: ignore[arg-type]


def test_a_clause_that_nothing_declares_any_more_stands_as_it_was_written_down(tmp_path: Path) -> None:
    house, before = life(tmp_path)
    records = before.decisions
    dossier = Dossier(subject=house.crm.lead(LeadId(before.subject)))
    told = explain(attrs.evolve(PROGRAM, segments=[]), dossier, T0 + days(1), decisions=records, lang="ja")
    assert "セグメント「hot」：所属開始、根拠：スコア「warm」が15以上である" in str(
        told
    )  # the threshold asks that, too
    told = explain(Program(), dossier, T0 + days(1), decisions=records, lang="ja")
    assert "セグメント「hot」：所属開始、根拠：「the score warm is at least 15」" in str(told)


def noted() -> Iterator[tuple[str, str]]:
    """What each call that notes a decision notes: about what, and how it was decided, `x` for what is filled in."""
    for path in (ROOT / "src/nurture").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or len(node.args) < 3 or not isinstance(node.args[0], ast.Constant):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("note", "Note"):
                yield from ((str(node.args[0].value), one) for one in outcomes(node.args[2]))


def outcomes(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from (*outcomes(node.body), *outcomes(node.orelse))
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(one.value) if isinstance(one, ast.Constant) else "x" for one in node.values)


def test_every_note_that_the_code_makes_has_a_phrase(tmp_path: Path) -> None:
    known = {one for one in noted() if one != ("score", "crossed x x")}
    known |= {("score", "crossed x up"), ("score", "crossed x down"), ("deferred", "quiet_hours")}
    known |= {("left", state.value) for state in EnrollmentState if state is not EnrollmentState.ACTIVE}
    known |= {("switch", switch.value) for switch in Switch}
    assert len(known) > 30
    _, told = life(tmp_path)
    for what, outcome in sorted(known):
        assert f"what.{what}" in PHRASES["ja"], what
        if outcome != "x → x":  # two addresses
            said = outcome_of(told, Note(what, "name", outcome))
            assert JAPANESE.search(said), (what, outcome, said)


@pytest.mark.parametrize("number", range(0, len(HISTORIES), max(1, len(HISTORIES) // 8)))
def test_nothing_of_a_history_is_left_in_english(number: int) -> None:
    """What is not Japanese is a name of the program, an id, a kind, or a word that stands before its meaning."""
    program = Program.from_json(HISTORIES[number]["program"])
    history, turns = history_of(number)
    ledger, _ = live(program, history, ledger=SwitchedLedger(program, turns))
    told = explain(
        program, ledger._dossier(), T0 + timedelta(days=400), effects=ledger.effects.values(),
        decisions=[*ledger.records.values()][::-1], lang="ja",
    )  # fmt: skip
    notes = [note for record in told.decisions for note in record.notes]
    assert notes
    for note in notes:
        said = outcome_of(told, note)
        edge = note.outcome.rpartition(" → ")[2]
        assert JAPANESE.search(said) or f"edge.{edge}" not in PHRASES["ja"], note
        assert note.clause == "" or note.clause in told.sentences or f"clause.{note.clause}" in PHRASES["ja"]
    assert all(JAPANESE.search(line) for line in lines_of(told))


def test_a_hold_is_told_by_what_it_asks(tmp_path: Path) -> None:
    policy = attrs.evolve(PROGRAM.policy, holds=[Hold("talks", q.lead.title == "CEO")])
    house, told = life(tmp_path, attrs.evolve(PROGRAM, policy=policy))
    held = "保留（hold_talks：保留条件に該当しています（「title」が「CEO」である））"
    assert f"  メッセージ「hello」：{held}" in str(told)
    assert 'planned (hold_talks: it waits while title is "CEO")' in str(house.crm.explain(told.subject))


def test_instants_are_told_by_the_clocks_of_the_program(tmp_path: Path) -> None:
    _, at_home = life(tmp_path, attrs.evolve(PROGRAM, zone="Asia/Tokyo"))
    _, elsewhere = life(tmp_path, PROGRAM)
    japanese, universal = str(at_home).splitlines(), str(elsewhere).splitlines()
    there = at_home.at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert f"{there:%Y-%m-%d %H:%M} Asia/Tokyo" in japanese[0]
    assert f"（{elsewhere.at:%Y-%m-%d %H:%M} 時点）" in universal[0]
    assert len(japanese) == len(universal)
    assert at_home.stage_since == elsewhere.stage_since


def test_who_leaves_a_segment_is_told_what_no_longer_holds() -> None:
    program = Program(segments=[Segment("active", q.touches("page.viewed").within(days=1))])
    ledger = Ledger(program)
    ledger.happen(Happening(START, "page.viewed", START, {}), 0)
    ledger.tick(START + days(3))
    dossier, records = ledger._dossier(), [*ledger.records.values()]
    english = str(explain(program, dossier, START + days(3), decisions=records))
    assert "left because this no longer holds: at least 1 page.viewed in the last 1 day" in english
    japanese = str(explain(program, dossier, START + days(3), decisions=records, lang="ja"))
    assert "次の条件を満たさなくなったため：過去1日以内のpage.viewedが1回以上" in japanese
