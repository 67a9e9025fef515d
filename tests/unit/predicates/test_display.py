"""What notebooks show: sentences in the right language, a tree, and nothing that runs."""

from datetime import UTC, datetime, timedelta

import attrs

from nurture import Lead, Program, ScoreModel, ScoreRule, Segment, days, explain, q
from nurture.model import Dossier, Sight
from nurture.predicates import Names, describe, examine
from nurture.predicates.display import clause_html, languages_of, sentences, tree

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PREDICATE = (q.lead.title == "<script>") & (q.touches("page.viewed") | ~(q.lead.source == "fair"))


def test_languages() -> None:
    assert languages_of(None) == ("en", "ja")
    assert (languages_of("ja"), languages_of("ja-JP"), languages_of("ja_JP")) == (("ja",),) * 3
    assert (languages_of("en"), languages_of("fr"), languages_of("jam")) == (("en",),) * 3


def test_sentences_are_escaped_and_in_the_language() -> None:
    assert "&lt;script&gt;" in sentences(PREDICATE)
    assert "<script>" not in sentences(PREDICATE) + tree(PREDICATE)
    assert sentences(PREDICATE).count("<p lang=") == 2
    assert sentences(PREDICATE, "ja").count("<p lang=") == 1


def test_the_tree_has_an_entry_for_each_clause() -> None:
    shown = tree(PREDICATE)
    assert shown.count("<li>") == 6
    assert ("all of" in shown, "any of" in shown, "not" in shown) == (True, True, True)
    assert "次のすべて" in tree(PREDICATE, "ja")


def test_a_clause_shows_answers_and_what_decides() -> None:
    sight = Sight(lead={"title": "<script>", "source": "fair"})
    clause = examine(PREDICATE, sight, NOW, Names())
    shown = clause_html(clause)
    assert "✗ no" in shown
    assert "✓ yes" in shown
    assert "<script>" not in shown
    assert clause._repr_mimebundle_()["text/html"] == clause._repr_html_()
    assert clause._repr_mimebundle_()["text/plain"].endswith("→ no")


def test_a_clause_shows_until_when() -> None:
    clause = examine(q.time_in_stage >= days(3), Sight(stage="new", stage_since=NOW - timedelta(days=1)), NOW, Names())
    assert "2026-03-03 00:00 UTC" in clause_html(clause)


def test_declarations_show_themselves() -> None:
    model = ScoreModel("warm", [ScoreRule(q.touches("page.viewed"), 5, cap=3, once_per="path")], half_life=days(21))
    segment = Segment("hot", PREDICATE, title="Call <them>")
    program = Program(name="spring", scores=[model], segments=[segment])
    assert "Call &lt;them&gt;" in segment._repr_html_()
    assert segment._repr_mimebundle_()["text/plain"].startswith("segment hot: ")
    assert "3, once per path" in model._repr_html_()
    assert model._repr_mimebundle_()["text/plain"].startswith("score warm: +5 when ")
    assert "hot" in program._repr_html_()
    assert program._repr_mimebundle_()["text/plain"] == "spring: segments 1, score models 1"
    assert 'lang="ja"' in attrs.evolve(program, locale="ja")._repr_html_()


def test_an_explanation_shows_scores_and_segments() -> None:
    model = ScoreModel("warm", [ScoreRule(q.lead.title == "CTO", 5)])
    program = Program(scores=[model], segments=[Segment("hot", q.score(model) >= 3)])
    lead = Lead(id="lead_1", email="a@x.jp", created_at=NOW, title="CTO")
    said = explain(program, Dossier(subject=lead), NOW)
    page = said._repr_html_()
    assert "lead_1" in page
    assert "hot" in page
    assert said._repr_mimebundle_() == {"text/plain": str(said), "text/html": page}


def test_a_predicate_by_itself_is_shown_with_its_sentence_and_its_tree() -> None:
    html = ((q.lead.title == "<b>") & q.touches("page.viewed"))._repr_html_()
    assert '<p lang="en">' in html
    assert '<p lang="ja">' in html
    assert "<em>all of</em>" in html
    assert "<b>" not in html
    leaf = q.lead.title == "CTO"
    assert "<ul" not in leaf._repr_html_()
    assert leaf._repr_mimebundle_() == {"text/plain": describe(leaf), "text/html": leaf._repr_html_()}
