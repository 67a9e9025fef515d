"""An explanation as text and as a page, in English or Japanese; what is said stands in the tables of phrases. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Final

from nurture.calendar import zone
from nurture.decisions import phrases_en, phrases_ja
from nurture.decisions.reasons import describe_word
from nurture.model import EffectState, Note, Switch, Value
from nurture.predicates.display import clause_html, heading, table

if TYPE_CHECKING:
    from nurture.decisions.explain import EnrollmentExplained, Explanation, SegmentExplained
    from nurture.predicates import Clause

PHRASES: Final[Mapping[str, Mapping[str, str]]] = {"en": phrases_en.PHRASES, "ja": phrases_ja.PHRASES}
"""What is said, by language."""
RUN_ENDS: Final = frozenset(
    {
        "end", "goal", "goal_after_end", "exit", "no_longer_entered", "restarted", "scenario_stopped", "migrated",
        "by request", "another scenario",
    }
)  # fmt: skip
"""Why a run ended, as far as the words are ours; a host may give words of its own."""
DISPLACED: Final = "displaced by "
SCENARIO: Final = "scenario "
REFUSED: Final = "refused: "
UTC_NAME: Final = "UTC"
DECISIONS: Final = 5
"""So many of the latest decisions are told."""
_CROSSED: Final = re.compile(r"crossed (?P<mark>.+) (?P<direction>up|down)", re.DOTALL)
_LED: Final = re.compile(r"(?P<step>.+) → (?P<edge>.+)", re.DOTALL)
_WAITS: Final = re.compile(r"(?P<step>.+) waits", re.DOTALL)
_SCORE: Final = "score."
_NAMED: Final = ("outcome", "zone_of", "direction")
"""What a decision saw under these names is a word of ours."""


def lines_of(explained: Explanation) -> Iterator[str]:
    """An explanation as lines of text, in its language."""
    say = PHRASES[explained.lang]
    yield say["head"].format(subject=explained.subject, at=_dated(explained))
    if explained.stage:
        yield say["stage"].format(name=explained.stage, since=_when(explained, explained.stage_since))
    yield from _score_lines(explained, say)
    for segment in explained.segments:
        yield from _segment_lines(explained, segment)
    for run in explained.enrollments:
        yield _run_line(explained, run)
    for name, number in explained.past.items():
        yield say["run.past"].format(name=name, number=number)
    yield from _effect_lines(explained, say)
    for record in explained.decisions[:DECISIONS]:
        yield from (_note_line(explained, record.at, note) for note in record.notes)
    yield _outlook(explained, say)


def _score_lines(explained: Explanation, say: Mapping[str, str]) -> Iterator[str]:
    if explained.objected_at is not None:
        yield say["objected"].format(at=_when(explained, explained.objected_at))
    for score in explained.scores:
        constant = say["score.constant"].format(points=f"{score.constant:g}") if score.constant else ""
        above = say["score.above"].format(names=say["names"].join(score.above)) if score.above else ""
        yield say["score"].format(model=score.model, value=f"{score.value:.1f}", constant=constant, above=above)


def _segment_lines(explained: Explanation, segment: SegmentExplained) -> Iterator[str]:
    lang, clause = explained.lang, segment.clause
    say = PHRASES[lang]
    shape = say["segment.in" if segment.belongs else "segment.out"]
    told, seen = describe_clause(clause, lang), _seen(clause, lang)
    yield shape.format(name=segment.name, since=_when(explained, segment.since), clause=told, seen=seen)
    for leaf in clause.leaves() if clause.parts else ():
        yield say["leaf"].format(clause=describe_clause(leaf, lang), seen=_seen(leaf, lang))
    if segment.changes:
        changes = say["changes"].join(one.said(lang) for one in segment.changes)
        yield say["would.off" if clause.answer else "would.on"].format(changes=changes)


def describe_clause(clause: Clause, lang: str = "en") -> str:
    """A clause in words, with its answer."""
    say = PHRASES[lang]
    return say["clause"].format(sentence=clause.said(lang), answer=say["yes" if clause.answer else "no"])


def _seen(clause: Clause, lang: str) -> str:
    seen = clause.seen(lang)
    return PHRASES[lang]["seen"].format(seen=seen) if seen else ""


def _run_line(explained: Explanation, run: EnrollmentExplained) -> str:
    lang = explained.lang
    say = PHRASES[lang]
    if run.state != "active":
        state = say[f"state.{run.state}"]
        if not run.reason:
            return say["run.over"].format(name=run.scenario, state=state)
        return say["run.ended"].format(name=run.scenario, state=state, reason=_ending(run.reason, "reason", lang))
    switched = ""
    if run.switch:
        shape = say["run.paused" if run.switch == Switch.PAUSED else "run.switched"]
        switched = shape.format(switch=say[f"switch.{run.switch}"])
    shape = say["run.until" if run.until else "run.at"]
    return shape.format(
        name=run.scenario, step=run.step, sentence=run.sentence, until=_when(explained, run.until), switched=switched
    )


def _ending(reason: str, shape: str, lang: str) -> str:
    """Why a run ended, in words where the word is ours."""
    is_ours = reason in RUN_ENDS or reason.startswith(DISPLACED)
    return _reasoned(reason, describe_word(reason, lang) if is_ours else "", shape, lang)


def _reasoned(word: str, sentence: str, shape: str, lang: str) -> str:
    """A reason as its word, with the sentence that says what it means where there is one."""
    if not sentence:
        return word
    return PHRASES[lang]["reason.words" if " " in word else shape].format(word=word, sentence=sentence)


def _effect_lines(explained: Explanation, say: Mapping[str, str]) -> Iterator[str]:
    for effect in explained.effects:
        is_deferred = effect.state is EffectState.PLANNED and effect.reason
        state = say["effect.deferred" if is_deferred else f"effect.{effect.state}"]
        reason = _reasoned(effect.reason, explained.reasons.get(effect.reason, ""), "reason", explained.lang)
        shape = say["effect.because" if reason else "effect"]
        yield shape.format(kind=say[f"kind.{effect.kind}"], name=effect.name, state=state, reason=reason)


def _note_line(explained: Explanation, at: datetime, note: Note) -> str:
    say = PHRASES[explained.lang]
    what = say.get(f"what.{note.what}", say["what"]).format(what=note.what, name=note.name)
    values = [say["note.value"].format(name=_name(note, name, say), value=_value(explained, note, name))
              for name in note.saw]  # fmt: skip
    saw = say["note.seen"].format(seen=say["names"].join(values)) if values else ""
    shape = say["note.no_longer" if _has_ceased(note) else "note.because" if note.clause else "note"]
    clause = _clause(explained, note.clause)
    return shape.format(at=_when(explained, at), what=what, outcome=outcome_of(explained, note), clause=clause, saw=saw)


def _clause(explained: Explanation, clause: str) -> str:
    """The clause that decided; one that nothing declares any more stands as it was written down."""
    say = PHRASES[explained.lang]
    known = explained.sentences.get(clause) or say.get(f"clause.{clause}")
    return known or say["note.words"].format(clause=clause)


def outcome_of(explained: Explanation, note: Note) -> str:
    """What was decided, in words."""
    say, outcome = PHRASES[explained.lang], note.outcome
    known = say.get(f"{note.what}.{outcome}")
    if known is not None:
        return known
    if note.what == "deferred":
        return say["deferred"].format(reason=_decided(explained, outcome))
    if outcome.startswith(REFUSED):
        return say["refused"].format(reason=_decided(explained, outcome.removeprefix(REFUSED)))
    if (crossed := _CROSSED.fullmatch(outcome)) is not None:
        return say[f"score.crossed.{crossed['direction']}"].format(mark=crossed["mark"])
    if (led := _LED.fullmatch(outcome)) is not None and (shape := say.get(f"{note.what}.led")) is not None:
        edge = say.get(f"edge.{led['edge']}", led["edge"]) if note.what == "step" else led["edge"]
        return shape.format(step=led["step"], edge=edge)
    waits = _WAITS.fullmatch(outcome)
    return outcome if waits is None else say["step.waits"].format(step=waits["step"])


def _decided(explained: Explanation, word: str) -> str:
    return _reasoned(word, explained.reasons.get(word, ""), "reason.noted", explained.lang)


def _has_ceased(note: Note) -> bool:
    """Whether a clause decided because it holds no more."""
    return bool(note.clause) and note.what == "segment" and note.outcome == "left"


def _name(note: Note, name: str, say: Mapping[str, str]) -> str:
    """What a value that a decision saw is of."""
    if note.what == "deferred" and name == "until":
        return say["saw.again"]
    if name.startswith(_SCORE):
        return say["saw.score"].format(name=name.removeprefix(_SCORE))
    return say.get(f"saw.{name}", name)


def _value(explained: Explanation, note: Note, name: str) -> str:
    value = note.saw[name]
    say, lang = PHRASES[explained.lang], explained.lang
    if not isinstance(value, str):
        return _plain(explained, value)
    if name in _NAMED:
        return say.get(f"{name}.{value}", value)
    if name == "reason" and note.what == "left":
        return _ending(value, "reason.seen", lang)
    if name == "reason" and note.what == "stage":
        sentence = describe_word(value, lang) if value.startswith(SCENARIO) else ""
        return _reasoned(value, sentence, "reason.seen", lang)
    if name in ("reason", "refused"):
        return _reasoned(value, describe_word(value, lang), "reason.seen", lang)
    return value


def _plain(explained: Explanation, value: Value) -> str:
    say = PHRASES[explained.lang]
    if isinstance(value, bool):
        return say["yes" if value else "no"]
    if isinstance(value, datetime):
        return _when(explained, value)
    if isinstance(value, tuple):
        return say["names"].join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _outlook(explained: Explanation, say: Mapping[str, str]) -> str:
    if explained.dead:
        reason = _reasoned(explained.dead, describe_word(explained.dead, explained.lang), "reason", explained.lang)
        return say["dead"].format(reason=reason)
    if explained.next_at is None:
        return say["next.never"]
    what = say["changes"].join(explained.next_what) or say["next.inbox"]
    return say["next"].format(at=_when(explained, explained.next_at), what=what)


def page_of(explained: Explanation) -> str:
    """An explanation as a page of a notebook, in its language."""
    say = PHRASES[explained.lang]
    rows = [(one.model, f"{one.value:.1f}", say["names"].join(one.above)) for one in explained.scores]
    scores = table((say["page.score"], "", ""), rows) if rows else ""
    segments = "".join(_segment_page(one, explained.lang) for one in explained.segments)
    stage = ""
    if explained.stage:
        stage = say["page.stage"].format(name=explained.stage, since=_when(explained, explained.stage_since))
    top = heading(say["page.lead" if explained.subject_is_lead else "page.account"], explained.subject, stage)
    return f'<div lang="{explained.lang}">{top}{scores}{segments}</div>'


def _segment_page(segment: SegmentExplained, lang: str) -> str:
    say = PHRASES[lang]
    answers = clause_html(segment.clause, lang, note=lambda clause: clause.seen(lang))
    items = "".join(f"<li>{escape(one.said(lang))}</li>" for one in segment.changes)
    word = say["page.off" if segment.clause.answer else "page.on"]
    changes = f"<p>{word}</p><ul>{items}</ul>" if items else ""
    return heading(say["page.segment"], segment.name) + answers + changes


def _dated(explained: Explanation) -> str:
    """The instant asked about, with the zone of all instants where that is another one than UTC."""
    at = _when(explained, explained.at)
    return at if explained.zone == UTC_NAME else f"{at} {explained.zone}"


def _when(explained: Explanation, at: datetime | None) -> str:
    """An instant to the minute, as clocks show it where the program is at home."""
    return at.astimezone(zone(explained.zone)).strftime("%Y-%m-%d %H:%M") if at else "-"
