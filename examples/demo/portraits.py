"""Three people of a run, explained: what happened to them, which stages they went through, and why.

Imports `nurture` only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from nurture.model import LeadId

if TYPE_CHECKING:
    from nurture import Explanation, Lead, Nurture, Program, Touchpoint

SOON = timedelta(minutes=45)
"""Visits so close to each other are told as one."""


class Lane(StrEnum):
    """Where an event is drawn: what we wrote, what the person did, what happened face to face, how it ended."""

    OURS = "ours"
    THEIRS = "theirs"
    MEETING = "meeting"
    OUTCOME = "outcome"


@attrs.frozen
class Event:
    """Something that happened, in words."""

    at: datetime
    lane: Lane
    text: str


@attrs.frozen
class Turn:
    """That somebody came into a stage, and the clause that decided."""

    at: datetime
    stage: str
    why: str


@attrs.frozen(kw_only=True)
class Portrait:
    """One person.

    Attributes:
        label: Why this person was picked.
        name: As on a letter, or the id in the file.
        about: Title, company, source.
        stage: The present stage's name.
        scores: Each score's name and value.
        turns: The stages, oldest first.
        events: What happened, oldest first.
        now: Where the person stands, in sentences.
    """

    label: str
    name: str
    about: str
    stage: str
    scores: tuple[tuple[str, float], ...]
    turns: tuple[Turn, ...]
    events: tuple[Event, ...]
    now: tuple[str, ...]


@attrs.define
class Habits:
    """What is needed of a lead to pick three."""

    lead: LeadId
    stage: str = ""
    kinds: Counter[str] = attrs.field(factory=Counter[str])
    withheld: int = 0

    @property
    def is_gone(self) -> bool:
        """Whether nothing more may be written to this person, or nothing can."""
        return self.kinds["consent.withdrawn"] > 0 or self.withheld > 0

    @property
    def story(self) -> tuple[int, int, str]:
        """How much there is to tell: many different things, but not too many."""
        return (len(self.kinds), -abs(sum(self.kinds.values()) - 40), self.lead)


def choose_portraits(
    crm: Nurture, program: Program, habits: Mapping[str, Habits], *, start: datetime, until: datetime
) -> tuple[Portrait, ...]:
    """The best story among customers, among those in talks, and among those who went quiet.

    Args:
        crm: For timelines and explanations.
        program: For titles.
        habits: What every lead did.
        start: When the run began.
        until: When it ended.
    """
    wanted: tuple[tuple[str, Callable[[Habits], bool]], ...] = (
        ("Became a customer", lambda one: one.stage == "customer"),
        ("In talks with sales", lambda one: one.stage in ("opportunity", "mql")),
        ("Gone quiet", lambda one: one.stage in ("new", "engaged") and one.is_gone),
        ("Somebody else", lambda one: True),
        ("And one more", lambda one: True),
        ("And another", lambda one: True),
    )
    chosen: list[Portrait] = []
    taken: set[str] = set()
    for label, fits in wanted:
        found = max(
            (one for one in habits.values() if one.lead not in taken and fits(one)),
            key=lambda one: one.story,
            default=None,
        )
        if found is not None and len(chosen) < 3:
            taken.add(found.lead)
            chosen.append(_portrait(crm, program, found.lead, label))
    return tuple(chosen)


def _portrait(crm: Nurture, program: Program, identity: LeadId, label: str) -> Portrait:
    lead = crm.lead(identity)
    explained = crm.explain(identity, lang="en")
    facts = sorted(crm.timeline(identity, limit=1000), key=lambda fact: fact.sort_key)
    messages = {one.name: one.title or one.name for one in program.messages}
    return Portrait(
        label=label,
        name=lead.full_name or next(iter(lead.external_ids.values()), lead.id),
        about=" · ".join(
            filter(None, (lead.company, lead.department, lead.title, f"source: {lead.source or '(none)'}"))
        ),
        stage=explained.stage or "-",
        scores=tuple((one.model, one.value) for one in explained.scores),
        turns=tuple(_turns(explained, facts)),
        events=tuple(_merged(_events(lead, facts, messages))),
        now=tuple(_now(explained, program)),
    )


def _turns(explained: Explanation, facts: Iterable[Touchpoint]) -> Iterator[Turn]:
    """Every change of stage; why comes from the decision's own record, as far back as it is kept."""
    why = {
        (record.at, note.name): note.clause or str(note.saw.get("reason") or note.outcome)
        for record in explained.decisions
        for note in record.notes
        if note.what == "stage" and note.outcome.startswith("moved")
    }
    for fact in facts:
        if fact.kind == "stage.changed":
            stage = str(fact.properties["to"])
            yield Turn(fact.at, stage, why.get((fact.at, stage), "where everybody begins"))


