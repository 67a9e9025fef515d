"""How a case is said: a question, of whom it is asked, the answer, and why.

A group is one question and some rows; a row is one subject, the answer that the documentation demands, and the reason
in a word. The answers were reasoned by hand. They are never taken from what some reading says.

    asks(
        "starts_with",
        q.lead.nickname.starts_with("ab"),
        yes("it begins so", nickname="abc"),
        no("another letter case", nickname="Abc"),
        no("missing", ),
    )

Positional arguments of a row are whatever else is known: facts (`page`, `did`), `stage`, `scored`, `member`, `run`,
`began`, `firm`, `mate`. Named ones are the lead's values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import attrs

from nurture.calendar import BusinessCalendar
from nurture.model import FrozenMapping, Origin, SubjectKind, Value
from nurture.model.decay import Scale
from nurture.predicates import ACCOUNT_FIELDS, LEAD_FIELDS, FieldType, Names, Predicate, q

NOW = datetime(2026, 11, 18, 3, tzinfo=UTC)
"""When most questions are asked: a Wednesday, noon in Tokyo."""
ZONE = "Asia/Tokyo"
"""Where subjects live who have no zone of their own."""
TICK = timedelta(microseconds=1)
A_DAY = timedelta(days=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    """An instant in UTC: `utc("2026-11-18 03:00")`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days(number: float) -> timedelta:
    """So many times 24 hours."""
    return timedelta(days=number)


def hours(number: float) -> timedelta:
    """So many hours."""
    return timedelta(hours=number)


# -- of whom it is asked ------------------------------------------------------------------------------


@attrs.frozen
class Did:
    """One fact; `when` is how long before the question it happened, or the instant itself."""

    kind: str
    when: timedelta | datetime
    properties: Mapping[str, Value]
    id: str | None = None
    received: timedelta | datetime | None = None
    origin: Origin = Origin.LEAD
    channel: str | None = None
    campaign: str | None = None
    suspect: bool = False


@attrs.frozen
class InStageSince:
    """The present stage, and since when."""

    name: str
    when: timedelta | datetime


@attrs.frozen
class Scored:
    """A score: points that do not fade, and points that were earned at some time."""

    model: str
    constant: float
    awards: tuple[tuple[float, timedelta | datetime], ...]


@attrs.frozen
class Member:
    """That it is in a segment, and since when."""

    segment: str
    when: timedelta | datetime


@attrs.frozen
class Run:
    """A kept run of a scenario."""

    scenario: str
    state: str


@attrs.frozen
class Began:
    """What the run at hand began with; only `match` can be asked inside a run."""

    values: Mapping[str, Value]


@attrs.frozen
class Mate:
    """Somebody else of the same company."""

    values: Mapping[str, Value]
    given: tuple[Given, ...]


@attrs.frozen
class Firm:
    """The company, and what is known about it."""

    values: Mapping[str, Value]
    given: tuple[Given, ...]


Given: TypeAlias = "Did | InStageSince | Scored | Member | Run | Began | Mate | Firm"


def did(
    kind: str,
    when: timedelta | datetime = A_DAY,
    *,
    id: str | None = None,
    received: timedelta | datetime | None = None,
    by: Origin = Origin.LEAD,
    channel: str | None = None,
    campaign: str | None = None,
    suspect: bool = False,
    props: Mapping[str, Value] | None = None,
    **more: Value,
) -> Did:
    """A fact."""
    return Did(kind, when, {**(props or {}), **more}, id, received, by, channel, campaign, suspect)


def page(when: timedelta | datetime = A_DAY, **more: Value) -> Did:
    """A page that was viewed; further arguments are properties."""
    return did("page.viewed", when, props=more)


def stage(name: str, when: timedelta | datetime = A_DAY) -> InStageSince:
    """The present stage."""
    return InStageSince(name, when)


def scored(model: str, constant: float = 0.0, *awards: tuple[float, timedelta | datetime]) -> Scored:
    """A score."""
    return Scored(model, constant, awards)


def member(segment: str, when: timedelta | datetime) -> Member:
    """A membership that is kept."""
    return Member(segment, when)


def run(scenario: str, state: str = "active") -> Run:
    """A run of a scenario."""
    return Run(scenario, state)


def began(**values: Value) -> Began:
    """What the run at hand began with; `a__b` means the value `a.b`."""
    return Began({name.replace("__", "."): value for name, value in values.items()})


def mate(*given: Given, **values: Value) -> Mate:
    """Somebody else of the same company."""
    return Mate(values, given)


def firm(*given: Given, **values: Value) -> Firm:
    """The company; without it the lead belongs to none."""
    return Firm(values, given)


# -- cases --------------------------------------------------------------------------------------------


@attrs.frozen
class Row:
    """One subject, the answer, and why."""

    expected: bool
    why: str
    given: tuple[Given, ...]
    values: Mapping[str, Value]
    now: datetime | None = None


def _row(expected: bool, why: str, given: tuple[Given, ...], values: Mapping[str, Value]) -> Row:
    rest = dict(values)
    now = rest.pop("now_", None)
    assert now is None or isinstance(now, datetime)
    nested = {name.replace("__", "."): value for name, value in rest.items()}
    return Row(expected, why, given, nested, now)


