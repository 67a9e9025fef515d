"""The `nurture` side of every row, one small function each.

They use what a host can use, nothing private, except where a docstring says so. What is timed is
only the callable that each returns: building is free, so everything that a host does once belongs
before the return. May import `nurture`, the store port of this folder and the workload.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from types import FunctionType
from typing import TYPE_CHECKING, Any, cast

from bench.cloning import clone
from bench.harness import SUBJECT, NotTheSameWorkError, UnavailableError
from bench.raw import open_raw
from bench.stores import DripStore, Event, OnConnect, Place, Recorder, Worker
from bench.workload import (
    ACCOUNT_VALUES,
    EMPLOYEES,
    HTML_SOURCE,
    NOW,
    SCORE,
    SUBJECT_SOURCE,
    TARGET,
    TEXT_SOURCE,
    VIEWS,
    WINDOW,
    Person,
    lead_values,
)
from nurture import (
    Arrival,
    Attribute,
    Basis,
    Cap,
    ContactPolicy,
    Lead,
    Lifecycle,
    Message,
    NewFact,
    Nurture,
    Program,
    Reaction,
    Scenario,
    ScoreModel,
    ScoreRule,
    Segment,
    SenderIdentity,
    Site,
    Stage,
    Touchpoint,
    Transition,
    q,
    simulate,
)
from nurture.errors import StorageError
from nurture.model import ScoreState, Sight, SubjectId, SubjectKind, fact_id
from nurture.model.decay import add
from nurture.ports import Accepted, Envelope, Receipt, Storage
from nurture.predicates import compile_match
from nurture.program import Reentry
from nurture.steps import send, wait

if TYPE_CHECKING:
    from nurture.storage import SqlStorage

TENANT = "default"
PAUSE = timedelta(days=3)
BEFORE = timedelta(days=1)  # so long before an instant is something that has just become due, or is not yet
SITE = Site(
    "https://crm.example.com",
    secret="a secret for benchmarks only",
    identity=SenderIdentity(
        "Example", "news@example.com", postal_address="1-1-1 Example, Tokyo", complaint_contact="help@example.com"
    ),
)


def match(leads: Sequence[Person]) -> tuple[Callable[[Any], bool], Sequence[Any]]:
    """The benchmark's rule as a predicate, ready to be asked, and one subject a lead to ask it about.

    The rule is `workload`'s, written with `q`: `q.account.industry` in `TARGET`, `q.account.employees`
    at least `EMPLOYEES`, `q.score(…)` at least `SCORE`, not unsubscribed, and
    `q.touches("page.viewed").within(days=14).count() >= VIEWS`, asked at `workload.NOW`.

    Returns:
        A function of one subject that answers as the `match` reading does at `workload.NOW`, compiled as a
        program compiles it; and the subjects, in the order of `leads`, as `advance` holds them when it asks
        (what the store loads and lays out is charged in the `drip` row, not here). The score fades, and reads as
        `Person.score` at `NOW`; `Person.unsubscribed` is a custom attribute. Every touchpoint is given, with its
        own `at`.
    """
    engagement = ScoreModel("engagement", [ScoreRule(q.touches("page.viewed"), 1)], half_life=timedelta(days=21))
    rule = (
        q.account.industry.is_in(TARGET)
        & (q.account.employees >= EMPLOYEES)
        & (q.score(engagement) >= SCORE)
        & ~(q.lead["unsubscribed"] == True)  # noqa: E712 -- a predicate, not a comparison
        & (q.touches("page.viewed").within(WINDOW).count() >= VIEWS)
    )
    program = Program(
        scores=[engagement], segments=[Segment("hot", rule)], attributes=[Attribute("unsubscribed", "boolean")]
    )
    answer = compile_match(rule, program.names(SubjectKind.LEAD))
    # The moment as a default: the loop of the row then calls the compiled function itself, as `advance` does.
    cast("FunctionType", answer).__defaults__ = (NOW,)
    touches = [_touches(lead) for lead in leads]
    # In a pass of their own, so that they lie side by side: `advance` asks right after it has laid a lead out.
    subjects = [_sight(lead, facts, engagement) for lead, facts in zip(leads, touches, strict=True)]
    return cast("Callable[[Any], bool]", answer), subjects


def _touches(lead: Person) -> dict[str, list[Touchpoint]]:
    """The lead's facts, laid out by kind."""
    subject = SubjectId(f"lead_{lead.id}")
    touches: dict[str, list[Touchpoint]] = {}
    for number, fact in enumerate(sorted(lead.touchpoints, key=lambda fact: fact.at)):
        touches.setdefault(fact.kind, []).append(
            Touchpoint(
                id=fact_id(TENANT, subject, str(number)),
                subject=subject,
                kind=fact.kind,
                at=fact.at,
                received_at=fact.at,
            )
        )
    return touches


def _sight(lead: Person, touches: dict[str, list[Touchpoint]], model: ScoreModel) -> Sight:
    """One lead as `advance` sees it; private: a host hands facts in and never builds this."""
    return Sight(
        lead={"unsubscribed": lead.unsubscribed, "created_at": NOW},
        account={"industry": lead.account.industry, "employees": lead.account.employees},
        touches=touches,
        scores={model.name: add(ScoreState(), lead.score, NOW, model.scale)},
    )