def _now(explained: Explanation, program: Program) -> Iterator[str]:
    scenarios = {one.name: one.title or one.name for one in program.scenarios}
    for segment in explained.segments:
        if segment.belongs:
            yield f"in segment {segment.name} since {_day(segment.since)}, because {segment.clause.sentence}"
    for run in explained.enrollments:
        if run.state == "active":
            until = f", until {_day(run.until)}" if run.until else ""
            yield f"in scenario “{scenarios.get(run.scenario, run.scenario)}”: {run.sentence}{until}"
        else:
            reason = f" ({run.reason})" if run.reason not in ("", "end", "goal") else ""
            yield f"scenario “{scenarios.get(run.scenario, run.scenario)}”: {run.state.replace('_', ' ')}{reason}"
    if explained.next_at is None:
        yield "nothing changes until a new fact comes"
    else:
        yield f"next looked at on {_day(explained.next_at)}: {'; '.join(explained.next_what) or 'a fact waits'}"


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "-"


# --- facts in words ------------------------------------------------------------------------------------


def _events(lead: Lead, facts: Sequence[Touchpoint], messages: Mapping[str, str]) -> Iterator[Event]:
    sent = {
        fact.cause: messages.get(str(fact.properties.get("name")), "")
        for fact in facts
        if fact.cause and fact.kind == "email.sent"
    }
    for fact in facts:
        told = _WORDS.get(fact.kind)
        if told is None:
            continue
        lane, words = told
        said = {name: str(value) for name, value in fact.properties.items()}
        about = {
            "title": messages.get(said.get("name", ""), said.get("name", "")),
            "mail": sent.get(fact.cause, "") if fact.cause else "",
            "source": lead.source or "(none)",
        }
        yield Event(fact.at, lane, words.format_map(_Blank({**said, **about})).strip(" :()"))


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


_WORDS: Mapping[str, tuple[Lane, str]] = {
    "lead.created": (Lane.THEIRS, "first contact, source: {source}"),
    "card.exchanged": (Lane.MEETING, "business cards exchanged: {event}"),
    "form.submitted": (Lane.THEIRS, "form sent: {form}"),
    "page.viewed": (Lane.THEIRS, "visited {path}"),
    "email.sent": (Lane.OURS, "we wrote: {title}"),
    "email.withheld": (Lane.OURS, "not sent: {title} ({reason}"),
    "email.failed": (Lane.OURS, "failed: {title} ({reason}"),
    "email.opened": (Lane.THEIRS, "opened: {mail}"),
    "email.clicked": (Lane.THEIRS, "clicked: {mail}"),
    "seminar.applied": (Lane.THEIRS, "signed up: {seminar}"),
    "seminar.attended": (Lane.MEETING, "attended: {seminar}"),
    "notice.sent": (Lane.OURS, "owner told: {title}"),
    "action.done": (Lane.OURS, "task for sales"),
    "call.made": (Lane.MEETING, "call: {outcome}"),
    "meeting.held": (Lane.MEETING, "meeting: {place}"),
    "purchase.made": (Lane.OUTCOME, "bought: {amount} {currency}"),
    "deal.lost": (Lane.OUTCOME, "deal lost: {reason}"),
    "consent.withdrawn": (Lane.OUTCOME, "unsubscribed"),
    "stage.changed": (Lane.OUTCOME, "stage: {to}"),
}


def _merged(events: Iterable[Event]) -> Iterator[Event]:
    """The events; a visit to several pages is one."""
    visit: list[Event] = []
    for event in events:
        is_page = event.text.startswith("visited ")
        if visit and (not is_page or event.at - visit[-1].at > SOON):
            yield _visit(visit)
            visit = []
        if is_page:
            visit.append(event)
        else:
            yield event
    if visit:
        yield _visit(visit)


def _visit(pages: Sequence[Event]) -> Event:
    paths = list(dict.fromkeys(page.text.removeprefix("visited ") for page in pages))
    shown = ", ".join(paths[:3]) + (", …" if len(paths) > 3 else "")
    return Event(pages[0].at, Lane.THEIRS, f"visited {shown}")