def yes(why: str, *given: Given, **values: Value) -> Row:
    """The answer is yes. `now_` is when it is asked, if not at the group's time; `a__b` means the value `a.b`."""
    return _row(True, why, given, values)


def no(why: str, *given: Given, **values: Value) -> Row:
    """The answer is no."""
    return _row(False, why, given, values)


@attrs.frozen(eq=False)
class Case:
    """One row of a group, with an id of its own."""

    id: str
    group: str
    asked: Predicate
    subject: SubjectKind
    row: Row
    now: datetime

    @property
    def expected(self) -> bool:
        return self.row.expected

    @property
    def module(self) -> str:
        """The module that holds it."""
        return self.id.partition("_")[0]

    def __str__(self) -> str:
        return f"{self.id} {self.group}: {self.row.why}"


@attrs.frozen
class Group:
    """A question, and those of whom it is asked."""

    name: str
    asked: Predicate
    rows: tuple[Row, ...]
    subject: SubjectKind
    now: datetime


def asks(
    name: str, asked: Predicate, *rows: Row, now: datetime = NOW, of: SubjectKind = SubjectKind.LEAD
) -> tuple[Group, ...]:
    """A question with its rows; of accounts, a row's values are those of the account."""
    return (Group(name, asked, rows, of, now),)


def both(name: str, asked: Predicate, *rows: Row, now: datetime = NOW) -> tuple[Group, ...]:
    """A question, and its opposite: `~` turns every answer around, also where a value is missing."""
    turned = tuple(attrs.evolve(row, expected=not row.expected) for row in rows)
    return (*asks(name, asked, *rows, now=now), *asks(f"~ {name}", ~asked, *turned, now=now))


def cases_of(groups: Iterable[Group], letter: str) -> Iterator[Case]:
    """The cases of some groups, numbered."""
    number = 0
    for group in groups:
        for row in group.rows:
            yield Case(f"{letter}{number:03}", group.name, group.asked, group.subject, row, row.now or group.now)
            number += 1


# -- what the names mean ----------------------------------------------------------------------------------

T = FieldType
OFFICE = BusinessCalendar(
    "office",
    closed=[
        *(utc(f"2026-{day}").date() for day in ("11-03", "11-23", "12-29", "12-30", "12-31")),
        *(utc(f"2027-{day}").date() for day in ("01-01", "01-02", "01-03", "01-11")),
    ],
    open=[utc("2026-12-12").date()],  # a working Saturday
)
"""A Japanese office: two holidays in November, closed from 29 December to 3 January, one working Saturday."""
SCALES = {
    "fit": Scale(None),
    "heat": Scale(days(10)),
    "level": Scale(days(10), floor=0.0, ceiling=100.0),
}
GRADES = {"fit": (("A", 80.0), ("B", 50.0), ("C", 20.0), ("D", 0.0))}
STAGES = ("new", "mql", "sql", "customer")
SCENARIOS = ("welcome", "nudge")
SEGMENTS: Mapping[str, Predicate] = {
    "seen": q.touches("page.viewed").within(days=7),
    "chiefs": q.lead.title == "CEO",
    "seen_chiefs": q.segment("seen") & q.segment("chiefs"),
}
FIRM_SEGMENTS: Mapping[str, Predicate] = {"large": q.account.employees >= 100}
_FIRM_FIELDS = FrozenMapping(
    ACCOUNT_FIELDS
    | {"zone": T.TEXT, "tier": T.TEXT, "partner": T.BOOLEAN, "plan": T.NUMBER, "usage": T.NUMBER, "seats": T.INTEGER}
    | {"fiscal_month": T.INTEGER, "founded": T.DATE, "renews_at": T.INSTANT, "labels": T.TEXTS}
)
_LEAD_FIELDS = FrozenMapping(
    LEAD_FIELDS
    | {"nickname": T.TEXT, "memo": T.TEXT, "usage": T.NUMBER, "plan": T.NUMBER, "seats": T.INTEGER, "desks": T.INTEGER}
    | {"plan.seats": T.INTEGER, "vip": T.BOOLEAN, "keen": T.BOOLEAN, "born": T.DATE, "joined": T.DATE}
    | {"first_bought": T.INSTANT, "trial_ends": T.INSTANT, "skills": T.TEXTS}
)


def names() -> tuple[Names, Names]:
    """What names mean in questions about leads, and in questions about accounts."""
    fields = {"lead_fields": _LEAD_FIELDS, "account_fields": _FIRM_FIELDS}
    rest = {"scales": SCALES, "stages": STAGES, "grades": GRADES, "scenarios": SCENARIOS}
    rest |= {"zone": ZONE, "calendar": OFFICE}
    of_firms = Names(segments=FIRM_SEGMENTS, subject=SubjectKind.ACCOUNT, **fields, **rest)  # type: ignore[arg-type]
    of_leads = Names(segments=SEGMENTS, other=of_firms, **fields, **rest)  # type: ignore[arg-type]
    of_firms = attrs.evolve(of_firms, other=of_leads)
    return attrs.evolve(of_leads, other=of_firms), of_firms