def _program() -> Program:
    """The drip's program: sends three days apart, and as much around them as the hand-written standing holds."""
    message = {"purpose": "marketing", "subject": SUBJECT_SOURCE, "text": TEXT_SOURCE, "html": HTML_SOURCE}
    viewed = q.touches("page.viewed")
    return Program(
        name="drip",
        scores=[
            ScoreModel("engagement", [ScoreRule(viewed, 5)], half_life=timedelta(days=21)),
            ScoreModel("fit", [ScoreRule(q.account.industry == "saas", 30)]),
        ],
        lifecycle=Lifecycle(
            [Stage("prospect"), Stage("customer")],
            [Transition("prospect", "customer", when=q.touches("purchase.made"))],
        ),
        segments=[Segment("fitting", q.score("fit") >= 20)],
        messages=[Message("hello", **message), Message("tips", **message)],
        scenarios=[
            Scenario(
                "welcome",
                on=q.touches("lead.created"),
                steps=[wait(PAUSE), send("hello"), wait(PAUSE), send("tips"), wait(PAUSE)],
            )
        ],
        policy=ContactPolicy(caps=Cap(1_000, timedelta(days=7))),
        zone="UTC",
    )


class _Nowhere:
    """A sender that throws away what it is given; it recognises a key for ever."""

    dedup_window = timedelta.max

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        """Accept all of them."""
        return (Accepted(),) * len(envelopes)

    def close(self) -> None:
        """Nothing to give back."""


class OurStore:
    """`nurture` on `SqlStorage`, as a side of the store rows (see `stores.DripStore` for what each must do).

    It is the same on every database: a place is a file or a URL.
    """

    name = SUBJECT

    def prepare(self, place: Place, *, due: int, waiting: int) -> None:
        """Make the database with `nurture` itself, under the program that `worker` uses.

        The program: one scenario `wait(days=3), send("hello"), wait(days=3), send("tips"), …`, the message's
        subject, text and HTML from `workload`, purpose marketing, one frequency cap that never holds
        anybody back, one account with `workload.ACCOUNT_VALUES`; two score models, a lifecycle and a segment, so that
        a standing holds what the hand-written one holds. Leads consent, and are enrolled so that the wait before
        their *first* send is over for the first `due` leads and not for the others; so no allowance, effect or
        receipt is there yet. `nurture` captures and decides one lead of each sort; the others are copies of its
        rows under ids and addresses of their own, because deciding 100,000 leads here would take minutes.
        """
        begun = NOW - PAUSE - BEFORE if due else NOW - BEFORE
        sorts = [(0, due, begun), (due, due + waiting, NOW - BEFORE)]
        with _crm(place, begun) as crm:
            account = crm.capture_account(key="acme", **ACCOUNT_VALUES)  # type: ignore[arg-type]
            crm.tick()
        for first, end, at in sorts:
            if end > first:
                with _crm(place, at) as crm:
                    crm.capture(**lead_values(first), account=account.id, consent=Basis.CONSENT)  # type: ignore[arg-type]
                    crm.tick()
        with open_raw(place) as raw:
            for first, end, _ in sorts:
                if end > first + 1:
                    clone(raw, first, range(first + 1, end))
            raw.tidy()

    @contextmanager
    def worker(self, place: Place, batch: int, on_connect: OnConnect | None = None) -> Iterator[Worker]:
        """A `Nurture` that renders and composes, with a sender that throws away what it is given.

        Calling the worker is `crm.tick()` with batches of `batch`; it returns how many effects were accepted.
        Afterwards the receipts are decided, too (`tick` goes on until quiet). The store's clock stands at an
        instant when the first `due` leads of `prepare` are due and the others are not.
        """
        with _crm(place, NOW, on_connect) as crm:
            yield lambda: crm.tick(batch).delivered.accepted

    @contextmanager
    def recorder(self, place: Place) -> Iterator[Recorder]:
        """`crm.record_many` with each event's key, kind and properties, about the lead of its number.

        One call is one transaction. Recording the same events again changes nothing. One event alone goes
        through `crm.record`, since the `latency` row asks about that. The lead ids are looked up before the
        first call, so that only recording is timed.
        """
        with open_raw(place) as raw:
            leads = raw.run("select body, id from nurture_lead")
            ids = {str(json.loads(str(body))["email"]): SubjectId(str(lead)) for body, lead in leads}
        with _crm(place, NOW) as crm:

            def record(facts: Sequence[Event]) -> None:
                if len(facts) == 1:
                    (one,) = facts
                    crm.record(subject(one), one.kind, one.properties, key=one.key)
                else:
                    crm.record_many(
                        [
                            NewFact(subject=subject(one), kind=one.kind, properties=one.properties, key=one.key)
                            for one in facts
                        ]
                    )

            def subject(one: Event) -> SubjectId:
                return ids[str(lead_values(one.lead)["email"])]

            yield record


