"""Random worlds, and random predicates to ask of them: what every reading must answer alike.

A world is made from a seed and stored once; then many predicates are asked about all of its subjects. `match` over
sights that are built from the records themselves is the reference. Values are drawn from what engines are known to
differ on: letters beyond 16 bits, letters that combine, case outside ASCII, numbers at the borders of a millionth and
beyond 53 bits, equal instants, instants one microsecond beside the end of a window, days on which clocks change.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import attrs

from nurture.calendar import BusinessCalendar, Period, named_periods
from nurture.model import (
    Account,
    AccountId,
    EnrollmentId,
    EnrollmentState,
    Fact,
    FactId,
    FrozenMapping,
    Lead,
    LeadId,
    Origin,
    PastRun,
    ScoreState,
    Sight,
    Standing,
    SubjectId,
    SubjectKind,
    Touchpoint,
    Value,
    account_values,
    by_kind,
)
from nurture.model.decay import Scale, add, landmark_for, rebased, summed
from nurture.model.standing import Award, Enrollment
from nurture.predicates import (
    ACCOUNT_FIELDS,
    LEAD_FIELDS,
    OPERATORS,
    Age,
    All,
    Anniversary,
    AnyOf,
    Compare,
    Consented,
    Elapsed,
    Field,
    FieldType,
    Followed,
    Grade,
    InPeriod,
    InScenario,
    InSegment,
    InStage,
    Names,
    Not,
    OfAccount,
    Operand,
    Operator,
    Owner,
    People,
    Predicate,
    Quantifier,
    Scaled,
    Score,
    TimeInSegment,
    TimeInStage,
    Touched,
    Word,
    compile_match,
    walk,
)
from nurture.predicates.operators import ORDER

X = TypeVar("X")
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)

KINDS = ("page.viewed", "email.sent", "email.clicked", "form.submitted", "email_x.sent")
STAGES = ("new", "mql", "won")
SCENARIOS = ("welcome", "revive")
ZONES = ("Asia/Tokyo", "America/New_York", "Pacific/Apia", "UTC", "Africa/Casablanca")
SCALES: Mapping[str, Scale] = {
    "warm": Scale(timedelta(days=21)),
    "fast": Scale(timedelta(hours=7), floor=-5.0, ceiling=60.0),
    "flat": Scale(None, floor=0.0),
    "brief": Scale(timedelta(minutes=3)),
}
GRADES = {"warm": (("A", 40.0), ("B", 10.0), ("C", 0.0))}
CALENDAR = BusinessCalendar("office", closed=[date(2026, 3, 20), date(2026, 5, 4)], open=[date(2026, 3, 7)])

LEAD_ATTRIBUTES = {
    "nick": FieldType.TEXT,
    "seats": FieldType.INTEGER,
    "rate": FieldType.NUMBER,
    "vip": FieldType.BOOLEAN,
    "seen": FieldType.INSTANT,
    "born": FieldType.DATE,
    "langs": FieldType.TEXTS,
}
ACCOUNT_ATTRIBUTES = {
    "zone": FieldType.TEXT,
    "limit": FieldType.INTEGER,
    "usage": FieldType.NUMBER,
    "partner": FieldType.BOOLEAN,
    "signed": FieldType.INSTANT,
    "renewal": FieldType.DATE,
    "fiscal": FieldType.INTEGER,
}
LEAD_TEXTS = ("source", "title", "zone", "nick")
ACCOUNT_TEXTS = ("industry", "region", "zone")

NOWS = (
    datetime(2026, 3, 1, 12, tzinfo=UTC),
    datetime(2026, 3, 8, 7, 0, 0, 1, tzinfo=UTC),  # New York: the clocks have just gone forward
    datetime(2026, 2, 28, 15, tzinfo=UTC),  # in Tokyo it is March
    datetime(2028, 2, 29, 10, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 11, 1, 5, 59, 59, 999_999, tzinfo=UTC),  # New York: the clocks go back
)
LENGTHS = (14 * DAY, 7 * DAY, DAY, timedelta(hours=1), 30 * DAY, TICK, 366 * DAY)
TEXTS = (
    "", "a", "A", "ab", "AB", "aB", "b", "a%", "a_b", "a*b", "a[b]", "a?b", "!", "\\", "'", '"', "値段", "カタカナ",
    "が", "か\u3099", "𠮷野家", "𠮷", "É", "é", "ß", "SS", "İ", "K", "k", " a ", "true", "1", "2026-03-01", "a\nb",
)  # fmt: skip
PATTERNS = ("%", "_", "a%", "%b", "a_b", "%\\_%", "\\%", "𠮷%", "_野_", "%a%b%", "", "A%", "\\\\", "a[b]", "%*%", "か_")
WHOLE = (0, 1, -1, 2, 3, 50, 100, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), 10**15, 10**15 + 1)
REAL = (0.1 + 0.2, 0.3, 2.5, -0.0, 1e-7, 5e-7, -5e-7, 0.0000015, 1e15, 2e15, 1e22, -3.0, 3.0, 1.0, 49.9999995, 1e18)


@attrs.frozen(kw_only=True)
class World:
    """Subjects, what is known about each, and an instant.

    Attributes:
        seed: From which it was made.
        now: The instant asked about.
        names: What names mean in predicates about leads; `names.other` is about accounts.
        leads: The leads.
        accounts: The accounts.
        facts: The facts of all, in no order.
        standings: Where each subject stands; some have none.
    """

    seed: int
    now: datetime
    names: Names
    leads: tuple[Lead, ...]
    accounts: tuple[Account, ...]
    facts: tuple[Touchpoint, ...]
    standings: Mapping[str, Standing]

    def names_about(self, subject: SubjectKind) -> Names:
        """What names mean in predicates about such subjects."""
        found = self.names.about(subject)
        assert found is not None
        return found

    def answers(self, predicate: Predicate, subject: SubjectKind = SubjectKind.LEAD) -> dict[str, bool]:
        """What `match` says of each subject."""
        return _Reference(self).answers(predicate, subject)

    def facts_of(self, subject: str) -> list[Touchpoint]:
        """The facts of one subject."""
        return [fact for fact in self.facts if fact.subject == subject]


class _Reference:
    """Sights as `match` wants them: accounts answer the questions about them, leads those about people."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._touches: dict[str, list[Touchpoint]] = {}
        for fact in world.facts:
            self._touches.setdefault(fact.subject, []).append(fact)

    def answers(self, predicate: Predicate, subject: SubjectKind) -> dict[str, bool]:
        world, names = self._world, self._world.names_about(subject)
        holds = compile_match(predicate, names)
        if subject is SubjectKind.LEAD:
            told = self._told(predicate)
            return {one.id: holds(self._of_lead(one, told), world.now) for one in world.leads}
        people = self._people(predicate, names)
        return {one.id: holds(self._of_account(one, people), world.now) for one in world.accounts}

    def _told(self, predicate: Predicate) -> dict[str, dict[str, Value]]:
        """What each account tells its leads: the questions about it to which it says yes."""
        told: dict[str, dict[str, Value]] = {one.id: {} for one in self._world.accounts}
        for node in _all_nodes(predicate, self._world.names):
            asked = OfAccount(node) if isinstance(node, People) else node
            if isinstance(asked, OfAccount):
                for account, yes in self.answers(asked.part, SubjectKind.ACCOUNT).items():
                    if yes:
                        told[account][asked.told_as] = True
        return told

    def _people(self, predicate: Predicate, names: Names) -> dict[str, dict[str, frozenset[str]]]:
        found: dict[str, dict[str, frozenset[str]]] = {one.id: {} for one in self._world.accounts}
        for node in _all_nodes(predicate, names):
            if isinstance(node, People):
                yes = self.answers(node.where, SubjectKind.LEAD)
                for account in self._world.accounts:
                    who = frozenset(one.id for one in self._world.leads if one.account == account.id and yes[one.id])
                    found[account.id][node.told_as] = who
        return found

    def _of_lead(self, lead: Lead, told: dict[str, dict[str, Value]]) -> Sight:
        account = next((one for one in self._world.accounts if one.id == lead.account), None)
        values = {} if account is None else account_values(account) | told[account.id]
        return self._sight(lead.id, FrozenMapping(lead.values), FrozenMapping(values), {})

    def _of_account(self, account: Account, people: dict[str, dict[str, frozenset[str]]]) -> Sight:
        return self._sight(account.id, FrozenMapping(), FrozenMapping(account_values(account)), people[account.id])

    def _sight(
        self,
        subject: str,
        lead: Mapping[str, Value],
        account: Mapping[str, Value],
        people: Mapping[str, frozenset[str]],
    ) -> Sight:
        standing = self._world.standings.get(subject)
        return Sight(
            lead=lead,
            account=account,
            touches=by_kind(self._touches.get(subject, ())),
            stage=standing.stage if standing else None,
            stage_since=standing.stage_since if standing else None,
            scores=standing.scores if standing else {},
            memberships=standing.memberships if standing else {},
            enrollments=standing.enrollments if standing else (),
            past=standing.past if standing else None,
            people=people,
            subject=subject,
        )


