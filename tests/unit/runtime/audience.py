"""A small base of leads and accounts, for tests of who is found: everybody has a history."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from examples.storage_adapter.json_storage import JsonStorage
from nurture import (
    Attribute,
    Basis,
    Lifecycle,
    Message,
    Program,
    Scenario,
    ScoreModel,
    ScoreRule,
    Segment,
    Stage,
    Transition,
    days,
    q,
)
from nurture.model import AccountId, LeadId
from nurture.predicates import Predicate
from nurture.steps import send, tag, wait
from nurture.storage import SqlStorage
from tests.postgres import fresh_url
from tests.stores import T0, House, MakeStore, store_maker

STORES = ("memory", "json", "sqlite", "postgres")

PROGRAM = Program(
    lifecycle=Lifecycle(
        [Stage("new"), Stage("mql"), Stage("won")],
        [
            Transition("new", "mql", when=q.touches("form.submitted")),
            Transition("mql", "won", guard=q.touches("purchase.made")),
        ],
    ),
    scores=[
        ScoreModel(
            "warmth",
            [ScoreRule(q.touches("page.viewed"), 5), ScoreRule(q.account.industry == "SaaS", 7)],
            half_life=days(10),
        ),
        ScoreModel("size", [ScoreRule(q.account.employees >= 100, 10)], subject="account"),
    ],
    segments=[
        Segment("looking", q.touches("page.viewed").within(days=14).count() >= 2),
        Segment("saas", q.account.industry == "SaaS"),
        Segment("warm saas", q.segment("saas") & (q.score("warmth") >= 10)),
        Segment("large", q.account.employees >= 100, subject="account"),
    ],
    messages=[Message("hello", "marketing", "Hello", "Hello")],
    attributes=[
        Attribute("seats", "integer"),
        Attribute("born", "date"),
        Attribute("plan"),
        Attribute("renewal", "date", subject="account"),
    ],
    scenarios=[Scenario("welcome", q.touches("form.submitted"), [tag("met"), wait(days(20)), send("hello")])],
)


def maker(kind: str, folder: Path) -> MakeStore:
    """What makes a store of this kind; the JSON file's among them. On PostgreSQL, a database of its own."""
    if kind == "json":
        return lambda clock: JsonStorage(folder / "crm.json", clock=clock)
    if kind == "postgres":
        url = fresh_url()
        return lambda clock: SqlStorage(url, clock=clock)
    return store_maker(kind, folder)


class Audience(House):
    """Twelve leads of three accounts, and some of none, with three weeks of history."""

    def __init__(self, kind: str, folder: Path) -> None:
        super().__init__(PROGRAM, maker(kind, folder))
        crm = self.crm
        given = [("Acme", "SaaS", 120), ("Beta", "retail", 30), ("Gamma", "SaaS", None)]
        self.accounts: list[AccountId] = [
            crm.capture_account(name=name, key=name, industry=industry, employees=employees).id
            for name, industry, employees in given
        ]
        self.leads: list[LeadId] = [self._lead(number) for number in range(12)]
        for day in range(21):
            self._live(day)

    def _lead(self, number: int) -> LeadId:
        account = self.accounts[number % 4] if number % 4 < 3 else None
        attributes = {"seats": number % 5} if number % 3 else {}
        return self.crm.capture(
            email=f"p{number}@example.com",
            name=["田中", "𠮷野", "Ada", "éva", "zoe"][number % 5],
            account=account,
            source="seminar" if number % 2 else None,
            consent=Basis.CONSENT if number % 3 == 0 else None,
            tags=["vip"] if number == 4 else [],
            attributes=attributes,
        ).id

    def _live(self, day: int) -> None:
        self.tick_at(T0 + timedelta(days=day, hours=1))
        for number, lead in enumerate(self.leads):
            if (day * 7 + number * 5) % 11 < 2:
                self.crm.record(lead, "page.viewed", {"path": f"/{number % 3}"}, key=f"{day}")
            if day == number and number < 7:
                self.crm.record(lead, "form.submitted", key="form", at=T0 + timedelta(days=day))
        if day == 9:
            self.crm.update(self.leads[1], attributes={"seats": 40}, title="CTO")
            self.crm.update(self.leads[2], account=self.accounts[0])
            self.crm.update(self.accounts[1], industry="SaaS")


ASKED: dict[str, Predicate] = {
    "everybody": q.everyone,
    "nobody": ~q.everyone,
    "a field": q.lead.source == "seminar",
    "a missing field": q.lead.source.is_missing(),
    "an attribute": (q.lead.seats >= 2) & ~(q.lead.seats == 40),
    "many values": q.lead.tags.contains("vip") | q.lead.tags.has_any(["met"]),
    "the account's field": q.account.employees.is_missing() & (q.account.industry == "SaaS"),
    "what happened": q.touches("page.viewed").within(days=9).count() >= 2,
    "what did not": q.touches("form.submitted").never(),
    "a score": q.score("warmth") >= 9,
    "a stage": (q.stage == "mql") & (q.time_in_stage >= days(3)),
    "a segment": q.segment("warm saas"),
    "a membership": q.time_in_segment("warm saas") >= days(12),
    "a run": q.scenario("welcome").is_active(),
    "a word": q.consent().given(),
    "the account itself": q.account.matches((q.account.employees >= 100) | (q.score("size") >= 1)),
    "its people": q.account.leads.where(q.lead.seats >= 2).count() >= 2,
    "its segment": q.account.matches(q.segment("large")),
    "lots": q.bucket("spring", 0, 50) & (q.lead.source == "seminar"),
    "held": q.held(q.lead.seats >= 0, at_least=days(15)) | q.lead.title.is_present(),
    "a sequence": q.touches("page.viewed").then(q.touches("form.submitted"), within=days(5)),
}