@contextmanager
def _crm(place: Place, now: datetime, on_connect: OnConnect | None = None) -> Iterator[Nurture]:
    """The library on this database, at an instant; its connections are closed at the end."""
    with _storage(place, lambda: now, on_connect) as storage:
        yield Nurture(_program(), storage, senders={"email": _Nowhere()}, site=SITE)


@contextmanager
def _storage(place: Place, clock: Callable[[], datetime], on_connect: OnConnect | None = None) -> Iterator[SqlStorage]:
    """The store on this database."""
    from sqlalchemy import event
    from sqlalchemy.pool import Pool

    from nurture.storage import SqlStorage

    def connected(connection: object, _: object) -> None:
        if on_connect is not None:
            on_connect(connection)

    url = (
        place.replace("postgresql:", "postgresql+psycopg:") if place.startswith("postgresql:") else f"sqlite:///{place}"
    )
    try:
        storage = SqlStorage(url, clock=clock)
    except StorageError as error:
        raise UnavailableError(str(error)) from error
    event.listen(Pool, "connect", connected)
    try:
        yield storage
    finally:
        storage.close()
        event.remove(Pool, "connect", connected)


def sending(place: Place, leads: int, *, steps: int, batch: int) -> Iterator[int]:
    """A worker that never ends its day: mails sent so far, after every round; each round is `steps` mails a lead.

    A round begins with a fact about every lead, which begins the scenario again, and then the clock moves on from one
    mail to the next. Leads, messages and the program stay the same: what grows is the history, in the database.
    """
    program = Program(
        name="steps",
        messages=[Message("hello", "marketing", SUBJECT_SOURCE, TEXT_SOURCE, HTML_SOURCE)],
        scenarios=[
            Scenario(
                "drip",
                on=q.touches("form.submitted"),
                steps=[send("hello"), wait(PAUSE)] * steps,
                reentry=Reentry.ALWAYS,
            )
        ],
        zone="UTC",
    )
    now = NOW
    with _storage(place, lambda: now) as storage:
        crm = Nurture(program, storage, senders={"email": _Nowhere()}, site=SITE)
        account = crm.capture_account(key="acme", **ACCOUNT_VALUES)  # type: ignore[arg-type]
        subjects = [
            crm.capture(**lead_values(number), account=account.id, consent=Basis.CONSENT).id  # type: ignore[arg-type]
            for number in range(leads)
        ]
        crm.tick(batch)
        sent = 0
        for number in itertools.count():
            for start in range(0, leads, batch):
                chunk = subjects[start : start + batch]
                crm.record_many([NewFact(subject=one, kind="form.submitted", key=f"round-{number}") for one in chunk])
            for _ in range(steps + 1):
                now += timedelta(seconds=1)
                sent += crm.tick(batch).delivered.accepted
                now += PAUSE
            yield sent


class _Again:
    """People who do one thing: begin again, a day after a run of the scenario has ended."""

    def react(self, fact: Touchpoint, lead: Lead, random: Random) -> Iterable[Reaction]:
        """Begin again."""
        del lead, random
        if fact.kind == "enrollment.ended":
            yield Reaction(timedelta(days=1), "form.submitted")


def simulation(
    leads: int, *, steps: int, days: int, mails: bool = True, database: Path | None = None
) -> Callable[[], int]:
    """A simulation of `leads` leads over `days` virtual days, ready to run; calling it returns the moments decided.

    One scenario with `steps` sends, three days apart, that begins with a form a minute after the arrival; all leads
    arrive at the start. Rendering off, no behavior beyond the receipts, but that a lead begins again a day
    after the scenario ended; so there is something to do on every day. The moments counted are those that
    `advance` walked for all subjects. Each call starts afresh.

    Args:
        leads: How many.
        steps: So many sends, each followed by a wait.
        days: For so long.
        mails: Without, the steps are the waits alone, which is what the hand-written loop does.
        database: Where the history is kept, a file that is not there yet; None keeps it in memory.
    """
    one = [send("hello"), wait(PAUSE)] if mails else [wait(PAUSE)]
    program = Program(
        name="simulated",
        messages=[Message("hello", "marketing", "Hello", "Hello")],
        scenarios=[Scenario("drip", on=q.touches("form.submitted"), steps=one * steps, reentry=Reentry.ALWAYS)],
        zone="UTC",
    )
    arrivals = [
        Arrival(
            at=NOW,
            lead={"email": f"lead{number}@example.com", "consent": Basis.CONSENT},
            facts=(Reaction(timedelta(minutes=1), "form.submitted"),),
        )
        for number in range(leads)
    ]

    def store(clock: Callable[[], datetime]) -> Storage:
        from nurture.storage import MemoryStorage, SqlStorage

        return MemoryStorage(clock=clock) if database is None else SqlStorage(f"sqlite:///{database}", clock=clock)

    def run() -> int:
        done = simulate(
            program, arrivals, until=NOW + timedelta(days=days), behavior=_Again(), storage=store, render=False
        )
        done.storage.close()
        if mails and done.sent < leads * min(steps, days // PAUSE.days - 1):
            raise NotTheSameWorkError(f"only {done.sent} mails were sent")
        return done.moments

    return run


_fits: type[DripStore] = OurStore