def _all_nodes(predicate: Predicate, names: Names) -> Iterator[Predicate]:
    """The nodes about the same sort of subject, with those of the segments it names."""
    rest, seen = [predicate], set[str]()
    while rest:
        node = rest.pop()
        yield node
        if isinstance(node, InSegment):
            if node.name not in seen:
                seen.add(node.name)
                rest.append(names.segments[node.name])
        elif not isinstance(node, (OfAccount, People)):
            rest.extend(node.children())


# -- records ------------------------------------------------------------------------------------------


def random_world(seed: int, *, leads: int = 24, accounts: int = 5) -> World:
    """A world; the same one for the same seed."""
    rng = random.Random(seed)
    now = NOWS[seed % len(NOWS)]
    draw = Draw(rng, now)
    some_accounts = tuple(draw.account(number) for number in range(accounts))
    some_leads = tuple(draw.lead(number, some_accounts) for number in range(leads))
    subjects = [one.id for one in (*some_leads, *some_accounts)]
    facts = tuple(fact for one in subjects for fact in draw.facts(SubjectId(one)))
    standings = {one: draw.standing(SubjectId(one)) for one in subjects if rng.random() < 0.85}
    return World(
        seed=seed,
        now=now,
        names=_names(rng),
        leads=some_leads,
        accounts=some_accounts,
        facts=facts,
        standings=standings,
    )


