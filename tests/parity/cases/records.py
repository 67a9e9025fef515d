"""The records that a case speaks of, as a store would hold them, and what `match` sees of them.

Every case has people, facts and a company of its own, with ids that no other case has. So all cases can lie in one
store, and a question can be asked about all of its rows at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import TypeVar
from zlib import crc32

import attrs

from nurture.calendar import anniversary_in, start_of_day, zone, zone_names
from nurture.model import (
    EMPTY,
    Account,
    AccountId,
    Enrollment,
    EnrollmentId,
    EnrollmentState,
    FactId,
    Lead,
    LeadId,
    PastRun,
    ScoreState,
    Sight,
    Standing,
    SubjectId,
    SubjectKind,
    Touchpoint,
    Value,
    by_kind,
)
from nurture.model.account import ACCOUNT_TEXT_FIELDS
from nurture.model.decay import add
from nurture.model.dossier import account_values
from nurture.model.lead import TEXT_FIELDS
from nurture.predicates import (
    Age,
    Anniversary,
    Elapsed,
    InPeriod,
    Names,
    OfAccount,
    People,
    Predicate,
    compile_match,
    lowered,
    walk,
)
from tests.parity.cases.said import (
    LONG_AGO,
    SCALES,
    ZONE,
    Began,
    Case,
    Did,
    Firm,
    Given,
    InStageSince,
    Mate,
    Member,
    Run,
    Scored,
    names,
)

LEAD_NAMES, ACCOUNT_NAMES = names()
N = TypeVar("N", bound=Predicate)
NAMES: Mapping[SubjectKind, Names] = {SubjectKind.LEAD: LEAD_NAMES, SubjectKind.ACCOUNT: ACCOUNT_NAMES}


@attrs.frozen
class Known:
    """One subject with all that is known about it."""

    record: Lead | Account
    facts: tuple[Touchpoint, ...]
    standing: Standing

    @property
    def id(self) -> str:
        return self.record.id


@attrs.frozen
class Records:
    """What a case speaks of: who is asked about, and who else is there."""

    case: Case
    asked: Known
    account: Known | None
    leads: tuple[Known, ...]

    @property
    def everybody(self) -> tuple[Known, ...]:
        return self.leads if self.account is None else (self.account, *self.leads)


@cache
def records_of(case: Case) -> Records:
    """The records of a case."""
    of_account = case.subject is SubjectKind.ACCOUNT
    row = case.row
    mates = [one for one in row.given if isinstance(one, Mate)]
    firm = (
        Firm(row.values, row.given) if of_account else next((one for one in row.given if isinstance(one, Firm)), None)
    )
    account = None if firm is None else _account(case, firm)
    leads = [] if of_account else [_lead(case, "me", row.values, row.given, account)]
    leads += [_lead(case, f"mate{place}", mate.values, mate.given, account) for place, mate in enumerate(mates)]
    asked = account if of_account else leads[0]
    assert asked is not None
    return Records(case, asked, account, tuple(leads))


def _account(case: Case, firm: Firm) -> Known:
    values = dict(firm.values)
    own = {name: values.pop(name) for name in (*ACCOUNT_TEXT_FIELDS, "employees") if name in values}
    id_ = f"account_{case.id}"
    created = values.pop("created_at", LONG_AGO)
    own = {"name": "Acme", **own}
    record = Account(id=AccountId(id_), created_at=created, attributes=values, **own)  # type: ignore[arg-type]
    return _known(case, record, firm.given)


def _lead(
    case: Case, who: str, given_values: Mapping[str, Value], given: tuple[Given, ...], account: Known | None
) -> Known:
    values = dict(given_values)
    own = {name: values.pop(name) for name in (*TEXT_FIELDS, "tags", "lists") if name in values}
    id_ = values.pop("id_", f"lead_{case.id}_{who}")
    created = values.pop("created_at", LONG_AGO)
    belongs = None if account is None else AccountId(account.id)
    record = Lead(
        id=LeadId(str(id_)), created_at=created, account=belongs, external_ids={"case": f"{case.id}-{who}"},
        attributes=values, **own,  # type: ignore[arg-type]
    )  # fmt: skip
    return _known(case, record, given)


def _known(case: Case, record: Lead | Account, given: tuple[Given, ...]) -> Known:
    subject = SubjectId(record.id)
    facts = tuple(_facts(case, subject, given))
    runs = list(_runs(case, subject, given))
    # of every other case the first run that ended is kept as one of long ago
    earlier = [run for run in runs if not run.is_active][: crc32(case.id.encode()) & 1]
    staged = next((one for one in given if isinstance(one, InStageSince)), None)
    return Known(
        record,
        facts,
        Standing(
            subject=subject,
            stage=None if staged is None else staged.name,
            stage_since=None if staged is None else _instant(case, staged.when),
            scores={one.model: _score(case, one) for one in given if isinstance(one, Scored)},
            memberships={one.segment: _instant(case, one.when) for one in given if isinstance(one, Member)},
            enrollments=tuple(run for run in runs if run not in earlier),
            past={run.scenario: {run.state.value: {run.run_key: PastRun(LONG_AGO)}} for run in earlier},
            program="cases",
            advanced_to=case.now,
        ),
    )


def _facts(case: Case, subject: SubjectId, given: tuple[Given, ...]) -> Iterator[Touchpoint]:
    done = [one for one in given if isinstance(one, Did)]
    for place, one in enumerate(done):
        at = _instant(case, one.when)
        received = at if one.received is None else _instant(case, one.received)
        yield Touchpoint(
            id=FactId(f"fact_{subject}_{one.id or f'{place:02}'}"),
            subject=subject,
            kind=one.kind,
            at=at,
            received_at=received,
            origin=one.origin,
            channel=one.channel,
            campaign=one.campaign,
            properties=one.properties,
            suspect=one.suspect,
        )


def _score(case: Case, one: Scored) -> ScoreState:
    state = ScoreState(constant=one.constant)
    for points, when in one.awards:
        state = add(state, points, _instant(case, when), SCALES[one.model])
    return state


def _runs(case: Case, subject: SubjectId, given: tuple[Given, ...]) -> Iterator[Enrollment]:
    for place, one in enumerate(run for run in given if isinstance(run, Run)):
        state = EnrollmentState(one.state)
        yield Enrollment(
            id=EnrollmentId(f"run_{subject}_{place}"),
            scenario=one.scenario,
            version="v1",
            run_key=str(place),
            cause=FactId(f"cause_{subject}_{place}"),
            state=state,
            started_at=LONG_AGO,
            ended_at=None if state is EnrollmentState.ACTIVE else LONG_AGO,
        )


def _instant(case: Case, when: timedelta | datetime) -> datetime:
    return when if isinstance(when, datetime) else case.now - when


# -- what match sees ------------------------------------------------------------------------------------------


def sight_of_case(case: Case) -> Sight:
    """What `match` sees: a lead knows of its account what it was told, an account of its leads who says yes."""
    found = records_of(case)
    account = None
    if found.account is not None:
        account = _sight(found.account)
        account.account = account_values(found.account.record)  # type: ignore[arg-type]
        account.people = {
            node.told_as: frozenset(
                one.id for one in found.leads if _holds(node.where, LEAD_NAMES, _sight(one), case.now)
            )
            for node in _nodes(case, People)
        }
    if case.subject is SubjectKind.ACCOUNT:
        assert account is not None
        account.entry = entry_of(case)
        return account
    sight = _sight(found.asked)
    sight.entry = entry_of(case)
    if account is not None:
        told: dict[str, Value] = {
            node.told_as: True
            for node in _nodes(case, OfAccount)
            if _holds(node.part, ACCOUNT_NAMES, account, case.now)
        }
        sight.account = {**account.account, **told}
    return sight


def entry_of(case: Case) -> Mapping[str, Value]:
    """What the run at hand began with."""
    return next((one.values for one in case.row.given if isinstance(one, Began)), EMPTY)


def _nodes(case: Case, kind: type[N]) -> list[N]:
    """The nodes of a kind in the question; the segments of the cases have none of those that are told."""
    asked = lowered(case.asked, NAMES[case.subject], told=False)
    return [node for node in walk(asked) if isinstance(node, kind)]


def _holds(predicate: Predicate, known: Names, sight: Sight, now: datetime) -> bool:
    return compile_match(predicate, known)(sight, now)


def _sight(known: Known) -> Sight:
    standing = known.standing
    return Sight(
        lead=known.record.values if isinstance(known.record, Lead) else {},
        touches=by_kind(known.facts),
        stage=standing.stage,
        stage_since=standing.stage_since,
        scores=standing.scores,
        memberships=standing.memberships,
        enrollments=standing.enrollments,
        past=standing.past,
        subject=known.id,
    )


# -- when something can change ----------------------------------------------------------------------------------

_CALENDAR = (InPeriod, Anniversary, Age, Elapsed)
_BY_DAY = 45
_YEARS = 3


def instants_of(case: Case) -> list[datetime]:
    """Later instants at which the answer may turn, as far as facts, lengths of time and midnights tell."""
    found = records_of(case)
    bases: set[datetime] = set()
    for one in found.everybody:
        standing = one.standing
        bases |= {fact.at for fact in one.facts} | set(standing.memberships.values()) | {one.record.created_at}
        bases |= {value for fact in one.facts for value in fact.properties.values() if isinstance(value, datetime)}
        bases |= {value for value in one.record.attributes.values() if isinstance(value, datetime)}
        bases |= set() if standing.stage_since is None else {standing.stage_since}
    bases |= {value for value in entry_of(case).values() if isinstance(value, datetime)}
    lengths = _lengths(case.asked)
    moments: set[datetime | None] = {
        _moved(base, times * length) for base in bases for length in lengths for times in (1, 2, -1)
    } | bases
    if _has_days(case.asked):
        begins = _midnights(case)
        moments |= begins | {
            _moved(begin, times * length) for begin in begins for length in lengths for times in (1, -1)
        }
    return sorted(moment for moment in moments if moment is not None and moment > case.now)


def _moved(moment: datetime, length: timedelta) -> datetime | None:
    try:
        return moment + length
    except OverflowError:
        return None


def _lengths(predicate: Predicate) -> set[timedelta]:
    found = {getattr(node, name, None) for node in walk(predicate) for name in ("window", "older", "length", "within")}
    return {length for length in found if isinstance(length, timedelta)}


def _has_days(predicate: Predicate) -> bool:
    return any(isinstance(node, _CALENDAR) or getattr(node, "period", None) is not None for node in walk(predicate))


def _midnights(case: Case) -> set[datetime]:
    """When the next weeks' days begin, those around the beginnings of months, and those around anniversaries."""
    today = case.now.date()
    days = {today + timedelta(days=number) for number in range(-1, _BY_DAY)}
    firsts = {date(today.year + year, month, 1) for year in range(_YEARS) for month in range(1, 13)}
    records = [one.record for one in records_of(case).everybody]
    values = [*entry_of(case).values(), *(value for record in records for value in record.attributes.values())]
    known = [value for value in values if isinstance(value, date)]
    around = {anniversary_in(day, today.year + year) for day in known for year in range(-1, _YEARS)}
    near = range(-1, 2)
    lengths = {getattr(node, name, 0) for node in walk(case.asked) for name in ("before", "after")}
    offsets = {sign * int(length) + one for length in lengths for sign in (1, -1) for one in near}
    days |= {day + timedelta(days=offset) for day in {*firsts, *around} for offset in {*near, *offsets}}
    own = {str(record.values["zone"]) for record in records if isinstance(record, Lead) and "zone" in record.values}
    own |= {str(record.attributes["zone"]) for record in records if "zone" in record.attributes}
    said = {getattr(getattr(node, "period", None), "zone", None) for node in walk(case.asked)}
    said |= {getattr(node, "zone", None) for node in walk(case.asked)}
    zones = [zone(name) for name in {ZONE, *own, *said} if name in zone_names()]
    return {start_of_day(day, one) for day in days for one in zones}