def _names(rng: random.Random) -> Names:
    def bare(subject: SubjectKind) -> Names:
        return Names(
            scales=SCALES,
            stages=STAGES,
            lead_fields={**LEAD_FIELDS, **LEAD_ATTRIBUTES},
            account_fields={**ACCOUNT_FIELDS, **ACCOUNT_ATTRIBUTES},
            subject=subject,
            grades=GRADES,
            scenarios=SCENARIOS,
            zone=rng.choice(ZONES),
            calendar=CALENDAR,
        )

    lead = attrs.evolve(
        bare(SubjectKind.LEAD),
        segments={
            "viewers": Touched("page.viewed", window=14 * DAY),
            "hot": All((InSegment("viewers"), Score("warm", "ge", 5.0))),
            "of_partners": OfAccount(Compare(Field(Owner.ACCOUNT, "partner"), "eq", True)),
        },
    )
    account = attrs.evolve(
        bare(SubjectKind.ACCOUNT), segments={"active": Touched("page.viewed", window=30 * DAY, op="ge", n=2)}
    )
    object.__setattr__(lead, "other", account)
    object.__setattr__(account, "other", lead)
    return lead


class Draw:
    """Draws values, records and predicates for one world."""

    def __init__(self, rng: random.Random, now: datetime) -> None:
        self.rng = rng
        self.now = now

    def one(self, values: Sequence[X]) -> X:
        return self.rng.choice(values)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    # values

    def instant(self) -> datetime:
        """Mostly at an edge of some window, or one microsecond beside it."""
        base = self.now - self.one((*LENGTHS, timedelta(0), timedelta(0), 2 * DAY, 28 * DAY))
        die = self.rng.randrange(4)
        if die == 0:
            return self.now - self.rng.randrange(45 * 86_400 * 10**6) * TICK
        if die == 1:
            base = self.now + self.one((*LENGTHS, timedelta(hours=9)))
        return base + self.one((timedelta(0), TICK, -TICK, timedelta(hours=5)))

    def day(self) -> date:
        if self.chance(0.3):
            return self.one((date(2000, 2, 29), date(1990, 3, 1), date(1999, 2, 28), date(2004, 12, 31), date(1, 1, 1)))
        if self.chance(0.5):
            return self.now.date() + self.rng.randrange(-40, 8) * DAY
        return self.now.date().replace(year=self.rng.randrange(1950, 2026), day=1) + self.rng.randrange(45) * DAY

    def whole(self) -> int:
        return self.one(WHOLE) if self.chance(0.6) else self.rng.randrange(-20, 120)

    def real(self) -> float:
        return self.one(REAL) if self.chance(0.6) else self.rng.uniform(-10, 100)

    def text(self) -> str:
        return self.one(TEXTS)

    def texts(self) -> tuple[str, ...]:
        return tuple(self.one(("ja", "en", "a", "A", "", "𠮷")) for _ in range(self.rng.randrange(4)))

    def of_type(self, kind: FieldType) -> Value:
        made = {
            FieldType.TEXT: self.text,
            FieldType.INTEGER: self.whole,
            FieldType.NUMBER: self.real,
            FieldType.BOOLEAN: lambda: self.chance(0.5),
            FieldType.INSTANT: self.instant,
            FieldType.DATE: self.day,
            FieldType.TEXTS: self.texts,
        }
        return made[kind]()

    def attributes(self, declared: Mapping[str, FieldType]) -> dict[str, Value]:
        values: dict[str, Value] = {name: self.of_type(kind) for name, kind in declared.items() if self.chance(0.7)}
        if "zone" in values:
            values["zone"] = self.zone_text()
        if "fiscal" in values:
            values["fiscal"] = self.one((1, 4, 10, 12, 13))
        return values

    def zone_text(self) -> str:
        return self.one((*ZONES, "Mars/Olympus"))

    def prop(self) -> Value:
        """Of any type; a number is as likely to be a number as it is to be a text that looks like one."""
        kind = self.one([*FieldType, FieldType.NUMBER, FieldType.INTEGER, FieldType.TEXT])
        if kind is FieldType.TEXTS and self.chance(0.4):
            return tuple(
                self.of_type(one) for one in (FieldType.INTEGER, FieldType.NUMBER, FieldType.DATE, FieldType.TEXT)
            )[: self.rng.randrange(5)]  # type: ignore[return-value]
        return self.of_type(kind)

    # records

    def account(self, number: int) -> Account:
        return Account(
            id=AccountId(f"acct_{number}"),
            created_at=self.instant(),
            name=f"Company {number}",
            industry=self.one((None, "saas", "SaaS", "値段", "")),
            region=self.one((None, *TEXTS)),
            employees=self.one((None, 0, 10, 50, 2**53 + 1)),
            attributes=self.attributes(ACCOUNT_ATTRIBUTES),
        )

    def lead(self, number: int, accounts: Sequence[Account]) -> Lead:
        return Lead(
            id=LeadId(f"lead_{number:03}"),
            created_at=self.instant(),
            email=f"a{number}@example.jp",
            source=self.one((None, *TEXTS)),
            title=self.one((None, *TEXTS)),
            zone=self.one((None, None, self.zone_text())),
            account=self.one((None, *[one.id for one in accounts], AccountId("acct_gone"))),
            tags=self.texts(),
            lists=tuple(self.one(("vip", "spring")) for _ in range(self.rng.randrange(2))),
            attributes=self.attributes(LEAD_ATTRIBUTES),
        )

    def facts(self, subject: SubjectId) -> Iterator[Touchpoint]:
        at = self.instant()
        for number in range(self.rng.randrange(14)):
            if self.chance(0.8):  # else it happens at the same instant as the one before
                at = self.instant()
            properties = {name: self.prop() for name in ("x", "deal", "a.b", 'q"\\t') if self.chance(0.75)}
            if self.chance(0.4):
                properties["x"] = self.one((1, 1.0, True, 2, 2.0, 0.5, "1", 1e-7, 10**15))
            if "deal" in properties and self.chance(0.8):
                properties["deal"] = self.one(("d1", "d2", 1, 1.0))
            yield Touchpoint(
                id=FactId(f"{subject}_{self.one('aAbZ𠮷')}{number}"),
                subject=subject,
                kind=self.one(KINDS),
                at=at,
                received_at=at,
                origin=self.one((Origin.LEAD, Origin.LEAD, Origin.HOST, Origin.ENGINE)),
                channel=self.one((None, "web", "email")),
                campaign=self.one((None, None, "spring")),
                properties=properties if self.chance(0.85) else {},
                suspect=self.chance(0.15),
            )
        for number in range(self.rng.randrange(4)):
            yield self._consent(subject, number)

    def _consent(self, subject: SubjectId, number: int) -> Touchpoint:
        at = self.now - self.one((DAY, 2 * DAY, 2 * DAY, timedelta(0), -DAY))
        known: dict[str, Value] = {
            "channel": self.one(("email", "email", "email", "line", "any")),
            "purpose": self.one(("marketing", "marketing", "transactional")),
            "topic": self.one(("", "", "news", "other")),
            "explicit": self.chance(0.5),
        }
        if self.chance(0.3):
            known["expires_at"] = self.one((self.now, self.now + TICK, self.now - DAY))
        if self.chance(0.1):
            known.pop("topic")
        if self.chance(0.4):
            known["entity"] = self.one(("sister", "sister", "", "*"))
        return Touchpoint(
            id=FactId(f"{subject}_consent_{number}"),
            subject=subject,
            kind=self.one((Fact.CONSENT_GIVEN, Fact.CONSENT_GIVEN, Fact.CONSENT_WITHDRAWN)).value,
            at=at,
            received_at=at,
            properties=known,
        )

    def standing(self, subject: SubjectId) -> Standing:
        stage = self.one((None, *STAGES))
        return Standing(
            subject=subject,
            program="p",
            stage=stage,
            stage_since=None if stage is None else self.past(),
            scores={name: self.score(name, scale) for name, scale in SCALES.items() if self.chance(0.8)},
            memberships={name: self.past() for name in ("viewers", "hot", "active") if self.chance(0.5)},
            enrollments=tuple(self.run(number) for number in range(self.rng.randrange(3))),
            past=self.past_runs() if self.chance(0.3) else {},
        )

    def past_runs(self) -> dict[str, dict[str, dict[str, PastRun]]]:
        ended = tuple(one for one in EnrollmentState if one is not EnrollmentState.ACTIVE)
        return {self.one(SCENARIOS): {self.one(ended).value: {"order-1": PastRun(self.past())}}}

    def past(self) -> datetime:
        return min(self.instant(), self.now)

    def score(self, name: str, scale: Scale) -> ScoreState:
        state = ScoreState(constant=self.one((0.0, 10.0, -3.0, 0.5)))
        for _ in range(self.rng.randrange(5)):
            state = add(state, self.one((1.0, 5.0, 30.0, -2.5, 0.1)), self.past(), scale)
        if name != "flat" and self.chance(0.3):
            awards = tuple(Award(self.past(), FactId(f"f{place}"), 5.0) for place in range(2))
            state = rebased(state, max(landmark_for(award.at, scale) for award in awards))
            state = attrs.evolve(state, kept=FrozenMapping({"0": awards}))
        return summed(state, scale)

    def run(self, number: int) -> Enrollment:
        state = self.one(tuple(EnrollmentState))
        return Enrollment(
            id=EnrollmentId(f"e{number}"),
            scenario=self.one(SCENARIOS),
            version="v",
            cause=FactId("f"),
            state=state,
            started_at=self.past(),
        )

    # predicates

    def predicate(self, names: Names, depth: int = 3, *, nested: bool = False) -> Predicate:
        """A predicate about subjects of these names; within one about the other sort it goes no further."""
        die = self.rng.randrange(10)
        if depth > 1 and die < 2:
            return All(tuple(self.predicate(names, depth - 1, nested=nested) for _ in range(self.rng.randrange(4))))
        if depth > 1 and die < 4:
            return AnyOf(tuple(self.predicate(names, depth - 1, nested=nested) for _ in range(self.rng.randrange(4))))
        if depth > 1 and die < 6:
            return Not(self.predicate(names, depth - 1, nested=nested))
        return self.leaf(names, nested=nested)

    def leaf(self, names: Names, *, nested: bool = False) -> Predicate:
        makers = [
            self.comparison, self.comparison, self.comparison, self.fields, self.touched, self.touched, self.touched,
            self.touched, self.dated, self.dated, self.of_standing, self.of_standing, self.consented, self.followed,
        ]  # fmt: skip
        if not nested:
            makers += [self.of_others]
        return self.one(makers)(names)

    def field(self, names: Names, kinds: Sequence[FieldType] | None = None) -> Field:
        """A declared field of the subject, or of a lead's account."""
        lead = {"source", "title", "zone", "created_at", "tags", "lists", "account", *LEAD_ATTRIBUTES}
        account = {"industry", "region", "employees", "created_at", "name", *ACCOUNT_ATTRIBUTES}
        known = [(Owner.ACCOUNT, name, names.account_fields[name]) for name in sorted(account)]
        if names.subject is SubjectKind.LEAD:
            known += 2 * [(Owner.LEAD, name, names.lead_fields[name]) for name in sorted(lead)]
        owner, name, _ = self.one([one for one in known if kinds is None or one[2] in kinds])
        return Field(owner, name)

    def comparison(self, names: Names) -> Compare:
        field = self.field(names)
        return self.compare(field, names.fields_of(field.owner)[field.name])

    def compare(self, field: Field, kind: FieldType) -> Compare:
        fitting = [row for row in OPERATORS.values() if kind in row.fits and row.name != "matches"]
        return self.compare_by(self.one(fitting), field, kind)

    def compare_by(self, row: Operator, field: Field, kind: FieldType) -> Compare:
        """A comparison by one operator, with a value that its type may be compared with."""
        literal = FieldType.TEXT if kind is FieldType.TEXTS else kind
        if kind in (FieldType.INTEGER, FieldType.NUMBER):
            literal = self.one((FieldType.INTEGER, FieldType.NUMBER))
        values = [self.of_type(literal) for _ in range(self.rng.randrange(4))]
        if kind is FieldType.TEXTS:
            values = [self.one(("ja", "en", "a", "A", "", "𠮷")) for _ in range(self.rng.randrange(4))]
        if row.name in ("like", "like_ci"):
            return Compare(field, row.name, self.one(PATTERNS))
        if row.operand is Operand.NOTHING:
            return Compare(field, row.name)
        if row.operand is Operand.MANY:
            return Compare(field, row.name, tuple(values))  # type: ignore[arg-type]
        if row.operand is Operand.RANGE:
            pair = sorted((self.of_type(literal), self.of_type(literal)))  # type: ignore[type-var]
            return Compare(field, row.name, tuple(pair))
        return Compare(field, row.name, values[0] if values else self.of_type(literal))  # type: ignore[arg-type]

    def fields(self, names: Names) -> Compare:
        """One field against another."""
        kind = self.one([one for one in FieldType if one is not FieldType.TEXTS])
        numbers = (FieldType.INTEGER, FieldType.NUMBER)
        kinds = numbers if kind in numbers else (kind,)
        factor = self.one((1.0, 0.8, -2.0, 1e6)) if kind in numbers else 1.0
        op = self.one([*ORDER]) if kind in (*numbers, FieldType.DATE, FieldType.INSTANT) else self.one(("eq", "ne"))
        return Compare(self.field(names, kinds), op, Scaled(self.field(names, kinds), factor))

    def condition(self, depth: int = 2) -> Predicate:
        """A condition on a fact's properties."""
        if depth > 1 and self.chance(0.35):
            parts = tuple(self.condition(depth - 1) for _ in range(self.rng.randrange(3)))
            made: Predicate = All(parts) if self.chance(0.5) else AnyOf(parts)
            return Not(made) if self.chance(0.4) else made
        field = Field(Owner.PROP, self.one(("x", "deal", "a.b", 'q"\\t', "none")))
        if self.chance(0.15):
            return Compare(field, self.one([*ORDER]), Scaled(Field(Owner.PROP, "x"), self.one((1.0, 0.5))))
        kind = self.one([*FieldType, FieldType.NUMBER, FieldType.INTEGER])
        return self.compare(field, kind)

    def period(self) -> Period:
        zone = self.one((None, None, "lead", "account", *ZONES[:3]))
        plain = ("today", "yesterday", "tomorrow", "this_month", "last_month", "next_month")
        with_start = ("this_week", "last_week", "this_quarter", "last_quarter", "this_year", "last_year")
        name = self.one(
            (*plain, *with_start, "this_fiscal_year", "last_days", "next_days", "last_business_days", "day")
        )
        if name == "day":
            return named_periods.on_day(self.now.date() - self.rng.randrange(3) * DAY, zone=zone)
        make = getattr(named_periods, name)
        made: Period = make(self.rng.randrange(1, 20), zone=zone) if "days" in name else make(zone=zone)
        return made

    def touched(self, names: Names) -> Touched:
        kind = self.one((*KINDS, "page.viewed", "page.viewed", "email.*", None))
        given: dict[str, object] = {}
        if self.chance(0.3):
            given["having"] = self.condition()
        die = self.rng.randrange(5)
        if die in (0, 1):
            given["window"] = self.one(LENGTHS)
        elif die == 2:
            given["older"] = self.one(LENGTHS[:4])
        elif die == 3 and self.chance(0.7):
            given["period"] = self.period()
        for name, values in (
            ("origin", tuple(Origin)),
            ("channel", ("web", "email")),
            ("campaign", ("spring",)),
            ("per", ("deal", "x")),
        ):
            if self.chance(0.12):
                given[name] = self.one(values)
        given["suspect"] = self.chance(0.3)
        return Touched(kind, **given, **self._asked(given))  # type: ignore[arg-type]

    def _asked(self, given: dict[str, object]) -> dict[str, object]:
        quantifier = self.one((*Quantifier, Quantifier.COUNT, Quantifier.COUNT))
        if quantifier is Quantifier.TREND and "window" not in given:
            quantifier = Quantifier.COUNT
        asked: dict[str, object] = {"quantifier": quantifier}
        op = self.one([*ORDER])
        if quantifier in (Quantifier.COUNT, Quantifier.DISTINCT):
            asked |= {"op": op, "n": self.rng.randrange(4)}
        elif quantifier is Quantifier.TREND:
            asked |= {"op": op, "n": self.one((0.0, 0.5, 1.0, 2.0))}
        elif quantifier in (Quantifier.FIRST, Quantifier.LAST):
            asked |= {"single_where": self.condition()}
        elif quantifier in (Quantifier.SINCE_FIRST, Quantifier.SINCE_LAST):
            asked |= {"op": self.one(("lt", "le", "gt", "ge")), "length": self.one(LENGTHS)}
        else:
            asked |= {"op": op, "n": self.one((0, 1, 1.5, 3, -2.5, 10**15, 0.0000005, 2.5))}
        if quantifier in (Quantifier.DISTINCT, Quantifier.SUM, Quantifier.MIN, Quantifier.MAX, Quantifier.AVERAGE):
            asked["of"] = self.one(("x", "x", "deal", "a.b"))
        return asked

    def dated(self, names: Names) -> Predicate:
        zone = self.one((None, None, "account", *ZONES[:3]))
        die = self.rng.randrange(4)
        if die == 0:
            starts = Field(Owner.ACCOUNT, "fiscal") if self.chance(0.2) else None
            field = self.field(names, (FieldType.INSTANT, FieldType.DATE))
            return InPeriod(field, named_periods.this_fiscal_year() if starts else self.period(), starts)
        if die == 1:
            days = self.rng.randrange(3), self.one((0, 1, 7, 366))
            return Anniversary(self.field(names, (FieldType.DATE,)), *days, zone)
        field = self.field(names, (FieldType.INSTANT, FieldType.DATE))
        if die == 2:
            return Age(field, self.one([*ORDER]), self.one((0, 1, 20, 26, 1000)), zone)
        op = self.one(("lt", "le", "gt", "ge"))
        return Elapsed(field, op, self.one(LENGTHS), self.chance(0.4), zone)

    def of_standing(self, names: Names) -> Predicate:
        die = self.rng.randrange(8)
        if die < 2:
            return Score(self.one([*SCALES]), self.one([*ORDER]), self.one((0, 0.0, 5, 10, 30.5, -3, 60, 0.5)))
        if die == 2:
            return Grade("warm", self.one([*ORDER]), self.one("ABC"))
        if die == 3:
            return InStage(tuple(self.one(STAGES) for _ in range(self.rng.randrange(3))))
        if die == 4:
            return TimeInStage(self.one(("lt", "le", "gt", "ge")), self.one(LENGTHS))
        if die == 5:
            return InSegment(self.one([*names.segments]))
        if die == 6:
            return TimeInSegment(self.one([*names.segments]), self.one(("lt", "le", "gt", "ge")), self.one(LENGTHS))
        states = tuple(self.one(tuple(EnrollmentState)) for _ in range(self.rng.randrange(1, 3)))
        return InScenario(self.one(SCENARIOS), states)

    def consented(self, names: Names) -> Consented:
        del names
        topic = self.one(("", "news", "other"))
        channel, entity = self.one(("email", "email", "line")), self.one(("", "", "sister"))
        return Consented(self.one(tuple(Word)), channel=channel, topic=topic, entity=entity)

    def followed(self, names: Names) -> Followed:
        del names
        window = self.one((None, 14 * DAY))
        first, then = (
            Touched(self.one((*KINDS, None)), suspect=self.chance(0.5), window=one) for one in (window, None)
        )
        return Followed(first, then, self.one(LENGTHS), self.chance(0.5))

    def of_others(self, names: Names) -> Predicate:
        other = names.other
        assert other is not None
        if names.subject is SubjectKind.ACCOUNT:
            return People(self.predicate(other, 2, nested=True), self.one([*ORDER]), self.rng.randrange(4))
        part: Predicate = People(self.predicate(names, 2, nested=True), self.one([*ORDER]), self.rng.randrange(4))
        if self.chance(0.7):
            part = self.predicate(other, 2, nested=True)
        return part if isinstance(part, People) and self.chance(0.5) else OfAccount(part)


def random_predicates(world: World, seed: int, count: int, subject: SubjectKind = SubjectKind.LEAD) -> list[Predicate]:
    """So many predicates about a sort of subject, of every node that several readings know."""
    draw = Draw(random.Random(seed), world.now)
    return [draw.predicate(world.names_about(subject)) for _ in range(count)]


def node_types(predicates: Sequence[Predicate]) -> set[str]:
    """The names of the types of all nodes in these."""
    return {type(node).__name__ for one in predicates for node in walk(one)}
